"""Claims made by rule say what their label says."""

import random
import re

import pytest

from train.claims import KINDS, Claim, looks, make_pair, overlap, tidy
from train.data import Example
from train.rewording import reword, statement

HARBOUR = (
    "The old harbour of Velmouth was built in 1712 by the engineer Tobias Renn. In 1845, the town opened 34 new "
    "warehouses along the quay. However, the council of Port Laney did not support the plan, which cost 12,500 crowns. "
    "On 3 March 1902, Mayor Edda Krohn invited Captain Ivo Sand to the reopening (a quiet ceremony). Many fishermen "
    "in Velmouth had already moved to Port Laney before the railway came. The museum may move to a larger hall."
)
LAKE = (
    "Three villages stand on the western shore of Lake Orrin. Marla Quist founded a school there in 1931 with five "
    "pupils. Marla Quist taught Hanno Breck for three years. The largest village said in May 2004 that it would buy "
    "the ferry from Hanno Breck. Hanno Breck wrote two books about the lake. Some of the farms near Lake Orrin are "
    "open to visitors in summer."
)
EXAMPLES = [Example("Who wrote two books about the lake?", "", LAKE, LAKE.rindex("Hanno"), LAKE.rindex("Hanno") + 11)]
EXAMPLES += [Example("", "", text) for text in (HARBOUR, LAKE)]
POOL = looks([HARBOUR, LAKE])


def made(kind: str, seed: int = 0, rounds: int = 40) -> list[list[Claim]]:
    rng = random.Random(seed)
    pairs = [make_pair(example, kind, rng, POOL) for _ in range(rounds) for example in EXAMPLES]
    return [pair for pair in pairs if pair]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_and_balanced(kind):
    pairs = made(kind)
    assert pairs
    for supported, other in pairs:
        assert supported.supported and not other.supported
        assert supported.kind == other.kind == kind
        assert (supported.text, supported.evidence) != (other.text, other.evidence)


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_makes_the_same_claims(kind):
    assert made(kind, 7, 5) == made(kind, 7, 5)


@pytest.mark.parametrize("kind", ["figure", "date"])
def test_a_changed_figure_differs_from_the_one_in_the_text(kind):
    for supported, other in made(kind):
        assert supported.text != other.text
        assert len(supported.text.split()) == len(other.text.split())


def test_either_sentence_may_stand_in_the_text():
    evidence = [supported.evidence for supported, _ in made("negation")]
    assert any(text in HARBOUR or text in LAKE for text in evidence)
    assert any(text not in HARBOUR and text not in LAKE for text in evidence)


def test_a_changed_name_is_not_in_the_sentence_it_contradicts():
    for supported, other in made("name"):
        new = set(re.findall(r"[A-Z]\w+", other.text)) - set(re.findall(r"[A-Z]\w+", supported.text))
        assert new


def test_removed_evidence_lacks_the_sentence_and_keeps_its_neighbours():
    for supported, other in made("removed"):
        assert supported.text == other.text
        assert 0 < len(other.evidence) < len(supported.evidence)
        assert overlap(other.text, other.evidence) <= 0.8
        assert supported.text not in other.evidence
        assert all(part in supported.evidence for part in re.findall(r"[^.]+\.", other.evidence))


def test_rewording_keeps_names_and_figures():
    text = "The Brenn bridge, which opened in 1933, is 120 metres long and was designed by Ada Holt."
    for seed in range(60):
        first, second = reword(text, text, random.Random(seed))
        assert first == second
        assert {"Brenn", "120", "Ada", "Holt"} <= set(re.findall(r"\w+", first))


def test_rewording_never_hides_the_difference():
    text = "In 1933, the Brenn bridge was opened by Ada Holt (a pilot), who was 41, although it rained."
    for old, new in (("1933", "1935"), ("a pilot", "a nurse"), ("41", "47"), ("rained", "snowed"), ("was", "was not")):
        for seed in range(40):
            first, second = reword(text, text.replace(old, new, 1), random.Random(seed))
            assert first != second


def test_rewording_writes_figures_and_dates_in_other_ways():
    text = "On January 5, 2012 the club sold 1,000 tickets to five schools."
    seen = " ".join(reword(text, text, random.Random(seed))[0] for seed in range(60))
    assert all(form in seen for form in ("5 January 2012", "1000 tickets", "5 schools", "1,000 tickets"))


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Who wrote the Velm songs?", "Ada Holt", "Ada Holt wrote the Velm songs."),
        ("When was the tower built?", "1901", "The tower was built in 1901."),
        ("when did the ferry leave the town", "May 3, 1950", "The ferry left the town on May 3, 1950."),
        ("What is the name of the ferry?", "Gull", "The name of the ferry is Gull."),
        ("Who did Ada Holt marry?", "Ivo Sand", None),
        ("When was the tower built?", "long ago", None),
        ("Why was the tower built?", "1901", None),
    ],
)
def test_only_safe_questions_become_statements(question, answer, said):
    assert statement(question, answer) == said


def test_marks_set_apart_are_put_back():
    assert (
        tidy("`` Gull '' , Ada Holt 's ship ( 1901 ) , was n't lost .")
        == "\"Gull\", Ada Holt's ship (1901), wasn't lost."
    )
