"""Questions, what is found for them, and answers with their citations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.time_codes import add_second
from rag.types.articles import Passage

Support = Literal["supported", "weak", "unsupported"]
Mode = Literal["extractive", "llm"]
DOUBT = "[not supported by the passages]"
"""The mark behind a sentence that no passage supports."""


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
    def second(self) -> int | None:
        """The second of a recording at which the quote begins; None where the article is none."""
        return self.passage.second_at(self.start)

    @property
    def url(self) -> str:
        """The address of the article; of a recording the one that opens it at the quote."""
        return add_second(self.passage.url, self.second)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Title, publisher, day and page or time of what is quoted, those that are known."""
        place = self.passage.describe_place(self.start)
        return tuple(filter(None, (self.passage.title, self.passage.source, self.passage.date, place)))


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
