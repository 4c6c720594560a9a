"""Find the records in a JSON file: a list of objects, an object that holds one, or an object a line."""

import json
from collections.abc import Iterator

from rag.errors import SourceError
from rag.sources.formats.column_guess import guess_columns
from rag.sources.formats.record_fields import Row, read_fields

_MAX_LIST_DEPTH = 4
_MAX_SAMPLED_ROWS = 20


def parse_rows(text: str) -> Iterator[Row]:
    """Yield the items of the longest list of objects with a text in a file, those that are no objects last.

    An object that holds no such list is the only row; of a file with one JSON value a line, each is a row. Raises
    SourceError for anything else.
    """
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise SourceError("nested too deeply") from error
    except ValueError as error:
        lines = _parse_lines(text)
        if not lines:
            where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise SourceError(f"not JSON{where}") from error
        value = lines
    lists = list(_iter_lists(value, _MAX_LIST_DEPTH))
    rows = max(lists, key=lambda rows: (_holds_text(rows), len(rows)), default=[])
    if not _holds_text(rows):
        lists += _iter_mapped_rows(value, _MAX_LIST_DEPTH)
        rows = max(lists, key=lambda rows: (_holds_text(rows), _holds_prose(rows), len(rows)), default=[])
    if not rows and isinstance(value, dict):
        rows = [value]
    yield from sorted(rows, key=lambda row: not isinstance(row, dict)) if rows else ()


def _parse_lines(text: str) -> list[Row]:
    """Parse a text that has one JSON object on each line; empty for any other text."""
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        first = json.loads(lines[0]) if lines else None
        return [json.loads(line) for line in lines] if isinstance(first, dict) else []
    except (ValueError, RecursionError):
        return []


def _iter_lists(value: object, depth: int) -> Iterator[list[Row]]:
    """Yield the lists with any object in them in a value at most four levels deep, but none in the items of another.

    Of a list of one object without a text, the lists in that object count as well.
    """
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield value
        if depth and len(value) == 1 and isinstance(value[0], dict) and not _holds_text(value):
            yield from _iter_lists(value[0], depth)
    elif isinstance(value, dict) and depth:
        for item in value.values():
            yield from _iter_lists(item, depth - 1)


def _iter_mapped_rows(value: object, depth: int) -> Iterator[list[Row]]:
    """Yield as lists the objects that map keys to two records or more, or columns to cells, as data frames do."""
    if not isinstance(value, dict) or not depth:
        return
    inner = list(value.values())
    for one in inner:
        yield from _iter_mapped_rows(one, depth - 1)
    if len(inner) < 2 or not all(isinstance(one, dict) and one for one in inner):
        return
    if all(not isinstance(cell, dict) for one in inner for cell in one.values()) and all(
        one.keys() == inner[0].keys() for one in inner
    ):
        yield [{column: cells[key] for column, cells in value.items()} for key in inner[0]]
    yield inner


def _holds_prose(rows: list[Row]) -> bool:
    """Whether any column of the first objects of a list holds prose, whatever it is called."""
    return bool(guess_columns([row for row in rows[:_MAX_SAMPLED_ROWS] if isinstance(row, dict)]))


def _holds_text(rows: list[Row]) -> bool:
    """Whether any of the first objects of a list has a text."""
    return any("text" in read_fields(row).fields for row in rows[:_MAX_SAMPLED_ROWS] if isinstance(row, dict))
