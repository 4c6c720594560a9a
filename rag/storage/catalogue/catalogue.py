"""The catalogue of articles: the file of truth that every other store is checked against.

An article is in the index when its row is here, and only in the version the row names. `unsettled` lists
(article, version) pairs whose passages may stand in the other stores without being confirmed here.
"""

import json
import time
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rag.errors import StoreError
from rag.source_state import Fingerprint, Source, SourceStatus, Visit
from rag.storage.catalogue.listing import LISTED, ORDERS, Listed, matching, to_listed
from rag.storage.catalogue.schema import COUNTED, STEPS
from rag.storage.sqlite import Connection, Database
from rag.types import Article

Key = tuple[str, str]
"""An article's id and the version of its text."""

_COLUMNS = "id, title, text, source, url, date, author, metadata, origin"
_COUNT_CHANGE = "UPDATE state SET changes = changes + 1"


class Catalogue:
    """The articles of one index; safe between threads and between processes, one of which writes."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it."""
        self.database = Database(path, "catalogue")
        if self._version < len(STEPS):
            self._upgrade()

    @property
    def _version(self) -> int:
        return int(self.database.rows("PRAGMA user_version")[0][0])

    def _upgrade(self) -> None:
        """Makes the tables, or adds what an older version did not have; readers of that version go on."""
        self.database.upgrade(
            lambda: [
                *(statement for step in STEPS[self._version :] for statement in step),
                f"PRAGMA user_version = {len(STEPS)}",
            ]
        )

    def close(self) -> None:
        """Closes the connections of all threads."""
        self.database.close()

    # Writing, in the order a change goes through.

    def announce(self, keys: Iterable[Key]) -> None:
        """Notes passages that are about to be written elsewhere, so that a crash leaves none unknown."""
        with self.database.writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO unsettled VALUES (?, ?)", keys)

    def confirm(self, articles: Sequence[tuple[Article, str, int]]) -> None:
        """Makes (article, root, number of passages) the current state; what it replaces becomes unsettled."""
        with self.database.writing() as connection:
            for article, root, passages in articles:
                self._replace(connection, article, root, passages)
            connection.execute(_COUNT_CHANGE)

    def _replace(self, connection: Connection, article: Article, root: str, passages: int) -> None:
        version = article.digest
        connection.execute(
            "INSERT OR IGNORE INTO unsettled SELECT id, version FROM articles WHERE id = ? AND version != ?",
            (article.id, version),
        )
        metadata = json.dumps(dict(article.metadata), sort_keys=True)
        row = (article.id, article.title, article.text, article.source, article.url, article.date, article.author)
        connection.execute(
            f"INSERT OR REPLACE INTO articles ({_COLUMNS}, version, root, added, passages) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, metadata, article.origin, version, root, time.time(), passages),
        )
        connection.execute("DELETE FROM unsettled WHERE id = ? AND version = ?", (article.id, version))

    def forget(self, ids: Iterable[str]) -> None:
        """Removes articles; their passages become unsettled in the same transaction."""
        with self.database.writing() as connection:
            for id in ids:
                connection.execute(
                    "INSERT OR IGNORE INTO unsettled SELECT id, version FROM articles WHERE id = ?", (id,)
                )
                connection.execute("DELETE FROM articles WHERE id = ?", (id,))
            connection.execute(_COUNT_CHANGE)

    def move(self, origins: Iterable[tuple[str, str, str]]) -> None:
        """Notes (id, origin, root) of articles that were read unchanged from another place."""
        with self.database.writing() as connection:
            connection.executemany(
                "UPDATE articles SET origin = ?2, root = ?3 WHERE id = ?1 AND (origin != ?2 OR root != ?3)", origins
            )

    def unsettled(self) -> list[Key]:
        """The passages that other stores may hold without being confirmed here."""
        return [(id, version) for id, version in self.database.rows("SELECT id, version FROM unsettled")]

    def settle(self, keys: Iterable[Key]) -> None:
        """Notes that the other stores hold nothing of these any more."""
        with self.database.writing() as connection:
            connection.executemany("DELETE FROM unsettled WHERE id = ? AND version = ?", keys)
            connection.execute(_COUNT_CHANGE)

    def remember(self, sources: Sequence[Source], replace: bool) -> None:
        """Keeps the sources for the next refresh, in place of those before or beside them."""
        rows = [(source.name, source.since, source.limit) for source in sources]
        with self.database.writing() as connection:
            if replace:
                connection.execute("DELETE FROM sources")
            connection.executemany(
                "INSERT INTO sources (source, since, most) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET since = excluded.since, most = excluded.most",
                rows,
            )

    def unmark(self, places: Sequence[str] | None = None) -> None:
        """Forgets by what these files were known, or all, before something else is written."""
        with self.database.writing() as connection:
            if places is None:
                connection.execute("DELETE FROM marks")
                return
            connection.executemany("DELETE FROM marks WHERE place = ?", ((place,) for place in places))

    def learn(
        self, outcomes: Mapping[str, SourceStatus], visits: Mapping[str, Visit], marks: Mapping[str, Fingerprint]
    ) -> None:
        """Keeps what came of sources, what addresses said, and by what files are known."""
        came = [(name, one.read, one.failed, one.reason, one.at) for name, one in outcomes.items()]
        said = [(place, visit.etag, visit.modified, visit.digest) for place, visit in visits.items()]
        with self.database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)", came)
            connection.executemany("INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?)", said)
            known = [(place, mark.digest, mark.articles) for place, mark in marks.items()]
            connection.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", known)

    # Being checked.

    def damage(self) -> list[str]:
        """What SQLite finds wrong with its file."""
        return [str(said) for (said,) in self.database.rows("PRAGMA integrity_check") if said != "ok"]

    def unlisted(self) -> int:
        """How many articles are listed without being there, or are there without being listed as they are."""
        kept = f"SELECT {COUNTED} FROM articles"
        pairs = ((kept, "SELECT * FROM listing"), ("SELECT * FROM listing", kept))
        return max(
            int(self.database.rows(f"SELECT COUNT(*) FROM ({one} EXCEPT {other})")[0][0]) for one, other in pairs
        )

    def relist(self) -> None:
        """Makes the list of articles anew from the articles."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM listing")
            connection.execute(f"INSERT INTO listing SELECT {COUNTED} FROM articles")

    def stored(self) -> Iterator[tuple[str, str, str, int, Article | None]]:
        """Id, version, root, number of passages and text of every row, by id; no article where it is unreadable."""
        last, query = "", "SELECT id, version, root, passages FROM articles WHERE id > ? ORDER BY id LIMIT 1000"
        while rows := self.database.rows(query, (last,)):
            for id, version, root, passages in rows:
                try:
                    yield id, version, root, passages, self.article(id)
                except StoreError:
                    yield id, version, root, passages, None
            last = rows[-1][0]

    # Reading.

    @property
    def state(self) -> int:
        """A number that grows with every change to what the stores hold, by whichever process."""
        return int(self.database.rows("SELECT changes FROM state")[0][0])

    def sources(self) -> list[Source]:
        """The sources a refresh reads."""
        return [Source(*row) for row in self.database.rows("SELECT source, since, most FROM sources ORDER BY rowid")]

    def outcomes(self) -> dict[str, SourceStatus]:
        """What came of each source when it was last read."""
        rows = self.database.rows("SELECT source, read, failed, reason, at FROM outcomes")
        return {name: SourceStatus(*rest) for name, *rest in rows}

    def visits(self) -> dict[str, Visit]:
        """What each address said when it was last read, of those that something in the index came from."""
        rows = self.database.rows(
            "SELECT place, etag, modified, digest FROM visits "
            "WHERE place IN (SELECT origin FROM articles UNION SELECT root FROM articles)"
        )
        return {place: Visit(*rest) for place, *rest in rows}

    def marks(self) -> dict[str, Fingerprint]:
        """By what the files are known that still have all the articles here that they gave."""
        rows = self.database.rows(
            "SELECT place, digest, articles FROM marks "
            "JOIN (SELECT origin, COUNT(*) AS here FROM articles GROUP BY origin) ON place = origin AND articles = here"
        )
        return {place: Fingerprint(*rest) for place, *rest in rows}

    def gathered(self) -> dict[str, int]:
        """How many articles came from each source."""
        return dict(self.database.rows("SELECT root, COUNT(*) FROM articles GROUP BY root"))

    def gave(self, origin: str) -> int:
        """How many articles came from a file or an address."""
        [(count,)] = self.database.rows("SELECT COUNT(*) FROM articles WHERE origin = ?", (origin,))
        return int(count)

    def known(self) -> dict[str, tuple[str, str, str]]:
        """Version, origin and root of every article, by id."""
        rows = self.database.rows("SELECT id, version, origin, root FROM articles")
        return {id: (version, origin, root) for id, version, origin, root in rows}

    def looked_up(self) -> "Known":
        """The same, looked up article by article: for whoever asks for a few of many."""
        return Known(self)

    def known_as(self, id: str) -> tuple[str, str, str] | None:
        """Version, origin and root of one article, or None."""
        rows = self.database.rows("SELECT version, origin, root FROM articles WHERE id = ?", (id,))
        return rows[0] if rows else None

    def current(self, keys: Iterable[Key]) -> set[Key]:
        """The keys that name the current version of their article."""
        query = "SELECT 1 FROM articles WHERE id = ? AND version = ?"
        return {key for key in set(keys) if self.database.rows(query, key)}

    def confirmed(self, keys: Iterable[Key]) -> dict[Key, Article]:
        """The articles of the keys that are current."""
        found = {key: self._article(*key) for key in set(keys)}
        return {key: article for key, article in found.items() if article is not None}

    def article(self, id: str) -> Article | None:
        """The article, or None."""
        return self._article(id, None)

    def root(self, id: str) -> str:
        """The source that the article came from; empty where there is no such article."""
        rows = self.database.rows("SELECT root FROM articles WHERE id = ?", (id,))
        return str(rows[0][0]) if rows else ""

    def _article(self, id: str, version: str | None) -> Article | None:
        where = "id = ?1 AND (?2 IS NULL OR version = ?2)"
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM articles WHERE {where}", (id, version))
        return _to_article(rows[0]) if rows else None

    def articles(self) -> Iterator[Article]:
        """Every article, by id; memory does not grow with their number."""
        last = ""
        while rows := self.database.rows(
            f"SELECT {_COLUMNS} FROM articles WHERE id > ? ORDER BY id LIMIT 100", (last,)
        ):
            yield from map(_to_article, rows)
            last = rows[-1][0]

    def listed(
        self, words: str, sources: Sequence[str], since: str, until: str, order: str, descending: bool,
        start: int, most: int,
    ) -> tuple[list[Listed], int]:  # fmt: skip
        """One page of the articles that match, and how many match; `order` is one of ORDERS."""
        where, values = matching(words, sources, since, until)
        assert order in ORDERS
        direction = "DESC" if descending else "ASC"
        sorting = f"{order} COLLATE NOCASE {direction}, id {direction}"
        page = f"SELECT id FROM listing {where} ORDER BY {sorting} LIMIT ? OFFSET ?"
        rows = self.database.rows(
            f"SELECT {LISTED} FROM listing WHERE id IN ({page}) ORDER BY {sorting}", (*values, most, start)
        )
        [(count,)] = self.database.rows(f"SELECT COUNT(*) FROM listing {where}", values)
        return [to_listed(*row) for row in rows], int(count)

    def flagged(self) -> list[tuple[str, str]]:
        """The articles that were flagged when they were taken in, with the reasons."""
        rows = self.database.rows(
            "SELECT id, json_extract(metadata, '$.flagged') FROM articles WHERE metadata LIKE '%\"flagged\"%'"
        )
        return [(id, reasons) for id, reasons in rows if reasons]

    def publishers(self) -> list[str]:
        """The names of the publishers, each once."""
        # From each name to the next one by the index: DISTINCT would look at every article.
        rows = self.database.rows(
            "WITH RECURSIVE names(name) AS (SELECT min(source) FROM articles WHERE source > '' UNION ALL "
            "SELECT (SELECT min(source) FROM articles WHERE source > name) FROM names WHERE name IS NOT NULL) "
            "SELECT name FROM names WHERE name IS NOT NULL"
        )
        return [source for (source,) in rows]

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        [(articles, passages)] = self.database.rows("SELECT COUNT(*), TOTAL(passages) FROM articles")
        return int(articles), int(passages)


def _to_article(row: tuple[str, ...]) -> Article:
    id, title, text, source, url, date, author, metadata, origin = row
    try:
        return Article(id, title, text, source, url, date, author, json.loads(metadata), origin)
    except ValueError as error:
        raise StoreError(
            f"the row of {id!r} in the catalogue cannot be read ({error}); mend it with: rag check --repair"
        ) from error


class Known(Mapping[str, tuple[str, str, str]]):
    """Version, origin and root of the articles, by id, each looked up when it is asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Nothing is looked up yet."""
        self._catalogue = catalogue

    def __getitem__(self, id: str) -> tuple[str, str, str]:
        """Those of one article; KeyError where there is none."""
        if (found := self._catalogue.known_as(id)) is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        """Every id."""
        return iter(self._catalogue.known())

    def __len__(self) -> int:
        """How many articles there are."""
        return self._catalogue.counts()[0]

    def items(self) -> ItemsView[str, tuple[str, str, str]]:
        """All of them at once."""
        return self._catalogue.known().items()
