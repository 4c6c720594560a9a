"""Detect and remove boilerplate: paragraphs that a site repeats over its articles.

Nothing is known of what they say. A paragraph goes where it is short, stands near the head or the tail of an article,
and stands in many articles of one site that are otherwise different.
"""

import hashlib
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from rag.storage.sqlite import Connection, Database
from rag.types import Article

_HEAD_PARAGRAPHS = 4
_TAIL_PARAGRAPHS = 8
"""Paragraphs at either end of an article among which repeated ones are looked for."""
_MAX_WORDS = 60
"""Words of the longest paragraph that goes."""
_MAX_WORDS_INSIDE = 12
"""The same of paragraphs between head and tail."""
_QUOTED = re.compile(r"[“\"«„](?:\S+\s+){5,}?\S+[”\"»“]")
"""A quotation of six words or more is never boilerplate."""
_STAYS = 0.4
"""Once known, boilerplate stays so until its share has fallen to this part of what was needed: nothing flickers."""
_MIN_KEPT = 0.5
"""The part of an article's words that stays at the least; if less would, all of it stays."""
_DIGITS = re.compile(r"\d+")

_TABLES = (
    "CREATE TABLE ends (id TEXT PRIMARY KEY, site TEXT NOT NULL, body INTEGER NOT NULL, lines BLOB NOT NULL)",
    "CREATE INDEX ends_of ON ends (site)",
    "CREATE TABLE repeated (site TEXT, line INTEGER, inside INTEGER, PRIMARY KEY (site, line)) WITHOUT ROWID",
)
"""`ends` holds the hashes of each article's short paragraphs as they were read, `repeated` the known boilerplate."""

KnownBoilerplate = Mapping[str, Mapping[int, bool]]
"""For each site the hashes of the paragraphs that are left out, and whether also between head and tail."""


@dataclass(frozen=True, slots=True)
class _Frequency:
    """How often a paragraph must stand in the articles of a site to be boilerplate."""

    articles: int
    share: float
    """The share of all articles of the site."""

    def is_enough(self, times: int, total: int, *, ease: float) -> bool:
        """Whether `times` articles of `total` are enough; with an `ease` below 1 fewer are."""
        return times >= max(self.articles * ease, 2) and times >= self.share * ease * total


_AT_THE_ENDS = _Frequency(articles=4, share=0.05)
_ANYWHERE = _Frequency(articles=10, share=0.2)
"""For what is left out between head and tail too."""


class ParagraphHashes(NamedTuple):
    """The paragraphs of one article that are counted, as hashes."""

    id: str
    site: str
    longest: int
    """The longest paragraph, which tells articles apart from their copies."""
    short: bytes
    """The paragraphs that may be boilerplate: signed 64-bit numbers, each once."""

    @classmethod
    def of(cls, article: Article) -> "ParagraphHashes":
        """Hash the paragraphs of an article as it was read."""
        paragraphs = _paragraphs_of(article)
        longest = max((paragraph.text for paragraph in paragraphs), key=len)
        short = {_hash(paragraph.text) for paragraph in paragraphs if paragraph.may_go(inside=True)}
        return cls(article.id, site(article), _hash(longest), array("q", sorted(short)).tobytes())


class BoilerplateRows(NamedTuple):
    """All that the boilerplate of one catalogue was found by, to be copied into another catalogue."""

    ends: list[tuple[object, ...]]
    repeated: list[tuple[object, ...]]


@dataclass(slots=True)
class BoilerplateCounter:
    """Counts the paragraphs of the articles of a sync, and cleans the articles of known boilerplate."""

    known: KnownBoilerplate = field(default_factory=dict)
    counted: list[ParagraphHashes] = field(default_factory=list)

    def count(self, article: Article) -> Article:
        """Count an article as it was read, and return it without the boilerplate known so far."""
        if not is_cleanable(article):
            return article
        self.counted.append(ParagraphHashes.of(article))
        return self.clean(article)

    def clean(self, article: Article) -> Article:
        """Return the article without the known boilerplate of its site."""
        return without_boilerplate(article, self.known.get(site(article), {})) if is_cleanable(article) else article


class Boilerplate:
    """The boilerplate of the sites of one catalogue."""

    def __init__(self, database: Database) -> None:
        """Keep it in tables of `database`, which are made where there are none."""
        self._database = database
        database.prepare("ends", _TABLES)

    def load(self) -> KnownBoilerplate:
        """Read each site's known boilerplate: paragraphs' hashes, and whether each goes between head and tail too."""
        known = defaultdict[str, dict[int, bool]](dict)
        for site, paragraph, inside in self._database.rows("SELECT site, line, inside FROM repeated"):
            known[site][paragraph] = bool(inside)
        return known

    def learn(self, counted: Sequence[ParagraphHashes]) -> KnownBoilerplate:
        """Count articles, in their new state where they were counted before, and decide again for their sites."""
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?)", counted)
            before = self.load()
            for site in {hashes.site for hashes in counted}:
                self._decide(connection, site, before.get(site, {}))
        return self.load()

    def forget_gone(self) -> None:
        """Stop counting the articles that have left the index."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM ends WHERE id NOT IN (SELECT id FROM articles)")

    def export(self) -> BoilerplateRows:
        """Read all that was counted and decided, for `restore`."""
        rows = self._database.rows
        return BoilerplateRows(rows("SELECT * FROM ends"), rows("SELECT * FROM repeated"))

    def restore(self, rows: BoilerplateRows) -> None:
        """Write what another catalogue exported."""
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?)", rows.ends)
            connection.executemany("INSERT OR REPLACE INTO repeated VALUES (?, ?, ?)", rows.repeated)

    def _decide(self, connection: Connection, site: str, before: Mapping[int, bool]) -> None:
        """Decide what a site repeats; articles with the same longest paragraph count once, as versions of one."""
        holders = defaultdict[int, set[int]](set)
        articles: set[int] = set()
        for longest, short in self._database.rows("SELECT body, lines FROM ends WHERE site = ?", (site,)):
            articles.add(longest)
            for paragraph in array("q", short):
                if paragraph != longest:
                    holders[paragraph].add(longest)
        connection.execute("DELETE FROM repeated WHERE site = ?", (site,))
        rows = []
        for paragraph, own in holders.items():
            ease = _STAYS if paragraph in before else 1.0
            if _AT_THE_ENDS.is_enough(len(own), len(articles), ease=ease):
                ease = _STAYS if before.get(paragraph) else 1.0
                inside = _ANYWHERE.is_enough(len(own), len(articles), ease=ease)
                rows.append((site, paragraph, inside))
        connection.executemany("INSERT INTO repeated VALUES (?, ?, ?)", rows)


def is_cleanable(article: Article) -> bool:
    """Whether an article is counted and cleaned of boilerplate.

    It is not where it has no site, or came from standard input or from a file of JSON lines, to whose characters
    people's questions refer.
    """
    name = article.origin.lower().removesuffix(".gz")
    return bool(site(article)) and name != "-" and not name.endswith((".jsonl", ".ndjson"))


def site(article: Article) -> str:
    """Return what articles of one site have in common: the publisher, or the host of the address."""
    return article.source.casefold() or _host(article.url).lower().removeprefix("www.")


def _host(url: str) -> str:
    """Return the host of an address; empty for what people write into the field for addresses and is none."""
    try:
        return urlsplit(url).netloc if "//" in url else ""
    except ValueError:
        return ""


def without_boilerplate(article: Article, repeated: Mapping[int, bool]) -> Article:
    """Remove repeated paragraphs; return the same article where there is none, or where too little would stay."""
    if not repeated:
        return article
    paragraphs = _paragraphs_of(article)
    kept = [paragraph for paragraph in paragraphs if not _is_boilerplate(paragraph, repeated)]
    if len(kept) == len(paragraphs) or _count_words(kept) < _MIN_KEPT * _count_words(paragraphs):
        return article
    return replace(article, text="\n\n".join(paragraph.text for paragraph in kept))


class _Paragraph(NamedTuple):
    """A paragraph and where it stands in its article."""

    text: str
    number: int
    total: int
    """How many paragraphs the article has."""

    def may_go(self, *, inside: bool) -> bool:
        """Whether it is short enough, for where it stands, to be boilerplate; the only paragraph never is.

        `inside` lets short ones between head and tail go too.
        """
        at_end = self.number < _HEAD_PARAGRAPHS or self.number >= self.total - _TAIL_PARAGRAPHS
        words = len(self.text.split())
        most = _MAX_WORDS if at_end else _MAX_WORDS_INSIDE if inside else 0
        return self.total > 1 and 0 < words <= most and not _QUOTED.search(self.text)


def _paragraphs_of(article: Article) -> list[_Paragraph]:
    texts = article.text.split("\n\n")
    return [_Paragraph(text, number, len(texts)) for number, text in enumerate(texts)]


def _is_boilerplate(paragraph: _Paragraph, repeated: Mapping[int, bool]) -> bool:
    """Whether a paragraph is one that repeats, at a place in its article where such paragraphs are left out."""
    inside = repeated.get(_hash(paragraph.text)) if paragraph.may_go(inside=True) else None
    return inside is not None and paragraph.may_go(inside=inside)


def _count_words(paragraphs: Iterable[_Paragraph]) -> int:
    return sum(len(paragraph.text.split()) for paragraph in paragraphs)


def _hash(paragraph: str) -> int:
    """Hash a paragraph to a signed 64-bit number; letters' case, spacing and figures make no difference."""
    same = " ".join(_DIGITS.sub("0", paragraph.casefold()).split())
    return int.from_bytes(hashlib.blake2b(same.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
