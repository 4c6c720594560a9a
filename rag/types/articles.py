"""Articles, and the passages that they are cut into."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from rag.structure import STRUCTURE, Block, blocks_within, parse_structure
from rag.time_codes import TIMES, TimeCode, format_second, parse_times, second_at, times_within

NOTED = frozenset(("language", "flagged"))
"""Metadata found out about an article when it is indexed; no part of the digest, so that a scan need not find it."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as read and cleaned; every offset in the library counts characters of `text`.

    >>> from rag import Article
    >>> article = Article(id="bridge.md", title="Old bridge closes", text="The bridge closed on Friday.")
    >>> article.text[11:17], len(article.digest)
    ('closed', 32)
    """

    id: str
    title: str
    text: str
    source: str = ""
    """The publisher, as a reader would name it."""
    url: str = ""
    date: str = ""
    """Day of publication as YYYY-MM-DD, or empty when unknown."""
    author: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    """The file, page or stream it was read from; not part of the digest, so a moved file is unchanged."""

    @property
    def digest(self) -> str:
        """SHA-256 (32 hexadecimal digits) of the article without its origin and the metadata found out about it."""
        content = [self.id, self.title, self.text, self.source, self.url, self.date, self.author]
        content.append(json.dumps({k: v for k, v in self.metadata.items() if k not in NOTED}, sort_keys=True))
        return hashlib.sha256("\x1f".join(content).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def page_starts(self) -> tuple[int, ...]:
        """The offset in the text at which each page begins; empty where the article has no pages."""
        return tuple(int(start) for start in self.metadata.get("pages", "").split(",") if start.isdecimal())

    @property
    def structure(self) -> tuple[Block, ...]:
        """Its headings, items of lists, rows of tables and captions, in order; empty where none are known."""
        return parse_structure(self.metadata.get(STRUCTURE, ""), len(self.text))

    @property
    def times(self) -> tuple[TimeCode, ...]:
        """When its parts are said, in order; empty where it is no recording."""
        return parse_times(self.metadata.get(TIMES, ""))

    def passage(self, start: int, end: int) -> "Passage":
        """Cut the passage between two offsets of the text."""
        return self.passages([(start, end)])[0]

    def passages(self, spans: Iterable[tuple[int, int]]) -> "list[Passage]":
        """Cut the passages between pairs of offsets of the text."""
        cut = partial(Passage, article_id=self.id, version=self.digest, language=self.metadata.get("language", ""))
        cut = partial(cut, title=self.title, source=self.source, url=self.url, date=self.date)
        cut = partial(cut, page_starts=self.page_starts)
        blocks = self.structure
        return [
            cut(
                text=self.text[start:end],
                start=start,
                end=end,
                blocks=blocks_within(blocks, start, end),
                times=times_within(self.times, start, end),
            )
            for start, end in spans
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of an article, cut by `Article.passage`, that is searched as one: `article.text[start:end] == text`.

    >>> from rag import Article
    >>> article = Article("bridge.md", "Old bridge closes", "The bridge is old. It closed.")
    >>> article.passage(19, 29).at(22, 28)
    'closed'
    """

    article_id: str
    title: str = ""
    source: str = ""
    url: str = ""
    date: str = ""
    text: str
    start: int
    end: int
    version: str = ""
    """The digest of the article the passage was cut from."""
    page_starts: tuple[int, ...] = ()
    """The offset in its article at which each page begins; empty where it has no pages."""
    blocks: tuple[Block, ...] = ()
    """The headings, items, rows and captions of its article that lie in it."""
    language: str = ""
    times: tuple[TimeCode, ...] = ()
    """When its parts are said, and the last time before it; empty where its article is no recording."""

    @property
    def id(self) -> str:
        """A name that is stable as long as the article does not change."""
        return f"{self.article_id}@{self.version[:12]}:{self.start}-{self.end}"

    def page_at(self, offset: int) -> int:
        """Return the page, from 1, on which an offset of the article stands; 0 where it has no pages."""
        return bisect_right(self.page_starts, offset)

    def second_at(self, offset: int) -> int | None:
        """Return the second of a recording at which an offset of the article is said; None where that is not known."""
        return second_at(self.times, offset)

    def describe_place(self, offset: int) -> str:
        """Describe where an offset of the article stands: “p. 3”, or “1:23” of a recording; empty where it has none."""
        if page := self.page_at(offset):
            return f"p. {page}"
        second = self.second_at(offset)
        return "" if second is None else format_second(second)

    def at(self, start: int, end: int) -> str:
        """Return the text between two offsets of the article, as far as it lies in the passage."""
        return self.text[max(start - self.start, 0) : max(end - self.start, 0)]
