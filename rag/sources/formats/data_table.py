"""Read a table of data, whose rows are no articles, as one article with a row a line."""

from collections.abc import Iterable, Sequence

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import title_from_name
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB, explain_over_limit
from rag.sources.formats.records import build_article
from rag.sources.formats.tables import Cell, add_table
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE
from rag.types import Article

MIN_TEXT_WORDS = 12
"""Words of a cell from which on it may be the text of an article."""
_SAMPLED_ROWS = 50


def holds_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table, its header first, has several rows and columns, and no cell as long as a text in the first."""
    sample = rows[1 : _SAMPLED_ROWS + 1]
    is_long = any(len(cell.split()) >= MIN_TEXT_WORDS for row in sample for cell in row)
    return len(sample) > 1 and len(rows[0]) > 1 and not is_long


def make_data_article(rows: Iterable[Sequence[str]], *, origin: str, name: str, limit_mb: float) -> Article:
    """Make the article of a table, its header first; raises SourceError for one over the limit of an article."""
    builder = TextBuilder()
    add_table(builder, [[Cell(one_line(cell)) for cell in row] for row in rows], header_rows=1)
    text = builder.build()
    if (size := len(text.text.encode("utf-8", "replace"))) > limit_mb * MB:
        raise SourceError(explain_over_limit(size, limit_mb))
    return build_article({STRUCTURE: text.written}, text.text, origin=origin, name=name, title=title_from_name(name))
