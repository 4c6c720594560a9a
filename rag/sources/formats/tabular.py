"""Load exports: tables (.csv, .tsv) and JSON (.json), an article a row or object."""

import csv
import io
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.publication_date import order_by_examples
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import (
    FILE_LIMIT,
    MB,
    FileLoader,
    SizeLimit,
    escape_path,
    explain_over_limit,
    origin_of,
    read_bytes,
)
from rag.sources.formats.column_choice import ColumnChoice, choose
from rag.sources.formats.column_guess import SAMPLED_ROWS
from rag.sources.formats.data_table import MIN_TEXT_WORDS, holds_data, make_data_article
from rag.sources.formats.field_names import OLDEST_NAMES, find_fields, oldest_name, order_columns
from rag.sources.formats.fields_file import FIELDS_FILE_SUFFIX, read_fields_file
from rag.sources.formats.json_rows import parse_rows
from rag.sources.formats.markup import has_markup
from rag.sources.formats.record_fields import (
    MAX_COLUMNS,
    Row,
    column_paths,
    is_web_address,
    unwrap,
    value_at,
)
from rag.sources.formats.record_parser import RecordParser, collect_addresses, prefix_id
from rag.sources.formats.records import value_to_text
from rag.sources.formats.transcript import parse_json_transcript
from rag.types import Article, Failure

if TYPE_CHECKING:
    from _csv import Reader

SURELY_ARTICLES = {"text", "title", "date"}
"""Fields that the content of a table must show for its rows to be articles where their texts are but a sentence."""
_EXCEL_SEPARATOR = re.compile(r"sep=(\\t|.|)", re.IGNORECASE)
_MAX_SAMPLED_ROWS = 1_000
"""Objects of a file whose keys are looked at."""


class ExportLoader(FileLoader):
    """Loads files of many articles, whose columns are matched to fields by name, or by a file beside them."""

    is_risky = True
    beside_suffix = FIELDS_FILE_SUFFIX

    @property
    def size_limit(self) -> SizeLimit:
        """The limit of one file, since an export is read at once."""
        return SizeLimit(self.file_mb, FILE_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse an export, an article or a Failure for each record; nothing for a `.fields.json` file."""
        if path.lower().endswith(FIELDS_FILE_SUFFIX):
            return
        data = read_bytes(path, self.file_mb, FILE_LIMIT)
        records = RecordParser(escape_path(path), origin_of(path), name.rsplit("/", 1)[-1], unit=self.unit)
        yield from self.parse_rows(data, records, name, stated=read_fields_file(path))

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse an export in memory, which has no file beside it."""
        records = RecordParser(origin, origin, name.rsplit("/", 1)[-1], unit=self.unit)
        yield from self.parse_rows(data, records, name, stated={})

    def parse_rows(
        self, data: bytes, records: RecordParser, name: str, *, stated: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        """Parse each row into an article or a Failure; `stated` maps fields to columns, as the file beside says."""
        records.find_order = lru_cache(1)(lambda: order_by_examples([data]))
        known, rows = self.read_rows(data)
        head = list(islice(rows, SAMPLED_ROWS))
        if not head:
            raise SourceError("there is no article in it")
        choice = choose(head, known, stated)
        is_data = not stated and not names_articles(known, head[0]) and not choice.guessed.keys() >= SURELY_ARTICLES
        if is_data and (cells := self.read_data(data)):
            yield make_data_article(cells, origin=records.origin, name=name, limit_mb=self.limit_mb)
            return
        _check_columns(choice, name, head)
        yield from self.parse_articles(records, chain(head, rows), choice)

    def parse_articles(
        self, records: RecordParser, rows: Iterable[Row], choice: ColumnChoice
    ) -> Iterator[Article | Failure]:
        """Parse each row into an article or a Failure by the columns that were chosen; ids are made of the first's."""
        records.choice = choice
        rows = iter(rows)
        first = next(rows)
        parse = partial(self._parse_row, records, tuple(first))
        yield from collect_addresses(records.parse_each(chain([first], rows), parse), records.source)

    def _parse_row(self, records: RecordParser, first: tuple[str, ...], row: Row) -> Article:
        """Parse one row into an article; raises SourceError for one that is none. Ids are made of the `first` row's."""
        choice = records.choice
        if not isinstance(row, dict):
            raise SourceError("not an object")
        if row.get("") and "" not in choice.stated.values():
            raise SourceError("it has more cells than there are columns; a cell with a separator in it must be quoted")
        named = choice.read(row)
        if (size := len(value_to_text(named.fields.get("text")).encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        identity = _identify(row, choice.named_ids, first, records.name)
        return records.to_article(named, records.with_unmapped_text(row, identity))

    unit = "row"

    def read_data(self, data: bytes) -> list[list[str]]:
        """Return the cells of a table of data, its header first; empty for a file of articles."""
        return []

    @abstractmethod
    def read_rows(self, data: bytes) -> tuple[tuple[str, ...], Iterator[Row]]:
        """Return the names of the columns, and the rows if it has any; raises SourceError where it cannot be parsed."""


class Table(ExportLoader):
    """Loads .csv and .tsv files whose first row names the columns."""

    suffixes = (".csv", ".tsv", ".tab")

    def read_rows(self, data: bytes) -> tuple[tuple[str, ...], Iterator[Row]]:
        """Return the header, and each row after it that is not blank as a mapping from column names to cells."""
        reader = self._open(data)
        with _csv_errors(reader):
            header = [one_line(name) for name in next((row for row in reader if any(row)), [])]
        return tuple(header), _iter_cells(reader, header)

    def read_data(self, data: bytes) -> list[list[str]]:
        """Return the cells of a table without a cell as long as a text."""
        reader = self._open(data)
        with _csv_errors(reader):
            rows = [row for row in reader if any(row)]
        return rows if holds_data(rows) else []

    def _open(self, data: bytes) -> "Reader":
        text, _ = decode(data)
        # The module's own limit of 131,072 characters is less than a long article.
        csv.field_size_limit(int(self.limit_mb * MB) + 1)
        delimiter, text = _find_delimiter(text)
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


class Json(ExportLoader):
    """Loads .json files: a list of objects, an object that holds one, or a transcript of a recording."""

    suffixes = (".json",)
    unit = "object"

    def parse_rows(
        self, data: bytes, records: RecordParser, name: str, *, stated: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        """Parse each object into an article or a Failure; a transcript of a recording is one article."""
        if not stated and (article := parse_json_transcript(data, origin=records.origin, name=name)):
            yield article
        else:
            yield from ExportLoader.parse_rows(self, data, records, name, stated=stated)

    def read_rows(self, data: bytes) -> tuple[tuple[str, ...], Iterator[Row]]:
        """Return the keys of the objects, with dots those of objects in them, and the objects."""
        text, _ = decode(data)
        rows = list(parse_rows(text))
        paths = (path for row in rows[:_MAX_SAMPLED_ROWS] if isinstance(row, dict) for path in column_paths(row))
        return tuple(islice(dict.fromkeys(paths), MAX_COLUMNS)), iter(rows)


def _identify(row: Row, stated: Mapping[str, str], first: Sequence[str], name: str) -> dict[str, object]:
    """Return of what the id of a row is made, in the file of that name; `first` are the columns of its first row."""
    columns = {field: stated.get(field) or oldest_name(field, first) for field in OLDEST_NAMES}
    values = {field: unwrap(value_at(row, column)) for field, column in columns.items() if column}
    text = value_to_text(values.get("text"))
    # Lists have had commas between their items; what is HTML counts as the text that it becomes.
    return {**values, "id": prefix_id(values.get("id"), name), "text": None if has_markup(text) else text}


def _find_delimiter(text: str) -> tuple[str, str]:
    """Find what parts the cells of a table: what its first line says to Excel, or has most; return the rest, too."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if match := _EXCEL_SEPARATOR.fullmatch(first.strip().strip('"')):
        return match[1].replace("\\t", "\t") or "\t", text.partition(first)[2].lstrip("\r\n")
    return max("\t,;|", key=first.count), text


@contextmanager
def _csv_errors(reader: "Reader") -> Iterator[None]:
    """Raise an error of the module as SourceError that names the row."""
    try:
        yield
    except csv.Error as error:
        raise SourceError(f"damaged after row {reader.line_num:,}: {_lower_first(str(error))}") from error


def _iter_cells(reader: "Reader", header: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that are not blank."""
    with _csv_errors(reader):
        for row in reader:
            if any(row):
                yield _cells_by_column(header, row)


def _cells_by_column(header: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    """Map the cells of a row to their columns; cells beyond the last column come under an empty name."""
    return {
        **dict(zip(header, row, strict=False)),
        **({"": "|".join(row[len(header) :])} if any(row[len(header) :]) else {}),
    }


def _has_text_column(known: Sequence[str], first: Row) -> bool:
    """Whether a column is found for the text; a table of addresses needs none, unless another column holds a text."""
    ordered = order_columns(tuple(known[:MAX_COLUMNS]))
    is_address_list = any(is_web_address(value_at(first, column)) for column in ordered["url"]) and not any(
        len(str(value).split()) >= MIN_TEXT_WORDS for column, value in first.items() if not find_fields(column)
    )
    return bool(ordered["text"]) or is_address_list


def names_articles(known: Sequence[str], first: Row) -> bool:
    """Whether the columns are those of articles: one for the text, the author or the address on the web."""
    ordered = order_columns(tuple(known[:MAX_COLUMNS]))
    has_addresses = any(is_web_address(value_at(first, column)) for column in ordered["url"])
    return bool(ordered["author"]) or has_addresses or _has_text_column(known, first)


def _check_columns(choice: ColumnChoice, name: str, rows: Sequence[Row]) -> None:
    """Raise SourceError where a stated column is missing in the first rows, or where no column holds the text."""
    known = choice.known or ()
    file = name.rsplit("/", 1)[-1] + FIELDS_FILE_SUFFIX
    for column in choice.stated.values():
        if column not in known and not any(isinstance(row, dict) and value_at(row, column) for row in rows):
            raise SourceError(f"there is no column {column!r}, which {file} names")
    if choice.has_text or _has_text_column(known, rows[0]):
        return
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    raise SourceError(
        f"no column holds the text ({shown[:200]}); say which by --map text=COLUMN, or in a file {file} beside it: "
        f'{{"text": "COLUMN"}}'
    )


def _lower_first(text: str) -> str:
    """Put the first letter of a text in lower case."""
    return text[:1].lower() + text[1:]
