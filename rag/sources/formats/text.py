"""Load plain text files, and every other file that turns out to be text."""

import re
from collections.abc import Iterator

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import clean_page, readable_name
from rag.sources.cleaning.unicode import concealed
from rag.sources.files import FileLoader, check_regular, suffix_of
from rag.sources.formats.records import article
from rag.types import Article, Failure

PLAIN = ("", ".txt", ".text")

# Known by their ending, so a film of some gigabytes is not refused for its size; pages saved with a browser leave
# scripts and style sheets beside them, which are text but nothing to quote from.
_NEVER = re.compile(
    r"\.(?:7z|avi|bin|bmp|bz2|css|db|dll|exe|flac|gif|gz|heic|ico|iso|jpe?g|js|m4a|map|mkv|mov|mp[34]|ogg|otf|parquet|"
    r"pickle|pkl|png|pyc|rar|so|sqlite|svg|tar|tgz|tiff?|ttf|wav|web[mp]|woff2?|xz|zst)"
)
_SAVE_AS = {
    **dict.fromkeys((".doc", ".dot", ".wps", ".pages"), ".docx or PDF"),
    **dict.fromkeys((".ppt", ".pptx", ".key", ".odp"), "PDF"),
    **dict.fromkeys((".xls", ".xlsx", ".numbers", ".ods"), "CSV"),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), "EPUB"),
    ".msg": ".eml",
}


class Text(FileLoader):
    """Reads .txt files, files without an ending and whatever else is text, as copied from a web page."""

    def accepts(self, source: str) -> bool:
        """Always true: this loader comes last and looks into the file."""
        return True

    def check(self, path: str) -> None:
        """Refuses a file too if its ending says that it is something else, whatever its size."""
        check_regular(path)
        refuse(path)
        FileLoader.check(self, path)

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The one article of the file."""
        suffix = suffix_of(name)
        try:
            text, note = decode(data)
        except SourceError as error:
            if suffix in PLAIN:
                raise
            raise SourceError(f"not a kind of file that can be read: {suffix}") from error
        yield page(text, note, origin, name)


def refuse(name: str) -> None:
    """Raises SourceError for a file whose ending says that there is no text in it, or none that can be read."""
    suffix = suffix_of(name)
    if suffix in _SAVE_AS:
        raise SourceError(f"{suffix} files cannot be read: open it and save a copy as {_SAVE_AS[suffix]}")
    if _NEVER.fullmatch(suffix):
        raise SourceError(f"not a kind of file that can be read: {suffix}")


def page(text: str, note: str, origin: str, name: str) -> Article:
    """The article in a text copied from a web page; `note` says how it was decoded, if that went wrong."""
    title, author, day, body = clean_page(text)
    record = {"title": title, "author": author, "date": day, "encoding": note, "flagged": concealed(text)}
    return article(record, body, origin, name, readable_name(name))
