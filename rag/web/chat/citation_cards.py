"""Render the passages behind an answer as cards, as HTML."""

from collections.abc import Sequence

from rag.types import Answer, Citation, Hit, Passage
from rag.web.chat.article_view import citation_query, original_link
from rag.web.chat.export import answer_as_markdown
from rag.web.chat.trace import render_trace
from rag.web.chat.turns import Turn, Turns
from rag.web.escaping import inert, inert_line

NEAREST = 3
"""How many passages are shown for a question that the articles do not answer."""
_MAX_COPIES = 3
_EMPTY = '<p class="quiet">The passages an answer cites appear here.</p>'


def card_id(turn_number: int, number: int) -> str:
    """Return the HTML id of a card, unique in its conversation."""
    return f"passage-{turn_number}-{number}"


def render_panel(turns: Turns) -> str:
    """Render the cards of the last answer, and those of earlier answers folded away below."""
    if not turns:
        return _EMPTY
    numbered = list(enumerate(turns, 1))
    earlier = "".join(_folded_section(number, turn) for number, turn in reversed(numbered[:-1]))
    return _section(*numbered[-1]) + earlier


def _section(number: int, turn: Turn) -> str:
    return f"<section>{_cards(number, turn)}{_actions(turn)}{render_trace(turn.answer) if turn.done else ''}</section>"


def _actions(turn: Turn) -> str:
    """Render the buttons below an answer that is finished."""
    if not (turn.done and turn.answer.sentences):
        return ""
    text = inert(answer_as_markdown(turn.answer))
    return f'<p class="actions"><button type="button" data-copy="{text}">Copy answer with sources</button></p>'


def _folded_section(number: int, turn: Turn) -> str:
    # A browser unfolds it by itself when a citation of that answer is followed.
    return f"<details><summary>{inert_line(turn.answer.question)}</summary>{_cards(number, turn)}</details>"


def _cards(number: int, turn: Turn) -> str:
    answer = turn.answer
    if answer.citations:
        cards = "".join(render_citation(number, citation, answer) for citation in _in_order(answer))
        return f"<h2>Cited passages</h2>{cards}"
    if not turn.done:
        return ""
    near = "".join(render_hit(hit) for hit in answer.hits[:NEAREST])
    return "<h2>Nearest passages</h2>" + (near or '<p class="quiet">Nothing in the articles comes near.</p>')


def _in_order(answer: Answer) -> list[Citation]:
    return sorted(answer.citations, key=lambda citation: citation.number)


def render_citation(turn_number: int, citation: Citation, answer: Answer) -> str:
    """Render the card of a citation: its number, its quote marked, and how well it supports what cites it."""
    number = f'<span class="number">{citation.number}</span>'
    marks = citation.marks or ((citation.start, citation.end),)
    copies = next((hit.copies for hit in answer.hits if hit.passage == citation.passage), ())
    name = f' id="{card_id(turn_number, citation.number)}" tabindex="-1"'
    text = mark_spans(citation.passage, marks)
    links = original_link(citation.url, citation.quote, "Original")
    return _card(
        citation.passage,
        text,
        copies,
        marks=marks,
        number=number,
        attributes=name,
        support=_support(citation, answer),
        links=links,
    )


def _support(citation: Citation, answer: Answer) -> str:
    """Render whether the quotation supports every sentence that cites it, or is weak support for one."""
    levels = [sentence.support for sentence in answer.sentences if citation.number in sentence.citations]
    weak = any(level != "supported" for level in levels)
    return f'<span class="support {"weak" if weak else "held"}">{"weak support" if weak else "supports it"}</span>'


def render_hit(hit: Hit) -> str:
    """Render the card of a hit that nothing cites, without a number."""
    passage = hit.passage
    whole = ((passage.start, passage.end),)
    return _card(
        passage, inert(passage.text), hit.copies, marks=whole, links=original_link(passage.url, "", "Original")
    )


def mark_spans(passage: Passage, marks: Sequence[tuple[int, int]]) -> str:
    """Render the text of a passage with spans of its article marked; they come in order."""
    html = ""
    position = 0
    for span in marks:
        start, end = (min(max(offset - passage.start, position), len(passage.text)) for offset in span)
        quote = passage.text[start:end]
        html += inert(passage.text[position:start]) + (f"<mark>{inert(quote)}</mark>" if quote else "")
        position = end
    return html + inert(passage.text[position:])


def _card(
    passage: Passage,
    text: str,
    copies: Sequence[Passage],
    *,
    marks: Sequence[tuple[int, int]],
    number: str = "",
    attributes: str = "",
    support: str = "",
    links: str = "",
) -> str:
    place = passage.describe_place(marks[0][0])
    about = " · ".join(part for part in (inert_line(passage.source), inert_line(passage.date), place, support) if part)
    spans = " ".join(f"{start}-{end}" for start, end in marks)
    query = inert(citation_query(passage, *marks[0]))
    return (
        f'<article class="card"{attributes} data-article="{inert(passage.article_id)}" data-marks="{spans}">'
        f'<h3 dir="auto">{number}{inert_line(passage.title) or "Untitled"}</h3>'
        f'<p class="about">{about}</p><blockquote dir="auto">{text}</blockquote>{_also_in(copies)}'
        f'<p class="links"><button type="button" data-open>Open article</button>'
        f'<button type="button" data-link="{query}">Copy link</button>{links}</p></article>'
    )


def _also_in(copies: Sequence[Passage]) -> str:
    if not copies:
        return ""
    names = "; ".join(_name(copy) for copy in copies[:_MAX_COPIES])
    more = f" and {len(copies) - _MAX_COPIES} more" if len(copies) > _MAX_COPIES else ""
    return f'<p class="copies">also in {names}{more}</p>'


def _name(passage: Passage) -> str:
    about = ", ".join(part for part in (passage.source, passage.date) if part)
    return inert_line(f"{passage.title} ({about})" if about else passage.title)
