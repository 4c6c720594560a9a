"""Separate the captions of pictures from the text of a page."""

from typing import TYPE_CHECKING

from rag.sources.cleaning.unicode import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_MAX_CAPTION_CHARS = 2_000
"""Characters of captions that are kept of one page."""


def remove_captions(tree: "HtmlElement") -> str:
    """Remove the captions of pictures from a page; return the first 2,000 characters of them, a line for each."""
    elements = [element for element in tree.iter("figcaption") if element.getparent() is not None]
    captions = dict.fromkeys(one_line(" ".join(element.itertext())) for element in elements)
    for element in elements:
        element.drop_tree()
    return "\n".join(filter(None, captions))[:_MAX_CAPTION_CHARS]
