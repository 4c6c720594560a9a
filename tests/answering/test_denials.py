"""What the articles deny of what a question takes for granted."""

from collections.abc import Sequence

import pytest

from rag.answering.denials import find_denial, is_negative
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Hit, Passage, Reading, Span

TEXT = "The barn at Fell Farm burned on Tuesday. Nobody was hurt. Forty sheep were led out in time."


def hit(answer: str, text: str = TEXT, relevance: float = 0.3) -> Hit:
    passage = Passage(article_id="barn", title="Fire at Fell Farm", text=text, start=0, end=len(text))
    start = text.index(answer)
    return Hit(passage, 0.5, likeness=0.4, reading=Reading(relevance, (Span(start, start + len(answer), relevance),)))


def deny(question: str, read: Hit, nearness: dict[str, float]) -> tuple[str, bool] | None:
    def similarities(text: str, others: Sequence[str]) -> list[float]:
        return [next((value for word, value in nearness.items() if word in other), 0.0) for other in others]

    query = parse_query(question)
    found = find_denial(query, [read], score_sentences(query, [read])[0], similarities)
    return (found[0].text, found[1]) if found else None


QUESTION = "How many people died in the fire at Fell Farm?"


def test_a_denial_nearer_than_the_best_goes_first() -> None:
    assert deny(QUESTION, hit("Forty"), {"Nobody": 0.6, "Forty": 0.5}) == ("Nobody was hurt.", True)


def test_a_denial_not_much_farther_is_added() -> None:
    assert deny(QUESTION, hit("Forty"), {"Nobody": 0.5, "Forty": 0.55}) == ("Nobody was hurt.", False)


@pytest.mark.parametrize(
    ("question", "read", "nearness"),
    [
        (QUESTION, hit("Forty"), {"Nobody": 0.5, "Forty": 0.9}),
        (QUESTION, hit("Forty"), {"Nobody": 0.2, "Forty": 0.2}),
        ("Who was not hurt in the fire at Fell Farm?", hit("Forty"), {"Nobody": 0.9}),
        (QUESTION, hit("Nobody"), {"Nobody": 0.9}),
        (QUESTION, hit("Forty", "The barn at Fell Farm burned. Forty sheep were led out."), {"Forty": 0.5}),
    ],
)
def test_nothing_is_denied(question: str, read: Hit, nearness: dict[str, float]) -> None:
    assert deny(question, read, nearness) is None


ABSENT = "A lorry lost its load on the Orr road. Nobody came to harm. No toll was paid. Two cranes lifted the pipes."


@pytest.mark.parametrize(
    ("question", "nearness", "denied"),
    [
        ("How many people were killed on the Orr road?", {"Nobody": 0.25, "Two": 0.1}, ("Nobody came to harm.", True)),
        ("How many people were killed on the Orr road?", {"Nobody": 0.25, "Two": 0.4}, None),
        ("How many people were killed on the Orr road?", {"Nobody": 0.1, "No toll": 0.1, "Two": 0.1}, None),
        ("Who paid the toll on the Orr road?", {"No toll": 0.6, "Two": 0.1}, ("No toll was paid.", True)),
        ("Who paid the toll on the Orr road?", {"No toll": 0.27, "Two": 0.1}, None),
        ("How many people were killed in the mill fire?", {"Nobody": 0.35, "Two": 0.1}, None),
        ("On which road did a crane break?", {"Nobody": 0.35, "Two": 0.5}, None),
    ],
)
def test_that_nobody_did_it(question: str, nearness: dict[str, float], denied: tuple[str, bool] | None) -> None:
    assert deny(question, hit("Two", ABSENT), nearness) == denied


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("No one has been charged.", True),
        ("The firm hasn’t sold the yard.", True),
        ("She denied that she had signed.", True),
        ("The yard was sold in May.", False),
        ("It is the dearest yard, though not on the coast.", False),
        ("A sale without a tender would be the first.", False),
        ("The knot held.", False),
    ],
)
def test_negative_sentences(text: str, negative: bool) -> None:
    assert is_negative(text) is negative
