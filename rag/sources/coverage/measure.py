"""Compare the lines of a source with the articles that were read from it, and say why words are left out (pure)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag.sources.cleaning.publication_date import read_day
from rag.sources.cleaning.unicode import normalise, one_line

LOST = "lost"
"""The reason of words for which there is none: those that should have been read."""
METADATA = "metadata"
REPEATED = "repeated"
_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\\W_]+(?:-\n[^\\W_]+)*"
)
"""A word, in scripts without spaces a character; one may be parted at the end of a line."""
_MIN_FOUND_SHARE = 0.6
"""The share of the words of a line from which on it counts as read."""
_MIN_REPEATED_WORDS = 3
_MAX_DAY_WORDS = 10
_MAX_SAMPLES = 50
_MAX_SAMPLE_CHARS = 80


class SourceLine(NamedTuple):
    """A line of a source, as its second reading finds it."""

    text: str
    reason: str = ""
    """Why it is no part of the text; empty where nothing says so."""


@dataclass(frozen=True, slots=True)
class LeftOutWords:
    """What a source has and its articles do not have in their text, for one reason."""

    reason: str
    words: int
    begins: Sequence[str] = ()
    """How each of the first 50 stretches of it begins."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the visible words of a file, or of the pages at an address, are in the title and text of articles.

    >>> from rag import Coverage
    >>> Coverage("bridge.html", articles=1, words=200, read=150).share
    0.75
    """

    source: str
    articles: int
    words: int
    read: int
    left_out: Sequence[LeftOutWords] = ()
    columns: str = ""
    """Which columns of an export were taken for which fields, where no name tells which is the text."""

    @property
    def share(self) -> float:
        """The share of the words that are read, 1 for a source without words."""
        return self.read / self.words if self.words else 1.0

    @property
    def lost(self) -> int:
        """How many words are left out without a reason."""
        return sum(left_out.words for left_out in self.left_out if left_out.reason == LOST)


def measure(source: str, lines: Iterable[SourceLine], texts: Sequence[str], about: Iterable[str]) -> Coverage:
    """Compare the lines of a source with the titles and texts of its articles, and with what is known `about` them.

    Words are counted: each word of an article stands for one word of the source. Lines without a reason take theirs
    first.
    """
    comparison = _Comparison(_count_words(texts), _count_words(about))
    for line in sorted(lines, key=lambda line: bool(line.reason)):
        comparison.add(line)
    left_out = (
        LeftOutWords(reason, words, tuple(comparison.begins[reason]))
        for reason, words in sorted(comparison.left_out.items(), key=lambda item: (item[0] == LOST, -item[1]))
    )
    return Coverage(source, len(texts), comparison.words, comparison.read, tuple(left_out))


class _Comparison:
    """The words of articles, from which those of the lines of their source are taken one by one."""

    def __init__(self, texts: dict[str, int], about: dict[str, int]) -> None:
        """Begin with all words of the articles, and with those known about them."""
        self.words = 0
        self.read = 0
        self.left_out = Counter[str]()
        self.begins: dict[str, list[str]] = {}
        self._texts = texts
        self._about = about
        self._seen = set[tuple[str, ...]]()

    def add(self, line: SourceLine) -> None:
        """Count the words of a line as read, or as left out for its reason or another that shows."""
        words = _split_words(line.text)
        if not words:
            return
        missing = _take(self._texts, words)
        count = sum(word.count("-\n") for word in missing) + len(missing)
        is_read = len(words) - len(missing) >= _MIN_FOUND_SHARE * len(words)
        if line.reason and not is_read:  # a word of a menu is in most texts, which is not to hide one of theirs
            for word in (Counter(words) - Counter(missing)).elements():
                self._texts[word] = self._texts.get(word, 0) + 1
            missing = words
            count = len(words)
        self.words += len(words)
        self.read += max(0, len(words) - count)
        if missing:
            reason = line.reason or self._find_reason(line.text, tuple(words), missing)
            self.left_out[reason] += min(count, len(words))
            begins = self.begins.setdefault(reason, [])
            if len(begins) < _MAX_SAMPLES:
                begins.append(_shorten(" … ".join(missing) if is_read else line.text))
        self._seen.add(tuple(words))

    def _find_reason(self, text: str, words: tuple[str, ...], missing: list[str]) -> str:
        """Find why words are missing of a line that has no reason of its own."""
        if sum(word in self._about for word in missing) >= _MIN_FOUND_SHARE * len(missing):
            return METADATA
        if len(words) <= _MAX_DAY_WORDS and (day := read_day(one_line(text)).day) and self._knows(day):
            return METADATA
        repeats = len(missing) == len(words) >= _MIN_REPEATED_WORDS and words in self._seen
        return REPEATED if repeats else LOST

    def _knows(self, day: str) -> bool:
        """Whether an article is of that day."""
        return all(word in self._about for word in _split_words(day))


def _take(known: dict[str, int], words: Iterable[str]) -> list[str]:
    """Take words out of those that are known, and return those that are not; a parted one counts joined or not."""
    missing = []
    for word in words:
        joined = word.replace("-\n", "")
        if known.get(joined, 0) > 0:
            known[joined] -= 1
        elif joined != word and not any(known.get(part, 0) < 1 for part in word.split("-\n")):
            for part in word.split("-\n"):
                known[part] -= 1
        else:
            missing.append(word)
    return missing


def _count_words(texts: Iterable[str]) -> dict[str, int]:
    """Count the words of texts."""
    counts = Counter[str]()
    for text in texts:
        counts.update(_split_words(text))
    return dict(counts)


def _split_words(text: str) -> list[str]:
    """Split a text into words, in lower case and without ligatures."""
    return _WORD.findall(unicodedata.normalize("NFKC", normalise(text)).casefold())


def _shorten(text: str) -> str:
    """Return the beginning of a text on one line."""
    line = one_line(text)
    return line if len(line) <= _MAX_SAMPLE_CHARS else line[: _MAX_SAMPLE_CHARS - 1].rstrip() + "…"


def coverage_to_json(coverage: Coverage) -> Mapping[str, object]:
    """Convert how much of a source is read to JSON."""
    left_out = [{"reason": one.reason, "words": one.words, "begins": list(one.begins)} for one in coverage.left_out]
    counts = {"source": coverage.source, "articles": coverage.articles, "words": coverage.words, "read": coverage.read}
    return {
        **counts,
        "share": round(coverage.share, 4),
        "lost": coverage.lost,
        "left_out": left_out,
        "columns": coverage.columns,
    }


def coverage_from_json(value: Mapping[str, object]) -> Coverage:
    """Convert JSON of `coverage_to_json` back."""
    left_out = value["left_out"]
    assert isinstance(left_out, list)
    articles, words, read = (int(str(value[name])) for name in ("articles", "words", "read"))
    return Coverage(
        str(value["source"]),
        articles,
        words,
        read,
        tuple(LeftOutWords(one["reason"], one["words"], tuple(one["begins"])) for one in left_out),
    )
