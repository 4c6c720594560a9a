"""Find the addresses on pages that are nothing but lists of links, as browsers export bookmarks."""

import re
from html.parser import HTMLParser

LIST_OF_ADDRESSES = "a list of addresses; give it alone, and what is there is read"

_BOOKMARKS = re.compile(r"\s*<!DOCTYPE\s+NETSCAPE-Bookmark-file", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]{1,2000}>[^<]{0,2000}</a>", re.IGNORECASE)
_MIN_LINK_SHARE = 0.4
"""Of the characters of a page, those of links from which on it is looked at; an article has a tenth of that."""
_MAX_LINE_WORDS = 7
"""Words beside links that may stand in one piece, outside headings."""
_HEADINGS = ("title", "h1", "h2", "h3", "h4", "h5", "h6", "script", "style")


def find_page_links(page: str) -> list[str]:
    """Find the addresses of a page that is a list of links, each once; empty for any other page.

    Bookmarks in the form of Netscape always are one; another page is where links are most of it and no sentence stands
    beside them.
    """
    is_marked = _BOOKMARKS.match(page) is not None
    if not is_marked and sum(len(link[0]) for link in _LINK.finditer(page)) < _MIN_LINK_SHARE * len(page):
        return []
    links = _Links()
    links.feed(page)
    if not is_marked and (links.has_sentence or len(links.addresses) < 2):
        return []
    return list(dict.fromkeys(links.addresses))


class _Links(HTMLParser):
    """Gathers the web addresses of links, and whether a sentence stands beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.has_sentence = False
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of a link, and headings, whose text is none of the page's sentences."""
        if tag == "a":
            address = (dict(attrs).get("href") or "").strip()
            self.addresses += [address] * address.lower().startswith(("http://", "https://"))
        if tag == "a" or tag in _HEADINGS:
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        """Leave a link or heading."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Look for a sentence outside of links and headings."""
        if not self._inside and len(data.split()) > _MAX_LINE_WORDS:
            self.has_sentence = True
