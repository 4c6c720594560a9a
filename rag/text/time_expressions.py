"""Parse the time expressions of a question, relative to the day it is asked (pure)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from rag.text.dates import MONTHS, NAMED_DAY, WEEKDAYS, days_on, in_year

_SHORT = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_COUNTS = {word: number for number, word in enumerate(_NUMBERS, 1)} | {"a": 1, "an": 1, "a few": 3, "several": 3}
_PARTS = {"early": (0, 4), "mid": (4, 8), "late": (8, 12)}
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}

_MONTH = "|".join(f"{name}|{name[:4]}\\.|{name[:3]}\\.?" for name in MONTHS)
_YEAR = r"(?:19|20)\d\d"
_BEFORE_MONTH = (
    "in|of|during|since|after|before|until|till|by|from|to|and|between|throughout|through|early|mid|late|last|this|past"
)
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_PERIOD = re.compile(
    rf"(?P<day>{NAMED_DAY.pattern.replace('?P<', '?P<d_')})"
    rf"|\b(?:(?P<m_part>[Ee]arly|[Mm]id|[Ll]ate)[ -])?(?P<month>{_MONTH})(?:,? of)?,? (?P<m_year>{_YEAR})\b"
    rf"|(?:(?<=\b)(?:{_BEFORE_MONTH})(?: the (?:month|end|start|beginning) of)?[ -])"
    rf"(?P<bare>{_MONTH})(?!\w)(?!(?:,? of)?\.?,? ?\d)"
    rf"|\b(?:(?P<which>[Ll]ast|[Tt]his|[Pp]ast) )?(?P<season>spring|summer|autumn|fall|winter)"
    rf"(?:(?: of)? (?P<s_year>{_YEAR}))?\b"
    rf"|\b(?P<nth>first|second|third|fourth|last) (?P<slice>half|quarter) of (?P<h_year>{_YEAR})\b"
    rf"|\b(?P<y_part>early|mid|late)[ -](?P<p_year>{_YEAR})\b"
    r"|(?:\b(?:in|of|during|since|after|before|until|by|from|to|and|between|throughout)(?: the year)? )"
    rf"(?P<year>{_YEAR})\b"
    r"|\b(?P<near>today|yesterday|the day before yesterday|this morning|tonight)\b"
    r"|\b(?P<step>this|last|past|previous) (?P<unit>week|weekend|month|year)\b"
    rf"|\b(?P<ago>{_COUNT}|\d{{1,3}}) (?P<a_unit>day|week|month|year)s? (?:ago|earlier)\b"
    rf"|\b(?:last|past|previous) (?P<past>{_COUNT}|\d{{1,3}}) (?P<p_unit>day|week|month|year)s\b"
    rf"|\b(?:on|last|since|this|past) (?P<weekday>{'|'.join(WEEKDAYS)})\b"
)
_OPENING = re.compile(
    r"\b(since|after|following|before|prior to|until|till|up to|by)\b(?: \S+){0,5}?(?: of| in| on)?\s*$", re.I
)
_JOINED = re.compile(r"\s*(?:,\s*)?(?:and|to|until|till|through|[–-])\s*", re.I)
_LINK = r"(?: (?:in|on|from|of|during|since|between|after|before|until|by|over|for))?(?: the)?\s*$"
_PUBLISHED = re.compile(
    rf"\b(?:reported|articles?|stories|story|coverage|headlines?|news|did\b[^?]{{1,60}}\breport(?! of| from)|"
    rf"(?:articles?|stories|story|news)\b[^?]{{0,60}}\b(?:published|printed|written|posted)|"
    rf"^\W*what (?:was|did)\b[^?]{{0,60}}\b(?:published|printed|written|write|posted)){_LINK}",
    re.I,
)
"""What stands before a time of publication; books and laws are published too, so that word alone says too little."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included, as YYYY-MM-DD; an empty one is open."""

    first: str
    last: str
    said: str
    """The words that name it."""
    published: bool = False
    """Whether the question says that articles are of that time, not only what they tell of."""
    relative: bool = False
    """Whether it is seen from the day on which the question is asked."""

    @property
    def days(self) -> int:
        """How many days it has; 0 where it is open."""
        if not (self.first and self.last):
            return 0
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1

    def distance(self, day: str) -> int:
        """Days from the nearest day of the period; 0 within."""
        if self.first and day < self.first:
            return (date.fromisoformat(self.first) - date.fromisoformat(day)).days
        if self.last and day > self.last:
            return (date.fromisoformat(day) - date.fromisoformat(self.last)).days
        return 0

    def __str__(self) -> str:
        """As a trace shows it."""
        if self.first == self.last:
            return f"“{self.said}”: {self.first}"
        return f"“{self.said}”: {f'{self.first} to {self.last}' if self.first and self.last else self._open}"

    @property
    def _open(self) -> str:
        return f"from {self.first} on" if self.first else f"up to {self.last}"


@dataclass(frozen=True, slots=True)
class _Named:
    """A stretch of time and where it stands in the question."""

    first: date
    last: date
    start: int
    end: int
    relative: bool = False
    yearless: bool = False


def periods(question: str, today: date) -> list[Period]:
    """The stretches of time that a question names, in its order; `today` is the day on which it is asked."""
    named = [found for match in _PERIOD.finditer(question) if (found := _named(match, today)) is not None]
    ranges = list[Period]()
    while named:
        one = named.pop(0)
        opening = _OPENING.search(question[: one.start])
        between = re.search(r"\b(?:between|from)\b(?: the)?\s*$", question[: one.start], re.I)
        if named and between and _JOINED.fullmatch(question[one.end : named[0].start].replace(" of ", " ")):
            ranges.append(_range(question, one, named.pop(0), between.start()))
        elif opening:
            ranges.append(_opened(question, one, opening, today))
        else:
            ranges.append(_period(question, one.first, one.last, one.start, one.end, one.relative))
    return [one for one in ranges if not (one.first and one.last) or one.first <= one.last]


def _named(match: re.Match[str], today: date) -> _Named | None:
    """The stretch of time that a match means; None where the calendar does not have it."""
    start, end = _place(match)
    try:
        for reading in (_absolute, _seen_from):
            if (found := reading(match, today)) is not None:
                first, last, relative = found
                yearless = bool(match["bare"]) or bool(match["day"] and relative)
                return _Named(first, last, start, end, relative, yearless)
    except (ValueError, OverflowError):
        return None
    return None


def _place(match: re.Match[str]) -> tuple[int, int]:
    """Where the words stand, without the preposition before a month or a year."""
    for group in ("bare", "year", "weekday"):
        if match[group]:
            return match.span(group)
    return match.span()


def _absolute(match: re.Match[str], today: date) -> tuple[date, date, bool] | None:
    """A day, month, season, part of a year or year; without a year, the last one that has begun."""
    if match["day"]:
        return _day(match, today)
    if name := match["month"] or match["bare"]:
        number = _SHORT[name[:3].lower()]
        year = int(match["m_year"] or 0) or (today.year if number <= today.month else today.year - 1)
        first, last = date(year, number, 1), date(year, number, monthrange(year, number)[1])
        thirds = {"early": (1, 10), "mid": (11, 20), "late": (21, last.day)}
        if part := (match["m_part"] or "").lower():
            return first.replace(day=thirds[part][0]), first.replace(day=thirds[part][1]), False
        return first, last, not match["m_year"]
    if match["season"]:
        return _season(match, today)
    if match["h_year"]:
        size = 6 if match["slice"] == "half" else 3
        place = _ORDINALS[match["nth"]] % (12 // size)
        return *_months(int(match["h_year"]), place * size, (place + 1) * size), False
    if match["p_year"]:
        return *_months(int(match["p_year"]), *_PARTS[match["y_part"]]), False
    if match["year"]:
        return *_months(int(match["year"]), 0, 12), False
    return None


def _day(match: re.Match[str], today: date) -> tuple[date, date, bool]:
    if iso := match["d_iso"]:
        return date.fromisoformat(iso), date.fromisoformat(iso), False
    name, day, year = (match[f"d_{key}"] or match[f"d_{key}2"] for key in ("month", "day", "year"))
    number = _SHORT[name[:3].lower()]
    found = date(int(year or today.year), number, int(day))
    if not year and found > today:
        found = found.replace(year=today.year - 1)
    return found, found, not year


def _season(match: re.Match[str], today: date) -> tuple[date, date, bool] | None:
    """Three months, from December on for winter; one without a year only behind “last” or “this”."""
    if not (match["s_year"] or match["which"]):
        return None
    begins = _SEASONS[match["season"]]
    year = int(match["s_year"] or 0)
    if not year:
        year = today.year if date(today.year, begins, 1) <= today else today.year - 1
        if (match["which"] or "").lower() != "this" and _after(year, begins) > today:
            year -= 1
    return date(year, begins, 1), _after(year, begins) - timedelta(1), not match["s_year"]


def _after(year: int, begins: int) -> date:
    """The day after the three months from a month on."""
    return date(year + (begins + 3 > 12), (begins + 2) % 12 + 1, 1)


def _months(year: int, start: int, end: int) -> tuple[date, date]:
    """The first and the last day of some months of a year, counted from 0, the end left out."""
    return date(year, start + 1, 1), date(year, end, monthrange(year, end)[1])


def _seen_from(match: re.Match[str], today: date) -> tuple[date, date, bool] | None:
    """A stretch of time that is told from the day on which the question is asked."""
    if match["near"]:
        back = {"yesterday": 1, "the day before yesterday": 2}.get(match["near"], 0)
        return today - timedelta(back), today - timedelta(back), True
    if match["unit"]:
        return *_step(match["step"] == "this", match["unit"], today), True
    if match["ago"]:
        count, unit = _count(match["ago"]), match["a_unit"]
        middle = _back(today, count, unit)
        slack = {"day": 0, "week": 3, "month": 15, "year": 182}[unit]
        return middle - timedelta(slack), middle + timedelta(slack), True
    if match["past"]:
        return _back(today, _count(match["past"]), match["p_unit"]), today, True
    if match["weekday"]:
        day = today - timedelta((today.weekday() - WEEKDAYS.index(match["weekday"])) % 7)
        return day, day, True
    return None


def _step(is_this: bool, unit: str, today: date) -> tuple[date, date]:
    """This week or month or the one before; the days just passed count to “last week” and “this week” alike."""
    if unit in ("week", "weekend"):
        monday = today - timedelta(today.weekday())
        if unit == "weekend":
            saturday = monday + timedelta(5) if is_this and today.weekday() >= 5 else monday - timedelta(2)
            return saturday, saturday + timedelta(1)
        return (today - timedelta(7), today) if is_this else (monday - timedelta(7), max(monday - timedelta(1), today))
    if unit == "month":
        first = today.replace(day=1)
        return (first, today) if is_this else ((first - timedelta(1)).replace(day=1), first - timedelta(1))
    year = today.year if is_this else today.year - 1
    return date(year, 1, 1), min(date(year, 12, 31), today)


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word.lower()]


def _back(today: date, count: int, unit: str) -> date:
    return today - timedelta(count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit])


def _range(question: str, one: _Named, other: _Named, start: int) -> Period:
    """From one stretch to another; a month before “July 2023” is of the same year unless it comes later in it."""
    first = one.first
    if one.yearless and not other.yearless:
        first = in_year(first, other.first.year)
    if first > other.last:
        first = in_year(first, other.last.year - (first.month > other.last.month))
    return _period(question, first, other.last, start, other.end, one.relative and other.relative)


def _opened(question: str, one: _Named, opening: re.Match[str], today: date) -> Period:
    """From a stretch on, or up to it."""
    word, start = opening[1].lower(), opening.start()
    if word in ("since", "after", "following"):
        return _period(question, one.first, today, start, one.end, one.relative)
    last = days_on(one.first, -1) if word in ("before", "prior to") else one.last
    return _period(question, None, last, start, one.end, one.relative)


def _period(question: str, first: date | None, last: date, start: int, end: int, relative: bool) -> Period:
    published = bool(_PUBLISHED.search(question[:start]))
    return Period(first.isoformat() if first else "", last.isoformat(), question[start:end], published, relative)
