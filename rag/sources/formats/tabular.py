"""Load exports: tables (.csv, .tsv) and JSON (.json), an article a row or object."""

import csv
import io
import json
import os
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from rag.errors import SourceError
from rag.failures import attempt
from rag.sources.cleaning.encodings import decode
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
from rag.sources.formats.html import extract_all_text, parse_html
from rag.sources.formats.jsonl import RecordParser
from rag.sources.formats.records import value_to_text
from rag.types import Article, Failure

FIELDS_FILE_SUFFIX = ".fields.json"
"""The ending of the file beside an export that says which of its columns is which field."""
ALIASES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "article", "fulltext", "articlebody", "story", "maintext", "bodytext"),
    "title": ("title", "headline", "heading", "subject", "name"),
    "date": ("date", "published", "publishedat", "datepublished", "publicationdate", "pubdate", "createdat", "day"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "url": ("url", "link", "permalink", "canonicalurl", "weburl", "address", "href"),
    "source": ("source", "publisher", "publication", "outlet", "newspaper", "sitename", "site"),
    "id": ("id", "guid", "slug", "articleid", "uuid"),
}
"""Names of columns, without case, spaces and underscores, for each field; the first that is there counts."""
_MARKUP = re.compile(r"</(?:p|div|li|h[1-6]|span|a|b|i|em|strong)>|<(?:br|p)\b[^<>]*>", re.IGNORECASE)
_TEXT_KEYS = ("rendered", "value", "name", "title", "text", "content")
"""Where content systems keep the text of a field that is an object."""
_MAX_LIST_DEPTH = 4


class ExportLoader(FileLoader):
    """Loads files of many articles, whose columns are matched to fields by name, or by a file beside them."""

    is_risky = True
    is_self_contained = False

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
        yield from self._parse_rows(data, records, name, columns=_read_fields_file(path))

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse an export in memory, which has no file beside it."""
        records = RecordParser(origin, origin, name.rsplit("/", 1)[-1], unit=self.unit)
        yield from self._parse_rows(data, records, name, columns={})

    def _parse_rows(
        self, data: bytes, records: RecordParser, name: str, *, columns: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        """Parse each row into an article or a Failure; `columns` maps fields to columns, as the file beside states."""
        fields: dict[str, str] | None = None
        for records.line, row in enumerate(self.iter_rows(data), 1):
            if fields is None:
                fields = _map_columns(self.column_names(row), columns, name)
            yield attempt(f"{records.source}:{records.line}", partial(self._parse_row, records, row, fields))
        if not records.line:
            raise SourceError("there is no article in it")

    def _parse_row(self, records: RecordParser, row: Mapping[str, object], fields: Mapping[str, str]) -> Article:
        """Parse one row into an article; raises SourceError for one that is none."""
        record = _row_to_record(row, fields)
        if own_id := one_line(value_to_text(record.get("id"))):  # numbers start again in every export
            record["id"] = f"{records.name}#{own_id}"
        if (size := len(str(record["text"]).encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        return records.to_article(record)

    unit = "row"

    def column_names(self, row: Mapping[str, object]) -> list[str]:
        """Return the column names of a row, among which the fields are looked for."""
        return list(row)

    @abstractmethod
    def iter_rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """Yield the rows of an export, if it has any; raises SourceError where it cannot be parsed."""


class Table(ExportLoader):
    """Loads .csv and .tsv files whose first row names the columns."""

    suffixes = (".csv", ".tsv", ".tab")

    def iter_rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """Yield each row after the header that is not blank, as a mapping from column names to cells."""
        text, _ = decode(data)
        # The module's own limit of 131,072 characters is less than a long article.
        csv.field_size_limit(int(self.limit_mb * MB) + 1)
        first = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max("\t,;|", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            header = [one_line(name) for name in next((row for row in reader if any(row)), [])]
            for row in reader:
                if any(row):
                    yield _cells_by_column(header, row)
        except csv.Error as error:
            raise SourceError(f"damaged after row {reader.line_num:,}: {_lower_first(str(error))}") from error


class Json(ExportLoader):
    """Loads .json files: a list of objects, or an object that holds one."""

    suffixes = (".json",)
    unit = "object"

    def column_names(self, row: Mapping[str, object]) -> list[str]:
        """Return the keys of an object, and with a dot those of the objects in it."""
        inner = [f"{name}.{key}" for name, value in row.items() if isinstance(value, dict) for key in value]
        return [*row, *inner]

    def iter_rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """Yield the items of the longest list of objects in the file, those that are no objects last.

        An object that holds no such list is the only row.
        """
        text, _ = decode(data)
        try:
            value = json.loads(text)
        except RecursionError as error:
            raise SourceError("nested too deeply") from error
        except ValueError as error:
            where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise SourceError(f"not JSON{where}") from error
        rows = _find_longest_list(value)
        if not rows and isinstance(value, dict):
            rows = [value]
        yield from sorted(rows, key=lambda row: not isinstance(row, dict)) if rows else ()


def _cells_by_column(header: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    """Map the cells of a row to their columns; cells beyond the last column come under an empty name."""
    return {
        **dict(zip(header, row, strict=False)),
        **({"": "|".join(row[len(header) :])} if any(row[len(header) :]) else {}),
    }


def _read_fields_file(path: str) -> dict[str, str]:
    """Read the `.fields.json` file beside an export; raises SourceError where it cannot be used."""
    fields_path = path + FIELDS_FILE_SUFFIX
    if not os.path.isfile(fields_path):
        return {}
    try:
        columns = json.loads(read_bytes(fields_path, 0.1))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{os.path.basename(fields_path)} is not JSON") from error
    is_wrong = not isinstance(columns, dict) or any(
        field not in ALIASES or not isinstance(name, str) for field, name in columns.items()
    )
    if is_wrong:
        raise SourceError(f"{os.path.basename(fields_path)} must give {', '.join(ALIASES)} the names of columns")
    return dict(columns)


def _map_columns(columns: Sequence[str], stated: Mapping[str, str], name: str) -> dict[str, str]:
    """Map fields to the columns that `stated` gives or whose names fit; fields without a column are left out.

    Raises SourceError where a stated column is missing, or where no column is found for the text.
    """
    missing = [column for column in stated.values() if column not in columns]
    if missing:
        raise SourceError(
            f"there is no column {missing[0]!r}, which {name.rsplit('/', 1)[-1]}{FIELDS_FILE_SUFFIX} names"
        )
    by_name = {re.sub(r"[\s_-]+", "", column.casefold()): column for column in reversed(columns)}
    fields = {
        field: next((by_name[alias] for alias in names if alias in by_name), "") for field, names in ALIASES.items()
    }
    fields = {field: column for field, column in {**fields, **stated}.items() if column}
    if "text" not in fields:
        shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
        file = name.rsplit("/", 1)[-1] + FIELDS_FILE_SUFFIX
        raise SourceError(
            f'no column holds the text ({shown[:200]}); say which, in a file {file} beside it: {{"text": "COLUMN"}}'
        )
    return fields


def _row_to_record(row: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, object]:
    """Convert a row to a record: the fields, with HTML in the text as plain text, and the other columns.

    A column of no field is left out if it has no name or that of a field. Raises SourceError for a row that is no
    object or has more cells than columns.
    """
    if not isinstance(row, dict):
        raise SourceError("not an object")
    if row.get("") and "" not in fields.values():
        raise SourceError("it has more cells than there are columns; a cell with a separator in it must be quoted")
    record: dict[str, object] = {field: _unwrap(_value_at(row, column)) for field, column in fields.items()}
    text = value_to_text(record.get("text"))
    if _MARKUP.search(text):
        tree = parse_html(text)
        text = "" if tree is None else extract_all_text(tree)
    used_columns = {column.partition(".")[0] for column in fields.values()}
    others = {key: value for key, value in row.items() if key and key not in used_columns and key not in ALIASES}
    return {**others, **record, "text": text}


def _value_at(row: Mapping[str, object], column: str) -> object:
    """Return the value in a column, or deeper in an object by a name with dots."""
    if column in row:
        return row[column]
    value: object = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _unwrap(value: object) -> object:
    """Return the text in a value that is an object, as content systems write them, and in each item of a list."""
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    if isinstance(value, dict):
        return next((_unwrap(value[key]) for key in _TEXT_KEYS if key in value), "")
    return value


def _find_longest_list(value: object, depth: int = 0) -> list[Mapping[str, object]]:
    """Find the longest list with any object in it, in a value at most four levels deep; empty if there is none."""
    if isinstance(value, list):
        return value if any(isinstance(item, dict) for item in value) else []
    if not isinstance(value, dict) or depth == _MAX_LIST_DEPTH:
        return []
    return max((_find_longest_list(item, depth + 1) for item in value.values()), key=len, default=[])


def _lower_first(text: str) -> str:
    """Put the first letter of a text in lower case."""
    return text[:1].lower() + text[1:]
