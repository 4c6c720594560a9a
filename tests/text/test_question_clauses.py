"""Questions are split into what they ask with and what about, and embedded ones are asked directly."""

import pytest

from rag.text.question_clauses import ask_directly, ask_what, find_subject, split_question


@pytest.mark.parametrize(
    ("question", "phrase", "rest"),
    [
        ("At what time did the lorry arrive?", "At what time", "did the lorry arrive"),
        ("Which orchestra played in the barn?", "Which orchestra", "played in the barn"),
        ("Which orchestra plays the waltz?", "Which orchestra", "plays the waltz"),
        ("How many cooks quit?", "How many cooks", "quit"),
        ("How many cooks resigned?", "How many cooks", "resigned"),
        ("how many solar panels the farm has", "how many solar panels", "the farm has"),
        ("What caused the leak?", "What", "caused the leak"),
        ("For how long was the lock shut?", "For how long", "was the lock shut"),
        ("Why?", "Why", ""),
        ("Did Orlow pay?", "", "Did Orlow pay"),
    ],
)
def test_a_question_is_split(question: str, phrase: str, rest: str) -> None:
    clause = split_question(question)
    assert clause is not None
    assert (clause.phrase, clause.rest) == (phrase, rest)


@pytest.mark.parametrize("text", ["", "pool opening hours", "Explain the leak", "Whatever happened"])
def test_what_is_no_question_is_not_split(text: str) -> None:
    assert split_question(text) is None


@pytest.mark.parametrize(
    ("clause", "direct"),
    [
        ("how deep that lake is in June", "How deep is that lake in June?"),
        ("how long the new lift needs", "How long does the new lift need?"),
        ("how many cooks were hired", "How many cooks were hired?"),
        ("how many cooks the inn has", "How many cooks does the inn have?"),
        ("how many guests the inn had in 2019", "How many guests did the inn have in 2019?"),
        ("when the lock opened", "When did the lock open?"),
        ("what Orlow said about the leak", "What did Orlow say about the leak?"),
        ("what the guard did after the alarm", "What did the guard do after the alarm?"),
        ("who the guard is", "Who is the guard?"),
        ("who guards the lock", "Who guards the lock?"),
        ("why it has not been mended", "Why has it not been mended?"),
        ("how old the barge that she had bought is", "How old is the barge that she had bought?"),
        ("where the herons nest", "Where do the herons nest?"),
        ("how long the old barge, the Linnet, needed", "How long did the old barge, the Linnet, need?"),
        ("whether the lock is open at night", "Is the lock open at night?"),
        ("if the council sold the barge", "Did the council sell the barge?"),
        ("how they explored the cave", "How they explored the cave?"),
    ],
)
def test_an_embedded_question_is_asked_directly(clause: str, direct: str) -> None:
    assert ask_directly(clause) == direct


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("At what time did the bank robbers leave?", "the bank robbers"),
        ("When did the repair of the Quarry Bridge begin?", "the repair of the Quarry Bridge"),
        ("How many cooks has the inn at Orlow?", "the inn at Orlow"),
        ("When was the last eel fair held?", "the last eel fair"),
        ("Was the old mill in Orlow sold?", "the old mill in Orlow"),
        ("Why did the talks between Orlow and Skarn fail?", "the talks between Orlow and Skarn"),
        ("Where do herons nest?", "herons"),
        ("When did Ilse Brandt resign?", "Ilse Brandt"),
        ("Who won?", ""),
        ("When was it?", ""),
    ],
)
def test_the_subject_behind_an_auxiliary(question: str, subject: str) -> None:
    assert find_subject(question) == subject


def test_what_is_asked_of_things() -> None:
    assert ask_what("the fares of the barge") == "What are the fares of the barge?"
    assert ask_what("Orlow's budget") == "What is Orlow's budget?"
    assert ask_what("fare in May") == "What is the fare in May?"
