"""Load electronic books (.epub)."""

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB
from rag.sources.formats.document import Document, Told, headline, text_of, translated
from rag.sources.formats.html import declared_charset, parsed
from rag.sources.formats.zip_safe import Packed, unzipped
from rag.types import Article, Failure

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_FONTS_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
"""Fonts are often scrambled in books that anybody may read."""


class Epub(Document):
    """Reads .epub files as one article a book, so that an answer may join its chapters and the book is cited.

    Only a book over the limit for one article becomes an article a chapter.
    """

    suffixes = (".epub",)
    kind = "EPUB book"

    def told(self, data: bytes) -> Told:
        """The fields that the book states of itself, and its chapters one after another."""
        record, chapters = self._book(data)
        return record, "\n\n".join(text for _, text in chapters)

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The article of the book, or those of its chapters."""
        with translated(self.kind):
            record, chapters = self._book(data)
        text = "\n\n".join(text for _, text in chapters)
        if len(text.encode("utf-8", "replace")) <= self.limit_mb * MB:
            yield self.admitted(record, text, origin, name)
            return
        for number, (heading, chapter) in enumerate(chapters, 1):
            title = ": ".join(filter(None, (str(record["title"]), heading or f"chapter {number}")))
            try:
                yield self.admitted({**record, "title": title}, chapter, origin, f"{name}#{number}")
            except SourceError as error:
                yield Failure(f"{origin}#{number}", str(error))

    def _book(self, data: bytes) -> tuple[dict[str, object], list[tuple[str, str]]]:
        """The fields of the book, and the heading and text of each chapter that has one."""
        with unzipped(data, self.file_mb) as packed:
            _refuse_protected(packed)
            place = next((str(node.get("full-path")) for node in packed.xml(_CONTAINER).iter("{*}rootfile")), "")
            book = packed.xml(place)
            chapters = [_chapter(packed.read(path)) for path in _spine(book, posixpath.dirname(place))]
        record: dict[str, object] = {
            "title": _stated(book, "title"),
            "author": ", ".join(_all_stated(book, "creator")),
            "date": _stated(book, "date")[:10],
            "source": _stated(book, "publisher"),
        }
        return record, [chapter for chapter in chapters if chapter[1]]


def _refuse_protected(packed: Packed) -> None:
    """Raises SourceError for a book whose chapters are encrypted, and not its fonts alone."""
    if "META-INF/encryption.xml" in packed:
        root = packed.xml("META-INF/encryption.xml")
        methods = [str(node.get("Algorithm")).encode() for node in root.iter("{*}EncryptionMethod")]
        if any(method not in _FONTS_ONLY for method in methods):
            raise SourceError("protected against copying (DRM), so it cannot be read")


def _spine(book: "Element", folder: str) -> list[str]:
    """The paths of the chapters, in the order of reading, without the table of contents."""
    manifest = {str(node.get("id")): node for node in book.iter("{*}item")}
    paths = []
    for reference in book.iter("{*}itemref"):
        item = manifest.get(str(reference.get("idref")))
        if item is None or item.get("media-type") not in _PAGES or "nav" in str(item.get("properties")).split():
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(str(item.get("href")).partition("#")[0])))
        paths.append(path)
    return list(dict.fromkeys(paths))


def _chapter(data: bytes) -> tuple[str, str]:
    """The heading and the text of a chapter, which is read as a browser would, so that no entity counts."""
    page, _ = decode(data, declared_charset(data))
    tree = parsed(page)
    return ("", "") if tree is None else (headline(tree), text_of(tree))


def _all_stated(book: "Element", name: str) -> list[str]:
    return list(filter(None, (one_line("".join(map(str, node.itertext()))) for node in book.iter(f"{{*}}{name}"))))


def _stated(book: "Element", name: str) -> str:
    return next(iter(_all_stated(book, name)), "")
