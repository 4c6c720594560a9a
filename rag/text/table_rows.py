"""Read the rows of tables in a passage back into cells: “Crew: Tern; Place: 2” (pure)."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from rag.structure import Block
from rag.text.words import join_words
from rag.types import Passage

_SEPARATOR = re.compile(r"; ")
_BAR = re.compile(r" \| ")
_NAME = re.compile(r"(?P<name>[^;:]{1,120}?): ")


class RowCell(NamedTuple):
    """A cell with the name of its column, in the offsets of its article."""

    name: str
    value: str
    start: int
    end: int


class TableRow(NamedTuple):
    """A row of a table, in the offsets of its article."""

    start: int
    end: int
    cells: tuple[RowCell, ...]


def read_tables(passage: Passage) -> list[list[TableRow]]:
    """Read the tables of a passage whose columns have names, each as its rows."""
    tables = group_rows(passage.text, [block for block in passage.blocks if block.kind == "row"], passage.start)
    return [table for table in tables if any(cell.name for row in table for cell in row.cells)]


def read_surroundings(passage: Passage) -> str:
    """Return the joined words of the title, the headings and the captions around the tables of a passage."""
    blocks = [block for block in passage.blocks if block.kind in ("heading", "caption")]
    return join_words(" ".join([passage.title, *(passage.at(block.start, block.end) for block in blocks)]))


def group_rows(text: str, rows: Iterable[Block], offset: int = 0) -> list[list[TableRow]]:
    """Group the rows of a text that begins at an offset of its article into tables: those that stand line by line."""
    tables: list[list[TableRow]] = []
    end = -1
    for block in rows:
        row = TableRow(block.start, block.end, read_row(text[block.start - offset : block.end - offset], block.start))
        if tables and text[end - offset : block.start - offset] == "\n":
            tables[-1].append(row)
        else:
            tables.append([row])
        end = block.end
    return tables


def read_row(row: str, offset: int) -> tuple[RowCell, ...]:
    """Read the cells of a row that begins at an offset; what has no name goes on with the cell before it.

    >>> [cell[:2] for cell in read_row("Crew: Tern; Place: 2", 0)]
    [('Crew', 'Tern'), ('Place', '2')]
    >>> [cell[:2] for cell in read_row("Tern | 2", 0)]
    [('', 'Tern'), ('', '2')]
    """
    pieces: list[tuple[str, int, int]] = []
    start = 0
    for stop in [*(match.start() for match in _SEPARATOR.finditer(row)), len(row)]:
        named = _NAME.match(row, start, stop)
        if named:
            pieces.append((named["name"], named.end(), stop))
        elif pieces:
            name, first, _ = pieces[-1]
            pieces[-1] = (name, first, stop)
        else:
            pieces.append(("", start, stop))
        start = stop + 2
    if [name for name, _, _ in pieces] == [""]:
        bounds = [-3, *(match.start() for match in _BAR.finditer(row)), len(row)]
        pieces = [("", before + 3, after) for before, after in pairwise(bounds)]
    return tuple(RowCell(name, row[first:last], offset + first, offset + last) for name, first, last in pieces)
