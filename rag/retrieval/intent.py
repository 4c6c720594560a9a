"""Boost the passages that a question means rather than others: its publishers, its days and its time (pure)."""

import math
from datetime import date

from rag.retrieval.query import Query
from rag.types import Passage

_NAMED = 0.15
"""Added to a passage's score for each of its publisher and its day that the question names."""
_RECENT = 0.7
"""Added to the score of a passage of the days up to that on which the question is asked."""
_RECENT_DAYS = 4
"""Days that are all as recent; what is older counts less by the day, what is later cannot have been meant."""
_FADING_DAYS = 20.0
"""Days in which recency falls to a third."""
_WITHIN = ((45, 0.15), (130, 0.1), (400, 0.05))
"""Added to the score of a passage from the time that the question names, by the greatest number of days of that time:
the shorter, the more it says."""
_AFTERMATH_DAYS = 7
"""Days after a time in which articles still tell of it."""
_LEAD = 0.05
"""Added to the first passage of an article, which says what the rest is about."""
_LEAD_CHARS = 50


def boost(query: Query, passage: Passage) -> float:
    """Compute what is added to the score of a passage for its publisher and day, where the question means such ones.

    The first passage of an article gets a little more for any question.
    """
    named = (passage.source in query.publishers) + query.names_day(passage.date)
    lead = _LEAD if passage.start < _LEAD_CHARS else 0.0
    return _NAMED * named + lead + _RECENT * _recency(query, passage.date) + _period_boost(query, passage.date)


def staleness(query: Query, passage: Passage) -> float:
    """Compute how far, 0 to 1, a passage lies from the present that the question speaks of; 0 where it does not."""
    return 1 - _recency(query, passage.date) if query.means_present and passage.date else 0.0


def _period_boost(query: Query, day: str) -> float:
    """Compute what an article's day adds to its score where the question names a time."""
    near = (
        period
        for period in query.periods
        if day
        and period.days
        and period.first <= day
        and period.distance(day) <= _AFTERMATH_DAYS
        and not query.names_day(day)
    )
    return max((_boost_of_length(period.days) for period in near), default=0.0)


def _boost_of_length(days: int) -> float:
    return next((added for most, added in _WITHIN if days <= most), 0.0)


def _recency(query: Query, day: str) -> float:
    """Compute how near, 0 to 1, a day is to that on which the question is asked, or to the time that it means.

    0 where the day of the question or of the article is not stated.
    """
    if query.as_of is None or not day:
        return 0.0
    age = (query.as_of - date.fromisoformat(day)).days
    recency = math.exp(-max(age - _RECENT_DAYS, 0) / _FADING_DAYS) if age >= -1 else 0.0
    # What happened last month is told then, and again now.
    away = [period.distance(day) for period in query.periods if period.relative and 0 < period.days <= _WITHIN[1][0]]
    return max([recency, *(math.exp(-max(days - _RECENT_DAYS, 0) / _FADING_DAYS) for days in away)])
