"""What the rooms expect of the parts that can be exchanged."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.types import Article, Failure, ModelIdentity, Passage, Reading

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; an index made by another one is refused."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the window each text takes, special tokens left out."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""


class Reader(Protocol):
    """Judges whether passages answer a question, and where."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, in the order of the passages."""


class Checker(Protocol):
    """Judges whether evidence supports a claim."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each claim and evidence the probability, 0 to 1, that the evidence supports all of the claim."""


class Loader(Protocol):
    """Reads one kind of source."""

    def accepts(self, source: str) -> bool:
        """Whether this loader is the one for the source, judged without reading it."""

    def load(self, source: str) -> Iterator[Article | Failure]:
        """The articles of the source, one at a time; what cannot be read comes as a Failure, never as an exception."""
