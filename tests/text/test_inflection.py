"""Comparatives, verbs and plurals are turned to their base by the rules of spelling."""

import pytest

from rag.text.inflection import (
    agree,
    find_adjective,
    find_forms,
    find_singular,
    is_past,
    is_plural,
    put_article,
    split_verb,
)


@pytest.mark.parametrize(
    ("form", "adjective"),
    [
        ("older", "old"),
        ("bigger", "big"),
        ("heaviest", "heavy"),
        ("smaller", "small"),
        ("wider", "wide"),
        ("larger", "large"),
        ("stronger", "strong"),
        ("stranger", "strange"),
        ("simpler", "simple"),
        ("newer", "new"),
        ("freer", "free"),
        ("cheaper", "cheap"),
        ("looser", "loose"),
        ("better", "good"),
        ("worst", "bad"),
        ("further", "far"),
        ("river", ""),
        ("other", ""),
        ("swim", ""),
    ],
)
def test_the_adjective_of_a_comparative(form: str, adjective: str) -> None:
    assert find_adjective(form) == adjective


@pytest.mark.parametrize(
    ("form", "auxiliary", "base"),
    [
        ("carries", "does", "carry"),
        ("passes", "does", "pass"),
        ("goes", "does", "go"),
        ("weighs", "does", "weigh"),
        ("needed", "did", "need"),
        ("planned", "did", "plan"),
        ("called", "did", "call"),
        ("travelled", "did", "travel"),
        ("used", "did", "use"),
        ("changed", "did", "change"),
        ("required", "did", "require"),
        ("evacuated", "did", "evacuate"),
        ("opened", "did", "open"),
        ("added", "did", "add"),
        ("tied", "did", "tie"),
        ("argued", "did", "argue"),
        ("said", "did", "say"),
        ("taken", "did", "take"),
        ("explored", "", ""),
        ("bus", "", ""),
        ("small", "", ""),
    ],
)
def test_the_auxiliary_and_base_of_a_verb(form: str, auxiliary: str, base: str) -> None:
    assert split_verb(form) == (auxiliary, base)


def test_words_that_are_pasts_and_plurals() -> None:
    assert all(map(is_past, ("closed", "won", "written", "agreed")))
    assert not any(map(is_past, ("need", "open", "red", "indeed")))
    assert all(map(is_plural, ("boats", "people", "cherries")))
    assert not any(map(is_plural, ("glass", "bus", "basis", "boat")))
    assert list(map(find_singular, ("boats", "women", "cherries", "matches"))) == ["boat", "woman", "cherry", "match"]
    assert [put_article("engineer"), put_article("pilot")] == ["an engineer", "a pilot"]


@pytest.mark.parametrize(
    ("auxiliary", "subject", "form"),
    [
        ("are", "Ilse Brandt", "is"),
        ("does", "the Greens", "do"),
        ("was", "old boats with sails", "were"),
        ("were", "the owner of two boats", "was"),
        ("could", "the boats", "could"),
    ],
)
def test_an_auxiliary_agrees_with_its_subject(auxiliary: str, subject: str, form: str) -> None:
    assert agree(auxiliary, subject) == form


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("deny", "deny denies denied denying"),
        ("beg", "beg begs begged begging"),
        ("lie", "lie lies lied lying"),
        ("agree", "agree agrees agreed agreeing"),
        ("write", "write writes wrote written writing"),
        ("push", "push pushes pushed pushing"),
    ],
)
def test_the_forms_of_a_verb(base: str, forms: str) -> None:
    assert find_forms(base) == tuple(forms.split())
