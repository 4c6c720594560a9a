"""Tell small talk (“thanks”, “hello”, “are you a robot?”) from questions about articles."""

import json
import re
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.embedding.packaged import PackagedEmbedder
from rag.protocols import Embedder
from rag.text.english import CONVERSATION_PRONOUNS, MODALS, QUESTION_VERBS, QUESTION_WORDS, any_of
from rag.text.languages import find_language, is_greeting
from rag.text.lexical import find_names

WEIGHTS = Path(__file__).with_name("weights.json")
"""A logistic regression on the vectors of the packaged embedding model, written by train/small_talk.py."""
MAX_WORDS = 8
"""Words of the longest text that is taken for small talk."""


_QUESTION = re.compile(rf"\W*{any_of([*QUESTION_WORDS, *QUESTION_VERBS, *MODALS])}\b\s+\w", re.I)
_SPEAKERS = re.compile(rf"\b{any_of([*CONVERSATION_PRONOUNS, 'me', 'my'])}\b", re.I)


class SmallTalkDetector:
    """Tells small talk from questions by a linear model on the vectors of the packaged embedding model."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Use `embedder` where it is the packaged one, or else load that when it is first needed."""
        self._embedder = embedder if isinstance(embedder, PackagedEmbedder) else _load_embedder()

    def is_small_talk(self, text: str) -> bool:
        """Whether a text asks nothing of the articles; False for one that is long, or has names or figures.

        False too for what begins as a question, unless it speaks of those who talk: “who are you?”, and for other
        languages than English, which the model does not know, unless it is nothing but greetings and thanks.
        """
        words = text.split()
        if not words or len(words) > MAX_WORDS or any(character.isdigit() for character in text):
            return False
        if is_greeting(text):
            return True
        if find_language(text) != "en" or any(one.isalpha() and not one.isascii() for one in text):
            return False
        if find_names(f"a {text[0].lower()}{text[1:]}") or (_QUESTION.match(text) and not _SPEAKERS.search(text)):
            return False
        weights, bias = self._weights
        return float(self._embedder.embed([text])[0] @ weights) + bias > 0

    @cached_property
    def _weights(self) -> tuple[npt.NDArray[np.float32], float]:
        card = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        return np.array(card["weights"], dtype=np.float32), float(card["bias"])


@cache
def _load_embedder() -> PackagedEmbedder:
    """Load the model for all detectors of a process, which only small talk may ever ask it for."""
    return PackagedEmbedder("cpu")
