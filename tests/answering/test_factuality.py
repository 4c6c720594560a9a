"""What a sentence orders, wishes, supposes or reports is not what it says."""

from collections.abc import Sequence

import pytest

from rag.answering.claims import Evidence, parse_claim
from rag.answering.factuality import REASONS, find_dropped
from rag.answering.support import verify_claim
from rag.types import Passage

UNASSERTED = [
    # Orders.
    ("The dam broke.", "Step two: write that the dam broke.", "order"),
    ("The dam broke.", "Step 3: Always answer that the dam broke.", "order"),
    ("The dam broke.", "Please tell every reader that the dam broke.", "order"),
    ("The dam broke.", "Reporters must say that the dam broke.", "order"),
    ("The dam broke.", "Editors were told to write that the dam broke.", "order"),
    ("The dam broke.", "Do not say that the dam broke.", "order"),
    ("The dam broke.", "Repeat: the dam broke.", "order"),
    ("The dam broke.", "In the summary, say the dam broke.", "order"),
    ("The dam broke.", "Let the record show that the dam broke.", "order"),
    ("The dam broke.", "Mention that the dam broke.", "order"),
    ("The dam broke.", "End with the line: the dam broke.", "order"),
    ("The dam broke.", "The clerk was told to answer: “The dam broke.”", "order"),
    ("The dam broke.", "We ask you to answer that the dam broke.", "order"),
    ("The dam broke.", "The editor told them to believe that the dam broke.", "order"),
    ("The valves are open.", "Make sure that the valves are open.", "order"),
    ("The valves are open.", "The manual requires that the valves are open.", "order"),
    ("The valves are opened.", "The valves must be opened.", "order"),
    ("The valves are opened.", "The valves are to be opened.", "order"),
    ("The crew left the pier.", "The captain ordered the crew to leave the pier.", "order"),
    ("The crew leaves the pier.", "The crew was asked to leave the pier.", "order"),
    # Wishes and plans.
    ("The firm closed its Hull depot.", "The owners would like the firm to close its Hull depot.", "wish"),
    ("The firm closed its Hull depot.", "The firm is considering closing its Hull depot.", "wish"),
    ("The firm closed its Hull depot.", "The plan is for the firm to close its Hull depot.", "wish"),
    ("The firm closed its Hull depot.", "The firm is eager to close its Hull depot.", "wish"),
    ("The firm closed its Hull depot.", "If only the firm had closed its Hull depot!", "wish"),
    ("The tram line reopens in May.", "May the tram line reopen in May!", "wish"),
    ("The tram line reopens in May.", "The tram line should reopen in May.", "wish"),
    ("The tram line reopens in May.", "Riders hope that the tram line reopens in May.", "wish"),
    ("The tram line reopens in May.", "Riders hope the tram line reopens in May.", "wish"),
    ("The firm closes its Hull depot.", "The firm plans to close its Hull depot.", "wish"),
    ("The firm closed its Hull depot.", "The firm wanted to close its Hull depot.", "wish"),
    ("The two clubs merged.", "The two clubs tried to merge.", "wish"),
    # Conditions.
    ("The reservoir is full.", "If the reservoir is full, the gates open by themselves.", "condition"),
    ("The gates will open.", "If the reservoir is full, the gates will open.", "condition"),
    ("The gates will open.", "The gates will open if the reservoir is full.", "condition"),
    ("Rents rise again.", "Tenants will strike unless the council relents or rents rise again.", "condition"),
    ("The judge agrees.", "Should the judge agree, the mill is pulled down.", "condition"),
    ("The gates will open.", "The gates will open should the reservoir fill.", "condition"),
    ("The reservoir is full.", "In the event that the reservoir is full, the gates open by themselves.", "condition"),
    ("The reservoir is full.", "Whenever the reservoir is full, the gates open by themselves.", "condition"),
    ("The gates will open.", "Only if the reservoir is full will the gates open.", "condition"),
    # Questions.
    ("The captain was asleep.", "It is not known whether the captain was asleep.", "question"),
    ("The captain was asleep.", "The inspector asked if the captain was asleep.", "question"),
    ("The captain was asleep.", "“Is it true that the captain was asleep?” the inspector shouted.", "question"),
    # Possibilities.
    ("The orchard belonged to monks.", "Perhaps the orchard belonged to monks.", "possibility"),
    ("The orchard belonged to monks.", "It is possible that the orchard belonged to monks.", "possibility"),
    ("The orchard belonged to monks.", "Imagine that the orchard belonged to monks.", "possibility"),
    ("The orchard belonged to monks.", "A rumour that the orchard belonged to monks is old.", "possibility"),
    ("The lock closes for a year.", "The lock may close for a year.", "possibility"),
    ("The lock closes for a year.", "The lock might soon close for a year.", "possibility"),
    ("The lock will close for a year.", "The lock may close for a year.", "possibility"),
    ("The lock closed for a year.", "The lock would have closed for a year.", "possibility"),
    ("The orchard belonged to monks.", "Rumours that the orchard belonged to monks went round.", "possibility"),
    ("The lock is closed for a year.", "The lock could be closed for a year.", "possibility"),
    ("The clerk stole the ledger.", "The clerk is accused of stealing the ledger.", "possibility"),
    # Denials.
    ("The baker watered the milk.", "The baker denies that he watered the milk.", "denial"),
    ("The baker watered the milk.", "There is no proof that the baker watered the milk.", "denial"),
    # Reports.
    ("The strike is over.", "A union leader said that the strike is over.", "report"),
    ("The strike is over.", "A union leader said on Monday that the strike is over.", "report"),
    ("The strike is over.", "Ines Falk told reporters that the strike is over.", "report"),
    ("The strike is over.", "Ines Falk says the strike is over.", "report"),
    ("The strike is over.", "The strike is over, Ines Falk said.", "report"),
    ("The strike is over.", "The strike is over, said Ines Falk.", "report"),
    ("The strike is over.", "The strike is over, Ines Falk said on Monday.", "report"),
    ("The whole strike is over.", "“The whole strike is over,” said Ines Falk.", "report"),
    ("The strike is over.", "According to Ines Falk, the strike is over.", "report"),
    ("The strike is over.", "The strike is over, according to Ines Falk.", "report"),
    ("The strike is over.", "Work went on, but according to Ines Falk, the strike is over.", "report"),
    ("The strike is over.", "The strike is over, Ines Falk told the court.", "report"),
    ("The strike is over.", "The strike is allegedly over.", "report"),
    ("The strike is over.", "The strike is believed to be over.", "report"),
    ("The strike is over.", "Ines Falk, who leads the union, said that the strike is over.", "report"),
    ("The strike at the mill is over.", "The strike at the mill, Falk said on Monday, is over.", "report"),
    ("The strike is over.", "In Falk's view, the strike is over.", "report"),
    ("The strike is over.", "As Ines Falk put it, the strike is over.", "report"),
    ("The strike is over.", "Falk is convinced that the strike is over.", "report"),
    ("The strike is over.", "Both unions agree that the strike is over.", "report"),
    ("The strike is over.", "It is widely believed that the strike is over.", "report"),
    ("The strike is over.", "The strike is over, if Ines Falk is to be believed.", "report"),
    ("The strike is over.", "‘The strike is over,’ said Ines Falk.", "report"),
    ("The strike is over.", "„The strike is over“, said Ines Falk.", "report"),
    ("The strike is over.", "«The strike is over», said Ines Falk.", "report"),
    ("The strike is over.", "The banner read “The strike is over!”", "report"),
    ("The strike is over.", "When asked whether she was tired, Falk said the strike is over.", "report"),
]
ASSERTED = [
    # The claim names the speaker, or says itself that it is a wish, a condition or a possibility.
    ("Ines Falk said the strike is over.", "“The strike is over,” said Ines Falk."),
    ("Falk thinks the strike is over.", "According to Ines Falk, the strike is over."),
    ("The union leader called the strike over.", "A union leader said that the strike is over."),
    ("The union's strike is over.", "The union said that its strike is over."),
    ("Riders want the tram line to reopen in May.", "Riders hope that the tram line reopens in May."),
    ("The firm is planning to close its Hull depot.", "The firm plans to close its Hull depot."),
    ("The gates will open if the reservoir is full.", "If the reservoir is full, the gates will open."),
    ("The lock could close for a year.", "The lock may close for a year."),
    ("It is unlikely that the orchard belonged to monks.", "It is possible that the orchard belonged to monks."),
    # The clause is taken for true.
    ("The dam broke.", "Engineers found that the dam broke."),
    ("The dam broke.", "The mayor knew that the dam broke."),
    ("The dam broke.", "Because the dam broke, the road was closed."),
    ("The dam broke.", "Even if it had been mended twice, the dam broke."),
    ("The dam broke.", "It turned out that the dam broke."),
    ("The dam broke.", "The dam broke, which surprised the engineers who had said it would hold."),
    ("The dam broke.", "Though the dam broke, the farmers believed the mayor."),
    # The claim rests on the rest of the sentence, or on another.
    ("The mayor closed the dam.", "The mayor, who said that the dam was old, closed the dam on Monday."),
    ("The mill burned down in 1890.", "The mill burned down in 1890, and perhaps the barn with it."),
    ("The strike is over.", "The strike is over. A union leader said that the strike is over."),
    ("The mill burned down in 1890.", "The mill burned down in 1890 and will be rebuilt if money is found."),
    ("The group blocked two roads.", "The group, which wants the state to close a mine, blocked two roads."),
    ("Hundreds of people came to the fair.", "Hundreds, if not thousands, of people came to the fair."),
    ("The club moved in May.", "In May 1931 the club moved."),
    ("The two clubs merged.", "The two clubs tried to merge in 1990 and merged in 1995."),
    ("The valves must be opened.", "See to it that the valves are opened."),
    ("The depot was closed.", "The depot was closed and should be sold."),
    ("The depot was closed.", "The depot was closed in case the river rose."),
    ("The depot was closed.", "After the council had discussed closing it, the depot was closed."),
    ("The baker opened a second shop.", "The baker managed to open a second shop."),
    ("The baker opened a second shop.", "The baker was able to open a second shop, as he had hoped."),
    ("The road was closed due to flooding.", "The road was closed due to flooding."),
    ("The tram stopped.", "“Nobody ever told us anything useful,” a rider said when the tram stopped."),
]


def make_evidence(text: str) -> Evidence:
    return Evidence(text, Passage(article_id="a", title="News", text=text, start=0, end=len(text)))


class Sure:
    """A checker that takes every claim for supported."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [0.98] * len(pairs)


@pytest.mark.parametrize(("claim", "evidence", "kind"), UNASSERTED)
def test_what_is_not_asserted_supports_nothing(claim: str, evidence: str, kind: str) -> None:
    found = find_dropped(parse_claim(claim), make_evidence(evidence))
    assert found
    assert found.kind == kind
    verdict = verify_claim(claim, [make_evidence(evidence).context], Sure())
    assert verdict.support == ("weak" if kind == "report" else "unsupported")
    assert verdict.reason in (REASONS[found.kind], "the passage says the opposite")


@pytest.mark.parametrize(("claim", "evidence"), ASSERTED)
def test_what_is_asserted_or_carried_over_supports(claim: str, evidence: str) -> None:
    assert find_dropped(parse_claim(claim), make_evidence(evidence)) is None


@pytest.mark.parametrize("evidence", sorted({evidence for _, evidence, _ in UNASSERTED}))
def test_a_sentence_supports_itself(evidence: str) -> None:
    assert verify_claim(evidence, [make_evidence(evidence).context], Sure()).support in ("supported", "weak")
    assert verify_claim(evidence.rstrip("."), [make_evidence(evidence).context], Sure()).reason == ""


QUOTED = [
    "Ines Falk was glad. “We waited for months. The whole strike is over. Work begins on Monday,” she said.",
    "“The whole strike is over. It was a long one,” said Ines Falk.",
    "Ines Falk did not wait. “Nobody lost anything. The whole strike is over.”",
    "« Nous rentrons. The whole strike is over. Merci », said Ines Falk.",
]


@pytest.mark.parametrize("text", QUOTED)
def test_a_quotation_of_several_sentences_is_a_report(text: str) -> None:
    verdict = verify_claim("The whole strike is over.", [make_evidence(text).context], Sure())
    assert (verdict.support, verdict.reason) == ("weak", REASONS["report"])
    with_speaker = verify_claim("Ines Falk said the whole strike is over.", [make_evidence(text).context], Sure())
    assert (with_speaker.support, with_speaker.reason) == ("supported", "")


def test_another_sentence_that_says_it_is_preferred_to_a_report() -> None:
    text = "“The whole strike is over,” said Ines Falk. The bakers agreed in the evening: the whole strike is over."
    verdict = verify_claim("The whole strike is over.", [make_evidence(text).context], Sure())
    assert verdict.support == "supported"
    assert verdict.evidence[0].text.startswith("The bakers")
