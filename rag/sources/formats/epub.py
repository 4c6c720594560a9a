"""Load electronic books (.epub)."""

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB
from rag.sources.formats.document import Document, first_heading, parser_errors_as
from rag.sources.formats.html import find_declared_charset, parse_html
from rag.sources.formats.html_text import write_html
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.text_builder import TextBuilder
from rag.sources.formats.zip_safe import SafeZip, open_zip
from rag.structure import STRUCTURE, StructuredText
from rag.types import Article, Failure

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_CONTAINER = "META-INF/container.xml"
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_FONTS_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
"""Fonts are often scrambled in books that anybody may read."""


class Chapter(NamedTuple):
    """A chapter of a book."""

    heading: str
    text: StructuredText


class Epub(Document):
    """Loads .epub files as one article a book, so that an answer may join its chapters and the book is cited.

    Only a book over the limit for one article becomes an article a chapter.
    """

    suffixes = (".epub",)
    kind = "EPUB book"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the fields of a book, and its chapters joined."""
        fields, chapters = self._read_book(data)
        text = _join(chapters)
        return ParsedDocument({**fields, STRUCTURE: text.written}, text.text)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse a book into one article, or one over the limit into an article a chapter."""
        with parser_errors_as(self.kind):
            fields, chapters = self._read_book(data)
        text = _join(chapters)
        if len(text.text.encode("utf-8", "replace")) <= self.limit_mb * MB:
            yield self.make_article(ParsedDocument({**fields, STRUCTURE: text.written}, text.text), origin, name)
            return
        for number, chapter in enumerate(chapters, 1):
            title = ": ".join(filter(None, (str(fields["title"]), chapter.heading or f"chapter {number}")))
            try:
                document = ParsedDocument(
                    {**fields, "title": title, STRUCTURE: chapter.text.written}, chapter.text.text
                )
                yield self.make_article(document, origin, f"{name}#{number}")
            except SourceError as error:
                yield Failure(f"{origin}#{number}", str(error))

    def _read_book(self, data: bytes) -> tuple[dict[str, object], list[Chapter]]:
        """Read the fields of a book, and its chapters that hold text."""
        with open_zip(data, self.file_mb) as document_zip:
            _refuse_encrypted_chapters(document_zip)
            package_path = next(
                (str(node.get("full-path")) for node in document_zip.read_xml(_CONTAINER).iter("{*}rootfile")), ""
            )
            book = document_zip.read_xml(package_path)
            chapters = [
                _parse_chapter(document_zip.read(path))
                for path in _chapter_paths(book, posixpath.dirname(package_path))
            ]
        fields: dict[str, object] = {
            "title": _metadata_value(book, "title"),
            "author": ", ".join(_metadata_values(book, "creator")),
            "date": _publication_day(book),
            "source": _metadata_value(book, "publisher"),
        }
        return fields, [chapter for chapter in chapters if chapter.text.text]


def _join(chapters: Sequence[Chapter]) -> StructuredText:
    """Join the texts of the chapters."""
    builder = TextBuilder()
    for chapter in chapters:
        builder.add_text(chapter.text)
    return builder.build()


def _refuse_encrypted_chapters(document_zip: SafeZip) -> None:
    """Raise SourceError for a book that uses any encryption but the two methods that scramble fonts."""
    if "META-INF/encryption.xml" in document_zip:
        root = document_zip.read_xml("META-INF/encryption.xml")
        methods = [str(node.get("Algorithm")).encode() for node in root.iter("{*}EncryptionMethod")]
        if any(method not in _FONTS_ONLY for method in methods):
            raise SourceError("protected against copying (DRM), so it cannot be read")


def _chapter_paths(book: "Element", folder: str) -> list[str]:
    """Return the paths of the chapters in the order of reading, each once, without the navigation document."""
    manifest = {str(node.get("id")): node for node in book.iter("{*}item")}
    paths = []
    for reference in book.iter("{*}itemref"):
        item = manifest.get(str(reference.get("idref")))
        if item is None or item.get("media-type") not in _PAGE_TYPES or "nav" in str(item.get("properties")).split():
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(str(item.get("href")).partition("#")[0])))
        paths.append(path)
    return list(dict.fromkeys(paths))


def _parse_chapter(data: bytes) -> Chapter:
    """Parse a chapter as HTML, so that entities it declares are not expanded."""
    page, _ = decode(data, find_declared_charset(data))
    tree = parse_html(page)
    return Chapter("", StructuredText("")) if tree is None else Chapter(first_heading(tree), write_html(tree))


def _publication_day(book: "Element") -> str:
    """Return the day on which a book was published, not one on which its file was made or changed."""
    days = [(_event(node), one_line(node.text or "")) for node in book.iter("{*}date")]
    days = [(event, day) for event, day in days if event in ("", "publication", "original-publication", "issued")]
    return min(days, key=lambda dated: dated[0] == "")[1][:10] if days else ""


def _event(node: "Element") -> str:
    """Return what a date of a book is that of, as its attribute says in any namespace; empty where none says so."""
    return next((str(value).lower() for name, value in node.items() if str(name).endswith("event")), "")


def _metadata_values(book: "Element", name: str) -> list[str]:
    """Return the values of a metadata element of the book, without empty ones."""
    return list(filter(None, (one_line("".join(map(str, node.itertext()))) for node in book.iter(f"{{*}}{name}"))))


def _metadata_value(book: "Element", name: str) -> str:
    """Return the first value of a metadata element of the book, or an empty string."""
    return next(iter(_metadata_values(book, name)), "")
