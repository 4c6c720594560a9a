"""Turn a fetched page into an article, and find the feeds it names."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.errors import SourceError
from rag.sources.cleaning.captions import take_captions
from rag.sources.cleaning.hidden_html import strip_hidden
from rag.sources.cleaning.pasted_page import readable_name, same_words
from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import concealed, one_line
from rag.sources.formats.html import extract_article, parse_html, strip_repeated_title
from rag.sources.formats.html_metadata import PageMetadata, iso_time, read_metadata
from rag.sources.formats.live_blog import split_live_blog
from rag.sources.formats.records import build_article
from rag.sources.web.body_text import decode_page
from rag.sources.web.non_articles import refusal
from rag.sources.web.urls import normalised, same_article
from rag.types import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MOST_FEEDS = 20
_BETWEEN = re.compile(r"\s+[|•·:»/–—-]+\s+")


def articles(body: bytes, charset: str, url: str) -> list[Article]:
    """The article on the page at an address, as `page` reads it, or the entries of a live blog.

    However many tags it has, it is read: a page over which this sits for minutes is for the process apart to end.
    """
    return split_live_blog(*_read(body, charset, url))


def page(body: bytes, charset: str, url: str) -> Article:
    """The article on the page at an address; raises SourceError with the reason where there is none.

    `charset` is the one its header names, or empty. The article has the address that the page calls its own, if that
    is on the same site, and its id is that address; a page without a title is named after its address.
    """
    return _read(body, charset, url)[0]


def _read(body: bytes, charset: str, url: str) -> tuple[Article, "HtmlElement"]:
    """The article and the page it stands on."""
    text, note = decode_page(body, charset)
    tree = parse_html(text)
    if tree is None:
        raise SourceError("the page is empty")
    said = read_metadata(tree, url)
    flags = "; ".join(filter(None, [concealed(text), strip_hidden(tree)]))
    captions = take_captions(tree)
    _unframe(tree)
    found = extract_article(tree, url)
    text = str(found.get("text") or "")
    reason = refusal(tree, said, text, _feeds(tree, url), url)
    if reason:
        raise SourceError(reason)
    address = _address(said.canonical, url)
    title = _title(tree, said, one_line(str(found.get("title") or "")))
    record = {
        **_fields(said, found, url),
        "title": title,
        "url": address,
        "encoding": note,
        "flagged": flags,
        "captions": captions,
    }
    article = build_article(
        record, strip_repeated_title(text, title), origin=url, name=same_article(address), title=_name(address)
    )
    return article, tree


def feeds_of(body: bytes, url: str) -> list[str]:
    """The feeds that a page names in its head, those of comments last; empty for what is no page."""
    try:
        tree = parse_html(decode_page(body)[0])
    except SourceError:
        return []
    return [] if tree is None else _feeds(tree, url)


def _unframe(tree: "HtmlElement") -> None:
    """Turns tables that only lay out the page into blocks, which trafilatura would read as a table of one long row."""
    for table in [table for table in tree.iter("table") if _lays_out(table)]:
        rows = [row for row in table.iter("tbody", "tr", "td", "th") if next(row.iterancestors("table")) is table]
        for element in (table, *rows):
            element.tag = "div"


def _lays_out(table: "HtmlElement") -> bool:
    """Whether a table holds other tables, several paragraphs in a cell, or but one column."""
    cells = table.iter("td")
    one_column = all(len(row) < 2 for row in table.iter("tr"))
    return one_column or table.find(".//table") is not None or any(len(cell.findall("p")) > 1 for cell in cells)


def _feeds(tree: "HtmlElement", url: str) -> list[str]:
    """The addresses of the feeds that the page at an address names."""
    base = _base(tree, url)
    found: dict[str, bool] = {}
    for link in tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEEDS and "alternate" in (link.get("rel") or "").lower().split():
            address = _absolute(link.get("href") or "", base)
            if address:
                found.setdefault(address, "comment" in f"{address} {link.get('title')}".lower())
    return sorted(found, key=lambda address: found[address])[:_MOST_FEEDS]


def _base(tree: "HtmlElement", url: str) -> str:
    """The address that relative links of the page are meant from."""
    base = tree.find(".//base[@href]")
    return url if base is None else _absolute(base.get("href"), url) or url


def _absolute(link: str, base: str) -> str:
    """The whole address of a link, or an empty string for one that cannot be fetched."""
    try:
        address = urljoin(base, link.strip())
        return address if link.strip() and urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _address(canonical: str, url: str) -> str:
    """The address a page calls its own, unless it belongs to another site or to the home page of this one.

    A page that takes the address of an article elsewhere would replace that article; many sites call each page home.
    """
    own = _absolute(canonical, url)
    try:
        if not own or _site(own) != _site(url) or (_is_home(own) and not _is_home(url)):
            return normalised(url)
        return normalised(own)
    except (SourceError, ValueError):
        return normalised(url)


def _site(url: str) -> str:
    """The registered domain of an address, by the public suffix list; its host and port where that knows none."""
    from tld import get_fld

    return get_fld(url, fail_silently=True) or urlsplit(url).netloc.lower()


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _fields(said: PageMetadata, found: dict[str, object], url: str) -> dict[str, object]:
    """Author, publisher, dates and language, from what the page states first."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    source = said.site or host
    author = said.author if said.author and not same_words(said.author, source) else str(found.get("author") or "")
    day = iso_day(said.published) or iso_day(found.get("date"))
    updated = iso_day(said.modified)
    return {
        "author": "" if same_words(author, source) else author,
        "source": source,
        "date": day,
        "published": iso_time(said.published) if day else "",
        "updated": updated if day and updated != day else "",
        "language": said.language,
    }


def _title(tree: "HtmlElement", said: PageMetadata, found: str) -> str:
    """The headline: stated, or found on the page; without the name of the site, whole where it was cut."""
    title = _without_site(said.title or found, said.site)
    headings = [one_line(heading.text_content()) for heading in tree.iter("h1")]
    if len(headings) == 1 and title and headings[0]:
        heading, cut = headings[0].casefold(), title.casefold().rstrip("… .")
        rest = title[len(heading) :]
        if heading.startswith(cut) or (title.casefold().startswith(heading) and _BETWEEN.match(rest)):
            return headings[0]
    return title


def _without_site(title: str, site: str) -> str:
    """The title without the name of the site before or behind it."""
    parts = _BETWEEN.split(title)
    if site and len(parts) > 1:
        if same_words(parts[-1], site):
            return title[: title.rindex(parts[-1])].rstrip(" |•·:»/–—-")
        if same_words(parts[0], site):
            return title[len(parts[0]) :].lstrip(" |•·:»/–—-")
    return title


def _name(url: str) -> str:
    """A title for a page that has none, from its address."""
    parts = urlsplit(url)
    return readable_name(parts.path.rstrip("/").rpartition("/")[2] or parts.netloc)
