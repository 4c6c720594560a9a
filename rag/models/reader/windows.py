"""Windows of tokens that the networks read, and the scores they give them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from rag.models.reader.spans import Scores

if TYPE_CHECKING:
    from tokenizers import Encoding

Tokens = npt.NDArray[np.int64]


class TokenWindow(NamedTuple):
    """Two texts as one row of tokens, as much of them as a network reads at once."""

    ids: Tokens
    kinds: Tokens
    """Of each token: 0 for the first text, 1 for the second."""


class WindowScores(NamedTuple):
    """What a reader's network says of a window, in logits."""

    start: Scores
    """For each token, to be where the answer starts; for the first one, that there is none."""
    end: Scores
    relevance: float


class Network(Protocol):
    """A network that marks the tokens where an answer starts and ends."""

    def __call__(self, windows: Sequence[TokenWindow]) -> list[WindowScores]:
        """Score the windows, in their order."""


def to_window(encoding: "Encoding") -> TokenWindow:
    """Return the tokens of an encoded pair of texts."""
    return TokenWindow(np.array(encoding.ids, dtype=np.int64), np.array(encoding.type_ids, dtype=np.int64))


def pad(windows: Sequence[TokenWindow]) -> tuple[Tokens, Tokens, Tokens]:
    """Pad windows to token ids, kinds and mask, each of shape (windows, longest)."""
    longest = max(len(window.ids) for window in windows)
    ids, kinds, mask = (np.zeros((len(windows), longest), dtype=np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
        kinds[row, : len(window.ids)] = window.kinds
        mask[row, : len(window.ids)] = 1
    return ids, kinds, mask
