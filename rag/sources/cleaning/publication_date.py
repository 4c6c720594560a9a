"""Parse days of publication in whatever way they are written."""

import re
from datetime import date, datetime
from functools import lru_cache

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{4,6}Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DAY = re.compile(r"(?<![\d:])\d{1,2}(?![\d:])")

# Trying all 200 languages on a text that is no date takes seconds.
_LANGUAGES = [
    *("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "el", "tr", "ru"),
    *("uk", "ar", "he", "fa", "hi", "id", "vi", "zh", "ja", "ko"),
]


def iso_day(value: object) -> str:
    """The day as YYYY-MM-DD, or an empty string where day, month and year are not all certain.

    A time zone does not move the day. 05/06/2024 is not certain: half the world reads June, the other half May.
    """
    if isinstance(value, (date, datetime)):
        return value.strftime("%Y-%m-%d").zfill(10)
    text = " ".join(str(value).split())
    return _read(text) if 8 <= len(text) <= 80 else ""


@lru_cache(maxsize=10_000)
def _read(text: str) -> str:
    """The day in a text of one line."""
    if found := _YEAR_FIRST.match(text):
        return _day(found[1], found[3], found[4])
    if found := _COMPACT.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _YEAR_LAST.match(text):
        return _year_last(found[1], found[2], found[3], found[4])
    return _in_words(text) if _YEAR.search(text) and _DAY.search(text) else ""


def _day(year: str, month: str, day: str) -> str:
    """The day with these numbers, if the calendar has it."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _year_last(first: str, mark: str, second: str, year: str) -> str:
    """The day of a date like 13/02/2022, if only one order is possible; dots are used with the day first."""
    if mark == "." or int(first) > 12 or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if int(second) > 12 else ""


def _in_words(text: str) -> str:
    """The day of a date with the month in letters, in one of the languages above."""
    import dateparser  # type: ignore[import-untyped, unused-ignore]

    # Only complete dates: by itself the library reads "5" or "May" as a day near today.
    strict = {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    try:
        found = dateparser.parse(text, languages=_LANGUAGES, settings=strict)
    except (ValueError, OverflowError, TypeError):
        return ""
    return iso_day(found) if found else ""
