"""The protocols of exchangeable parts: Embedder, Reader, Checker, LLM, Loader and Engine."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from rag.source_state import Unchanged
from rag.types import Answer, Article, Failure, Filters, Hit, Message, Passage, Progress, Reading

Matrix = npt.NDArray[np.float32]
T = TypeVar("T")
R = TypeVar("R")


Report = Callable[[Progress], None]
"""Is called again and again while a long piece of work goes on."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made the vectors of an index."""

    name: str
    sha256: str
    """SHA-256 of the weights file."""
    dimension: int
    window: int
    """How many tokens the model reads, its own special tokens included."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; an index made by another one is refused."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the window each text takes, special tokens left out."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""


class Reader(Protocol):
    """Judges whether passages answer a question, and where."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, in the order of the passages."""


@runtime_checkable
class BoundedReader(Reader, Protocol):
    """A reader that says how much of a long question it reads."""

    def readable(self, question: str) -> str:
        """The beginning of the question that is read; mostly all of it."""


class Checker(Protocol):
    """Judges whether evidence supports a claim."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each claim and evidence the probability, 0 to 1, that the evidence supports all of the claim."""


class LLM(Protocol):
    """Writes what it is asked to."""

    @property
    def name(self) -> str:
        """What people call it, such as `ollama/llama3.2`."""

    @property
    def window(self) -> int:
        """How many tokens a prompt and what is written to it may have together."""

    def prepare(self) -> None:
        """Loads what the first question would wait for; reaches nothing outside this machine."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text takes, or a few more."""

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """What it writes, at most so many tokens, piece by piece; LLMError, then or later, when it does not."""


class Searcher(Protocol):
    """Finds passages."""

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """At most `k` passages, the best first."""


@runtime_checkable
class Asker(Protocol):
    """Answers questions."""

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        """The complete answer; `history` is the conversation before the question, oldest first."""


class Loader(Protocol):
    """Reads one kind of source."""

    def accepts(self, source: str) -> bool:
        """Whether this loader is the one for the source, judged without reading it."""

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """The articles of the source, one at a time; what cannot be read comes as a Failure, never as an exception."""


class Engine(Protocol):
    """Does work on many things at once, in other processes or on other machines."""

    def spread(self, work: Callable[[T], Iterator[R]], things: Iterable[T], *, heavy: bool) -> Iterator[R]:
        """All that the work, which is pickled, gives for each thing, in order; `heavy` work loads a model."""
