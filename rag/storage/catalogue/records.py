"""Records of the catalogue: what it is given of articles, and what it tells of them."""

from typing import NamedTuple

from rag.types import Article


class IndexedArticle(NamedTuple):
    """An article whose passages stand in the other stores."""

    article: Article
    root: str
    """The source it came from, as the index remembers it."""
    passages: int
    """How many passages it was cut into."""
    is_pending: bool = False
    """Whether vectors of it are still to be made."""


class KnownArticle(NamedTuple):
    """What is known of an article in the index without its text."""

    version: str
    origin: str
    root: str
    """The source it came from, as the index remembers it."""


class MovedArticle(NamedTuple):
    """An article that was read unchanged from another file, page or source."""

    id: str
    origin: str
    root: str


class CatalogueRow(NamedTuple):
    """A row of the catalogue as it stands, for a check or a copy."""

    id: str
    version: str
    root: str
    passages: int
    article: Article | None
    """None where the row cannot be read."""


class PendingCounts(NamedTuple):
    """How many articles and passages have no vectors yet, or not all of them."""

    articles: int
    passages: int


class FlaggedArticle(NamedTuple):
    """An article that seems written for a model rather than for readers."""

    id: str
    reasons: str


class IndexCounts(NamedTuple):
    """How much an index holds."""

    articles: int
    passages: int
