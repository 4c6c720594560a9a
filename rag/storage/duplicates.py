"""Detect near-duplicates and newer versions of articles with MinHash.

Copies of a text that several publishers print form a family. An article that a publisher puts out again, little
changed, under another id is a version of the one before it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from rag.failures import attempt_article
from rag.storage.sqlite import Connection, Database
from rag.text.minhash import (
    Signature,
    compute_signature,
    estimate_similarity,
    figure_similarity,
    find_digit_figures,
    hash_bands,
    hash_shingles,
    have_different_figures,
    shingle_similarity,
    signature_method,
)
from rag.text.words import jaccard, split_words
from rag.types import Article, Failure

_COPY_OVERLAP = 0.8
"""Share of all runs of five words that near-copies have in common."""
_COPY_FIGURES = 0.8
"""Share of their figures that copies have in common where each has some of its own."""
_VERSION_FIGURES = 0.5
"""The same of versions: an update changes some figures, the next report of a series nearly all."""
_TITLE_OVERLAP = 0.5
"""Share of their words that the titles of versions have in common."""
_MIN_AGREEMENT = _COPY_OVERLAP - 0.1
"""Signatures that agree less than this are of texts that are no copies: 2.5 standard errors."""
_MAX_COMPARED = 8
"""Articles whose texts are compared with that of a new one, those that share most bands."""
_BATCH_ARTICLES = 100

_TABLES = (
    """CREATE TABLE signatures (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, method TEXT NOT NULL, made BLOB NOT NULL,
    family INTEGER NOT NULL
    )""",
    "CREATE INDEX families ON signatures (family, id)",
    "CREATE TABLE bands (band INTEGER, number INTEGER, PRIMARY KEY (band, number)) WITHOUT ROWID",
    "CREATE TABLE replaced (older TEXT, newer TEXT, PRIMARY KEY (older, newer)) WITHOUT ROWID",
    "CREATE INDEX replacing ON replaced (newer)",
    "CREATE TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID",
    "INSERT INTO touched SELECT id FROM articles",
    "CREATE TRIGGER touched_in AFTER INSERT ON articles BEGIN INSERT OR IGNORE INTO touched VALUES (NEW.id); END",
    "CREATE TRIGGER touched_out AFTER DELETE ON articles BEGIN INSERT OR IGNORE INTO touched VALUES (OLD.id); END",
)
"""`touched` are the articles that came, changed or went since they were last compared, by whichever version."""


@dataclass(frozen=True, slots=True)
class DuplicateGroups:
    """Which articles of a search are copies of each other, and which have a newer version."""

    family: Mapping[str, int] = field(default_factory=dict)
    """The number of its family, for each article that has copies."""
    replaced: frozenset[str] = frozenset()
    """Articles that have a newer version."""


class FamilyMember(NamedTuple):
    """An article of a family of copies, without its text."""

    id: str
    publisher: str
    date: str


class NewerVersion(NamedTuple):
    """An article that has a newer version, which answers in its place, by their ids."""

    older: str
    newer: str


class NearDuplicates:
    """The families and versions of one catalogue; safe between threads, one of which writes."""

    def __init__(self, database: Database, article: Callable[[str], Article | None]) -> None:
        """Keep signatures in tables of `database`; `article` reads the article of an id, None where there is none."""
        self._rows = database.rows
        self._writing = database.writing
        self.article = article
        self._compared = False
        self._failures: list[Failure] = []
        database.prepare("touched", _TABLES)

    # Writing.

    def update(self) -> None:
        """Forget the articles that changed or went, and compare those that came or changed with the rest.

        Each batch is kept as it is done; articles whose signature another method made are compared again.
        """
        if not self._compared:
            self._touch_outdated_articles()
            self._compared = True
        while ids := [id for (id,) in self._rows(f"SELECT id FROM touched LIMIT {_BATCH_ARTICLES}")]:
            with self._writing() as connection:
                for id in ids:
                    self._forget(connection, id)
                    if (article := self.article(id)) is not None:
                        self._attempt_to_learn(connection, article)
                connection.executemany("DELETE FROM touched WHERE id = ?", [(id,) for id in ids])

    def take_failures(self) -> list[Failure]:
        """Return the articles that could not be compared since the last call; they stand for themselves alone."""
        failures = self._failures
        self._failures = []
        return failures

    def _attempt_to_learn(self, connection: Connection, article: Article) -> None:
        """Learn an article; one that cannot be compared becomes a failure."""
        failure = attempt_article(article, partial(self.learn, connection, article))
        if failure is not None:
            self._failures.append(Failure(failure.source, f"not compared with the other articles: {failure.reason}"))

    def _touch_outdated_articles(self) -> None:
        """Mark the articles whose signatures were made by another method to be compared again."""
        with self._writing() as connection:
            query = "INSERT OR IGNORE INTO touched SELECT id FROM signatures WHERE method != ?"
            connection.execute(query, (signature_method(),))

    def _forget(self, connection: Connection, id: str) -> None:
        """Remove an article from the tables."""
        for number, made in self._rows("SELECT number, made FROM signatures WHERE id = ?", (id,)):
            own = [(band, number) for band in hash_bands(_unpack(made))]
            connection.executemany("DELETE FROM bands WHERE band = ? AND number = ?", own)
        connection.execute("DELETE FROM signatures WHERE id = ?", (id,))
        connection.execute("DELETE FROM replaced WHERE older = ?1 OR newer = ?1", (id,))

    def learn(self, connection: Connection, article: Article) -> None:
        """Compare an article with those that its signature is near to, and record its family and versions."""
        own = hash_shingles(article.text)
        made = compute_signature(own)
        near = self._find_near(made)
        family = 0
        closest = 0.0
        for other, other_family in near:
            overlap = shingle_similarity(own, hash_shingles(other.text))
            if (
                overlap >= _COPY_OVERLAP
                and overlap > closest
                and _are_copies(article, other)
                and self._fits(made, other_family)
            ):
                family = other_family
                closest = overlap
            if overlap >= _COPY_OVERLAP and (version := _newer_version(article, other)):
                connection.execute("INSERT OR IGNORE INTO replaced VALUES (?, ?)", version)
        row = (article.id, signature_method(), made.astype(np.uint32).tobytes(), family)
        inserted = connection.execute("INSERT INTO signatures (id, method, made, family) VALUES (?, ?, ?, ?)", row)
        number = inserted.lastrowid or 0
        if not family:
            connection.execute("UPDATE signatures SET family = number WHERE number = ?", (number,))
        connection.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, number) for band in hash_bands(made)]
        )

    def _find_near(self, made: Signature) -> list[tuple[Article, int]]:
        """Find the articles, with their families, whose signatures nearly agree with one."""
        own = hash_bands(made)
        query = (
            "SELECT id, made, family FROM signatures JOIN (SELECT number, COUNT(*) AS times FROM bands "
            f"WHERE band IN ({', '.join('?' * len(own))}) GROUP BY number ORDER BY times DESC LIMIT {_MAX_COMPARED}) "
            "USING (number) WHERE method = ?"
        )
        rows = self._rows(query, (*own, signature_method()))
        near = [
            (id, family) for id, other, family in rows if estimate_similarity(made, _unpack(other)) >= _MIN_AGREEMENT
        ]
        return [(other, family) for id, family in near if (other := self.article(id)) is not None]

    def _fits(self, made: Signature, family: int) -> bool:
        """Whether a signature is near that of the first of a family too, so that families do not drift."""
        rows = self._rows("SELECT made FROM signatures WHERE number = ?", (family,))
        return all(estimate_similarity(made, _unpack(first)) >= _MIN_AGREEMENT for (first,) in rows)

    # Reading.

    def groups(self, ids: Iterable[str], until: str = "") -> DuplicateGroups:
        """Group these articles into families of copies; newer versions count up to the day `until`, where given."""
        wanted = list(dict.fromkeys(ids))
        marks = ", ".join("?" * len(wanted))
        families = self._rows(
            f"SELECT id, family FROM signatures AS own WHERE id IN ({marks}) AND EXISTS "
            "(SELECT 1 FROM signatures AS other WHERE other.family = own.family AND other.id != own.id)",
            wanted,
        )
        replaced = self._rows(
            "SELECT DISTINCT older FROM replaced JOIN listing ON listing.id = newer "
            f"WHERE older IN ({marks}) AND (? = '' OR date <= ?)",
            (*wanted, until, until),
        )
        return DuplicateGroups(dict(families), frozenset(id for (id,) in replaced))

    def members(self, family: int) -> list[FamilyMember]:
        """List the articles of a family, which may be thousands, without their texts."""
        query = "SELECT id, source, date FROM signatures JOIN listing USING (id) WHERE family = ? ORDER BY number"
        return [FamilyMember(*row) for row in self._rows(query, (family,))]

    def versions(self) -> list[NewerVersion]:
        """List each article that has a newer version, with that version's id; with several, one row for each."""
        return [NewerVersion(*row) for row in self._rows("SELECT older, newer FROM replaced ORDER BY older, newer")]


def _unpack(made: bytes) -> Signature:
    return np.frombuffer(made, dtype=np.uint32).astype(np.uint64)


def _are_copies(one: Article, other: Article) -> bool:
    """Whether two texts with nearly the same words say the same: not where each has several figures of its own."""
    return not have_different_figures(one.text, other.text) or figure_similarity(one.text, other.text) >= _COPY_FIGURES


def _newer_version(one: Article, other: Article) -> NewerVersion | None:
    """Tell which of two articles is a later version of the other, if one is; both texts are nearly the same.

    The next report of a series is none: it has a title of its own, or figures of its own.
    """
    older, newer = sorted((one, other), key=lambda article: article.date)
    if not (older.source and older.source == newer.source and older.date and older.date < newer.date):
        return None
    if not (_same_headline((older.title, newer.title)) and _one_report(older, newer)):
        return None
    return NewerVersion(older.id, newer.id)


def _same_headline(titles: Sequence[str]) -> bool:
    """Whether two titles have most words and all figures in common; one that is missing fits any."""
    one, other = (frozenset(split_words(title)) for title in titles)
    if not one or not other:
        return True
    return jaccard(one, other) >= _TITLE_OVERLAP and find_digit_figures(titles[0]) == find_digit_figures(titles[1])


def _one_report(older: Article, newer: Article) -> bool:
    """Whether the figures of two articles are those of one report, not of two of a series."""
    return figure_similarity(older.text, newer.text) >= _VERSION_FIGURES
