"""Turn the lines of PDF pages into paragraphs: columns, running heads, hyphenation."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_NUMBER = re.compile(r"\d+|\b[ivxl]+\b", re.IGNORECASE)
_FOLIO = re.compile(r"\W*(?:page |p\. ?|seite |página )?#(?: ?(?:/|of|von|de) ?#)?\W*", re.IGNORECASE)
_HYPHENS = "-\u2010"
_HYPHENATED = re.compile(r"\w+[-\u2010]\w+")
_ENDED = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[-*•–—▪◦·‣●]|\(?\d{1,3}[.)]|[a-z]\)) ")
_EDGE_LINES = 3
"""Running heads and feet are looked for in so many lines at the top and the bottom of a page."""
_MOST_LINES = 5_000
"""On one page; columns are not looked for on a page with more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column; distances are points from the left and the bottom of the page."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def height(self) -> float:
        """From the bottom to the top of its letters."""
        return self.top - self.bottom


def in_order(boxes: Sequence[Line]) -> list[Line]:
    """The lines of a page in the order of reading, made of boxes of text: columns from left to right."""
    return _columns(_joined(boxes))


def _joined(boxes: Sequence[Line]) -> list[Line]:
    """Boxes side by side made one line each; a wide gap keeps them apart."""
    rows: list[list[Line]] = []
    for box in sorted(boxes, key=lambda box: -(box.top + box.bottom)):
        row = rows[-1] if rows else []
        if row and (box.top + box.bottom) / 2 > row[0].bottom and box.top > (row[0].top + row[0].bottom) / 2:
            row.append(box)
        else:
            rows.append([box])
    return [line for row in rows for line in _parted(sorted(row, key=lambda box: box.left))]


def _parted(row: Sequence[Line]) -> Iterator[Line]:
    """The lines in a row of boxes."""
    line = row[0]
    for box in row[1:]:
        gap, size = box.left - line.right, max(line.height, box.height)
        if gap > 1.2 * size:
            yield line
            line = box
            continue
        space = "" if gap < 0.12 * size or line.text.endswith(" ") or box.text.startswith(" ") else " "
        edges = max(line.right, box.right), max(line.top, box.top)
        line = Line(line.left, min(line.bottom, box.bottom), *edges, line.text + space + box.text)
    yield line


def _columns(lines: list[Line]) -> list[Line]:
    """The lines of a region, those of a left column before those of a right one, between what spans both."""
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    ordered: list[Line] = []
    left, right = list[Line](), list[Line]()
    for line in lines:
        if line.right <= gutter:
            left.append(line)
        elif line.left >= gutter:
            right.append(line)
        else:
            ordered += [*_columns(left), *_columns(right), line]
            left, right = [], []
    return [*ordered, *_columns(left), *_columns(right)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where a white strip parts two columns of prose, or None."""
    if not 8 <= len(lines) <= _MOST_LINES:
        return None
    first, last = min(line.left for line in lines), max(line.right for line in lines)
    starts = Counter(round(line.left) for line in lines)
    for start, _ in starts.most_common(6):
        place = start - 1.5
        if not first + 0.15 * (last - first) < place < last - 0.15 * (last - first):
            continue
        left = [line for line in lines if line.right <= place]
        right = [line for line in lines if line.left >= place]
        if min(len(left), len(right)) < 4 or len(left) + len(right) < 0.7 * len(lines):
            continue
        overlaps = min(left[0].top, right[0].top) > max(left[-1].bottom, right[-1].bottom)
        if overlaps and min(median(len(line.text) for line in side) for side in (left, right)) >= 16:
            return place
    return None


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without the running heads, feet and page numbers that stand at one height on several of them."""
    found = Counter(key for page in pages for key in set(map(_key, _edges(page))))
    enough = max(2, round(0.3 * len(pages)))
    repeated = {key for key, count in found.items() if count >= enough}
    kept = [_body_of(page, number, len(pages), repeated) for number, page in enumerate(pages, 1)]
    # Where most of the lines repeat, as in a form, they are what the pages say.
    if 2 * sum(map(len, kept)) < sum(map(len, pages)):
        return [_body_of(page, number, len(pages), set()) for number, page in enumerate(pages, 1)]
    return kept


def _body_of(page: Sequence[Line], number: int, pages: int, repeated: set[tuple[str, int]]) -> list[Line]:
    """The lines of a page that are not repeated at its edges, and not its number."""
    edges = _edges(page)
    return [
        line for line in page if line not in edges or not (_key(line) in repeated or _is_folio(line, number, pages))
    ]


def _edges(page: Sequence[Line]) -> set[Line]:
    """The lines at the top and the bottom of a page."""
    by_height = sorted(page, key=lambda line: line.bottom)
    return {*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]}


def _key(line: Line) -> tuple[str, int]:
    """What a line says but for its numbers, and about how high it stands."""
    return _NUMBER.sub("#", line.text), round(line.bottom / 4)


def _is_folio(line: Line, number: int, pages: int) -> bool:
    """Whether a line is nothing but the number of its page."""
    told = re.findall(r"\d+", line.text)
    return bool(told) and int(told[0][:6]) == number <= pages and bool(_FOLIO.fullmatch(_NUMBER.sub("#", line.text)))


def flowing(pages: Sequence[Sequence[Line]]) -> tuple[str, list[int]]:
    """The text of the pages with paragraphs one blank line apart, and the offset at which each page begins."""
    body = _body(pages)
    words = Counter(word for page in pages for line in page for word in _HYPHENATED.findall(line.text.casefold()[:-1]))
    pieces, starts, length = list[str](), list[int](), 0
    before: Line | None = None
    for page in pages:
        begun = False
        for line, is_new in zip(page, _begins(page, before, body), strict=True):
            if before is not None:
                gap = "\n\n" if is_new else _mended(pieces, line.text, words)
                length = length + len(gap) if gap != "-" else length - 1
                pieces += [gap] if gap != "-" else []
            starts += [] if begun else [length]
            pieces.append(line.text)
            length, before, begun = length + len(line.text), line, True
        starts += [] if begun else [length]
    return "".join(pieces), starts


def _mended(pieces: list[str], after: str, words: Counter[str]) -> str:
    """What joins a line to the one before; `-` where that one lost the hyphen that parted a word."""
    last = pieces[-1]
    if last[-1:] not in _HYPHENS or len(last) < 2 or not last[-2].isalpha():
        return " "
    left = re.findall(r"\w+$", last[:-1])[-1].casefold()
    right = "".join(re.findall(r"^\w+", after))
    if not right[:1].islower() or words[f"{left}{last[-1]}{right.casefold()}"]:
        return ""
    pieces[-1] = last[:-1]
    return "-"


def _body(pages: Sequence[Sequence[Line]]) -> tuple[float, float]:
    """How high most letters are, and how far apart most lines."""
    lines = [line for page in pages for line in page]
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.height, 1)] += len(line.text)
    steps = [one.bottom - two.bottom for page in pages for one, two in pairwise(page) if one.bottom > two.bottom]
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    return size, median(steps) if steps else 1.2 * size


def _begins(page: Sequence[Line], before: Line | None, body: tuple[float, float]) -> list[bool]:
    """For each line of a page whether it begins a paragraph; `before` is the last line of the page before."""
    widths = [line.right - line.left for line in page]
    wide = sorted(widths)[int(0.8 * (len(widths) - 1))] if widths else 0.0
    return [_is_new(previous, line, wide, body) for previous, line in pairwise([before, *page]) if line is not None]


def _is_new(previous: Line | None, line: Line, wide: float, body: tuple[float, float]) -> bool:
    """Whether a line begins a paragraph after the one before it."""
    if previous is None or _BULLET.match(line.text):
        return True
    size, step = body
    if abs(previous.height - line.height) > 0.25 * size and max(previous.height, line.height) > 1.2 * size:
        return True
    ended = bool(_ENDED.search(previous.text))
    fall = previous.bottom - line.bottom
    if fall <= 0 or fall > 6 * step or abs(line.left - previous.left) > wide:  # another column or page
        return (ended and previous.right - previous.left < 0.9 * wide) or not _goes_on(previous, line, ended)
    if fall > 1.35 * step:
        return True
    indent = line.left - previous.left
    if 0.8 * size < indent < 6 * size and (ended or previous.right - previous.left < 0.9 * wide):
        return True
    return ended and previous.right - previous.left < 0.75 * wide


def _goes_on(previous: Line, line: Line, ended: bool) -> bool:
    """Whether a paragraph that fills the end of its column goes on in the next."""
    first = next((mark for mark in line.text if mark.isalnum()), "")
    return not ended or not first.isupper() or previous.text[-1:] in _HYPHENS
