"""Find and strip hidden elements of a page, by attributes and inline styles."""

import re
from typing import TYPE_CHECKING

from rag.text.prompt_injection import commands

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_UNSEEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:;|$|!)"
    r"|font-size\s*:\s*(?:0(?:\.0+)?(?:px|pt|em|rem|%)?|(?:0?\.\d+|1)(?:px|pt))\s*(?:;|$|!)"
    r"|(?:left|right|top|text-indent|margin-left|margin-top)\s*:\s*-\d{4,}"
    r"|clip\s*:\s*rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?\s*\))",
    re.I,
)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.I)
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.I)
_WHITE = frozenset(("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)"))
_RULE = re.compile(r"(?:^|[},;])\s*([.#][\w-]+)\s*\{([^{}]*)\}")
_BLOCK = re.compile(r"@[\w-]+[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.S)
_SPARED = frozenset(("html", "body", "head", "script", "style", "meta", "link", "title"))
_MOST = 0.5
"""The share of a page's text that may be hidden; where it is more, a script shows it, and it stays."""
ORDERS_HIDDEN = "hidden text that gives orders to a model, taken out"


def strip_hidden(tree: "HtmlElement") -> str:
    """Takes out what the page does not show; returns why a reader should know, or an empty string.

    What a rule of a style sheet hides goes only where it gives orders to a model: menus and notes are often shown by a
    script later.
    """
    by_rule = _hidden_by_rules(tree)
    hidden = [element for element in tree.iter() if isinstance(element.tag, str) and element.tag not in _SPARED
              and (is_hidden(element) or _names(element) & by_rule)]  # fmt: skip
    outermost = _outermost(hidden)
    suspects = [element for element in outermost if commands(_said(element))]
    sure = [element for element in outermost if is_hidden(element)]
    size = len(_said(tree))
    gone = [*suspects, *(sure if sum(len(_said(one)) for one in sure) <= _MOST * size else ())]
    for element in dict.fromkeys(gone):
        element.drop_tree()
    return ORDERS_HIDDEN if suspects else ""


def is_hidden(element: "HtmlElement") -> bool:
    """Whether an element's own attributes keep it from being seen."""
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    if (element.get("aria-hidden") or "").strip().lower() == "true":
        return True
    style = element.get("style")
    return bool(style) and bool(_UNSEEN.search(style) or _is_white_on_white(style))


def _is_white_on_white(style: str) -> bool:
    """Whether a style gives text the colour of its ground; white without a ground of its own is taken for that too."""
    colour, ground = _COLOUR.search(style), _GROUND.search(style)
    if colour is None:
        return False
    text, behind = _plain(colour[1]), _plain(ground[1]) if ground else ""
    return text == "transparent" or text == behind or (text in _WHITE and (not behind or behind in _WHITE))


def _plain(colour: str) -> str:
    return re.sub(r"\s", "", colour).lower()


def _hidden_by_rules(tree: "HtmlElement") -> set[str]:
    """The classes (`.name`) and ids (`#name`) that simple rules of the page's own style sheets hide."""
    found = set[str]()
    for sheet in tree.iter("style"):
        rules = _BLOCK.sub("", (sheet.text or "")[:200_000])
        found |= {name for name, style in _RULE.findall(rules) if _UNSEEN.search(style)}
    return found


def _names(element: "HtmlElement") -> set[str]:
    """The class names and the id of an element, as style sheets write them."""
    names = {f".{name}" for name in (element.get("class") or "").split()}
    return names | ({f"#{element.get('id')}"} if element.get("id") else set())


def _outermost(elements: list["HtmlElement"]) -> list["HtmlElement"]:
    """The elements that lie in none of the others."""
    known = set(elements)
    return [one for one in elements if not any(above in known for above in one.iterancestors())]


def _said(element: "HtmlElement") -> str:
    return " ".join(" ".join(element.itertext()).split())
