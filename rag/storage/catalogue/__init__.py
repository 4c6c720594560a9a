"""Which articles are in an index, with their text, and what is remembered of their sources."""

from rag.storage.catalogue.catalogue import Catalogue, Key
from rag.storage.catalogue.listing import ORDERS, Listed

__all__ = ["ORDERS", "Catalogue", "Key", "Listed"]
