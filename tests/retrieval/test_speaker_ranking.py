"""Whose sentences answer a question that asks for somebody's word."""

import pytest

from rag.answering.extractive import compose
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import ScoredSentence, score_sentences
from rag.retrieval.speaker_ranking import rank_by_speaker
from rag.types import Hit, Passage, Reading, Span

TEXT = (
    'The harbour of Ness will be dredged. "The eels were here first," said Mara Okafor, a biologist. '
    "The dredging would cost them their winter beds, she said. Harbour master Jon Pell called the eels a pretext. "
    '"We need six metres." The Ness Herald speaks of nine million crowns. Work begins in October.'
)


def rank(question: str, spans: dict[str, float], text: str = TEXT) -> list[ScoredSentence]:
    passage = Passage(article_id="ness", title="Ness to be dredged", text=text, start=0, end=len(text))
    places = tuple(Span(text.index(words), text.index(words) + len(words), score) for words, score in spans.items())
    hit = Hit(passage, 0.8, likeness=0.5, reading=Reading(sum(spans.values()), places))
    query = parse_query(question, publishers=["Ness Herald"])
    return rank_by_speaker(query, [hit], score_sentences(query, [hit]))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Mara Okafor say about the eels?", '"The eels were here first," said Mara Okafor, a biologist.'),
        ("What does the biologist think of the dredging?", "The dredging would cost them their winter beds, she said."),
        ("What did Pell say about the eels?", "Harbour master Jon Pell called the eels a pretext."),
        ("How much will the dredging cost, according to the Ness Herald?", "The Ness Herald speaks of nine million"),
        ("Who said that the eels were here first?", '"The eels were here first," said Mara Okafor, a biologist.'),
        ("Who claimed that six metres are needed?", '"We need six metres."'),
    ],
)
def test_the_speaker_on_the_topic_goes_first(question: str, expected: str) -> None:
    assert rank(question, {"October": 0.2, "six metres": 0.1, "pretext": 0.1})[0].text.startswith(expected)


def test_another_speaker_is_no_answer() -> None:
    ranked = rank("What did Mara Okafor say about the eels?", {"a pretext": 0.9})
    scores = {one.text: one.score for one in ranked}
    assert scores["Harbour master Jon Pell called the eels a pretext."] < ranked[0].score / 10


def test_a_topic_that_the_passage_does_not_name_is_not_spoken_of() -> None:
    assert rank("What did Mara Okafor say about Bergen?", {}) == []


def test_a_question_for_nobodys_word_is_left_alone() -> None:
    ranked = rank("When does the work begin?", {"October": 0.5, "pretext": 0.1})
    assert [one.text for one in ranked][:1] == ["Work begins in October."]
    assert len(ranked) == 2


def test_the_sentence_that_names_the_speaker_is_quoted_too() -> None:
    question = "Who claimed that six metres are needed?"
    ranked = rank(question, {"six metres": 0.3})
    said = [
        extract.passage.at(extract.start, extract.end) for extract in compose(parse_query(question), ranked, most=3)
    ]
    assert said[:2] == ["Harbour master Jon Pell called the eels a pretext.", '"We need six metres."']


@pytest.mark.parametrize(("speaker", "is_known"), [("the biologist", True), ("the bishop", False)])
def test_nobody_else_speaks_for_one_who_is_not_in_the_passage(speaker: str, is_known: bool) -> None:
    best = rank(f"What did {speaker} say about October?", {"Work begins in October": 0.6})[0]
    unasked = rank("What begins in October?", {"Work begins in October": 0.6})[0]
    assert (best.score == unasked.score) is is_known


def test_a_sure_reader_names_nobody_else_than_the_one_who_said_it() -> None:
    ranked = rank("Who said that the dredging would cost the eels their winter beds?", {"Jon Pell": 0.55})
    assert ranked[0].text == "The dredging would cost them their winter beds, she said."
