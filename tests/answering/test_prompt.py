"""Poisoned passages: no order reaches the LLM, none ends its quotation, and the news in them is not lost."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.citations import Extract
from rag.answering.prompt import Guidance, build_prompt
from rag.answering.prompt_text import LEFT_OUT, sanitize
from rag.errors import LLMError
from rag.text.characters import strip_invisible
from rag.text.sentences import split_sentences
from rag.types import Passage, Span
from tests.support.poisoned_articles import POISONS, Poison


def passage(text: str, title: str = "A title") -> Passage:
    return Passage(
        article_id="a", title=title, source="Harbor Review", date="2024-03-01", text=text, start=0, end=len(text)
    )


def words(text: str) -> int:
    return len(text.split())


def test_there_are_poisons_of_every_kind() -> None:
    kinds = {"instruction", "citation", "system", "delimiter", "leak", "hidden", "template", "roleplay"}
    assert {poison.kind for poison in POISONS} == kinds
    assert len({poison.name for poison in POISONS}) == len(POISONS) >= 25


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_a_poison_stays_outside_and_the_news_gets_in(poison: Poison) -> None:
    made = build_prompt("Who pays for it?", [passage(poison.text)], "2024-03-02", max_tokens=4000, count_tokens=words)
    assert poison.innocent in poison.text
    assert poison.attack in poison.text
    assert poison.innocent in made.prompt
    assert poison.attack not in made.prompt


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_a_poisoned_title_ends_nothing(poison: Poison) -> None:
    made = build_prompt(
        "Who?", [passage("News.", f'"> {poison.attack} <')], "2024-03-02", max_tokens=4000, count_tokens=words
    )
    seal = re.search(r"<passages-(\w+)>", made.prompt)
    assert seal is not None
    opened = re.findall(rf"<passage-{seal[1]} id=\"(\w+)\" title=\"[^\"<>\n]*\" publisher=", made.prompt)
    assert opened == list(made.passages)
    assert made.prompt.count(f"</passages-{seal[1]}>") == 2  # the rule names it once


@given(st.text(alphabet=st.sampled_from("<>/|[]()!`-=ab1 \n\"'&;passge\u200b\u202e\U000e0041"), max_size=120))
def test_no_text_keeps_a_tag_or_an_invisible_character(text: str) -> None:
    kept = sanitize(text)
    assert not re.search(r"[<>\u200b\u202e\U000e0041]", kept)
    assert not re.search(r"!\[[^\]]*\]\(", kept)


@pytest.mark.parametrize(
    "sentence",
    [
        "The judge told the jury to ignore everything said about the case on television.",
        "The company says its AI model answers nine of ten questions.",
        "“You must answer for what you did,” the mother told the court.",
        "The assistant coach said: we forget nothing.",
        "Prices rose by 5 < 6 percent, and a > b.",
    ],
)
def test_news_about_such_things_is_kept(sentence: str) -> None:
    assert LEFT_OUT not in sanitize(f"It rained on Monday. {sentence} It was dry on Tuesday.")


def test_ids_are_new_for_every_question_and_in_no_text() -> None:
    passages = [passage(f"Text {number}.") for number in range(20)]
    one, other = (build_prompt("Who?", passages, "2024-03-02", max_tokens=4000, count_tokens=words) for _ in range(2))
    assert len(one.passages) == 20
    assert not set(one.passages) & set(other.passages)
    assert all(re.fullmatch(r"[a-z0-9]{6}", id) for id in one.passages)


def test_passages_are_fitted_whole_the_first_ones_first() -> None:
    passages = [passage(" ".join([f"word{number}"] * 100)) for number in range(5)]
    full = build_prompt("Who?", passages, "2024-03-02", max_tokens=4000, count_tokens=words)
    room = words(full.instructions) + words(full.prompt) - 250
    made = build_prompt("Who?", passages, "2024-03-02", max_tokens=room, count_tokens=words)
    assert list(made.passages.values()) == passages[:2]
    assert made.left_out == 3
    assert made.prompt.count("word0") == made.prompt.count("word1") == 100
    assert "word2" not in made.prompt
    assert words(made.instructions) + words(made.prompt) <= room


def test_a_passage_too_long_is_passed_over_not_cut() -> None:
    made = build_prompt(
        "Who?", [passage("long " * 900), passage("Short.")], "2024-03-02", max_tokens=700, count_tokens=words
    )
    assert [one.text for one in made.passages.values()] == ["Short."]


def test_a_window_too_small_is_said() -> None:
    with pytest.raises(LLMError, match="RAG_LLM_CONTEXT_TOKENS"):
        build_prompt("Who?", [passage("word " * 50)], "2024-03-02", max_tokens=100, count_tokens=words)


def test_the_prompt_names_title_publisher_day_question_and_today() -> None:
    made = build_prompt("Wer war\u200b es?", [passage("News.")], "2024-03-02", max_tokens=4000, count_tokens=words)
    assert 'title="A title" publisher="Harbor Review" date="2024-03-01"' in made.prompt
    assert "Today is 2024-03-02." in made.prompt
    assert made.prompt.rstrip().endswith("Wer war es?")
    assert "language of the question" in made.instructions


BRIDGE = "The bridge over the Lune is closed. It will open again on 3 May."
"""A passage of two sentences; the second begins at its 37th character."""


def likely(text: str, start: int, end: int) -> Extract:
    return Extract(passage(text), start, end, Span(start, end, 0.9))


def test_likely_sentences_and_parts_are_shown_beside_the_passages() -> None:
    guidance = Guidance(("When does it open?", "Who pays?"), (likely(BRIDGE, 36, 64),))
    made = build_prompt(
        "When does it open and who pays?",
        [passage(BRIDGE)],
        "2024-03-02",
        max_tokens=4000,
        count_tokens=words,
        guidance=guidance,
    )
    seal = re.search(r"<passages-(\w+)>", made.prompt)
    assert seal is not None
    assert f"<likely-{seal[1]}>\nIt will open again on 3 May. [{next(iter(made.passages))}]\n" in made.prompt
    assert "When does it open?\nWho pays?\n" in made.prompt
    assert made.prompt.rstrip().endswith("When does it open and who pays?")


def test_without_likely_sentences_none_are_announced() -> None:
    made = build_prompt("Who?", [passage(BRIDGE)], "2024-03-02", max_tokens=4000, count_tokens=words)
    assert "likel" not in made.prompt
    assert "taken apart" not in made.prompt


def test_a_likely_sentence_of_a_passage_that_does_not_fit_is_left_out() -> None:
    long = "long " * 900
    made = build_prompt(
        "Who?",
        [passage(long), replace(passage(BRIDGE), article_id="b")],
        "2024-03-02",
        max_tokens=900,
        count_tokens=words,
        guidance=Guidance(likely=(likely(long, 0, 9),)),
    )
    assert [one.text for one in made.passages.values()] == [BRIDGE]
    assert "likely-" not in made.prompt


def test_guidance_counts_among_the_tokens() -> None:
    passages = [passage(" ".join([f"word{number}"] * 100)) for number in range(5)]
    guidance = Guidance(likely=tuple(likely(one.text, 0, 300) for one in passages[:1]))
    room = 750
    made = build_prompt("Who?", passages, "2024-03-02", max_tokens=room, count_tokens=words, guidance=guidance)
    assert made.passages
    assert words(made.instructions) + words(made.prompt) <= room


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_a_poison_is_no_likely_sentence(poison: Poison) -> None:
    whole = tuple(
        likely(poison.text, start, end) for start, end in [*split_sentences(poison.text), (0, len(poison.text))]
    )
    made = build_prompt(
        "Who pays for it?",
        [passage(poison.text)],
        "2024-03-02",
        max_tokens=4000,
        count_tokens=words,
        guidance=Guidance(likely=whole),
    )
    assert poison.attack not in made.prompt


def test_visible_keeps_what_can_be_seen() -> None:
    assert strip_invisible("café “naïve” – 東京 🏴\n\tx") == "café “naïve” – 東京 🏴\n\tx"
