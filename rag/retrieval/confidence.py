"""Calibrate the probability that a passage answers, from its search and reader scores (pure)."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.text.english import RELATIVE_DAYS, WEEKDAYS, any_of
from rag.text.words import has_words, join_words
from rag.types import Hit

# Near what `python -m train.judging` gives; see docs/decisions.md.
_READER_WEIGHT = 0.317
SEARCH_WEIGHT = 1.999
_COSINE_WEIGHT = 1.909
_AGREEMENT_WEIGHT = 2.0
_BIAS = -4.33
_HIGHEST_UNREAD = 0.97
"""The relevance that a passage is taken to have at most before it is read. More is rare. At .93 a fifth fewer passages
of news are read, and of every fifth answer some sentence is another."""
_BOUND = 0.002
"""Probabilities nearer to 0 or 1 than this count as this near."""
_WEEK_DAYS = 6
"""From so many days between two articles on, a bare “Friday” in both need not be one day."""
_RELATIVE_DAY = re.compile(rf"(?:on |last |next )?(?:{any_of(map(str.casefold, WEEKDAYS))}|{any_of(RELATIVE_DAYS)})")


def with_agreement(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits, each with its agreement: how much the other articles give the answer of its best span."""
    answers = [join_words(hit.span_text) for hit in hits]
    agreeing = []
    for hit, own in zip(hits, answers, strict=True):
        others: dict[str, float] = {}
        for other, answer in zip(hits, answers, strict=True):
            id = other.passage.article_id
            if other.reading is None or id == hit.passage.article_id:
                continue
            if is_same_answer(own, answer) and is_same_time(own, hit, other):
                others[id] = max(others.get(id, 0.0), other.reading.relevance)
        agreeing.append(replace(hit, agreement=math.log1p(sum(others.values()))))
    return agreeing


def is_same_answer(one: str, other: str) -> bool:
    """Whether the words of one answer stand in the other: “1970” in “in the spring of 1970”."""
    return has_words(one, other) or has_words(other, one)


def is_same_time(answer: str, one: Hit, other: Hit) -> bool:
    """Whether an answer means the same in the articles of two hits: a bare “Friday” does in those of one week only."""
    if not _RELATIVE_DAY.fullmatch(answer):
        return True
    first, second = one.passage.date, other.passage.date
    return bool(first and second) and abs((date.fromisoformat(first) - date.fromisoformat(second)).days) < _WEEK_DAYS


def answer_probability(hit: Hit) -> float:
    """Compute the probability that the best span of a hit answers; 0 for a hit that was not read."""
    return _combine_scores(hit, hit.reading.relevance) if hit.reading is not None else 0.0


def highest_expected(hits: Sequence[Hit]) -> float:
    """Compute the highest `answer_probability` that these hits can be expected to have once they are read."""
    return max((_combine_scores(hit, _HIGHEST_UNREAD) for hit in hits), default=0.0)


def _combine_scores(hit: Hit, relevance: float) -> float:
    known = SEARCH_WEIGHT * hit.score + _COSINE_WEIGHT * hit.likeness + _AGREEMENT_WEIGHT * hit.agreement
    return logistic(_READER_WEIGHT * logit(relevance) + known + _BIAS)


def logit(probability: float) -> float:
    """Compute the log odds of a probability, bounded."""
    inside = min(max(probability, _BOUND), 1 - _BOUND)
    return math.log(inside / (1 - inside))


def logistic(value: float) -> float:
    """Compute the probability of log odds."""
    return 1 / (1 + math.exp(-value))
