"""Read the files that are attached to an e-mail, by the loaders for their kinds."""

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from email.message import EmailMessage

from rag.errors import NoArticle, SourceError
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FileLoader, suffix_of
from rag.sources.formats.mail_message import iter_parts, parse_message, read_header
from rag.sources.formats.text import PLAIN_SUFFIXES, refuse_suffix
from rag.text.dates import DATE_NOTE
from rag.types import Article, Failure

_PACKED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")
_NO_DOCUMENTS = ("image", "audio", "video", "font")
_MAX_NAME_CHARS = 100


def name_attachments(mail: EmailMessage) -> Iterator[tuple[str, EmailMessage]]:
    """Yield the attached parts with their file names, each name once; pictures and sounds are passed over.

    An attached e-mail is named after its subject. Raises SourceError for an e-mail of too many parts.
    """
    taken: set[str] = set()
    for part in iter_parts(mail):
        name = _name_part(part)
        if not name or part.get_content_maintype() in _NO_DOCUMENTS:
            continue
        stem, suffix, count = name.removesuffix(suffix_of(name)), suffix_of(name), 1
        while name in taken:
            count += 1
            name = f"{stem} ({count}){suffix}"
        taken.add(name)
        yield name, part


def load_file(
    part: EmailMessage, loaders: Sequence[FileLoader], *, origin: str, name: str
) -> Iterator[Article | Failure]:
    """Load the articles of an attached file; raises NoArticle for one of no kind that is read, and SourceError."""
    loader = next(loader for loader in loaders if loader.accepts(name))
    # The last loader accepts any file.
    if loader is loaders[-1] and suffix_of(name) not in PLAIN_SUFFIXES:
        if suffix_of(name) in _PACKED:
            raise SourceError("an archive in an e-mail, which is not opened")
        refuse_suffix(name)
        raise NoArticle("an attachment of no kind that is read")
    yield from loader.parse_bytes(_decode(part), origin, name)


def open_message(part: EmailMessage, name: str) -> EmailMessage | None:
    """Return the e-mail that an attached part is; None for any other. Raises SourceError for a damaged one."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner if isinstance(inner, EmailMessage) else None
    return parse_message(_decode(part)) if suffix_of(name) == ".eml" else None


def attach(article: Article, about: Mapping[str, object]) -> Article:
    """Give an article what it lacks from the record of the e-mail that it came with: publisher and day."""
    day = "" if article.date else parse_day(str(about["date"]))
    known = {"attached to": str(about["title"])} if about["title"] else {}
    note = {DATE_NOTE: "the day of the e-mail that it is attached to"} if day else {}
    return replace(
        article,
        source=article.source or str(about["source"]),
        date=article.date or day,
        metadata={**known, **article.metadata, **note},
    )


def _name_part(part: EmailMessage) -> str:
    """Name a part that is attached; return an empty string for one that belongs to the message."""
    if part.get_content_type() == "message/rfc822":
        inner = open_message(part, "")
        return _shorten(part.get_filename() or (inner and read_header(inner, "Subject")) or "message", ".eml")
    if name := part.get_filename():
        return _shorten(name, "")
    return "attachment" + (mimetypes.guess_extension(part.get_content_type()) or "") if part.is_attachment() else ""


def _decode(part: EmailMessage) -> bytes:
    """Decode the bytes of a part."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _shorten(name: str, suffix: str) -> str:
    """Return a name for use in an id: one line of at most 100 characters, without slashes, with the suffix once."""
    flat = one_line(name).replace("/", "-").replace("\\", "-")
    own = suffix or suffix_of(flat)
    return flat.removesuffix(own)[:_MAX_NAME_CHARS] + own
