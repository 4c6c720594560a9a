"""Keep the articles of an index, and what is remembered of their sources, in SQLite."""

from rag.storage.catalogue.catalogue import Catalogue, Key
from rag.storage.catalogue.listing import ORDERS, Listed

__all__ = ["ORDERS", "Catalogue", "Key", "Listed"]
