"""Parse a fetched page into an article, and find the feeds it names."""

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.errors import SourceError
from rag.sources.cleaning.captions import remove_captions
from rag.sources.cleaning.furniture import remove_marks
from rag.sources.cleaning.hidden_html import strip_hidden
from rag.sources.cleaning.pasted_page import has_same_words, title_from_name
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import find_concealment, one_line
from rag.sources.formats.html import (
    complete_text,
    extract_all_text,
    extract_article,
    parse_html,
)
from rag.sources.formats.html_metadata import PageMetadata, iso_time, read_metadata
from rag.sources.formats.layout_tables import unwrap_layout_tables
from rag.sources.formats.live_blog import split_live_blog
from rag.sources.formats.page_day import find_page_day
from rag.sources.formats.page_title import choose_title
from rag.sources.formats.records import build_article
from rag.sources.formats.text_builder import strip_repeated_heading
from rag.sources.web.body_text import decode_page
from rag.sources.web.non_articles import explain_refusal
from rag.sources.web.onward_links import find_next_page
from rag.sources.web.urls import article_id, normalise_url
from rag.structure import STRUCTURE
from rag.types import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MAX_FEEDS = 20


def parse_articles(body: bytes, charset: str, url: str) -> list[Article]:
    """Parse the page at an address into its article, or a live blog into its entries; raises SourceError.

    There is no limit on time or on the number of tags here: the sandbox ends the parsing of a page that takes too long.
    """
    return parse_page(body, charset, url)[0]


def parse_page(body: bytes, charset: str, url: str) -> tuple[list[Article], str]:
    """Parse a page as `parse_articles` does; return the address of the next page of its article too, if it has one."""
    article, tree = _parse_page(body, charset, url)
    articles = split_live_blog(article, tree)
    return articles, find_next_page(tree, url) if len(articles) == 1 else ""


def parse_article(body: bytes, charset: str, url: str) -> Article:
    """Parse the page at an address into its article; raises SourceError with the reason where there is none.

    `charset` is the one its header names, or empty. The article has the canonical address that the page states, if
    that is on the same site and not wrongly its home page, or else `url`. Its id is that address without scheme, `www.`
    and trailing slash; the title of a page that has none is made from its address.
    """
    return _parse_page(body, charset, url)[0]


def _parse_page(body: bytes, charset: str, url: str) -> tuple[Article, "HtmlElement"]:
    """Parse a page into its article and its tree, with hidden elements and captions removed; raises SourceError."""
    text, note = decode_page(body, charset)
    tree = parse_html(text)
    if tree is None:
        raise SourceError("the page is empty")
    metadata = read_metadata(tree, url)
    flags = "; ".join(filter(None, [find_concealment(text), strip_hidden(tree)]))
    captions = remove_captions(tree)
    remove_marks(tree)
    unwrap_layout_tables(tree)
    extracted = extract_article(tree, url)
    text = str(extracted.get("text") or "")
    reason = explain_refusal(tree, metadata, text, feeds=_find_feeds(tree, url), url=url)
    if reason:
        raise SourceError(reason)
    completed = complete_text(tree, text, title=one_line(str(extracted.get("title") or "")))
    address = _choose_address(metadata.canonical, url)
    title = choose_title(tree, metadata, one_line(str(extracted.get("title") or "")))
    completed = strip_repeated_heading(completed, title)
    day = find_page_day(
        tree, partial(extract_all_text, tree), stated=metadata.published, extracted=extracted.get("date"), url=address
    )
    record = {
        **_choose_fields(metadata, extracted, url),
        **day,
        "title": title,
        "url": address,
        "encoding": note,
        "flagged": flags,
        "captions": captions,
        STRUCTURE: completed.written,
    }
    article = build_article(
        record, completed.text, origin=url, name=article_id(address), title=_title_from_url(address)
    )
    return article, tree


def find_feeds(body: bytes, url: str) -> list[str]:
    """Find the addresses of up to 20 feeds that a page links to, those of comments last; empty for what is no page."""
    try:
        tree = parse_html(decode_page(body)[0])
    except SourceError:
        return []
    return [] if tree is None else _find_feeds(tree, url)


def _find_feeds(tree: "HtmlElement", url: str) -> list[str]:
    """Find the addresses of up to 20 feeds in the link elements of a parsed page, those of comments last."""
    base = _base_url(tree, url)
    feeds: dict[str, bool] = {}
    for link in tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEED_TYPES and "alternate" in (link.get("rel") or "").lower().split():
            address = _absolute_url(link.get("href") or "", base)
            if address:
                feeds.setdefault(address, "comment" in f"{address} {link.get('title')}".lower())
    return sorted(feeds, key=lambda address: feeds[address])[:_MAX_FEEDS]


def _base_url(tree: "HtmlElement", url: str) -> str:
    """Return the address that relative links of the page start from."""
    base = tree.find(".//base[@href]")
    return url if base is None else _absolute_url(base.get("href"), url) or url


def _absolute_url(link: str, base: str) -> str:
    """Complete a link to an address, or return an empty string for one that is neither http nor https."""
    try:
        address = urljoin(base, link.strip())
        return address if link.strip() and urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _choose_address(canonical: str, url: str) -> str:
    """Choose the canonical address of a page, or `url` if that is on another site or wrongly the home page.

    A page with the address of an article elsewhere would replace that article; many sites state their home page as the
    canonical address of every page.
    """
    own = _absolute_url(canonical, url)
    try:
        if not own or _registered_domain(own) != _registered_domain(url) or (_is_home(own) and not _is_home(url)):
            return normalise_url(url)
        return normalise_url(own)
    except (SourceError, ValueError):
        return normalise_url(url)


def _registered_domain(url: str) -> str:
    """Return the registered domain of an address by the public suffix list, or its host and port."""
    from tld import get_fld

    return get_fld(url, fail_silently=True) or urlsplit(url).netloc.lower()


def _is_home(url: str) -> bool:
    """Whether an address is the home page of its site."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _choose_fields(metadata: PageMetadata, extracted: dict[str, object], url: str) -> dict[str, object]:
    """Choose author, publisher, times and language: as the page states them, else the author as extracted.

    The publisher is the host of `url` where none is stated.
    """
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    source = metadata.site or host
    author = (
        metadata.author
        if metadata.author and not has_same_words(metadata.author, source)
        else str(extracted.get("author") or "")
    )
    day = parse_day(metadata.published)
    updated = parse_day(metadata.modified)
    return {
        "author": "" if has_same_words(author, source) else author,
        "source": source,
        "published": iso_time(metadata.published) if day else "",
        "updated": updated if updated != day else "",
        "language": metadata.language,
    }


def _title_from_url(url: str) -> str:
    """Make a title from the address of a page that has none."""
    parts = urlsplit(url)
    return title_from_name(parts.path.rstrip("/").rpartition("/")[2] or parts.netloc)
