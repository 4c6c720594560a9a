"""Find the tables of PDF pages: pieces of text that stand below each other in three rows or more (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from rag.sources.formats.pdf_lines import Line

_MARK = re.compile(r"\W|\(?\w{1,3}[.)]")
"""The mark of an item of a list, standing apart."""
_FIGURE = re.compile(r"\W{0,3}\d.*")
_MAX_ROW_DISTANCE = 4.0
"""Heights of letters between the rows of a table at most."""
_MAX_WRAP_DISTANCE = 1.9
"""Heights of letters between the lines of one cell at most."""
_MIN_ROWS = 3
"""Rows of a table; two will do where there are figures in the second."""
_MIN_FILLED = 0.6
_MAX_CELL_CHARS = 30
_PROSE_CHARS = 16
"""Characters of most lines in a column of prose; two such columns are no table."""
_NUMBERED_CHARS = 40


@dataclass(slots=True)
class _Column:
    """How far a column reaches."""

    left: float
    right: float


@dataclass(slots=True)
class _Table:
    """Rows that stand below each other so far, each with its pieces by column."""

    columns: list[_Column]
    rows: list[dict[int, Line]] = field(default_factory=list)

    def place(self, pieces: Sequence[Line]) -> dict[int, Line] | None:
        """Place the pieces of a row in the columns, each in one; None where they do not fit."""
        placed: dict[int, Line] = {}
        for piece in pieces:
            over = [
                number
                for number, column in enumerate(self.columns)
                if piece.left < column.right and piece.right > column.left
            ]
            if len(over) != 1 or over[0] in placed:
                return None
            placed[over[0]] = piece
        return placed

    def add(self, placed: dict[int, Line]) -> None:
        """Add a row, and let the columns reach as far as its pieces do."""
        self.rows.append(placed)
        for number, piece in placed.items():
            column = self.columns[number]
            column.left = min(column.left, piece.left)
            column.right = max(column.right, piece.right)

    def wrap(self, placed: dict[int, Line]) -> None:
        """Add pieces to the cells of the last row that they go on with."""
        row = self.rows[-1]
        for number, piece in placed.items():
            above = row.get(number)
            row[number] = piece if above is None else _join(above, piece, f"{above.text} {piece.text}")


def join_table_rows(rows: Sequence[Sequence[Line]]) -> list[Line]:
    """Join the pieces of each row of a table into one line with cells; all other pieces stay lines of their own."""
    lines: list[Line] = []
    index = 0
    while index < len(rows):
        table, after = _grow(rows, index)
        if table is not None and _is_table(table):
            lines += _to_lines(table)
            index = after
        else:
            lines += rows[index]
            index += 1
    return lines


def _grow(rows: Sequence[Sequence[Line]], first: int) -> tuple[_Table | None, int]:
    """Grow a table from a row downwards, as far as the rows fit its columns; return it and the row behind it."""
    if len(rows[first]) < 2:
        return None, first
    table = _Table([_Column(piece.left, piece.right) for piece in rows[first]])
    table.add(dict(enumerate(rows[first])))
    last = rows[first]
    index = first + 1
    while index < len(rows):
        row = rows[index]
        distance = min(piece.bottom for piece in last) - min(piece.bottom for piece in row)
        height = max(piece.height for piece in row)
        placed = table.place(row)
        if placed is None or distance > _MAX_ROW_DISTANCE * height:
            break
        wraps = 0 not in placed and distance <= _MAX_WRAP_DISTANCE * height
        if len(row) < 2 and not wraps:
            break
        if wraps and (len(row) < 2 or _is_tight(table, distance)):
            table.wrap(placed)
        else:
            table.add(placed)
        last = row
        index += 1
    return table, index


def _is_tight(table: _Table, distance: float) -> bool:
    """Whether a row is nearer to the one above than rows of a table are to each other."""
    bottoms = [min(piece.bottom for piece in row.values()) for row in table.rows]
    steps = [above - below for above, below in pairwise(bottoms)]
    return bool(steps) and distance < 0.8 * median(steps)


def _is_table(table: _Table) -> bool:
    """Whether rows that stand below each other are a table, and neither columns of prose nor a list with its marks."""
    cells = [[row[number].text for row in table.rows if number in row] for number in range(len(table.columns))]
    count = sum(map(len, cells))
    has_figures = any(_FIGURE.fullmatch(row[number].text) for row in table.rows[1:] for number in row if number)
    if len(table.rows) < (2 if has_figures else _MIN_ROWS) or count < _MIN_FILLED * len(table.rows) * len(cells):
        return False
    if all(map(_MARK.fullmatch, cells[0])):
        return False
    sizes = sorted(median(map(len, column)) for column in cells)
    is_numbered = sizes[-1] > _NUMBERED_CHARS and all(map(_FIGURE.fullmatch, cells[0]))
    return sizes[-2] < _PROSE_CHARS if len(cells) == 2 else not is_numbered and sizes[-2] <= _MAX_CELL_CHARS


def _to_lines(table: _Table) -> Iterator[Line]:
    """Make a line of each row, with its cells."""
    for row in table.rows:
        cells = tuple(row[number].text.strip() if number in row else "" for number in range(len(table.columns)))
        whole = None
        for piece in row.values():
            whole = piece if whole is None else _join(whole, piece, "")
        assert whole is not None
        yield replace(whole, text=" | ".join(filter(None, cells)), cells=cells)


def _join(one: Line, other: Line, text: str) -> Line:
    return Line(
        left=min(one.left, other.left),
        bottom=min(one.bottom, other.bottom),
        right=max(one.right, other.right),
        top=max(one.top, other.top),
        text=text,
    )
