"""Passages as vectors in Chroma, in a folder or on a server."""

from rag.vectors.collection import Vectors
from rag.vectors.servers import Server

__all__ = ["Server", "Vectors"]
