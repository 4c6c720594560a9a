"""Detect lists of articles among fetched bodies, and parse them."""

from dataclasses import dataclass

from rag.sources.web.feeds import Entry, parse_feed_entries
from rag.sources.web.sitemaps import parse_address_list, parse_opml, parse_sitemap


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles and further lists that a list names."""

    entries: tuple[Entry, ...] = ()
    lists: tuple[str, ...] = ()


def parse_listing(body: bytes, kind: str, url: str) -> Listing | None:
    """Parse a feed, sitemap, outline of feeds or plain list of addresses; return None for anything else.

    `kind` is its media type. Raises SourceError for a list that cannot be read.
    """
    if (entries := parse_feed_entries(body, kind, url)) is not None:
        return Listing(tuple(entries))
    if (sitemap := parse_sitemap(body, url)) is not None:
        return Listing(tuple(sitemap.entries), tuple(sitemap.sitemaps))
    if feeds := parse_opml(body):
        return Listing(lists=tuple(feeds))
    if kind == "text/plain" and (addresses := parse_address_list(body.decode("utf-8", "replace"))):
        return Listing(tuple(map(Entry, addresses)))
    return None
