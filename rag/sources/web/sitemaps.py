"""Parse lists of addresses: sitemaps, OPML outlines and plain text."""

import re
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html_metadata import iso_time
from rag.sources.formats.xml_safe import refuse_declarations, root_name, safe_parser
from rag.sources.web.body_text import decode_xml, decompress_gzip
from rag.sources.web.feeds import Entry, fetchable, newest

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_MOST = 50_000
"""Addresses in one sitemap; its protocol allows no more."""
_ADDRESS = re.compile(r"https?://[^\s<>\"'|\\^`{}]+", re.IGNORECASE)
_COLUMNS = re.compile(r"[,;](?:https?:|\d{4}-\d\d-\d\d$|$)")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)


def sitemap(body: bytes, url: str) -> tuple[list[Entry], list[str]] | None:
    """The pages that a sitemap names, newest first, and the sitemaps an index of sitemaps names; None for other things.

    Gzipped or not. Of a plain page only the time of its last change is known. Raises SourceError for a sitemap that
    cannot be read, is over 50 MiB unpacked, or names more than 50,000 addresses.
    """
    text = _text(body)
    if root_name(text) not in ("urlset", "sitemapindex"):
        return None
    root = _parsed(text)
    if len(root) > _MOST:
        raise SourceError(f"it names {len(root):,} addresses; a sitemap may have {_MOST:,}")
    if _name(root) == "sitemapindex":
        nested = (fetchable(_first(child, "loc"), url) for child in root)
        return [], list(dict.fromkeys(filter(None, nested)))
    found = (_entry(child, url) for child in root if _name(child) == "url")
    return newest([entry for entry in found if entry.url]), []


def opml(body: bytes) -> list[str] | None:
    """The feeds that an OPML outline names, at whatever depth; None for other things.

    Raises SourceError for an outline that cannot be read.
    """
    text = _text(body)
    if root_name(text) != "opml":
        return None
    attributes = (
        {key.lower(): value for key, value in node.attrib.items()} for node in _parsed(text).iter("{*}outline")
    )
    feeds = (fetchable(attribute.get("xmlurl"), "") for attribute in attributes)
    return list(dict.fromkeys(filter(None, feeds)))


def addresses_in(text: str) -> list[str] | None:
    """The addresses in a text that has one on each line, besides blank lines and comments after #; None for others."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if not found or not all(_ADDRESS.fullmatch(line) and not _COLUMNS.search(line) for line in found):
        return None
    return list(dict.fromkeys(found))


def _text(body: bytes) -> str:
    """The text of a document, unpacked; empty for what is no text."""
    data = decompress_gzip(body)
    try:
        return decode_xml(data)
    except SourceError:
        return ""


def _parsed(text: str) -> "Element":
    """The root of an XML document; raises SourceError for one that is broken, very deep, or brings a grammar."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    if _DOCTYPE.search(text):
        raise SourceError("its XML has a document type, which a list of addresses has no need of; it is not read")
    refuse_declarations(text)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), safe_parser())
    except etree.XMLSyntaxError as error:
        raise SourceError(f"its XML cannot be read: {one_line(str(error))}") from error


def _entry(element: "Element", url: str) -> Entry:
    """One page of a sitemap; Google News adds title, publisher and time of publication."""
    news = next((child for child in element if _name(child) == "news"), None)
    changed = _first(element, "lastmod")
    about = {} if news is None else {_name(child): child for child in news}
    written = _all_text(about.get("publication_date"))
    publication = about.get("publication")
    return Entry(
        url=fetchable(_first(element, "loc"), url),
        title=_all_text(about.get("title")),
        date=iso_day(written),
        published=iso_time(written),
        source="" if publication is None else _first(publication, "name"),
        updated=iso_time(changed) or iso_day(changed),
    )


def _name(element: "Element") -> str:
    """The name of an element in lower case, without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def _first(element: "Element", name: str) -> str:
    """The text of the first child of a name."""
    return next((_all_text(child) for child in element if _name(child) == name), "")


def _all_text(element: "Element | None") -> str:
    return "" if element is None else one_line("".join(map(str, element.itertext())))
