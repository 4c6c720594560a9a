"""Whether what was fetched is a list of articles, and what it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.sources.online.feeds import Entry, entries
from rag.sources.online.lists import addresses_in, opml, sitemap

if TYPE_CHECKING:
    from rag.sources.online.client import Fetched


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles that a list names, and the lists."""

    entries: Sequence[Entry] = ()
    lists: Sequence[str] = ()


def listing(fetched: "Fetched") -> Listing | None:
    """What a feed, sitemap, outline of feeds or plain list of addresses names; None for anything else."""
    if (found := entries(fetched.body, fetched.kind, fetched.url)) is not None:
        return Listing(found)
    if (mapped := sitemap(fetched.body, fetched.url)) is not None:
        return Listing(*mapped)
    if feeds := opml(fetched.body):
        return Listing(lists=feeds)
    if fetched.kind == "text/plain" and (named := addresses_in(fetched.body.decode("utf-8", "replace"))):
        return Listing([Entry(address) for address in named])
    return None


def listed_in(data: bytes) -> list[str]:
    """The addresses that a file names, one on each line or as an OPML outline of feeds; empty for other files."""
    return opml(data) or addresses_in(data.decode("utf-8", "replace")) or []
