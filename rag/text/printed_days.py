"""Find complete days as pages and files print them, in forty languages, and read lines of nothing else (pure).

A day is the one that is printed: no time zone moves it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import takewhile
from typing import Literal, NamedTuple

from rag.text.dateline_words import FILLER_WORDS, PUBLISHED_WORDS, UNSPACED_WORDS, UPDATED_MARKS, UPDATED_WORDS
from rag.text.english import any_of
from rag.text.month_names import TIERS, load_calendar_names, to_plain

Order = Literal["", "day", "month", "year"]
"""What stands first where all parts of a day are numbers and the year is not the first; empty where that is unknown."""

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民国": 1911, "民國": 1911}
"""What is added to a year of an era of Japan, or of Taiwan."""
_BUDDHIST_YEARS = 543
_ERA_DAY = re.compile(rf"({any_of(_ERAS)})\s?(\d{{1,3}}|元)\s?年\s?(\d{{1,2}})\s?月\s?(\d{{1,2}})\s?日?")
_CJK_DAY = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]?")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})\s?([-/.‐–])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d|\2\d)(?:\.|t(?=\d\d:))?")
_YEAR_LAST = re.compile(r"(?<![\d./:-])(\d{1,2})\s?([-/.‐–])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d)(?![\d]|[:/-]\d)")
_HAN_NUMBER = re.compile("[〇○零一二三四五六七八九十]{1,4}(?=[年月日])")
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CLOCK = re.compile(
    r"(?<![\d.])\d{1,2}(?::\d\d(?::\d\d(?:[.,]\d+)?)?|[.h時时시点點]\s?\d\d(?!\d|\.\d)분?分?"
    r"|\s?(?:[時时시点點]|(?:h|uhr|heures?|uur|am|pm|a\.m|p\.m)(?!\w)))"
    r"(?:\s?(?:[+-]\d\d:?\d\d|z(?!\w)))?|(?<=\s)[+-]\d{4}(?!\d)|(?:gmt|utc)\s?[+-]\s?\d{1,2}(?::?\d\d)?"
)
_TOKEN = re.compile(
    r"(?P<number>\d+)|(?P<word>[\u0e00-\u0e7f][\u0e00-\u0e7f.]*|[^\s\d!-/:-@\[-`{-~\u0080-\u00bf\u2000-\u206f"
    r"\u3000-\u303f\uff00-\uff0f\uff1a-\uff20،؛؟۔、。，：；]+)|(?P<mark>[^\s\w])"
)
_CONNECTORS = frozenset(
    "de d del di da do of the den der i e el y dne من m ng nam gada gads roku року года г anul a ko eko st nd rd th er "
    "re o ta an tes".split()
)
_MAX_CHARS = 160
"""Characters of the longest text that is looked into; a line beside a title is shorter."""
_SHAPES = (
    (re.compile("(D)[cp]{0,3}(M)(?:p[Mw])?[cp]{0,4}(Y)"), "dmy"),
    (re.compile("(M)[cp]{0,2}(D)[cp]{0,3}(Y)"), "mdy"),
    (re.compile("(M)p?(D)[cp]{0,2}t[wcpM]{0,4}(Y)"), "mdy"),
    (re.compile("(Y)[cp]{0,4}(M)[cp]{0,2}(D)"), "ymd"),
    (re.compile("(Y)p?c(D)p?(M)"), "ydm"),
    (re.compile("(D)p(M)p(D)"), "dmy"),
)
"""Sequences of days, months and years: c is a word such as “of”, p a mark, t an hour, w any other word."""


@dataclass(frozen=True, slots=True)
class PrintedDay:
    """A day that stands in a text."""

    day: str
    """As YYYY-MM-DD."""
    start: int
    end: int
    other: str = ""
    """The day that the same numbers may mean too, where it is not known whether day or month stands first."""
    tier: int = 1
    """The languages, an index of TIERS, that its month is named in; of a day of numbers alone, the most common ones."""


class Dateline(NamedTuple):
    """A line that states a day, and whatever else stands in it."""

    day: PrintedDay
    is_stamped: bool
    """Whether a word such as “published” stands beside the day."""
    is_updated: bool
    """Whether it is only the day of a change."""
    rest: str
    """What is left of the line without days, hours and the words that belong to them."""


def find_printed_days(text: str, order: Order = "") -> list[PrintedDay]:
    """Find the complete days in a line of at most 160 characters, from left to right; `order` is that of its numbers.

    Where day and month may stand in either order and none is given, the month is taken to stand first.
    """
    return list(_find_days(text, order)) if len(text) <= _MAX_CHARS else []


@lru_cache(4096)  # the rows of an export are often of one day
def read_dateline(line: str, order: Order = "") -> Dateline | None:
    """Read a line that states a complete day; None for any other. Of several days the one of publication counts."""
    days = find_printed_days(line, order)
    if not days:
        return None
    plain = to_plain(line)
    roles = []
    start = 0
    for found in days:
        roles.append(_find_role(plain[start : found.start]))
        start = found.end
    if not any(roles):
        roles[0] = _find_role(plain[start:])
    best = min(range(len(days)), key=lambda index: ("published", "", "updated").index(roles[index]))
    rest = _remove_date_words(line, days)
    return Dateline(days[best], any(roles), roles[best] == "updated", rest)


def make_day(year: int, month: int, day: int) -> str:
    """Make the day with these numbers as YYYY-MM-DD, or an empty string if the calendar has none."""
    try:
        return date(year, month, day).isoformat()
    except (ValueError, OverflowError):
        return ""


@lru_cache(maxsize=4096)
def _find_days(text: str, order: Order) -> tuple[PrintedDay, ...]:
    plain = _spell_numbers(to_plain(text))
    if not re.search(r"\d", plain):
        return ()
    found: list[PrintedDay] = []
    for day in _find_numeric_days(plain, order):
        if not any(day.start < other.end and other.start < day.end for other in found):
            found.append(day)
    for day in found:
        plain = _blank(plain, day.start, day.end)
    found += _find_named_days(plain)
    return tuple(sorted(found, key=lambda day: day.start))


def _spell_numbers(plain: str) -> str:
    """Write numbers of Chinese characters before year, month and day in digits, padded to their length."""

    def spell(match: re.Match[str]) -> str:
        tens, ten, ones = match[0].partition("十")
        number = match[0] if not ten else f"{tens or '一'}{ones or '〇'}"
        return number.translate(_HAN_DIGITS).rjust(len(match[0]))[-len(match[0]) :] if number else match[0]

    return _HAN_NUMBER.sub(spell, plain)


def _find_numeric_days(plain: str, order: Order) -> Iterator[PrintedDay]:
    """Find days of numbers alone, of which one that overlaps an earlier one does not count."""
    for match in _ERA_DAY.finditer(plain):
        year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        yield from _locate_day(make_day(year, int(match[3]), int(match[4])), match)
    for match in _CJK_DAY.finditer(plain):
        yield from _locate_day(make_day(int(match[1]), int(match[2]), int(match[3])), match)
    for match in _YEAR_FIRST.finditer(plain):
        yield from _locate_day(make_day(int(match[1]), int(match[3]), int(match[4])), match)
    for match in _YEAR_LAST.finditer(plain):
        first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
        if order == "year" and len(match[4]) == 2:
            yield from _locate_day(make_day(2000 + first, second, int(match[4])), match)
            continue
        by_day, by_month = make_day(year, second, first), make_day(year, first, second)
        if match[2] == "." or order == "day":
            yield from _locate_day(by_day or ("" if match[2] == "." else by_month), match)
        elif order == "month" or not by_day or not by_month or by_day == by_month:
            yield from _locate_day(by_month or by_day, match)
        else:
            yield from _locate_day(by_month, match, by_day)


def _locate_day(day: str, match: re.Match[str], other: str = "") -> Iterator[PrintedDay]:
    """Yield a day at the place of a match, if there is such a day."""
    if day:
        yield PrintedDay(day, match.start(), match.end(), other)


def _full_year(written: str) -> int:
    """Return a year that may be written with its last two digits, which are taken for those of 1970 to 2069."""
    year = int(written)
    return year if len(written) > 2 else year + (2000 if year < 70 else 1900)


class _Token(NamedTuple):
    """A number, word or mark of a plain text."""

    text: str
    start: int
    end: int
    kind: str
    """D, Y or n for a number; c, w or M for a word; p for a mark; t for an hour."""
    value: int = 0


def _find_named_days(plain: str) -> list[PrintedDay]:
    """Find days whose month is a word."""
    tokens = _tokenise(plain)
    kinds = "".join(token.kind for token in tokens)
    if "D" not in kinds or "w" not in kinds:
        return []
    # A word between day and year may be a month of a language that has not been looked at.
    if not any(shape.search(re.sub("w", "M", kinds)) for shape, _ in _SHAPES):
        return []
    for tier in range(len(TIERS)):
        named = _name_months(tokens, load_calendar_names(tier).months)
        if found := _match_shapes(named, tier, is_thai=bool(re.search("[\u0e00-\u0e7f]", plain))):
            return found
    return []


def _tokenise(plain: str) -> list[_Token]:
    tokens = []
    position = 0
    clocks = [match for match in _CLOCK.finditer(plain) if match.end() > match.start()]
    for clock in [*clocks, None]:
        end = clock.start() if clock else len(plain)
        tokens += [_classify(match) for match in _TOKEN.finditer(plain, position, end)]
        if clock:
            tokens.append(_Token(clock[0], clock.start(), clock.end(), "t"))
            position = clock.end()
    return tokens


def _classify(match: re.Match[str]) -> _Token:
    text = match[0]
    if match["number"]:
        size = len(text)
        value = int(text) if size < 5 else 0
        kind = "D" if size < 3 and 0 < value < 100 else "Y" if size == 4 and value >= 1000 else "n"
        return _Token(text, match.start(), match.end(), kind, value)
    if match["word"]:
        kind = "c" if text in _CONNECTORS else "w"
        return _Token(text.replace(".", ""), match.start(), match.end(), kind)
    return _Token(text, match.start(), match.end(), "p")


def _name_months(tokens: list[_Token], months: dict[str, int]) -> list[_Token]:
    """Mark the months among the words; one of two words, or of a word and a number, becomes one token."""
    named: list[_Token] = []
    skip = False
    for index, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind in "wc" and after and after.kind in "wD" and (pair := months.get(f"{token.text} {after.text}")):
            named.append(_Token(token.text, token.start, after.end, "M", pair))
            skip = True
        elif token.kind in "wc" and (number := months.get(token.text) or months.get(token.text.removeprefix("ב"))):
            named.append(token._replace(kind="M", value=number))
        else:
            named.append(token)
    return named


def _match_shapes(tokens: list[_Token], tier: int, *, is_thai: bool) -> list[PrintedDay]:
    kinds = "".join(token.kind for token in tokens)
    found: list[PrintedDay] = []
    for shape, parts in _SHAPES:
        for match in shape.finditer(kinds):
            value = {part: tokens[match.start(group)] for group, part in enumerate(parts, 1)}
            start, end = tokens[match.start()].start, tokens[match.end() - 1].end
            year = _full_year(value["y"].text)
            year -= _BUDDHIST_YEARS if is_thai and year > 2400 else 0
            day = make_day(year, value["m"].value, value["d"].value)
            if day and not any(start < other.end and other.start < end for other in found):
                found.append(PrintedDay(day, start, end, tier=tier))
    return found


_PUBLISHED = frozenset(map(to_plain, PUBLISHED_WORDS))
_UPDATED = frozenset(map(to_plain, UPDATED_WORDS))
_DATE_WORDS = frozenset({*_PUBLISHED, *_UPDATED, *map(to_plain, FILLER_WORDS)})
_UNSPACED = re.compile(any_of(map(to_plain, UNSPACED_WORDS)))
_UPDATED_UNSPACED = re.compile(any_of(map(to_plain, UPDATED_MARKS)))
_PUBLISHED_UNSPACED = re.compile(any_of(word for word in map(to_plain, UNSPACED_WORDS) if len(word) > 1))


def _find_role(plain: str) -> str:
    """Return “published” or “updated” if such a word stands in a plain text, else an empty string."""
    words = {token.text for token in map(_classify, _TOKEN.finditer(plain))}
    if words & _PUBLISHED:
        return "published"
    if words & _UPDATED or _UPDATED_UNSPACED.search(plain):
        return "updated"
    has_mark = any(match[0] in plain for match in _PUBLISHED_UNSPACED.finditer(plain) if match[0] not in _HOURS)
    return "published" if has_mark else ""


_ARABIC_MARKS = re.compile("[\u064b-\u0652]")
_HOURS = frozenset(
    "午前 午後 上午 下午 晚上 凌晨 中午 오전 오후 曜日 月曜 火曜 水曜 木曜 金曜 土曜 日曜 星期 요일".split()
)


def _remove_date_words(line: str, days: list[PrintedDay]) -> str:
    """Return what a line holds but days, hours, weekdays and the words beside them."""
    plain = to_plain(line)
    for day in days:
        plain = _blank(plain, day.start, day.end)
    for match in _CLOCK.finditer(plain):
        plain = _blank(plain, match.start(), match.end())
    plain = _UNSPACED.sub(lambda match: " " * len(match[0]), plain)
    weekdays = set[str]().union(
        *(load_calendar_names(tier).weekdays for tier in range(max(day.tier for day in days) + 1))
    )
    for token in _tokens_beside(days, _tokenise(plain), weekdays):
        plain = _blank(plain, token.start, token.end)
    rest = "".join(" " if mark == " " else letter for letter, mark in zip(line, plain, strict=True))
    bare = re.sub(r"\s+", " ", rest).strip(" .,;:|/·•–—-()[]*_~、，。：（）")
    return bare if re.search(r"\w", bare) else ""


def _tokens_beside(days: list[PrintedDay], tokens: list[_Token], weekdays: set[str]) -> list[_Token]:
    """Return the words that belong to days: those of dates with nothing but such words and marks between."""
    is_date_word = [
        token.kind == "p" or (word := _ARABIC_MARKS.sub("", token.text)) in _DATE_WORDS or word in weekdays
        for token in tokens
    ]
    found: list[_Token] = []
    for day in days:
        after = next((index for index, token in enumerate(tokens) if token.start >= day.end), len(tokens))
        for way in (range(after, len(tokens)), range(after - 1, -1, -1)):
            belonging = takewhile(lambda index: is_date_word[index], way)
            found += [tokens[index] for index in belonging if tokens[index].kind != "p"]
    return found


def _blank(text: str, start: int, end: int) -> str:
    """Replace a stretch of a text by spaces."""
    return text[:start] + " " * (end - start) + text[end:]
