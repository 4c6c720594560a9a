"""Chunk articles into passages of whole sentences that fit the embedding model."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from rag.errors import SettingsError
from rag.text.sentences import Spans, Unit, after_space, split_units
from rag.types import Article, Passage

_MAX_CHARS_PER_TOKEN = 16  # characters a token stands for at most: to many models any run without a space is one token
_MAX_GAP_CHARS = 500  # characters of white space that no passage reaches across
_SPECIAL_TOKENS = 3  # tokens that frame a text, and one for the line break between title and passage
_PROBES = ["He said: “No.”", "U.S. 5%", "naïve (co-op)", "你好。", "– Ünü’s", "don't", "the", "a1", "…", "it"]
_CLAUSE = re.compile(r"[;:,]\s|\s[-\u2013—]\s|[—、\uff0c\uff1b\uff1a]")
_SPACE = re.compile(r"\s")


def _cut_pieces(text: str, start: int, end: int, *, size: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch into pieces of at most `size` characters: after a clause, else a word, else anywhere."""
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


def _has_whitespace_gaps(run: list[_Unit]) -> bool:
    """Whether white space stands between all units."""
    return all(before.end < after.start for before, after in pairwise(run))


def _split_sections(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """Split units into sections: before headings and at wide gaps."""
    section: list[_Unit] = []
    for unit in units:
        if section and ((unit.heads and not section[-1].heads) or unit.start - section[-1].end > _MAX_GAP_CHARS):
            yield section
            section = []
        section.append(unit)
    if section:
        yield section


def _pack_section(section: list[_Unit], limit: int, overlap: int) -> list[list[_Unit]]:
    """Pack the units of a section into runs of up to `limit` tokens, each filled before the next begins.

    A run repeats up to `overlap` units of the one before it; where the last would hold little that is new, the last two
    are evened out.
    """
    sums = [0, *accumulate(unit.tokens for unit in section)]
    runs: list[tuple[int, int, int]] = []  # first unit, first that is new, end
    before = new = 0
    while new < len(section):
        start = _overlap_start(sums, before, new, limit=limit, overlap=overlap)
        end = max(new + 1, bisect_right(sums, sums[start] + limit) - 1)
        runs.append((start, new, end))
        before = new
        new = end
    if len(runs) > 1 and sums[-1] - sums[runs[-1][1]] < limit / 4:
        (start, before, _), (_, new, end) = runs[-2:]
        fair = [cut for cut in range(before + 1, new + 1) if sums[end] - sums[cut] <= limit]
        cut = min(fair, key=lambda cut: abs(sums[cut] - sums[start] - (sums[end] - sums[cut])))
        again = _overlap_start(sums, before, cut, limit=limit, overlap=overlap)
        runs[-2:] = [(start, before, cut), (again if sums[end] - sums[again] <= limit else cut, cut, end)]
    return [section[start:end] for start, _, end in runs]


def _overlap_start(sums: list[int], before: int, new: int, *, limit: int, overlap: int) -> int:
    """Return where a run starts whose new units begin at `new`, so that it overlaps the run before it.

    That one was new from `before` on; `sums` are the tokens before each unit.
    """
    start = new
    while new - start < overlap and start - 1 > before and sums[new] - sums[start - 1] <= limit / 3:
        start -= 1
    return start if sums[new + 1] - sums[start] <= limit else new


class Chunker:
    """Packs the sentences of an article into overlapping passages that fit a model's window, title included."""

    def __init__(self, count: Callable[[Sequence[str]], list[int]], window: int, overlap: int = 1) -> None:
        """Chunk for one model.

        `count` counts the tokens of texts, special ones left out; `window` is how many the model reads; `overlap` is
        how many sentences a passage repeats of the one before it.
        """
        if window <= 2 * _SPECIAL_TOKENS or overlap < 0:
            raise SettingsError(f"no passage fits a window of {window} tokens with {overlap} sentences of overlap")
        self._count = count
        self._window = window
        self._overlap = overlap

    @property
    def identity(self) -> str:
        """Name and version of the algorithm with its parameters: an index made by another one is out of date."""
        return f"sentences-1/{self._window}/{self._overlap}"

    def shorten_title(self, title: str) -> str:
        """Shorten a title as it is embedded: after a word, where it takes more than a quarter of the window."""
        most = self._window // 4
        longest = most * _MAX_CHARS_PER_TOKEN
        if len(title) <= longest and self._count([title])[0] <= most:
            return title
        stops = [word.end() for word in re.finditer(r"\S+", title[: longest + 1]) if word.end() <= longest]
        stops = [*range(1, min([longest, *stops]) + 1), *stops]  # even the first word may be too long
        counts = self._count([title[:stop] for stop in stops])
        return title[: max((stop for stop, tokens in zip(stops, counts, strict=True) if tokens <= most), default=0)]

    def split(self, article: Article) -> list[Passage]:
        """Split an article into passages, none crossing a heading and each holding something that no other holds."""
        text = article.text
        title = self.shorten_title(article.title)
        limit = max(1, self._window - _SPECIAL_TOKENS - self._count([title])[0])
        units = self._cut_long_units(text, self._measure(text, split_units(text, article.structure)), limit)
        runs = [run for section in _split_sections(units) for run in _pack_section(section, limit, self._overlap)]
        return article.passages(self._halve_long_runs(text, runs, limit))

    @cached_property
    def _additive(self) -> bool:
        """Whether a few sample texts take no more tokens when joined by white space than one by one.

        Then the tokens of most passages are added up instead of counted again.
        """
        return all(self._count([space.join(_PROBES)])[0] <= sum(self._count(_PROBES)) for space in (" ", "\n", "\n\n"))

    def _measure(self, text: str, spans: list[Unit]) -> list[_Unit]:
        """Make units of sentences with their counts of tokens, at least one for each 16 characters."""
        counts = self._count([text[start:end] for start, end, _ in spans])
        return [
            _Unit(start, end, max(tokens, (end - start + _MAX_CHARS_PER_TOKEN - 1) // _MAX_CHARS_PER_TOKEN), heads)
            for (start, end, heads), tokens in zip(spans, counts, strict=True)
        ]

    def _cut_long_units(self, text: str, units: list[_Unit], limit: int) -> list[_Unit]:
        """Cut long units into pieces until each fits the limit, together with a short heading right before it."""
        while True:
            spans: list[Unit] = []
            for before, unit in pairwise([_Unit(0, 0, 0, heads=False), *units]):
                follows_heading = before.heads and not unit.heads and before.tokens < limit / 2
                most = limit - before.tokens if follows_heading else limit
                share = 0.9 * most / unit.tokens if unit.tokens > most else 1
                size = max(1, int(share * (unit.end - unit.start)))
                spans += [
                    Unit(start, end, unit.heads) for start, end in _cut_pieces(text, unit.start, unit.end, size=size)
                ]
            if len(spans) == len(units):
                return units
            units = self._measure(text, spans)

    def _halve_long_runs(self, text: str, runs: list[list[_Unit]], limit: int) -> Spans:
        """Return the spans of the runs, in order and none within another; halve those that exceed `limit` joined."""
        unsure = [run for run in runs if not (self._additive and _has_whitespace_gaps(run))]
        runs = [run for run in runs if self._additive and _has_whitespace_gaps(run)]
        while unsure:
            counts = self._count([text[run[0].start : run[-1].end] for run in unsure])
            long = [tokens > limit and len(run) > 1 for run, tokens in zip(unsure, counts, strict=True)]
            runs += [run for run, wrong in zip(unsure, long, strict=True) if not wrong]
            wrongs = [run for run, wrong in zip(unsure, long, strict=True) if wrong]
            unsure = [half for run in wrongs for half in (run[: len(run) // 2], run[len(run) // 2 :])]
        spans: Spans = []
        for start, end in sorted({(run[0].start, -run[-1].end) for run in runs}):
            if not spans or -end > spans[-1][1]:
                spans.append((start, -end))
        return spans


def embedded_texts(title: str, passages: Sequence[Passage], chunker: Chunker) -> list[str]:
    """Return the text that is embedded for each passage of an article: the title, then its own."""
    shortened = chunker.shorten_title(title)
    return [f"{shortened}\n{passage.text}" for passage in passages]
