"""Chunk articles into passages of whole sentences that fit the embedding model."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from rag.errors import SettingsError
from rag.text.sentences import Spans, after_space, headings, sentences
from rag.types import Article, Passage

_DENSITY = 16  # characters a token stands for at most: to many models any run without a space is one token
_GAP = 500  # characters of white space that no passage reaches across
_SPECIAL = 3  # tokens that frame a text, and one for the line break between title and passage
_PROBES = ["He said: “No.”", "U.S. 5%", "naïve (co-op)", "你好。", "– Ünü’s", "don't", "the", "a1", "…", "it"]
_CLAUSE = re.compile(r"[;:,]\s|\s[-\u2013—]\s|[—、\uff0c\uff1b\uff1a]")
_SPACE = re.compile(r"\s")


def _pieces(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """The stretch in pieces of at most `size` characters, cut after a clause, else a word, else anywhere."""
    while end - start > size:
        stop = start + size
        for mark in (_CLAUSE, _SPACE):
            if cuts := [match.end() for match in mark.finditer(text, start + size // 2, stop)]:
                stop = cuts[-1]
                break
        yield start, start + len(text[start:stop].rstrip())
        start = after_space(text, stop)
    yield start, end


class _Unit(NamedTuple):
    """A sentence, or a piece of one, and the tokens it takes."""

    start: int
    end: int
    tokens: int
    heads: bool


def _spaced(run: list[_Unit]) -> bool:
    """Whether white space stands between all units."""
    return all(before.end < after.start for before, after in pairwise(run))


def _sections(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """The units parted before headings and at wide gaps."""
    section: list[_Unit] = []
    for unit in units:
        if section and ((unit.heads and not section[-1].heads) or unit.start - section[-1].end > _GAP):
            yield section
            section = []
        section.append(unit)
    if section:
        yield section


def _packed(section: list[_Unit], room: int, overlap: int) -> list[list[_Unit]]:
    """The units of a section in as few runs as fit the room; a crumb at the end shares with the run before it."""
    sums = [0, *accumulate(unit.tokens for unit in section)]
    runs: list[tuple[int, int, int]] = []  # first unit, first that is new, end
    before = new = 0
    while new < len(section):
        start = _overlapping(sums, before, new, room, overlap)
        end = max(new + 1, bisect_right(sums, sums[start] + room) - 1)
        runs.append((start, new, end))
        before, new = new, end
    if len(runs) > 1 and sums[-1] - sums[runs[-1][1]] < room / 4:
        (start, before, _), (_, new, end) = runs[-2:]
        fair = [cut for cut in range(before + 1, new + 1) if sums[end] - sums[cut] <= room]
        cut = min(fair, key=lambda cut: abs(sums[cut] - sums[start] - (sums[end] - sums[cut])))
        again = _overlapping(sums, before, cut, room, overlap)
        runs[-2:] = [(start, before, cut), (again if sums[end] - sums[again] <= room else cut, cut, end)]
    return [section[start:end] for start, _, end in runs]


def _overlapping(sums: list[int], before: int, new: int, room: int, overlap: int) -> int:
    """Where a run whose new units begin at `new` starts, so that it overlaps the run that was new from `before` on."""
    start = new
    while new - start < overlap and start - 1 > before and sums[new] - sums[start - 1] <= room / 3:
        start -= 1
    return start if sums[new + 1] - sums[start] <= room else new


class Chunker:
    """Packs the sentences of an article into overlapping passages that fit a model's window, title included."""

    def __init__(self, count: Callable[[Sequence[str]], list[int]], window: int, overlap: int = 1) -> None:
        """Takes a counter of tokens (special ones left out), the model's window and the sentences that overlap."""
        if window <= 2 * _SPECIAL or overlap < 0:
            raise SettingsError(f"no passage fits a window of {window} tokens with {overlap} sentences of overlap")
        self._count, self._window, self._overlap = count, window, overlap

    @property
    def identity(self) -> str:
        """Name and version of the algorithm with its parameters: an index made by another one is out of date."""
        return f"sentences-1/{self._window}/{self._overlap}"

    def lead(self, title: str) -> str:
        """The title as it is embedded: cut after a word where it takes more than a quarter of the window."""
        most = self._window // 4
        longest = most * _DENSITY
        if len(title) <= longest and self._count([title])[0] <= most:
            return title
        stops = [word.end() for word in re.finditer(r"\S+", title[: longest + 1]) if word.end() <= longest]
        stops = [*range(1, min([longest, *stops]) + 1), *stops]  # even the first word may be too long
        counts = self._count([title[:stop] for stop in stops])
        return title[: max((stop for stop, tokens in zip(stops, counts, strict=True) if tokens <= most), default=0)]

    def split(self, article: Article) -> list[Passage]:
        """The passages of an article in order, none crossing a heading and each holding something no other holds."""
        text = article.text
        lead = self.lead(article.title)
        room = max(1, self._window - _SPECIAL - self._count([lead])[0])
        units = self._fitted(text, self._units(text, list(_marked(text))), room)
        runs = [run for section in _sections(units) for run in _packed(section, room, self._overlap)]
        return article.passages(self._checked(text, runs, room))

    @cached_property
    def _additive(self) -> bool:
        """Whether joining texts with white space adds no token, which spares counting most passages again."""
        return all(self._count([space.join(_PROBES)])[0] <= sum(self._count(_PROBES)) for space in (" ", "\n", "\n\n"))

    def _units(self, text: str, spans: list[tuple[int, int, bool]]) -> list[_Unit]:
        counts = self._count([text[start:end] for start, end, _ in spans])
        return [
            _Unit(start, end, max(tokens, (end - start + _DENSITY - 1) // _DENSITY), heads)
            for (start, end, heads), tokens in zip(spans, counts, strict=True)
        ]

    def _fitted(self, text: str, units: list[_Unit], room: int) -> list[_Unit]:
        """The units, long ones cut into pieces until each fits the room, and beside a heading that it follows."""
        while True:
            spans: list[tuple[int, int, bool]] = []
            for before, unit in pairwise([_Unit(0, 0, 0, False), *units]):
                limit = room - before.tokens if before.heads and not unit.heads and before.tokens < room / 2 else room
                share = 0.9 * limit / unit.tokens if unit.tokens > limit else 1
                size = max(1, int(share * (unit.end - unit.start)))
                spans += [(start, end, unit.heads) for start, end in _pieces(text, unit.start, unit.end, size)]
            if len(spans) == len(units):
                return units
            units = self._units(text, spans)

    def _checked(self, text: str, runs: list[list[_Unit]], room: int) -> Spans:
        """The spans of the runs, those halved that take more tokens joined than their units do one by one."""
        unsure = [run for run in runs if not (self._additive and _spaced(run))]
        runs = [run for run in runs if self._additive and _spaced(run)]
        while unsure:
            counts = self._count([text[run[0].start : run[-1].end] for run in unsure])
            long = [tokens > room and len(run) > 1 for run, tokens in zip(unsure, counts, strict=True)]
            runs += [run for run, wrong in zip(unsure, long, strict=True) if not wrong]
            wrongs = [run for run, wrong in zip(unsure, long, strict=True) if wrong]
            unsure = [half for run in wrongs for half in (run[: len(run) // 2], run[len(run) // 2 :])]
        spans: Spans = []
        for start, end in sorted({(run[0].start, -run[-1].end) for run in runs}):
            if not spans or -end > spans[-1][1]:
                spans.append((start, -end))
        return spans


def embedded_texts(title: str, passages: Sequence[Passage], splitter: Chunker) -> list[str]:
    """What the model reads of the passages of one article: its title, then the text of each."""
    lead = splitter.lead(title)
    return [f"{lead}\n{passage.text}" for passage in passages]


def _marked(text: str) -> Iterator[tuple[int, int, bool]]:
    """The sentences, each with whether it belongs to a heading."""
    heads = headings(text)
    starts = [start for start, _ in heads]
    for start, end in sentences(text):
        place = bisect_right(starts, start) - 1
        yield start, end, place >= 0 and end <= heads[place][1]
