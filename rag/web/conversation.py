"""A conversation as a tuple of turns, from which everything on the page is drawn."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from rag.assistant import Assistant
from rag.types import Answer, Filters, Message

_PATIENCE = 0.2
"""Seconds between two looks at whether somebody still waits."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what is said about it so far."""

    answer: Answer
    done: bool = False
    articles: int = 0
    """How many articles the index held when the answer was finished."""
    stopped: bool = False
    """Whether it was stopped before it was finished."""


Turns = tuple[Turn, ...]


def talk(assistant: Assistant, articles: int, question: str, earlier: Turns, filters: Filters) -> Iterator[Turns]:
    """The conversation with one more question: at once, with every more complete answer, and finished."""
    turn = Turn(Answer(question, question))
    yield (*earlier, turn)
    for answer in assistant.stream(question, history(earlier), filters):
        turn = Turn(answer)
        yield (*earlier, turn)
    yield (*earlier, replace(turn, done=True, articles=articles))


def watched(source: Callable[[], Iterator[Turns]], workers: Executor) -> Iterator[Turns | None]:
    """What a source gives, as it comes; None now and then while nothing does, so that waiting for it can be left."""
    given: queue.SimpleQueue[Turns | Exception | None] = queue.SimpleQueue()
    left = threading.Event()
    workers.submit(_give, source, given, left)
    try:
        while True:
            try:
                item = given.get(timeout=_PATIENCE)
            except queue.Empty:
                yield None
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        left.set()


def _give(
    source: Callable[[], Iterator[Turns]], given: "queue.SimpleQueue[Turns | Exception | None]", left: threading.Event
) -> None:
    try:
        for item in source():
            if left.is_set():
                return
            given.put(item)
        given.put(None)
    except Exception as error:  # it is raised again where it is waited for
        given.put(error)


def history(turns: Turns) -> tuple[Message, ...]:
    """The turns as messages, without the numbers of their citations."""
    said = (message for turn in turns for message in _messages(turn.answer))
    return tuple(message for message in said if message.text)


def _messages(answer: Answer) -> tuple[Message, Message]:
    text = " ".join(sentence.text for sentence in answer.sentences)
    return Message("user", answer.question), Message("assistant", text)
