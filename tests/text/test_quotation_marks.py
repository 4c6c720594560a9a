"""The quotation marks of every language, each in its place."""

import pytest

from rag.text.quotation_marks import unify_quotation_marks


@pytest.mark.parametrize(
    ("text", "unified"),
    [
        ("„Es regnet“, sagte er.", "“Es regnet”, sagte er."),
        ("»Es regnet«, sagte er. »Ja«, sie.", "“Es regnet”, sagte er. “Ja”, sie."),
        ("« Il pleut », dit-il.", "“ Il pleut ”, dit-il."),
        ("他说「下雨了」。", "他说“下雨了”。"),
        ("‘It’s late,’ said Ida.", "“It’s late,” said Ida."),
        ("'It's late,' said Ida.", "“It's late,” said Ida."),
        ("”Det regnar”, sade hon.", "“Det regnar”, sade hon."),
        ("The dogs’ bowls and the cat’s.", "The dogs’ bowls and the cat’s."),
        ("'Tis the bakers' shop.", "'Tis the bakers' shop."),
        ("“He said ‘go.’ and left,” said Ida.", "“He said ‘go.’ and left,” said Ida."),
        ("“One,” said Ida. “Two,” said Ole.", "“One,” said Ida. “Two,” said Ole."),
    ],
)
def test_marks_are_unified(text: str, unified: str) -> None:
    assert unify_quotation_marks(text) == unified
    assert len(unified) == len(text)
