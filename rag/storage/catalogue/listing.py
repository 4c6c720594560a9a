"""List articles a page at a time: sorted, filtered by words, publishers and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

ORDERS = ("title", "source", "date", "words", "added", "id", "url")
"""What a listing can be sorted by."""
_MOST_WORDS = 16
"""Words of a search that are looked for; an expression of SQLite has a greatest depth."""

LISTED = "id, title, source, date, url, words, added"


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as a list shows it, without its text."""

    id: str
    title: str
    source: str
    date: str
    url: str
    words: int
    """How many words its text has, parted by white space."""
    added: str
    """When it came in or was last changed, in local time with its offset: 2024-01-05T12:30:00+01:00."""


def matching(words: str, sources: Sequence[str], since: str, until: str) -> tuple[str, list[str]]:
    """The condition of a listing and its values; every word must stand in the title, the publisher or the id."""
    conditions, values = [], list[str]()
    for word in words.split()[:_MOST_WORDS]:
        # SQLite knows upper and lower case of ASCII letters alone.
        spellings = [word] if word.isascii() else sorted({word, word.lower(), word.upper(), word.capitalize()})
        conditions.append(" OR ".join(["instr(names, lower(?))"] * len(spellings)))
        values += spellings
    if sources:
        conditions.append(f"source IN ({', '.join('?' * len(sources))})")
        values += sources
    for day, condition in ((since, "date >= ?"), (until, "date <= ? AND date != ''")):
        if day:
            conditions.append(condition)
            values.append(day)
    return ("WHERE " + " AND ".join(f"({one})" for one in conditions) if conditions else ""), values


def to_listed(id: str, title: str, source: str, date: str, url: str, words: int, added: float) -> Listed:
    """A row of the listing as a value; `added` in seconds since 1970."""
    return Listed(id, title, source, date, url, words, _local_time(added))


def _local_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
