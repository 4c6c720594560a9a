"""Extract the filters that a question states: publishers, days and the time it means (pure)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from rag.errors import FilterError
from rag.text.dates import find_days
from rag.text.time_expressions import Period, parse_periods
from rag.types import Filters, Passage

_PRESENT = re.compile(
    r"\b(?:this|last|past|next) (?:week|month|year|\w+day|weekend)"
    r"|\b(?:recent(?:ly)?|today|yesterday|now|currently|latest|just)\b"
    r"|\bon (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
    re.I,
)
"""What means the time at which it is asked."""
_NAMED = 0.15
"""Added to a passage's score for each of its publisher and its day that the question names."""
_RECENT = 0.7
"""Added to the score of a passage of the days up to that on which the question is asked."""
_LATELY = 4
"""Days that are all as recent; what is older counts less by the day, what is later cannot have been meant."""
_FADING = 20.0
"""Days in which recency falls to a third."""
_WITHIN = ((45, 0.15), (130, 0.1), (400, 0.05))
"""Added to the score of a passage from the time that the question names, by the greatest number of days of that time:
the shorter, the more it says."""
_AFTERMATH = 7
"""Days after a time in which articles still tell of it."""
_LEAD = 0.05
"""Added to the first passage of an article, which says what the rest is about."""
_LEAD_WITHIN = 50
ONLY = ", only articles of then"
"""What a trace says of a time that articles must be of."""


@dataclass(frozen=True, slots=True)
class QueryIntent:
    """Which articles a question means rather than others."""

    publishers: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    as_of: date | None = None
    present: bool = False
    """Whether it speaks of the time at which it is asked, as in “this week”."""
    periods: tuple[Period, ...] = ()
    """The stretches of time it names, seen from the day it is asked."""

    @classmethod
    def of(cls, question: str, filters: Filters, publishers: Iterable[str]) -> "QueryIntent":
        """What the question names, and when it is asked; FilterError when that is not a day."""
        as_of = date.fromisoformat(filters.as_of) if day_number(filters.as_of) else None
        present = bool(as_of and _PRESENT.search(question))
        named = frozenset(publishers_in(question, publishers)), frozenset(days_in(question))
        return cls(*named, as_of, present, tuple(parse_periods(question, as_of or date.today())))

    @property
    def particular(self) -> bool:
        """Whether it means some articles more than others."""
        return bool(self.publishers or self.days or self.as_of or self.periods)

    def names(self, day: str) -> bool:
        """Whether the question names a day."""
        return any(day.endswith(one) for one in self.days)

    def favour(self, passage: Passage) -> float:
        """What is added to the score of a passage."""
        named = (passage.source in self.publishers) + self.names(passage.date)
        lead = _LEAD if passage.start < _LEAD_WITHIN else 0.0
        return _NAMED * named + lead + _RECENT * self._closeness(passage.date) + self._timely(passage.date)

    def stale(self, passage: Passage) -> float:
        """How far, 0 to 1, a passage lies from the time that the question speaks of; 0 where it speaks of none."""
        return 1 - self._closeness(passage.date) if self.present and passage.date else 0.0

    def _timely(self, day: str) -> float:
        """What an article's day adds to its score where the question names a time."""
        near = (
            one
            for one in self.periods
            if day and one.days and one.first <= day and one.distance(day) <= _AFTERMATH and not self.names(day)
        )
        return max((_worth(one.days) for one in near), default=0.0)

    def _closeness(self, day: str) -> float:
        if self.as_of is None or not day:
            return 0.0
        age = (self.as_of - date.fromisoformat(day)).days
        recency = math.exp(-max(age - _LATELY, 0) / _FADING) if age >= -1 else 0.0
        # What happened last month is told then, and again now.
        away = [one.distance(day) for one in self.periods if one.relative and 0 < one.days <= _WITHIN[1][0]]
        return max([recency, *(math.exp(-max(days - _LATELY, 0) / _FADING) for days in away)])


def narrow_to_period(question: str, filters: Filters) -> tuple[Filters, str]:
    """The filters with the time in which the question says that articles were published, and how a trace tells it.

    What the filters say already is not changed. The text also tells of a time that articles are only favoured for.
    """
    as_of = date.fromisoformat(filters.as_of) if day_number(filters.as_of) else date.today()
    found = parse_periods(question, as_of)
    published = [one for one in found if one.published]
    if len(published) != 1 or filters.since or filters.until:
        return filters, "; ".join(f"{one}, favoured" for one in found)
    return replace(filters, since=published[0].first, until=published[0].last), f"{published[0]}{ONLY}"


def _worth(days: int) -> float:
    return next((worth for most, worth in _WITHIN if days <= most), 0.0)


def publishers_in(question: str, known: Iterable[str]) -> set[str]:
    """The publishers that the question names as they are written, each as whole words."""
    return {name for name in known if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", question)}


def days_in(question: str) -> set[str]:
    """The days that the question names, as the end of YYYY-MM-DD: `-06-12` where it leaves the year out."""
    return {str(day) for day in find_days(question)}


def day_number(text: str) -> int:
    """A day as YYYYMMDD; 0 for none, FilterError for what is not a day."""
    if not text:
        return 0
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise FilterError(f"{text!r} is not a day; write it as YYYY-MM-DD, such as 2024-01-05") from None
