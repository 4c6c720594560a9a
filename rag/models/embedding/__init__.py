"""Open an embedder: the packaged model, or any other of sentence-transformers."""

from rag.models.embedding.packaged import PackagedEmbedder
from rag.models.embedding.sentence_transformer import SentenceEmbedder
from rag.models.embedding.weights import PACKAGED
from rag.protocols import Embedder

__all__ = ["PACKAGED", "PackagedEmbedder", "SentenceEmbedder", "open_embedder"]


def open_embedder(model: str, device: str) -> Embedder:
    """Return the embedder of these settings, loaded at its first use; an empty `model` means the packaged one."""
    if model or device not in ("auto", "cpu"):
        return SentenceEmbedder(model, device)
    return PackagedEmbedder(device)
