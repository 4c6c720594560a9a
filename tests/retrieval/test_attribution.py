"""A question for the word of a publisher is answered from its articles, and from all where these do not answer."""

from collections.abc import Iterator

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.retrieval.attribution import find_attribution, remove_attribution
from rag.retrieval.filters import find_limit, narrow_filters
from rag.retrieval.query import parse_query
from rag.settings import Settings
from rag.testing import OverlapReader, WordEmbedder
from rag.types import Filters

PUBLISHERS = ["Dale Courier", "The Fen Observer", "Post", ""]


@pytest.mark.parametrize(
    ("question", "publisher"),
    [
        ("According to the Dale Courier, what did the kiln cost?", "Dale Courier"),
        ("What did the kiln cost according to the dale courier?", "Dale Courier"),
        ("What does the Fen Observer say about the kiln?", "The Fen Observer"),
        ("What did The Fen Observer first report on the kiln?", "The Fen Observer"),
        ("What is the Dale Courier's figure for the kiln?", "Dale Courier"),
        ("What was the cost as reported by the Post?", "Post"),
        ("What does an article in the Dale Courier call the kiln?", "Dale Courier"),
        ("Was kostet der Ofen laut dem Dale Courier?", "Dale Courier"),
        ("Combien coûte le four selon le Dale Courier ?", "Dale Courier"),
        # Nobody's word, the word of somebody else, or of two.
        ("Who owns the Dale Courier?", ""),
        ("Where is the post office?", ""),
        ("According to the mayor, what did the kiln cost?", ""),
        ("According to the Postmaster, what did the kiln cost?", ""),
        ("Do the Dale Courier's figures and the Fen Observer's figures agree?", ""),
    ],
)
def test_the_publisher_whose_word_is_asked_for(question: str, publisher: str) -> None:
    assert find_attribution(question, PUBLISHERS) == publisher
    assert parse_query(question, publishers=PUBLISHERS).attributed_to == publisher


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("According to the Dale Courier, what did the kiln cost?", "What did the kiln cost?"),
        ("What did the kiln cost, according to the dale courier?", "What did the kiln cost?"),
        ("What does the Dale Courier say the kiln cost?", "What the kiln cost?"),
        ("How many people did the Dale Courier say came?", "How many people came?"),
        ("What does the Dale Courier say about the kiln?", "What is said about the kiln?"),
        ("What is the Dale Courier's figure for the kiln?", "What is the figure for the kiln?"),
        ("Was kostet der Ofen laut dem Dale Courier?", "Was kostet der Ofen?"),
    ],
)
def test_what_is_asked_without_the_publisher(question: str, without: str) -> None:
    assert remove_attribution(question, "Dale Courier") == without


def test_filters_go_before_what_a_question_says() -> None:
    query = parse_query("What did the Dale Courier report in May 2023 on the kiln?", publishers=PUBLISHERS)
    narrowed = narrow_filters(Filters(), find_limit(query, Filters()))
    assert narrowed == Filters("Dale Courier", "2023-05-01", "2023-05-31")
    given = Filters("Post", since="2024-01-01")
    assert narrow_filters(given, find_limit(query, given)) == given


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Two publishers that differ, and a question that only one of them answers."""
    home = tmp_path_factory.mktemp("papers")
    (home / "articles").mkdir()
    for name, source, text in (
        ("a", "Dale Courier", "The brick kiln of Sedge cost 40 thousand crowns to restore."),
        ("b", "The Fen Observer", "The brick kiln of Sedge cost 55 thousand crowns to restore."),
        ("c", "The Fen Observer", "The otter festival drew 300 visitors to the pond."),
    ):
        (home / "articles" / f"{name}.md").write_text(f"---\ntitle: News {name}\nsource: {source}\n---\n\n{text}\n")
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    index.sync(home / "articles")
    yield Assistant(index, OverlapReader())
    index.close()


@pytest.mark.parametrize(("publisher", "cost"), [("Dale Courier", "40"), ("Fen Observer", "55")])
def test_its_articles_answer(papers: Assistant, publisher: str, cost: str) -> None:
    answer = papers.ask(f"What did the brick kiln of Sedge cost to restore according to the {publisher}?")
    assert f"cost {cost} thousand" in answer.text
    assert publisher in answer.period and "only its articles" in answer.period
    assert not answer.note
    assert {hit.passage.source.removeprefix("The ") for hit in answer.hits} == {publisher}


def test_all_articles_answer_where_its_own_do_not(papers: Assistant) -> None:
    answer = papers.ask("How many visitors did the otter festival draw to the pond, according to the Dale Courier?")
    assert "300 visitors" in answer.text
    assert answer.note == "No article of Dale Courier answers this; the answer is from all articles."
    assert "where nothing answers" in answer.period
