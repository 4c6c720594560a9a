"""The public nouns of the library: frozen values."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from rag.structure import STRUCTURE, Block, blocks_within, parse_structure

Support = Literal["supported", "weak", "unsupported"]
Mode = Literal["extractive", "llm"]
NOTED = frozenset(("language", "flagged"))
"""Metadata found out about an article when it is indexed; no part of the digest, so that a scan need not find it."""
DOUBT = "[not supported by the passages]"
"""The mark behind a sentence that no passage supports."""


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

    def passage(self, start: int, end: int) -> "Passage":
        """Cut the passage between two offsets of the text."""
        return self.passages([(start, end)])[0]

    def passages(self, spans: Iterable[tuple[int, int]]) -> "list[Passage]":
        """Cut the passages between pairs of offsets of the text."""
        cut = partial(Passage, article_id=self.id, version=self.digest, language=self.metadata.get("language", ""))
        cut = partial(cut, title=self.title, source=self.source, url=self.url, date=self.date)
        cut = partial(cut, page_starts=self.page_starts)
        return [
            cut(text=self.text[start:end], start=start, end=end, blocks=blocks_within(self.structure, start, end))
            for start, end in spans
        ]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, and why.

    >>> from rag import Failure
    >>> Failure("scan.pdf", "it holds no text").reason
    'it holds no text'
    """

    source: str
    reason: str


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

    @property
    def id(self) -> str:
        """A name that is stable as long as the article does not change."""
        return f"{self.article_id}@{self.version[:12]}:{self.start}-{self.end}"

    def page_at(self, offset: int) -> int:
        """Return the page, from 1, on which an offset of the article stands; 0 where it has no pages."""
        return bisect_right(self.page_starts, offset)

    def at(self, start: int, end: int) -> str:
        """Return the text between two offsets of the article, as far as it lies in the passage."""
        return self.text[max(start - self.start, 0) : max(end - self.start, 0)]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a search may return.

    >>> from rag import Filters
    >>> Filters(publisher="harbor", since="2024-03-01")
    Filters(publisher='harbor', since='2024-03-01', until='', as_of='')
    """

    publisher: str = ""
    """A publisher, or a part of its name; case does not count."""
    since: str = ""
    """First day, YYYY-MM-DD, included."""
    until: str = ""
    """Last day, YYYY-MM-DD, included."""
    as_of: str = ""
    """The day on which the question is asked, YYYY-MM-DD: articles of that time go before others, none is left out."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article that may answer; `score` is between 0 and 1.

    >>> from rag import Span
    >>> span = Span(start=4, end=10, score=0.9)
    >>> "The bridge closed."[span.start : span.end]
    'bridge'
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one passage: how surely it answers (0 to 1) and where, best first.

    >>> from rag import Reading, Span
    >>> Reading(relevance=0.9, spans=(Span(4, 10, 0.9),)).spans[0].score
    0.9
    """

    relevance: float
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and why; a higher score is always better.

    >>> from rag import Hit, Passage, Reading, Span
    >>> passage = Passage(article_id="bridge.md", text="The bridge closed.", start=0, end=18)
    >>> Hit(passage, score=0.7, dense_rank=1, reading=Reading(0.9, (Span(4, 10, 0.9),))).reading.relevance
    0.9
    """

    passage: Passage
    score: float
    dense_rank: int | None = None
    """Place among the nearest vectors, from 1."""
    word_rank: int | None = None
    """Place among the best word matches, from 1."""
    likeness: float = 0.0
    """Cosine of question and passage; that of the farthest one found where only the words found it."""
    reading: Reading | None = None
    favour: float = 0.0
    """The part of the score that it has because the question means such articles."""
    copies: tuple[Passage, ...] = ()
    """Near-identical passages of other articles, folded into this one."""
    agreement: float = 0.0
    """How much other articles give the same answer: the logarithm of one and the sum of their relevances."""
    stale: float = 0.0
    """How far, 0 to 1, it lies from the time that the question speaks of: “this week”, on the day it is asked."""

    @property
    def span_text(self) -> str:
        """The words of its best span; empty where it was not read or no span was found in it."""
        spans = self.reading.spans if self.reading is not None else ()
        return self.passage.at(spans[0].start, spans[0].end) if spans else ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation: `article.text[start:end] == quote`, always.

    >>> from rag import Article, Citation
    >>> article = Article("bridge.md", "Old bridge closes", "It closed.", source="Harbor Review", date="2024-03-01")
    >>> Citation(1, article.passage(0, 10), 0, 10, "It closed.").attribution
    ('Old bridge closes', 'Harbor Review', '2024-03-01')
    """

    number: int
    passage: Passage
    start: int
    end: int
    quote: str
    marks: tuple[tuple[int, int], ...] = ()
    """Where several sentences of the quote support something, each from start to end; empty where all of it does."""

    @property
    def page(self) -> int:
        """The page, from 1, on which the quote begins; 0 where the article has no pages."""
        return self.passage.page_at(self.start)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Title, publisher, day and page of what is quoted, those that are known."""
        page = f"p. {self.page}" if self.page else ""
        return tuple(filter(None, (self.passage.title, self.passage.source, self.passage.date, page)))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, the numbers of its citations and how well they support it.

    >>> from rag import Sentence
    >>> Sentence("The bridge closed.", citations=(1, 2), support="supported", emphasis=(4, 10)).emphasised
    'bridge'
    """

    text: str
    citations: tuple[int, ...] = ()
    support: Support = "unsupported"
    score: float = 0.0
    emphasis: tuple[int, int] | None = None
    """Where in `text` the words stand that answer a question of fact."""
    reason: str = ""
    """Why it is weak or unsupported."""

    @property
    def emphasised(self) -> str:
        """The words that answer, empty where none are marked."""
        return self.text[slice(*self.emphasis)] if self.emphasis else ""

    @property
    def cited_text(self) -> str:
        """The sentence followed by the numbers of its citations in square brackets."""
        return " ".join([self.text, "".join(f"[{number}]" for number in self.citations)]).strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered so far, and from what.

    >>> from rag import Answer, Sentence
    >>> question = "What closed?"
    >>> answer = Answer(question, question, (Sentence("The bridge closed.", (1,), "supported"),), answered=True)
    >>> answer.text
    'The bridge closed. [1]'
    """

    question: str
    query: str
    """What was searched for: the question, rewritten to stand alone where it was a follow-up."""
    sentences: tuple[Sentence, ...] = ()
    hits: tuple[Hit, ...] = ()
    citations: tuple[Citation, ...] = ()
    answered: bool = False
    mode: Mode = "extractive"
    model: str = ""
    """The LLM that wrote it, empty where none did."""
    note: str = ""
    """What a reader should know of how it came about, in one line: why the LLM did not answer, what is left open."""
    parts: tuple[str, ...] = ()
    """The questions that it was taken apart into, empty where it was asked as one."""
    period: str = ""
    """The publisher and the time that the question asks for, as they were understood, and what they were taken for."""
    confidence: float = 0.0
    """The probability that what is said is right; below the threshold nothing is said."""
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds spent in each stage."""

    @property
    def short(self) -> str:
        """The words that answer in the surest sentence; empty where it abstains or none are marked."""
        marked = [sentence for sentence in self.sentences if sentence.emphasis]
        return max(marked, key=lambda sentence: sentence.score).emphasised if marked else ""

    @property
    def text(self) -> str:
        """The sentences joined, each with its numbers in square brackets, and marked where nothing supports it."""
        return " ".join(one.cited_text + (f" {DOUBT}" if self.doubts(one) else "") for one in self.sentences)

    def doubts(self, sentence: Sentence) -> bool:
        """Whether the sentence claims something that no passage supports."""
        return self.answered and sentence.support == "unsupported" and bool(sentence.reason)

    def __str__(self) -> str:
        """Format the text, the note, and each citation with its title, publisher, date and quotation."""
        lines = [self.text, *(["", f"({self.note})"] if self.note else [])]
        for citation in self.citations:
            attribution = ", ".join(citation.attribution)
            lines += ["", f"[{citation.number}] {attribution}", f"    “{' '.join(citation.quote.split())}”"]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    >>> from rag import Message
    >>> history = [Message("user", "Which bridge closed?"), Message("assistant", "The old one. [1]")]
    >>> [message.role for message in history]
    ['user', 'assistant']
    """

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync did to the index, counted in articles, the sources it could not read, and those it left out.

    >>> from rag import Changes
    >>> print(Changes(added=2, unchanged=14))
    2 added, 0 updated, 0 removed, 14 unchanged, 0 failed
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[Failure, ...] = ()
    left_out: tuple[Failure, ...] = ()

    def __str__(self) -> str:
        """Format the counts on one line; that of what was left out only where there is any."""
        counts = ", ".join(f"{getattr(self, name)} {name}" for name in ("added", "updated", "removed", "unchanged"))
        left_out = f", {len(self.left_out)} left out" if self.left_out else ""
        return f"{counts}, {len(self.failed)} failed{left_out}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a stage of work is done: `articles` of `total`, which is None while it is not known, and `passages`.

    >>> from rag import Progress
    >>> done = Progress(stage="indexing", articles=40, total=160, passages=420, seconds=9.5)
    >>> f"{done.articles} of {done.total}"
    '40 of 160'
    """

    stage: Literal["reading", "indexing", "checking"]
    articles: int
    total: int | None
    passages: int
    seconds: float
    """Since the stage began."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an index.

    >>> from rag import Finding
    >>> print(Finding("vectors", "a passage is missing", article="bridge.md"))
    vectors: bridge.md: a passage is missing
    """

    part: str
    """Where: catalogue, vectors, words, folder or index."""
    said: str
    """What is wrong and what follows from it, or what to do."""
    article: str = ""
    """The id of the article it is about, or empty."""
    mended: bool = False

    def __str__(self) -> str:
        about = f"{self.part}: {self.article}: " if self.article else f"{self.part}: "
        return f"{'mended: ' if self.mended else ''}{about}{self.said}"
