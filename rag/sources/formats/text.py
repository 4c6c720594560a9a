"""Load plain text files, and every other file that turns out to be text."""

import re
from collections.abc import Iterator

from rag.errors import NoArticle, SourceError
from rag.sources.cleaning.encodings import DecodedText, decode
from rag.sources.cleaning.pasted_page import clean_page, title_from_name
from rag.sources.cleaning.text_kinds import find_kind
from rag.sources.cleaning.unicode import find_concealment
from rag.sources.files import FileLoader, check_regular_file, suffix_of
from rag.sources.formats.records import build_article
from rag.types import Article, Failure

PLAIN_SUFFIXES = ("", ".txt", ".text")

# Known by their ending, so a film of some gigabytes is not refused for its size.
_NO_TEXT_SUFFIX = re.compile(
    r"\.(?:7z|avi|bin|bmp|db|dll|exe|flac|gif|heic|ico|iso|jpe?g|m4a|mkv|mov|mp[34]|ogg|otf|parquet|"
    r"pickle|pkl|png|pyc|rar|so|sqlite|tiff?|ttf|wav|web[mp]|woff2?|zst)"
)
_SAVE_AS = {
    **dict.fromkeys((".doc", ".dot", ".wps", ".pages"), ".docx or PDF"),
    **dict.fromkeys((".ppt", ".key", ".odp"), "PDF"),
    **dict.fromkeys((".xls", ".xlsb", ".numbers", ".ods"), "CSV"),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), "EPUB"),
}


class Text(FileLoader):
    """Loads .txt files, files without a suffix and any other file that is text, as copied from a web page."""

    def accepts(self, source: str) -> bool:
        """Return True for every file: this loader comes last and looks into the file."""
        return True

    def check(self, path: str) -> None:
        """Check a file, and refuse one whose suffix says that it is something else, however large it is."""
        check_regular_file(path)
        refuse_suffix(path)
        FileLoader.check(self, path)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the file into its one article; raises NoArticle for a script, a log or another text that is none."""
        text, note = decode_text(data, name)
        if not self.all_text and (kind := find_kind(text, suffix_of(name))):
            raise NoArticle(kind)
        yield parse_pasted_page(text, note=note, origin=origin, name=name)


def parse_plain_text(data: bytes, *, origin: str, name: str) -> Article:
    """Parse the bytes of any text into an article, whatever it is; raises SourceError for what is no text."""
    text, note = decode_text(data, name)
    return parse_pasted_page(text, note=note, origin=origin, name=name)


def decode_text(data: bytes, name: str) -> DecodedText:
    """Decode a file to text; raises SourceError for what is none, which names an ending that is not one of texts."""
    suffix = suffix_of(name)
    try:
        return decode(data)
    except SourceError as error:
        if suffix in PLAIN_SUFFIXES:
            raise
        raise SourceError(f"not a kind of file that can be read: {suffix}") from error


def refuse_suffix(name: str) -> None:
    """Raise SourceError for a file whose suffix says that there is no text in it, or none that can be read."""
    suffix = suffix_of(name)
    if suffix in _SAVE_AS:
        raise SourceError(f"{suffix} files cannot be read: open it and save a copy as {_SAVE_AS[suffix]}")
    if _NO_TEXT_SUFFIX.fullmatch(suffix):
        raise SourceError(f"not a kind of file that can be read: {suffix}")


def parse_pasted_page(text: str, *, note: str, origin: str, name: str) -> Article:
    """Parse a text copied from a web page into an article; `note` names an encoding that was guessed."""
    title, author, day, body = clean_page(text)
    record = {"title": title, "author": author, "date": day, "encoding": note, "flagged": find_concealment(text)}
    return build_article(record, body, origin=origin, name=name, title=title_from_name(name))
