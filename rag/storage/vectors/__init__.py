"""Store passages as vectors in Chroma, in a folder or on a server."""

from rag.storage.vectors.client import Server
from rag.storage.vectors.collection import VectorStore

__all__ = ["Server", "VectorStore"]
