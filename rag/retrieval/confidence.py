"""Calibrate the probability that a passage answers, from its search and reader scores (pure)."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.types import Hit

# The last three are what `python -m train.judging` gives, the others near it; see docs/decisions.md.
_READ = 0.317
_FOUND = 1.999
_LIKE = 1.909
_AGREED = 2.0
_BIAS = -4.33
_SHARPNESS = 0.819
_STALE = -4.053
_SHIFT = 1.506
_BOUND = 0.002
"""Probabilities nearer to 0 or 1 than this are not told apart."""
_WORD = re.compile(r"\w+")


def with_agreement(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, each with how much the other articles say what its best span says."""
    said = [words_of(hit.span_text) for hit in hits]
    found = []
    for hit, own in zip(hits, said, strict=True):
        others: dict[str, float] = {}
        for other, words in zip(hits, said, strict=True):
            id = other.passage.article_id
            if other.reading is not None and id != hit.passage.article_id and same(own, words):
                others[id] = max(others.get(id, 0.0), other.reading.relevance)
        found.append(replace(hit, agreement=math.log1p(sum(others.values()))))
    return found


def words_of(text: str) -> str:
    """The words alone, in lower case and one space apart, so that answers can be compared."""
    return " ".join(_WORD.findall(text.casefold()))


def same(one: str, other: str) -> bool:
    """Whether the words of one answer stand in the other: “1970” in “in the spring of 1970”."""
    return bool(one and other) and (f" {one} " in f" {other} " or f" {other} " in f" {one} ")


def answer_probability(hit: Hit) -> float:
    """The probability that the passage's best span answers; 0 for one that was not read."""
    return _joined(hit, hit.reading.relevance) if hit.reading is not None else 0.0


def upper_bound(hits: Sequence[Hit]) -> float:
    """What the best of `answer_probability` would be at most, whatever a reader finds in these passages."""
    return max((_joined(hit, 1.0) for hit in hits), default=0.0)


def confidence(hits: Sequence[Hit]) -> float:
    """The probability that the best answer that the passages hold is a right one; 0 where there is none."""
    read = [hit for hit in hits if hit.reading is not None]
    return _calibrated(max(read, key=answer_probability)) if read else 0.0


def log_odds(hit: Hit) -> float:
    """The logarithm of the odds that it answers, without what the question favours.

    What is favoured is more likely meant, which makes it no more likely right.
    """
    return logit(answer_probability(hit)) - _FOUND * hit.favour


def _calibrated(best: Hit) -> float:
    return logistic(_SHARPNESS * log_odds(best) + _STALE * best.stale + _SHIFT)


def _joined(hit: Hit, relevance: float) -> float:
    known = _FOUND * hit.score + _LIKE * hit.likeness + _AGREED * hit.agreement
    return logistic(_READ * logit(relevance) + known + _BIAS)


def logit(probability: float) -> float:
    """The logarithm of the odds, bounded."""
    inside = min(max(probability, _BOUND), 1 - _BOUND)
    return math.log(inside / (1 - inside))


def logistic(value: float) -> float:
    """The probability with these odds."""
    return 1 / (1 + math.exp(-value))
