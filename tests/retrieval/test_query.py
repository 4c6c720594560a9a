"""A question is parsed once, and what it wants is handed on."""

from datetime import date
from pathlib import Path

import pytest

import rag.assistant
import rag.retrieval.search
from rag.assistant import Assistant
from rag.errors import FilterError
from rag.index import Index
from rag.retrieval import query as query_module
from rag.retrieval.query import Query, make_query, parse_query
from rag.testing import OverlapReader, ScriptedLLM
from rag.types import Filters, Message


class ParserSpy:
    """Parses as `parse_query` does, and keeps what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, **given: object) -> Query:
        self.texts.append(text)
        return parse_query(text, **given)  # type: ignore[arg-type]


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> ParserSpy:
    """See every text that is parsed, in whichever module."""
    made = ParserSpy()
    for module in (query_module, rag.assistant, rag.retrieval.search):
        monkeypatch.setattr(module, "parse_query", made)
    return made


@pytest.fixture
def dated(index: Index, tmp_path: Path) -> Index:
    """An index of two dated articles."""
    folder = tmp_path / "dated"
    folder.mkdir()
    for day, text in (
        ("2024-03-05", "The ferry to Lune sank near the harbour wall in a storm."),
        ("2024-05-20", "The ferry to Lune was raised from the harbour by a crane."),
    ):
        (folder / f"{day}.md").write_text(f"---\ntitle: Ferry\nsource: Post\ndate: {day}\n---\n\n{text}\n")
    index.sync(folder)
    return index


@pytest.mark.parametrize(
    ("question", "parsed"),
    [
        ("Where did the ferry to Lune sink?", ["Where did the ferry to Lune sink?"]),
        # Only articles of a time are searched first, then all.
        ("What was reported in January 2024 about comets?", ["What was reported in January 2024 about comets?"]),
        (
            "Are Ada Fell and Orrin Bask both engineers?",
            [
                "Is Ada Fell an engineer?",
                "Is Orrin Bask an engineer?",
                "Are Ada Fell and Orrin Bask both engineers?",
            ],
        ),
    ],
)
def test_each_text_of_a_question_is_parsed_once(dated: Index, spy: ParserSpy, question: str, parsed: list[str]) -> None:
    Assistant(dated, OverlapReader()).ask(question, filters=Filters(as_of="2024-06-12"))
    assert spy.texts == parsed


def test_a_question_is_parsed_once_for_an_llm_and_where_only_sentences_are_quoted(dated: Index, spy: ParserSpy) -> None:
    question = "How many ferries to Lune sank?"
    Assistant(dated, OverlapReader(), llm=ScriptedLLM("One sank {1}.")).ask(question)
    assert spy.texts == [question]
    Assistant(dated, OverlapReader()).quote(question)
    dated.search(question)
    assert spy.texts == [question] * 3


def test_a_query_says_what_is_wanted() -> None:
    query = parse_query("Why did the ferry sink on March 5, 2024?", as_of="2024-06-12", publishers=("Post", "Time"))
    assert (query.kind, query.wants_reason, query.wants_quantity) == ("open", True, False)
    assert query.days == {"2024-03-05"}
    assert [(period.first, period.last) for period in query.periods] == [("2024-03-05", "2024-03-05")]
    assert (query.as_of, query.today) == (date(2024, 6, 12), date(2024, 6, 12))
    assert query.publishers == frozenset()
    assert query.subqueries == (query,)


def test_a_query_names_the_sides_of_a_question() -> None:
    assert parse_query("Is the Aswan older than the Merowe?").sides == ("Aswan", "Merowe")
    assert parse_query("Is the Aswan old?").sides == ()


def test_without_a_day_of_asking_today_counts_for_periods_alone() -> None:
    query = parse_query("What happened this week?")
    assert (query.as_of, query.means_present) == (None, False)
    assert query.periods[0].last == query.today.isoformat()
    assert parse_query("What happened this week?", as_of="2024-06-12").means_present


def test_the_query_of_a_follow_up_stands_alone() -> None:
    history = [Message("user", "Who founded the bakery on Tallow Street?")]
    query = make_query("And when was that?", history=history)
    assert query.text == "And when was that: founded the bakery on Tallow Street?"
    assert (query.kind, query.wants_quantity) == ("fact", True)


def test_the_parts_of_a_query_are_queries_of_their_own() -> None:
    query = make_query("What did the mayor say and how many growers responded?", as_of="2024-06-12")
    assert [part.text for part in query.subqueries] == ["What did the mayor say?", "How many growers responded?"]
    assert [part.kind for part in query.subqueries] == ["open", "fact"]
    assert [part.wants_quantity for part in query.subqueries] == [False, True]


def test_a_day_of_asking_that_is_none_is_refused() -> None:
    with pytest.raises(FilterError, match="'soon' is not a day"):
        make_query("What happened?", as_of="soon")
