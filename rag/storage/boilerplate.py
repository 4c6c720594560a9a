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
from urllib.parse import urlsplit

from rag.storage.sqlite import Connection, Database
from rag.types import Article

_HEAD, _TAIL = 4, 8
"""Paragraphs at either end of an article among which repeated ones are looked for."""
_LONGEST = 60
"""Words of the longest paragraph that goes."""
_LONGEST_INSIDE = 12
"""The same of paragraphs between head and tail."""
_QUOTED = re.compile(r"[“\"«„](?:\S+\s+){5,}?\S+[”\"»“]")
"""A quotation of six words or more is never furniture."""
_LEAST, _SHARE = 4, 0.05
"""Articles of a site, and the share of all of them, that a paragraph must stand in."""
_LEAST_INSIDE, _SHARE_INSIDE = 10, 0.2
"""The same for what is left out between head and tail too."""
_STAYS = 0.4
"""Once decided, it goes on until the share has fallen to this part of what was needed, so that nothing flickers."""
_KEPT = 0.5
"""The part of an article's words that stays at the least; if less would, all of it stays."""
_DIGITS = re.compile(r"\d+")

_TABLES = (
    "CREATE TABLE ends (id TEXT PRIMARY KEY, site TEXT NOT NULL, body INTEGER NOT NULL, lines BLOB NOT NULL)",
    "CREATE INDEX ends_of ON ends (site)",
    "CREATE TABLE repeated (site TEXT, line INTEGER, inside INTEGER, PRIMARY KEY (site, line)) WITHOUT ROWID",
)
"""`ends` holds the hashes of each article's short paragraphs as they were read, `repeated` what is left out."""

Decided = Mapping[str, Mapping[int, bool]]
"""For each site the paragraphs that are left out, by their hashes, and whether also between head and tail."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What counts of one article: its site, its longest paragraph and the short ones, as hashes."""

    id: str
    site: str
    body: int
    lines: bytes
    """Signed 64-bit numbers, each once."""

    @classmethod
    def of(cls, article: Article) -> "Ends":
        """Those of an article as it was read."""
        paragraphs = article.text.split("\n\n")
        longest = max(paragraphs, key=len)
        short = {_hash(line) for place, line in enumerate(paragraphs) if _may_go(line, place, len(paragraphs), True)}
        return cls(article.id, site(article), _hash(longest), array("q", sorted(short)).tobytes())


@dataclass(slots=True)
class BoilerplateCounter:
    """What is left out of the articles of a sync, and what is counted in them for the next."""

    decided: Decided = field(default_factory=dict)
    ends: list[Ends] = field(default_factory=list)

    def take(self, article: Article) -> Article:
        """Counts an article as it was read, and gives it without what is left out so far."""
        if not counts(article):
            return article
        self.ends.append(Ends.of(article))
        return self.clean(article)

    def clean(self, article: Article) -> Article:
        """The article without what its site repeats."""
        return without_boilerplate(article, self.decided.get(site(article), {})) if counts(article) else article


class Boilerplate:
    """What the sites of one catalogue repeat."""

    def __init__(self, database: Database) -> None:
        """Makes the tables where there are none."""
        self._rows, self._writing = database.rows, database.writing
        database.prepare("ends", _TABLES)

    def decided(self) -> Decided:
        """What is left out of articles that are read from now on."""
        found = defaultdict[str, dict[int, bool]](dict)
        for place, line, inside in self._rows("SELECT site, line, inside FROM repeated"):
            found[place][line] = bool(inside)
        return found

    def learn(self, ends: Sequence[Ends]) -> Decided:
        """Counts articles in, those that were read before in their new state, and decides anew for their sites."""
        with self._writing() as connection:
            rows = ((one.id, one.site, one.body, one.lines) for one in ends)
            connection.executemany("INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?)", rows)
            before = self.decided()
            for place in {one.site for one in ends}:
                self._decide(connection, place, before.get(place, {}))
        return self.decided()

    def forget_gone(self) -> None:
        """Counts no more what has left the index."""
        with self._writing() as connection:
            connection.execute("DELETE FROM ends WHERE id NOT IN (SELECT id FROM articles)")

    def copied(self) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """All that it knows, for `restore`."""
        return self._rows("SELECT * FROM ends"), self._rows("SELECT * FROM repeated")

    def restore(self, known: tuple[list[tuple[object, ...]], list[tuple[object, ...]]]) -> None:
        """Takes what another one knew."""
        with self._writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?)", known[0])
            connection.executemany("INSERT OR REPLACE INTO repeated VALUES (?, ?, ?)", known[1])

    def _decide(self, connection: Connection, place: str, before: Mapping[int, bool]) -> None:
        """What a site repeats: the articles are told apart by their longest paragraph, so that versions count once."""
        holders, bodies = defaultdict[int, set[int]](set), set[int]()
        for body, lines in self._rows("SELECT body, lines FROM ends WHERE site = ?", (place,)):
            bodies.add(body)
            for line in array("q", lines):
                if line != body:
                    holders[line].add(body)
        connection.execute("DELETE FROM repeated WHERE site = ?", (place,))
        found = []
        for line, own in holders.items():
            ease = _STAYS if line in before else 1.0
            if _often(len(own), len(bodies), _LEAST, _SHARE, ease):
                ease = _STAYS if before.get(line) else 1.0
                found.append((place, line, _often(len(own), len(bodies), _LEAST_INSIDE, _SHARE_INSIDE, ease)))
        connection.executemany("INSERT INTO repeated VALUES (?, ?, ?)", found)


def counts(article: Article) -> bool:
    """Whether an article is counted and cleaned: not JSON lines, to whose characters people's questions refer."""
    name = article.origin.lower().removesuffix(".gz")
    return bool(site(article)) and name != "-" and not name.endswith((".jsonl", ".ndjson"))


def site(article: Article) -> str:
    """What articles of one site have in common: the publisher, or the host of the address."""
    return article.source.casefold() or _host(article.url).lower().removeprefix("www.")


def _host(url: str) -> str:
    """The host of an address; empty for what people write into the field for addresses and is none."""
    try:
        return urlsplit(url).netloc if "//" in url else ""
    except ValueError:
        return ""


def without_boilerplate(article: Article, repeated: Mapping[int, bool]) -> Article:
    """The article without repeated paragraphs; the same one where there is none, or where too little would stay."""
    if not repeated:
        return article
    paragraphs = article.text.split("\n\n")
    kept = [line for place, line in enumerate(paragraphs) if not _goes(line, place, len(paragraphs), repeated)]
    if len(kept) == len(paragraphs) or _words(kept) < _KEPT * _words(paragraphs):
        return article
    return replace(article, text="\n\n".join(kept))


def _goes(line: str, place: int, total: int, repeated: Mapping[int, bool]) -> bool:
    inside = repeated.get(_hash(line)) if _may_go(line, place, total, True) else None
    return inside is not None and _may_go(line, place, total, inside)


def _may_go(line: str, place: int, total: int, inside: bool) -> bool:
    """Whether a paragraph is short enough, for where it stands, to be furniture; the only one never is."""
    at_end = place < _HEAD or place >= total - _TAIL
    words = len(line.split())
    longest = _LONGEST if at_end else _LONGEST_INSIDE if inside else 0
    return total > 1 and 0 < words <= longest and not _QUOTED.search(line)


def _often(times: int, of: int, least: int, share: float, ease: float) -> bool:
    return times >= max(least * ease, 2) and times >= share * ease * of


def _words(paragraphs: Iterable[str]) -> int:
    return sum(len(line.split()) for line in paragraphs)


def _hash(line: str) -> int:
    """A paragraph as a signed 64-bit number; letters' case, spacing and figures make no difference."""
    same = " ".join(_DIGITS.sub("0", line.casefold()).split())
    return int.from_bytes(hashlib.blake2b(same.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
