"""Read lists of addresses that were saved as files: lines, bookmarks, shortcuts, outlines of feeds and sitemaps."""

import re

from rag.errors import SourceError
from rag.sources.cleaning.datelines import SENTENCE_END
from rag.sources.formats.link_pages import find_page_links
from rag.sources.web.sitemaps import parse_address_list, parse_opml, parse_sitemap

_ADDRESS = re.compile(r"<?(https?://[^\s<>\"'|\\^`{}]+)>?", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\((https?://[^\s()<>]+)\)", re.IGNORECASE)
_SHORTCUT = re.compile(r"\s*\[InternetShortcut\](?:\r?\n[^\n]*)*?\r?\nURL=(https?://\S+)", re.IGNORECASE)
_WEB_LOCATION = re.compile(r"\s*<\?xml.{0,400}<plist.{0,200}<key>URL</key>\s*<string>(https?://[^<]+)", re.DOTALL)
_BULLET = re.compile(r"\s*(?:[-*•+]|\d{1,4}[.)])\s+")
_COLUMN = re.compile(r"[,;|\t]\s*\S")
_MAX_CHARS = 2_000_000
_MAX_LINE_CHARS = 2_500
"""Characters of a line that is an address with its title; addresses have 2,000 at most."""
_MAX_HEADINGS_AHEAD = 20
_MAX_TITLE_WORDS = 8
"""Words that may stand beside an address in a list of them, as its title."""


def parse_address_file(data: bytes) -> list[str]:
    """Parse a file that lists addresses, one on each line, as a page of links, an outline or a shortcut.

    Empty for other files.
    """
    if feeds := parse_opml(data):
        return feeds
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return find_page_links(text) or parse_links(text)


def names_addresses(data: bytes) -> bool:
    """Whether XML is a list of addresses: an outline, a sitemap or a shortcut to a page."""
    try:
        return parse_opml(data) is not None or parse_sitemap(data, "") is not None or bool(_find_shortcut(data))
    except SourceError:
        return False


def parse_links(text: str) -> list[str]:
    """Parse a text with one address on each line, perhaps with a title of some words, and short headings.

    Empty for other texts: for one in which anything reads like a sentence or stands in columns.
    """
    if addresses := parse_address_list(text):
        return addresses
    if shortcut := _SHORTCUT.match(text) or _WEB_LOCATION.match(text):
        return [shortcut[1]]
    if len(text) > _MAX_CHARS:
        return []
    addresses = []
    headings = 0
    for line in filter(None, map(str.strip, text.splitlines())):
        if len(line) > _MAX_LINE_CHARS:
            return []
        found = [match[1] for match in _ADDRESS.finditer(_MARKDOWN_LINK.sub(r" \2 \1", line))]
        title = _ADDRESS.sub(" ", _MARKDOWN_LINK.sub(r"\1", _BULLET.sub("", line, count=1)))
        if SENTENCE_END.search(title.rstrip()) or len(title.split()) > _MAX_TITLE_WORDS or len(found) > 1:
            return []
        if found and _COLUMN.search(title):
            return []
        addresses += found
        headings += not found
        if headings > len(addresses) + _MAX_HEADINGS_AHEAD:
            return []
    return list(dict.fromkeys(addresses)) if len(addresses) >= 2 and headings <= len(addresses) / 2 else []


def _find_shortcut(data: bytes) -> str:
    match = _WEB_LOCATION.match(data[:2_000].decode("utf-8", "replace"))
    return match[1] if match else ""
