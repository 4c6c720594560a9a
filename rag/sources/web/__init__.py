"""The way onto the web: addresses, feeds and lists of addresses, read as articles."""

from rag.sources.web.loader import WebLoader, is_address

__all__ = ["WebLoader", "is_address"]
