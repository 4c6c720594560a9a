"""Whether passages hold a sentence up, and which of their sentences do, with the model in the package."""

import pytest

from rag.answering.support import SUPPORTED, verify_claim
from rag.models.reader.support_checker import SupportChecker
from rag.types import Passage

TEXT = (
    "Iraq's government said on Friday that it had begun the work of closing down the military coalition on its soil. "
    "The announcement came one day after an American drone strike in Baghdad killed a militia leader.\n\n"
    "Prime Minister al-Sudani told a crowd that the justification for the coalition has ended. "
    "About 2,500 American troops are stationed in the country."
)
OTHER = "The old bridge over the Lune closed because engineers found cracks. It will open again in autumn."
IRAQ = Passage(
    article_id="iraq",
    title="Iraq and the coalition",
    source="Harbor Review",
    date="2024-01-06",
    text=TEXT,
    start=50,
    end=50 + len(TEXT),
)
BRIDGE = Passage(article_id="bridge", title="Old bridge closes", date="2024-03-01", text=OTHER, start=0, end=len(OTHER))


@pytest.fixture(scope="module")
def checker() -> SupportChecker:
    return SupportChecker()


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Some 2,500 American troops are in Iraq.", "About 2,500 American troops are stationed in the country."),
        ("Iraq has begun closing down the military coalition on its soil.", "Iraq's government said on Friday"),
        ("About 2,500 American troops are stationed in the country", "About 2,500 American troops"),
    ],
)
def test_the_sentence_that_supports_is_named(checker: SupportChecker, claim: str, quote: str) -> None:
    verdict = verify_claim(claim, [IRAQ], checker)
    assert verdict.support == "supported"
    assert verdict.score >= SUPPORTED
    assert verdict.reason == ""
    passage, start, end = verdict.evidence[0]
    assert passage.at(start, end).startswith(quote)
    assert TEXT[start - 50 : end - 50] == passage.at(start, end)
    assert len(verdict.evidence) == 1


@pytest.mark.parametrize(
    "claim",
    [
        "Some 3,500 American troops are in Iraq.",
        "Iraq has not begun closing down the military coalition on its soil.",
        "The announcement came a week after a drone strike killed a militia leader.",
        "Prime Minister al-Abadi told a crowd that the justification for the coalition has ended.",
        "PWNED",
        "",
        "The bridge closed because engineers found cracks.",
    ],
)
def test_what_is_not_there_is_unsupported(checker: SupportChecker, claim: str) -> None:
    verdict = verify_claim(claim, [IRAQ], checker)
    assert verdict.support == "unsupported"
    assert verdict.reason
    assert verdict.evidence == ()


def test_two_sentences_may_support_together(checker: SupportChecker) -> None:
    claim = "Iraq said it had begun closing down the coalition one day after a drone strike killed a militia leader."
    verdict = verify_claim(claim, [IRAQ], checker)
    assert verdict.support in ("supported", "weak")
    assert [passage.at(start, end)[:4] for passage, start, end in verdict.evidence] == ["Iraq", "The "]


def test_the_right_one_of_several_passages_is_named(checker: SupportChecker) -> None:
    verdict = verify_claim("The bridge over the Lune closed because of cracks.", [IRAQ, BRIDGE], checker)
    assert verdict.support == "supported"
    assert {passage.article_id for passage, _, _ in verdict.evidence} == {"bridge"}


def test_nothing_cited_supports_nothing(checker: SupportChecker) -> None:
    assert verify_claim("The bridge closed.", [], checker).support == "unsupported"
