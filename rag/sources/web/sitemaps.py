"""Parse lists of addresses: sitemaps, OPML outlines and plain text."""

import re
from typing import TYPE_CHECKING, NamedTuple

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html_metadata import iso_time
from rag.sources.formats.xml_safe import refuse_declarations, root_name, safe_parser
from rag.sources.web.body_text import decode_xml, decompress_gzip
from rag.sources.web.feeds import Entry, absolute_url, sort_newest_first

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_MAX_ADDRESSES = 50_000
"""Addresses in one sitemap; its protocol allows no more."""
_ADDRESS = re.compile(r"https?://[^\s<>\"'|\\^`{}]+", re.IGNORECASE)
_COLUMNS = re.compile(r"[,;](?:https?:|\d{4}-\d\d-\d\d$|$)")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)


class Sitemap(NamedTuple):
    """What a sitemap, or an index of sitemaps, names."""

    entries: list[Entry]
    """The pages, newest first."""
    sitemaps: list[str]
    """The addresses of further sitemaps."""


def parse_sitemap(body: bytes, url: str) -> Sitemap | None:
    """Parse a sitemap or an index of sitemaps; return None for anything else.

    `body` may be gzipped. An entry has an address and, if stated, the time of the last change; those in the form of
    Google News also have title, publisher and time of publication. Raises SourceError for a sitemap that cannot be
    read, is over 50 MiB unpacked, or names more than 50,000 addresses.
    """
    text = _decode(body)
    if root_name(text) not in ("urlset", "sitemapindex"):
        return None
    root = _parse_root(text)
    if len(root) > _MAX_ADDRESSES:
        raise SourceError(f"it names {len(root):,} addresses; a sitemap may have {_MAX_ADDRESSES:,}")
    if _local_name(root) == "sitemapindex":
        nested = (absolute_url(_child_text(child, "loc"), url) for child in root)
        return Sitemap([], list(dict.fromkeys(filter(None, nested))))
    entries = (_build_entry(child, url) for child in root if _local_name(child) == "url")
    return Sitemap(sort_newest_first([entry for entry in entries if entry.url]), [])


def parse_opml(body: bytes) -> list[str] | None:
    """Parse an OPML outline into the addresses of the feeds on all its levels; return None for anything else.

    Raises SourceError for an outline that cannot be read.
    """
    text = _decode(body)
    if root_name(text) != "opml":
        return None
    attributes = (
        {key.lower(): value for key, value in node.attrib.items()} for node in _parse_root(text).iter("{*}outline")
    )
    feeds = (absolute_url(attribute.get("xmlurl"), "") for attribute in attributes)
    return list(dict.fromkeys(filter(None, feeds)))


def parse_address_list(text: str) -> list[str] | None:
    """Parse a text with one address on each line, blank lines and # comments aside; return None for other texts."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    addresses = [line for line in lines if line and not line.startswith("#")]
    if not addresses or not all(_ADDRESS.fullmatch(line) and not _COLUMNS.search(line) for line in addresses):
        return None
    return list(dict.fromkeys(addresses))


def _decode(body: bytes) -> str:
    """Decompress and decode a document; empty for what is no text. Raises SourceError for damaged gzip data."""
    data = decompress_gzip(body)
    try:
        return decode_xml(data)
    except SourceError:
        return ""


def _parse_root(text: str) -> "Element":
    """Parse an XML document to its root; raises SourceError if it is broken, very deep or has a document type."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    if _DOCTYPE.search(text):
        raise SourceError("its XML has a document type, which a list of addresses has no need of; it is not read")
    refuse_declarations(text)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), safe_parser())
    except etree.XMLSyntaxError as error:
        raise SourceError(f"its XML cannot be read: {one_line(str(error))}") from error


def _build_entry(element: "Element", url: str) -> Entry:
    """Build the entry of one page; Google News adds title, publisher and time of publication."""
    news = next((child for child in element if _local_name(child) == "news"), None)
    changed = _child_text(element, "lastmod")
    about = {} if news is None else {_local_name(child): child for child in news}
    written = _element_text(about.get("publication_date"))
    publication = about.get("publication")
    return Entry(
        url=absolute_url(_child_text(element, "loc"), url),
        title=_element_text(about.get("title")),
        date=parse_day(written),
        published=iso_time(written),
        source="" if publication is None else _child_text(publication, "name"),
        updated=iso_time(changed) or parse_day(changed),
    )


def _local_name(element: "Element") -> str:
    """Return the tag name of a sitemap's element, in lower case and without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def _child_text(element: "Element", name: str) -> str:
    """Return the text of the first child of a name."""
    return next((_element_text(child) for child in element if _local_name(child) == name), "")


def _element_text(element: "Element | None") -> str:
    """Return all text of an element as one line."""
    return "" if element is None else one_line("".join(map(str, element.itertext())))
