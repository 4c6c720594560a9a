"""What a question says about the articles it means: their publisher, their day, the time it is asked (pure)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rag.days import named_days
from rag.errors import FilterError
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
_LEAD = 0.05
"""Added to the first passage of an article, which says what the rest is about."""
_LEAD_WITHIN = 50


@dataclass(frozen=True, slots=True)
class Meant:
    """Which articles a question means rather than others."""

    publishers: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    as_of: date | None = None
    present: bool = False
    """Whether it speaks of the time at which it is asked, as in “this week”."""

    @classmethod
    def of(cls, question: str, filters: Filters, publishers: Iterable[str]) -> "Meant":
        """What the question names, and when it is asked; FilterError when that is not a day."""
        as_of = date.fromisoformat(filters.as_of) if day_number(filters.as_of) else None
        present = bool(as_of and _PRESENT.search(question))
        return cls(frozenset(publishers_in(question, publishers)), frozenset(days_in(question)), as_of, present)

    @property
    def particular(self) -> bool:
        """Whether it means some articles more than others."""
        return bool(self.publishers or self.days or self.as_of)

    def names(self, day: str) -> bool:
        """Whether the question names a day."""
        return any(day.endswith(one) for one in self.days)

    def favour(self, passage: Passage) -> float:
        """What is added to the score of a passage."""
        named = (passage.source in self.publishers) + self.names(passage.date)
        lead = _LEAD if passage.start < _LEAD_WITHIN else 0.0
        return _NAMED * named + lead + _RECENT * self._closeness(passage.date)

    def stale(self, passage: Passage) -> float:
        """How far, 0 to 1, a passage lies from the time that the question speaks of; 0 where it speaks of none."""
        return 1 - self._closeness(passage.date) if self.present and passage.date else 0.0

    def _closeness(self, day: str) -> float:
        if self.as_of is None or not day:
            return 0.0
        age = (self.as_of - date.fromisoformat(day)).days
        return math.exp(-max(age - _LATELY, 0) / _FADING) if age >= -1 else 0.0


def publishers_in(question: str, known: Iterable[str]) -> set[str]:
    """The publishers that the question names as they are written, each as whole words."""
    return {name for name in known if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", question)}


def days_in(question: str) -> set[str]:
    """The days that the question names, as the end of YYYY-MM-DD: `-06-12` where it leaves the year out."""
    return {str(day) for day in named_days(question)}


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
