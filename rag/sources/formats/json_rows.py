"""Find the records in a JSON file: a list of objects, an object that holds one, or an object a line."""

import json
from collections.abc import Iterator, Mapping

from rag.errors import SourceError

Row = Mapping[str, object]
"""A record of an export, by the names of its columns."""

_MAX_LIST_DEPTH = 4


def parse_rows(text: str) -> Iterator[Row]:
    """Yield the items of the longest list of objects in a file, those that are no objects last.

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
    rows = _find_longest_list(value)
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


def _find_longest_list(value: object, depth: int = 0) -> list[Row]:
    """Find the longest list with any object in it, in a value at most four levels deep; empty if there is none."""
    if isinstance(value, list):
        return value if any(isinstance(item, dict) for item in value) else []
    if not isinstance(value, dict) or depth == _MAX_LIST_DEPTH:
        return []
    return max((_find_longest_list(item, depth + 1) for item in value.values()), key=len, default=[])
