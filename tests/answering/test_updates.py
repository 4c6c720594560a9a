"""Later values before earlier ones."""

import pytest

from rag.answering.updates import put_latest_first, replaces_value
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.types import Hit, Passage


def sentence(text: str, answer: str, date: str, score: float) -> ScoredSentence:
    passage = Passage(article_id=date, title="The new pier at Lune", date=date, text=text, start=0, end=len(text))
    start = text.index(answer)
    return ScoredSentence(Hit(passage, 0.5), 0, len(text), (start, start + len(answer)), score)


MAY = ("The pier at Lune will cost 4 million euros.", "4 million", "2024-05-02")
JULY = ("The pier at Lune cost 5.5 million euros, the town said.", "5.5 million", "2024-07-19")
GULLS = ("Two gulls, 3 feet apart, watched.", "3", "2024-08-01")


def first(question: str, *sentences: ScoredSentence) -> str:
    ordered = put_latest_first(parse_query(question), sentences)
    assert sorted(one.place for one in ordered) == sorted(one.place for one in sentences)
    return ordered[0].passage.date


@pytest.mark.parametrize(
    ("question", "may", "july", "date"),
    [
        ("How much does the pier at Lune cost?", 0.6, 0.4, "2024-07-19"),
        ("How much does the pier at Lune cost?", 0.6, 0.2, "2024-05-02"),
        ("How much did the pier at Lune cost in the end?", 0.6, 0.2, "2024-07-19"),
        ("How much was the pier at Lune first expected to cost?", 0.6, 0.5, "2024-05-02"),
        ("How much should the pier at Lune cost in May 2024?", 0.6, 0.5, "2024-05-02"),
        ("How much does the pier at Lune cost?", 0.4, 0.6, "2024-07-19"),
    ],
)
def test_the_latest_value_comes_first(question: str, may: float, july: float, date: str) -> None:
    sentences = sorted([sentence(*MAY, may), sentence(*JULY, july)], key=lambda one: -one.score)
    assert first(question, *sentences) == date


def test_another_thing_is_no_update() -> None:
    assert first("How much does the pier cost now?", sentence(*MAY, 0.6), sentence(*GULLS, 0.5)) == "2024-05-02"


def test_a_figure_of_another_size_is_no_update() -> None:
    gate = ("The pier at Lune will cost 9 euros to enter.", "9", "2024-08-01")
    assert first("How much does the pier cost now?", sentence(*MAY, 0.6), sentence(*gate, 0.5)) == "2024-05-02"


def test_nothing_is_put_before_nothing() -> None:
    assert put_latest_first(parse_query("How much?"), []) == []


@pytest.mark.parametrize(
    "later",
    [
        ("The pier at Lune would cost 7 million euros if it were built again.", "7 million", "2024-07-19"),
        ("A new pier at Lune is expected to cost 6 million euros.", "6 million", "2024-07-19"),
        ("The pier at Lune can cost up to 6 million euros.", "6 million", "2024-07-19"),
    ],
)
def test_what_is_to_come_or_could_be_is_no_update_of_what_was(later: tuple[str, str, str]) -> None:
    known = ("The pier at Lune cost 4 million euros.", "4 million", "2024-05-02")
    sentences = (sentence(*known, 0.6), sentence(*later, 0.5))
    assert first("How much did the pier at Lune cost?", *sentences) == "2024-05-02"


def test_a_sentence_that_names_the_value_it_replaces_is_an_update_however_weak() -> None:
    text = "Instead of 4 million the town now speaks of 5.5 million euros."
    weak = sentence(text, "4 million", "2024-07-19", 0.02)
    ordered = put_latest_first(parse_query("How much does the pier at Lune cost?"), [sentence(*MAY, 0.6), weak])
    assert ordered[0].text == text
    assert ordered[0].span == (0, len(text))


@pytest.mark.parametrize(
    ("text", "value", "is_replaced"),
    [
        ("The town now counts on 90 places rather than 120.", "120", True),
        ("Sales were 4.1 million, down from 5 million.", "5 million", True),
        ("The 120 places are all taken.", "120", False),
        ("Rather than 1200 people, 90 came.", "120", False),
        ("Instead of going home they stayed.", "going", False),
    ],
)
def test_which_values_are_replaced(text: str, value: str, is_replaced: bool) -> None:
    assert replaces_value(text, value) is is_replaced
