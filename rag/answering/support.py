"""Verify claims: whether the cited passages support a sentence, and which of their sentences do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rag.answering.claims import disagreement, unnamed
from rag.answering.prompt_text import find_injections
from rag.protocols import Checker
from rag.text.lexical import content, plain
from rag.text.sentences import sentences_of
from rag.types import Passage, Support

SUPPORTED = 0.5
"""From this probability on a sentence is supported, cited or not."""
WEAK = 0.3
"""From this probability on it is weakly supported, where it cites."""
_TRIED = 3
"""Sentences of a passage that are tried, those that share most words with the claim."""
_SENTENCE = 3
"""Words of a sentence at least."""
_SHORT = 2
"""A claim of so few words that carry it must have them all from its evidence."""
_JOINT = re.compile(r",\s+(?:and|but|while|whereas)\s+|;\s+")
_CLAUSE = 4
"""Words of a clause that is judged by itself."""
_ORDER = {"unsupported": 0, "weak": 1, "supported": 2}

Place = tuple[Passage, int, int]
"""A stretch of a passage, in its article's offsets."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well a claim is supported, by which sentences, and why no better."""

    support: Support
    score: float
    """The probability that the evidence supports all of the claim, 0 to 1."""
    evidence: tuple[Place, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One or several sentences that may support a claim."""

    places: tuple[Place, ...]

    @property
    def text(self) -> str:
        return " ".join(passage.at(start, end) for passage, start, end in self.places)

    def whole(self) -> Passage:
        """Its passages as one, for what their titles and other sentences name."""
        first, *others = dict.fromkeys(passage for passage, _, _ in self.places)
        if not others:
            return first
        text = "\n".join([first.text, *(f"{one.title}\n{one.source}\n{one.text}" for one in others)])
        return replace(first, text=text)


def check(claim: str, passages: Sequence[Passage], checker: Checker) -> Verdict:
    """Judges a sentence by the passages it cites; the narrowest evidence that supports it is named."""
    whole = _check(claim, passages, checker)
    clauses = _clauses(claim) if whole.support != "supported" else []
    each = [_check(clause, passages, checker) for clause in clauses]
    if each and all(one.support == "supported" for one in each):
        evidence = tuple(dict.fromkeys(place for one in each for place in one.evidence))
        return Verdict("supported", min(one.score for one in each), evidence)
    return whole


def _clauses(claim: str) -> list[str]:
    """The main clauses of a sentence that joins several; none where it is one."""
    found = [clause.strip(" ,.") for clause in _JOINT.split(claim)]
    return found if len(found) > 1 and all(len(clause.split()) >= _CLAUSE for clause in found) else []


def _check(claim: str, passages: Sequence[Passage], checker: Checker) -> Verdict:
    ranked = [own for own in (_ranked(claim, passage) for passage in passages) if own]
    best = Verdict("unsupported", 0.0, (), "no passage says anything like it")
    for tried in (_alone(ranked), _together(ranked), _all_three(ranked)):
        if same := next((one for one in tried if plain(one.text) == plain(claim)), None):
            return Verdict("supported", 1.0, same.places)
        scores = checker.support([(claim, one.text) for one in tried]) if tried else []
        found = [_judged(claim, one, score) for one, score in zip(tried, scores, strict=True)]
        best = max([best, *found], key=lambda one: (_ORDER[one.support], one.score))
        if best.support == "supported":
            break
    return best


def _judged(claim: str, evidence: _Evidence, score: float) -> Verdict:
    whole = evidence.whole()
    if reason := disagreement(claim, evidence.text, whole):
        return Verdict("unsupported", min(score, WEAK), (), reason)
    if reason := unnamed(claim, whole):
        # Whom a pronoun stands for may be said elsewhere in the article.
        if score < SUPPORTED:
            return Verdict("unsupported", min(score, WEAK), (), reason)
        return Verdict("weak", WEAK, evidence.places, reason)
    said = content(claim)
    if len(claim.split()) < 2 or (len(said) <= _SHORT and said - content(f"{whole.title} {evidence.text}")):
        return Verdict("unsupported", min(score, WEAK), (), "the passage does not say this")
    if score >= SUPPORTED:
        return Verdict("supported", score, evidence.places)
    if score >= WEAK:
        return Verdict("weak", score, evidence.places, "the passage says this only in part, or not surely")
    return Verdict("unsupported", score, (), "the passage does not say this")


def _alone(ranked: Sequence[Sequence[Place]]) -> list[_Evidence]:
    """The sentences nearest to the claim, each by itself."""
    return [_Evidence((place,)) for own in ranked for place in own[:_TRIED]]


def _together(ranked: Sequence[Sequence[Place]]) -> list[_Evidence]:
    """The sentences nearest to the claim with those around them, with each other, and those of several passages."""
    found = [_Evidence(places) for own in ranked for places in _within(own)]
    return found + [_Evidence((one[0], other[0])) for one, other in pairwise(ranked)]


def _all_three(ranked: Sequence[Sequence[Place]]) -> list[_Evidence]:
    """The sentences of each passage that are nearest to the claim, all at once."""
    return [_Evidence(tuple(sorted(own[:_TRIED], key=_start))) for own in ranked if len(own) >= _TRIED]


def _start(place: Place) -> int:
    return place[1]


def _within(own: Sequence[Place]) -> Iterator[tuple[Place, ...]]:
    before, after = _neighbours(own[0])
    yield from ((place, own[0]) for place in before)
    yield from ((own[0], place) for place in after)
    if len(own) > 1 and own[1] not in (*before, *after):
        yield tuple(sorted(own[:2], key=_start))


def _ranked(claim: str, passage: Passage) -> list[Place]:
    """The sentences of a passage that share words with the claim, those that share most first."""
    said = content(claim)
    found = [(len(said & content(passage.at(*place))), place) for place in _evidence(passage)]
    found.sort(key=lambda one: (-one[0], one[1]))
    return [(passage, *place) for shared, place in found if shared]


def _neighbours(place: Place) -> tuple[list[Place], list[Place]]:
    """The sentence before and the one after, where there are such."""
    passage, start, end = place
    spans = _evidence(passage)
    at = spans.index((start, end))
    return [(passage, *one) for one in spans[max(at - 1, 0) : at]], [(passage, *one) for one in spans[at + 1 : at + 2]]


@lru_cache(256)
def _evidence(passage: Passage) -> tuple[tuple[int, int], ...]:
    """The sentences of a passage that can support anything: no questions, and none that tells a model what to say."""
    start = passage.start
    orders = [(start + a, start + b) for a, b in find_injections(passage.text)]
    return tuple(
        place
        for place in sentences_of(passage)
        if not any(a < place[1] and place[0] < b for a, b in orders)
        and not (said := passage.at(*place)).rstrip("”\"'’)").endswith("?")
        and len(said.split()) >= _SENTENCE
    )
