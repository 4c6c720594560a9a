"""Find and strip hidden elements of a page, by attributes and inline styles."""

import re
from typing import TYPE_CHECKING

from rag.sources.cleaning.disclosures import find_disclosed
from rag.text.prompt_injection import find_certain_injections

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:;|$|!)"
    r"|font-size\s*:\s*(?:0(?:\.0+)?(?:px|pt|em|rem|%)?|(?:0?\.\d+|1)(?:px|pt))\s*(?:;|$|!)"
    r"|(?:left|right|top|text-indent|margin-left|margin-top)\s*:\s*-\d{4,}"
    r"|clip\s*:\s*rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?\s*\))",
    re.I,
)
_OPENABLE_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.I)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.I)
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.I)
_WHITE = frozenset(("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)"))
_CSS_RULE = re.compile(r"(?:^|[},;])\s*([.#][\w-]+)\s*\{([^{}]*)\}")
_CSS_BLOCK = re.compile(r"@[\w-]+[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.S)
_SPARED_TAGS = frozenset(("html", "body", "head", "script", "style", "meta", "link", "title"))
_MAX_HIDDEN_SHARE = 0.5
"""The share of a page's text that may be hidden; where it is more, a script shows it, and it stays."""
HIDDEN_INJECTION_REASON = "hidden text that gives orders to a model, taken out"


def strip_hidden(tree: "HtmlElement") -> str:
    """Strip hidden elements from a page; return the reason to flag it if one gave orders to a model, else "".

    Three kinds go only where they give orders to a model: those that a style sheet hides and all those of a page whose
    own attributes hide more than half of its text, since a script may show them later, and those that a click opens.
    """
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    hidden_names = _find_hidden_names(tree)
    elements = (node for node in tree.iter(etree.Element) if node.keys() and node.tag not in _SPARED_TAGS)
    veiled = [node for node in elements if is_hidden(node) or (hidden_names and _css_names(node) & hidden_names)]
    if not veiled:
        return ""
    injections = [element for element in _select_outermost(veiled) if find_certain_injections(_element_text(element))]
    hidden = [element for element in veiled if is_hidden(element)]
    disclosed = find_disclosed(tree, [element for element in hidden if _can_be_opened(element)])
    certain = _select_outermost([element for element in hidden if element not in disclosed])
    hidden_chars = sum(len(_element_text(element)) for element in certain)
    removed = [*injections, *(certain if hidden_chars <= _MAX_HIDDEN_SHARE * len(_element_text(tree)) else ())]
    for element in dict.fromkeys(removed):
        if element.getparent() is not None:
            element.drop_tree()
    return HIDDEN_INJECTION_REASON if injections else ""


def is_hidden(element: "HtmlElement") -> bool:
    """Whether an element's own attributes hide it."""
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    if (element.get("aria-hidden") or "").strip().lower() == "true":
        return True
    style = element.get("style")
    return bool(style) and bool(_HIDING_STYLE.search(style) or _is_white_on_white(style))


def hides(style: str) -> bool:
    """Whether a style hides an element, whatever its colours are."""
    return _HIDING_STYLE.search(style) is not None


def _can_be_opened(element: "HtmlElement") -> bool:
    """Whether nothing hides an element but that it is not shown, so that it is seen as soon as a script shows it."""
    rest = _OPENABLE_STYLE.sub(";", element.get("style") or "")
    return not (_HIDING_STYLE.search(rest) or _is_white_on_white(rest))


def _is_white_on_white(style: str) -> bool:
    """Whether a style gives text the colour of its background; white without a background counts too."""
    colour = _COLOUR.search(style)
    background = _BACKGROUND.search(style)
    if colour is None:
        return False
    front = _normalise_colour(colour[1])
    behind = _normalise_colour(background[1]) if background else ""
    return front == "transparent" or front == behind or (front in _WHITE and (not behind or behind in _WHITE))


def _normalise_colour(colour: str) -> str:
    """Normalise a colour for comparison."""
    return re.sub(r"\s", "", colour).lower()


def _find_hidden_names(tree: "HtmlElement") -> set[str]:
    """Find the classes (`.name`) and ids (`#name`) that simple rules of the page's own style sheets hide."""
    hidden = set[str]()
    for sheet in tree.iter("style"):
        rules = _CSS_BLOCK.sub("", (sheet.text or "")[:200_000])
        hidden |= {name for name, style in _CSS_RULE.findall(rules) if _HIDING_STYLE.search(style)}
    return hidden


def _css_names(element: "HtmlElement") -> set[str]:
    """Return the class names and the id of an element, as style sheets write them."""
    names = {f".{name}" for name in (element.get("class") or "").split()}
    return names | ({f"#{element.get('id')}"} if element.get("id") else set())


def _select_outermost(elements: list["HtmlElement"]) -> list["HtmlElement"]:
    """Select the elements that lie in none of the others."""
    known = set(elements)
    return [element for element in elements if not any(above in known for above in element.iterancestors())]


def _element_text(element: "HtmlElement") -> str:
    """Return the text of an element with every run of white space as one space."""
    return " ".join(" ".join(element.itertext()).split())
