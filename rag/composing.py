"""Composes an answer out of the articles' own sentences: which ones, how many, in which order (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.citing import Quote
from rag.fusing import likeness, shingles
from rag.sentences import sentences
from rag.types import Hit, Passage

_OPEN = re.compile(
    r"\b(why|how(?! (many|much|old|long|far|often|big|large|high|tall)\b)|"
    r"what (did|does|do|happened|was said)|describe)\b",
    re.I,
)
_CONTINUING = re.compile(r"^[“\"]?(he|she|they|it|this|that|these|those)\b", re.I)
_CLOSE = 0.8
"""A further sentence is given when its rank is at least this share of the best one's."""
_FOUND_SHARE = 0.4
"""How much of a sentence's rank hangs on how well its passage was found; the rest is how well it answers."""
_FACT_SENTENCES = 2
_REPEATING = 0.6


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence that may answer."""

    passage: Passage
    start: int
    end: int
    score: float
    """How surely it answers, as the reader has it."""
    rank: float

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def place(self) -> tuple[str, int]:
        return self.passage.article_id, self.start

    def repeats(self, other: "_Candidate") -> bool:
        """Whether both say the same in nearly the same words."""
        return likeness(shingles(self.text), shingles(other.text)) >= _REPEATING


def compose(question: str, hits: Sequence[Hit], most: int, threshold: float) -> list[Quote]:
    """The sentences that answer, at most so many, in an order that reads well; none when none reaches the threshold."""
    able = [candidate for candidate in _candidates(hits) if candidate.score >= threshold]
    wide = _OPEN.search(question) is not None
    chosen: list[_Candidate] = []
    for candidate in able:
        near = candidate.rank >= _CLOSE * able[0].rank and not any(candidate.repeats(other) for other in chosen)
        if near and len(chosen) < (most if wide else min(most, _FACT_SENTENCES)):
            chosen.append(candidate)
    if wide and 0 < len(chosen) < most:
        chosen += _continuation(chosen)
    return [(one.passage, one.start, one.end, one.score) for one in _ordered(chosen)]


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    """Every sentence that was read, best first, each once though passages overlap."""
    found: dict[tuple[str, int], _Candidate] = {}
    for hit in hits:
        for span in hit.reading.spans if hit.reading is not None else ():
            rank = span.score * (1 - _FOUND_SHARE + _FOUND_SHARE * hit.score)
            for start, end in _whole(hit.passage, span.start, span.end):
                candidate = _Candidate(hit.passage, start, end, span.score, rank)
                if candidate.place not in found or found[candidate.place].rank < rank:
                    found[candidate.place] = candidate
    return sorted(found.values(), key=lambda candidate: (-candidate.rank, candidate.place))


def _whole(passage: Passage, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of the passage that a span touches."""
    places = [(passage.start + one, passage.start + other) for one, other in sentences(passage.text)]
    return [place for place in places if place[0] < end and place[1] > start]


def _continuation(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """What goes on from the best sentence: “He went on to say …” belongs to the sentence before."""
    best, places = chosen[0], {candidate.place for candidate in chosen}
    after = [place for place in _whole(best.passage, best.end, best.passage.end) if place[0] >= best.end][:1]
    more = [_Candidate(best.passage, *place, best.score, best.rank) for place in after]
    return [one for one in more if _CONTINUING.match(one.text) and one.place not in places]


def _ordered(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Article by article, the one with the best sentence first, each in the order of its text."""
    articles = list(dict.fromkeys(candidate.passage.article_id for candidate in chosen))
    return sorted(chosen, key=lambda candidate: (articles.index(candidate.passage.article_id), candidate.start))
