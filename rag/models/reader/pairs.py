"""Tokenise pairs of texts, the first bounded so that tokens are left for the second."""

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rag.models.tokenizer_errors import tokenizer_errors

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class PairTokenizer:
    """A tokenizer that cuts what is too long for its network; safe to share between threads."""

    def __init__(self, load: "Callable[[], Tokenizer]") -> None:
        """`load` gives the tokenizer, which truncates and does not pad."""
        self._load = load
        # A fast tokenizer may not be used by two threads at once.
        self._lock = threading.Lock()

    def encode(self, pairs: Sequence[tuple[str, str]]) -> "list[Encoding]":
        """Return the tokens of each pair; ModelError where the tokenizer fails."""
        with self._lock, tokenizer_errors():
            bounded = {first: self._cut(first) for first in dict.fromkeys(first for first, _ in pairs)}
            return self._tokenizer.encode_batch([(bounded[first], second) for first, second in pairs])

    def cut(self, text: str) -> str:
        """Return the beginning of a text that `encode` keeps where it is the first of a pair; mostly all of it."""
        with self._lock, tokenizer_errors():
            return self._cut(text)

    def _cut(self, text: str) -> str:
        if self._longest is None:
            return text
        truncation = self._truncation
        self._tokenizer.no_truncation()
        try:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
        finally:
            self._tokenizer.enable_truncation(**truncation)
        return text if len(encoding) <= self._longest else text[: encoding.offsets[self._longest - 1][1]]

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return self._load()

    @cached_property
    def _truncation(self) -> dict[str, Any]:
        """Settings by which the tokenizer cuts, read once, since cutting is switched off now and then."""
        return dict(self._tokenizer.truncation or {"strategy": "none"})

    @cached_property
    def _longest(self) -> int | None:
        """Most tokens of the first text: half of what special tokens and the overlap leave of a window.

        None where the tokenizer cuts not only the second text.
        """
        truncation = self._truncation
        if truncation["strategy"] != "only_second":
            return None
        free = truncation["max_length"] - self._tokenizer.num_special_tokens_to_add(is_pair=True) - truncation["stride"]
        return max(int(free) // 2, 1)
