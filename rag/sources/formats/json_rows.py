"""Find the records in a JSON file: a list of objects, an object that holds one, or an object a line."""

import json
from collections.abc import Iterator, Mapping

from rag.errors import SourceError
from rag.sources.formats.record_fields import read_fields

Row = Mapping[str, object]
"""A record of an export, by the names of its columns."""

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


def _holds_text(rows: list[Row]) -> bool:
    """Whether any of the first objects of a list has a text."""
    return any("text" in read_fields(row).fields for row in rows[:_MAX_SAMPLED_ROWS] if isinstance(row, dict))
