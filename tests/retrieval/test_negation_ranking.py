"""Which sentences answer a question that is negative itself."""

import pytest

from rag.retrieval.negation_ranking import rank_negations
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Hit, Passage, Reading, Span

TEXT = (
    "The flood of Tarsk damaged four mills and the station. The quarry mill did not lose a wheel. "
    "The road to Brenn will not open before summer. Children travel free of charge. "
    "Nobody slept in the school. Is the dyke not safe?"
)


def rank(question: str, words: str, relevance: float = 0.1) -> list[str]:
    passage = Passage(article_id="tarsk", title="Tarsk after the flood", text=TEXT, start=0, end=len(TEXT))
    start = TEXT.index(words)
    reading = Reading(relevance, (Span(start, start + len(words), relevance),))
    hit = Hit(passage, 0.7, likeness=0.5, reading=reading)
    query = parse_query(question)
    return [one.text for one in rank_negations(query, [hit], score_sentences(query, [hit]))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which mill came through the flood without losing a wheel?", "The quarry mill did not lose a wheel."),
        ("Which road won't open in April?", "The road to Brenn will not open before summer."),
        ("Which children do not pay on the ferry?", "Children travel free of charge."),
        ("Which house did people not sleep in: the school?", "Nobody slept in the school."),
    ],
)
def test_a_negative_question_is_answered_by_a_negative_sentence(question: str, expected: str) -> None:
    assert rank(question, "four mills")[0] == expected


def test_a_question_in_the_article_denies_nothing() -> None:
    assert "Is the dyke not safe?" not in rank("Which dyke is not safe?", "four mills")


@pytest.mark.parametrize(
    ("question", "relevance"),
    [
        ("Which mill did lose a wheel?", 0.1),
        ("Which mill did not lose a wheel?", 0.9),
        ("Why did the quarry mill not lose a wheel?", 0.1),
    ],
)
def test_others_and_what_is_sure_are_left_alone(question: str, relevance: float) -> None:
    assert rank(question, "four mills", relevance) == ["The flood of Tarsk damaged four mills and the station."]
