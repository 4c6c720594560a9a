"""Load Excel spreadsheets (.xlsx): the rows of a sheet as articles, or a sheet as one article with a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import title_from_name
from rag.sources.cleaning.publication_date import order_by_examples
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB, explain_over_limit
from rag.sources.formats.column_choice import ColumnChoice, choose
from rag.sources.formats.column_guess import SAMPLED_ROWS
from rag.sources.formats.data_table import holds_data
from rag.sources.formats.document import parser_errors_as
from rag.sources.formats.field_names import order_columns
from rag.sources.formats.fields_file import SAME_ID
from rag.sources.formats.record_fields import Row
from rag.sources.formats.record_parser import RecordParser
from rag.sources.formats.records import build_article
from rag.sources.formats.spreadsheet import Sheet, read_workbook
from rag.sources.formats.tables import Cell, add_table, fill_spans
from rag.sources.formats.tabular import SURELY_ARTICLES, ExportLoader, names_articles
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE
from rag.text.printed_days import Order
from rag.types import Article, Failure

_ABOVE = "above the table"
_HIDDEN = "hidden sheets"
_UNSOLVED = "formulas without a result"
_FIGURE = re.compile(r"[-+−]?[\d.,:%/ -]+")


class Xlsx(ExportLoader):
    """Loads .xlsx files sheet by sheet; hidden sheets are named and not read, formulas never solved."""

    suffixes = (".xlsx", ".xlsm", ".xltx")

    def parse_rows(
        self, data: bytes, records: RecordParser, name: str, *, stated: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        """Parse each sheet into an article or several; `stated` maps fields to columns, as the file beside says."""
        with parser_errors_as("Excel file"):
            workbook = read_workbook(data, self.file_mb)
        shown = [sheet for sheet in workbook.sheets if sheet.rows and not sheet.is_hidden]
        hidden = ", ".join(sheet.name for sheet in workbook.sheets if sheet.rows and sheet.is_hidden)
        if not shown:
            raise SourceError(f"all its sheets are hidden: {hidden[:200]}" if hidden else "no text in it")
        tables = [_SheetTable(sheet, stated, {_HIDDEN: hidden}) for sheet in shown]
        wanted = [column for field, column in stated.items() if (field, column) != ("id", SAME_ID)]
        if wanted and not any(table.choice.stated for table in tables):
            raise SourceError(f"no sheet has the columns {', '.join(wanted)!r}, which the file beside it names")
        title = workbook.properties["title"] or title_from_name(name)
        for number, table in enumerate(tables):
            own_name = f"{name}#{table.sheet.name}" if number else name
            if not table.holds_articles:
                own_title = f"{title}: {table.sheet.name}" if len(tables) > 1 else title
                yield self._make_article(table, records.origin, own_name, own_title)
                continue
            own = RecordParser(records.source, records.origin, own_name.rsplit("/", 1)[-1], unit=self.unit)
            own.find_order = lru_cache(1)(table.find_order)
            yield from self.parse_articles(own, table.articles, table.choice)

    def _make_article(self, table: "_SheetTable", origin: str, name: str, title: str) -> Article:
        """Make the article of a sheet whose rows are none; raises SourceError for one over the limit."""
        builder = TextBuilder()
        for is_blank, rows in groupby(table.sheet.rows, lambda row: not any(cell.text for cell in row)):
            if not is_blank:
                _write_block(builder, list(rows))
        text = builder.build()
        if (size := len(text.text.encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        fields = {**table.notes, STRUCTURE: text.written}
        return build_article(fields, text.text, origin=origin, name=name, title=title)

    def read_rows(self, data: bytes) -> tuple[tuple[str, ...], Iterator[Row]]:
        """Return the columns and rows of the first sheet that is shown."""
        sheets = read_workbook(data, self.file_mb).sheets
        table = next((_SheetTable(sheet, {}, {}) for sheet in sheets if sheet.rows and not sheet.is_hidden), None)
        return ((), iter(())) if table is None else (table.header, iter(table.articles))


class _SheetTable:
    """A sheet as a table, whose header is its first row of two cells or more."""

    def __init__(self, sheet: Sheet, stated: Mapping[str, str], notes: Mapping[str, str]) -> None:
        """Find the header and choose the columns; `stated` ones that the sheet lacks are those of another."""
        grid = [[cell.text for cell in row] for row in fill_spans(sheet.rows)]
        start = next((place for place, row in enumerate(grid) if sum(map(bool, row)) > 1), len(grid))
        above = "\n".join(filter(None, (" ".join(dict.fromkeys(filter(None, row))) for row in grid[:start])))
        unsolved = str(sheet.unsolved) if sheet.unsolved else ""
        self.sheet = sheet
        self.notes = {name: note for name, note in {**notes, _UNSOLVED: unsolved}.items() if note}
        self.header = tuple(map(one_line, grid[start])) if start < len(grid) else ()
        self._cells = [row for row in grid[start:] if any(row)]
        more = {**self.notes, **({_ABOVE: above} if above else {})}
        self.articles: list[Row] = [
            {**{name: cell for name, cell in zip(self.header, row, strict=False) if name}, **more}
            for row in self._cells[1:]
        ]
        self._known = tuple(name for name in self.header if name)
        names = {column for field, column in stated.items() if (field, column) != ("id", SAME_ID)}
        own = stated if names <= set(self._known) else {}
        self.choice: ColumnChoice = choose(self.articles[:SAMPLED_ROWS], self._known, own)

    @property
    def holds_articles(self) -> bool:
        """Whether the rows are articles: a column is their text, and they are no table of data."""
        if not self.articles or not (self.choice.has_text or order_columns(self._known)["text"]):
            return False
        is_told = self.choice.stated or self.choice.guessed.keys() >= SURELY_ARTICLES
        return bool(is_told) or names_articles(self._known, self.articles[0]) or not holds_data(self._cells)

    def find_order(self) -> Order:
        """Find what stands first in the days of numbers in the sheet."""
        return order_by_examples(["\n".join(filter(None, row)).encode() for row in self._cells])


def _write_block(builder: TextBuilder, rows: Sequence[Sequence[Cell]]) -> None:
    """Write rows that no blank one parts: lines of one cell as paragraphs, and what follows as a table."""
    lines = 0
    while lines < len(rows) and sum(bool(cell.text) for cell in rows[lines]) < 2:
        builder.add_paragraph("\n".join(cell.text for cell in rows[lines] if cell.text))
        lines += 1
    table = [[cell._replace(text=one_line(cell.text)) for cell in row] for row in rows[lines:]]
    if table:
        names = [cell.text for cell in table[0] if cell.text]
        add_table(builder, table, header_rows=int(len(table) > 1 and not any(map(_FIGURE.fullmatch, names))))
