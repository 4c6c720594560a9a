"""Answers are judged by what a question says of them, and counted by kind."""

import json
from pathlib import Path

import pytest

from rag import Assistant, Index
from rag.errors import SourceError
from rag.evaluation import Question, evaluate, read_questions
from rag.evaluation.verdicts import Verdict, begins_right, count_verdicts, judge
from rag.testing import OverlapReader
from rag.types import Answer, Sentence

TOLL = Question(question="How many sheep were lost?", kind="how many", must=("41|forty-one",), must_not=("goats?",))
SIDES = Question(question="How old are both towers?", must=("90", "120"), must_first=("90",))
NOBODY = Question(question="How many people drowned?", refuse=True, must=("nobody|no one",))
OUTSIDE = Question(question="Who is the king of Norway?", refuse=True)


def said(*sentences: str, answered: bool = True) -> Answer:
    return Answer("?", "?", tuple(map(Sentence, sentences)), answered=answered)


@pytest.mark.parametrize(
    ("question", "answer", "verdict"),
    [
        (TOLL, said("Forty-One sheep were lost."), "right"),
        (TOLL, said("In all 41 goats were lost."), "partly"),
        (TOLL, said("All sheep were found."), "wrong"),
        (TOLL, said("Not in the articles.", answered=False), "wrongly refused"),
        (SIDES, said("The tower is 90.", "The other is 120."), "right"),
        (SIDES, said("The tower is 90."), "partly"),
        (NOBODY, said("Nobody drowned."), "right"),
        (NOBODY, said("Not in the articles.", answered=False), "right"),
        (NOBODY, said("Two boats sank."), "should have refused"),
        (OUTSIDE, said("The queen came."), "should have refused"),
        (OUTSIDE, said("Not in the articles.", answered=False), "right"),
        (Question(question="When?", unanswerable=True), said("Now."), "should have refused"),
        (Question(question="Who?", answers=("Ann Lee",)), said("It was Ann Lee."), "right"),
        (Question(question="Who?", answers=("Ann Lee",)), said("It was her."), "wrong"),
        (Question(question="Who?", must_not=("goat",)), said("It was her."), "right"),
        (Question(question="Who?"), said("It was her."), None),
    ],
)
def test_an_answer_is_judged(question: Question, answer: Answer, verdict: Verdict | None) -> None:
    assert judge(question, answer) == verdict


def test_the_first_sentence_may_answer_by_itself() -> None:
    assert begins_right(SIDES, said("The tower is 90.", "The other is 120."))
    assert not begins_right(SIDES, said("The other is 120.", "The tower is 90."))
    assert begins_right(TOLL, said("41 were lost."))
    assert not begins_right(TOLL, said("The flood came.", "41 were lost."))
    assert not begins_right(TOLL, said("The flood came."))
    assert begins_right(OUTSIDE, said(answered=False))
    assert not begins_right(Question(question="Who?", answers=("Ann",)), said("She.", "It was Ann."))


def test_verdicts_are_counted_by_kind() -> None:
    counts = count_verdicts([(TOLL, said("41.")), (TOLL, said("None.")), (OUTSIDE, said("He."))])
    assert list(counts) == ["how many", "all"]
    right = {"questions": 2, "right": 1, "partly": 0, "wrong": 1, "wrongly refused": 0, "should have refused": 0}
    assert counts["how many"] == {**right, "right at once": 1}
    assert (counts["all"]["questions"], counts["all"]["should have refused"]) == (3, 1)


def test_a_conversation_is_asked_in_its_order(index: Index, folder: Path) -> None:
    index.sync(folder)
    assistant = Assistant(index, OverlapReader())
    follow_up = {
        "question": "When did it close?",
        "history": ["What do you know about the bridge over the river?"],
        "must": ["Friday"],
        "gold_articles": ["bridge.md"],
        "kind": "follow-up",
    }
    scores = evaluate(assistant, [Question.model_validate(follow_up)])
    verdicts = scores["verdicts"]
    assert verdicts["follow-up"]["right"] == 1  # type: ignore[index]
    assert scores["retrieval"]["article"]["words"]["hit@1"] == 1  # type: ignore[index]
    assert scores["worst"] == []
    wrong = Question.model_validate({**follow_up, "must": ["Sunday"]})
    assert evaluate(assistant, [wrong])["worst"][0]["verdict"] == "wrong"  # type: ignore[index]
    assert evaluate(assistant, [wrong], most_worst=0)["worst"] == []


def test_a_bad_pattern_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"question": "Who?", "must": ["(open"]}))
    with pytest.raises(SourceError, match=r"line 1: must: .*'\(open' is no regular expression"):
        read_questions(path)
