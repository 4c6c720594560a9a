"""Separate the captions of pictures from the text of a page."""

from typing import TYPE_CHECKING

from rag.sources.cleaning.unicode import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_MOST = 2_000
"""Characters of captions that are kept of one page."""


def take_captions(tree: "HtmlElement") -> str:
    """Takes the captions out of a page and returns them, each once, a line for each."""
    found = [element for element in tree.iter("figcaption") if element.getparent() is not None]
    said = dict.fromkeys(one_line(" ".join(element.itertext())) for element in found)
    for element in found:
        element.drop_tree()
    return "\n".join(filter(None, said))[:_MOST]
