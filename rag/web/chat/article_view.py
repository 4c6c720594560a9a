"""Render an article with its citations marked, as HTML."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from rag.index import Index
from rag.types import Article, Passage
from rag.web.escaping import inert, inert_line, web_host

_WORDS = 40
"""Words of a quotation that a text fragment holds whole; of a longer one its first and last eight."""
_ENDS = 8
_PARAGRAPH = re.compile(r"\n\s*\n")
_MARKS = 100
MISSING = (
    '<header><div class="bar"><button type="button" data-close="article">← Sources</button></div></header>'
    '<p class="quiet" role="alert">This article is not in the index, or not any more.</p>'
)

Mark = tuple[int, int]


def article(index: Index, id: str, marks: Sequence[Mark], chosen: Mark | None) -> str:
    """The article as HTML with its marks, the chosen one stronger; one line where there is none of that id."""
    found = None if index.empty else index.article(id)
    if found is None:
        return MISSING
    places = _apart([*marks, *([chosen] if chosen else [])], len(found.text))
    return f"{_head(found, len(places))}{_body(found.text, places, chosen)}"


def _head(found: Article, marks: int) -> str:
    about = " · ".join(filter(None, [inert_line(found.source), inert_line(found.date), original(found.url)]))
    steps = (
        '<button type="button" data-step="-1" aria-label="Previous citation">↑</button>'
        '<span class="count" aria-live="polite"></span>'
        '<button type="button" data-step="1" aria-label="Next citation">↓</button>'
    )
    flags = inert_line(found.metadata.get("flagged", ""))
    warned = f'<p class="quiet" role="note">Read with care; found in this article: {flags}.</p>' if flags else ""
    return (
        f'<header><div class="bar"><button type="button" data-close="article">← Sources</button>'
        f'<span class="steps">{steps if marks else ""}</span></div>'
        f'<h2 tabindex="-1" dir="auto">{inert_line(found.title) or "Untitled"}</h2>'
        f'<p class="about">{about}</p>{warned}</header>'
    )


def original(url: str, said: str = "", name: str = "") -> str:
    """A link to where an article came from, to the quoted words where there are any; nothing for an odd address."""
    host = web_host(url)
    if not host:
        return ""
    target = inert(url + (f"#:~:text={fragment(said)}" if said and "#" not in url else ""))
    return f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">{name or inert_line(host)} ↗</a>'


def fragment(said: str) -> str:
    """The text of a fragment that makes a browser find and mark a quotation."""
    words = said.split()
    if len(words) <= _WORDS and "\n" not in said.strip():
        return _encoded(" ".join(words))
    return f"{_encoded(' '.join(words[:_ENDS]))},{_encoded(' '.join(words[-_ENDS:]))}"


def _encoded(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="").replace("-", "%2D")


def share(passage: Passage, start: int, end: int) -> str:
    """The query of an address that opens a citation in its article."""
    return f"?article={quote(passage.article_id, safe='')}&start={start}&end={end}"


def _apart(marks: Sequence[Mark], length: int) -> list[Mark]:
    """The marks in order, within the text, those that overlap joined."""
    found: list[Mark] = []
    for start, end in sorted({(max(a, 0), min(b, length)) for a, b in list(marks)[-_MARKS:]}):
        if end <= start:
            continue
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _body(text: str, marks: Sequence[Mark], chosen: Mark | None) -> str:
    """The paragraphs, each with the parts of the marks that lie in it."""
    shown, start = [], 0
    for gap in [*_PARAGRAPH.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[start:end].strip():
            shown.append(f'<p dir="auto">{_paragraph(text, start, end, marks, chosen)}</p>')
        start = gap.end() if gap else end
    return f'<div class="text">{"".join(shown)}</div>'


def _paragraph(text: str, start: int, end: int, marks: Sequence[Mark], chosen: Mark | None) -> str:
    shown, last = "", start
    for number, (a, b) in enumerate(marks):
        first, until = max(a, last), min(b, end)
        if first >= until:
            continue
        strong = " chosen" if chosen and a <= chosen[0] < b else ""
        shown += inert(text[last:first])
        shown += f'<mark class="cited{strong}" data-mark="{number}">{inert(text[first:until])}</mark>'
        last = until
    return shown + inert(text[last:end])
