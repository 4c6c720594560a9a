"""Deadlines of answers, and the threads that make them."""

import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from rag.answering.background import Background
from rag.assistant import Assistant
from rag.errors import ModelError, QuestionError, RagError
from rag.prompts import NOT_FOUND
from rag.settings import Settings
from rag.testing import OverlapReader, ScriptedLLM
from rag.types import Passage, Reading

QUESTION = "Which bridge over the river closed on Friday?"


class Panic(BaseException):
    """As the tokenizers' native code raises."""


class FailingReader:
    """Raises what it is given."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        raise self.error


class StuckReader:
    """Reads until it is let go."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        self.released.wait(30)
        return OverlapReader().read(question, passages)


@pytest.mark.parametrize("error", [Panic("stride"), MemoryError(), SystemExit(3), GeneratorExit(), KeyboardInterrupt()])
def test_no_error_of_a_thread_ends_the_one_that_waits(library: Assistant, error: BaseException) -> None:
    with pytest.raises(RagError, match="the answer failed") as raised:
        Assistant(library.index, FailingReader(error)).ask(QUESTION)
    assert raised.value.__cause__ is error
    assert library.ask(QUESTION).answered


def test_an_error_of_the_library_is_raised_as_it_is(library: Assistant) -> None:
    for error in (ModelError("it is damaged"), ValueError("a mistake")):
        with pytest.raises(type(error), match=str(error)):
            Assistant(library.index, FailingReader(error)).ask(QUESTION)


def test_a_reader_that_never_ends_is_not_waited_for(library: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.answering.background.FINISHING_SECONDS", 0.2)
    reader, started = StuckReader(), time.monotonic()
    answer = Assistant(library.index, reader, Settings(_env_file=None, answer_seconds=0.3)).ask(QUESTION)
    reader.released.set()
    assert time.monotonic() - started < 10
    assert answer.note.startswith("partial: ")
    assert answer.text == NOT_FOUND
    assert answer.hits


def test_what_an_llm_wrote_by_then_is_shown_or_the_articles_own_sentences(library: Assistant) -> None:
    class SlowLLM(ScriptedLLM):
        def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
            for piece in super().stream(instructions, prompt, longest):
                time.sleep(0.05)
                yield piece

    settings = Settings(_env_file=None, answer_seconds=0.5)
    for reply in (
        "word " * 500,
        "The old bridge over the river Lune closed on Friday {1}. " + "And so on it goes " * 200,
    ):
        answer = Assistant(library.index, OverlapReader(), settings, llm=SlowLLM(reply)).ask(QUESTION)
        assert "partial: " in answer.note
        assert answer.citations


def test_closing_wakes_whoever_waits_and_ends_the_thread() -> None:
    ended = threading.Event()

    def source() -> Generator[int, None, None]:
        try:
            for number in range(1000):
                yield number
                time.sleep(0.01)
        finally:
            ended.set()

    numbers = Background(source, 60.0, lambda last: last or 0)
    assert next(numbers) == 0
    numbers.close()
    assert ended.wait(5)
    assert list(numbers) == []
    dropped = Background(source, 60.0, lambda last: last or 0)
    ended.clear()
    next(dropped)
    del dropped
    assert ended.wait(5)


LEAVING = """
import sys, time
from pathlib import Path
from rag.answering.background import Background

def slow():
    yield 1
    time.sleep(1.5)  # as native code, which does not look whether anybody waits
    Path(sys.argv[1]).write_text("ended")
    yield 2

waited = Background(slow, 30, lambda last: 0)
assert next(waited) == 1
waited.close()
"""


def test_the_end_of_a_program_waits_for_a_thread_that_still_works(tmp_path: Path) -> None:
    left = tmp_path / "left"
    done = subprocess.run([sys.executable, "-c", LEAVING, str(left)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert left.read_text() == "ended"


def test_threads_are_used_again() -> None:
    for _ in range(20):
        assert list(Background(lambda: (number for number in range(3)), 60.0, lambda last: 0)) == [0, 1, 2]
    assert sum(thread.name == "answers" for thread in threading.enumerate()) < 15


def test_a_question_has_one_limit(library: Assistant) -> None:
    for ask in (library.ask, library.index.search, library.quote):
        with pytest.raises(QuestionError, match="may have 2,000 characters, this one has 2,001"):
            ask("x" * 2001)
