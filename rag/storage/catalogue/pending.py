"""Keep which articles have no vectors yet: they answer by their words until those are made."""

from collections.abc import Iterable, Iterator

from rag.storage.catalogue.records import PendingCounts
from rag.storage.records import ArticleVersion
from rag.storage.sqlite import Connection, Database

_PAGE = 500
_MAX_IDS = 500
"""Ids that are looked up at once; SQLite takes no more than 999 values."""


class PendingArticles:
    """The articles of one catalogue whose vectors are still to be made; safe between threads, one of which writes.

    Triggers remove a row when its article is written again or removed, so that a program that knows nothing of this
    table keeps it true as well.
    """

    def __init__(self, database: Database) -> None:
        """Keep them in a table of `database`."""
        self.database = database

    # Writing.

    @staticmethod
    def add(connection: Connection, version: ArticleVersion, day: str) -> None:
        """Add an article of a day within the transaction that confirms it."""
        connection.execute("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", (*version, day))

    def remove(self, versions: Iterable[ArticleVersion]) -> None:
        """Record that these versions of articles have all their vectors now."""
        with self.database.writing() as connection:
            connection.executemany("DELETE FROM pending WHERE id = ? AND version = ?", versions)
            connection.execute("UPDATE state SET changes = changes + 1")

    # Reading.

    def newest_first(self) -> Iterator[str]:
        """Yield the ids, the latest day first and those without a day last; those added or removed meanwhile or not."""
        last = ("9", "")
        while rows := self.database.rows(
            f"SELECT day, id FROM pending WHERE (day, id) < (?, ?) ORDER BY day DESC, id DESC LIMIT {_PAGE}", last
        ):
            yield from (id for _, id in rows)
            last = rows[-1]

    def count(self) -> PendingCounts:
        """Count the articles, and all their passages."""
        [(articles, passages)] = self.database.rows(
            "SELECT COUNT(*), TOTAL(articles.passages) FROM pending JOIN articles USING (id)"
        )
        return PendingCounts(int(articles), int(passages))

    def __len__(self) -> int:
        """Count the articles."""
        return int(self.database.rows("SELECT COUNT(*) FROM pending")[0][0])

    def among(self, ids: Iterable[str]) -> set[str]:
        """Return those of the ids whose articles have no vectors yet."""
        wanted = list(dict.fromkeys(ids))
        found = set[str]()
        for start in range(0, len(wanted), _MAX_IDS):
            some = wanted[start : start + _MAX_IDS]
            marks = ", ".join("?" * len(some))
            found |= {id for (id,) in self.database.rows(f"SELECT id FROM pending WHERE id IN ({marks})", some)}
        return found
