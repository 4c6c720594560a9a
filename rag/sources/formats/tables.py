"""Write tables of any kind of file as text: which rows name the columns, and each other row with these names (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rag.sources.formats.text_builder import TextBuilder, write_row
from rag.structure import Kind

MAX_SPAN = 100
"""Columns that one cell reaches over at most."""
_MAX_REPEATED_CHARS = 120
"""Characters of a cell that is repeated, over columns, down rows or as a name: a long one stands once."""
_MAX_REPEATED_TOTAL = 200_000
"""Characters that cells may repeat in one table; further cells stand once."""
_MAX_HEADER_ROWS = 3
_MAX_GROWTH = 12
"""Times that the names may make a table longer; where it would grow more, they stand in a row of their own."""
_FIGURE = re.compile(r"[-+−–—~<>≈±]?[^\w\s]{0,3}\d.*|[-–—]|n/?a", re.IGNORECASE | re.DOTALL)


class Cell(NamedTuple):
    """A cell of a table."""

    text: str
    names: bool = False
    """Whether it names its row or its column, as `th` does."""
    columns: int = 1
    rows: int = 1


Row = Sequence[Cell]
_FILLER = Cell("")


class TableLine(NamedTuple):
    """A line that a table is written as: a row, or a caption above rows."""

    kind: Kind
    text: str
    row: int
    """Which row of the table it is, from 0; of the caption above all rows it is 0."""


def add_table(builder: TextBuilder, rows: Sequence[Row], *, caption: str = "", header_rows: int = 0) -> None:
    """Add a table to a text, as `write_table` writes it."""
    lines = write_table(rows, caption=caption, header_rows=header_rows)
    builder.add_lines((line.kind, line.text) for line in lines)


def write_table(rows: Sequence[Row], *, caption: str = "", header_rows: int = 0) -> Iterator[TableLine]:
    """Write a table: its caption, then each row that does not name the columns, as `write_row` writes it.

    `header_rows` is how many rows the file itself calls the head; where it is 0, these are rows of nothing but names,
    or a first row whose cells are unlike those below it. A row of one cell over all columns is a caption too.
    """
    grid = [(index, row) for index, row in enumerate(fill_spans(rows)) if any(cell.text for cell in row)]
    stated = min(header_rows, len(grid))
    if caption:
        yield TableLine("caption", caption, 0)
    elif len(grid) > 1 and (label := _label(grid[0][1])):
        yield TableLine("caption", label, grid[0][0])
        grid = grid[1:]
        stated = max(0, stated - 1)
    count = stated or _count_header_rows([row for _, row in grid])
    count = count if 0 < count < len(grid) else 0
    header = _join_names([row for _, row in grid[:count]])
    if not _is_bounded(header, [row for _, row in grid[count:]]):
        header = []
        count = 0
    for index, row in grid[count:]:
        label = _label(row)
        text = label or _write(row, header)
        if text:
            yield TableLine("caption" if label else "row", text, index)


def fill_spans(rows: Iterable[Row]) -> Iterator[list[Cell]]:
    """Yield the rows with each cell that reaches over several columns or rows repeated in all of them.

    What is repeated is bounded: by the columns of a row, and in a table by its characters.
    """
    pending: dict[int, tuple[int, Cell]] = {}  # how many rows a cell of a row above still reaches over, by column
    left = _MAX_REPEATED_TOTAL
    for row in rows:
        if not pending and all(cell.columns == cell.rows == 1 for cell in row):
            yield list(row)
            continue
        filled: list[Cell] = []
        for cell in row:
            _take_pending(pending, filled)
            first = len(filled)
            columns = min(max(cell.columns, 1), max(1, MAX_SPAN - first))
            left -= len(cell.text) * (columns * cell.rows - 1)
            again = cell._replace(columns=1, rows=1) if len(cell.text) <= _MAX_REPEATED_CHARS and left > 0 else _FILLER
            filled += [cell._replace(columns=columns), *[again] * (columns - 1)]
            if cell.rows > 1 and first < MAX_SPAN:
                pending |= dict.fromkeys(range(first, len(filled)), (cell.rows - 1, again))
        _take_pending(pending, filled)
        yield filled


def _take_pending(pending: dict[int, tuple[int, Cell]], filled: list[Cell]) -> None:
    """Append the cells that reach down into the next columns of a row."""
    while (column := len(filled)) in pending:
        left, cell = pending.pop(column)
        filled.append(cell)
        if left > 1:
            pending[column] = (left - 1, cell)


def _label(row: Row) -> str:
    """Return the text of a row that holds but one cell, over all columns; an empty text for any other."""
    is_one = len(row) > 1 and row[0].columns >= len(row)
    return row[0].text if is_one else ""


def _count_header_rows(grid: Sequence[Row]) -> int:
    """Count the first rows that name the columns, where the file does not say so."""
    count = 0
    for row in grid[:_MAX_HEADER_ROWS]:
        if not all(cell.names or not cell.text for cell in row):
            break
        count += 1
    if count or any(cell.names for row in grid for cell in row):
        return count
    return int(_names_columns(grid))


def _names_columns(grid: Sequence[Row]) -> bool:
    """Whether the first row names the columns: words, each once, above a column of figures."""
    if len(grid) < 2 or len(grid[0]) < 2:
        return False
    first, *body = ([cell.text for cell in row] for row in grid)
    names = first[1:] if not first[0] else first
    if not all(names) or len({name.casefold() for name in names}) < len(names):
        return False
    if any(len(name) > _MAX_REPEATED_CHARS / 2 for name in names):
        return False
    if not first[0]:
        return True
    if any(map(_FIGURE.fullmatch, names)):
        return False
    columns = ([row[column] for row in body if column < len(row) and row[column]] for column in range(len(first)))
    return any(cells and 2 * sum(map(bool, map(_FIGURE.fullmatch, cells))) > len(cells) for cells in columns)


def _join_names(rows: Sequence[Row]) -> list[str]:
    """Join the names of each column over the rows that hold them."""
    width = max(map(len, rows), default=0)
    columns = ([row[column].text for row in rows if column < len(row)] for column in range(width))
    return [" ".join(dict.fromkeys(filter(None, names))) for names in columns]


def _is_bounded(header: Sequence[str], body: Sequence[Row]) -> bool:
    """Whether the names are short, and make the table not many times longer where they stand in each row."""
    if any(len(name) > _MAX_REPEATED_CHARS for name in header):
        return False
    names = sum(len(name) for row in body for name, cell in zip(header, row, strict=False) if cell.text)
    return names <= _MAX_GROWTH * sum(len(cell.text) for row in body for cell in row) + 1_000


def _write(row: Row, header: Sequence[str]) -> str:
    """Write a row with the names of its columns, or else behind its own name."""
    texts = [cell.text for cell in row]
    if not any(header) and len(row) > 1 and row[0].names and row[0].text and not all(cell.names for cell in row):
        rest = " | ".join(filter(None, texts[1:]))
        return f"{texts[0].rstrip(' :')}: {rest}" if rest else texts[0]
    return write_row(texts, header)
