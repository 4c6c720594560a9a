"""A misspelt name is taken for the nearest one that the articles have, and nothing else is."""

import time
from collections.abc import Iterator

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.settings import Settings
from rag.testing import OverlapReader, WordEmbedder
from rag.text.edit_distance import edit_distance

TEXTS = [
    "The keeper of the lighthouse at Skarholm, Guendolyn Maarsk, retired on Monday after thirty years.",
    "Mayor Thaddeus Brankov opened the orangery in the botanical garden. Brankov spoke for an hour.",
    "The Vellum Bridge over the Ostrava was closed by the government after the flood.",
    "Anna Lindbergh sings in the choir of Skarholm. The cellist is Petra Kolvik, the pianist Petra Kolvak.",
    "The Upland Herald said that the ferry carried 90 people.",
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A few articles about people of one town."""
    home = tmp_path_factory.mktemp("town")
    (home / "articles").mkdir()
    for number, text in enumerate(TEXTS):
        page = f"---\ntitle: Story {number}\nsource: Zwentish Post\n---\n\n{text}\n"
        (home / "articles" / f"{number}.md").write_text(page)
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    index.sync(home / "articles")
    yield index
    index.close()


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("Who is Gwendolyn Marsk?", "Who is Guendolyn Maarsk?"),
        ("who is guendolyn maarks", "who is guendolyn Maarsk"),
        ("What did Brankow open?", "What did Brankov open?"),
        ("What did Mayor Brnakov open?", "What did Mayor Brankov open?"),
        ("where is skarholmm", "where is Skarholm"),
        ("Who closed the Velum Bridge?", "Who closed the Vellum Bridge?"),
        ("What did the goverment close?", "What did the government close?"),
        ("Waht did Brankov open?", "What did Brankov open?"),
    ],
)
def test_a_misspelt_word_is_corrected(town: Index, asked: str, corrected: str) -> None:
    assert town.correct_spelling(asked) == corrected


@pytest.mark.parametrize(
    "asked",
    [
        "Who is Guendolyn Maarsk?",
        # Both are known, and so neither is taken for the other.
        "Who is Petra Kolvak?",
        # Ordinary words that no article has.
        "Who repaired the fence of the garage?",
        "When was the hire of the boat paid?",
        # Another thing of a similar name, and another person.
        "Where is Brankow Bridge in Denmark?",
        "Who is Karl Lindberg?",
        "Who is Guendolyn?",
        "What does the Zwentish Post say?",
        "Who is Ma?",
        "Who runs OSTRAWA?",
        "Wer ist die Leuchtturmwärterin von Skarholn?",
        "谁是市长？",
        "",
    ],
)
def test_nothing_else_is_corrected(town: Index, asked: str) -> None:
    assert town.correct_spelling(asked) == asked


def test_the_answer_shows_what_was_searched_for(town: Index) -> None:
    assistant = Assistant(town, OverlapReader())
    answer = assistant.ask("What did Mayor Brankow open?")
    assert (answer.question, answer.query) == ("What did Mayor Brankow open?", "What did Mayor Brankov open?")
    assert "Brankov opened the orangery" in answer.text
    assert assistant.quote("What did Mayor Brankow open?").query == answer.query


def test_known_words_cost_nothing(town: Index) -> None:
    town.correct_spelling("Who is Guendolyn Maarsk?")
    started = time.perf_counter()
    for _ in range(20):
        town.correct_spelling("Who is Guendolyn Maarsk?")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("", "", 0),
        ("tram", "tram", 0),
        ("tram", "tarm", 1),
        ("tram", "trams", 1),
        ("tram", "team", 1),
        ("tram", "ram", 1),
        ("tram", "mart", 3),
        ("solvieg", "solveg", 1),
        ("marten", "matrne", 2),
        ("ab", "ba", 1),
    ],
)
def test_the_distance_of_two_words(one: str, other: str, steps: int) -> None:
    assert edit_distance(one, other, most=2) == edit_distance(other, one, most=2) == steps
