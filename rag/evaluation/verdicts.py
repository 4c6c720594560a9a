"""Judge answers by the patterns that a question says they must and must not match."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from rag.evaluation import metrics
from rag.evaluation.questions import Question
from rag.types import Answer

Verdict = Literal["right", "partly", "wrong", "wrongly refused", "should have refused"]

_VERDICTS: tuple[Verdict, ...] = ("right", "partly", "wrong", "wrongly refused", "should have refused")


def judge(question: Question, answer: Answer) -> Verdict | None:
    """Judge an answer; None where the question does not say what a right answer is.

    A question that must be refused is right where it is, or where its patterns say that a denial of its premise will do
    and the answer has them. Any other is right with all of its patterns, partly right with some of them or with one
    that it must not match; without patterns it is right where it contains an accepted answer.
    """
    if question.must_be_refused:
        is_denied = bool(question.must) and _judge_text(question, answer.text) == "right"
        return "right" if not answer.answered or is_denied else "should have refused"
    if not (question.must or question.must_not or question.answers):
        return None
    return _judge_text(question, answer.text) if answer.answered else "wrongly refused"


def _judge_text(question: Question, text: str) -> Verdict:
    found = [pattern for pattern in question.must if _matches(pattern, text)]
    if not question.must and question.answers:
        found = [text] if metrics.contains_answer(text, question.answers) else []
    complete = len(found) == len(question.must) if question.must else bool(found or not question.answers)
    if complete and not any(_matches(pattern, text) for pattern in question.must_not):
        return "right"
    return "partly" if found else "wrong"


def _matches(pattern: str, text: str) -> bool:
    return bool(re.search(pattern, text, re.IGNORECASE))


def begins_right(question: Question, answer: Answer) -> bool:
    """Whether an answer is right, and its first sentence gives the answer by itself."""
    if judge(question, answer) != "right":
        return False
    if question.must_be_refused or not answer.sentences:
        return True
    first = answer.sentences[0].text
    wanted = question.must_first or question.must
    return all(_matches(pattern, first) for pattern in wanted) and (
        bool(wanted) or metrics.contains_answer(first, question.answers) or not question.answers
    )


def count_verdicts(pairs: Sequence[tuple[Question, Answer]]) -> Mapping[str, Mapping[str, int]]:
    """Count the verdicts of each kind of question, and of all: those that are judged, and how many begin right."""
    kinds: dict[str, Counter[str]] = {}
    for question, answer in pairs:
        verdict = judge(question, answer)
        if verdict is None:
            continue
        for kind in dict.fromkeys((question.kind, "all")) if question.kind else ("all",):
            counts = kinds.setdefault(kind, Counter())
            counts.update(("questions", verdict))
            counts["right at once"] += begins_right(question, answer)
    names = ("questions", *_VERDICTS, "right at once")
    return {kind: {name: kinds[kind][name] for name in names} for kind in sorted(kinds, key=lambda kind: kind == "all")}
