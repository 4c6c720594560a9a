"""The turns of a conversation, and the stream of an answer into them."""

from collections.abc import Iterator
from contextlib import closing
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


def talk(
    assistant: Assistant, articles: int, question: str, earlier: Turns, filters: Filters
) -> Iterator[Turns | None]:
    """The conversation with one more question: at once, with every more complete answer, and finished.

    None comes now and then while nothing else does, so that waiting can be left; the answer is closed then.
    """
    turn = Turn(Answer(question, question))
    yield (*earlier, turn)
    with closing(assistant.stream(question, history(earlier), filters)) as answers:
        for answer in answers.poll_each(_PATIENCE):
            if answer is None:
                yield None
                continue
            turn = Turn(answer)
            yield (*earlier, turn)
    yield (*earlier, replace(turn, done=True, articles=articles))


def history(turns: Turns) -> tuple[Message, ...]:
    """The turns as messages, without the numbers of their citations."""
    said = (message for turn in turns for message in _messages(turn.answer))
    return tuple(message for message in said if message.text)


def _messages(answer: Answer) -> tuple[Message, Message]:
    text = " ".join(sentence.text for sentence in answer.sentences)
    return Message("user", answer.question), Message("assistant", text)
