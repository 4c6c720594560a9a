"""Assistant: from a question to an answer whose every sentence is cited and checked, or to an honest no."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.citing import cite, verify
from rag.composing import compose
from rag.index import Index
from rag.judging import agreeing, ceiling, confidence, judged
from rag.ports import Checker, Reader
from rag.prompts import NOT_FOUND
from rag.reader import open_reader
from rag.reader.support import SupportChecker
from rag.settings import Settings
from rag.types import Answer, Filters, Hit, Message, Passage, Sentence

_LEANING = re.compile(
    r"^(and|but|so|then|what about|how about)\b|"
    r"\b(it|its|that|this|those|these|they|them|their|he|him|his|she|her|there)\b",
    re.I,
)
_ASKING = re.compile(
    r"^(and|but|so)?\s*(who(m|se)?|what|which|when|where|why|how( many| much| long| old)?)\b\s*"
    r"((did|does|do|is|are|was|were|has|have|had)\b\s*)?",
    re.I,
)


_LISTED = 30
"""Passages that are found, so that one who doubts the answer can look further than the reader did."""
_SLICE = 4
"""Passages read between two looks at the clock."""
_SAME = 0.9
"""A sentence supported this surely by one that is said already says nothing new."""


class Assistant:
    """Answers questions over an index; it holds no conversation, so one object serves every session."""

    def __init__(
        self,
        index: Index,
        reader: Reader | None = None,
        settings: Settings | None = None,
        checker: Checker | None = None,
    ) -> None:
        """Without a reader, the one the settings name; without a checker, the one in the package."""
        self.index = index
        self.settings = settings or index.settings
        self.reader = reader or open_reader(self.settings.reader_model, self.settings.device)
        self.checker = checker or SupportChecker()

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        """The complete answer; `history` is the conversation before the question, oldest first."""
        *_, answer = self.stream(question, history, filters)
        return answer

    def stream(
        self, question: str, history: Sequence[Message] = (), filters: Filters | None = None
    ) -> Iterator[Answer]:
        """Ever more complete answers: the first has its hits, the last is complete and checked."""
        started = time.perf_counter()
        query = complete(question, history)
        most = max(self.settings.read_top, _LISTED)
        hits = self.index.search(query, most, filters) if query.strip() else []
        found = time.perf_counter()
        answer = Answer(question, query, hits=tuple(hits), timings={"retrieve": found - started})
        yield answer
        answer = self._read(answer)
        read = time.perf_counter()
        sure = answer.confidence >= self.settings.answer_threshold
        quotes = compose(query, answer.hits, self.settings.answer_sentences, self._adds) if sure else []
        answer = replace(answer, answered=bool(quotes))
        for number in range(1, len(quotes)):
            chosen, citations = cite(quotes[:number])
            yield replace(answer, sentences=chosen, citations=citations)
        chosen, citations = cite(quotes)
        answer = verify(replace(answer, sentences=chosen or (Sentence(NOT_FOUND),), citations=citations))
        done = time.perf_counter()
        timings = {"retrieve": found - started, "read": read - found, "compose": done - read, "total": done - started}
        yield replace(answer, timings=timings)

    def _read(self, answer: Answer) -> Answer:
        """The answer with its first hits read, the surest first; some are left when time is up or they cannot win."""
        until = time.perf_counter() + self.settings.read_ms / 1000
        read, rest, further = list[Hit](), answer.hits[: self.settings.read_top], answer.hits[self.settings.read_top :]
        while rest and (not read or (time.perf_counter() < until and max(map(judged, read)) < ceiling(rest))):
            part, rest = rest[:_SLICE], rest[_SLICE:]
            readings = self.reader.read(answer.query, [hit.passage for hit in part])
            read += [replace(hit, reading=reading) for hit, reading in zip(part, readings, strict=True)]
        read = sorted(agreeing(read), key=lambda hit: -judged(hit))
        return replace(answer, hits=(*read, *rest, *further), confidence=confidence(read))

    def _adds(self, said: str, more: str) -> bool:
        """Whether a sentence says anything that another does not."""
        return self.checker.support([(more, said)])[0] < _SAME


def complete(question: str, history: Sequence[Message]) -> str:
    """The question, completed from the questions before it where it leans on them."""
    words = question.split()
    before = [message.text for message in history if message.role == "user"]
    if not before or not (_LEANING.search(question) or len(words) < 4):
        return question
    previous = complete(before[-1], [Message("user", text) for text in before[:-1]])
    topic = _ASKING.sub("", previous).strip(" ?.!")
    return f"{question.strip(' ?')}: {topic}?"


def to_json(answer: Answer) -> dict[str, object]:
    """The answer as the command line and the web page give it to programs."""
    return {
        "question": answer.question,
        "query": answer.query,
        "mode": answer.mode,
        "answered": answer.answered,
        "answer": answer.text,
        "confidence": answer.confidence,
        "sentences": [
            {"text": one.text, "citations": list(one.citations), "support": one.support, "score": one.score}
            | {"emphasis": list(one.emphasis) if one.emphasis else None}
            for one in answer.sentences
        ],
        "citations": [
            {"number": one.number, **about(one.passage), "start": one.start, "end": one.end, "quote": one.quote}
            for one in answer.citations
        ],
        "hits": [
            {
                "article_id": one.passage.article_id,
                "start": one.passage.start,
                "end": one.passage.end,
                "score": judged(one) if one.reading else one.score,
            }
            for one in answer.hits
        ],
        "timings": dict(answer.timings),
    }


def about(passage: Passage) -> dict[str, str]:
    """Where a passage comes from, as the JSON shapes name it."""
    return {
        "article_id": passage.article_id,
        "title": passage.title,
        "source": passage.source,
        "url": passage.url,
        "date": passage.date,
    }
