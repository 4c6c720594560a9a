"""Parse the time expressions of a question, relative to the day it is asked (pure)."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from rag.text.dates import MONTH, MONTH_NUMBERS, NAMED_DAY, days_on, in_year
from rag.text.english import COUNTS, ORDINALS, PARTS_OF_YEAR, SEASONS, WEEKDAYS, any_of

_YEAR = r"(?:19|20)\d\d"
_BEFORE_MONTH = (
    "in|of|during|since|after|before|until|till|by|from|to|and|between|throughout|through|early|mid|late|last|this|past"
)
_COUNT = any_of(COUNTS)
_PERIOD = re.compile(
    rf"(?P<day>{NAMED_DAY.pattern.replace('?P<', '?P<d_')})"
    rf"|\b(?:(?P<m_part>[Ee]arly|[Mm]id|[Ll]ate)[ -])?(?P<month>{MONTH})(?:,? of)?,? (?P<m_year>{_YEAR})\b"
    rf"|(?:(?<=\b)(?:{_BEFORE_MONTH})(?: the (?:month|end|start|beginning) of)?[ -])"
    rf"(?P<bare>{MONTH})(?!\w)(?!(?:,? of)?\.?,? ?\d)"
    rf"|\b(?:(?P<which>[Ll]ast|[Tt]his|[Pp]ast) )?(?P<season>{any_of(SEASONS)})"
    rf"(?:(?: of)? (?P<s_year>{_YEAR}))?\b"
    rf"|\b(?P<nth>first|second|third|fourth|last) (?P<slice>half|quarter) of (?P<h_year>{_YEAR})\b"
    rf"|\b(?P<y_part>early|mid|late)[ -](?P<p_year>{_YEAR})\b"
    r"|(?:\b(?:in|of|during|since|after|before|until|by|from|to|and|between|throughout)(?: the year)? )"
    rf"(?P<year>{_YEAR})\b"
    r"|\b(?P<near>today|yesterday|the day before yesterday|this morning|tonight)\b"
    r"|\b(?P<step>this|last|past|previous) (?P<unit>week|weekend|month|year)\b"
    rf"|\b(?P<ago>{_COUNT}|\d{{1,3}}) (?P<a_unit>day|week|month|year)s? (?:ago|earlier)\b"
    rf"|\b(?:last|past|previous) (?P<past>{_COUNT}|\d{{1,3}}) (?P<p_unit>day|week|month|year)s\b"
    rf"|\b(?:on|last|since|this|past) (?P<weekday>{any_of(WEEKDAYS)})\b"
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


_YEAR_BEHIND = re.compile(
    rf"\b(?P<part>(?:{MONTH})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?|{any_of(SEASONS)}),?(?: of)? (?P<year>{_YEAR})\b"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included, as YYYY-MM-DD; an empty one is open."""

    first: str
    last: str
    words: str
    """The words that name it."""
    published: bool = False
    """Whether the question says that articles are of that time, not only what they tell of."""
    relative: bool = False
    """Whether it is seen from the day on which the question is asked."""
    yearless: bool = False
    """Whether it is a day or month of the calendar whose year the question leaves out."""

    def in_year(self, year: int) -> "Period":
        """Return the same days of the calendar in another year, in which the period begins."""
        shift = year - int(self.first[:4])
        first, last = (
            in_year(day, day.year + shift).isoformat() for day in map(date.fromisoformat, (self.first, self.last))
        )
        return replace(self, first=first, last=last)

    def extend(self, days: int) -> "Period":
        """Return the period with so many days behind it, where it has an end."""
        return replace(self, last=days_on(date.fromisoformat(self.last), days).isoformat()) if self.last else self

    @property
    def days(self) -> int:
        """Number of its days; 0 where it is open."""
        if not (self.first and self.last):
            return 0
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1

    def distance(self, day: str) -> int:
        """Return the days from a day to the nearest one of the period; 0 within."""
        if self.first and day < self.first:
            return (date.fromisoformat(self.first) - date.fromisoformat(day)).days
        if self.last and day > self.last:
            return (date.fromisoformat(day) - date.fromisoformat(self.last)).days
        return 0

    def __str__(self) -> str:
        """Return the period as a trace shows it: its words and its days."""
        if self.first == self.last:
            return f"“{self.words}”: {self.first}"
        return f"“{self.words}”: {f'{self.first} to {self.last}' if self.first and self.last else self._open_end}"

    @property
    def _open_end(self) -> str:
        return f"from {self.first} on" if self.first else f"up to {self.last}"


class _Interval(NamedTuple):
    """The days that an expression means, both included."""

    first: date
    last: date
    relative: bool = False
    """Whether it is seen from the day on which the question is asked."""


@dataclass(frozen=True, slots=True)
class _Expression:
    """A time expression: the days it means, and where its words stand in the question."""

    first: date
    last: date
    start: int
    end: int
    relative: bool = False
    yearless: bool = False


def find_period_words(text: str) -> list[str]:
    """Find the words by which a text names days and stretches of time, as they are written."""
    return [match[0] for match in _PERIOD.finditer(text)]


def remove_year(question: str, year: str) -> str:
    """Remove a year behind a month, a day or a season, as articles of that year leave it out themselves.

    >>> remove_year("What did bread cost in March 2024?", "2024")
    'What did bread cost in March?'
    """
    return _YEAR_BEHIND.sub(lambda match: match["part"] if match["year"] == year else match[0], question)


def parse_periods(question: str, today: date) -> list[Period]:
    """Parse the periods that a question names, in its order; `today` is the day on which it is asked."""
    matches = _PERIOD.finditer(question)
    expressions = [parsed for match in matches if (parsed := _parse_expression(match, today)) is not None]
    periods = list[Period]()
    while expressions:
        expression = expressions.pop(0)
        opening = _OPENING.search(question[: expression.start])
        between = re.search(r"\b(?:between|from)\b(?: the)?\s*$", question[: expression.start], re.I)
        if expressions and between and _is_range_connector(question[expression.end : expressions[0].start]):
            periods.append(_make_range(question, expression, expressions.pop(0), start=between.start()))
        elif opening:
            periods.append(_make_open_period(question, expression, opening, today=today))
        else:
            words = slice(expression.start, expression.end)
            relative = expression.relative
            period = _make_period(question, expression.first, expression.last, words=words, relative=relative)
            periods.append(replace(period, yearless=expression.yearless))
    return [period for period in periods if not (period.first and period.last) or period.first <= period.last]


def _is_range_connector(between: str) -> bool:
    """Whether what stands between two expressions makes a range of them."""
    return _JOINED.fullmatch(between.replace(" of ", " ")) is not None


def _parse_expression(match: re.Match[str], today: date) -> _Expression | None:
    """Parse one match; None where the calendar does not have that day, or for a season of no stated year."""
    start, end = _locate_words(match)
    try:
        interval = _parse_absolute(match, today) or _parse_relative(match, today)
    except (ValueError, OverflowError):
        return None
    if interval is None:
        return None
    yearless = bool(match["bare"]) or bool(match["day"] and interval.relative)
    return _Expression(interval.first, interval.last, start, end, relative=interval.relative, yearless=yearless)


def _locate_words(match: re.Match[str]) -> tuple[int, int]:
    """Locate the words, without the preposition before a month or a year."""
    for group in ("bare", "year", "weekday"):
        if match[group]:
            return match.span(group)
    return match.span()


def _parse_absolute(match: re.Match[str], today: date) -> _Interval | None:
    """Parse a day, month, season, part of a year or year, without a year the last that has begun; else None."""
    if match["day"]:
        return _parse_day(match, today)
    if name := match["month"] or match["bare"]:
        return _parse_month(match, name, today)
    if match["season"]:
        return _parse_season(match, today)
    if match["h_year"]:
        size = 6 if match["slice"] == "half" else 3
        part = ORDINALS[match["nth"]] % (12 // size)
        return _span_months(int(match["h_year"]), part * size, (part + 1) * size)
    if match["p_year"]:
        return _span_months(int(match["p_year"]), *PARTS_OF_YEAR[match["y_part"]])
    if match["year"]:
        return _span_months(int(match["year"]), 0, 12)
    return None


def _parse_day(match: re.Match[str], today: date) -> _Interval:
    if iso := match["d_iso"]:
        return _Interval(date.fromisoformat(iso), date.fromisoformat(iso))
    name, day, year = (match[f"d_{key}"] or match[f"d_{key}2"] for key in ("month", "day", "year"))
    number = MONTH_NUMBERS[name[:3].lower()]
    parsed = date(int(year or today.year), number, int(day))
    if not year and parsed > today:
        parsed = parsed.replace(year=today.year - 1)
    return _Interval(parsed, parsed, relative=not year)


def _parse_month(match: re.Match[str], name: str, today: date) -> _Interval:
    """Parse a month, or the early, middle or late third of one."""
    number = MONTH_NUMBERS[name[:3].lower()]
    year = int(match["m_year"] or 0) or (today.year if number <= today.month else today.year - 1)
    first = date(year, number, 1)
    last = date(year, number, monthrange(year, number)[1])
    thirds = {"early": (1, 10), "mid": (11, 20), "late": (21, last.day)}
    if part := (match["m_part"] or "").lower():
        return _Interval(first.replace(day=thirds[part][0]), first.replace(day=thirds[part][1]))
    return _Interval(first, last, relative=not match["m_year"])


def _parse_season(match: re.Match[str], today: date) -> _Interval | None:
    """Parse three months, from December on for winter; a season without a year only behind “last” or “this”."""
    if not (match["s_year"] or match["which"]):
        return None
    first_month = SEASONS[match["season"]]
    year = int(match["s_year"] or 0)
    if not year:
        year = today.year if date(today.year, first_month, 1) <= today else today.year - 1
        if (match["which"] or "").lower() != "this" and _day_after_season(year, first_month) > today:
            year -= 1
    last = _day_after_season(year, first_month) - timedelta(1)
    return _Interval(date(year, first_month, 1), last, relative=not match["s_year"])


def _day_after_season(year: int, first_month: int) -> date:
    """Return the day after the three months that begin with a month."""
    return date(year + (first_month + 3 > 12), (first_month + 2) % 12 + 1, 1)


def _span_months(year: int, start: int, end: int) -> _Interval:
    """Return the days of some months of a year, counted from 0, the end left out."""
    return _Interval(date(year, start + 1, 1), date(year, end, monthrange(year, end)[1]))


def _parse_relative(match: re.Match[str], today: date) -> _Interval | None:
    """Parse what is said as seen from the day on which the question is asked, such as “last week”."""
    if match["near"]:
        back = {"yesterday": 1, "the day before yesterday": 2}.get(match["near"], 0)
        return _Interval(today - timedelta(back), today - timedelta(back), relative=True)
    if match["unit"]:
        return _parse_current_or_last(match["unit"], today, is_current=match["step"] == "this")
    if match["ago"]:
        unit = match["a_unit"]
        middle = _go_back(today, _parse_count(match["ago"]), unit)
        slack = {"day": 0, "week": 3, "month": 15, "year": 182}[unit]
        return _Interval(middle - timedelta(slack), middle + timedelta(slack), relative=True)
    if match["past"]:
        return _Interval(_go_back(today, _parse_count(match["past"]), match["p_unit"]), today, relative=True)
    if match["weekday"]:
        day = today - timedelta((today.weekday() - WEEKDAYS.index(match["weekday"])) % 7)
        return _Interval(day, day, relative=True)
    return None


def _parse_current_or_last(unit: str, today: date, *, is_current: bool) -> _Interval:
    """Parse this week, weekend, month or year, or the one before.

    The days just passed count to “last week” and “this week” alike.
    """
    if unit in ("week", "weekend"):
        monday = today - timedelta(today.weekday())
        if unit == "weekend":
            saturday = monday + timedelta(5) if is_current and today.weekday() >= 5 else monday - timedelta(2)
            return _Interval(saturday, saturday + timedelta(1), relative=True)
        if is_current:
            return _Interval(today - timedelta(7), today, relative=True)
        return _Interval(monday - timedelta(7), max(monday - timedelta(1), today), relative=True)
    if unit == "month":
        first = today.replace(day=1)
        if is_current:
            return _Interval(first, today, relative=True)
        return _Interval((first - timedelta(1)).replace(day=1), first - timedelta(1), relative=True)
    year = today.year if is_current else today.year - 1
    return _Interval(date(year, 1, 1), min(date(year, 12, 31), today), relative=True)


def _parse_count(word: str) -> int:
    return int(word) if word.isdigit() else COUNTS[word.lower()]


def _go_back(today: date, count: int, unit: str) -> date:
    """Return the day so many days, weeks, months (of 30 days) or years (of 365) before."""
    return today - timedelta(count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit])


def _make_range(question: str, one: _Expression, other: _Expression, *, start: int) -> Period:
    """Make a period from one expression to another; its words begin at `start`.

    A month before “July 2023” is of the same year unless it comes later in it.
    """
    first = one.first
    if one.yearless and not other.yearless:
        first = in_year(first, other.first.year)
    if first > other.last:
        first = in_year(first, other.last.year - (first.month > other.last.month))
    words = slice(start, other.end)
    return _make_period(question, first, other.last, words=words, relative=one.relative and other.relative)


def _make_open_period(question: str, expression: _Expression, opening: re.Match[str], *, today: date) -> Period:
    """Make a period from an expression to today (“since”), or one without a beginning up to it (“before”, “until”)."""
    word = opening[1].lower()
    words = slice(opening.start(), expression.end)
    if word in ("since", "after", "following"):
        return _make_period(question, expression.first, today, words=words, relative=expression.relative)
    last = days_on(expression.first, -1) if word in ("before", "prior to") else expression.last
    return _make_period(question, None, last, words=words, relative=expression.relative)


def _make_period(question: str, first: date | None, last: date, *, words: slice, relative: bool) -> Period:
    """Make a period of days, and of the words of the question that name it."""
    published = bool(_PUBLISHED.search(question[: words.start]))
    since = first.isoformat() if first else ""
    return Period(since, last.isoformat(), question[words], published=published, relative=relative)
