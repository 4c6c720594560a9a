"""Embed with the packaged model in ONNX Runtime."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError
from rag.models.embedding.safetensors_file import Weights, read_tensors
from rag.models.embedding.sentence_transformer import SentenceEmbedder, bare_tokenizer
from rag.models.embedding.weights import DAMAGED, PACKAGED, packaged_folder
from rag.models.hardware import map_on_cores, may_have_accelerator, prefers_bfloat16
from rag.models.tokenizer_errors import tokenizer_errors
from rag.protocols import Matrix, ModelIdentity

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

GRAPH = Path(__file__).with_name("embedding.onnx")
"""The model without its weights, written by train/export_embedding.py."""
GRAPH_SHA256 = "33aa18ef8c513bacd9d851e53a72b7f1ae802632af3a18ffa6603f8ed052e97e"
LAYERS = 6

_MAX_BATCH_TOKENS = 256
"""Tokens run at once by one core: as many as stay in its cache between two layers."""
_REMEMBERED = 64
"""Single texts whose vectors are remembered."""
MIN_TEXTS_FOR_TORCH = 512
"""Texts after which loading torch pays, where that is faster: it takes as long as embedding about as many."""


class _Batch(NamedTuple):
    """Texts of one length, run at once."""

    positions: list[int]
    """Where each stands among the texts that were given."""
    ids: npt.NDArray[np.int32]
    """Their tokens, shape (texts, tokens)."""


class PackagedEmbedder:
    """The packaged model, loaded when it is first needed and safe to share between threads.

    Texts are run by themselves or with others of the same length, one core each, so nothing is padded and no core
    waits for another. On an accelerator, or a processor that prefers bfloat16, torch takes over when there are many.
    """

    identity: ModelIdentity = PACKAGED

    def __init__(self, device: str = "auto", folder: Path | None = None) -> None:
        """`device` is auto or cpu; the model is the installed one, or a copy of it in `folder`."""
        self._device = device
        self._folder = folder
        self._lock = threading.RLock()
        self._embedded = 0
        # A question is embedded to be searched for, and again to be compared with what was found.
        self._embed_one = lru_cache(_REMEMBERED)(lambda text: self._run([text]))

    def __reduce__(self) -> tuple[type["PackagedEmbedder"], tuple[str, Path | None]]:
        """Pickle the device and the folder, not the model, which another process loads for itself."""
        return PackagedEmbedder, (self._device, self._folder)

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
            return faster.embed(texts)
        return self._run(texts)

    def _run(self, texts: Sequence[str]) -> Matrix:
        self._embedded += len(texts)
        vectors = np.zeros((len(texts), PACKAGED.dimension), dtype=np.float32)
        with tokenizer_errors():
            encodings = self._load_tokenizer().encode_batch_fast(list(texts))
        batches = list(_batch_by_length([_truncate(encoding.ids) for encoding in encodings]))
        session = self._load_session()

        def run(batch: _Batch) -> None:
            vectors[batch.positions] = session.run(None, {"ids": batch.ids})[0]

        map_on_cores(run, batches)
        return vectors

    def _load_tokenizer(self) -> "Tokenizer":
        with self._lock:
            return self._tokenizer

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
    def _tokenizer(self) -> "Tokenizer":
        return bare_tokenizer(self._home / "tokenizer.json")

    @cached_property
    def _session(self) -> "InferenceSession":
        graph = GRAPH.read_bytes()
        if hashlib.sha256(graph).hexdigest() != GRAPH_SHA256:
            raise ModelError(f"{GRAPH} is damaged; reinstall rag-articles")
        weights = read_weights(self._home / "model.safetensors")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in weights.values()]
        options.add_external_initializers(list(weights), values)
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    @cached_property
    def torch_embedder(self) -> SentenceEmbedder | None:
        """The same model in torch, loaded at its first use; None where that is not faster, or `folder` was given."""
        accelerated = self._device == "auto" and may_have_accelerator()
        if self._folder is not None or not (accelerated or prefers_bfloat16()):
            return None
        model = SentenceEmbedder(device=self._device)
        return model if model.device != "cpu" or prefers_bfloat16() else None


def _truncate(ids: list[int]) -> list[int]:
    """Truncate tokens to the window of the model: the first ones, and the last, which closes every text."""
    return ids if len(ids) <= PACKAGED.window else [*ids[: PACKAGED.window - 1], ids[-1]]


def _batch_by_length(texts: Sequence[list[int]]) -> Iterator[_Batch]:
    """Batch texts of one length, with their positions; the longest first, so that all cores end at about one time."""
    order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
    for length, same in groupby(order, key=lambda position: len(texts[position])):
        positions = list(same)
        size = max(1, _MAX_BATCH_TOKENS // length)
        for start in range(0, len(positions), size):
            batch = positions[start : start + size]
            yield _Batch(batch, np.array([texts[position] for position in batch], dtype=np.int32))


def read_weights(path: Path) -> Weights:
    """Read the weights by their names in the graph; ModelError where they are not the packaged model's."""
    try:
        read = read_tensors(path)
    except OSError as error:
        raise ModelError(f"{DAMAGED} ({error})") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(DAMAGED) from error
    if read.sha256 != PACKAGED.sha256:
        raise ModelError(DAMAGED)
    return arrange_weights({name.removeprefix("bert."): value for name, value in read.tensors.items()})


def arrange_weights(weights: Weights) -> Weights:
    """Arrange weights as the graph takes them: matrices for x·W, those of query, key and value side by side.

    All texts are of the first kind, so the vector of that kind is added to the positions once.
    """
    table = "embeddings.{}.weight".format
    kind = weights[table("token_type_embeddings")][0]
    arranged = {table("word_embeddings"): weights[table("word_embeddings")]}
    arranged[table("position_embeddings")] = weights[table("position_embeddings")][: PACKAGED.window] + kind
    for name, value in weights.items():
        if name.startswith("encoder") and "attention.self" not in name:
            arranged[name] = np.ascontiguousarray(value.T)
        elif name.startswith("embeddings.LayerNorm"):
            arranged[name] = value
    for layer in range(LAYERS):
        own = f"encoder.layer.{layer}.attention.self"
        for part in ("weight", "bias"):
            three = [weights[f"{own}.{one}.{part}"].T for one in ("query", "key", "value")]
            arranged[f"{own}.{part}"] = np.ascontiguousarray(np.concatenate(three, axis=-1))
    return arranged
