"""Times in questions, seen from Wednesday 12 June 2024: what they mean, filter and favour; how an answer tells it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.index import Index
from rag.retrieval.filters import describe_limit, find_limit, narrow_filters
from rag.retrieval.intent import boost, staleness
from rag.retrieval.query import parse_query
from rag.testing import OverlapReader
from rag.text.time_expressions import parse_periods
from rag.types import Answer, Filters, Passage
from rag.web.chat.trace import render_trace

TODAY = date(2024, 6, 12)
MEANT = {
    # Months, seasons, years and parts of them.
    "What happened in January 2024?": ("2024-01-01", "2024-01-31"),
    "Who was killed in the January 2024 strike?": ("2024-01-01", "2024-01-31"),
    "What opened in February of 2024?": ("2024-02-01", "2024-02-29"),
    "What happened in Sept. 2023?": ("2023-09-01", "2023-09-30"),
    "Who died in late March 2024?": ("2024-03-21", "2024-03-31"),
    "Who died in early May 2024?": ("2024-05-01", "2024-05-10"),
    "What closed in mid-April 2024?": ("2024-04-11", "2024-04-20"),
    "What happened in March?": ("2024-03-01", "2024-03-31"),
    "What happened in August?": ("2023-08-01", "2023-08-31"),
    "Who spoke in June?": ("2024-06-01", "2024-06-30"),
    "What fell during May?": ("2024-05-01", "2024-05-31"),
    "Who won last November?": ("2023-11-01", "2023-11-30"),
    "What burned in the summer of 2023?": ("2023-06-01", "2023-08-31"),
    "What froze in winter 2022?": ("2022-12-01", "2023-02-28"),
    "What flowered in the spring of 2024?": ("2024-03-01", "2024-05-31"),
    "What fell in the fall of 2021?": ("2021-09-01", "2021-11-30"),
    "What happened last summer?": ("2023-06-01", "2023-08-31"),
    "What happened this summer?": ("2024-06-01", "2024-08-31"),
    "What happened last winter?": ("2023-12-01", "2024-02-29"),
    "Who won in 2022?": ("2022-01-01", "2022-12-31"),
    "Who ruled during the year 2019?": ("2019-01-01", "2019-12-31"),
    "What closed in early 2023?": ("2023-01-01", "2023-04-30"),
    "What closed in late 2023?": ("2023-09-01", "2023-12-31"),
    "What fell in the second half of 2022?": ("2022-07-01", "2022-12-31"),
    "What rose in the first quarter of 2024?": ("2024-01-01", "2024-03-31"),
    "What rose in the last quarter of 2023?": ("2023-10-01", "2023-12-31"),
    # Days.
    "What closed on January 5, 2024?": ("2024-01-05", "2024-01-05"),
    "What closed on 5 January 2024?": ("2024-01-05", "2024-01-05"),
    "What closed on 2024-01-05?": ("2024-01-05", "2024-01-05"),
    "What closed on June 5?": ("2024-06-05", "2024-06-05"),
    "What closed on Oct. 7?": ("2023-10-07", "2023-10-07"),
    "What closed today?": ("2024-06-12", "2024-06-12"),
    "What closed yesterday?": ("2024-06-11", "2024-06-11"),
    "What closed the day before yesterday?": ("2024-06-10", "2024-06-10"),
    "What closed on Monday?": ("2024-06-10", "2024-06-10"),
    "What was said last Friday?": ("2024-06-07", "2024-06-07"),
    # Seen from the day it is asked.
    "Who resigned this week?": ("2024-06-05", "2024-06-12"),
    "Who resigned last week?": ("2024-06-03", "2024-06-12"),
    "Who resigned last weekend?": ("2024-06-08", "2024-06-09"),
    "Who resigned this month?": ("2024-06-01", "2024-06-12"),
    "Who resigned last month?": ("2024-05-01", "2024-05-31"),
    "Who resigned this year?": ("2024-01-01", "2024-06-12"),
    "Who resigned last year?": ("2023-01-01", "2023-12-31"),
    "What happened two weeks ago?": ("2024-05-26", "2024-06-01"),
    "What happened 3 days ago?": ("2024-06-09", "2024-06-09"),
    "What happened a few days ago?": ("2024-06-09", "2024-06-09"),
    "What happened a month ago?": ("2024-04-28", "2024-05-28"),
    "What happened ten years ago?": ("2013-12-15", "2014-12-14"),
    "Who quit in the past three months?": ("2024-03-14", "2024-06-12"),
    "Who quit in the last 10 days?": ("2024-06-02", "2024-06-12"),
    # From one to another, from or up to one.
    "How many fires were there between May and July?": ("2023-05-01", "2023-07-31"),
    "What closed from May to July 2023?": ("2023-05-01", "2023-07-31"),
    "What froze between December and February 2024?": ("2023-12-01", "2024-02-29"),
    "What was built between 2019 and 2021?": ("2019-01-01", "2021-12-31"),
    "What happened between March 3 and March 9, 2024?": ("2024-03-03", "2024-03-09"),
    "What changed since March?": ("2024-03-01", "2024-06-12"),
    "What has changed since the strike of March?": ("2024-03-01", "2024-06-12"),
    "What has changed since the fire in the harbour in April 2024?": ("2024-04-01", "2024-06-12"),
    "How many died after Oct. 7?": ("2023-10-07", "2024-06-12"),
    "Who spoke since Monday?": ("2024-06-10", "2024-06-12"),
    "What happened before June 2023?": ("", "2023-05-31"),
    "How many lived there until 2020?": ("", "2020-12-31"),
    "By April 2024, how many had left?": ("", "2024-04-30"),
}
NONE = [
    "May 240 people march on Rome?", "Did the march in Rome end?", "What may happen?", "Why did he fall in love?",
    "In which stadium was the 2022 World Cup final played?", "How long is the first half of the game?",
    "What happened in the week after Soleimani was killed?", "Who is April Jones?", "What is the summer school?",
    "What happened on February 30, 2024?", "Which spring feeds the river?", "How many of the 2000 seats are taken?", "",
]  # fmt: skip


@pytest.mark.parametrize("question", MEANT)
def test_what_a_time_means(question: str) -> None:
    [found] = parse_periods(question, TODAY)
    assert (found.first, found.last) == MEANT[question]
    assert found.words in question and not found.published


@pytest.mark.parametrize("question", NONE)
def test_what_names_no_time(question: str) -> None:
    assert parse_periods(question, TODAY) == []


WORDS = st.sampled_from(
    "before after since until from between and of to in the last past next this January February 29 31 0001-01-01 "
    "9999-12-31 2023-02-29 0000-00-00 1900 2023 2024 999 years ago year week weekend Monday yesterday winter".split()
)
EDGES = st.sampled_from([date.min, date(2024, 2, 29), TODAY, date.max])


@settings(max_examples=400, deadline=None, database=None)
@given(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), EDGES)
@example("What happened before 0001-01-01?", TODAY)
@example("from February 29 to July 2023", date(2024, 6, 12))
@example("from February 29, 2024 to January 2024", TODAY)
def test_no_time_leaves_the_calendar(question: str, today: date) -> None:
    for one in parse_periods(question, today):
        assert one.days >= 0 and one.distance("2024-06-12") >= 0


def test_several_times() -> None:
    question = "How many troops were there in January 2020, and how many in January 2024?"
    assert [(one.first, one.last) for one in parse_periods(question, TODAY)] == [
        ("2020-01-01", "2020-01-31"),
        ("2024-01-01", "2024-01-31"),
    ]


PUBLISHED = [
    "What was reported last week about the bridge?", "Which articles from January 2024 mention the ferry?",
    "What did the Post report in March about frost?", "What was published on June 5?",
    "Which stories of May 2024 tell of a flood?", "What did the news of 3 May 2024 say?",
    "Which articles published between May and July 2023 name the mayor?",
]  # fmt: skip


def narrow_to_period(question: str, filters: Filters) -> tuple[Filters, str]:
    """The filters that a question is searched within, and what a trace says of its times."""
    query = parse_query(question, as_of=filters.as_of)
    limit = find_limit(query, filters)
    return narrow_filters(filters, limit), describe_limit(query, limit)


@pytest.mark.parametrize("question", PUBLISHED)
def test_times_of_publication(question: str) -> None:
    [found] = parse_periods(question, TODAY)
    assert found.published
    filters, told = narrow_to_period(question, Filters("Post", as_of="2024-06-12"))
    assert (filters.since, filters.until) == (found.first, found.last)
    assert (filters.publisher, filters.as_of) == ("Post", "2024-06-12")
    assert told.endswith("only articles of then") and found.words in told
    given = Filters(since="2020-01-01")
    assert narrow_to_period(question, given)[0] == given, "what the filters say goes first"


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the novel published in 1987?",
        "Which law was published in May 2023?",
        "What did the U.N. report of March 2023 find?",
        "Who is the author of the play written in 1951?",
    ],
)
def test_other_things_are_published_too(question: str) -> None:
    [found] = parse_periods(question, TODAY)
    assert not found.published


@pytest.mark.parametrize("question", [*MEANT, *NONE])
def test_the_time_of_an_event_filters_nothing(question: str) -> None:
    given = Filters(as_of="2024-06-12")
    filters, told = narrow_to_period(question, given)
    assert filters == given
    assert bool(told) is (question in MEANT)


def test_articles_of_the_time_are_favoured() -> None:
    def favour(question: str, day: str, as_of: str = "") -> float:
        return boost(
            parse_query(question, as_of=as_of), Passage(article_id="a", date=day, text="Text.", start=900, end=905)
        )

    january, year = "Who was killed in January 2024?", "Who was killed in 2024?"
    assert favour(january, "2024-01-20") == favour(january, "2024-02-04") > favour(year, "2024-01-20") > 0
    assert favour(january, "2024-02-20") == favour(january, "2023-12-31") == favour(january, "") == 0
    assert favour("Who was killed before 2024?", "2023-12-31") == 0
    last_month = "Who resigned last month?"
    assert favour(last_month, "2024-05-10", "2024-06-12") > favour("Who resigned?", "2024-05-10", "2024-06-12")
    assert favour("What closed on 2024-01-05?", "2024-01-05") == pytest.approx(0.15)


def test_what_is_told_of_last_month_is_not_stale() -> None:
    may, june, old = (
        Passage(article_id="a", date=day, text="T", start=0, end=1)
        for day in ("2024-05-10", "2024-06-11", "2023-05-10")
    )
    query = parse_query("Who resigned last month?", as_of="2024-06-12")
    assert staleness(query, may) == staleness(query, june) == 0
    assert staleness(query, old) > 0.9


# In answers.


@pytest.fixture
def ask(index: Index, tmp_path: Path) -> Callable[..., Answer]:
    folder = tmp_path / "dated"
    folder.mkdir()
    told = {"2024-03-05": "The ferry to Lune sank near the harbour wall in a storm.",
            "2024-05-20": "The ferry to Lune was raised from the harbour by a crane."}  # fmt: skip
    for day, text in told.items():
        (folder / f"{day}.md").write_text(f"---\ntitle: Ferry\nsource: Post\ndate: {day}\n---\n\n{text}\n")
    index.sync(folder)
    assistant = Assistant(index, OverlapReader())
    return lambda question, **filters: assistant.ask(question, filters=Filters(**filters))


def dates(answer: Answer) -> set[str]:
    return {hit.passage.date for hit in answer.hits}


def test_a_time_of_publication_filters(ask: Callable[..., Answer]) -> None:
    answer = ask("What was reported in May 2024 about the ferry to Lune in the harbour?")
    assert answer.answered and dates(answer) == {"2024-05-20"}
    assert answer.period == "“May 2024”: 2024-05-01 to 2024-05-31, only articles of then"
    assert answer.note == ""
    assert "only articles of then" in render_trace(answer)


def test_where_nothing_of_the_time_answers_all_articles_do(ask: Callable[..., Answer]) -> None:
    answer = ask("What was reported in July 2023 about the ferry to Lune in the harbour?")
    assert answer.answered and dates(answer) == {"2024-03-05", "2024-05-20"}
    assert "2023-07-01 to 2023-07-31" in answer.note and "all articles" in answer.note
    assert answer.period.endswith("where nothing answers")
    unknown = ask("What was reported in July 2023 about quantum entanglement experiments?")
    assert not unknown.answered and "all articles" not in unknown.note


def test_the_time_of_an_event_only_favours(ask: Callable[..., Answer]) -> None:
    answer = ask("What happened to the ferry to Lune in May 2024?")
    assert dates(answer) == {"2024-03-05", "2024-05-20"}
    assert answer.hits[0].passage.date == "2024-05-20"
    assert answer.period == "“May 2024”: 2024-05-01 to 2024-05-31, favoured"
    assert ask("What happened to the ferry to Lune?").period == ""


def test_as_of_is_the_day_it_is_asked(ask: Callable[..., Answer]) -> None:
    answer = ask("What was reported last month about the ferry to Lune in the harbour?", as_of="2024-06-12")
    assert answer.answered and dates(answer) == {"2024-05-20"}
