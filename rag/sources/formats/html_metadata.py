"""Read the metadata that a page states in JSON-LD and meta tags."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rag.sources.cleaning.unicode import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

Node = Mapping[str, object]
"""An object of JSON-LD."""

_MOST_NODES = 2_000
_DEPTH = 6
_WRAPPING = re.compile(r"\A\s*(?://\s*)?(?:<!\[CDATA\[|<!--)|(?://\s*)?(?:\]\]>|-->)\s*\Z|;\s*\Z")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_TAG = re.compile(r"<[^<>]{1,200}>")
_BY = re.compile(r"^by:? +", re.IGNORECASE)
_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date",
              "sailthru.date", "dcterms.issued", "dc.date.issued", "citation_publication_date")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Statement:
    """The fields a page states of its article; what it does not state is empty."""

    title: str = ""
    author: str = ""
    published: str = ""
    """The time as it is written there."""
    modified: str = ""
    site: str = ""
    language: str = ""
    canonical: str = ""
    """As it is written there; nothing is known of whether it is true."""
    is_article: bool = False
    """Whether exactly one article is described in JSON-LD, with its time of publication."""
    is_free: bool = True
    words: int = 0
    """How many words the article is said to have, 0 where it is not said."""


def stated(tree: "HtmlElement", url: str) -> Statement:
    """What the page at an address says about itself."""
    metas = _metas(tree)
    known = list(nodes(tree))
    ids = {key: node for node in known if isinstance(key := node.get("@id"), str) and len(node) > 1}
    canonical = _canonical(tree) or metas.get("og:url", "")
    articles = [node for node in known if _is_article(node)]
    node = _of_this_page(articles, {url, canonical}) or {}
    return Statement(
        title=_text(node.get("headline")) or _text(node.get("name")),
        author=_authors(node.get("author") or node.get("creator"), ids) or _written_author(tree, metas),
        published=_text(node.get("datePublished")) or _first(metas, _PUBLISHED),
        modified=_text(node.get("dateModified")) or _first(metas, _MODIFIED),
        site=_site(metas.get("og:site_name", "")) or _site(" ".join(_names(node.get("publisher"), ids)[:1])),
        language=_language(tree, node, metas),
        canonical=canonical,
        is_article=bool(node.get("datePublished")),
        is_free=not any(_is_false(part.get("isAccessibleForFree")) for part in (node, *_parts(node))),
        words=_count(node.get("wordCount")),
    )


def stamp(written: str) -> str:
    """A time with its zone in ISO form, in the zone it is stated in; empty for anything less."""
    try:
        time = datetime.fromisoformat(written.strip())
    except ValueError:
        return ""
    return time.isoformat() if time.tzinfo is not None else ""


def _metas(tree: "HtmlElement") -> dict[str, str]:
    """The meta tags by their names in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = one_line(element.get("content") or "")
        if content:
            found.setdefault(name.strip().lower(), content)
    return found


def _canonical(tree: "HtmlElement") -> str:
    """The address that the page calls its own."""
    links = (link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    return next(filter(None, ((link.get("href") or "").strip() for link in links)), "")


def nodes(tree: "HtmlElement") -> Iterator[Node]:
    """The objects in the JSON-LD of the page, as many as are worth a look."""
    left = _MOST_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in _walk(_parsed(script.text or ""), _DEPTH):
            yield node
            left -= 1
            if not left:
                return


def _parsed(text: str) -> object:
    """The value of a piece of JSON; of broken JSON too, where the breaks are the usual ones."""
    bare = _WRAPPING.sub("", text)
    for attempt in (bare, _TRAILING_COMMA.sub(r"\1", bare), html.unescape(bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: object, depth: int) -> Iterator[Node]:
    """The objects that stand by themselves: at the top, in lists, in a graph, or as what a page is about."""
    if isinstance(value, list) and depth:
        for item in value:
            yield from _walk(item, depth - 1)
    elif isinstance(value, dict) and depth:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            yield from _walk(value.get(key), depth - 1)


def _is_article(node: Node) -> bool:
    kinds = [kind.lower() for kind in _listed(node.get("@type")) if isinstance(kind, str)]
    return any(kind.endswith(("article", "posting")) and kind != "jobposting" for kind in kinds) or "report" in kinds


def _of_this_page(articles: list[Node], addresses: set[str]) -> Node | None:
    """The article that the page is about: the only one, or the one with the address of the page."""
    if len(articles) == 1:
        return articles[0]
    own = {_bare(address) for address in addresses if address}
    return next((node for node in articles if own & set(map(_bare, _addresses(node)))), None)


def _addresses(node: Node) -> Iterator[str]:
    """The addresses that an object has as its own."""
    for value in (node.get("url"), node.get("mainEntityOfPage"), node.get("@id")):
        value = value.get("@id") if isinstance(value, dict) else value
        if isinstance(value, str) and value:
            yield value


def _bare(address: str) -> str:
    return address.partition("://")[2].partition("#")[0].rstrip("/")


def _authors(value: object, ids: Mapping[str, Node]) -> str:
    """The names of people, or of organisations where no person is named."""
    people = _names(value, ids, "person")
    return "; ".join(dict.fromkeys(_BY.sub("", name) for name in people or _names(value, ids)))


def _written_author(tree: "HtmlElement", metas: Mapping[str, str]) -> str:
    """The names marked as authors in microdata, or a meta tag with a name in a script that needs no space in it."""
    marked = [element for element in tree.iter() if "author" in (element.get("itemprop") or "").split()]
    parts = [element.find(".//*[@itemprop='name']") for element in marked]
    names = [one_line(_content(part)) for part in parts if part is not None]
    named = _first(metas, ("author", "dc.creator"))
    return "; ".join(dict.fromkeys(filter(None, names))) or ("" if named.isascii() or " " in named else named)


def _content(element: "HtmlElement") -> str:
    return str(element.get("content") or element.text_content())


def _names(value: object, ids: Mapping[str, Node], kind: str = "") -> list[str]:
    """The names in a value: strings, objects, and references to objects elsewhere on the page."""
    found = []
    for item in _listed(value):
        if isinstance(item, dict):
            item = {**ids.get(str(item.get("@id")), {}), **item}
            kinds = [str(one).lower() for one in _listed(item.get("@type"))]
            fits = not kind or kind in kinds or not kinds
            found += [_text(name) for name in _listed(item.get("name"))] if fits else []
        else:
            found.append(_text(item))
    return [name for name in found if name and "://" not in name]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parts(node: Node) -> Iterator[Node]:
    return (part for part in _listed(node.get("hasPart")) if isinstance(part, dict))


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.rpartition("/")[2].lower() == "false")


def _count(value: object) -> int:
    return int(value) if isinstance(value, (int, str)) and re.fullmatch(r"\d{1,6}", str(value)) else 0


def _text(value: object) -> str:
    """A string as one line, without tags and character references; empty for what is no string."""
    return one_line(_TAG.sub("", html.unescape(value))) if isinstance(value, str) else ""


def _first(metas: Mapping[str, str], names: Iterable[str]) -> str:
    return next((metas[name] for name in names if name in metas), "")


def _site(name: str) -> str:
    """A name of a publisher, unless it is an address."""
    return "" if "/" in name and "." in name else one_line(html.unescape(name)).lstrip("@")


def _language(tree: "HtmlElement", node: Node, metas: Mapping[str, str]) -> str:
    """The code of the language that the page states, such as "en-GB"."""
    root = tree.getroottree().getroot()
    stated = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"))
    for value in (*stated, _text(node.get("inLanguage")), metas.get("og:locale")):
        if value and _LANGUAGE.fullmatch(value.strip()):
            return value.strip().replace("_", "-")
    return ""
