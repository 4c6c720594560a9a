"""A conversation as a tuple of turns, from which everything on the page is drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.assistant import Assistant
from rag.types import Answer, Filters, Message


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


def history(turns: Turns) -> tuple[Message, ...]:
    """The turns as messages, without the numbers of their citations."""
    said = (message for turn in turns for message in _messages(turn.answer))
    return tuple(message for message in said if message.text)


def _messages(answer: Answer) -> tuple[Message, Message]:
    text = " ".join(sentence.text for sentence in answer.sentences)
    return Message("user", answer.question), Message("assistant", text)
