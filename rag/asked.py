"""What a question says about the articles it means: their publisher, their day, the time it is asked (pure)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rag.errors import FilterError
from rag.types import Filters, Passage

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = "|".join(f"{name}|{name[:4]}\\.|{name[:3]}\\.?" for name in _MONTHS)
_DAY = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b|\b(\d{{4}})-(\d\d)-(\d\d)\b")
_NAMED = 0.15
"""Added to a passage's score for each of its publisher and its day that the question names."""
_RECENT = 0.7
"""Added to the score of a passage of the very day on which the question is asked; half of it two weeks away."""
_WEEKS = 20.0
_LEAD = 0.05
"""Added to the first passage of an article, which says what the rest is about."""
_LEAD_WITHIN = 50


@dataclass(frozen=True, slots=True)
class Meant:
    """Which articles a question means rather than others."""

    publishers: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    as_of: date | None = None

    @classmethod
    def of(cls, question: str, filters: Filters, publishers: Iterable[str]) -> "Meant":
        """What the question names, and when it is asked; FilterError when that is not a day."""
        as_of = date.fromisoformat(filters.as_of) if day_number(filters.as_of) else None
        return cls(frozenset(publishers_in(question, publishers)), frozenset(days_in(question)), as_of)

    @property
    def particular(self) -> bool:
        """Whether it means some articles more than others."""
        return bool(self.publishers or self.days or self.as_of)

    def favour(self, passage: Passage) -> float:
        """What is added to the score of a passage."""
        named = (passage.source in self.publishers) + any(passage.date.endswith(day) for day in self.days)
        lead = _LEAD if passage.start < _LEAD_WITHIN else 0.0
        return _NAMED * named + lead + _RECENT * self._closeness(passage.date)

    def _closeness(self, day: str) -> float:
        if self.as_of is None or not day:
            return 0.0
        return math.exp(-abs((self.as_of - date.fromisoformat(day)).days) / _WEEKS)


def publishers_in(question: str, known: Iterable[str]) -> set[str]:
    """The publishers that the question names as they are written, each as whole words."""
    return {name for name in known if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", question)}


def days_in(question: str) -> set[str]:
    """The days that the question names, as the end of YYYY-MM-DD: `-06-12` where it leaves the year out."""
    found = set()
    for month, day, year, *iso in _DAY.findall(question):
        if iso[0]:
            found.add("-".join(iso))
        else:
            number = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(month[:3]))
            found.add(f"{year}-{number:02}-{int(day):02}")
    return found


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
