"""Who speaks a sentence, and whose word a question asks for."""

import pytest

from rag.text.speakers import SpeechQuestion, find_speakers, is_same_speaker, parse_speech_question
from rag.types import Passage

BAKERS = (
    'The bakers of Lowen want to bake on Sundays. "Nobody buys yesterday\'s bread," said Hugo Lindqvist, who heads the '
    "guild. He added that two bakeries would close otherwise.\n\n"
    "Union secretary Petra Oyelaran sees no need. The night shift was hard enough, she said. "
    '"We are people and not ovens."\n\n'
    "The mayor, Ilse Kantor, promised a vote in May. According to the chamber of commerce, a third would take part. "
    'A decision is "overdue", Kantor told the Lowen Post. The shops opened at eight on Monday.\n\n'
    'Lindqvist rejected the idea of a trial. "A trial is how one says no politely." '
    "No customer came, his brother Emil said."
)
TALK = """Ruth Abara keeps 40 hives on the roof of the theatre.

Do the bees mind the music? "They sleep through Wagner."

And the honey? "It goes to the choir. They earn it," she says. It is not for sale."""


def passage(text: str, title: str = "") -> Passage:
    return Passage(article_id="a", title=title, text=text, start=10, end=10 + len(text))


def speaker(words: str, text: str = BAKERS, title: str = "Bakers ask for Sundays") -> str:
    return next(one.speaker for one in find_speakers(passage(text, title)) if words in one.text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("The bakers of Lowen", ""),
        ("yesterday's bread", "Hugo Lindqvist"),
        ("He added", "Hugo Lindqvist"),
        ("sees no need", "Union secretary Petra Oyelaran"),
        ("night shift", "Union secretary Petra Oyelaran"),
        ("not ovens", "Union secretary Petra Oyelaran"),
        ("a vote in May", "The mayor, Ilse Kantor"),
        ("a third", "the chamber of commerce"),
        ("overdue", "Kantor"),
        ("shops opened", ""),
        ("rejected", "Lindqvist"),
        ("politely", "Lindqvist"),
        ("No customer", "his brother Emil"),
    ],
)
def test_a_sentence_has_its_speaker(words: str, expected: str) -> None:
    assert speaker(words) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ('"It was late. We left," said Ana Brook.', "It was late", "Ana Brook"),
        ("Ana Brook runs the ferry. “It leaks.”", "leaks", "Ana Brook"),
        ("Ana Brook said so.\n\n“It leaks.”", "leaks", ""),
        ("It was put off, as the report was late.", "put off", ""),
        ("Ana Brook, the captain, said her crew was tired.", "tired", "Ana Brook, the captain"),
        ("The crew was tired, said its captain, Ana Brook.", "tired", "its captain, Ana Brook"),
        ("In Ana Brook's view, the ferry leaks.", "leaks", "Ana Brook"),
        ("Who said that?", "Who", ""),
    ],
)
def test_speakers_of_other_forms(text: str, words: str, expected: str) -> None:
    assert speaker(words, text) == expected


def test_an_interview_is_answered_by_whom_its_title_names() -> None:
    title = "Wagner and wax: a talk with Ruth Abara"
    assert [speaker(words, TALK, title) for words in ("Wagner", "choir", "for sale")] == ["Ruth Abara"] * 2 + [""]


def test_the_sentence_is_known_that_names_the_speaker() -> None:
    found = {one.text: one for one in find_speakers(passage(BAKERS))}
    named = found['"We are people and not ovens."'].named_at
    assert next(text for text, one in found.items() if one.start == named).startswith("Union secretary")


def test_a_sentence_in_the_middle_of_a_quotation_is_known() -> None:
    text = "Kurt Moll was calm. “We saw it coming. The roof was old. It fell,” he said. The hall is shut."
    for written in (text, text.replace("“", "„").replace("”", "“"), text.replace("“", "«").replace("”", "»")):
        found = find_speakers(passage(written))
        assert [one.is_quoted for one in found if "roof" in one.text or "calm" in one.text] == [False, True]
        assert not found[-1].is_quoted


@pytest.mark.parametrize(
    ("question", "asked", "topic"),
    [
        ("What did Hugo Lindqvist say about the bread?", "Hugo Lindqvist", "What the bread"),
        ("What does the mayor think: is a vote due?", "the mayor", "What is a vote due"),
        ("According to Kantor, how many shops take part?", "Kantor", "how many shops take part"),
        ("How loud are the ovens, according to the guild?", "the guild", "How loud are the ovens"),
        ("What was the union's view of the night shift?", "the union", "the night shift"),
        ("In the opinion of Kantor, is it overdue?", "Kantor", "is it overdue"),
        ("Has Lindqvist said whether he wants a trial?", "Lindqvist", "he wants a trial"),
        ("What did the mayor promise?", "the mayor", "What promise"),
        ("When does Kantor think the vote will be held?", "Kantor", "When the vote will be held"),
        ("Who said that the night shift was hard?", "", "the night shift was hard"),
        ("Who warned that ovens explode?", "", "ovens explode"),
    ],
)
def test_whose_word_is_asked_for(question: str, asked: str, topic: str) -> None:
    assert parse_speech_question(question) == SpeechQuestion(asked, topic)


@pytest.mark.parametrize(
    "question",
    [
        "What do people think of it?",
        "What did she say about the bread?",
        "What do the articles say about bread?",
        "What has been said about bread?",
        "When did the guild announce the strike?",
        "Who told you?",
        "Who wrote the play?",
        "How many shops opened on Monday?",
    ],
)
def test_nobodys_word_is_asked_for(question: str) -> None:
    assert parse_speech_question(question) is None


@pytest.mark.parametrize(
    ("asked", "said", "context", "same"),
    [
        ("Hugo Lindqvist", "Lindqvist", "", True),
        ("Hugo Lindqvist", "Emil Lindqvist", "", False),
        ("Lindqvist", "Kantor", "", False),
        ("the mayor", "The mayor, Ilse Kantor", "", True),
        ("the mayor of Lowen", "Kantor", BAKERS, True),
        ("the mayor of Lowen", "Lindqvist", BAKERS, False),
        ("the captain", "Brook", "Ana Brook, 52, the captain of the ferry, was asked.", True),
    ],
)
def test_the_same_speaker_goes_by_other_words(asked: str, said: str, context: str, same: bool) -> None:
    assert is_same_speaker(asked, said, context) is same
