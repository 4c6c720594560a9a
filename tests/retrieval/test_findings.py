"""What is read of what was found, and as what question."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.retrieval.findings import PassageReader
from rag.retrieval.query import Query, parse_query
from rag.settings import Settings
from rag.types import Filters, Hit, Passage, Reading, Span

FLOUR = "Flour cost 3 crowns a bag in March."


class ListeningReader:
    """Remembers as what question each passage was read, and marks all of it."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        self.asked |= {passage.article_id: question for passage in passages}
        return [Reading(0.5, (Span(one.start, one.end, 0.5),)) for one in passages]


def hits(*articles: tuple[str, str]) -> list[Hit]:
    return [
        Hit(Passage(article_id=f"{number}", date=date, text=text, start=0, end=len(text)), 0.5, likeness=0.5)
        for number, (date, text) in enumerate(articles)
    ]


def read(question: str, found: list[Hit]) -> dict[str, str]:
    def search(query: Query, k: int, filters: Filters) -> list[Hit]:
        return found

    reader = ListeningReader()
    passages = PassageReader(search, reader, Settings.load())
    passages.read(passages.find(parse_query(question), Filters()), 1, Filters())
    return reader.asked


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("What did flour cost in March 2021?", "What did flour cost in March?"),
        ("What did flour cost on 3 March 2021?", "What did flour cost on 3 March?"),
        ("What did flour cost on March 3, 2021?", "What did flour cost on March 3?"),
        ("What did flour cost in the spring of 2021?", "What did flour cost in the spring?"),
        ("What did flour cost in 2021?", "What did flour cost in 2021?"),
    ],
)
def test_an_article_of_the_year_is_not_asked_for_it(question: str, without: str) -> None:
    of_2021, of_2020, saying_it, undated = ("2021-04-02", FLOUR), ("2020-04-02", FLOUR), ("2021-04-02", "In 2021."), ""
    asked = read(question, hits(of_2021, of_2020, saying_it, (undated, FLOUR)))
    assert asked == {"0": without, "1": question, "2": question, "3": question}


class CountingReader:
    """Is as sure of every passage as it was told, and remembers which it read."""

    def __init__(self, relevance: float) -> None:
        self.asked: list[str] = []
        self._relevance = relevance

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        self.asked += [passage.article_id for passage in passages]
        return [Reading(self._relevance, (Span(one.start, one.end, self._relevance),)) for one in passages]


@pytest.mark.parametrize(("relevance", "read"), [(0.95, 2), (0.5, 4), (0.05, 6)])
def test_reading_ends_once_nothing_unread_is_expected_to_be_surer(
    relevance: float, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = [replace(hit, score=1 - number / 5) for number, hit in enumerate(hits(*[("", FLOUR)] * 6))]
    reader = CountingReader(relevance)
    passages = PassageReader(lambda query, k, filters: found, reader, Settings.load())
    findings = passages.read(passages.find(parse_query("What did flour cost?"), Filters()), 1, Filters())
    assert reader.asked == [str(number) for number in range(read)]
    assert [hit.reading is not None for hit in findings.hits] == [number < read for number in range(6)]


@pytest.mark.parametrize("count", [3, 64])
def test_what_idle_cores_read_ahead_is_not_used(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [replace(hit, score=1 - number / 5) for number, hit in enumerate(hits(*[("", FLOUR)] * 6))]
    reader = CountingReader(0.95)
    passages = PassageReader(lambda query, k, filters: found, reader, Settings.load())
    monkeypatch.setattr("rag.retrieval.findings.cores", lambda: count)
    findings = passages.read(passages.find(parse_query("What did flour cost?"), Filters()), 1, Filters())
    assert len(reader.asked) == 4
    assert [hit.reading is not None for hit in findings.hits] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("question", "text", "note"),
    [
        (
            "How long is Route 3?",
            "Route 12 was dug up. It is 8 kilometres long.",
            "What was found is about Route 12, not about Route 3.",
        ),
        ("How long is Route 12?", "Route 12 was dug up. It is 8 kilometres long.", ""),
        ("How long is Route 3?", "Nobody came to the fair. It rained.", ""),
    ],
)
def test_what_was_found_on_another_thing_is_said(question: str, text: str, note: str) -> None:
    def search(query: Query, k: int, filters: Filters) -> list[Hit]:
        return hits(("2024-03-01", text))

    passages = PassageReader(search, ListeningReader(), Settings.load(answer_threshold=0.99))
    assert passages.read(passages.find(parse_query(question), Filters()), 1, Filters()).note == note


class SureReader:
    """Is sure of the first passage that it is given, and of the sentence that begins with “It”."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        return [self._read(one) if "It " in one.text else Reading(0.01, ()) for one in passages]

    def _read(self, passage: Passage) -> Reading:
        start = passage.start + passage.text.index("It ")
        return Reading(0.95, (Span(start, start + len("It wants to open four"), 0.95),))


@pytest.mark.parametrize("is_found", [True, False])
def test_what_stands_before_a_passage_is_known_though_it_was_not_read(is_found: bool) -> None:
    text = "Kornfeld sells bread. Kornfeld runs 58 shops. It wants to open four next year. Its rival Halm has 44 shops."
    middle = text.index("Kornfeld runs")
    places = ((middle, len(text)), (0, middle))
    parts = [Passage(article_id="a", title="Kornfeld grows", text=text[a:b], start=a, end=b) for a, b in places]
    others = [one.passage for one in hits(*[("", FLOUR)] * 4)]
    found = [Hit(one, 1 - number / 5, likeness=0.5) for number, one in enumerate([parts[0], *others, parts[1]])]
    found = found if is_found else found[:-1]
    passages = PassageReader(lambda query, k, filters: found, SureReader(), Settings.load())
    query = parse_query("How many shops does Halm want to open next year?")
    findings = passages.read(passages.find(query, Filters()), 1, Filters())
    assert findings.hits[-1].reading is None
    assert (findings.confidence > 0.5) is not is_found
