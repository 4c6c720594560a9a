"""Parse days as texts name them (pure)."""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

_MONTH = "|".join(f"{name}|{name[:4]}\\.|{name[:3]}\\.?" for name in MONTHS)
NAMED_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{_MONTH})(?!\w)(?:,?\s+(?P<year2>\d{{4}})\b)?"
    r"|\b(?P<iso>\d{4}-\d\d-\d\d)\b"
)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b")
_NEAR = {"today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0}
_NEAR |= {"yesterday": -1, "overnight": -1, "tomorrow": 1}
_RELATIVE = re.compile(rf"\b(?:{'|'.join(_NEAR)})\b", re.I)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as far as it is named; the year is 0 where it is left out."""

    year: int
    month: int
    day: int

    def agrees(self, other: "Day") -> bool:
        """Whether both may be the same day."""
        same = (self.month, self.day) == (other.month, other.day)
        return same and (self.year == other.year or not (self.year and other.year))

    def __str__(self) -> str:
        """As YYYY-MM-DD, or -MM-DD without a year."""
        return f"{self.year or ''}-{self.month:02}-{self.day:02}"


def find_days(text: str) -> list[Day]:
    """The days that a text names with month and day of the month, or as YYYY-MM-DD."""
    found = []
    for match in NAMED_DAY.finditer(text):
        if match["iso"]:
            found.append(Day(*map(int, match["iso"].split("-"))))
        else:
            name, day, year = (match[key] or match[f"{key}2"] for key in ("month", "day", "year"))
            number = next(place for place, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))
            found.append(Day(int(year or 0), number, int(day)))
    return found


def days_on(day: date, days: int) -> date:
    """Return the day so many days on, or back; the calendar's last or first one where it goes no further."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def in_year(day: date, year: int) -> date:
    """Return the same day of another year: 28 February for the 29th, and the nearest year that the calendar has."""
    year = min(max(year, date.min.year), date.max.year)
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def meant_days(text: str, published: str) -> list[Day]:
    """The days that a text means by a weekday or by “yesterday”, seen from the day of publication, YYYY-MM-DD."""
    if not published:
        return []
    day = date.fromisoformat(published)
    shifts = [_NEAR[match[0].lower()] for match in _RELATIVE.finditer(text)]
    for match in _WEEKDAY.finditer(text):
        back = (day.weekday() - WEEKDAYS.index(match[0])) % 7
        shifts += [-back, 7 - back]
    return [Day(one.year, one.month, one.day) for one in (days_on(day, shift) for shift in shifts)]


def weekdays(text: str, published: str = "") -> set[str]:
    """The names of the weekdays that a text mentions, and of the days that it names or means when it was published."""
    found, days = set(_WEEKDAY.findall(text)), find_days(text) if published else []
    for day in (*days, *meant_days(_WEEKDAY.sub("", text), published)):
        with suppress(ValueError):
            found.add(WEEKDAYS[date(day.year or int(published[:4]), day.month, day.day).weekday()])
    return found
