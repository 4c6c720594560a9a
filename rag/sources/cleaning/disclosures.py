"""Find the hidden elements that a page offers to open: panels of accordions and tabs, answers of an FAQ.

What a visible control opens is text of the page; what nothing opens was hidden for good. An element that nobody could
see even when it is opened (letters without size, off the screen, white on white) is never one of them.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_CONTROL_TAGS = frozenset(("button", "summary", "label", "dt"))
_CONTROL_ROLES = frozenset(("button", "tab"))
_CONTROL_ATTRIBUTES = frozenset(
    ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target", "data-bs-target", "onclick")
)
_CONTROL_NAMES = frozenset(
    ("accordion", "toggle", "toggler", "trigger", "question", "faq", "collapse", "collapsible", "expander", "spoiler")
)
_REFERENCES = ("aria-controls", "data-target", "data-bs-target", "href")
_NEVER_TAGS = frozenset(("nav", "footer", "form", "dialog", "menu", "template", "noscript"))
_NEVER_ROLES = frozenset(("dialog", "alertdialog", "menu", "navigation", "listbox", "tooltip", "search", "alert"))
_NEVER_NAMES = frozenset(
    "modal popup dialog lightbox overlay menu nav navbar navigation dropdown tooltip share sharing social cookie "
    "consent login signin newsletter offcanvas drawer".split()
)
_NAME_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_MAX_LINK_SHARE = 0.5


def find_disclosed(tree: "HtmlElement", hidden: list["HtmlElement"]) -> set["HtmlElement"]:
    """Find those of the hidden elements of a page that a visible control opens, and that are no menu and no dialog."""
    if not hidden:
        return set()
    veiled = set(hidden)
    targets = set(_iter_targets(tree, veiled))
    return {
        element
        for element in hidden
        if (element.get("id") in targets or _is_answer(element) or _is_panel(element) or _follows_control(element))
        and not _is_chrome(element)
    }


def name_words(element: "HtmlElement") -> set[str]:
    """Return the words that the class names and the id of an element are made of, in lower case."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return {word.lower() for word in _NAME_WORD.findall(names)} if len(names) > 1 else set()


def link_share(element: "HtmlElement") -> float:
    """Return the share of the letters of an element that are in links."""
    letters = _count_letters(element)
    return sum(map(_count_letters, element.iter("a"))) / letters if letters else 0.0


def _iter_targets(tree: "HtmlElement", veiled: set["HtmlElement"]) -> Iterator[str]:
    """Yield the ids that the visible controls and links of a page name."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or not element.attrib:
            continue
        named = [element.get(name) or "" for name in _REFERENCES]
        if any(named) and element not in veiled and not any(above in veiled for above in element.iterancestors()):
            yield from named[0].split()
            yield from (name[1:] for name in named[1:] if name.startswith("#"))


def _is_answer(element: "HtmlElement") -> bool:
    """Whether an element is, or is the only thing in, the answer to a question by its microdata."""
    return any(
        "acceptedAnswer" in (node.get("itemprop") or "") or (node.get("itemtype") or "").endswith("schema.org/Answer")
        for node in (element, *list(element.iterancestors())[:2], *element.iterchildren())
        if isinstance(node.tag, str)
    )


def _is_panel(element: "HtmlElement") -> bool:
    """Whether an element is the panel of a tab, or is labelled by a control."""
    return (element.get("role") or "") == "tabpanel"


def _follows_control(element: "HtmlElement") -> bool:
    """Whether a control with a text stands right before an element, or before the block that holds it alone."""
    before = _element_before(element)
    above = element.getparent()
    if before is None and above is not None and above.tag not in ("body", "html", "main", "article"):
        before = _element_before(above)
    if before is None or not before.text_content().strip():
        return False
    if (before.get("hidden") is not None) or "none" in (before.get("style") or ""):
        return False
    return any(map(_is_control, (before, *list(before.iterdescendants())[:8])))


def _element_before(element: "HtmlElement") -> "HtmlElement | None":
    """Return the element before an element in its parent; inputs and breaks count for nothing."""
    before = element.getprevious()
    while before is not None and (not isinstance(before.tag, str) or before.tag in ("input", "br", "script", "style")):
        before = before.getprevious()
    return before


def _is_control(element: "HtmlElement") -> bool:
    """Whether an element can be clicked to open something."""
    if not isinstance(element.tag, str):
        return False
    return (
        element.tag in _CONTROL_TAGS
        or (element.get("role") or "") in _CONTROL_ROLES
        or any(name in element.attrib for name in _CONTROL_ATTRIBUTES)
        or bool(name_words(element) & _CONTROL_NAMES)
    )


def _is_chrome(element: "HtmlElement") -> bool:
    """Whether an element is, lies in or holds a menu, a dialog or a form, or consists mostly of links."""
    for node in (element, *element.iterancestors()):
        if node.tag in _NEVER_TAGS or (node.get("role") or "") in _NEVER_ROLES or node.get("aria-modal") == "true":
            return True
    if name_words(element) & _NEVER_NAMES or element.find(".//input") is not None:
        return True
    return link_share(element) > _MAX_LINK_SHARE


def _count_letters(element: "HtmlElement") -> int:
    return sum(len("".join(text.split())) for text in element.itertext())
