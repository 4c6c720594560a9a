"""Which sentences answer a question for one of the figures of accounts."""

import pytest

from rag.retrieval.figure_ranking import rank_figures
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Hit, Passage, Reading, Span

TEXT = (
    "The Orlow mill is doing well. Revenue rose to 8.4 million crowns. Net profit fell to 310,000 crowns. "
    "Its debt of 2 million crowns is to be paid by May. "
    "The Ferris mill is no part of it."
)


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("How much profit did the Orlow mill make?", "Net profit"),
        ("orlow mill profit", "Net profit"),
        ("How much debt has the Orlow mill?", "Its debt"),
        ("How much were the Orlow mill's sales?", "Revenue"),
        ("How much did the Orlow mill take?", "Revenue"),
        ("How much profit did the Skarn mill make?", "Revenue"),
        ("How much profit did the Ferris mill make?", "Revenue"),
    ],
)
def test_the_figure_that_is_asked_for_goes_first(question: str, opening: str) -> None:
    passage = Passage(article_id="orlow", title="The mill", text=TEXT, start=0, end=len(TEXT))
    start = TEXT.index("8.4 million crowns")
    hit = Hit(passage, 0.7, likeness=0.5, reading=Reading(0.4, (Span(start, start + 18, 0.4),)))
    query = parse_query(question)
    assert rank_figures(query, [hit], score_sentences(query, [hit]))[0].text.startswith(opening)


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("By what margin did the council vote to sell the pier?", "The council of Orlow voted 9 to 2"),
        ("By what margin did Ines Falk win the chess final?", "The pier has 312 planks"),
    ],
)
def test_a_tally_of_what_is_asked_goes_first(question: str, opening: str) -> None:
    text = "The pier has 312 planks. The council of Orlow voted 9 to 2 on Monday to sell the pier in May."
    passage = Passage(article_id="orlow", title="The pier", text=text, start=0, end=len(text))
    start = text.index("312")
    hit = Hit(passage, 0.7, likeness=0.5, reading=Reading(0.6, (Span(start, start + 3, 0.6),)))
    query = parse_query(question)
    assert rank_figures(query, [hit], score_sentences(query, [hit]))[0].text.startswith(opening)
