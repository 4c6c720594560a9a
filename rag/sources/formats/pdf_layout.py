"""Turn the lines of PDF pages into paragraphs: columns, running heads, hyphenation."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from rag.sources.formats.pdf_lines import Line
from rag.sources.formats.pdf_name_marks import drop_name_marks
from rag.sources.formats.pdf_tables import join_table_rows
from rag.sources.formats.tables import Cell, write_table
from rag.sources.formats.text_builder import reads_as_label
from rag.structure import Block

_NUMBER = re.compile(r"\d+|\b[ivxl]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"\W*(?:page |p\. ?|seite |página )?#(?: ?(?:/|of|von|de) ?#)?\W*", re.IGNORECASE)
_HYPHENS = "-\u2010"
_HYPHENATED = re.compile(r"\w+[-\u2010]\w+")
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[-*•–—▪◦·‣●]|\(?\d{1,3}[.)]|[a-z]\)) ")
_HEADING_SIZE = 1.2
"""Times the size of most letters from which a paragraph is a heading."""
_HEADING_LEVEL = 2
_MAX_TABLE_GAP = 5.0
"""Heights of letters between two rows of a table at most."""
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.? [^\W\d_a-z]")
"""Opens the heading of a section with its number."""
_MAX_EDGE_LINES = 3
"""Running heads and feet are looked for in so many lines at the top and the bottom of a page."""
_MAX_COLUMN_LINES = 5_000
"""On one page; columns are not looked for on a page with more."""


class FlowingText(NamedTuple):
    """The text of a document, joined over the ends of its lines and pages."""

    text: str
    page_starts: list[int]
    """The offset at which each page begins."""
    blocks: tuple[Block, ...] = ()
    """Its headings and the rows of its tables."""


class _RepeatKey(NamedTuple):
    """What a line has in common with its repetitions on other pages."""

    text: str
    """Its text, with `#` for every number."""
    bottom: int
    """About how far from the foot of the page it stands, in steps of four points."""


class _BodyType(NamedTuple):
    """The size of the letters and the distance of the lines in the body of a document, in points."""

    size: float
    """How high most letters are."""
    step: float
    """How far apart most lines are."""


def order_lines(boxes: Sequence[Line]) -> list[Line]:
    """Join boxes of text into lines, and order them as they are read: columns from left to right."""
    return _order_columns(join_table_rows(_join_boxes(boxes)))


def _join_boxes(boxes: Sequence[Line]) -> list[list[Line]]:
    """Join boxes side by side into rows of one line each; a wide gap keeps them apart."""
    rows: list[list[Line]] = []
    boxes = drop_name_marks(boxes)
    for box in sorted(boxes, key=lambda box: -(box.top + box.bottom)):
        row = rows[-1] if rows else []
        if row and (box.top + box.bottom) / 2 > row[0].bottom and box.top > (row[0].top + row[0].bottom) / 2:
            row.append(box)
        else:
            rows.append([box])
    return [list(_split_row(sorted(row, key=lambda box: box.left))) for row in rows]


def _split_row(row: Sequence[Line]) -> Iterator[Line]:
    """Join the boxes of a row into lines, split at wide gaps."""
    line = row[0]
    for box in row[1:]:
        gap = box.left - line.right
        size = max(line.height, box.height)
        if gap > 1.2 * size:
            yield line
            line = box
            continue
        joins = gap < 0.12 * size or line.text.endswith(" ") or box.text.startswith((" ", ", "))
        space = "" if joins else " "
        line = Line(
            left=line.left,
            bottom=min(line.bottom, box.bottom),
            right=max(line.right, box.right),
            top=max(line.top, box.top),
            text=line.text + space + box.text,
        )
    yield line


def _order_columns(lines: list[Line]) -> list[Line]:
    """Order the lines of a region: where it has two columns, the left one before the right one.

    A line that spans both columns comes after the lines above it and before those below.
    """
    gutter = _find_gutter(lines)
    if gutter is None:
        return lines
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.right <= gutter:
            left.append(line)
        elif line.left >= gutter:
            right.append(line)
        else:
            ordered += [*_order_columns(left), *_order_columns(right), line]
            left = []
            right = []
    return [*ordered, *_order_columns(left), *_order_columns(right)]


def _find_gutter(lines: Sequence[Line]) -> float | None:
    """Find how far from the left the white strip between two columns of prose is; None where there is none."""
    if not 8 <= len(lines) <= _MAX_COLUMN_LINES:
        return None
    first = min(line.left for line in lines)
    last = max(line.right for line in lines)
    starts = Counter(round(line.left) for line in lines)
    for start, _ in starts.most_common(6):
        gutter = start - 1.5
        if not first + 0.15 * (last - first) < gutter < last - 0.15 * (last - first):
            continue
        left = [line for line in lines if line.right <= gutter]
        right = [line for line in lines if line.left >= gutter]
        if min(len(left), len(right)) < 4 or len(left) + len(right) < 0.7 * len(lines):
            continue
        overlaps = min(left[0].top, right[0].top) > max(left[-1].bottom, right[-1].bottom)
        if overlaps and min(median(len(line.text) for line in side) for side in (left, right)) >= 16:
            return gutter
    return None


def strip_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Strip page numbers, and running heads and feet, which repeat at one height on several pages.

    Where more than half of all lines would go, as in a form, only page numbers do.
    """
    counts = Counter(key for page in pages for key in set(map(_repeat_key, _edge_lines(page))))
    enough = max(2, round(0.3 * len(pages)))
    repeated = {key for key, count in counts.items() if count >= enough}
    kept = [
        _strip_page_edges(page, number, pages=len(pages), repeated=repeated) for number, page in enumerate(pages, 1)
    ]
    # Where most of the lines repeat, as in a form, they are what the pages say.
    if 2 * sum(map(len, kept)) < sum(map(len, pages)):
        return [
            _strip_page_edges(page, number, pages=len(pages), repeated=set()) for number, page in enumerate(pages, 1)
        ]
    return kept


def _strip_page_edges(page: Sequence[Line], number: int, *, pages: int, repeated: set[_RepeatKey]) -> list[Line]:
    """Strip repeated lines at the edges of a page, and its number."""
    edges = _edge_lines(page)
    return [
        line
        for line in page
        if line not in edges or not (_repeat_key(line) in repeated or _is_page_number(line, number, pages))
    ]


def _edge_lines(page: Sequence[Line]) -> set[Line]:
    """Return the lines at the top and the bottom of a page."""
    by_height = sorted(page, key=lambda line: line.bottom)
    return {*by_height[:_MAX_EDGE_LINES], *by_height[-_MAX_EDGE_LINES:]}


def _repeat_key(line: Line) -> _RepeatKey:
    """Return the key under which a line is counted: its text but for numbers, and where it stands on the page."""
    return _RepeatKey(_NUMBER.sub("#", line.text), round(line.bottom / 4))


def _is_page_number(line: Line, number: int, pages: int) -> bool:
    """Whether a line is nothing but the number of its page, as “3” or “Page 3 of 10”."""
    digits = re.findall(r"\d+", line.text)
    return (
        bool(digits)
        and int(digits[0][:6]) == number <= pages
        and bool(_PAGE_NUMBER.fullmatch(_NUMBER.sub("#", line.text)))
    )


def reflow(pages: Sequence[Sequence[Line]]) -> FlowingText:
    """Join the lines of the pages into paragraphs, one blank line apart, with the offset at which each page begins."""
    body = _measure_body(pages)
    words = Counter(word for page in pages for line in page for word in _HYPHENATED.findall(line.text.casefold()[:-1]))
    flow = _Flow(body, words)
    before: Line | None = None
    for page in pages:
        flow.begin_page()
        for line, is_new in zip(page, _paragraph_starts(page, before, body), strict=True):
            flow.add(line, is_new=is_new)
            before = line
        flow.end_page()
    return flow.finish()


class _Flow:
    """The text so far, and the paragraph or the table that is open."""

    def __init__(self, body: _BodyType, words: Counter[str]) -> None:
        """`words` are those of the document that have a hyphen."""
        self._body = body
        self._words = words
        self._pieces: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._blocks: list[Block] = []
        self._paragraph = (0, 0)
        """Where the paragraph begins, and with which piece."""
        self._is_large = False
        """Whether all of its letters are larger than most."""
        self._table: list[Line] = []
        self._table_starts: list[int] = []
        """The rows of the table with which pages begin."""
        self._begins = False
        """Whether a page has begun of which nothing was added."""

    def begin_page(self) -> None:
        """Begin a page."""
        self._begins = True

    def end_page(self) -> None:
        """End a page, which may be empty."""
        if self._begins and self._table:
            self._table_starts.append(len(self._table))
        elif self._begins:
            self._starts.append(self._length)
        self._begins = False

    def add(self, line: Line, *, is_new: bool) -> None:
        """Add a line, which begins a paragraph where it `is_new`, or a row of a table."""
        if self._table and not _continues_table(self._table[-1], line):
            self._end_table()
            is_new = True
        if line.cells:
            self._end_paragraph()
            self._table_starts += [len(self._table)] * self._begins
            self._table.append(line)
            self._begins = False
            return
        is_large = line.height >= _HEADING_SIZE * self._body.size
        if is_new or not self._pieces:
            self._end_paragraph()
            self._place("\n\n")
            self._paragraph = (self._length, len(self._pieces))
            self._is_large = is_large
        else:
            self._is_large = self._is_large and is_large
            gap = _choose_joint(self._pieces, line.text, self._words)
            if gap == "-":
                self._length -= 1
            else:
                self._place(gap)
        self._starts += [self._length] * self._begins
        self._begins = False
        self._pieces.append(line.text)
        self._length += len(line.text)

    def finish(self) -> FlowingText:
        """End the text and return it."""
        self._end_table()
        self._end_paragraph()
        return FlowingText("".join(self._pieces), self._starts, tuple(self._blocks))

    def _place(self, gap: str) -> None:
        if self._pieces:
            self._pieces.append(gap)
            self._length += len(gap)

    def _end_paragraph(self) -> None:
        """End the paragraph, which is a heading where its letters are large."""
        start, piece = self._paragraph
        if self._is_large and reads_as_label("".join(self._pieces[piece:])):
            self._blocks.append(Block("heading", start, self._length, _HEADING_LEVEL))
        self._is_large = False

    def _end_table(self) -> None:
        """Write the table, its first row but once where pages repeat it."""
        rows = [(number, line.cells) for number, line in enumerate(self._table)]
        rows = [(number, cells) for number, cells in rows if not number or cells != self._table[0].cells]
        offsets: list[tuple[int, int]] = []
        for written in write_table([[Cell(text) for text in cells] for _, cells in rows]):
            self._place("\n" if offsets else "\n\n")
            offsets.append((rows[written.row][0], self._length))
            self._blocks.append(Block(written.kind, self._length, self._length + len(written.text)))
            self._pieces.append(written.text)
            self._length += len(written.text)
        for first in self._table_starts:
            self._starts.append(next((offset for number, offset in offsets if number >= first), self._length))
        self._table = []
        self._table_starts = []


def _continues_table(row: Line, line: Line) -> bool:
    """Whether a line is the next row of the table of another, on the same page or the next."""
    return len(row.cells) == len(line.cells) and row.bottom - line.bottom <= _MAX_TABLE_GAP * line.height


def _choose_joint(pieces: list[str], after: str, words: Counter[str]) -> str:
    """Return what joins the line `after` to the last piece: a space, an empty string, or `-`.

    `-` says that the hyphen at the end of that piece has been removed from `pieces`, since it parted a word. It stays
    in a word that `words` has with a hyphen.
    """
    last = pieces[-1]
    if last[-1:] not in _HYPHENS or len(last) < 2 or not last[-2].isalpha():
        return " "
    left = re.findall(r"\w+$", last[:-1])[-1].casefold()
    right = "".join(re.findall(r"^\w+", after))
    if not right[:1].islower() or words[f"{left}{last[-1]}{right.casefold()}"]:
        return ""
    pieces[-1] = last[:-1]
    return "-"


def _measure_body(pages: Sequence[Sequence[Line]]) -> _BodyType:
    """Measure the most frequent height of the letters and the median distance of the lines."""
    lines = [line for page in pages for line in page]
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.height, 1)] += len(line.text)
    steps = [one.bottom - two.bottom for page in pages for one, two in pairwise(page) if one.bottom > two.bottom]
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    return _BodyType(size, median(steps) if steps else 1.2 * size)


def _paragraph_starts(page: Sequence[Line], before: Line | None, body: _BodyType) -> list[bool]:
    """Tell for each line of a page whether it begins a paragraph; `before` is the last line of the page before."""
    widths = [line.right - line.left for line in page]
    wide = sorted(widths)[int(0.8 * (len(widths) - 1))] if widths else 0.0
    return [
        _starts_paragraph(previous, line, wide=wide, body=body)
        for previous, line in pairwise([before, *page])
        if line is not None
    ]


def _starts_paragraph(previous: Line | None, line: Line, *, wide: float, body: _BodyType) -> bool:
    """Whether a line begins a paragraph after the one before it."""
    if previous is None or _BULLET.match(line.text):
        return True
    size, step = body
    if abs(previous.height - line.height) > 0.25 * size and max(previous.height, line.height) > 1.2 * size:
        return True
    ended = bool(_SENTENCE_END.search(previous.text))
    if _SECTION.match(previous.text) and not ended and previous.right - previous.left < 0.75 * wide:
        return line.text[:1].isupper()
    fall = previous.bottom - line.bottom
    if fall <= 0 or fall > 6 * step or abs(line.left - previous.left) > wide:  # another column or page
        return (ended and previous.right - previous.left < 0.9 * wide) or not _continues_across(
            previous, line, has_ended=ended
        )
    if fall > 1.35 * step:
        return True
    indent = line.left - previous.left
    if 0.8 * size < indent < 6 * size and (ended or previous.right - previous.left < 0.9 * wide):
        return True
    return ended and previous.right - previous.left < 0.75 * wide


def _continues_across(previous: Line, line: Line, *, has_ended: bool) -> bool:
    """Whether the paragraph of the last line of a column or page goes on with the first line of the next."""
    first = next((character for character in line.text if character.isalnum()), "")
    return not has_ended or not (first.isupper() or first.isdigit()) or previous.text[-1:] in _HYPHENS
