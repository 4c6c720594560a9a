"""The value of the second of two things, beside that of the first."""

import pytest

from rag.retrieval.compared_values import complete_pair, holds_value, is_comparison
from rag.retrieval.findings import Findings
from rag.retrieval.query import make_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Article, Hit, Reading, Span

PUBLISHERS = ("Holt Herald", "Ossing Echo")
LIFTS = (
    "The cable car and the rack railway both climb the Hornli. A ride to the top takes 9 minutes in a glass cabin. "
    "The railway needs 40 minutes for it. Tickets cost the same."
)
MILLS = (
    "There are two mills in Holt. It has ground flour since 1702, sixty years longer than the red mill. Nobody knows."
)
SLOW = "The cable car and the rack railway climb the Hornli. It took two minutes longer than planned. Nobody minded."


def found(question: str, spans: dict[str, float], *articles: Article) -> Findings:
    """Make findings of a question, with the words that a reader marked and how surely."""
    hits = []
    for article in articles:
        passage = article.passage(0, len(article.text))
        starts = {words: article.text.index(words) for words in spans if words in article.text}
        marked = [Span(start, start + len(words), spans[words]) for words, start in starts.items()]
        hits.append(Hit(passage, 0.5, likeness=0.5, reading=Reading(max(spans.values()), tuple(marked))))
    query = make_query(question, publishers=PUBLISHERS)
    sentences = tuple(score_sentences(query, hits))
    return Findings(query, tuple(hits), sentences, confidence=max(spans.values()))


def complete(one: Findings, other: Findings) -> list[list[str]]:
    parts = complete_pair([one, other], lambda part: part.confidence >= 0.3)
    return [[sentence.text for sentence in part.sentences if part.confidence >= 0.3] for part in parts]


def text(article: str, source: str = "") -> Article:
    return Article("a", "What they do", article, source=source)


@pytest.mark.parametrize("marked", [{"9 minutes": 0.01}, {"40 minutes": 0.6}])
def test_the_value_beside_that_of_the_other(marked: dict[str, float]) -> None:
    car = found("How long does the cable car take?", marked, text(LIFTS))
    railway = found("How long does the rack railway take?", {"40 minutes": 0.9}, text(LIFTS))
    expected = ["A ride to the top takes 9 minutes in a glass cabin."], ["The railway needs 40 minutes for it."]
    assert complete(car, railway) == list(expected)
    assert complete(railway, car) == list(expected[::-1])


def test_a_sentence_that_compares_both() -> None:
    one = found("How old is the white mill?", {"two": 0.01}, text(f"The white mill is big. {MILLS}"))
    other = found("How old is the red mill?", {"two": 0.01}, text(f"The white mill is big. {MILLS}"))
    said = ["It has ground flour since 1702, sixty years longer than the red mill."]
    assert complete(one, other) == [said, said]


def test_nothing_is_made_up() -> None:
    car = found("How long does the cable car take?", {"two": 0.01}, text(SLOW))
    railway = found("How long does the rack railway take?", {"two": 0.01}, text(SLOW))
    assert complete(car, railway) == [[], []]
    tram = found("How long does the tram take?", {"9 minutes": 0.01}, text(LIFTS))
    known = found("How long does the rack railway take?", {"40 minutes": 0.9}, text(LIFTS))
    assert complete(tram, known) == [[], ["The railway needs 40 minutes for it."]]


@pytest.mark.parametrize(("figure", "is_found"), [("2,900", True), ("290", False)])
def test_the_figure_of_each_publisher(figure: str, is_found: bool) -> None:
    herald = Article("h", "Cup final", "A crowd of 3,100 people came.", source="Holt Herald")
    echo = Article("e", "Cup final", f"It was cold. {figure} stood in the rain for it.", source="Ossing Echo")
    one = found("According to the Holt Herald, how many people came?", {"3,100": 0.8}, herald, echo)
    other = found("According to the Ossing Echo, how many people came?", {"3,100": 0.02, figure: 0.01}, herald, echo)
    wanted = [f"{figure} stood in the rain for it."] if is_found else []
    assert complete(one, other) == [["A crowd of 3,100 people came."], wanted]


def test_other_parts_are_left_alone() -> None:
    when = found("When did the cable car open?", {"9 minutes": 0.9}, text(LIFTS))
    long = found("How long does the rack railway take?", {"40 minutes": 0.1}, text(LIFTS))
    assert not is_comparison([when, long])
    assert not is_comparison([long])
    assert complete_pair([when, long], lambda part: part.confidence >= 0.3) == [when, long]
    assert holds_value(long, long.query.answer_type)
    assert not holds_value(Findings(long.query), long.query.answer_type)
