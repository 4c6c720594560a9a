"""Which row of a table a question asks for, and when none is surely the one."""

from collections.abc import Sequence

import pytest

from rag.retrieval.query import parse_query
from rag.retrieval.row_ranking import rank_rows
from rag.retrieval.sentence_ranking import ScoredSentence, score_sentences
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE
from rag.types import Article, Hit, Reading, Span

CREWS = (
    "Crew: Tern; Place: 2; Time: 7:52; Cox: Ann Dray",
    "Crew: Sandholm Ladies; Place: 1; Time: 7:41; Cox: Bo Lund",
    "Crew: Varn; Place: 3; Time: 8:03; Cox: Ivo Stark",
)
LAMPS = (
    "Street: Oak Lane; Lamps: 28; Broken: 11",
    "Street: Fern Street; Lamps: 41; Broken: 3",
    "Street: Mill Road; Lamps: 63; Broken: 0",
)


def rank(question: str, rows: Sequence[str], title: str, before: str = "It rained.") -> list[tuple[str, str]]:
    ranked = rank_sentences(question, rows, title, before, "It rained")
    return [(one.text, one.passage.at(*one.span)) for one in ranked]


def rank_sentences(
    question: str,
    rows: Sequence[str],
    title: str,
    before: str,
    marked: str,
    after: str = "The council pays for all of it.",
) -> Sequence[ScoredSentence]:
    """Rank the sentences of an article in which a reader took the marked words for the answer."""
    builder = TextBuilder()
    builder.add_paragraph(before)
    builder.add_lines(("row", row) for row in rows)
    builder.add_paragraph(after)
    text = builder.build()
    article = Article("a.md", title, text.text, date="2024-06-08", metadata={STRUCTURE: text.written})
    start = max(text.text.find(marked), 0)
    reading = Reading(0.95, (Span(start, start + len(marked), 0.95),))
    hit = Hit(article.passage(0, len(text.text)), 0.7, likeness=0.5, reading=reading)
    query = parse_query(question)
    return rank_rows(query, [hit], score_sentences(query, [hit]))


@pytest.mark.parametrize(
    ("question", "row", "span"),
    [
        ("Which crew came second in the 2024 rowing race?", 0, "Tern"),
        ("Which crew came second?", 0, "Tern"),
        ("Who won the race?", 1, "Sandholm Ladies"),
        ("Which crew finished in 3rd place?", 2, "Varn"),
        ("Which crew came last?", 2, "Varn"),
        ("What was Tern's time?", 0, "7:52"),
        ("What time did the Sandholm Ladies row?", 1, "7:41"),
        ("Which crew was the fastest?", 1, "Sandholm Ladies"),
        ("Which crew was the slowest?", 2, "Varn"),
        ("Which place did Varn take?", 2, "3"),
        ("Who was the cox of Varn?", 2, "Ivo Stark"),
    ],
)
def test_crews(question: str, row: int, span: str) -> None:
    assert rank(question, CREWS, "The rowing race of 2024")[0] == (CREWS[row], span)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How many lamps in Oak Lane are broken?", 0),
        ("How many lamps are there in Fern Street?", 1),
        ("Which street has the most broken lamps?", 0),
        ("Which street has the fewest broken lamps?", 2),
    ],
)
def test_lamps(question: str, row: int) -> None:
    assert rank(question, LAMPS, "Lamps in the streets")[0][0] == LAMPS[row]


@pytest.mark.parametrize(
    "question",
    [
        "How many lamps in Elm Lane are broken?",
        "How many lamps in Oak Lane were broken in 1987?",
        "How many lamps in Oak Lane of Port Ellery are broken?",
        "Who pays for the lamps?",
        "Why are lamps in Oak Lane green?",
        "Combien de lampes de Oak Lane sont cassées ?",
    ],
)
def test_no_row_is_taken_where_none_is_surely_meant(question: str) -> None:
    ranked = rank(question, LAMPS, "Lamps in the streets")
    assert all(text not in LAMPS for text, _ in ranked)


def test_rows_of_years_that_lack_the_one_asked_for_fall_behind() -> None:
    rows = ("Year: 2022; Visitors: 48,000", "Year: 2023; Visitors: 61,500")
    title = "Report on the Sandholm pier"
    assert rank("How many visitors did the pier have in 2023?", rows, title)[0][0] == rows[1]
    assert rank("How many visitors did the pier have in 2021?", rows, title)[0][0] == "It rained."


def test_equal_values_have_no_highest_row() -> None:
    rows = ("Street: Oak Lane; Broken: 3", "Street: Mill Road; Broken: 3")
    assert all(text not in rows for text, _ in rank("Which street has the most broken lamps?", rows, "Lamps"))


PIERS = ("Pier: Sandholm pier; Length: 220 m", "Pier: Ellery pier; Length: 90 m")
WORKS = ("Building: Pier; Town: Sandholm; Cost: 40", "Building: Tower; Town: Ellery; Cost: 20")


@pytest.mark.parametrize(
    ("question", "rows", "answer"),
    [
        ("What is the length of the Sandholm pier?", PIERS, PIERS[0]),
        ("What is the length of Ellery pier?", PIERS, PIERS[1]),
        ("What was the cost of the Sandholm pier?", WORKS, WORKS[0]),
        ("What was the cost of the pier at Sandholm?", WORKS, WORKS[0]),
        ("What was the cost of the pier?", WORKS, WORKS[0]),
        ("What was the cost of the Ellery pier?", WORKS, ""),
        ("What was the cost of the Varn pier?", WORKS, ""),
        ("What was the cost of Varn's pier?", WORKS, ""),
        ("What was the cost of the pier at Varn?", WORKS, ""),
        ("What was the cost of the wooden pier?", WORKS, ""),
        ("What is the length of Varn pier?", PIERS, ""),
        ("What is the length of the pier of Varn?", PIERS, ""),
    ],
)
def test_the_words_that_tell_rows_apart_are_those_of_the_row(question: str, rows: Sequence[str], answer: str) -> None:
    best = rank(question, rows, "Works in Sandholm, Ellery and Varn")[0][0]
    assert best == answer or (not answer and best not in rows)


def test_remarks_of_other_rows_do_not_count() -> None:
    rows = ("Crew: Tern; Time: 7:52; Note: they had to row with a broken oar", "Crew: Varn; Time: 8:03; Note: none")
    assert rank("What time did Varn row?", rows, "The race")[0] == (rows[1], "8:03")


@pytest.mark.parametrize("question", ["How far does the Varn pier go out?", "How far does the pier of Varn go out?"])
def test_little_is_left_of_rows_of_others_that_the_reader_takes(question: str) -> None:
    def score(asked: str) -> float:
        return rank_sentences(asked, PIERS, "Piers of Sandholm, Ellery and Varn", "It rained.", "220 m")[0].score

    assert score(question) < 0.1 * score(question.replace("Varn", "Sandholm"))


@pytest.mark.parametrize("before", ["It rained.", "It rained on the Varn pier."])
@pytest.mark.parametrize("name", ["Varn pier", "pier of Varn"])
def test_rows_of_an_article_on_another_do_not_answer(name: str, before: str) -> None:
    def score(asked: str) -> float:
        title = "Report on the Sandholm pier"
        rows = ("Year: 2022; Visitors: 48,000", "Year: 2023; Visitors: 61,500")
        return rank_sentences(f"How many visitors did the {asked} have in 2023?", rows, title, before, "61,500")[
            0
        ].score

    assert score(name) < 0.1 * score(name.replace("Varn", "Sandholm"))
