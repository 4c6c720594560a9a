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

_MAX_NODES = 2_000
_MAX_DEPTH = 6
_SCRIPT_WRAPPING = re.compile(r"\A\s*(?://\s*)?(?:<!\[CDATA\[|<!--)|(?://\s*)?(?:\]\]>|-->)\s*\Z|;\s*\Z")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_TAG = re.compile(r"<[^<>]{1,200}>")
_BY_PREFIX = re.compile(r"^by:? +", re.IGNORECASE)
_PUBLISHED_TAGS = (
    "article:published_time og:article:published_time datepublished parsely-pub-date sailthru.date dcterms.issued "
    "dc.date.issued citation_publication_date citation_online_date citation_date article:published article.published "
    "og:published_time og:pubdate pubdate publishdate publish-date publish_date publication_date date dc.date "
    "dcterms.date prism.publicationdate prism.coverdate bt:pubdate cxenseparse:recs:publishtime"
).split()
_MODIFIED_TAGS = "article:modified_time og:article:modified_time og:updated_time datemodified".split()
_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The metadata that a page states of its article; what it does not state is empty."""

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
    """How many words the article is stated to have, 0 where that is not stated."""


def read_metadata(tree: "HtmlElement", url: str) -> PageMetadata:
    """Read the metadata that a page states; of several articles in its JSON-LD, the one at `url` counts."""
    metas = _read_meta_tags(tree)
    known = list(iter_json_ld(tree))
    ids = {key: node for node in known if isinstance(key := node.get("@id"), str) and len(node) > 1}
    canonical = _find_canonical(tree) or metas.get("og:url", "")
    articles = [node for node in known if _is_article(node)]
    node = _find_page_article(articles, {url, canonical}) or {}
    return PageMetadata(
        title=_clean_string(node.get("headline")) or _clean_string(node.get("name")),
        author=_join_author_names(node.get("author") or node.get("creator"), ids) or _find_markup_author(tree, metas),
        published=_clean_string(node.get("datePublished"))
        or _first_meta(metas, _PUBLISHED_TAGS)
        or _find_markup_day(tree),
        modified=_clean_string(node.get("dateModified")) or _first_meta(metas, _MODIFIED_TAGS),
        site=_clean_site_name(metas.get("og:site_name", ""))
        or _clean_site_name(" ".join(_collect_names(node.get("publisher"), ids)[:1])),
        language=_find_language(tree, node, metas),
        canonical=canonical,
        is_article=bool(node.get("datePublished")),
        is_free=not any(_is_false(part.get("isAccessibleForFree")) for part in (node, *_parts(node))),
        words=_parse_count(node.get("wordCount")),
    )


def iso_time(written: str) -> str:
    """Return a time with a zone in ISO form, in the zone it is stated in; empty for anything less."""
    try:
        time = datetime.fromisoformat(written.strip())
    except ValueError:
        return ""
    return time.isoformat() if time.tzinfo is not None else ""


def _read_meta_tags(tree: "HtmlElement") -> dict[str, str]:
    """Read the meta tags by their names in lower case; the first of a name counts."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = one_line(element.get("content") or "")
        if content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _find_canonical(tree: "HtmlElement") -> str:
    """Return the address that the page declares as canonical, or an empty string."""
    links = (link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    return next(filter(None, ((link.get("href") or "").strip() for link in links)), "")


def iter_json_ld(tree: "HtmlElement") -> Iterator[Node]:
    """Yield the objects in the JSON-LD of a page: at the top, in lists and graphs, and main entities; 2,000 at most."""
    left = _MAX_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in _walk_nodes(_parse_lenient_json(script.text or ""), _MAX_DEPTH):
            yield node
            left -= 1
            if not left:
                return


def _parse_lenient_json(text: str) -> object:
    """Parse JSON, repairing the usual damage: comments around it, trailing commas, escaped markup."""
    bare = _SCRIPT_WRAPPING.sub("", text)
    for attempt in (bare, _TRAILING_COMMA.sub(r"\1", bare), html.unescape(bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk_nodes(value: object, depth: int) -> Iterator[Node]:
    """Yield the objects that stand by themselves: at the top, in lists, in a graph, or as a main entity."""
    if isinstance(value, list) and depth:
        for item in value:
            yield from _walk_nodes(item, depth - 1)
    elif isinstance(value, dict) and depth:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            yield from _walk_nodes(value.get(key), depth - 1)


def _is_article(node: Node) -> bool:
    """Whether a node is of a type that stands for an article."""
    kinds = [kind.lower() for kind in _as_list(node.get("@type")) if isinstance(kind, str)]
    return any(kind.endswith(("article", "posting")) and kind != "jobposting" for kind in kinds) or "report" in kinds


def _find_page_article(articles: list[Node], addresses: set[str]) -> Node | None:
    """Return the article that the page is about: the only one, or the one with the address of the page."""
    if len(articles) == 1:
        return articles[0]
    own = {_strip_scheme(address) for address in addresses if address}
    return next((node for node in articles if own & set(map(_strip_scheme, _node_urls(node)))), None)


def _node_urls(node: Node) -> Iterator[str]:
    """Yield the addresses that a node has as its own."""
    for value in (node.get("url"), node.get("mainEntityOfPage"), node.get("@id")):
        value = value.get("@id") if isinstance(value, dict) else value
        if isinstance(value, str) and value:
            yield value


def _strip_scheme(address: str) -> str:
    """Strip scheme, fragment and trailing slash from an address, to compare it; one without a scheme becomes empty."""
    return address.partition("://")[2].partition("#")[0].rstrip("/")


def _join_author_names(value: object, ids: Mapping[str, Node]) -> str:
    """Join the names of people, or of organisations where no person is named."""
    people = _collect_names(value, ids, "person")
    return "; ".join(dict.fromkeys(_BY_PREFIX.sub("", name) for name in people or _collect_names(value, ids)))


def _find_markup_author(tree: "HtmlElement", metas: Mapping[str, str]) -> str:
    """Find authors in microdata, or else in a meta tag, where only a name beyond ASCII and without a space counts."""
    marked = _find_marked(tree, "author")
    name_elements = [element.find(".//*[@itemprop='name']") for element in marked]
    names = [one_line(_element_content(part)) for part in name_elements if part is not None]
    meta_author = _first_meta(metas, ("author", "dc.creator"))
    return "; ".join(dict.fromkeys(filter(None, names))) or (
        "" if meta_author.isascii() or " " in meta_author else meta_author
    )


def _find_markup_day(tree: "HtmlElement") -> str:
    """Find the time of publication in microdata, or the one element for it; an empty string where there is none."""
    marked = _find_marked(tree, "datePublished")
    marked += [element for element in tree.iter("time") if element.get("pubdate") is not None]
    values = (one_line(element.get("datetime") or _element_content(element)) for element in marked)
    return next(filter(None, values), "")


def _find_marked(tree: "HtmlElement", name: str) -> list["HtmlElement"]:
    """Find the elements that are marked in microdata as a property of the article."""
    return [element for element in tree.xpath(".//*[@itemprop]") if name in element.get("itemprop").split()]


def _element_content(element: "HtmlElement") -> str:
    return str(element.get("content") or element.text_content())


def _collect_names(value: object, ids: Mapping[str, Node], kind: str = "") -> list[str]:
    """Collect the names in a value: strings, objects, and references to objects elsewhere on the page.

    Addresses are left out, and with `kind` the objects that state another type.
    """
    names = []
    for item in _as_list(value):
        if isinstance(item, dict):
            item = {**ids.get(str(item.get("@id")), {}), **item}
            kinds = [str(one).lower() for one in _as_list(item.get("@type"))]
            fits = not kind or kind in kinds or not kinds
            names += [_clean_string(name) for name in _as_list(item.get("name"))] if fits else []
        else:
            names.append(_clean_string(item))
    return [name for name in names if name and "://" not in name]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parts(node: Node) -> Iterator[Node]:
    return (part for part in _as_list(node.get("hasPart")) if isinstance(part, dict))


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.rpartition("/")[2].lower() == "false")


def _parse_count(value: object) -> int:
    return int(value) if isinstance(value, (int, str)) and re.fullmatch(r"\d{1,6}", str(value)) else 0


def _clean_string(value: object) -> str:
    """Return a string as one line, tags removed and character references decoded; empty for anything else."""
    return one_line(_TAG.sub("", html.unescape(value))) if isinstance(value, str) else ""


def _first_meta(metas: Mapping[str, str], names: Iterable[str]) -> str:
    return next((metas[name] for name in names if name in metas), "")


def _clean_site_name(name: str) -> str:
    """Return the name of a publisher, or an empty string if it is an address."""
    return "" if "/" in name and "." in name else one_line(html.unescape(name)).lstrip("@")


def _find_language(tree: "HtmlElement", node: Node, metas: Mapping[str, str]) -> str:
    """Return the code of the language that the page states, such as "en-GB"."""
    root = tree.getroottree().getroot()
    declared = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"))
    for value in (*declared, _clean_string(node.get("inLanguage")), metas.get("og:locale")):
        if value and _LANGUAGE_CODE.fullmatch(value.strip()):
            return value.strip().replace("_", "-")
    return ""
