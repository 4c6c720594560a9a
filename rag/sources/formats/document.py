"""Define the base class of document loaders: one document is one article."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from rag.errors import SourceError
from rag.sources.cleaning.datelines import find_publication_line
from rag.sources.cleaning.pasted_page import title_from_name
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FILE_LIMIT, MB, FileLoader, SizeLimit, explain_over_limit, origin_of, read_bytes
from rag.sources.formats.records import ParsedDocument, build_article
from rag.types import Article, Failure

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]


class WholeFile(FileLoader):
    """Loads one kind of file that is read at once; it may be larger than an article, which is but a part of it."""

    @property
    def size_limit(self) -> SizeLimit:
        """The limit of one file, since it holds several articles, or pictures beside its text."""
        return SizeLimit(self.file_mb, FILE_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Read a file and parse it as `parse_bytes` does; raises SourceError for one over the limit of a file."""
        yield from self.parse_bytes(read_bytes(path, self.file_mb, FILE_LIMIT), origin_of(path), name)

    def make_article(self, document: ParsedDocument, origin: str, name: str) -> Article:
        """Make the article of a document; raises SourceError if its text is empty or over the limit."""
        fields, text = document
        if not text.strip():
            raise SourceError("no text in it")
        if (size := len(text.encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        fields = {**fields, "date": fields.get("date") or find_publication_line(text)}
        return build_article(fields, text, origin=origin, name=name, title=title_from_name(name))


class Document(WholeFile):
    """Loads one kind of document."""

    is_risky = True
    kind: ClassVar[str] = "document"
    """What people call it."""

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse a document into its one article; raises SourceError where it cannot be read or holds no text."""
        with parser_errors_as(self.kind):
            document = self.extract(data)
        yield self.make_article(document, origin, name)

    @abstractmethod
    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the fields and the text of a document.

        A SourceError is reported as it is worded, any other error but MemoryError as damage or too deep nesting.
        """


@contextmanager
def parser_errors_as(kind: str) -> Iterator[None]:
    """Raise the errors of a block as SourceError that names the kind; SourceError and MemoryError pass as they are."""
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except RecursionError as error:
        raise SourceError(f"nested too deeply to be read as {kind}") from error
    except Exception as error:  # a damaged file can break a parser in any way
        raise SourceError(f"damaged, or no {kind} in spite of its ending") from error


def first_heading(tree: "HtmlElement") -> str:
    """Return the first h1 or h2 with text in a document converted to HTML, or an empty string."""
    heading: Element | None = next((node for node in tree.iter("h1", "h2") if one_line("".join(node.itertext()))), None)
    return "" if heading is None else one_line("".join(map(str, heading.itertext())))
