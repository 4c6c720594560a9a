"""Detect lists of articles among fetched bodies, and what they name."""

from dataclasses import dataclass

from rag.sources.web.feeds import Entry, entries
from rag.sources.web.sitemaps import addresses_in, opml, sitemap


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles that a list names, and the lists."""

    entries: tuple[Entry, ...] = ()
    lists: tuple[str, ...] = ()


def listing(body: bytes, kind: str, url: str) -> Listing | None:
    """What a feed, sitemap, outline of feeds or plain list of addresses names; None for anything else.

    `kind` is its media type. Raises SourceError for a list that cannot be read.
    """
    if (found := entries(body, kind, url)) is not None:
        return Listing(tuple(found))
    if (mapped := sitemap(body, url)) is not None:
        return Listing(tuple(mapped[0]), tuple(mapped[1]))
    if feeds := opml(body):
        return Listing(lists=tuple(feeds))
    if kind == "text/plain" and (named := addresses_in(body.decode("utf-8", "replace"))):
        return Listing(tuple(map(Entry, named)))
    return None


def listed_in(data: bytes) -> list[str]:
    """The addresses that a file names, one on each line or as an OPML outline of feeds; empty for other files."""
    return opml(data) or addresses_in(data.decode("utf-8", "replace")) or []
