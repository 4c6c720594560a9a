"""Who did something and to whom it was done may not change places."""

import pytest

from rag.answering.roles import exchanges_roles

EXCHANGED = [
    ("The tailor robbed the sailor.", "The sailor robbed the tailor."),
    ("The tailor robbed the sailor.", "The tailor was robbed by the sailor."),
    ("The sailor was robbed by the tailor.", "The sailor robbed the tailor on Monday."),
    ("Ilse Varn beat Tomas Holt.", "In the final, Tomas Holt beat Ilse Varn."),
    ("Ilse Varn beat Tomas Holt.", "It was Tomas Holt who beat Ilse Varn."),
    ("Norvik bought Sundal in 1990.", "Sundal bought Norvik in 1990."),
    ("Norvik lent money to Sundal.", "Sundal lent money to Norvik."),
    ("The wolf chased the shepherd.", "The shepherd quickly chased the wolf away."),
]
KEPT = [
    ("The tailor robbed the sailor.", "The sailor was robbed by the tailor."),
    ("The sailor was robbed by the tailor.", "The tailor robbed the sailor."),
    ("The tailor robbed the sailor on Monday.", "On Monday the tailor robbed the sailor."),
    ("The tailor robbed the sailor.", "The sailor robbed the tailor, and the tailor robbed the sailor."),
    ("Ilse Varn met Tomas Holt.", "Tomas Holt met Ilse Varn."),
    ("Ilse Varn married Tomas Holt.", "Tomas Holt married Ilse Varn."),
    ("Norvik bought Sundal.", "Sundal sold itself to Norvik."),
    ("The council sold the mill in May.", "In May the mill was sold by the council."),
    ("The council sold the mill.", "The mill was sold."),
    ("The mayor of Lund praised the firm.", "The firm was praised by Lund's mayor."),
]


@pytest.mark.parametrize(("claim", "sentence"), EXCHANGED)
def test_exchanged_roles_are_found(claim: str, sentence: str) -> None:
    assert exchanges_roles(claim, [sentence])


@pytest.mark.parametrize(("claim", "sentence"), KEPT)
def test_kept_roles_are_not(claim: str, sentence: str) -> None:
    assert not exchanges_roles(claim, [sentence])
