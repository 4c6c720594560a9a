"""Keep the articles of an index, and what is remembered of their sources, in SQLite."""

from rag.storage.catalogue.catalogue import Catalogue
from rag.storage.catalogue.listing import ORDERS, ArticlePage, ListedArticle
from rag.storage.catalogue.pending import PendingArticles
from rag.storage.catalogue.records import (
    CatalogueRow,
    FlaggedArticle,
    IndexCounts,
    IndexedArticle,
    KnownArticle,
    MovedArticle,
    PendingCounts,
)

__all__ = [
    "ORDERS",
    "ArticlePage",
    "Catalogue",
    "CatalogueRow",
    "FlaggedArticle",
    "IndexCounts",
    "IndexedArticle",
    "KnownArticle",
    "ListedArticle",
    "MovedArticle",
    "PendingArticles",
    "PendingCounts",
]
