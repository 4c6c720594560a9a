"""Who did what, what is only said or ordered, and which claims are kept from training."""

import random

import pytest

from rag.models.reader.packaged import FOLDER
from train.claims import Claim, looks
from train.data import Example
from train.framing import make_frame
from train.roles import find_agents, make_passive, make_scene
from train.support import load_model, scores
from train.support_data import draw_claims, is_held_out, name_part, sample_parts, split_claims

HARBOUR = (
    "The pilot had warned the harbour master before noon. Mira Toll invited Captain Joren Ask in the spring of 1911. "
    "The engineer praised the young mason after the flood. The old crane was sold to a yard in the north. "
    "The bailiff visited Mira Toll. The keeper said little, and the mason was paid by Joren Ask."
)
EXAMPLE = Example("", "", HARBOUR)
POOL = looks([HARBOUR])
AGENTS = find_agents([HARBOUR])


def test_agents_are_those_of_the_texts() -> None:
    assert {"the pilot", "the engineer", "the bailiff", "the keeper"} <= set(AGENTS)
    assert "Mira Toll" in AGENTS


@pytest.mark.parametrize("seed", range(40))
def test_a_scene_has_as_many_claims_that_hold_as_ones_that_do_not(seed: int) -> None:
    claims = make_scene(EXAMPLE, AGENTS, random.Random(seed))
    assert sum(one.supported for one in claims) * 2 == len(claims)
    assert len({one.evidence for one in claims}) <= 1
    assert not {one.text for one in claims if one.supported} & {one.text for one in claims if not one.supported}


def test_a_passive_turns_who_and_whom() -> None:
    made = [one for seed in range(30) for one in make_passive(EXAMPLE, random.Random(seed))]
    assert any(one.supported and "was praised by the engineer" in one.text for one in made)
    assert any(not one.supported and "was praised by the young mason" in one.text for one in made)


def test_a_framed_sentence_is_not_what_it_says() -> None:
    for seed in range(60):
        for one in make_frame(EXAMPLE, random.Random(seed), POOL):
            bare = one.text.strip(".") in HARBOUR and one.text in one.evidence.split(". ")
            assert one.supported or not bare


def test_a_report_holds_with_its_speaker_alone() -> None:
    made = [make_frame(EXAMPLE, random.Random(seed), POOL) for seed in range(60)]
    reports = [claims for claims in made if claims and claims[0].kind == "reported"]
    assert reports
    for without, with_speaker, with_other, asserted in reports:
        assert (without.supported, with_speaker.supported, with_other.supported) == (False, True, False)
        assert without.evidence == with_speaker.evidence == with_other.evidence != asserted.evidence
        assert with_speaker.text != with_other.text


def test_the_split_is_by_evidence_and_always_the_same() -> None:
    claims = [Claim(f"Claim {i}.", f"Text {i // 2}.", supported=True, kind="hans ln_passive") for i in range(400)]
    shown, kept = split_claims(claims)
    assert {one.evidence for one in shown} & {one.evidence for one in kept} == set()
    assert 60 < len(kept) < 140
    assert (shown, kept) == split_claims(claims)
    assert is_held_out(kept[0])


def test_no_kept_claim_is_shown_beside_another_text() -> None:
    claims = [Claim("The same.", f"Text {i}.", supported=True, kind="fm2_dev") for i in range(60)]
    shown, kept = split_claims(claims)
    assert kept
    assert shown == []


def test_sources_are_drawn_by_the_longest_name_that_fits() -> None:
    claims = [Claim(f"{i}", "", supported=True, kind=kind) for kind in ("fever_x", "fever_nli") for i in range(20)]
    drawn = draw_claims(claims, {"fever": 1.5, "fever_nli": 0.0}, random.Random(1))
    assert [one.kind for one in drawn] == ["fever_x"] * 30


def test_parts_are_named_and_bounded() -> None:
    claims = [Claim(f"{i}", "", supported=True, kind="wice_oracle" if i % 2 else "other") for i in range(40)]
    assert {name_part(one) for one in claims} == {"wice", "other"}
    assert len(sample_parts(claims, 5, random.Random(1))) == 10


def test_the_model_in_the_package_can_be_trained_on() -> None:
    claims = [
        Claim("The mason was paid.", "Joren Ask paid the mason.", supported=True, kind=""),
        Claim("The crane sank.", "Joren Ask paid the mason.", supported=False, kind=""),
    ]
    model = load_model(FOLDER / "support.onnx")
    supported, other = scores(model, claims, "cpu")
    assert supported > 0 > other
