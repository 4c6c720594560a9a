"""Whether a sentence speaks of the thing that a question names, or of another one."""

import pytest

from rag.retrieval.subjects import speaks_of_another
from rag.types import Article

ROUTES = (
    "Route 12 has a new bridge. It is 80 metres long and cost four million. The detour was lifted on Monday."
    " Route 3 will get one next year."
)
KILNS = (
    "Two kilns were restored in Tarn. The Orr Kiln was fired again in May. It holds 900 pots."
    " The Fenn Kiln was left cold. The Orr Kiln is the older of the two."
)
MILLS = (
    "Bremer Paper runs nine mills. It wants to sell two of them. Bremer Paper is older than its rivals."
    " Kestle has six mills and 400 workers."
)
QUARRY = "The quarry at Lower Fenn is open again. Sixty people work there. The one at Upper Tarn stays shut."
FERRY = "A new ferry crossed the bay on Monday. It carries 90 people. The Petrel was built in Orr."


def judge(question: str, text: str, opening: str, *, title: str = "News of the week") -> bool:
    passage = Article("a", title, text).passage(0, len(text))
    start = text.index(opening)
    return speaks_of_another(question, passage, start, text.index(".", start) + 1)


@pytest.mark.parametrize(
    ("question", "text", "opening"),
    [
        ("How long is the bridge on Route 3?", ROUTES, "It is 80"),
        ("How many pots does the Fenn Kiln hold?", KILNS, "It holds"),
        ("How old is the Fenn Kiln?", KILNS, "The Orr Kiln is"),
        ("How many mills does Kestle want to sell?", MILLS, "It wants"),
        ("How many people work at Upper Tarn?", QUARRY, "Sixty"),
        ("How tall is Mount Fenn?", "Mount Orr has snow again. It is 900 metres tall.", "It is 900"),
    ],
)
def test_a_sentence_on_another_thing(question: str, text: str, opening: str) -> None:
    assert judge(question, text, opening)


@pytest.mark.parametrize(
    ("question", "text", "opening"),
    [
        ("How long is the bridge on Route 12?", ROUTES, "It is 80"),
        ("How many bridges will Route 3 get?", ROUTES, "Route 3 will"),
        ("How many pots does the Orr Kiln hold?", KILNS, "It holds"),
        ("Which is older, the Orr Kiln or the Fenn Kiln?", KILNS, "The Orr Kiln is"),
        ("How many mills does Bremer Paper want to sell?", MILLS, "It wants"),
        ("How many people work at Lower Fenn?", QUARRY, "Sixty"),
        ("How many people does the Petrel carry?", FERRY, "It carries"),
        ("How many people does the ferry carry?", FERRY, "It carries"),
    ],
)
def test_a_sentence_that_may_be_on_what_is_asked(question: str, text: str, opening: str) -> None:
    assert not judge(question, text, opening)


@pytest.mark.parametrize(
    ("beginning", "is_another"),
    [
        ("Bremer Paper has had a good year, its first in five. ", True),
        ("Kestle Paper and its rival both sell more. ", False),
        ("", False),
    ],
)
def test_a_passage_from_the_middle_of_an_article(beginning: str, is_another: bool) -> None:
    before = beginning or "An unread passage. "
    text = before + MILLS
    article = Article("a", "News of the week", text)
    first, passage = article.passages([(0, len(before)), (len(before), len(text))])
    start = text.index("It wants")
    question = "How many mills does Kestle want to sell?"
    beside = [passage, first] if beginning else [passage]
    assert speaks_of_another(question, passage, start, text.index(".", start) + 1, beside) is is_another


def test_that_the_title_names_what_is_asked() -> None:
    text = "Route 12 was dug up first. It is 8 metres wide."
    assert not judge("How wide is Route 3?", text, "It is 8", title="Route 3 after Route 12")
