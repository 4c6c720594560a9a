"""Answer questions over an index with cited, verified sentences, or an honest no."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress, zip_longest
from typing import TYPE_CHECKING

from rag.answering.background import Background
from rag.answering.citations import Extract, cite, verify
from rag.answering.composer import Composer
from rag.answering.conflicts import find_conflict
from rag.answering.generative import Prose, write_answer
from rag.answering.prompt import Guidance, build_prompt
from rag.errors import LLMError
from rag.index import Index
from rag.models.address_space import QUESTIONS_GB, refuse_low_limit
from rag.models.deadline import time_is_up
from rag.models.llm import open_llm
from rag.models.reader import open_reader
from rag.models.reader.support_checker import load_support_checker
from rag.models.small_talk import SmallTalkDetector
from rag.prompts import (
    LISTED,
    LLM_FAILED,
    LONG_QUESTION,
    NOT_FOUND,
    PARTIAL,
    SMALL_TALK,
    UNANSWERED,
    UNSUPPORTED,
)
from rag.protocols import LLM, BoundedReader, Checker, Reader
from rag.retrieval.compared_values import complete_pair, holds_value, is_comparison
from rag.retrieval.findings import Findings, PassageReader, join_notes, note_meaning_share
from rag.retrieval.other_languages import note_other_languages
from rag.retrieval.query import Query, complete_query, make_query, parse_query
from rag.retrieval.rewriting import MAX_QUESTION_CHARS, bound_question
from rag.settings import Settings
from rag.types import Answer, Filters, Hit, Message, Sentence

if TYPE_CHECKING:
    from rag.integrations.llama_index import ArticleQueryEngine

_QUOTED_QUESTION_CHARS = 80
"""Characters that a note quotes of a long question."""
_WINDOW_SHARE = 4
"""The part of an LLM's window, one in so many, that is kept for what it writes."""


class _Clock:
    """Measures the seconds that each stage of an answer takes, one after the other."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._started = self._last = time.perf_counter()

    def lap(self, stage: str, seconds: float | None = None) -> None:
        """Record the seconds since the last stage ended as those of `stage`, and update the total.

        Where `seconds` are given, only so many count for this stage, and the others for the next one.
        """
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
        *,
        checker: Checker | None = None,
        llm: LLM | None = None,
    ) -> None:
        """Answer over `index`; `reader` and `llm` are those that the settings name unless given.

        `settings` are those of the index, and `checker` is the packaged one, unless given.
        """
        refuse_low_limit(QUESTIONS_GB)
        self.index = index
        self.settings = settings or index.settings
        self.reader = reader or open_reader(self.settings.reader_model, self.settings.device)
        self.checker = checker or load_support_checker()
        self.llm = llm or open_llm(self.settings)
        self._composer = Composer(self.checker, index.embedder)
        self._passages = PassageReader(index.search, self.reader, self.settings)
        self._small_talk = SmallTalkDetector(index.embedder)

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        """Return the complete answer; `history` is the conversation before the question, oldest first.

        QuestionError for a question that is too long, FilterError for bad filters, IndexMissing before the first sync.
        """
        *_, answer = self.stream(question, history, filters)
        return answer

    def stream(
        self, question: str, history: Sequence[Message] = (), filters: Filters | None = None
    ) -> Background[Answer]:
        """Yield ever more complete answers: the first has its hits, the last is complete and checked.

        They come from a thread that ends when they are closed or dropped; after `RAG_ANSWER_SECONDS` the last one has
        what was found by then. QuestionError for a question that is too long; the first answer raises FilterError for
        bad filters and IndexMissing before the first sync.
        """
        question = bound_question(question)
        earlier = [replace(message, text=bound_question(message.text[:MAX_QUESTION_CHARS])) for message in history]
        return self._limit_time(lambda: self._stream(question, earlier, filters or Filters()), question)

    def _limit_time(self, source: Callable[[], Generator[Answer, None, None]], question: str) -> Background[Answer]:
        return Background(
            source, self.settings.answer_seconds, lambda last: _cut_off(last or Answer(question, question))
        )

    def _stream(self, question: str, history: Sequence[Message], filters: Filters) -> Generator[Answer, None, None]:
        clock = _Clock()
        if not self.index.empty and self._small_talk.is_small_talk(question):
            clock.lap("understand")
            yield Answer(question, question, (Sentence(SMALL_TALK),), timings=clock.timings)
            return
        query = make_query(question, history=history, as_of=filters.as_of, publishers=self._publishers(), llm=self.llm)
        query = self._correct_spelling(query, filters)
        clock.lap("understand")
        parts = [Findings(part) if part.leans else self._passages.find(part, filters) for part in query.subqueries]
        clock.lap("retrieve")
        answer = Answer(
            question,
            query.text,
            hits=_merge_hits(parts),
            parts=tuple(part.text for part in query.parts),
            timings=dict(clock.timings),
        )
        yield answer
        query, parts = self._read_parts(query, parts, filters)
        parts = complete_pair(parts, self._is_sure)
        is_answered = bool(query.parts) and all(map(self._is_sure, parts))
        if query.plain is not None and not is_answered and not time_is_up():
            plain = self._passages.read(self._passages.find(query.plain, filters), 1, filters)
            is_value = not is_comparison(parts) or holds_value(plain, parts[0].query.answer_type)
            if is_value and plain.confidence >= max(part.confidence for part in parts):
                query = query.plain
                parts = [plain]
        clock.lap("read")
        notes = [*(part.note for part in parts), *(self._note_unread(part.text) for part in query.subqueries)]
        notes.append(note_meaning_share(self.index.embedded_share()))
        answer = replace(
            answer,
            query=query.text,
            parts=tuple(part.text for part in query.parts),
            hits=_merge_hits(parts),
            confidence=max(part.confidence for part in parts),
            period=join_notes(part.period for part in parts),
            note=join_notes(notes),
        )
        if self._asks_llm(answer):
            try:
                if query.llm_error:
                    raise LLMError(query.llm_error)
                yield from self._write(answer, query, parts, clock=clock)
                return
            except LLMError as error:
                clock.lap("llm")
                reason = PARTIAL.format(left="the language model had answered") if time_is_up() else str(error)
                answer = replace(answer, note=" ".join(filter(None, [answer.note, LLM_FAILED.format(error=reason)])))
        yield from self._extract(answer, query, parts, clock=clock)

    def quote(self, question: str, filters: Filters | None = None) -> Answer:
        """Return the answer quoted from the articles, whether or not there is an LLM; errors as of `ask`."""
        question = bound_question(question)
        *_, answer = self._limit_time(lambda: self._stream_quotes(question, filters or Filters()), question)
        return answer

    def _stream_quotes(self, question: str, filters: Filters) -> Generator[Answer, None, None]:
        """Answer a question in quotes of the articles, without an LLM; yield each state of the answer."""
        clock = _Clock()
        text = self.index.correct_spelling(question)
        query = parse_query(text, as_of=filters.as_of, publishers=self._publishers())
        part = self._passages.read(self._passages.find(query, filters), 1, filters)
        clock.lap("read")
        note = join_notes([part.note, note_meaning_share(self.index.embedded_share())])
        answer = Answer(question, text, hits=part.hits, confidence=part.confidence, period=part.period, note=note)
        yield from self._extract(answer, query, [part], clock=clock)

    def as_query_engine(self) -> "ArticleQueryEngine":
        """Return a LlamaIndex query engine that answers as this assistant does."""
        from rag.integrations.llama_index import ArticleQueryEngine

        return ArticleQueryEngine(assistant=self)

    def _correct_spelling(self, query: Query, filters: Filters) -> Query:
        """Return a query whose misspelt names are those of the articles, parsed again where there are any."""
        plain = query.plain
        if plain is not None and (asked := self.index.correct_spelling(plain.text)) != plain.text:
            plain = parse_query(asked, as_of=filters.as_of, publishers=self._publishers())
        text = self.index.correct_spelling(query.text)
        if text == query.text:
            return replace(query, plain=plain)
        corrected = make_query(text, as_of=filters.as_of, publishers=self._publishers(), llm=self.llm)
        return replace(corrected, plain=plain, llm_error=query.llm_error or corrected.llm_error)

    def _publishers(self) -> Sequence[str]:
        """Return the publishers that a question may name; none before a first sync, which the search reports."""
        return () if self.index.empty else self.index.publishers()

    def _note_other_languages(self, question: str) -> str:
        """Return a note on articles in other languages than a question; empty where the user chose both models."""
        if self.settings.embedding_model and self.settings.reader_model:
            return ""
        return note_other_languages(question, self.index.count_languages())

    def _read_parts(self, query: Query, parts: Sequence[Findings], filters: Filters) -> tuple[Query, list[Findings]]:
        """Read the parts of a query in order, and return both as they were asked.

        One that asks about the answer before it is completed with that first, then searched.
        """
        asked = list(query.parts)
        read = list[Findings]()
        for number, part in enumerate(parts):
            if part.query.leans and read:
                said = read[-1].answer if self._is_sure(read[-1]) else ""
                asked[number] = complete_query(part.query, asked[number - 1], said, publishers=self._publishers())
                part = self._passages.find(asked[number], filters)
            read.append(self._passages.read(part, len(parts), filters))
        return replace(query, parts=tuple(asked)), read

    def _is_sure(self, part: Findings) -> bool:
        return part.confidence >= self.settings.answer_threshold

    def _note_unread(self, question: str) -> str:
        """Return a note for a question that is longer than the reader reads; empty for any other."""
        read = self.reader.readable(question) if isinstance(self.reader, BoundedReader) else question
        return (
            LONG_QUESTION.format(beginning=f"“{' '.join(read.split())[:_QUOTED_QUESTION_CHARS]}…”")
            if read != question
            else ""
        )

    # Answering in the articles' own sentences.

    def _extract(self, answer: Answer, query: Query, parts: Sequence[Findings], *, clock: _Clock) -> Iterator[Answer]:
        """Yield the answer with one more quoted sentence each time; the last answer is complete and verified."""
        sure = list(filter(self._is_sure, parts))
        composed = self._compose(sure, len(parts))
        extracts = _merge_extracts(composed)
        answer = replace(answer, answered=bool(extracts))
        for number in range(1, len(extracts)):
            chosen, citations = cite(extracts[:number])
            yield replace(answer, sentences=chosen, citations=citations)
        chosen, citations = cite(extracts)
        said = [part for part, own in zip(sure, composed, strict=True) if own]
        pairs = zip(query.subqueries, parts, strict=True)
        left = [one.text for one, part in pairs if part not in said] if extracts else []
        is_list = [part.query.answer_type.kind == "list" and part.query.survey is None for part in sure]
        listed = list(compress(sure, is_list)) if len(extracts) > 1 else []
        notes = [answer.note, *(LISTED.format(articles=part.articles_read) for part in listed)]
        if not extracts:
            notes.append(self._note_other_languages(query.text))
        if left:
            notes.append(UNANSWERED.format(questions=" ".join(left)))
        note = " ".join(filter(None, notes))
        answer = replace(answer, sentences=chosen or (Sentence(NOT_FOUND),), citations=citations, note=note)
        asked = [(part.query, part.hits) for part in parts if query.wants_quantity]
        answer = _with_conflicts(verify(answer), asked)
        clock.lap("compose")
        yield replace(answer, timings=clock.timings)

    def _compose(self, sure: Sequence[Findings], parts: int) -> list[list[Extract]]:
        """Compose the extracts that answer each of the parts."""
        most = max(self.settings.answer_sentences // parts, 1)
        composed = []
        for part in sure:
            hits = () if part.is_complete else part.hits
            composed.append(self._composer.compose(part.query, hits, part.sentences, most=most))
        return composed

    # Answering in an LLM's prose.

    def _asks_llm(self, answer: Answer) -> bool:
        """Whether an LLM writes the answer: there is one, and hits, sure enough ones unless the settings differ."""
        sure = answer.confidence >= self.settings.answer_threshold or self.settings.llm_without_evidence
        return self.llm is not None and bool(answer.hits) and sure

    def _write(self, answer: Answer, query: Query, parts: Sequence[Findings], *, clock: _Clock) -> Iterator[Answer]:
        """Yield the answer with the LLM's sentences so far; the last answer is complete and verified."""
        assert self.llm is not None
        longest = min(self.settings.llm_max_tokens, self.llm.window // _WINDOW_SHARE)
        read = [hit.passage for hit in answer.hits if hit.reading is not None]
        today = query.today.isoformat()
        likely = _merge_extracts(self._compose([part for part in parts if self._is_sure(part)], len(parts)))
        given = build_prompt(
            query.text,
            read,
            today,
            max_tokens=self.llm.window - longest,
            count_tokens=self.llm.count_tokens,
            guidance=Guidance(tuple(part.text for part in query.parts), tuple(likely)),
        )
        answer = replace(answer, mode="llm", model=self.llm.name, answered=True)
        prose = Prose()
        try:
            marks = self.settings.unsupported_claims == "mark"
            for prose in write_answer(given, self.llm, self.checker, max_tokens=longest, show_unfinished=marks):
                if time_is_up():
                    raise LLMError("the time for an answer is up")
                if self.settings.unsupported_claims != "refuse" and prose.sentences:
                    yield self._with_prose(answer, prose)
        except LLMError:
            prose = replace(prose, sentences=_checked_sentences(prose.sentences))
            if not time_is_up() or not prose.sentences:
                raise
            answer = replace(answer, note=join_notes([answer.note, PARTIAL.format(left="it was written")]))
        asked = [] if query.parts else [(query, answer.hits)]
        answer = _with_conflicts(verify(self._with_prose(answer, prose)), asked)
        clock.lap("llm", prose.waited)
        clock.lap("check")
        yield replace(answer, timings=clock.timings)

    def _with_prose(self, answer: Answer, prose: Prose) -> Answer:
        """Return the answer with the LLM's sentences, those that nothing supports treated as the setting says."""
        if prose.abstains:
            return replace(answer, answered=False, sentences=(Sentence(NOT_FOUND),))
        doubted = [one for one in prose.sentences if answer.doubts(one)]
        if doubted and self.settings.unsupported_claims == "refuse":
            return replace(answer, answered=False, sentences=(Sentence(UNSUPPORTED),))
        dropped = doubted if self.settings.unsupported_claims == "drop" else []
        kept = tuple(one for one in prose.sentences if one not in dropped)
        return replace(answer, sentences=kept, citations=prose.citations)


def _checked_sentences(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences that were checked; the last one of an answer that grows may not be."""
    return tuple(one for one in sentences if one.citations or one.reason)


def _cut_off(answer: Answer) -> Answer:
    """Close an answer whose time is up: with what was found so far, or as an honest no."""
    found = _checked_sentences(answer.sentences)
    note = join_notes([PARTIAL.format(left="it was finished"), answer.note])
    sentences = found or (Sentence(NOT_FOUND),)
    return verify(replace(answer, sentences=sentences, answered=bool(found), note=note))


def _merge_extracts(composed: Iterable[Sequence[Extract]]) -> list[Extract]:
    """Put the extracts of all parts together, each sentence once."""
    found: dict[tuple[str, int], Extract] = {}
    for extracts in composed:
        for extract in extracts:
            found.setdefault((extract.passage.article_id, extract.start), extract)
    return list(found.values())


def _merge_hits(parts: Sequence[Findings]) -> tuple[Hit, ...]:
    """Interleave the hits of all parts, each passage once; a hit that was read replaces one that was not."""
    found: dict[str, Hit] = {}
    for row in zip_longest(*(part.hits for part in parts)):
        for hit in filter(None, row):
            known = found.get(hit.passage.id)
            if known is None or (known.reading is None and hit.reading is not None):
                found[hit.passage.id] = hit
    return tuple(found.values())


def _with_conflicts(answer: Answer, asked: Sequence[tuple[Query, Sequence[Hit]]]) -> Answer:
    """Return the answer with a sentence on how two cited articles differ in a figure or day asked for, where two do.

    Each question is looked at with its own hits: what two parts ask for differs because it is not the same thing.
    """
    found = (find_conflict(query, hits, answer.citations) for query, hits in asked if answer.answered)
    conflict = next(filter(None, found), None)
    if conflict is None:
        return answer
    sentence, citations = conflict
    return replace(answer, sentences=(*answer.sentences, sentence), citations=citations)
