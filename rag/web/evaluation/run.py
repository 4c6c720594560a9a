"""Run an evaluation in a thread, to be watched and stopped."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

from rag.assistant import Assistant
from rag.evaluation import Question, evaluate
from rag.serialization import format_score
from rag.types import Answer, Filters, Hit, Message

_POLL_SECONDS = 0.5
"""Seconds between two looks at how far an evaluation is."""
_MAX_HITS = 3
"""Passages that are remembered of each question."""

Scores = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One of the worst questions: its row of the scores, whether its right article is known, and its first hits."""

    row: Scores
    has_gold_article: bool
    hits: tuple[Hit, ...]

    @property
    def expected(self) -> str:
        """The accepted answers, joined by slashes, or "no answer"."""
        accepted = self.row["expected"]
        return accepted if isinstance(accepted, str) else " / ".join(accepted)

    @property
    def gold_rank(self) -> str:
        """The rank of the right article among the hits, or "not found"; empty where none is known to be right."""
        return format_score(self.row["gold article"] or "not found") if self.has_gold_article else ""


class _Stopped(Exception):
    pass


class _RecordingAssistant(Assistant):
    """An assistant that records the hits of another's answers."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(
            assistant.index, assistant.reader, assistant.settings, checker=assistant.checker, llm=assistant.llm
        )
        self._assistant = assistant
        self.hits: dict[tuple[str, str], tuple[Hit, ...]] = {}

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        answer = self._assistant.ask(question, history, filters)
        self.hits[question, answer.text] = answer.hits[:_MAX_HITS]
        return answer


class Scoring:
    """An evaluation in a thread of its own, while it is entered; leaving stops it after the question under way."""

    def __init__(self, assistant: Assistant, questions: Sequence[Question]) -> None:
        """Put `questions` to `assistant` once it is entered."""
        self._assistant = _RecordingAssistant(assistant)
        self._questions = questions
        self._done = 0
        self._stopped = threading.Event()
        self._scores: Future[Scores] = Future()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Scoring":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()

    def counts(self) -> Iterator[int]:
        """Yield how many questions are done: 0 at once, then every half second until the evaluation has ended."""
        yield 0
        while not wait([self._scores], _POLL_SECONDS).done:
            yield self._done

    def result(self) -> tuple[Scores, tuple[Case, ...]]:
        """Wait for the end, and return the scores and the worst questions, or raise what went wrong."""
        scores = self._scores.result()
        with_gold = {question.question for question in self._questions if question.gold_articles}
        hits = self._assistant.hits
        rows = scores["worst"]
        return scores, tuple(
            Case(row, row["question"] in with_gold, hits.get((row["question"], row["answer"]), ())) for row in rows
        )

    def _work(self) -> None:
        try:
            self._scores.set_result(evaluate(self._assistant, self._questions, self._report))
        except BaseException as error:
            self._scores.set_exception(error)

    def _report(self, number: int) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._done = number
