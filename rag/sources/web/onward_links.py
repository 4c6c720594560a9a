"""Find where a page leads on: the address that it refreshes to, and the next page of the same article."""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from rag.sources.cleaning.unicode import one_line
from rag.text.languages import PAGE_NUMBERS

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_MAX_HEAD_BYTES = 16_384
_MAX_REFRESH_SECONDS = 10
"""Seconds within which a page that leads elsewhere is a redirect; one that reloads itself takes longer."""
_UNSEEN = re.compile(
    rb"<!--.{0,4000}?-->|<noscript\b.{0,4000}?</noscript\s*>|<script\b.{0,4000}?</script\s*>", re.I | re.S
)
_REFRESH = re.compile(rb"<meta\b[^>]{0,300}\bhttp-equiv\s*=\s*[\"']?refresh\b[^>]{0,2000}>", re.I)
_CONTENT = re.compile(
    r"\bcontent\s*=\s*[\"']?\s*(\d{1,4})(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"'>]{1,2000})", re.I
)
_PAGE_PARAMETERS = frozenset(("page", "p", "pg", "paged", "seite", "pagina", "pagenum", "part"))
_PAGE_PATH = re.compile(r"(?:/page)?/\d{1,3}/?$|(?<=[\w])[-_,.]?\d{1,3}(?=(?:\.\w{2,5})?$)|/$")
_NUMBER = re.compile(r"\d{1,3}")


def find_refresh(body: bytes) -> str:
    """Find the address to which a page sends its readers at once by `meta refresh`; empty if it does not."""
    head = _UNSEEN.sub(b"", body[:_MAX_HEAD_BYTES])
    tag = _REFRESH.search(head)
    content = _CONTENT.search(tag[0].decode("utf-8", "replace")) if tag else None
    if content is None or int(content[1]) > _MAX_REFRESH_SECONDS:
        return ""
    return content[2].strip().replace("&amp;", "&")


def find_next_page(tree: "HtmlElement", url: str) -> str:
    """Find the address of the next page of the same article; empty where there is none.

    A link says so by `rel=next`, or by the number of the next page; its address differs from `url` by the number of a
    page alone, since many sites call the next article so.
    """
    own = _page_number(url)
    for link in tree.iter("link", "a"):
        target = (link.get("href") or "").strip()
        is_next = "next" in (link.get("rel") or "").lower().split()
        if not target or target.startswith("#") or not (is_next or one_line(link.text_content()) == str(own + 1)):
            continue
        try:
            address: str = urljoin(url, str(target)).partition("#")[0]
            is_other_page = _without_page(address) == _without_page(url) and _page_number(address) == own + 1
        except ValueError:
            continue
        if is_other_page:
            return address
    return ""


def strip_page_number(title: str) -> str:
    """Strip the number of a page from the end of a title, such as “, page 2 of 3”."""
    return PAGE_NUMBERS.sub("", title)


def _without_page(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return what the addresses of all pages of one article have in common."""
    parts = urlsplit(url)
    query = tuple((name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _PAGE_PARAMETERS)
    return parts.netloc, _PAGE_PATH.sub("", parts.path), query


def _page_number(url: str) -> int:
    """Return the number of the page that an address names, 1 where it names none."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if name.lower() in _PAGE_PARAMETERS]
    at_end = _PAGE_PATH.search(parts.path)
    number = _NUMBER.search(named[0] if named else at_end[0] if at_end else "")
    return int(number[0]) if number else 1
