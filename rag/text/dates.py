"""Parse days as texts name them (pure)."""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from rag.errors import FilterError
from rag.text.english import MONTHS, RELATIVE_DAYS, WEEKDAYS, any_of

DATE_NOTE = "date_note"
"""The name in an article's metadata under which stands why its day of publication is not certain."""
MONTH = "|".join(f"{name}|{name[:4]}\\.|{name[:3]}\\.?" for name in MONTHS)
"""A regular expression for the name of a month, in full or short."""
MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
"""The numbers of the months, by the first three letters of their names, in lower case."""
NAMED_DAY = re.compile(
    rf"\b(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{MONTH})(?!\w)(?:,?\s+(?P<year2>\d{{4}})\b)?"
    r"|\b(?P<iso>\d{4}-\d\d-\d\d)\b"
)
_WEEKDAY = re.compile(rf"\b{any_of(WEEKDAYS)}\b")
_RELATIVE = re.compile(rf"\b{any_of(RELATIVE_DAYS)}\b", re.I)


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
        """Return YYYY-MM-DD, or -MM-DD without a year."""
        return f"{self.year or ''}-{self.month:02}-{self.day:02}"


def find_days(text: str) -> list[Day]:
    """Find the days that a text names with month and day of the month, or as YYYY-MM-DD; they need not exist."""
    days = []
    for match in NAMED_DAY.finditer(text):
        if match["iso"]:
            days.append(Day(*map(int, match["iso"].split("-"))))
        else:
            name, day, year = (match[key] or match[f"{key}2"] for key in ("month", "day", "year"))
            days.append(Day(int(year or 0), MONTH_NUMBERS[name[:3].lower()], int(day)))
    return days


def parse_day_number(text: str) -> int:
    """Parse a day, YYYY-MM-DD, as the number YYYYMMDD; 0 for an empty text, FilterError for what is not a day."""
    if not text:
        return 0
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise FilterError(f"{text!r} is not a day; write it as YYYY-MM-DD, such as 2024-01-05") from None


def days_on(day: date, days: int) -> date:
    """Return the day so many days on, or back; the calendar's last or first one where it goes no further."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def in_year(day: date, year: int) -> date:
    """Return the same day of another year, or of the nearest in the calendar; 28 February where it has no 29th."""
    year = min(max(year, date.min.year), date.max.year)
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def find_relative_days(text: str, published: str) -> list[Day]:
    """Find the days that a text means by a weekday or “yesterday”, seen from the day it was published, YYYY-MM-DD.

    For a weekday these are the last one, that day included, and the next one. None where `published` is empty.
    """
    if not published:
        return []
    day = date.fromisoformat(published)
    shifts = [RELATIVE_DAYS[match[0].lower()] for match in _RELATIVE.finditer(text)]
    for match in _WEEKDAY.finditer(text):
        back = (day.weekday() - WEEKDAYS.index(match[0])) % 7
        shifts += [-back, 7 - back]
    shifted = [days_on(day, shift) for shift in shifts]
    return [Day(other.year, other.month, other.day) for other in shifted]


def find_weekdays(text: str, published: str = "") -> set[str]:
    """Find the weekdays that a text names and, given the day it was published, those of its dates and “yesterday”."""
    weekdays = set(_WEEKDAY.findall(text))
    if not published:
        return weekdays
    for day in (*find_days(text), *find_relative_days(_WEEKDAY.sub("", text), published)):
        with suppress(ValueError):
            weekdays.add(WEEKDAYS[date(day.year or int(published[:4]), day.month, day.day).weekday()])
    return weekdays
