"""Render an article with its citations marked, as HTML."""

from collections.abc import Sequence
from urllib.parse import quote

from rag.index import Index
from rag.storage.catalogue.edits import find_edits
from rag.text.dates import DATE_NOTE
from rag.types import Article, Passage
from rag.web.chat.article_text import Mark, render_text
from rag.web.escaping import inert, inert_line, web_host

_MAX_FRAGMENT_WORDS = 40
"""Words of a quotation that a text fragment holds whole; of a longer one its first and last eight."""
_FRAGMENT_ENDS = 8
_MAX_MARKS = 100
MISSING = (
    '<header><div class="bar"><button type="button" data-close="article">← Sources</button></div></header>'
    '<p class="quiet" role="alert">This article is not in the index, or not any more.</p>'
)


def render_article(index: Index, id: str, marks: Sequence[Mark], *, chosen: Mark | None) -> str:
    """Render an article as HTML with its marks, the chosen one stronger; one line where no article has that id."""
    article = None if index.empty else index.article(id)
    if article is None:
        return MISSING
    merged = _merge([*marks, *([chosen] if chosen else [])], len(article.text))
    return f"{_head(article, len(merged))}{render_text(article, merged, chosen=chosen)}"


def _head(article: Article, marks: int) -> str:
    day = inert_line(article.date) + "?" * (DATE_NOTE in article.metadata)
    about = " · ".join(filter(None, [inert_line(article.source), day, original_link(article.url)]))
    steps = (
        '<button type="button" data-step="-1" aria-label="Previous citation">↑</button>'
        '<span class="count" aria-live="polite"></span>'
        '<button type="button" data-step="1" aria-label="Next citation">↓</button>'
    )
    flags = inert_line(article.metadata.get("flagged", ""))
    warning = f'<p class="quiet" role="note">Read with care; found in this article: {flags}.</p>' if flags else ""
    if note := inert_line(article.metadata.get(DATE_NOTE, "")):
        warning += f'<p class="quiet">The day is not certain: {note}.</p>'
    if edited := ", ".join(find_edits(article)):
        warning += f'<p class="quiet">Edited here: {edited}.</p>'
    return (
        f'<header><div class="bar"><button type="button" data-close="article">← Sources</button>'
        f'<span class="steps">{steps if marks else ""}</span></div>'
        f'<h2 tabindex="-1" dir="auto">{inert_line(article.title) or "Untitled"}</h2>'
        f'<p class="about">{about}</p>{warning}</header>'
    )


def original_link(url: str, quoted: str = "", name: str = "") -> str:
    """Render a link to where an article came from, at the quoted words if any; empty for an unsafe address.

    The link shows `name`, which is HTML, or else the host.
    """
    host = web_host(url)
    if not host:
        return ""
    target = inert(url + (f"#:~:text={text_fragment(quoted)}" if quoted and "#" not in url else ""))
    return f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">{name or inert_line(host)} ↗</a>'


def text_fragment(quoted: str) -> str:
    """Return what follows `#:~:text=` in a URL by which a browser finds and marks a quotation."""
    words = quoted.split()
    if len(words) <= _MAX_FRAGMENT_WORDS and "\n" not in quoted.strip():
        return _encode(" ".join(words))
    return f"{_encode(' '.join(words[:_FRAGMENT_ENDS]))},{_encode(' '.join(words[-_FRAGMENT_ENDS:]))}"


def _encode(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="").replace("-", "%2D")


def citation_query(passage: Passage, start: int, end: int) -> str:
    """Return the query of a URL that opens a citation in its article."""
    return f"?article={quote(passage.article_id, safe='')}&start={start}&end={end}"


def _merge(marks: Sequence[Mark], length: int) -> list[Mark]:
    """Sort the last 100 marks, cut them to the text, and join those that overlap."""
    merged: list[Mark] = []
    for start, end in sorted({(max(a, 0), min(b, length)) for a, b in list(marks)[-_MAX_MARKS:]}):
        if end <= start:
            continue
        if merged and start < merged[-1].end:
            merged[-1] = Mark(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Mark(start, end))
    return merged
