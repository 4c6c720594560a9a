"""Read the sheets of Excel files as people see them: dates as days, shares with their sign, results of formulas."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.office_package import find_main_part, open_package, read_core_properties, read_relationships
from rag.sources.formats.tables import Cell
from rag.sources.formats.zip_safe import SafeZip

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_RELATION = re.compile(r"\{[^}]*relationships\}id")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_DATE_FORMATS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_TIME_FORMATS = {18, 19, 20, 21, 45, 46, 47}
_PERCENT_FORMATS = {9, 10}
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
"""What in the code of a number's format is shown as it is, or is a colour or language."""
_FIRST_DAY = datetime(1899, 12, 30)
_FIRST_DAY_OF_1904 = datetime(1904, 1, 1)
_MAX_SERIAL = 2_958_466
"""The number of the first day that Excel does not know, 1 January 10000."""
_MAX_CELLS = 5_000_000
"""Cells of a sheet, the empty ones between others included."""
_MAX_MERGED = 10_000


class Sheet(NamedTuple):
    """A sheet of a spreadsheet."""

    name: str
    is_hidden: bool
    rows: Sequence[Sequence[Cell]]
    """From the first to the last that is not empty; cells that another one covers are left out."""
    unsolved: int
    """How many formulas have no result in the file."""


class Workbook(NamedTuple):
    """What is in a spreadsheet."""

    properties: dict[str, str]
    """Its title, author and subject."""
    sheets: Sequence[Sheet]


def read_workbook(data: bytes, file_mb: float) -> Workbook:
    """Read all sheets of a file; formulas are not solved, nothing outside is read. Raises SourceError."""
    with open_package(data, file_mb, "Excel", ".xlsx") as package:
        main = find_main_part(package, "xl/workbook.xml")
        root = package.read_xml(main)
        related = read_relationships(package, main)
        parts = {other.kind: other.part for other in related.values()}
        strings = _read_strings(package, parts.get("sharedStrings", ""))
        properties = next(root.iter("{*}workbookPr"), None)
        starts_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        cells = _CellReader(strings, _read_formats(package, parts.get("styles", "")), starts_1904)
        sheets = []
        for node in root.iter("{*}sheet"):
            relation = related.get(next((value for key, value in node.items() if _RELATION.fullmatch(key)), ""))
            if relation is not None and relation.kind == "worksheet":
                sheet = package.read_xml(relation.part)
                is_hidden = node.get("state", "visible") != "visible"
                rows, unsolved = _read_sheet(sheet, cells)
                sheets.append(Sheet(one_line(node.get("name", "")), is_hidden, rows, unsolved))
        return Workbook(read_core_properties(package), sheets)


def _read_strings(package: SafeZip, part: str) -> list[str]:
    """Read the strings that cells share."""
    return [_read_text(node) for node in package.read_xml(part).iter("{*}si")] if part in package else []


def _read_text(node: "Element") -> str:
    """Read a string, whose parts may be written in several ways, without what says how it is pronounced."""
    texts = (text for text in node.iter("{*}t") if not str(text.getparent().tag).endswith("}rPh"))
    return "".join(text.text or "" for text in texts)


def _read_formats(package: SafeZip, part: str) -> list[str]:
    """Read what the numbers of each style are: days, times, shares, or an empty text for plain numbers."""
    if part not in package:
        return []
    root = package.read_xml(part)
    codes = {node.get("numFmtId"): node.get("formatCode", "") for node in root.iter("{*}numFmt")}
    styles = root.find("{*}cellXfs")
    numbers = [] if styles is None else [style.get("numFmtId", "0") for style in styles.iterchildren("{*}xf")]
    return [_classify_format(number, codes.get(number, "")) for number in numbers]


@lru_cache(maxsize=1_000)
def _classify_format(number: str, code: str) -> str:
    """Tell whether a format shows days, days with times, times or shares."""
    known = int(number) if number.isdecimal() and len(number) < 9 else 0
    bare = _NO_CODE.sub("", code).lower().partition(";")[0]
    if known in _DATE_FORMATS or "y" in bare or "d" in bare:
        return "day" if known != 22 and "h" not in bare else "moment"
    if known in _TIME_FORMATS or "h" in bare or "ss" in bare:
        return "time"
    return "share" if known in _PERCENT_FORMATS or "%" in bare else ""


class _CellReader(NamedTuple):
    """Reads the cells of a file as they are shown."""

    strings: Sequence[str]
    formats: Sequence[str]
    starts_1904: bool

    def read(self, node: "Element") -> str:
        """Read a cell; empty for one with an error."""
        kind = node.get("t", "n")
        if kind == "inlineStr":
            return _read_text(node)
        value = node.findtext("{*}v") or ""
        if kind == "s":
            place = int(value) if value.isdecimal() and len(value) < 9 else -1
            return self.strings[place] if 0 <= place < len(self.strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind != "n":
            return "" if kind == "e" else value
        style = node.get("s", "")
        place = int(style) if style.isdecimal() and len(style) < 9 else -1
        return self._show(value.strip(), self.formats[place] if 0 <= place < len(self.formats) else "")

    def _show(self, value: str, form: str) -> str:
        """Show a number in its form."""
        try:
            number = float(value)
        except ValueError:
            return value
        if form == "share":
            return f"{number * 100:.15g}%"
        if form in ("day", "moment", "time") and 0 <= number < _MAX_SERIAL - 1_462 * self.starts_1904:
            start = _FIRST_DAY_OF_1904 if self.starts_1904 else _FIRST_DAY
            moment = start + timedelta(seconds=round(number * 86_400))
            if form == "time" or number < 1:
                return f"{moment:%H:%M}"
            return f"{moment:%Y-%m-%d}" if form == "day" else f"{moment:%Y-%m-%d %H:%M}"
        return f"{number:.15g}" if "." in value or "e" in value.lower() else value


def _read_sheet(root: "Element", cells: _CellReader) -> tuple[list[list[Cell]], int]:
    """Read the rows of a sheet, blank ones among others included, and count the formulas without a result."""
    found: dict[tuple[int, int], str] = {}
    unsolved = 0
    row = 0
    for line in root.iter("{*}row"):
        number = line.get("r", "")
        row = int(number) if number.isdecimal() and len(number) < 9 else row + 1
        column = 0
        for node in line.iterchildren("{*}c"):
            place = _REFERENCE.fullmatch(node.get("r", ""))
            column = _column_number(place[1]) if place else column + 1
            text = cells.read(node).strip()
            unsolved += not text and node.find("{*}f") is not None and node.find("{*}v") is None
            if text:
                found[row, column] = text
    merged = root.find("{*}mergeCells")
    areas = (
        [] if merged is None else [node.get("ref", "") for node in merged.iterchildren("{*}mergeCell")][:_MAX_MERGED]
    )
    return list(_lay_out(found, areas)), unsolved


def _lay_out(found: dict[tuple[int, int], str], areas: Sequence[str]) -> Iterator[list[Cell]]:
    """Yield the rows of cells, without columns that are empty throughout; raises SourceError for far too many cells."""
    if not found:
        return
    columns = sorted({column for _, column in found})
    rows = sorted({row for row, _ in found})
    if len(columns) * len(rows) > _MAX_CELLS:
        raise SourceError(f"a sheet of it has {len(rows):,} rows of {len(columns):,} columns; that is too many")
    spans, covered = _read_spans(areas, found, columns)
    last = rows[0]
    for row in rows:
        if row > last + 1:
            yield []
        last = row
        cells = []
        for column in columns:
            if (row, column) not in covered:
                wide, high = spans.get((row, column), (1, 1))
                cells.append(Cell(found.get((row, column), ""), columns=wide, rows=high))
        yield cells


def _read_spans(
    areas: Sequence[str], found: dict[tuple[int, int], str], columns: Sequence[int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Read over how many columns and rows each merged cell reaches, and which places it covers."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    rows = sorted({row for row, _ in found})
    for area in areas:
        corners = [_REFERENCE.fullmatch(corner) for corner in area.split(":")]
        if len(corners) != 2 or corners[0] is None or corners[1] is None:
            continue
        (left, top), (right, bottom) = ((_column_number(match[1]), int(match[2])) for match in corners if match)
        inside = [column for column in columns if left <= column <= right]
        lines = [row for row in rows if top <= row <= bottom]
        if inside and lines and (lines[0], inside[0]) in found and len(inside) * len(lines) + len(covered) < _MAX_CELLS:
            spans[lines[0], inside[0]] = (len(inside), len(lines))
            covered |= {(row, column) for row in lines for column in inside} - {(lines[0], inside[0])}
    return spans, covered


def _column_number(letters: str) -> int:
    """Convert the letters of a column to its number, from 1."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
