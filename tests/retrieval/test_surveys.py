"""Which articles mention something, and what happened at a time."""

from collections.abc import Sequence
from datetime import date

import pytest

from rag.retrieval.filters import SearchLimit, find_limit
from rag.retrieval.query import Query, parse_query
from rag.retrieval.survey_questions import parse_survey
from rag.retrieval.surveys import Topic, search_articles, survey
from rag.text.time_expressions import parse_periods
from rag.types import Article, Filters, Hit

ASKED = {
    "Which articles mention Alderman Piet Vroom?": ("mentions", "Alderman Piet Vroom"),
    "List all the stories that refer to the weir.": ("mentions", "the weir"),
    "How many reports cite the harbour master in May 2021?": ("mentions", "the harbour master"),
    "Are there any articles about flooding?": ("subjects", "flooding"),
    "Which of the articles are about Vroom?": ("subjects", "Vroom"),
    "Do any articles deal with the weir?": ("subjects", "the weir"),
    "Show me articles on the weir": ("subjects", "the weir"),
    "What happened in May 2021?": ("events", ""),
    "What happened in Lower Ossing on 3 May?": ("events", "Lower Ossing"),
    "What else took place at the weir in May 2021?": ("events", "the weir"),
}
NOT_ASKED = [
    "What happened to the weir in May 2021?", "What happened?", "What happened between May and June and in July 2021?",
    "Which article number did the court cite?", "How many articles did she write?", "What does the report say?",
    "Which articles of clothing were lost?", "What happened in Lower Ossing?", "Who mentions the weir?",
]  # fmt: skip
ARTICLES = (
    Article(
        "weir", "The weir gives way", "The weir at Lower Ossing gave way on Monday. Alderman Piet Vroom was there.",
        source="Ossing Echo", date="2021-05-04",
    ),
    Article(
        "fair", "Fair opens early", "The spring fair opened a week early this year. Vroom cut the ribbon on Saturday.",
        source="Ossing Echo", date="2021-05-16",
    ),
    Article("vroom", "A new baker", "Anna Vroom has a bakery in Holt now.", source="Bread News", date="2021-06-01"),
    Article(
        "looking", "After the flood", "It was on 3 May that the weir broke. Nobody has forgotten it.",
        source="Ossing Echo", date="2021-05-28",
    ),
    Article("old", "Frost in May", "Frost killed the plums in Lower Ossing.", source="Ossing Echo", date="2019-05-10"),
    Article("deutsch", "Das Wehr", "Das Wehr in Lower Ossing wird seit heute gebaut.", date="2021-05-06"),
)  # fmt: skip


@pytest.mark.parametrize("question", ASKED)
def test_a_question_for_articles(question: str) -> None:
    parsed = parse_survey(question, parse_periods(question, date(2022, 1, 1)))
    assert parsed is not None
    assert (parsed.kind, parsed.topic) == ASKED[question]


@pytest.mark.parametrize("question", NOT_ASKED)
def test_no_question_for_articles(question: str) -> None:
    assert parse_survey(question, parse_periods(question, date(2022, 1, 1))) is None


@pytest.mark.parametrize(
    ("words", "text", "count"),
    [
        ("Alderman Piet Vroom", "Vroom said no.", 1),
        ("Piet Vroom", "Anna Vroom said no.", 0),
        ("Mill Bridge", "Bridge Street is shut.", 0),
        ("Mill Bridge", "Harbor Bridge is shut.", 0),
        ("both Vroom and Ada Fell", "Vroom met Fell.", 2),
        ("the old weirs", "An old weir gave way.", 1),
        ("the old weirs", "A weir gave way.", 0),
    ],
)
def test_a_topic_is_named(words: str, text: str, count: int) -> None:
    assert Topic(words).count_in(text) == count


def find(query: Query, k: int, filters: Filters) -> list[Hit]:
    within = [one for one in ARTICLES if (filters.since or "0") <= one.date <= (filters.until or "9")]
    return [Hit(one.passage(0, len(one.text)), 0.5, likeness=0.5) for one in within]


def surveyed(question: str) -> Sequence[str]:
    query = parse_query(question)
    hits, limit = search_articles(find, query, find_limit(query, Filters()), filters=Filters())
    return [one.text for one in survey(query, hits, limit.period)]


@pytest.mark.parametrize(
    ("question", "sentences"),
    {
        "Which articles mention Alderman Piet Vroom?": [
            "Alderman Piet Vroom was there.",
            "Vroom cut the ribbon on Saturday.",
        ],
        "Which articles are about the weir?": [
            "The weir at Lower Ossing gave way on Monday.",
            "It was on 3 May that the weir broke.",
        ],
        "What happened in Lower Ossing in May 2021?": [
            "The weir at Lower Ossing gave way on Monday.",
            "Alderman Piet Vroom was there.",
        ],
        "What happened in Ossing in May 2021?": [
            "The weir at Lower Ossing gave way on Monday.",
            "The spring fair opened a week early this year.",
            "It was on 3 May that the weir broke.",
        ],
        "What happened on 3 May?": [
            "The weir at Lower Ossing gave way on Monday.",
            "It was on 3 May that the weir broke.",
        ],
        "What happened in June 2021?": ["Anna Vroom has a bakery in Holt now."],
        "What happened in Paris in May 2021?": [],
        "Which articles mention Napoleon?": [],
    }.items(),
)
def test_what_articles_are_found(question: str, sentences: Sequence[str]) -> None:
    assert surveyed(question) == sentences


def test_other_questions_are_not_surveyed() -> None:
    query = parse_query("Who opened the fair?")
    assert query.survey is None
    assert survey(query, find(query, 9, Filters())) == []
    assert find_limit(query, Filters()) == SearchLimit()
