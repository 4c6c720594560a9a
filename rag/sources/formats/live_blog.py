"""Split live blogs into the dated entries that their JSON-LD names."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import normalise, one_line
from rag.sources.formats.html_metadata import Node, nodes, stamp
from rag.types import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_TAG = re.compile(r"<(/?)(\w*)[^<>]{0,500}>")
_BLOCKS = frozenset("p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote section tr".split())
_WHOLE = 0.5
"""The part of the words of a page that its entries must hold; where they hold less, they are teasers."""
_TITLE = 300


def entries(article: Article, tree: "HtmlElement") -> list[Article]:
    """The entries of a live blog, the oldest first, with ids such as `page#1`; any other article as it is."""
    updates = sorted(_updates(tree), key=lambda update: (_text(update, "datePublished"), _text(update, "headline")))
    found = [_entry(article, update, number) for number, update in enumerate(updates, 1)]
    if len(found) < 2 or sum(map(_words, found)) < _WHOLE * _words(article):
        return [article]
    return found


def _updates(tree: "HtmlElement") -> Iterator[Node]:
    """The entries that say something, each once."""
    said = set[str]()
    for node in nodes(tree):
        kinds = node.get("@type")
        if "LiveBlogPosting" not in (kinds if isinstance(kinds, list) else [kinds]):
            continue
        listed = node.get("liveBlogUpdate")
        for update in listed if isinstance(listed, list) else [listed]:
            if isinstance(update, dict) and (text := _text(update, "articleBody")) and text not in said:
                said.add(text)
                yield update


def _entry(article: Article, update: Node, number: int) -> Article:
    """One entry; what it does not tell of itself is that of the page."""
    written = _text(update, "datePublished")
    title = one_line(_plain(_text(update, "headline")))[:_TITLE] or article.title
    told = {"live blog": article.title, "published": stamp(written)}
    metadata = {key: value for key, value in {**article.metadata, **told}.items() if value and key != "updated"}
    lines = (line.strip() for line in normalise(_plain(_text(update, "articleBody"))).split("\n"))
    return replace(
        article,
        id=f"{article.id}#{number}",
        title=title,
        text="\n\n".join(filter(None, lines)),
        date=iso_day(written) or article.date,
        metadata=metadata,
    )


def _plain(text: str) -> str:
    """The text without tags, a line for each block."""
    return html.unescape(_TAG.sub(lambda tag: "\n" if tag[2].lower() in _BLOCKS else "", text))


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return value.strip() if isinstance(value, str) else ""


def _words(article: Article) -> int:
    return len(article.text.split())
