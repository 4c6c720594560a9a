"""Split live blogs into the dated entries that their JSON-LD names."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import normalise, one_line
from rag.sources.formats.html_metadata import Node, iso_time, iter_json_ld
from rag.structure import STRUCTURE
from rag.types import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_TAG = re.compile(r"<(/?)(\w*)[^<>]{0,500}>")
_BLOCK_TAGS = frozenset("p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote section tr".split())
_MIN_WORDS_SHARE = 0.5
"""The part of the words of a page that its entries must hold; where they hold less, they are teasers."""
_MAX_TITLE_CHARS = 300


def split_live_blog(article: Article, tree: "HtmlElement") -> list[Article]:
    """Split a live blog into its entries, oldest first, with ids such as `page#1`.

    An article with fewer than two entries, or whose entries hold less than half of its words, is returned as it is.
    """
    updates = sorted(
        _iter_updates(tree),
        key=lambda update: (_string_value(update, "datePublished"), _string_value(update, "headline")),
    )
    entries = [_build_entry(article, update, number) for number, update in enumerate(updates, 1)]
    if len(entries) < 2 or sum(map(_count_words, entries)) < _MIN_WORDS_SHARE * _count_words(article):
        return [article]
    return entries


def _iter_updates(tree: "HtmlElement") -> Iterator[Node]:
    """Yield the updates of a live blog that hold text, each once."""
    seen = set[str]()
    for node in iter_json_ld(tree):
        kinds = node.get("@type")
        if "LiveBlogPosting" not in (kinds if isinstance(kinds, list) else [kinds]):
            continue
        updates = node.get("liveBlogUpdate")
        for update in updates if isinstance(updates, list) else [updates]:
            if isinstance(update, dict) and (text := _string_value(update, "articleBody")) and text not in seen:
                seen.add(text)
                yield update


def _build_entry(article: Article, update: Node, number: int) -> Article:
    """Build the article of one entry; the page gives a title and a date that it does not state, and all other fields.

    The metadata is that of the page too, without `updated` and its structure, and with `published` only where the entry
    states it.
    """
    written = _string_value(update, "datePublished")
    title = one_line(_strip_tags(_string_value(update, "headline")))[:_MAX_TITLE_CHARS] or article.title
    stated = {"live blog": article.title, "published": iso_time(written)}
    metadata = {
        key: value
        for key, value in {**article.metadata, **stated}.items()
        if value and key not in ("updated", STRUCTURE)
    }
    lines = (line.strip() for line in normalise(_strip_tags(_string_value(update, "articleBody"))).split("\n"))
    return replace(
        article,
        id=f"{article.id}#{number}",
        title=title,
        text="\n\n".join(filter(None, lines)),
        date=parse_day(written) or article.date,
        metadata=metadata,
    )


def _strip_tags(text: str) -> str:
    """Strip the tags from a text, leaving a line for each block."""
    return html.unescape(_TAG.sub(lambda tag: "\n" if tag[2].lower() in _BLOCK_TAGS else "", text))


def _string_value(node: Node, key: str) -> str:
    """Return a value of a node if it is a string, else an empty string."""
    value = node.get(key)
    return value.strip() if isinstance(value, str) else ""


def _count_words(article: Article) -> int:
    """Count the words of an article."""
    return len(article.text.split())
