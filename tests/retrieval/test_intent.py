"""Publishers and days that a question names."""

from pathlib import Path

import pytest

from rag.index import Index
from rag.retrieval.intent import boost, staleness
from rag.retrieval.query import parse_query
from rag.types import Passage


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("What did the article of June 12 say?", {"-06-12"}),
        ("What closed on Mar. 1, 2024?", {"2024-03-01"}),
        ("What closed on March 1st 2024, and on 2024-05-05?", {"2024-03-01", "2024-05-05"}),
        ("What happened on Sept. 3rd?", {"-09-03"}),
        ("May 240 people march on Rome?", set()),
        ("Who was killed in January?", set()),
        ("What did maya 12 say?", set()),
    ],
)
def test_days(question: str, days: set[str]) -> None:
    assert parse_query(question).days == days


def test_recent_articles_are_favoured_and_later_ones_are_not() -> None:
    query = parse_query("What happened?", as_of="2024-03-20")
    days = ("2024-03-20", "2024-03-17", "2024-03-01", "2023-03-20", "2024-03-25", "")
    today, week, month, year, later, unknown = (
        boost(query, Passage(article_id="a", date=day, text="Text.", start=900, end=905)) for day in days
    )
    assert today == week > month > year > later == unknown == 0
    assert not parse_query("What happened?").is_particular


@pytest.mark.parametrize(
    ("question", "stale"),
    [("Who resigned this week?", True), ("Who recently resigned?", True), ("Who resigned on Tuesday?", True),
     ("Who resigned?", False), ("Who weeks later resigned?", False)],
)  # fmt: skip
def test_old_articles_are_stale_where_the_present_is_meant(question: str, stale: bool) -> None:
    old, new, undated = (
        Passage(article_id="a", date=day, text="Text.", start=0, end=5) for day in ("2023-03-20", "2024-03-19", "")
    )
    query = parse_query(question, as_of="2024-03-20")
    assert (staleness(query, old) > 0.9) is stale
    assert staleness(query, new) == staleness(query, undated) == 0
    assert staleness(parse_query(question), old) == 0


def test_publishers_are_named_as_they_are_written() -> None:
    known = ["CNN", "Time", "Harbor Review", "USA Today (online)", ""]
    for question, named in (
        ("What did the Harbor Review and CNN's report say?", {"CNN", "Harbor Review"}),
        ("What time did it close?", set()),
        ("In USA Today (online)?", {"USA Today (online)"}),
    ):
        assert parse_query(question, publishers=known).publishers == named


def test_the_article_that_is_meant_comes_first(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "same"
    folder.mkdir()
    said = "The old bridge over the river {} closed on Friday after engineers found cracks in piers, {} said."
    for name, source, day in (("a", "Valley Post", "2024-03-01"), ("b", "Harbor Review", "2024-03-02")):
        body = said.format(source, day)
        (folder / f"{name}.md").write_text(f"---\ntitle: Bridge\nsource: {source}\ndate: {day}\n---\n{body}\n")
    index.sync(folder)
    for question, source in (
        ("Which bridge closed, says the Harbor Review?", "Harbor Review"),
        ("Which bridge closed, says the Valley Post?", "Valley Post"),
        ("Which bridge closed in the article of March 2?", "Harbor Review"),
    ):
        assert index.search(question)[0].passage.source == source
