"""Public fakes: small, deterministic and computable by hand."""

import html
import re
from collections.abc import Generator, Sequence

import numpy as np

from rag.protocols import Matrix, ModelIdentity
from rag.types import Passage, Reading, Span

_WORD = re.compile(r"\w+")
_OFFERED = re.compile(r'<passage-\w+ id="(\w+)" title="([^"]*)"')
_BLANK = re.compile(r"\{([^{}]+)\}")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


class WordEmbedder:
    """An embedder that counts words: texts with the same words have the same vector.

    >>> from rag.testing import WordEmbedder
    >>> closed, same, frost = WordEmbedder().embed(["The bridge closed.", "Closed: the bridge!", "A late frost."])
    >>> round(float(closed @ same), 3), bool(closed @ frost < 1)
    (1.0, True)
    """

    def __init__(self, name: str = "words", dimension: int = 64, window: int = 64) -> None:
        """`name` is that of its identity; `dimension` is that of its vectors; `window` is in words, each a token."""
        self.identity = ModelIdentity(name, name, dimension, window)
        self.embedded = 0
        """Texts embedded so far."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the words of each text, punctuation left out."""
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts as unit vectors, shape (len(texts), dimension), float32.

        Each number counts the words of a bucket, which is chosen by the sum of a word's characters.
        """
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _words(text):
                row[sum(map(ord, word)) % self.identity.dimension] += 1
            row[0] += not row.any()
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class OverlapReader:
    """A reader whose relevance is the share of the question's words, over three letters long, in the passage.

    >>> from rag import Article
    >>> from rag.testing import OverlapReader
    >>> passage = Article("bridge.md", "Old bridge closes", "The bridge closed. It is old.").passage(0, 29)
    >>> OverlapReader().read("Which bridge closed?", [passage])
    [Reading(relevance=0.6666666666666666, spans=(Span(start=0, end=18, score=0.6666666666666666),))]
    """

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return a reading for each passage, in the order given; its one span is the first sentence."""
        return [self._read(question, passage) for passage in passages]

    def _read(self, question: str, passage: Passage) -> Reading:
        wanted = {word for word in _words(question) if len(word) > 3}
        share = len(wanted & set(_words(passage.title + " " + passage.text))) / max(len(wanted), 1)
        end = passage.text.find(".") + 1 or len(passage.text)
        return Reading(share, (Span(passage.start, passage.start + end, share),))


class ScriptedLLM:
    """An LLM with given replies; `{1}` stands for the first passage of its prompt, `{A title}` for an article's.

    >>> from rag.testing import ScriptedLLM
    >>> llm = ScriptedLLM("The bridge closed.")
    >>> list(llm.stream("Answer briefly.", "What closed?", 100))
    ['The bri', 'dge clo', 'sed.']
    >>> llm.prompts
    ['What closed?']
    """

    def __init__(self, *replies: str | Exception, name: str = "scripted", window: int = 8192, size: int = 7) -> None:
        """`replies` are one a call, the last for all further calls; errors are raised. `size` is characters a piece."""
        self.name = name
        self.window = window
        self.prompts: list[str] = []
        """The prompts so far."""
        self._replies = list(replies)
        self._size = size

    def prepare(self) -> None:
        """Load nothing."""

    def count_tokens(self, text: str) -> int:
        """Count words, each a token."""
        return len(text.split())

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """Yield the next reply in pieces, or raise it if it is an error; `longest` does not matter."""
        self.prompts.append(prompt)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        text = with_ids(reply, prompt)
        for start in range(0, len(text), self._size):
            yield text[start : start + self._size]


def with_ids(reply: str, prompt: str) -> str:
    """Replace `{1}` or `{A title}` in a reply by the id, in brackets, of a passage of the prompt."""
    offered = _OFFERED.findall(prompt)
    ids = {html.unescape(title): f"[{id}]" for id, title in reversed(offered)}
    ids |= {str(number): f"[{id}]" for number, (id, _) in enumerate(offered, 1)}
    return _BLANK.sub(lambda blank: ids.get(blank[1], blank[0]), reply)
