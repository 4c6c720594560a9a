"""List articles a page at a time: sorted, filtered by words, publishers and days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

ORDERS = ("title", "source", "date", "words", "added", "id", "url")
"""What a listing can be sorted by."""
_MAX_WORDS = 16
"""Words of a search that are looked for; an expression of SQLite has a greatest depth."""

LISTED = "id, title, source, date, url, words, added, unsure, id IN (SELECT id FROM edits)"


class ListedArticle(NamedTuple):
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

    is_unsure: bool = False
    """Whether it is not certain that this is the day of publication."""
    is_edited: bool = False
    """Whether a person has set any of its fields."""

    @property
    def shown_date(self) -> str:
        """The day as people read it: with a question mark where it is not certain."""
        return f"{self.date}?" if self.is_unsure else self.date

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "ListedArticle":
        """Convert a row of the listing, in which the time of `added` is in seconds since 1970."""
        id, title, source, date, url, words, added, unsure, edited = row
        return cls(id, title, source, date, url, words, _format_local_time(added), bool(unsure), bool(edited))


class ArticlePage(NamedTuple):
    """One page of a list of articles."""

    articles: list[ListedArticle]
    total: int
    """How many articles match, on all pages."""


class Condition(NamedTuple):
    """A condition of SQL, with the values of its parameters."""

    sql: str
    values: list[str]


def listing_condition(words: str, publishers: Sequence[str], *, since: str, until: str) -> Condition:
    """Build the WHERE clause of a listing by words, publishers and days; empty where nothing is asked for.

    Each of the first 16 words must stand in the title, the publisher or the id; further words are ignored.
    """
    conditions: list[str] = []
    values: list[str] = []
    for word in words.split()[:_MAX_WORDS]:
        # SQLite knows upper and lower case of ASCII letters alone.
        spellings = [word] if word.isascii() else sorted({word, word.lower(), word.upper(), word.capitalize()})
        conditions.append(" OR ".join(["instr(names, lower(?))"] * len(spellings)))
        values += spellings
    if publishers:
        conditions.append(f"source IN ({', '.join('?' * len(publishers))})")
        values += publishers
    for day, condition in ((since, "date >= ?"), (until, "date <= ? AND date != ''")):
        if day:
            conditions.append(condition)
            values.append(day)
    where = "WHERE " + " AND ".join(f"({condition})" for condition in conditions) if conditions else ""
    return Condition(where, values)


def _format_local_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
