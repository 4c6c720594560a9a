"""Parse days of publication in whatever way they are written."""

import re
from datetime import date, datetime
from functools import lru_cache

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{4,6}Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DAY_NUMBER = re.compile(r"(?<![\d:])\d{1,2}(?![\d:])")

# Trying all 200 languages on a text that is no date takes seconds.
_LANGUAGES = [
    *("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "el", "tr", "ru"),
    *("uk", "ar", "he", "fa", "hi", "id", "vi", "zh", "ja", "ko"),
]


def parse_day(value: object) -> str:
    """Parse a day to YYYY-MM-DD, or to an empty string where day, month and year are not all certain.

    A time zone does not move the day. 05/06/2024 is not certain: half the world reads June, the other half May.
    """
    if isinstance(value, (date, datetime)):
        return value.strftime("%Y-%m-%d").zfill(10)
    text = " ".join(str(value).split())
    return _parse_line(text) if 8 <= len(text) <= 80 else ""


@lru_cache(maxsize=10_000)
def _parse_line(text: str) -> str:
    """Parse the day in a text of one line."""
    if match := _YEAR_FIRST.match(text):
        return _make_day(match[1], match[3], match[4])
    if match := _COMPACT.fullmatch(text):
        return _make_day(match[1], match[2], match[3])
    if match := _YEAR_LAST.match(text):
        return _resolve_year_last(match[1], match[3], separator=match[2], year=match[4])
    return _parse_words(text) if _YEAR.search(text) and _DAY_NUMBER.search(text) else ""


def _make_day(year: str, month: str, day: str) -> str:
    """Make the day with these numbers, or an empty string if the calendar has none."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _resolve_year_last(first: str, second: str, *, separator: str, year: str) -> str:
    """Resolve a date like 13/02/2022, if only one order is possible; with dots the day stands first."""
    if separator == "." or int(first) > 12 or first == second:
        return _make_day(year, second, first)
    return _make_day(year, first, second) if int(second) > 12 else ""


def _parse_words(text: str) -> str:
    """Parse a date with the month in letters, in one of 28 languages; return an empty string for anything else."""
    import dateparser  # type: ignore[import-untyped, unused-ignore]

    # Only complete dates: by itself the library reads "5" or "May" as a day near today.
    strict = {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    try:
        parsed = dateparser.parse(text, languages=_LANGUAGES, settings=strict)
    except (ValueError, OverflowError, TypeError):
        return ""
    return parse_day(parsed) if parsed else ""
