"""Check whether a passage supports a sentence (NLI), with a second small network."""

import json
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from rag.models.reader.packaged import FOLDER, OnnxNetwork, packaged_tokenizer
from rag.models.reader.pairs import PairTokenizer
from rag.models.reader.span_reader import pad

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH = 4


class SupportChecker:
    """Judges pairs of a claim and its evidence; safe to share between threads."""

    def __init__(self) -> None:
        """Use the network that ships with the program; ModelError at its first use if its file is damaged."""
        self._card = json.loads((FOLDER / "support.json").read_text("utf-8"))
        self._network = OnnxNetwork(FOLDER / "support.onnx", self._card["sha256"])
        self._tokenizer = PairTokenizer(self._load_tokenizer)

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each claim and evidence the probability, 0 to 1, that the evidence supports all of the claim."""
        encodings = self._tokenizer.encode(pairs)
        order = sorted(range(len(pairs)), key=lambda place: len(encodings[place]))
        found = [0.0] * len(pairs)
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            (logits,) = self._network.run(*pad([encodings[place] for place in batch]))
            for place, logit in zip(batch, logits, strict=True):
                found[place] = 1 / (1 + math.exp(-self._card["scale"] * float(logit) - self._card["bias"]))
        return found

    def _load_tokenizer(self) -> "Tokenizer":
        tokenizer = packaged_tokenizer(self._card["tokens"], 0)
        # Either text may be the long one.
        tokenizer.enable_truncation(self._card["tokens"], strategy="longest_first")
        return tokenizer


@cache
def load_support_checker() -> SupportChecker:
    """Load the checker, which a process needs once."""
    return SupportChecker()
