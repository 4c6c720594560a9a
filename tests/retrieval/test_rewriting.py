"""Follow-ups made whole and questions taken apart, by rule and by an LLM."""

import pytest

from rag.errors import LLMError
from rag.retrieval.rewriting import MAX_QUESTION_CHARS, complete, decompose, is_follow_up, rewrite
from rag.testing import ScriptedLLM
from rag.types import Message

HISTORY = [Message("user", "Who founded the bakery on Tallow Street?"), Message("assistant", "Hester Quill. [1]")]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Did both Harbor Review and Valley Post report the frost?",
            ("Did Harbor Review report the frost?", "Did Valley Post report the frost?"),
        ),
        (
            "Are Ada Fell and Orrin Bask both engineers?",
            ("Are Ada Fell engineers?", "Are Orrin Bask engineers?"),
        ),
        (
            "Which bridge is older, the Lune Bridge or the Bridge of Sighs?",
            ("Which bridge is older, the Lune Bridge?", "Which bridge is older, the Bridge of Sighs?"),
        ),
        (
            "What did the mayor say and how did the growers respond?",
            ("What did the mayor say?", "How did the growers respond?"),
        ),
        (
            "What did Ada Fell promise, and what happened to it?",
            ("What did Ada Fell promise?", "What happened to it: Ada Fell promise?"),
        ),
        (
            "Was the bridge closed before or after the mayor resigned?",
            ("When was the bridge closed?", "When was it that the mayor resigned?"),
        ),
    ],
)
def test_a_question_of_several_parts(question: str, parts: tuple[str, ...]) -> None:
    assert decompose(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Why did Iraq call for ending the coalition?",
        "Who runs the firm of Bask and Quill?",
        "More than a million people across Puerto Rico and the Dominican Republic lost power due to which hurricane?",
        "Which band announced a new single and will reunite for a tour?",
        "When did the bridge close and reopen?",
        "",
        "and",
    ],
)
def test_a_question_that_is_one(question: str) -> None:
    assert decompose(question) == ()


@pytest.mark.parametrize("measure", ["many", "old", "tall", "deep"])
def test_a_follow_up_is_completed_without_the_measure_that_was_asked_for(measure: str) -> None:
    assert complete("And why?", [Message("user", f"How {measure} was the tower?")]) == "And why: the tower?"


def test_an_llm_rewrites_what_leans() -> None:
    llm = ScriptedLLM('"When did Hester Quill found the bakery?"\n')
    asked = rewrite("And when was that?", HISTORY, llm)
    assert asked.text == "When did Hester Quill found the bakery?"
    assert "Who founded the bakery" in llm.prompts[0]
    assert "Hester Quill. [1]" in llm.prompts[0]


def test_a_completed_question_is_no_longer_than_one_may_be() -> None:
    asked = "Why did she? " + "x" * (MAX_QUESTION_CHARS - 13)
    assert len(rewrite(asked, HISTORY).text) == MAX_QUESTION_CHARS


def test_half_a_character_of_an_llm_is_replaced() -> None:
    asked = rewrite("And when was that?", HISTORY, ScriptedLLM("When did Hester \ud800 found the bakery?"))
    assert asked.text == "When did Hester \ufffd found the bakery?"


def test_an_llm_is_not_asked_what_stands_alone() -> None:
    llm = ScriptedLLM("never")
    for question, history in (("Which frost destroyed the blossom?", HISTORY), ("And when was that?", [])):
        assert rewrite(question, history, llm).text == question
    assert llm.prompts == []
    assert not is_follow_up("And when was that?", [])


@pytest.mark.parametrize("reply", ["", "One?\nTwo?", "x" * 400, "<think>hmm"])
def test_a_useless_rewriting_is_not_used(reply: str) -> None:
    asked = rewrite("And when was that?", HISTORY, ScriptedLLM(reply))
    assert asked.text == "And when was that: founded the bakery on Tallow Street?"


def test_an_llm_takes_apart_what_rules_see_to_be_several() -> None:
    llm = ScriptedLLM("1. Is Ada Fell an engineer?\n2. Is Orrin Bask an engineer?")
    asked = rewrite("Are Ada Fell and Orrin Bask both engineers?", [], llm)
    assert asked.parts == ("Is Ada Fell an engineer?", "Is Orrin Bask an engineer?")
    assert rewrite("Who closed the bridge?", [], llm).parts == ()
    assert len(llm.prompts) == 1


def test_without_its_llm_the_rules_do() -> None:
    asked = rewrite("Are Ada Fell and Orrin Bask both engineers?", [], ScriptedLLM(LLMError("gone")))
    assert asked.parts == ("Are Ada Fell engineers?", "Are Orrin Bask engineers?")
    assert asked.llm_error == "gone"
