"""The turns of a conversation, and the stream of an answer into them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from rag.assistant import Assistant
from rag.types import Answer, Filters, Message

_POLL_SECONDS = 0.2
"""Seconds between two looks at whether somebody still waits."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer so far."""

    answer: Answer
    done: bool = False
    articles: int = 0
    """How many articles the index held when the answer was finished."""
    stopped: bool = False
    """Whether it was stopped before it was finished."""


Turns = tuple[Turn, ...]


def stream_turns(
    assistant: Assistant, question: str, earlier: Turns, *, articles: int, filters: Filters
) -> Iterator[Turns | None]:
    """Yield the conversation with one more question: at once, with every more complete answer, and finished.

    None comes now and then while nothing else does, so that a caller can leave; closing the generator ends the answer.
    """
    turn = Turn(Answer(question, question))
    yield (*earlier, turn)
    with closing(assistant.stream(question, to_messages(earlier), filters)) as answers:
        for answer in answers.poll_each(_POLL_SECONDS):
            if answer is None:
                yield None
                continue
            turn = Turn(answer)
            yield (*earlier, turn)
    yield (*earlier, replace(turn, done=True, articles=articles))


def to_messages(turns: Turns) -> tuple[Message, ...]:
    """Return the turns as messages, without the numbers of their citations."""
    messages = (message for turn in turns for message in _messages(turn.answer))
    return tuple(message for message in messages if message.text)


def _messages(answer: Answer) -> tuple[Message, Message]:
    text = " ".join(sentence.text for sentence in answer.sentences)
    return Message("user", answer.question), Message("assistant", text)
