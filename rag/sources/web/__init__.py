"""Load articles from the web: pages, feeds, sitemaps and lists of addresses."""

from rag.sources.web.loader import WebLoader, is_address

__all__ = ["WebLoader", "is_address"]
