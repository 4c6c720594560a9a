"""Check whether a passage supports a sentence (NLI), with a second small network."""

import json
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from rag.models.reader.packaged import FOLDER, OnnxNetwork, packaged_tokenizer
from rag.models.reader.pairs import PairTokenizer
from rag.models.reader.windows import to_window

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class SupportChecker:
    """Judges pairs of a claim and its evidence; safe to share between threads."""

    def __init__(self) -> None:
        """Use the network that ships with the program; ModelError at its first use if its file is damaged."""
        self._card = json.loads((FOLDER / "support.json").read_text("utf-8"))
        self._network = OnnxNetwork(FOLDER / "support.onnx", self._card["sha256"])
        self._tokenizer = PairTokenizer(self._load_tokenizer)

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each claim and evidence the probability, 0 to 1, that the evidence supports all of the claim."""
        windows = [to_window(encoding) for encoding in self._tokenizer.encode(pairs)]
        return [self._probability(float(logit)) for (logit,) in self._network.run(windows)]

    def _probability(self, logit: float) -> float:
        return 1 / (1 + math.exp(-self._card["scale"] * logit - self._card["bias"]))

    def _load_tokenizer(self) -> "Tokenizer":
        tokenizer = packaged_tokenizer(self._card["tokens"], 0)
        # Either text may be the long one.
        tokenizer.enable_truncation(self._card["tokens"], strategy="longest_first")
        return tokenizer


@cache
def load_support_checker() -> SupportChecker:
    """Load the checker, which a process needs once."""
    return SupportChecker()
