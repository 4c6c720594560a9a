"""The catalogue of articles: the file of truth that every other store is checked against.

An article is in the index when its row is here, and only in the version the row names. `unsettled` lists
(article, version) pairs whose passages may stand in the other stores without being confirmed here.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import StoreError
from rag.source_state import Fingerprint, Source, SourceStatus, Visit
from rag.storage.catalogue.edits import Edits, find_edits
from rag.storage.catalogue.known_articles import KnownArticles
from rag.storage.catalogue.listing import LISTED, ORDERS, ArticlePage, ListedArticle, listing_condition
from rag.storage.catalogue.pending import PendingArticles
from rag.storage.catalogue.records import (
    CatalogueRow,
    FlaggedArticle,
    IndexCounts,
    IndexedArticle,
    KnownArticle,
    MovedArticle,
)
from rag.storage.catalogue.schema import COUNTED, STEPS
from rag.storage.records import ArticleVersion, Scope, to_day_number
from rag.storage.sqlite import Connection, Database
from rag.types import Article

_COLUMNS = "id, title, text, source, url, date, author, metadata, origin"
_BATCH_IDS = 500
"""Articles that one query asks for: fewer than the parameters that any SQLite takes."""
_COUNT_CHANGE = "UPDATE state SET changes = changes + 1"


class Catalogue:
    """The articles of one index; safe between threads and between processes, one of which writes."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, or make it."""
        self.database = Database(path, "catalogue")
        self._languages: tuple[int, Mapping[str, int]] | None = None
        self.pending = PendingArticles(self.database)
        """The articles that have no vectors yet."""
        if self._version < len(STEPS):
            self._upgrade()

    @property
    def _version(self) -> int:
        return int(self.database.rows("PRAGMA user_version")[0][0])

    def _upgrade(self) -> None:
        """Make the tables, or add what an older version did not have; readers of that version go on."""
        self.database.upgrade(
            lambda: [
                *(statement for step in STEPS[self._version :] for statement in step),
                f"PRAGMA user_version = {len(STEPS)}",
            ]
        )

    def close(self) -> None:
        """Close the connections of all threads."""
        self.database.close()

    # Writing, in the order a change goes through.

    def announce(self, versions: Iterable[ArticleVersion]) -> None:
        """Record versions of articles about to be written to the other stores, so that a crash leaves none unknown."""
        with self.database.writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO unsettled VALUES (?, ?)", versions)

    def confirm(self, articles: Sequence[IndexedArticle]) -> None:
        """Make the articles the current ones, now that the other stores hold them; replaced versions are unsettled."""
        with self.database.writing() as connection:
            for indexed in articles:
                self._replace(connection, indexed)
            connection.execute(_COUNT_CHANGE)

    def _replace(self, connection: Connection, indexed: IndexedArticle) -> None:
        article = indexed.article
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
            (*row, metadata, article.origin, version, indexed.root, time.time(), indexed.passages),
        )
        connection.execute("DELETE FROM unsettled WHERE id = ? AND version = ?", (article.id, version))
        if indexed.is_pending:
            self.pending.add(connection, ArticleVersion(article.id, version), article.date)
        connection.execute("DELETE FROM edits WHERE id = ?", (article.id,))
        if edits := find_edits(article):
            connection.execute("INSERT INTO edits VALUES (?, ?)", (article.id, json.dumps(edits)))

    def forget(self, ids: Iterable[str]) -> None:
        """Remove articles; their passages become unsettled in the same transaction."""
        with self.database.writing() as connection:
            for id in ids:
                connection.execute(
                    "INSERT OR IGNORE INTO unsettled SELECT id, version FROM articles WHERE id = ?", (id,)
                )
                connection.execute("DELETE FROM articles WHERE id = ?", (id,))
            connection.execute(_COUNT_CHANGE)

    def move(self, articles: Iterable[MovedArticle]) -> None:
        """Record where articles are now that were read unchanged from another file, page or source."""
        with self.database.writing() as connection:
            connection.executemany(
                "UPDATE articles SET origin = ?2, root = ?3 WHERE id = ?1 AND (origin != ?2 OR root != ?3)", articles
            )

    def unsettled_versions(self) -> list[ArticleVersion]:
        """List the versions of articles that the other stores may hold without being confirmed here."""
        return [ArticleVersion(*row) for row in self.database.rows("SELECT id, version FROM unsettled")]

    def settle(self, versions: Iterable[ArticleVersion]) -> None:
        """Record that the other stores hold nothing of these versions any more."""
        with self.database.writing() as connection:
            connection.executemany("DELETE FROM unsettled WHERE id = ? AND version = ?", versions)
            connection.execute(_COUNT_CHANGE)

    def remember(self, sources: Sequence[Source], *, replace: bool) -> None:
        """Record the sources for the next refresh, in place of those before or beside them."""
        rows = [(source.name, source.since, source.limit) for source in sources]
        with self.database.writing() as connection:
            if replace:
                connection.execute("DELETE FROM sources")
            connection.executemany(
                "INSERT INTO sources (source, since, most) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET since = excluded.since, most = excluded.most",
                rows,
            )

    def restore_edits(self, edits: Mapping[str, Edits]) -> None:
        """Record what people have set of the articles of another catalogue, by id."""
        rows = [(id, json.dumps(dict(fields))) for id, fields in edits.items()]
        with self.database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO edits VALUES (?, ?)", rows)

    def forget_fingerprints(self, files: Sequence[str] | None = None) -> None:
        """Forget the fingerprints of these files, or of all, before anything else is written of them."""
        with self.database.writing() as connection:
            if files is None:
                connection.execute("DELETE FROM marks")
                return
            connection.executemany("DELETE FROM marks WHERE place = ?", ((file,) for file in files))

    def record(
        self,
        statuses: Mapping[str, SourceStatus],
        visits: Mapping[str, Visit],
        fingerprints: Mapping[str, Fingerprint],
    ) -> None:
        """Record what came of sources by root, the visits by address, and the fingerprints by file."""
        outcome_rows = [
            (root, status.read, status.failed, status.reason, status.at) for root, status in statuses.items()
        ]
        visit_rows = [(url, visit.etag, visit.modified, visit.digest) for url, visit in visits.items()]
        mark_rows = [(file, fingerprint.digest, fingerprint.articles) for file, fingerprint in fingerprints.items()]
        with self.database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)", outcome_rows)
            connection.executemany("INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?)", visit_rows)
            connection.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", mark_rows)

    # Being checked.

    def find_damage(self) -> list[str]:
        """Return what SQLite finds wrong with the file of the catalogue."""
        return [str(message) for (message,) in self.database.rows("PRAGMA integrity_check") if message != "ok"]

    def count_unlisted_articles(self) -> int:
        """Count the differences between the articles and their listing: return the larger of two counts.

        One is of the articles that are not listed, or not as they are; the other of the listed rows that match none.
        """
        kept = f"SELECT {COUNTED} FROM articles"
        pairs = ((kept, "SELECT * FROM listing"), ("SELECT * FROM listing", kept))
        return max(
            int(self.database.rows(f"SELECT COUNT(*) FROM ({one} EXCEPT {other})")[0][0]) for one, other in pairs
        )

    def rebuild_listing(self) -> None:
        """Fill the table that `list_articles` reads again from the articles."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM listing")
            connection.execute(f"INSERT INTO listing SELECT {COUNTED} FROM articles")

    def rows(self) -> Iterator[CatalogueRow]:
        """Read every row by id, also those whose article is unreadable."""
        query = "SELECT id, version, root, passages FROM articles WHERE id > ? ORDER BY id LIMIT 1000"
        last = ""
        while rows := self.database.rows(query, (last,)):
            for id, version, root, passages in rows:
                try:
                    article = self.article(id)
                except StoreError:
                    article = None
                yield CatalogueRow(id, version, root, passages, article)
            last = rows[-1][0]

    # Reading.

    @property
    def state(self) -> int:
        """A number that grows with every change to what the stores hold, by whichever process."""
        return int(self.database.rows("SELECT changes FROM state")[0][0])

    def sources(self) -> list[Source]:
        """Return the sources that a refresh reads."""
        return [Source(*row) for row in self.database.rows("SELECT source, since, most FROM sources ORDER BY rowid")]

    def statuses(self) -> dict[str, SourceStatus]:
        """Return what came of each source when it was last read, by its root."""
        rows = self.database.rows("SELECT source, read, failed, reason, at FROM outcomes")
        return {name: SourceStatus(*rest) for name, *rest in rows}

    def edits(self) -> dict[str, Edits]:
        """Return what people have set of articles, by id, also of those that are not here any more."""
        return {id: json.loads(fields) for id, fields in self.database.rows("SELECT id, fields FROM edits")}

    def visits(self) -> dict[str, Visit]:
        """Return the last visit of each address that something in the index came from."""
        rows = self.database.rows(
            "SELECT place, etag, modified, digest FROM visits "
            "WHERE place IN (SELECT origin FROM articles UNION SELECT root FROM articles)"
        )
        return {place: Visit(*rest) for place, *rest in rows}

    def fingerprints(self) -> dict[str, Fingerprint]:
        """Return the fingerprint of each file that still has all the articles here that it gave."""
        rows = self.database.rows(
            "SELECT place, digest, articles FROM marks "
            "JOIN (SELECT origin, COUNT(*) AS here FROM articles GROUP BY origin) ON place = origin AND articles = here"
        )
        return {place: Fingerprint(*rest) for place, *rest in rows}

    def count_by_source(self) -> dict[str, int]:
        """Count the articles that came from each source, by its root."""
        return dict(self.database.rows("SELECT root, COUNT(*) FROM articles GROUP BY root"))

    def count_from(self, origin: str) -> int:
        """Count the articles that came from a file or an address."""
        [(count,)] = self.database.rows("SELECT COUNT(*) FROM articles WHERE origin = ?", (origin,))
        return int(count)

    def known_articles(self) -> dict[str, KnownArticle]:
        """Read version, origin and root of every article at once, by id."""
        rows = self.database.rows("SELECT id, version, origin, root FROM articles")
        return {id: KnownArticle(*rest) for id, *rest in rows}

    def look_up_articles(self) -> KnownArticles:
        """Return a mapping like `known_articles` that looks each up when asked for: for a few articles of many."""
        return KnownArticles(self.known_article, self.known_articles, lambda: self.counts().articles)

    def known_article(self, id: str) -> KnownArticle | None:
        """Look up version, origin and root of one article; None where there is none."""
        rows = self.database.rows("SELECT version, origin, root FROM articles WHERE id = ?", (id,))
        return KnownArticle(*rows[0]) if rows else None

    def filter_current(self, versions: Iterable[ArticleVersion]) -> set[ArticleVersion]:
        """Return those of the versions that are the current ones of their articles."""
        wanted = set(versions)
        return wanted & {ArticleVersion(*row) for row in self._rows_of("id, version", wanted)}

    def count_passages(self, versions: Iterable[ArticleVersion]) -> dict[ArticleVersion, int]:
        """Count the passages of those versions that are the current ones of their articles."""
        wanted = set(versions)
        counts = {
            ArticleVersion(id, version): int(count)
            for id, version, count in self._rows_of("id, version, passages", wanted)
        }
        return {version: count for version, count in counts.items() if version in wanted}

    def read_current(self, versions: Iterable[ArticleVersion]) -> dict[ArticleVersion, Article]:
        """Read the articles of those versions that are the current ones."""
        wanted = set(versions)
        rows = self._rows_of(f"version, {_COLUMNS}", wanted)
        found = [(ArticleVersion(id, version), (id, *rest)) for version, id, *rest in rows]
        return {version: _to_article(row) for version, row in found if version in wanted}

    def filter_scope(self, ids: Iterable[str], scope: Scope) -> set[str]:
        """Return those of the articles that are in a scope, by their ids."""
        rows = self._rows_with("id, source, date", "listing", ids)
        return {id for id, publisher, date in rows if scope.holds(publisher, to_day_number(date))}

    def _rows_of(self, columns: str, versions: Iterable[ArticleVersion]) -> Iterator[tuple[Any, ...]]:
        """Read columns of the articles whose versions are given, many at once, whichever version each has now."""
        yield from self._rows_with(columns, "articles", (version.article_id for version in versions))

    def _rows_with(self, columns: str, table: str, ids: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Read columns of the rows of a table with these ids."""
        wanted = list(set(ids))
        for start in range(0, len(wanted), _BATCH_IDS):
            batch = wanted[start : start + _BATCH_IDS]
            marks = ", ".join("?" * len(batch))
            yield from self.database.rows(f"SELECT {columns} FROM {table} WHERE id IN ({marks})", batch)

    def article(self, id: str) -> Article | None:
        """Read the article with this id, or None."""
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM articles WHERE id = ?", (id,))
        return _to_article(rows[0]) if rows else None

    def root_of(self, id: str) -> str:
        """Return the source that an article came from; empty where there is no such article."""
        rows = self.database.rows("SELECT root FROM articles WHERE id = ?", (id,))
        return str(rows[0][0]) if rows else ""

    def articles(self) -> Iterator[Article]:
        """Read every article, by id; memory does not grow with their number."""
        last = ""
        while rows := self.database.rows(
            f"SELECT {_COLUMNS} FROM articles WHERE id > ? ORDER BY id LIMIT 100", (last,)
        ):
            yield from map(_to_article, rows)
            last = rows[-1][0]

    def list_articles(
        self,
        words: str = "",
        *,
        publishers: Sequence[str] = (),
        since: str = "",
        until: str = "",
        order: str = "title",
        descending: bool = False,
        start: int = 0,
        most: int = 50,
    ) -> ArticlePage:
        """List a page of the articles that match, from the row `start` on; `order` is one of ORDERS."""
        where, values = listing_condition(words, publishers, since=since, until=until)
        assert order in ORDERS
        direction = "DESC" if descending else "ASC"
        sorting = f"{order} COLLATE NOCASE {direction}, id {direction}"
        page = f"SELECT id FROM listing {where} ORDER BY {sorting} LIMIT ? OFFSET ?"
        rows = self.database.rows(
            f"SELECT {LISTED} FROM listing WHERE id IN ({page}) ORDER BY {sorting}", (*values, most, start)
        )
        [(count,)] = self.database.rows(f"SELECT COUNT(*) FROM listing {where}", values)
        return ArticlePage([ListedArticle.from_row(row) for row in rows], int(count))

    def flagged_articles(self) -> list[FlaggedArticle]:
        """List the articles that were flagged when they were taken in, with the reasons."""
        rows = self.database.rows(
            "SELECT id, json_extract(metadata, '$.flagged') FROM articles WHERE metadata LIKE '%\"flagged\"%'"
        )
        return [FlaggedArticle(id, reasons) for id, reasons in rows if reasons]

    def publishers(self) -> list[str]:
        """List the names of the publishers, each once, in order."""
        # From each name to the next one by the index: DISTINCT would look at every article.
        rows = self.database.rows(
            "WITH RECURSIVE names(name) AS (SELECT min(source) FROM articles WHERE source > '' UNION ALL "
            "SELECT (SELECT min(source) FROM articles WHERE source > name) FROM names WHERE name IS NOT NULL) "
            "SELECT name FROM names WHERE name IS NOT NULL"
        )
        return [source for (source,) in rows]

    def count_languages(self) -> Mapping[str, int]:
        """Count the articles by language, as a code such as “de”; those of which none is known are left out."""
        # It reads a page of every article, so once for each state of the catalogue is enough.
        state = self.state
        if self._languages is None or self._languages[0] != state:
            rows = self.database.rows(
                "SELECT json_extract(metadata, '$.language') AS language, COUNT(*) FROM articles "
                "WHERE metadata LIKE '%\"language\"%' GROUP BY language"
            )
            self._languages = state, {str(language): int(count) for language, count in rows if language}
        return self._languages[1]

    def counts(self) -> IndexCounts:
        """Count the articles and their passages."""
        [(articles, passages)] = self.database.rows("SELECT COUNT(*), TOTAL(passages) FROM articles")
        return IndexCounts(int(articles), int(passages))


def _to_article(row: tuple[str, ...]) -> Article:
    id, title, text, source, url, date, author, metadata, origin = row
    try:
        return Article(id, title, text, source, url, date, author, json.loads(metadata), origin)
    except ValueError as error:
        raise StoreError(
            f"the row of {id!r} in the catalogue cannot be read ({error}); mend it with: rag check --repair"
        ) from error
