"""Render the passages behind an answer as cards, as HTML."""

from collections.abc import Sequence

from rag.types import Answer, Citation, Hit, Passage
from rag.web.chat.article_view import original, share
from rag.web.chat.export import told
from rag.web.chat.trace import trace
from rag.web.chat.turns import Turn, Turns
from rag.web.escaping import inert, inert_line

NEAREST = 3
"""How many passages are shown for a question that the articles do not answer."""
_COPIES = 3
_EMPTY = '<p class="quiet">The passages an answer cites appear here.</p>'


def card_id(turn_number: int, number: int) -> str:
    """The name of a card in the page, unique in its conversation."""
    return f"passage-{turn_number}-{number}"


def panel(turns: Turns) -> str:
    """The cards of the last answer, and those of earlier answers folded away below."""
    if not turns:
        return _EMPTY
    numbered = list(enumerate(turns, 1))
    earlier = "".join(_folded(number, turn) for number, turn in reversed(numbered[:-1]))
    return _section(*numbered[-1]) + earlier


def _section(number: int, turn: Turn) -> str:
    return f"<section>{_cards(number, turn)}{_actions(turn)}{trace(turn.answer) if turn.done else ''}</section>"


def _actions(turn: Turn) -> str:
    """What can be done with an answer that is finished."""
    if not (turn.done and turn.answer.sentences):
        return ""
    text = inert(told(turn.answer))
    return f'<p class="actions"><button type="button" data-copy="{text}">Copy answer with sources</button></p>'


def _folded(number: int, turn: Turn) -> str:
    # A browser unfolds it by itself when a citation of that answer is followed.
    return f"<details><summary>{inert_line(turn.answer.question)}</summary>{_cards(number, turn)}</details>"


def _cards(number: int, turn: Turn) -> str:
    answer = turn.answer
    if answer.citations:
        return "<h2>Cited passages</h2>" + "".join(cited(number, citation, answer) for citation in _in_order(answer))
    if not turn.done:
        return ""
    near = "".join(nearest(hit) for hit in answer.hits[:NEAREST])
    return "<h2>Nearest passages</h2>" + (near or '<p class="quiet">Nothing in the articles comes near.</p>')


def _in_order(answer: Answer) -> list[Citation]:
    return sorted(answer.citations, key=lambda citation: citation.number)


def cited(turn_number: int, citation: Citation, answer: Answer) -> str:
    """A card with the number of the citation, its quote marked, and how well it holds up what cites it."""
    number = f'<span class="number">{citation.number}</span>'
    marks = citation.marks or ((citation.start, citation.end),)
    copies = next((hit.copies for hit in answer.hits if hit.passage == citation.passage), ())
    name = f' id="{card_id(turn_number, citation.number)}" tabindex="-1"'
    text = marked(citation.passage, marks)
    links = original(citation.passage.url, citation.quote, "Original")
    return _card(citation.passage, text, copies, marks, number, name, _support(citation, answer), links)


def _support(citation: Citation, answer: Answer) -> str:
    """How well the quotation holds up the sentences that cite it, in a word."""
    levels = [one.support for one in answer.sentences if citation.number in one.citations]
    weak = any(level != "supported" for level in levels)
    return f'<span class="support {"weak" if weak else "held"}">{"weak support" if weak else "supports it"}</span>'


def nearest(hit: Hit) -> str:
    """A card without a number, for a passage that answers nothing."""
    passage = hit.passage
    whole = ((passage.start, passage.end),)
    return _card(passage, inert(passage.text), hit.copies, whole, links=original(passage.url, "", "Original"))


def marked(passage: Passage, marks: Sequence[tuple[int, int]]) -> str:
    """The text of the passage with the stretches marked, each from start to end of its article, in order."""
    shown, last = "", 0
    for start, end in marks:
        first, until = (min(max(place - passage.start, last), len(passage.text)) for place in (start, end))
        quote = passage.text[first:until]
        shown += inert(passage.text[last:first]) + (f"<mark>{inert(quote)}</mark>" if quote else "")
        last = until
    return shown + inert(passage.text[last:])


def _card(
    passage: Passage,
    text: str,
    copies: Sequence[Passage],
    marks: Sequence[tuple[int, int]],
    number: str = "",
    attributes: str = "",
    support: str = "",
    links: str = "",
) -> str:
    page = f"p. {page}" if (page := passage.page_at(marks[0][0])) else ""
    about = " · ".join(part for part in (inert_line(passage.source), inert_line(passage.date), page, support) if part)
    places = " ".join(f"{start}-{end}" for start, end in marks)
    query = inert(share(passage, *marks[0]))
    return (
        f'<article class="card"{attributes} data-article="{inert(passage.article_id)}" data-marks="{places}">'
        f'<h3 dir="auto">{number}{inert_line(passage.title) or "Untitled"}</h3>'
        f'<p class="about">{about}</p><blockquote dir="auto">{text}</blockquote>{_also_in(copies)}'
        f'<p class="links"><button type="button" data-open>Open article</button>'
        f'<button type="button" data-link="{query}">Copy link</button>{links}</p></article>'
    )


def _also_in(copies: Sequence[Passage]) -> str:
    if not copies:
        return ""
    names = "; ".join(_name(copy) for copy in copies[:_COPIES])
    more = f" and {len(copies) - _COPIES} more" if len(copies) > _COPIES else ""
    return f'<p class="copies">also in {names}{more}</p>'


def _name(passage: Passage) -> str:
    about = ", ".join(part for part in (passage.source, passage.date) if part)
    return inert_line(f"{passage.title} ({about})" if about else passage.title)
