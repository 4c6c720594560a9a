"""The way onto the web: addresses, feeds and lists of addresses, read as articles."""

from rag.sources.web.loader import Online, is_address

__all__ = ["Online", "is_address"]
