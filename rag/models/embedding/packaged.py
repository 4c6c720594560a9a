"""Embed with the packaged model in ONNX Runtime."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.models.embedding.arithmetic import ARITHMETICS, choose_arithmetic
from rag.models.embedding.sentence_transformer import SentenceEmbedder, bare_tokenizer
from rag.models.embedding.weights import PACKAGED, packaged_folder
from rag.models.hardware import map_on_cores, may_have_accelerator
from rag.models.tokenizer_errors import tokenizer_errors
from rag.protocols import Matrix, ModelIdentity

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_REMEMBERED = 64
"""Single texts whose vectors are remembered."""
MIN_TEXTS_FOR_TORCH = 512
"""Texts after which loading torch pays, where it finds an accelerator: it takes as long as embedding about as many."""


class _Batch(NamedTuple):
    """Texts of one length, run at once."""

    positions: list[int]
    """Where each stands among the texts that were given."""
    ids: npt.NDArray[np.int32]
    """Their tokens, shape (texts, tokens)."""


class PackagedEmbedder:
    """The packaged model, loaded when it is first needed and safe to share between threads.

    Texts are run by themselves or with others of the same length, one core each, so nothing is padded and no core
    waits for another; where the processor multiplies 8-bit integers, the model's matrices are rounded to them. On an
    accelerator torch takes over when there are many texts.
    """

    identity: ModelIdentity = PACKAGED

    def __init__(self, device: str = "auto", folder: Path | None = None, *, arithmetic: str = "") -> None:
        """`device` is auto or cpu; the model is the installed one, or a copy of it in `folder`.

        `arithmetic` is float32 or int8; empty means the faster one of this processor.
        """
        self._device = device
        self._folder = folder
        self._arithmetic = arithmetic
        self._used: list[str] = []
        self._lock = threading.RLock()
        self._embedded = 0
        # A question is embedded to be searched for, and again to be compared with what was found.
        self._embed_one = lru_cache(_REMEMBERED)(lambda text: self._run([text]))

    def __reduce__(self) -> tuple[Callable[[], "PackagedEmbedder"], tuple[()]]:
        """Pickle the device, the folder and the arithmetic, not the model, which another process loads for itself."""
        return partial(PackagedEmbedder, self._device, self._folder, arithmetic=self._arithmetic), ()

    @property
    def arithmetics(self) -> tuple[str, ...]:
        """The numbers in which it has computed so far, in the order of their first use."""
        return tuple(self._used)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text by the model's own tokenizer, special tokens left out."""
        with tokenizer_errors():
            encodings = self._load_tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts as unit vectors, shape (len(texts), dimension), float32; ModelError if the model is damaged."""
        # A question is always run the same way, however much was embedded before it.
        if len(texts) == 1:
            return self._embed_one(texts[0]).copy()
        if len(texts) > 1 and self._embedded >= MIN_TEXTS_FOR_TORCH and (faster := self._load_torch()) is not None:
            vectors = faster.embed(texts)
            self._note(*faster.arithmetics)
            return vectors
        return self._run(texts)

    def _note(self, *arithmetics: str) -> None:
        with self._lock:
            self._used += (name for name in arithmetics if name not in self._used)

    def _run(self, texts: Sequence[str]) -> Matrix:
        self._embedded += len(texts)
        self._note(self._chosen)
        vectors = np.zeros((len(texts), PACKAGED.dimension), dtype=np.float32)
        with tokenizer_errors():
            encodings = self._load_tokenizer().encode_batch_fast(list(texts))
        tokens = [truncate(encoding.ids) for encoding in encodings]
        batches = list(_batch_by_length(tokens, ARITHMETICS[self._chosen].batch_tokens))
        session = self._load_session()

        def run(batch: _Batch) -> None:
            vectors[batch.positions] = session.run(None, {"ids": batch.ids})[0]

        map_on_cores(run, batches)
        return vectors

    def _load_tokenizer(self) -> "Tokenizer":
        with self._lock:
            return self.tokenizer

    def _load_session(self) -> "InferenceSession":
        with self._lock:
            return self._session

    def _load_torch(self) -> SentenceEmbedder | None:
        with self._lock:
            return self.torch_embedder

    @cached_property
    def _home(self) -> Path:
        return self._folder or packaged_folder()

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """The model's own tokenizer, which truncates and pads nothing."""
        return bare_tokenizer(self._home / "tokenizer.json")

    @cached_property
    def _chosen(self) -> str:
        return self._arithmetic or choose_arithmetic()

    @cached_property
    def _session(self) -> "InferenceSession":
        return ARITHMETICS[self._chosen].open_session(self._home / "model.safetensors")

    @cached_property
    def torch_embedder(self) -> SentenceEmbedder | None:
        """The same model on an accelerator, loaded at its first use; None where there is none, or with `folder`."""
        if self._folder is not None or self._device != "auto" or not may_have_accelerator():
            return None
        model = SentenceEmbedder(device=self._device)
        return model if model.device != "cpu" else None


def truncate(ids: list[int]) -> list[int]:
    """Truncate tokens to the window of the model: the first ones, and the last, which closes every text."""
    return ids if len(ids) <= PACKAGED.window else [*ids[: PACKAGED.window - 1], ids[-1]]


def _batch_by_length(texts: Sequence[list[int]], max_tokens: int) -> Iterator[_Batch]:
    """Batch texts of one length, with their positions; the longest first, so that all cores end at about one time.

    A batch has at most `max_tokens` tokens, or one text.
    """
    order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
    for length, same in groupby(order, key=lambda position: len(texts[position])):
        positions = list(same)
        size = max(1, max_tokens // length)
        for start in range(0, len(positions), size):
            batch = positions[start : start + size]
            yield _Batch(batch, np.array([texts[position] for position in batch], dtype=np.int32))
