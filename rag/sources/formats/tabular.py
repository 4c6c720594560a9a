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
from rag.sources.files import FILE, MB, FileLoader, origin_of, over_limit, printable, read_bytes
from rag.sources.formats.html import parsed, whole_text
from rag.sources.formats.jsonl import Records
from rag.sources.formats.records import plain
from rag.types import Article, Failure

SIDE = ".fields.json"
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
_INSIDE = ("rendered", "value", "name", "title", "text", "content")
"""Where content systems keep the text of a field that is an object."""
_DEEPEST = 4


class _Export(FileLoader):
    """Reads files of many articles, whose fields are found by their names or told by a file beside them."""

    is_risky = True
    stands_alone = False

    @property
    def largest(self) -> tuple[float, str]:
        """An export holds many articles, and is read at once."""
        return self.file_mb, FILE

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """An article or a Failure for each record."""
        if path.lower().endswith(SIDE):
            return
        data = read_bytes(path, self.file_mb, FILE)
        yield from self._read(data, printable(path), origin_of(path), name, _told_beside(path))

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The same of an export in memory, which has no file beside it."""
        yield from self._read(data, origin, origin, name, {})

    def _read(
        self, data: bytes, source: str, origin: str, name: str, told: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        records = Records(source, origin, name.rsplit("/", 1)[-1], self.unit)
        fields: dict[str, str] | None = None
        for records.line, row in enumerate(self.rows(data), 1):
            if fields is None:
                fields = _fields(self.columns(row), told, name)
            yield attempt(f"{source}:{records.line}", partial(self._take_row, records, row, fields))
        if not records.line:
            raise SourceError("there is no article in it")

    def _take_row(self, records: Records, row: Mapping[str, object], fields: Mapping[str, str]) -> Article:
        record = _record(row, fields)
        if own := one_line(plain(record.get("id"))):  # numbers count anew in every export
            record["id"] = f"{records.name}#{own}"
        if (size := len(str(record["text"]).encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(over_limit(size, self.limit_mb))
        return records.take(record)

    unit = "row"

    def columns(self, row: Mapping[str, object]) -> list[str]:
        """The names that the fields are looked for among."""
        return list(row)

    @abstractmethod
    def rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """The records of the file; raises SourceError where it has none."""


class Table(_Export):
    """Reads .csv and .tsv files whose first row names the columns."""

    suffixes = (".csv", ".tsv", ".tab")

    def rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """Each row by the names of its columns."""
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
                    yield _named(header, row)
        except csv.Error as error:
            raise SourceError(f"damaged after row {reader.line_num:,}: {_lower(str(error))}") from error


class Json(_Export):
    """Reads .json files: a list of objects, or an object that holds one."""

    suffixes = (".json",)
    unit = "object"

    def columns(self, row: Mapping[str, object]) -> list[str]:
        """The names in an object, and with a dot those in the objects in it."""
        inner = [f"{name}.{key}" for name, value in row.items() if isinstance(value, dict) for key in value]
        return [*row, *inner]

    def rows(self, data: bytes) -> Iterator[Mapping[str, object]]:
        """The objects of the longest list; one object with a text is a list of one."""
        text, _ = decode(data)
        try:
            value = json.loads(text)
        except RecursionError as error:
            raise SourceError("nested too deeply") from error
        except ValueError as error:
            where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise SourceError(f"not JSON{where}") from error
        rows = _longest(value)
        if not rows and isinstance(value, dict):
            rows = [value]
        yield from sorted(rows, key=lambda row: not isinstance(row, dict)) if rows else ()


def _named(header: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    """The cells of a row by their columns; those beyond the last, as stray separators make them, under no name."""
    return {
        **dict(zip(header, row, strict=False)),
        **({"": "|".join(row[len(header) :])} if any(row[len(header) :]) else {}),
    }


def _told_beside(path: str) -> dict[str, str]:
    """What the file beside an export says of its fields; raises SourceError where that cannot be used."""
    beside = path + SIDE
    if not os.path.isfile(beside):
        return {}
    try:
        told = json.loads(read_bytes(beside, 0.1))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{os.path.basename(beside)} is not JSON") from error
    wrong = not isinstance(told, dict) or any(
        field not in ALIASES or not isinstance(name, str) for field, name in told.items()
    )
    if wrong:
        raise SourceError(f"{os.path.basename(beside)} must give {', '.join(ALIASES)} the names of columns")
    return dict(told)


def _fields(columns: Sequence[str], told: Mapping[str, str], name: str) -> dict[str, str]:
    """The column of each field; raises SourceError, which says how to name it, where none is the text."""
    missing = [column for column in told.values() if column not in columns]
    if missing:
        raise SourceError(f"there is no column {missing[0]!r}, which {name.rsplit('/', 1)[-1]}{SIDE} names")
    by_name = {re.sub(r"[\s_-]+", "", column.casefold()): column for column in reversed(columns)}
    found = {field: next((by_name[one] for one in names if one in by_name), "") for field, names in ALIASES.items()}
    found = {field: column for field, column in {**found, **told}.items() if column}
    if "text" not in found:
        named = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
        file = name.rsplit("/", 1)[-1] + SIDE
        raise SourceError(
            f'no column holds the text ({named[:200]}); say which, in a file {file} beside it: {{"text": "COLUMN"}}'
        )
    return found


def _record(row: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, object]:
    """A row as a record; what is in no field is kept beside it, HTML is read as text. Raises SourceError."""
    if not isinstance(row, dict):
        raise SourceError("not an object")
    if row.get("") and "" not in fields.values():
        raise SourceError("it has more cells than there are columns; a cell with a separator in it must be quoted")
    record: dict[str, object] = {field: _simple(_at(row, column)) for field, column in fields.items()}
    text = plain(record.get("text"))
    if _MARKUP.search(text):
        tree = parsed(text)
        text = "" if tree is None else whole_text(tree)
    taken = {column.partition(".")[0] for column in fields.values()}
    others = {key: value for key, value in row.items() if key and key not in taken and key not in ALIASES}
    return {**others, **record, "text": text}


def _at(row: Mapping[str, object], column: str) -> object:
    """What stands in a column, or deeper in an object by a name with dots."""
    if column in row:
        return row[column]
    value: object = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _simple(value: object) -> object:
    """The text in a value that content systems wrap in objects."""
    if isinstance(value, list):
        return [_simple(one) for one in value]
    if isinstance(value, dict):
        return next((_simple(value[key]) for key in _INSIDE if key in value), "")
    return value


def _longest(value: object, depth: int = 0) -> list[Mapping[str, object]]:
    """The longest list of objects in a value, at most four levels deep."""
    if isinstance(value, list):
        return value if any(isinstance(one, dict) for one in value) else []
    if not isinstance(value, dict) or depth == _DEEPEST:
        return []
    return max((_longest(one, depth + 1) for one in value.values()), key=len, default=[])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
