"""Embed with sentence-transformers, for every model and device; loads torch."""

import contextlib
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.models.devices import require_device
from rag.models.embedding.weights import DAMAGED, PACKAGED, packaged_folder, weights_digest
from rag.models.hardware import prefers_bfloat16
from rag.models.tokenizer_errors import tokenizer_errors
from rag.protocols import Matrix, ModelIdentity

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer


class SentenceEmbedder:
    """A sentence-transformers model, loaded when it is first needed and safe to share between threads."""

    def __init__(self, model: str = "", device: str = "auto") -> None:
        """`model` is a local folder or a hub name; empty means the packaged model."""
        self._name = model
        self._device = device
        self._lock = threading.RLock()
        self._counting = threading.Lock()

    def __reduce__(self) -> tuple[type["SentenceEmbedder"], tuple[str, str]]:
        """Pickle the names of the model and the device, not the model, which another process loads for itself."""
        return SentenceEmbedder, (self._name, self._device)

    @cached_property
    def identity(self) -> ModelIdentity:
        """Which model this is; the packaged one is known without loading it."""
        if not self._name:
            return PACKAGED
        model = self.model
        dimension = model.get_embedding_dimension()
        window = model.max_seq_length
        if dimension is None or window is None:
            raise ModelError(f"{self._name} does not say its dimension or window; choose a sentence-transformers model")
        return ModelIdentity(Path(self._name).name, weights_digest(self._folder), dimension, window)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text by the model's own tokenizer, special tokens left out."""
        # Its own lock, so that one thread can count while another embeds.
        with self._counting, tokenizer_errors():
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in the order given, as unit vectors, shape (len(texts), dimension), float32."""
        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        # A fast tokenizer may not be used by two threads at once.
        with self._lock, self._precision(), tokenizer_errors():
            vectors = self.model.encode(
                list(texts), batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    @property
    def arithmetics(self) -> tuple[str, ...]:
        """The numbers in which it computes; which ones depends on the device."""
        if self.device != "cpu":
            return ("float16",)
        return ("bfloat16",) if self._bfloat16 else ("float32",)

    @cached_property
    def _folder(self) -> Path:
        if not self._name:
            return packaged_folder()
        if Path(self._name).is_dir():
            return Path(self._name)
        return _download(self._name)

    @cached_property
    def model(self) -> "SentenceTransformer":
        """Model of sentence-transformers, loaded at the first use."""
        with self._lock:
            return self._load()

    def _load(self) -> "SentenceTransformer":
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        folder = self._folder
        if not self._name and weights_digest(folder) != PACKAGED.sha256:
            raise ModelError(DAMAGED)
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        device = self.device
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model = SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"{self._name or folder} is not a sentence-transformers model that loads: {error}"
            ) from error
        return model.half() if device != "cpu" else model

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        if path.is_file():
            return bare_tokenizer(path)
        tokenizer = Tokenizer.from_str(self.model.tokenizer.backend_tokenizer.to_str())
        return _bare(tokenizer)

    @cached_property
    def device(self) -> str:
        """Where the model runs, as torch names it."""
        if self._device != "auto":
            return require_device(self._device)
        import torch

        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    @property
    def _bfloat16(self) -> bool:
        return self.device == "cpu" and prefers_bfloat16()

    @property
    def _batch(self) -> int:
        if self.device != "cpu":
            return 128
        return 16 if self._bfloat16 else 8

    def _precision(self) -> AbstractContextManager[object]:
        if not self._bfloat16:
            return contextlib.nullcontext()
        import torch

        return torch.autocast("cpu", dtype=torch.bfloat16)


def bare_tokenizer(path: Path) -> "Tokenizer":
    """Load the tokenizer of a file without truncation and padding; imports nothing heavy."""
    from tokenizers import Tokenizer

    return _bare(Tokenizer.from_file(str(path)))


def _bare(tokenizer: "Tokenizer") -> "Tokenizer":
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _download(name: str) -> Path:
    """Download of a hub model what the local cache lacks, and return its folder; ModelError where that fails."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name))
    except (OSError, ValueError) as error:
        raise ModelError(f"{name} is neither a folder nor a model the hub gives: {error}") from error
