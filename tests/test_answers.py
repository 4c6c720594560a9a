"""The sample questions over the sample articles with the packaged model, as a person would ask them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.evaluation import evaluate, read_questions
from rag.index import Index
from rag.types import Answer, Filters, Message
from tests.conftest import SEEDS

QUESTIONS = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text().splitlines()]
"""The sample questions; the first is the headline question."""


class RecordingAssistant(Assistant):
    """An assistant that keeps what it answers."""

    def __init__(self, index: Index) -> None:
        super().__init__(index)
        self.answers = dict[str, Answer]()

    def ask(self, question: str, history: Sequence[Message] = (), filters: Filters | None = None) -> Answer:
        self.answers[question] = super().ask(question, history, filters)
        return self.answers[question]


@pytest.fixture(scope="module")
def assistant(seed_index: Index) -> RecordingAssistant:
    return RecordingAssistant(seed_index)


@pytest.fixture(scope="module")
def scores(assistant: RecordingAssistant) -> dict[str, Any]:
    return evaluate(assistant, read_questions(SEEDS / "questions.jsonl"))


@pytest.fixture(scope="module")
def answers(assistant: RecordingAssistant, scores: dict[str, Any]) -> list[Answer]:
    """What was answered while the questions were scored."""
    return [assistant.answers[question["question"]] for question in QUESTIONS]


def test_the_headline_question_is_answered(answers: list[Answer]) -> None:
    assert QUESTIONS[0]["question"] == "Why did Iraq call for ending the coalition?"
    assert "the justification for its existence has ended" in answers[0].text
    assert answers[0].citations[0].passage.article_id == "coalition-end.md"


@pytest.mark.parametrize(
    "question",
    [
        "why did Iraq call for ending the coalition?",
        "why did iraq call for ending the coaltion",
        "What made Iraq's government want the coalition to end?",
        "Why does Iraq want the international coalition to leave?",
        "Why did Baghdad demand an end to the coalition's presence?",
        "What reason did the Iraqi prime minister give for ending the coalition's mission?",
    ],
)
def test_the_headline_question_may_be_asked_otherwise(seed_index: Index, question: str) -> None:
    answer = Assistant(seed_index).ask(question)
    assert "the justification for its existence has ended" in answer.sentences[0].text


def test_the_headline_question_is_answered_by_another_article_with_its_reason_alone(tmp_path: Path) -> None:
    article = tmp_path / "mission.md"
    article.write_text(
        "# Baghdad wants foreign troops out\n\nIraq called on Friday for an end to the American-led coalition. A"
        " spokesman gave the reason: the extremists whom the soldiers had come to fight are beaten, he said, and so the"
        " mission has lost its purpose.\n\nThe weekly market in Mosul was crowded all the same. Prices of dates rose by"
        " a tenth.\n"
    )
    index = Index.open(tmp_path / "index")
    index.sync(article)
    answer = Assistant(index).ask("why did Iraq call for ending the coalition?")
    index.close()
    assert "mission has lost its purpose" in answer.sentences[0].text
    assert not any("market" in sentence.text or "dates" in sentence.text for sentence in answer.sentences)


def test_every_quotation_is_verbatim(answers: list[Answer], seed_index: Index) -> None:
    for answer in answers:
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        for citation in answer.citations:
            article = seed_index.article(citation.passage.article_id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote


def test_every_sentence_is_supported_or_it_is_no_answer(answers: list[Answer]) -> None:
    for answer in answers:
        assert 1 <= len(answer.sentences) <= 4
        assert answer.answered == all(sentence.support == "supported" for sentence in answer.sentences)
        assert answer.answered == bool(answer.citations)


def test_the_gold_article_is_among_the_hits(answers: list[Answer]) -> None:
    asked = [
        (question, answer) for question, answer in zip(QUESTIONS, answers, strict=True) if "gold_articles" in question
    ]
    found = [
        any(hit.passage.article_id in question["gold_articles"] for hit in answer.hits) for question, answer in asked
    ]
    assert sum(found) / len(found) > 0.95


def test_the_sample_questions_score_as_they_should(scores: dict[str, Any]) -> None:
    assert scores["questions"] == 74
    assert scores["citations"]["verbatim"] == 1
    assert scores["citations"]["answer in quotes"] > 0.6
    assert scores["retrieval"]["article"]["read"]["hit@1"] > 0.9
    assert scores["abstention"]["answered"] > 0.9
    assert scores["abstention"]["refused at 90% answered"] > 0.5
    for level in scores["retrieval"].values():
        for measure, value in level.get("read", {}).items():
            assert value >= min(level["words"][measure], level["vectors"][measure]) - 0.05


def test_questions_on_quite_other_things_are_refused(seed_index: Index) -> None:
    assistant = Assistant(seed_index)
    for question in [
        "What is the capital of Peru?",
        "Who wrote Pride and Prejudice?",
        "How long should sourdough bread rise before baking?",
        "What did the French president say about the strike?",
    ]:
        assert not assistant.ask(question).answered, question


def test_a_follow_up_finds_what_it_leans_on(seed_index: Index) -> None:
    history = [Message("user", "Who founded Harakat al-Nujaba?"), Message("assistant", "Akram al-Kaabi. [1]")]
    answer = Assistant(seed_index).ask("And when was that?", history)
    assert "founded Harakat al-Nujaba" in answer.query
    assert any("2013" in citation.quote for citation in answer.citations)
