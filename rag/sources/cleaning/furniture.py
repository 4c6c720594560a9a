"""Tell the furniture of a page from its article: menus, share bars, comments, notices, marks of wikis and editors.

The signs are those of the page itself: tags, roles, class names, where links lead. `remove_marks` takes out what is
never text; `furniture_kind` names what else is furniture, unless it turns out to hold the article.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.sources.cleaning.disclosures import link_share, name_words
from rag.sources.cleaning.unicode import one_line
from rag.text.languages import READ_MORE_LEADS

if TYPE_CHECKING:
    from lxml.etree import XPath  # type: ignore[import-untyped, unused-ignore]
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_KIND_BY_TAG = {
    **dict.fromkeys(("nav", "menu", "amp-sidebar"), "navigation"),
    **dict.fromkeys(("form", "select", "textarea", "datalist", "dialog", "input", "fieldset", "progress"), "form"),
    **dict.fromkeys(("amp-ad", "ins-ad", "video", "audio", "canvas", "map", "embed"), "embedded"),
}
_KIND_BY_ROLE = {
    **dict.fromkeys(("navigation", "menu", "menubar", "toolbar", "directory"), "navigation"),
    **dict.fromkeys(("search", "searchbox", "form"), "form"),
    **dict.fromkeys(("dialog", "alertdialog"), "notice"),
    **dict.fromkeys(("banner", "contentinfo"), "margin"),
}
_KIND_BY_WORD = {
    **dict.fromkeys(
        "nav navbar navbox navigation breadcrumb breadcrumbs crumbs menu submenu pagination pager skip sidebar toc "
        "tableofcontents tags taglist catlinks jump".split(),
        "navigation",
    ),
    **dict.fromkeys("share sharing social sociable sharedaddy addtoany ufi".split(), "sharing"),
    **dict.fromkeys("comments comment disqus respond".split(), "comments"),
    **dict.fromkeys("related recommended recommendations outbrain taboola trending teaser teasers".split(), "related"),
    **dict.fromkeys("cookie cookies consent gdpr modal popup".split(), "notice"),
    **dict.fromkeys("newsletter subscribe subscription signup paywall donate".split(), "subscription"),
    **dict.fromkeys("ad ads advert adverts advertisement advertising sponsored promo".split(), "advertisement"),
    **dict.fromkeys("footer colophon masthead tagline copyright printfooter".split(), "margin"),
    **dict.fromkeys("byline author vcard".split(), "byline"),
}
_KIND_BY_PAIR = {
    ("site", "description"): "margin",
    ("site", "sub"): "margin",
    ("content", "sub"): "margin",
    ("table", "contents"): "navigation",
    ("entry", "meta"): "byline",
    ("post", "meta"): "byline",
    ("article", "meta"): "byline",
    ("most", "read"): "related",
    ("read", "more"): "related",
    ("read", "next"): "related",
    ("sign", "up"): "subscription",
    ("edit", "section"): "margin",
}
_BLOCKS_THAT_QUOTE = frozenset(("blockquote", "figure", "q"))
_WIKI_XPATH = (
    ".//*[@class or @id][contains(concat(' ', @class, ' '), ' mw-editsection ') or contains(@class, 'mw-jump-link')"
    " or contains(concat(' ', @class, ' '), ' reflist ') or contains(@class, 'mw-references-wrap')"
    " or contains(@class, 'mw-indicators') or contains(concat(' ', @class, ' '), ' navbox ')"
    " or @id='siteSub' or @id='contentSub' or @id='mw-navigation' or @id='catlinks' or @id='toc'"
    " or (self::sup and contains(concat(' ', @class, ' '), ' noprint '))]"
    " | .//ol[contains(concat(' ', @class, ' '), ' references ')]"
)
_MARK = re.compile(r"[\[(]?\s*(?:\d{1,3}|[a-z]|[ivx]{1,4}|note \d{1,3}|[*†‡])\s*[\])]?", re.IGNORECASE)
_BRACKETED_MARK = re.compile(r"\[\s*(?:\d{1,3}|[a-z]|[ivx]{1,4}|[^\W\d]{1,12} \d{1,3})\s*\]", re.IGNORECASE)
_EDIT_LINK = re.compile(r"\[\s*[^\[\]]{2,40}\s*\]")
_EDIT_TARGET = re.compile(r"[?&/]action=edit|[?&]veaction=|/edit\b|/_?edit/")
_ANCHOR_SIGNS = frozenset(("¶", "#", "§", "🔗", "↩", "↩\ufe0e", "^", "↑", "\uf0c1", "\uf470"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MIN_ASIDE_WORDS = 3
_MAX_LEAD_CHARS = 60


def remove_marks(tree: "HtmlElement") -> None:
    """Remove what is never text of an article: anchors of headings, marks of notes, edit links, reference lists."""
    for element in _wiki_marks()(tree):
        if element.getparent() is not None:
            _drop_with_heading(element)
    for link in list(tree.iter("a")):
        if link.getparent() is not None and (mark := _find_mark(link)) is not None:
            mark.drop_tree()


@lru_cache(maxsize=1)
def _wiki_marks() -> "XPath":
    """Compile what finds the marks of wikis."""
    from lxml.etree import XPath  # type: ignore[import-untyped, unused-ignore]

    return XPath(_WIKI_XPATH)


def furniture_kind(element: "HtmlElement") -> str:
    """Return what kind of furniture an element is by its tag, role and names; empty if it may be text."""
    tag = element.tag
    if tag == "header":
        return "margin" if element.find(".//nav") is not None else ""
    if tag == "footer":
        quotes = any(above.tag in _BLOCKS_THAT_QUOTE for above in element.iterancestors())
        return "" if quotes else "margin"
    if tag == "button":
        return "" if _opens_something(element) else "form"
    kind = _KIND_BY_TAG.get(tag, "")
    if not kind and element.keys():  # most elements have no attributes
        kind = _KIND_BY_ROLE.get((element.get("role") or "").lower()) or _kind_by_names(element)
    if not kind and tag == "aside" and (link_share(element) > 0.5 or not _has_words(element)):
        return "related"
    return kind


def is_read_more(element: "HtmlElement") -> bool:
    """Whether a line does nothing but lead to another page: “Read more: …” with the rest in a link."""
    if not len(element):  # no link
        return False
    opening = element.text or ""
    if len(opening) <= _MAX_LEAD_CHARS:  # no more of it than is needed: most elements are something else
        opening = _read_opening(element)
    lead, colon, rest = one_line(opening).partition(":")
    if not (colon and rest) or lead.strip().casefold() not in READ_MORE_LEADS:
        return False
    return link_share(element) >= 0.5


def _read_opening(element: "HtmlElement") -> str:
    """Read the text of an element until it is longer than a lead."""
    opening = ""
    for text in element.itertext():
        opening += text
        if len(opening) > _MAX_LEAD_CHARS:
            break
    return opening


def _kind_by_names(element: "HtmlElement") -> str:
    """Return the kind that the class names and the id of an element tell."""
    if element.tag in ("html", "body", "main"):
        return ""
    return _kind_by_words(frozenset(name_words(element)))


@lru_cache(maxsize=1_000)
def _kind_by_words(words: frozenset[str]) -> str:
    """Return the kind that words of names tell."""
    # The first by the alphabet, so that every process reads a page alike.
    known = min(words & _KIND_BY_WORD.keys(), default="")
    return _KIND_BY_WORD.get(known) or next(
        (kind for pair, kind in _KIND_BY_PAIR.items() if words.issuperset(pair)), ""
    )


def _opens_something(button: "HtmlElement") -> bool:
    """Whether a button is the head of something that it opens on the page, so that its words are a heading."""
    names = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target", "data-bs-target")
    return any(name in button.attrib for name in names) or any(
        above.tag in (*_HEADINGS, "dt", "summary") for above in button.iterancestors()
    )


def _has_words(element: "HtmlElement") -> bool:
    return len(one_line(element.text_content()).split()) >= _MIN_ASIDE_WORDS


def _find_mark(link: "HtmlElement") -> "HtmlElement | None":
    """Find the element to remove with a link that is an anchor of a heading, the mark of a note or an edit link."""
    text = "".join(link.itertext()).strip()
    target = link.get("href") or ""
    above = link.getparent()
    if len(text) > 60:
        return None
    if text in _ANCHOR_SIGNS and "#" in target:
        return link
    if "#" in target and (
        _BRACKETED_MARK.fullmatch(text) or (_MARK.fullmatch(text) and "sup" in (link.tag, above.tag))
    ):
        return above if above.tag == "sup" and above.text_content().strip() == text else link
    if "#" in target and len(link) == 1 and link[0].tag == "sup" and _MARK.fullmatch(text):
        return link
    if _EDIT_TARGET.search(target) and _EDIT_LINK.fullmatch(one_line(above.text_content())) and above.tag == "span":
        return above
    return None


def _drop_with_heading(element: "HtmlElement") -> None:
    """Drop an element, and the heading before it where nothing else stands under that heading."""
    block = element
    while (above := block.getparent()) is not None and above.tag == "div" and _is_alone(block):
        block = above
    before = block.getprevious()
    while before is not None and before.tag == "style":
        before = before.getprevious()
    after = block.getnext()
    ends = after is None or after.tag in _HEADINGS or after.find(".//h2") is not None
    is_list = element.tag in ("ol", "div") and not name_words(element).isdisjoint(("references", "reflist"))
    if is_list and ends and before is not None and not (before.tail or "").strip() and _is_heading(before):
        before.drop_tree()
    element.drop_tree()


def _is_alone(element: "HtmlElement") -> bool:
    """Whether there is nothing else in the parent of an element."""
    above = element.getparent()
    return len(above) == 1 and not (above.text or "").strip() and not (element.tail or "").strip()


def _is_heading(element: "HtmlElement") -> bool:
    """Whether an element is a heading, or a block that holds nothing else."""
    if element.tag in _HEADINGS:
        return True
    return element.tag == "div" and len(element) >= 1 and element[0].tag in _HEADINGS and not element.find(".//p")
