"""Follow-ups are completed from the last topic, and only those."""

import pytest

from rag.retrieval.follow_ups import classify, complete, is_follow_up
from rag.types import Message


def talk(*texts: str) -> list[Message]:
    """A conversation: questions and answers in turn."""
    return [Message("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the Orchard Theatre?",
        "Which frost destroyed the blossom?",
        "How long did it take to dig the canal?",
        "Is it true that the abbey was sold?",
        "Did Lena Orr say why she left?",
        "Are there any wolves in the Harz Mountains?",
        "tunnel closing reason",
        "Harbour dues 2024",
        "What rose by a tenth this year in the valley?",
        "Warum wurde der Tunnel bei Altstadt geschlossen?",
    ],
)
def test_a_question_that_stands_alone(question: str) -> None:
    assert classify(question) == "alone"
    history = talk("How many apples were picked?", "Nine tonnes. [1]")
    assert complete(question, history) == question
    assert not is_follow_up(question, history)


@pytest.mark.parametrize(
    ("question", "leaning"),
    [
        ("Why?", "leans"),
        ("And in March?", "leans"),
        ("When did she resign?", "leans"),
        ("What happened there?", "leans"),
        ("Who owns it now?", "leans"),
        ("Who else?", "leans"),
        ("How many were sold?", "unsure"),
        ("Who took part?", "unsure"),
        ("Und wie teuer ist er?", "leans"),
        ("Et combien de temps dure-t-elle ?", "leans"),
        ("¿Y cuándo abre?", "leans"),
    ],
)
def test_a_question_that_leans_on_what_was_said(question: str, leaning: str) -> None:
    assert classify(question) == leaning


@pytest.mark.parametrize(
    ("history", "question", "completed"),
    [
        # A time, a name or a thing counted takes the place of the one before.
        (("How many visitors came in May?", "90."), "And in June?", "How many visitors came in June?"),
        (("How tall is the Grey Tower?", "40 m."), "What about the Red Tower?", "How tall is the Red Tower?"),
        (("How many goats did Orr sell?", "Six."), "And sheep?", "How many sheep did Orr sell?"),
        (("How many seats did Orr win?", "Six."), "And Falk?", "How many seats did Falk win?"),
        # A pronoun is replaced by whom or what it stands for.
        (("Who leads the choir?", "Ida Orr leads the choir. [1]"), "How old is she?", "How old is Ida Orr?"),
        (
            ("Who leads the choir?", "Ida Orr leads it. [1]"),
            "What was her job before?",
            "What was Ida Orr's job before?",
        ),
        (("What happened to the Mill Bridge?", "It fell."), "When was it built?", "When was the Mill Bridge built?"),
        (("How long is the new tunnel?", "2 km."), "Who is digging it?", "Who is digging the new tunnel?"),
        (("When did Ida Orr resign?", "In May."), "Why did she resign?", "Why did Ida Orr resign?"),
        (
            ("Who wrote the report on the Fell Farm fire?", "Ida Orr did."),
            "Why was it late?",
            "Why was the report on the Fell Farm fire late?",
        ),
        (("Who built the Mill Bridge?", "Orr did."), "When did it open?", "When did the Mill Bridge open?"),
        # What belongs to somebody takes the place of what the question before asked of them.
        (
            ("What was the Orr brewery's revenue in May?", "6."),
            "And the debt?",
            "What was the Orr brewery's debt in May?",
        ),
        (("What is Orr's salary?", "6."), "And his pension?", "What is Orr's pension?"),
        (("What was Orr's debt in May?", "6."), "What had they paid for it?", "What had Orr paid for the debt?"),
        # What leaves out its topic gets it.
        (
            ("What happened at Fell Farm in May?", "Fire."),
            "How many were hurt?",
            "How many were hurt at Fell Farm in May?",
        ),
        (("What happened?", "Fire."), "When?", "When?"),
        (("Where was the flower show?", "Here."), "How many came?", "How many came: the flower show?"),
        (("Why was the tunnel shut?", "Rust."), "Why?", "Why: the tunnel shut?"),
        (("Was kostet der Tunnel?", "4 Mio."), "Und wie lang ist er?", "Und wie lang ist er: Was kostet der Tunnel?"),
    ],
)
def test_a_follow_up_is_completed(history: tuple[str, ...], question: str, completed: str) -> None:
    assert complete(question, talk(*history)) == completed


def test_only_the_last_topic_counts() -> None:
    history = talk("Who leads the choir?", "Ida Orr. [1]", "How long is the Red Tunnel?", "2 km. [1]", "thanks", "…")
    assert complete("When was it dug?", history) == "When was the Red Tunnel dug?"
    assert complete("Who plays the organ in the abbey?", history) == "Who plays the organ in the abbey?"


def test_a_follow_up_of_a_follow_up_is_completed_once() -> None:
    history = talk("How many goats did Orr sell in May?", "Six.", "And in June?", "Two.", "And Falk?", "Nine.")
    assert complete("And in July?", history) == "How many goats did Falk sell in July?"


def test_what_cannot_be_put_into_the_topic_does_not_become_one() -> None:
    history = talk("Which mill is older?", "None. [1]", "why?", "…", "and how many sacks does she grind?", "…")
    assert complete("why is that?", history) == "why is that: mill is older?"


def test_who_or_what_was_meant_takes_the_place_of_what_was_not() -> None:
    history = talk("How many goats did Orr sell?", "Six.")
    assert complete("no, I meant Falk", history) == "How many goats did Falk sell?"


def test_a_long_conversation_costs_no_more() -> None:
    history = talk("Who leads the choir?", "x" * 100_000) * 500
    assert "choir" in complete("Why?", history)
