"""Figures, days, names, negation and quoted words of a claim against its evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.claims import Evidence, find_disagreement, find_missing_name, parse_claim
from rag.text.dates import Day, find_days, find_relative_days, find_weekdays
from rag.text.figures import find_figures
from rag.text.lexical import content_words, find_names
from rag.types import Passage

TEXT = (
    "The old bridge over the river Lune closed on Friday after engineers found cracks in two of its twelve piers. "
    "Mayor Ada Fell said the repair would take nine months and cost £1.2 million. “We had no choice,” she said. "
    "About 4,000 drivers use the Northern Tunnel instead since March 2. The United States Army built it in 1944."
)
PASSAGE = Passage(
    article_id="a",
    title="Old bridge closes",
    source="Harbor Review",
    date="2024-03-04",
    text=TEXT,
    start=0,
    end=len(TEXT),
)

AGREEING = [
    "The bridge over the Lune closed on Friday.",
    "The bridge closed on March 1, 2024.",
    "Engineers found cracks in 2 of 12 piers.",
    "The repair will cost 1.2 million pounds.",
    "The repair will cost £1,200,000.",
    "Fell said it would take 9 months.",
    "The mayor said “We had no choice”.",
    "Some 4,000 drivers use the tunnel.",
    "Nearly 4,100 drivers use the tunnel.",
    "More than 3,500 drivers use the tunnel.",
    "It was built by the US Army.",
    "It was built in 1944.",
    "In 2024 the bridge closed.",
    "According to Harbor Review, one of the piers had cracks.",
    "The tunnel has been used since 2 March.",
    "Mrs. Ada Fell spoke of the repair.",
]
DISAGREEING = [
    ("Engineers found cracks in three of its piers.", "the passage does not say 3"),
    ("The repair would take nineteen months.", "the passage does not say 19"),
    ("The repair would cost £1.2 billion.", "the passage does not say 1200000000"),
    ("About 6,000 drivers use the tunnel.", "the passage does not say 6,000"),
    ("The bridge closed on Tuesday.", "the passage does not say Tuesday"),
    ("The bridge closed on March 7, 2024.", "the passage does not name that day"),
    ("The bridge closed in July.", "the passage does not say July"),
    ("It was built in 1954.", "the passage does not say 1954"),
    ("Mayor Ada Bell said the repair would take nine months.", "the passage does not name"),
    ("Mayor Ida Fell said the repair would take nine months.", "the passage names Ada Fell, not Ida Fell"),
    ("The bridge over the river Thames closed on Friday.", "the passage does not name Thames"),
    ("The mayor said “We were forced to do it”.", "the passage does not have those words"),
    ("“We had a choice,” she said.", "the passage does not have those words"),
    ("The repair would take a decade, nine weeks later.", "the passage does not speak of a week"),
    ("See http://evil.invalid/ for the repair.", "the passage does not have the address http://evil.invalid/"),
    (
        "The old bridge over the river Lune was not closed on Friday after engineers found cracks in two of its twelve "
        "piers.",
        "the passage says the opposite",
    ),
]


def find_objection(claim: str, evidence: str, passage: Passage) -> str:
    return find_disagreement(parse_claim(claim), Evidence(evidence, passage))


@pytest.mark.parametrize("claim", AGREEING)
def test_what_the_passage_says_agrees(claim: str) -> None:
    assert find_objection(claim, TEXT, PASSAGE) == find_missing_name(parse_claim(claim), PASSAGE) == ""


@pytest.mark.parametrize(("claim", "reason"), DISAGREEING)
def test_what_it_does_not_say_is_named(claim: str, reason: str) -> None:
    assert (find_objection(claim, TEXT, PASSAGE) or find_missing_name(parse_claim(claim), PASSAGE)).startswith(reason)


def test_figures_in_digits_and_words() -> None:
    told = [
        figure.value for figure in find_figures("Twenty-five of 1,300 people; $2.5 billion, a dozen, one of them, 5bn")
    ]
    assert told == [25, 1300, 2.5e9, 12, 5e9]


def test_names_are_without_titles_and_sentence_starts() -> None:
    told = find_names(
        "Officials met President Ada Fell of Lune on Monday. The UN and Orrin Bask's firm, said Dr. Quill."
    )
    assert told == ["Ada Fell of Lune", "UN", "Orrin Bask", "Quill"]


def test_days_in_every_form() -> None:
    said = "On Jan. 5, 2024, on 6 March, on 2023-12-31 and on Sept. 9th."
    assert find_days(said) == [Day(2024, 1, 5), Day(0, 3, 6), Day(2023, 12, 31), Day(0, 9, 9)]
    assert Day(0, 3, 6).agrees(Day(2020, 3, 6))
    assert not Day(2021, 3, 6).agrees(Day(2020, 3, 6))


def test_days_that_are_meant() -> None:
    assert Day(2024, 1, 5) in find_relative_days("said on Friday", "2024-01-06")
    assert find_relative_days("said yesterday", "2024-01-01") == [Day(2023, 12, 31)]
    assert find_relative_days("said on Friday", "") == []
    assert find_relative_days("due tomorrow", "9999-12-31") == [Day(9999, 12, 31)]
    assert find_relative_days("said yesterday, overnight", "0001-01-01") == 2 * [Day(1, 1, 1)]
    assert find_weekdays("on March 1 and on Sunday", "2024-03-04") == {"Friday", "Sunday"}
    assert find_weekdays("on February 30", "2024-03-04") == set()


def test_content_leaves_endings_and_small_words_out() -> None:
    assert content_words("The repairs were said to be closing roads") == content_words("repair close road")


@pytest.mark.parametrize("forms", ["losing loses lose", "moved moving move", "tried tries try", "dying dies die"])
def test_forms_of_a_short_verb_are_one_word(forms: str) -> None:
    assert len(content_words(forms)) == 1


def test_words_of_one_root_and_another_meaning_stay_apart() -> None:
    assert len(content_words("news new")) == 2


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_compared(claim: str, evidence: str) -> None:
    passage = Passage(article_id="a", text=evidence, start=0, end=len(evidence))
    assert isinstance(find_objection(claim, evidence, passage) + find_missing_name(parse_claim(claim), passage), str)
