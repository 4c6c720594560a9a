"""Load feeds that were saved as files (.xml, .rss, .atom), and exports of blogs in their form (WordPress)."""

import hashlib
from collections.abc import Iterator

from rag.errors import NoArticle, SourceError
from rag.failures import LeftOut
from rag.sources.formats.document import WholeFile
from rag.sources.formats.link_pages import LIST_OF_ADDRESSES
from rag.sources.formats.records import build_article
from rag.sources.formats.text import parse_plain_text
from rag.sources.web.feeds import Entry, parse_saved_feed
from rag.sources.web.saved_lists import names_addresses
from rag.sources.web.urls import article_id
from rag.types import Article, Failure


class SavedFeed(WholeFile):
    """Loads the items of a feed with the text that the feed has of them; nothing is fetched."""

    suffixes = (".xml", ".rss", ".atom", ".rdf", ".opml", ".webloc")
    is_risky = True

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse each item into an article; raises NoArticle for a list of addresses and for other XML."""
        entries = parse_saved_feed(data)
        if entries is None and self.all_text:
            yield parse_plain_text(data, origin=origin, name=name)
            return
        if entries is None:
            raise NoArticle(LIST_OF_ADDRESSES if names_addresses(data) else "XML data that is no feed")
        whole = [entry for entry in entries if entry.text.strip()]
        for entry in whole:
            yield _build_article(entry, origin, name)
        if not whole:
            raise NoArticle("a feed without texts; give its address, and what it names is read")
        if missing := len(entries) - len(whole):
            yield LeftOut(origin, f"{missing:,} of its items, which have no text in the feed")


def _build_article(entry: Entry, origin: str, name: str) -> Article:
    """Build the article of an item; its id is the name of the file and the item's address, or a digest of its words."""
    digest = hashlib.sha256(f"{entry.title}\n{entry.text}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    try:
        own = article_id(entry.url) if entry.url else digest
    except SourceError:
        own = digest
    known = {"title": entry.title, "author": entry.author, "source": entry.source, "url": entry.url, "date": entry.date}
    return build_article(known, entry.text, origin=origin, name=f"{name}#{own}")
