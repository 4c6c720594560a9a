"""Answer questions over an index with cited, verified sentences, or an honest no."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.answering.background import Background
from rag.answering.citations import Extract, cite, verify
from rag.answering.conflicts import difference
from rag.answering.extractive import compose
from rag.answering.generative import Prose, write
from rag.answering.prompt import build_prompt
from rag.errors import LLMError
from rag.index import Index
from rag.models.address_space import QUESTIONS_GB, refuse_low_limit
from rag.models.deadline import time_is_up
from rag.models.llm import open_llm
from rag.models.reader import open_reader
from rag.models.reader.support_checker import SupportChecker
from rag.prompts import INSTEAD, LEFT_OPEN, NOT_FOUND, OUTSIDE, PARTIAL, REFUSED, UNREAD
from rag.protocols import LLM, BoundedReader, Checker, Reader
from rag.retrieval.confidence import answer_probability, confidence, upper_bound, with_agreement
from rag.retrieval.filters import describe_periods, narrow_filters, publication_period
from rag.retrieval.query import Query, make_query, parse_query
from rag.retrieval.rewriting import MAX_QUESTION_CHARS, bound_question
from rag.settings import Settings
from rag.text.time_expressions import Period
from rag.types import Answer, Filters, Hit, Message, Sentence

if TYPE_CHECKING:
    from rag.integrations.llama_index import ArticleQueryEngine

_LISTED = 30
"""Passages that are found, so that one who doubts the answer can look further than the reader did."""
_SLICE = 4
"""Passages read between two looks at whether the rest can win."""
_SAME = 0.9
"""A sentence supported this surely by one that is said already says nothing new."""
_BEGINNING = 80
"""Characters that a note quotes of a long question."""
_ANSWERING = 4
"""The part of an LLM's window, one in so many, that is kept for what it writes."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A query that is put to the index, and what was found for it, the surest first once it was read."""

    query: Query
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0
    limit: Period | None = None
    """The time to which the search was limited."""
    is_widened: bool = False
    """Whether articles of all times were searched after those of that time."""
    note: str = ""

    @property
    def period(self) -> str:
        """The times that it names, and what each was taken for."""
        return describe_periods(self.query, self.limit, is_widened=self.is_widened)


class _Clock:
    """Seconds of each stage, one after the other."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._started = self._last = time.perf_counter()

    def lap(self, stage: str, seconds: float | None = None) -> None:
        """Ends a stage; `seconds` of the time since the last one are its own where not all are."""
        now = time.perf_counter()
        self.timings.pop("total", None)
        self.timings |= {stage: now - self._last if seconds is None else seconds, "total": now - self._started}
        self._last = now if seconds is None else self._last + seconds


class Assistant:
    """Answers questions over an index; it holds no conversation, so one object serves every session.

    >>> from pathlib import Path
    >>> from rag import Assistant, Index
    >>> from rag.testing import OverlapReader, WordEmbedder
    >>> _ = Path("bridge.txt").write_text("The old bridge closed on Friday.")
    >>> index = Index.open("index", embedder=WordEmbedder())
    >>> _ = index.sync("bridge.txt")
    >>> answer = Assistant(index, OverlapReader()).ask("When was the old bridge closed?")
    >>> answer.text
    'The old bridge closed on Friday. [1]'
    >>> answer.citations[0].quote
    'The old bridge closed on Friday.'
    >>> index.close()
    """

    def __init__(
        self,
        index: Index,
        reader: Reader | None = None,
        settings: Settings | None = None,
        checker: Checker | None = None,
        llm: LLM | None = None,
    ) -> None:
        """Without a reader or an LLM, those the settings name; without a checker, the one in the package."""
        refuse_low_limit(QUESTIONS_GB)
        self.index = index
        self.settings = settings or index.settings
        self.reader = reader or open_reader(self.settings.reader_model, self.settings.device)
        self.checker = checker or SupportChecker()
        self.llm = llm or open_llm(self.settings)

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        """The complete answer; `history` is the conversation before the question, oldest first."""
        *_, answer = self.stream(question, history, filters)
        return answer

    def stream(
        self, question: str, history: Sequence[Message] = (), filters: Filters | None = None
    ) -> Background[Answer]:
        """Ever more complete answers: the first has its hits, the last is complete and checked.

        They come from a thread that ends when they are closed or dropped; after `RAG_ANSWER_SECONDS` the last one has
        what was found by then. QuestionError for a question that is too long.
        """
        question = bound_question(question)
        earlier = [replace(message, text=bound_question(message.text[:MAX_QUESTION_CHARS])) for message in history]
        return self._timed(lambda: self._stream(question, earlier, filters or Filters()), question)

    def _timed(self, source: Callable[[], Generator[Answer, None, None]], question: str) -> Background[Answer]:
        return Background(
            source, self.settings.answer_seconds, lambda last: _cut_off(last or Answer(question, question))
        )

    def _stream(self, question: str, history: Sequence[Message], filters: Filters) -> Generator[Answer, None, None]:
        clock = _Clock()
        publishers = () if self.index.empty else self.index.publishers()
        query = make_query(question, history=history, as_of=filters.as_of, publishers=publishers, llm=self.llm)
        clock.lap("understand")
        parts = [self._find(part, filters) for part in query.subqueries]
        clock.lap("retrieve")
        answer = Answer(
            question,
            query.text,
            hits=_together(parts),
            parts=tuple(part.text for part in query.parts),
            timings=dict(clock.timings),
        )
        yield answer
        parts = [self._read_widely(part, len(parts), filters) for part in parts]
        clock.lap("read")
        surest, told = max(part.confidence for part in parts), _told(part.period for part in parts)
        note = _told([*(part.note for part in parts), *(self._unread(part.text) for part in query.subqueries)])
        answer = replace(answer, hits=_together(parts), confidence=surest, period=told, note=note)
        if self._asks_llm(answer):
            try:
                if query.llm_error:
                    raise LLMError(query.llm_error)
                yield from self._write(answer, query, clock)
                return
            except LLMError as error:
                clock.lap("llm")
                said = PARTIAL.format(left="the language model had answered") if time_is_up() else str(error)
                answer = replace(answer, note=" ".join(filter(None, [answer.note, INSTEAD.format(error=said)])))
        yield from self._quote(answer, query, parts, clock)

    def quoted(self, question: str, filters: Filters | None = None) -> Answer:
        """The answer in the articles' own sentences, whether or not there is an LLM."""
        question = bound_question(question)
        *_, answer = self._timed(lambda: self._quoted(question, filters or Filters()), question)
        return answer

    def _quoted(self, question: str, filters: Filters) -> Generator[Answer, None, None]:
        clock = _Clock()
        publishers = () if self.index.empty else self.index.publishers()
        query = parse_query(question, as_of=filters.as_of, publishers=publishers)
        part = self._read_widely(self._find(query, filters), 1, filters)
        clock.lap("read")
        answer = Answer(
            question, question, hits=part.hits, confidence=part.confidence, period=part.period, note=part.note
        )
        yield from self._quote(answer, query, [part], clock)

    def as_query_engine(self) -> "ArticleQueryEngine":
        """A LlamaIndex query engine that answers as this assistant does."""
        from rag.integrations.llama_index import ArticleQueryEngine

        return ArticleQueryEngine(assistant=self)

    def _find(self, query: Query, filters: Filters) -> _Part:
        """Search for a query, within the time in which it wants articles published where it names one."""
        if not query.text.strip():
            return _Part(query)
        limit = publication_period(query, filters)
        return _Part(query, self._search(query, narrow_filters(filters, limit)), limit=limit)

    def _search(self, query: Query, filters: Filters) -> tuple[Hit, ...]:
        return tuple(self.index.search(query, max(self.settings.read_top, _LISTED), filters))

    def _read_widely(self, part: _Part, parts: int, filters: Filters) -> _Part:
        """The part as it is read; where the articles of the time it names do not answer, those of all times may."""
        read = self._read(part, parts)
        if part.limit is None or read.confidence >= self.settings.answer_threshold or time_is_up():
            return read
        wide = self._read(replace(part, hits=self._search(part.query, filters), is_widened=True), parts)
        note = OUTSIDE.format(period=part.limit) if wide.confidence >= self.settings.answer_threshold else ""
        return replace(wide, note=_told([note, wide.note]))

    def _read(self, part: _Part, parts: int) -> _Part:
        """The part with its first hits read, the surest first; some are left when they cannot win.

        How many are read hangs on counts alone, so that one question has one answer; a deadline is noted.
        """
        most = 2 * self.settings.read_top // (parts + 1)
        read, rest, further = list[Hit](), part.hits[: most or 1], part.hits[most or 1 :]
        note = ""
        while rest and (not read or max(map(answer_probability, read)) < upper_bound(rest)):
            if read and time_is_up():
                note = PARTIAL.format(left="all that was found was read")
                break
            now, rest = rest[:_SLICE], rest[_SLICE:]
            readings = self.reader.read(part.query.text, [hit.passage for hit in now])
            read += [replace(hit, reading=reading) for hit, reading in zip(now, readings, strict=True)]
        read = sorted(with_agreement(read), key=lambda hit: -answer_probability(hit))
        return replace(part, hits=(*read, *rest, *further), confidence=confidence(read), note=note)

    def _unread(self, question: str) -> str:
        """What a note says of a question that is longer than the reader reads."""
        read = self.reader.readable(question) if isinstance(self.reader, BoundedReader) else question
        return UNREAD.format(beginning=f"“{' '.join(read.split())[:_BEGINNING]}…”") if read != question else ""

    # Answering in the articles' own sentences.

    def _quote(self, answer: Answer, query: Query, parts: Sequence[_Part], clock: _Clock) -> Iterator[Answer]:
        sure = [part for part in parts if part.confidence >= self.settings.answer_threshold]
        extracts = self._composed(sure, len(parts))
        answer = replace(answer, answered=bool(extracts))
        for number in range(1, len(extracts)):
            chosen, citations = cite(extracts[:number])
            yield replace(answer, sentences=chosen, citations=citations)
        chosen, citations = cite(extracts)
        left = [part.query.text for part in parts if part not in sure] if extracts else []
        note = " ".join(filter(None, [answer.note, LEFT_OPEN.format(questions=" ".join(left)) if left else ""]))
        answer = replace(answer, sentences=chosen or (Sentence(NOT_FOUND),), citations=citations, note=note)
        answer = _differing(verify(answer), query)
        clock.lap("compose")
        yield replace(answer, timings=clock.timings)

    def _composed(self, sure: Sequence[_Part], parts: int) -> list[Extract]:
        """The sentences for every part, each sentence once."""
        found: dict[tuple[str, int], Extract] = {}
        for part in sure:
            most = max(self.settings.answer_sentences // parts, 1)
            for extract in compose(part.query, part.hits, most=most, adds=self._adds):
                found.setdefault((extract.passage.article_id, extract.start), extract)
        return list(found.values())

    def _adds(self, said: str, more: str) -> bool:
        """Whether a sentence says anything that another does not."""
        return self.checker.support([(more, said)])[0] < _SAME

    # Answering in an LLM's prose.

    def _asks_llm(self, answer: Answer) -> bool:
        """Whether there is an LLM, and something to answer from."""
        sure = answer.confidence >= self.settings.answer_threshold or self.settings.llm_without_evidence
        return self.llm is not None and bool(answer.hits) and sure

    def _write(self, answer: Answer, query: Query, clock: _Clock) -> Iterator[Answer]:
        assert self.llm is not None
        longest = min(self.settings.llm_max_tokens, self.llm.window // _ANSWERING)
        read = [hit.passage for hit in answer.hits if hit.reading is not None]
        today = query.today.isoformat()
        given = build_prompt(query.text, read, today, self.llm.window - longest, self.llm.count_tokens)
        answer = replace(answer, mode="llm", model=self.llm.name, answered=True)
        prose = Prose()
        try:
            for prose in write(given, self.llm, self.checker, longest, self.settings.unsupported_claims == "mark"):
                if time_is_up():
                    raise LLMError("the time for an answer is up")
                if self.settings.unsupported_claims != "refuse" and prose.sentences:
                    yield self._said(answer, prose)
        except LLMError:
            prose = replace(prose, sentences=_finished(prose.sentences))
            if not time_is_up() or not prose.sentences:
                raise
            answer = replace(answer, note=_told([answer.note, PARTIAL.format(left="it was written")]))
        answer = _differing(verify(self._said(answer, prose)), query)
        clock.lap("llm", prose.waited)
        clock.lap("check")
        yield replace(answer, timings=clock.timings)

    def _said(self, answer: Answer, prose: Prose) -> Answer:
        """The answer with what is written, as the setting wants sentences that nothing supports."""
        if prose.abstains:
            return replace(answer, answered=False, sentences=(Sentence(NOT_FOUND),))
        doubted = [one for one in prose.sentences if answer.doubts(one)]
        if doubted and self.settings.unsupported_claims == "refuse":
            return replace(answer, answered=False, sentences=(Sentence(REFUSED),))
        dropped = doubted if self.settings.unsupported_claims == "drop" else []
        kept = tuple(one for one in prose.sentences if one not in dropped)
        return replace(answer, sentences=kept, citations=prose.citations)


def _finished(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences that were checked; the last one of an answer that grows may not be."""
    return tuple(one for one in sentences if one.citations or one.reason)


def _cut_off(answer: Answer) -> Answer:
    """An answer as it is when its time is up: what was found so far, or an honest no."""
    found = _finished(answer.sentences)
    note = _told([PARTIAL.format(left="it was finished"), answer.note])
    sentences = found or (Sentence(NOT_FOUND),)
    return verify(replace(answer, sentences=sentences, answered=bool(found), note=note))


def _told(said: Iterable[str]) -> str:
    """What is told of the parts, each once, on one line."""
    return "; ".join(filter(None, dict.fromkeys(said)))


def _together(parts: Sequence[_Part]) -> tuple[Hit, ...]:
    """The hits of all parts in turn, each passage once."""
    found: dict[str, Hit] = {}
    for row in zip_longest(*(part.hits for part in parts)):
        for hit in filter(None, row):
            known = found.get(hit.passage.id)
            if known is None or (known.reading is None and hit.reading is not None):
                found[hit.passage.id] = hit
    return tuple(found.values())


def _differing(answer: Answer, query: Query) -> Answer:
    """The answer with a sentence on how the cited articles differ, where they do."""
    found = difference(query, answer.hits, answer.citations) if answer.answered else None
    if found is None:
        return answer
    sentence, citations = found
    return replace(answer, sentences=(*answer.sentences, sentence), citations=citations)
