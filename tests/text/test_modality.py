"""As what a sentence gives a value."""

import pytest

from rag.text.modality import find_modality


@pytest.mark.parametrize(
    ("sentence", "value", "modality"),
    [
        ("The Petrel can carry 90 people.", "90", "capacity"),
        ("The hall, which seats 400, was half empty.", "400", "capacity"),
        ("The Petrel carried 71 people on Monday.", "71", "fact"),
        ("The hall was full; it holds 400.", "400", "capacity"),
        ("The hall holds 400; 212 came.", "212", "fact"),
        ("The pier will cost 4 million euros.", "4", "forecast"),
        ("The town expected 3,000 visitors, but 1,200 came.", "3,000", "forecast"),
        ("The town expected 3,000 visitors, but 1,200 came.", "1,200", "fact"),
        ("The pier cost 5 million euros.", "5", "fact"),
    ],
)
def test_as_what_a_value_is_given(sentence: str, value: str, modality: str) -> None:
    assert find_modality(sentence, sentence.index(value)) == modality


def test_a_value_that_begins_before_the_sentence() -> None:
    assert find_modality("It can carry 90; 71 came.", -7) == "capacity"
