"""Which sentences answer a question for what a thing is."""

import pytest

from rag.retrieval.definition_ranking import rank_definitions
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Hit, Passage, Reading, Span

TEXT = (
    "The council of Tarsk voted on the lumen on Tuesday. "
    "The lumen, the town's own money since 1931, is worth two euros. "
    "Mara Quill drank a bowl of skerri before the vote. Skerri is a soup of barley and eel. "
    "Then they played gorl. It has been a game of two teams for ages. "
    "Dr Ines Falk opened the dance. Falk spoke twice. "
    "Guests sleep in a wooden hut called a barrow. The Tarsk Pact was signed there. The sill (a step of clay) broke."
)


def rank(question: str, relevance: float = 0.1) -> list[str]:
    passage = Passage(article_id="tarsk", title="Tarsk votes", text=TEXT, start=0, end=len(TEXT))
    reading = Reading(relevance, (Span(0, 20, relevance),))
    hit = Hit(passage, 0.7, likeness=0.5, reading=reading)
    query = parse_query(question)
    return [one.text for one in rank_definitions(query, [hit], score_sentences(query, [hit]))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the lumen?", "The lumen, the town's own money since 1931, is worth two euros."),
        ("What's a lumen", "The lumen, the town's own money since 1931, is worth two euros."),
        ("What is skerri?", "Skerri is a soup of barley and eel."),
        (
            "What is a barrow?",
            "Guests sleep in a wooden hut called a barrow.",
        ),
        ("Who is Ines Falk?", "Dr Ines Falk opened the dance."),
        ("who was ines falk", "Dr Ines Falk opened the dance."),
        ("What is gorl?", "It has been a game of two teams for ages."),
        ("What is a sill?", "The sill (a step of clay) broke."),
    ],
)
def test_what_a_thing_is(question: str, expected: str) -> None:
    assert rank(question)[0] == expected


@pytest.mark.parametrize(
    ("question", "relevance"),
    [
        ("What is the lumen?", 0.9),
        ("What is the price of the lumen?", 0.1),
        ("Who voted on the lumen?", 0.1),
        ("What is the Tarsk Pact?", 0.1),
    ],
)
def test_others_and_what_is_sure_are_left_alone(question: str, relevance: float) -> None:
    assert rank(question, relevance)[0] == "The council of Tarsk voted on the lumen on Tuesday."


def test_who_somebody_is_may_be_weak_for_the_reader() -> None:
    passage = Passage(article_id="tarsk", title="Tarsk votes", text=TEXT, start=0, end=len(TEXT))
    hit = Hit(passage, 0.2, likeness=0.0, reading=Reading(0.1, (Span(0, 20, 0.1),)))
    query = parse_query("Who is Ines Falk?")
    assert rank_definitions(query, [hit], score_sentences(query, [hit]))[0].score > 0.4
    query = parse_query("Who is Jon Pell?")
    assert rank_definitions(query, [hit], score_sentences(query, [hit]))[0].score < 0.2
