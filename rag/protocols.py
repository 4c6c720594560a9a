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
"""A callback that is called with the progress of a long piece of work."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made the vectors of an index."""

    name: str
    sha256: str
    """SHA-256 of the weights file."""
    dimension: int
    """The length of each vector."""
    window: int
    """How many tokens the model reads, its own special tokens included."""


class Embedder(Protocol):
    """An embedding model: embeds texts as vectors whose dot product is their similarity."""

    @property
    def identity(self) -> ModelIdentity:
        """The model; an index made by another one is refused."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens left out; a text longer than the window is counted whole."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""


@runtime_checkable
class ArithmeticEmbedder(Embedder, Protocol):
    """An embedder that says in which numbers it computes; what one made is compared with what any other made."""

    @property
    def arithmetics(self) -> tuple[str, ...]:
        """Those it has computed in so far, such as float32 or int8, in the order of their first use."""


class Reader(Protocol):
    """A reader, that is a reranker that marks spans: judges whether passages answer a question, and where."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Read the passages for a question; return one reading a passage, in their order."""


@runtime_checkable
class BoundedReader(Reader, Protocol):
    """A reader that says how much of a long question it reads."""

    def readable(self, question: str) -> str:
        """Return the beginning of the question that is read; mostly all of it."""


@runtime_checkable
class TrainedReader(Reader, Protocol):
    """A reader that says on which languages it was trained; in others, words tell what answers."""

    @property
    def languages(self) -> frozenset[str]:
        """The codes of these languages, such as “en”; empty where it reads any."""


class Checker(Protocol):
    """A support checker (NLI): judges whether evidence entails a claim."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each pair of claim and evidence the probability, 0 to 1, that it supports all of the claim."""


class LLM(Protocol):
    """A large language model that writes text for a prompt."""

    @property
    def name(self) -> str:
        """The name people know it by, such as `ollama/llama3.2`."""

    @property
    def window(self) -> int:
        """The context window: how many tokens the prompt and the answer may have together."""

    def prepare(self) -> None:
        """Load what the first question would wait for; contact nothing outside this machine."""

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text, exactly or a few more."""

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """Stream the answer in pieces, at most `longest` tokens; LLMError, at once or later, where there is none."""


class Searcher(Protocol):
    """Whatever finds passages for a query, such as an `Index`."""

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Return at most `k` passages, the best first."""


@runtime_checkable
class Asker(Protocol):
    """Whatever answers questions, such as an `Assistant`."""

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        """Return the complete answer; `history` is the conversation before the question, oldest first."""


class Loader(Protocol):
    """A loader of one kind of source."""

    def accepts(self, source: str) -> bool:
        """Whether this loader is the one for the source, judged without reading it."""

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """Yield the articles of the source; what cannot be read comes as a Failure, never as an exception."""


class Engine(Protocol):
    """An engine that does work on many things at once, in other processes or on other machines."""

    def spread(self, work: Callable[[T], Iterator[R]], things: Iterable[T], *, heavy: bool) -> Iterator[R]:
        """Yield all that the work, which is pickled, gives for each thing, in order; `heavy` work loads a model."""
