"""Which sentences list what is asked for."""

import pytest

from rag.answering.extractive import compose
from rag.answering.lists import wants_several
from rag.retrieval.answer_types import holds, parse_answer_type
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.text.words import join_words
from rag.types import Article, Hit, Reading, Span

HARBOUR = Article(
    "harbour",
    "New harbour",
    "The council met on Monday. The plan names a jetty, two cranes and a cold store. Oskar Brandt drew it. The mayor "
    "likes it.",
)
RACE = Article(
    "race",
    "Sled race",
    "Snow fell all day. Ida Lund came first in the race. Then came Per Dahl, and Nora Vik was third. Jan Moe did not "
    "start in the race. The sun shone.",
)
THEFT = Article("theft", "Theft", "Thieves took the silver cup. They also took three coins. A guard slept in the hall.")
TRIAL = Article("trial", "Trial", "Lars Berg stole the silver cup. The other prisoners laughed.")


def answer(question: str, marked: dict[str, float], *articles: Article) -> list[str]:
    """Compose the answer to a question from articles of which a reader marked some words, and how surely."""
    hits = []
    for article in articles:
        passage = article.passage(0, len(article.text))
        places = {words: article.text.index(words) for words in marked if words in article.text}
        spans = [Span(start, start + len(words), marked[words]) for words, start in places.items()]
        hits.append(Hit(passage, 0.5, likeness=0.5, reading=Reading(0.9, tuple(spans))))
    query = parse_query(question)
    return [one.passage.at(one.start, one.end) for one in compose(query, score_sentences(query, hits), most=4)]


def test_an_enumeration_goes_before_arbitrary_sentences() -> None:
    marked = {"council": 0.3, "jetty, two cranes and a cold store": 0.2, "Oskar Brandt": 0.09, "mayor": 0.08}
    enumeration = "The plan names a jetty, two cranes and a cold store."
    assert answer("Which three things are in the plan?", marked, HARBOUR) == ["The council met on Monday.", enumeration]
    marked["council"] = 0.05
    assert answer("Which three things are in the plan?", marked, HARBOUR) == [enumeration]


def test_neighbours_that_go_on_with_a_list_stand_in_the_order_of_the_text() -> None:
    listed = ["Ida Lund came first in the race.", "Then came Per Dahl, and Nora Vik was third."]
    for marked in ({"Per Dahl": 0.5}, {"Ida Lund": 0.5}, {"Per Dahl": 0.5, "Jan Moe": 0.6}):
        assert answer("Which three people were in the race?", marked, RACE) == listed


def test_what_was_taken_besides() -> None:
    marked = {"the silver cup": 0.6, "three coins": 0.1, "other prisoners": 0.08}
    said = answer("What was stolen?", marked, TRIAL, THEFT)
    assert said == ["Thieves took the silver cup.", "They also took three coins."]
    assert answer("Who slept in the hall?", {"A guard": 0.6, "They": 0.05}, THEFT) == ["A guard slept in the hall."]


@pytest.mark.parametrize(
    ("question", "several"),
    {
        "Which two boats sank?": True,
        "What was found in the cellar?": True,
        "Who were arrested?": True,
        "What has been built there?": True,
        "Who built it?": False,
        "What was the price?": False,
        "When was it built?": False,
    }.items(),
)
def test_questions_that_may_want_several_things(question: str, several: object) -> None:
    assert wants_several(parse_query(question)) is several


@pytest.mark.parametrize(
    ("question", "fitting", "other"),
    [
        ("List all the ticket prices.", "A seat costs $6.", "The seat is red."),
        ("Name the dates of the races.", "It is on 3 May.", "It is in the park."),
        ("List the heights of the towers.", "It is 40 metres high.", "It cost $40."),
        ("List the members.", "Ida Lund", ""),
    ],
)
def test_listed_things_are_of_their_kind(question: str, fitting: str, other: str) -> None:
    wanted = parse_answer_type(question)
    assert wanted.kind == "list"
    assert holds(wanted, fitting)
    assert not (other and holds(wanted, other))


def test_a_number_is_one_word_of_an_answer() -> None:
    assert join_words("about $2.6 million, or 1,400") == "about 2_6 million or 1_400"
