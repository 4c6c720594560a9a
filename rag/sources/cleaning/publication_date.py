"""Parse days of publication in whatever way they are written, and say where a day is not certain."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from rag.text.printed_days import Order, make_day, read_dateline

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{4,6}(?:Z|[+-]\d{4})?)?")
_ADDRESS_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([/_-])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))(?!\d)")
_NUMERIC_CELL = re.compile(
    rb"(?:^|[\"',;|\t\n]) ?(0?[1-9]|[12]\d|3[01])[/-](0?[1-9]|[12]\d|3[01])[/-](?:19|20)?\d\d(?![\d/-])"
)
_MONTH_FIRST_REGIONS = ("US", "PH", "PR", "GU")
_DAY_FIRST_HOSTS = (".uk", ".ie", ".au", ".nz", ".in", ".za", ".sg", ".hk", ".ng", ".ke", ".pk", ".mt", ".jm")
_MONTH_FIRST_HOSTS = (".us", ".gov", ".mil", ".ph")
_YEAR_FIRST_LANGUAGES = ("zh", "ja", "ko", "hu", "lt")
_MIN_CHARS = 6
_MAX_CHARS = 120


class PublicationDay(NamedTuple):
    """A day of publication, empty where none is known, and why it is not certain; no note where it is."""

    day: str
    note: str = ""


def parse_day(value: object) -> str:
    """Parse a day to YYYY-MM-DD, or to an empty string where day, month and year are not all certain.

    A time zone does not move the day. 05/06/2024 is not certain: half the world reads June, the other half May.
    """
    found = read_day(value)
    return "" if found.note else found.day


def read_day(value: object, find_order: Callable[[], Order] | None = None) -> PublicationDay:
    """Read a day; of 05/06/2024 the month is taken to stand first, with a note, where `find_order` knows no better.

    It is called only for such a day.
    """
    if isinstance(value, (date, datetime)):
        return PublicationDay(value.strftime("%Y-%m-%d").zfill(10))
    text = " ".join(str(value).split())
    if not _MIN_CHARS <= len(text) <= _MAX_CHARS:
        return PublicationDay("")
    if match := _COMPACT.fullmatch(text):
        return PublicationDay(make_day(*map(int, match.groups())))
    line = read_dateline(text)
    if line is not None and line.day.other and find_order is not None and (order := find_order()):
        line = read_dateline(text, order)
    if line is None:
        return PublicationDay("")
    day = line.day
    return PublicationDay(day.day, f"{text[day.start : day.end]} may also be {day.other}" if day.other else "")


def day_in_address(url: str) -> PublicationDay:
    """Read the day in the path of an address such as /2024/03/05/, which is no certain one: nothing else says so."""
    match = _ADDRESS_DAY.search(urlsplit(url).path) if "://" in url else None
    day = make_day(int(match[1]), int(match[3] or match[5]), int(match[4] or match[6])) if match else ""
    return PublicationDay(day, "only the address says so" if day else "")


def day_in_name(name: str) -> PublicationDay:
    """Read the day with which the name of a file begins, such as 2024-03-05-bridge.md, which is no certain one."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)(?!\d)", name.rsplit("/", 1)[-1])
    day = make_day(*map(int, match.groups())) if match else ""
    return PublicationDay(day, "only the name of the file says so" if day else "")


def order_by_language(language: str, url: str = "") -> Order:
    """Return what stands first in a day of numbers in a language, such as “en-GB”; empty where customs differ.

    They differ in English, where the region or the host of the address decides, and where no language is known.
    """
    code, _, region = language.replace("_", "-").partition("-")
    host = (urlsplit(url).hostname or "") if "://" in url else ""
    if region.upper() in _MONTH_FIRST_REGIONS or (code in ("en", "") and host.endswith(_MONTH_FIRST_HOSTS)):
        return "month"
    if code in ("en", "") and not (region and code) and not host.endswith(_DAY_FIRST_HOSTS):
        return ""
    if code == "en" and region.upper() == "CA":
        return ""
    return "year" if code in _YEAR_FIRST_LANGUAGES else "day"


def order_by_examples(portions: Iterable[bytes]) -> Order:
    """Return what stands first in the days of numbers in the cells of a file, by those that can be read in one way."""
    orders = set[Order]()
    for portion in portions:
        for first, second in _NUMERIC_CELL.findall(portion):
            if int(first) > 12 >= int(second):
                orders.add("day")
            elif int(second) > 12 >= int(first):
                orders.add("month")
    return orders.pop() if len(orders) == 1 else ""
