"""Public fakes: small, deterministic and computable by hand."""

import re
from collections.abc import Sequence

import numpy as np

from rag.ports import Vectors
from rag.types import ModelIdentity, Passage, Reading, Span

_WORD = re.compile(r"\w+")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


class WordEmbedder:
    """Counts letters of words: texts with the same words have the same vector."""

    def __init__(self, name: str = "words", dimension: int = 64, window: int = 64) -> None:
        """A token is a word; the window is counted in words."""
        self.identity = ModelIdentity(name, name, dimension, window)
        self.embedded = 0
        """How many texts it has embedded."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One token a word, punctuation left out."""
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A bucket for each word, chosen by the sum of its characters; shape (len(texts), dimension)."""
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _words(text):
                row[sum(map(ord, word)) % self.identity.dimension] += 1
            row[0] += not row.any()
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class OverlapReader:
    """Relevance is the share of the question's words (of over three letters) that the passage holds."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One span a passage: its first sentence, ended by a full stop."""
        return [self._read(question, passage) for passage in passages]

    def _read(self, question: str, passage: Passage) -> Reading:
        asked = {word for word in _words(question) if len(word) > 3}
        share = len(asked & set(_words(passage.title + " " + passage.text))) / max(len(asked), 1)
        end = passage.text.find(".") + 1 or len(passage.text)
        return Reading(share, (Span(passage.start, passage.start + end, share),))
