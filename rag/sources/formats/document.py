"""The base of document loaders: one document is one article."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import readable_name
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FILE, MB, FileLoader, origin_of, over_limit, read_bytes
from rag.sources.formats.html import whole_text
from rag.sources.formats.records import article
from rag.types import Article, Failure

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

Told = tuple[dict[str, object], str]
"""The fields of a document, as front matter has them, and its text."""


class Document(FileLoader):
    """Reads one kind of document; its file may hold pictures, so that it may be larger than an article."""

    is_risky = True
    kind: ClassVar[str] = "document"
    """What people call it."""

    @property
    def largest(self) -> tuple[float, str]:
        """A document may hold pictures beside its text."""
        return self.file_mb, FILE

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The one article of the file."""
        yield from self.read(read_bytes(path, self.file_mb, FILE), origin_of(path), name)

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The one article of the document; raises SourceError."""
        with translated(self.kind):
            record, text = self.told(data)
        yield self.admitted(record, text, origin, name)

    def admitted(self, record: dict[str, object], text: str, origin: str, name: str) -> Article:
        """The article of a record; raises SourceError if there is no text in it, or more than the limit."""
        if not text.strip():
            raise SourceError("no text in it")
        if (size := len(text.encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(over_limit(size, self.limit_mb))
        return article(record, text, origin, name, readable_name(name))

    @abstractmethod
    def told(self, data: bytes) -> Told:
        """The fields and the text of the document; whatever it raises is told as damage."""


@contextmanager
def translated(kind: str) -> Iterator[None]:
    """What a parser raises becomes a SourceError; only a lack of memory passes, since it is not the parser's."""
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except RecursionError as error:
        raise SourceError(f"nested too deeply to be read as {kind}") from error
    except Exception as error:  # a damaged file can break a parser in any way
        raise SourceError(f"damaged, or no {kind} in spite of its ending") from error


def text_of(tree: "HtmlElement") -> str:
    """The text of a document that was turned into HTML, each row of a table on one line."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    for row in list(tree.iter("tr")):
        if next(row.iterancestors("tr"), None) is None:
            cells = (one_line(" ".join(map(str, cell.itertext()))) for cell in row.iterchildren("td", "th"))
            line, tail = " | ".join(filter(None, cells)), row.tail
            row.clear()
            row.tail = tail
            etree.SubElement(row, "td").text = line
    return whole_text(tree)


def headline(tree: "HtmlElement") -> str:
    """The first heading of a document that was turned into HTML, or an empty string."""
    found: Element | None = next((node for node in tree.iter("h1", "h2") if one_line("".join(node.itertext()))), None)
    return "" if found is None else one_line("".join(map(str, found.itertext())))
