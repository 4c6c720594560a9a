"""A report holds of the one who speaks, and of nobody else."""

from collections.abc import Sequence

import pytest

from rag.answering.support import verify_claim
from rag.types import Passage

SAME = [
    ("Mara Quill said the well is dry.", "“The well is dry,” said Mara Quill."),
    ("According to Mara Quill, the well is dry.", "Mara Quill, a farmer, warned that the well is dry."),
    ("Quill said that the well is dry.", "Mara Quill spoke first. She said that the well is dry."),
    ("The farmer said the well is dry.", "The farmer, Mara Quill, said the well is dry."),
    ("“The well is dry,” said Mara Quill.", "The well is dry, Mara Quill told the council."),
]
OTHER = [
    ("Otto Brandt said the well is dry.", "“The well is dry,” Mara Quill told Otto Brandt."),
    ("Otto Brandt said the well is dry.", "Mara Quill, who knows Otto Brandt, said that the well is dry."),
    ("According to Otto Brandt, the well is dry.", "According to Mara Quill, the well is dry."),
    ("Otto Brandt warned that the well is dry.", "Mara Quill warned that the well is dry, as Otto Brandt knew."),
]


class Sure:
    """A checker that takes every claim for supported, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [0.98] * len(pairs)


def make_passage(text: str) -> Passage:
    return Passage(article_id="a", title="The well", text=text, start=0, end=len(text))


@pytest.mark.parametrize(("claim", "text"), SAME)
def test_a_report_is_supported_with_its_speaker(claim: str, text: str) -> None:
    verdict = verify_claim(claim, [make_passage(text)], Sure())
    assert (verdict.support, verdict.reason) == ("supported", "")


def test_what_both_have_the_same_one_say_is_judged_by_itself() -> None:
    checker = Sure()
    verify_claim("Quill said the well is dry.", [make_passage("“The well is dry,” said Mara Quill.")], checker)
    assert checker.asked == [("the well is dry", "The well is dry,")]


@pytest.mark.parametrize(("claim", "text"), OTHER)
def test_a_report_of_somebody_else_supports_nothing(claim: str, text: str) -> None:
    verdict = verify_claim(claim, [make_passage(text)], Sure())
    assert verdict.support == "unsupported"
    assert verdict.reason.startswith(
        ("the passage has Mara Quill say this, not Otto", "the passage names Mara Quill, not")
    )
