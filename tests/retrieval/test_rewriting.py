"""Questions are rewritten to stand alone and taken apart, by rule and by an LLM."""

import pytest

from rag.errors import LLMError
from rag.retrieval.rewriting import MAX_QUESTION_CHARS, complete, is_follow_up, rewrite
from rag.testing import ScriptedLLM
from rag.types import Message

HISTORY = [Message("user", "Who founded the bakery on Tallow Street?"), Message("assistant", "Hester Quill. [1]")]


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
    assert asked.parts == ("Is Ada Fell an engineer?", "Is Orrin Bask an engineer?")
    assert asked.llm_error == "gone"


def test_a_comparison_keeps_the_question_as_asked() -> None:
    asked = rewrite("Which is older, the mill or the inn?", [])
    assert asked.parts == ("How old is the mill?", "How old is the inn?")
    assert asked.plain == asked.text == "Which is older, the mill or the inn?"
    assert rewrite("Who owns the mill and who owns the inn?", []).plain == ""


def test_the_question_within_a_request_is_completed_and_taken_apart() -> None:
    asked = rewrite("Can you tell me when she died and who got the bakery?", HISTORY)
    assert asked.text == "When did Hester Quill die and who got the bakery?"
    assert asked.parts == ("When did Hester Quill die?", "Who got the bakery: Hester Quill?")
