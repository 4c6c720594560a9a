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
    """Counts letters of words: texts with the same words have the same vector."""

    def __init__(self, name: str = "words", dimension: int = 64, window: int = 64) -> None:
        """A token is a word; the window is counted in words."""
        self.identity = ModelIdentity(name, name, dimension, window)
        self.embedded = 0
        """How many texts it has embedded."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One token a word, punctuation left out."""
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
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


class ScriptedLLM:
    """Writes what it is told to; `{1}` stands for the first passage it is given, `{A title}` for that of an article."""

    def __init__(self, *replies: str | Exception, name: str = "scripted", window: int = 8192, size: int = 7) -> None:
        """One reply a call, the last one for all further calls; an error is raised. Pieces have `size` characters."""
        self.name = name
        self.window = window
        self.prompts: list[str] = []
        """What it was asked."""
        self._replies = list(replies)
        self._size = size

    def prepare(self) -> None:
        """Nothing to load."""

    def count_tokens(self, text: str) -> int:
        """One token a word."""
        return len(text.split())

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """The next reply, in pieces; how much it may write does not matter to it."""
        self.prompts.append(prompt)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        text = with_ids(reply, prompt)
        for start in range(0, len(text), self._size):
            yield text[start : start + self._size]


def with_ids(reply: str, prompt: str) -> str:
    """A reply in which `{1}` or `{A title}` is replaced by the id in brackets of a passage of the prompt."""
    offered = _OFFERED.findall(prompt)
    ids = {html.unescape(title): f"[{id}]" for id, title in reversed(offered)}
    ids |= {str(place): f"[{id}]" for place, (id, _) in enumerate(offered, 1)}
    return _BLANK.sub(lambda blank: ids.get(blank[1], blank[0]), reply)
