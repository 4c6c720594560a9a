"""Whether a sentence speaks of the thing that a question names, or of another one."""

import pytest

from rag.retrieval.asked_names import names_object
from rag.retrieval.subjects import find_rivals, is_far_from_names, is_of_another_year, speaks_of_another
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
    end = text.index(".", start) + 1
    return speaks_of_another(question, passage, (start, end), (end, end))


@pytest.mark.parametrize(
    ("question", "text", "opening"),
    [
        ("How long is the bridge on Route 3?", ROUTES, "It is 80"),
        ("How many pots does the Fenn Kiln hold?", KILNS, "It holds"),
        ("How old is the Fenn Kiln?", KILNS, "The Orr Kiln is"),
        ("How many mills does Kestle want to sell?", MILLS, "It wants"),
        ("How many people work at Upper Tarn?", QUARRY, "Sixty"),
        ("How tall is Mount Fenn?", "Mount Orr has snow again. It is 900 metres tall.", "It is 900"),
        ("How long is the bridge on Route 9?", "Route 12 has a bridge of 9.5 metres. It is 80 wide.", "It is 80"),
        ("How many people can the Dunlin carry?", "The Petrel can carry 90 people.", "The Petrel"),
        ("How many people can the Dunlin carry?", "The ferry Petrel can carry 90 people.", "The ferry"),
        ("How many people can the Dunlin carry?", "The ferry, named the Petrel, can carry 90.", "The ferry"),
        ("How old is Ines Falk?", "Ada Brandt is 62 years old.", "Ada Brandt"),
        (
            "How much did Merry Fox Toys earn?",
            "Jolly Fox earned 3 million. Merry Fox Toys is no part of it.",
            "Jolly",
        ),
        ("Who is the mate of the Dunlin?", "The Dunlin sails daily. The Petrel is slow, said her mate.", "The Petrel"),
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
        ("How many people can the Petrel carry?", "The ferry Petrel can carry 90 people.", "The ferry"),
        ("How old is Falk?", "Ines Falk is 62 years old.", "Ines Falk"),
        ("How many people can the new Orr Bay ferry carry?", "The ferry, named the Petrel, can carry 90.", "The ferry"),
        ("How high did the Dunlin Fund rise?", "Ines Falk said it rose by a tenth.", "Ines Falk"),
        ("How old is the Petrel?", "The Dunlin replaced the Petrel, which is 40 years old.", "The Dunlin"),
        ("How many workers does the World Bakery Union have?", "The WBU has 40 members.", "The WBU"),
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
    place = (start, text.index(".", start) + 1)
    question = "How many mills does Kestle want to sell?"
    beside = [passage, first] if beginning else [passage]
    assert speaks_of_another(question, passage, place, (place[1], place[1]), beside) is is_another


def test_that_the_title_names_what_is_asked() -> None:
    text = "Route 12 was dug up first. It is 8 metres wide."
    assert not judge("How wide is Route 3?", text, "It is 8", title="Route 3 after Route 12")


@pytest.mark.parametrize(
    ("question", "text", "opening", "rivals"),
    [
        ("How many pots does the Fenn Kiln hold?", KILNS, "It holds", ("the Fenn Kiln", "the Orr Kiln")),
        ("How long is the bridge on Route 3?", ROUTES, "It is 80", ("Route 3", "Route 12")),
        (
            "How many people can the Dunlin carry?",
            "The Petrel can carry 90.",
            "The Petrel",
            ("the Dunlin", "the Petrel"),
        ),
    ],
)
def test_which_things_are_mistaken_for_each_other(
    question: str, text: str, opening: str, rivals: tuple[str, str]
) -> None:
    passage = Article("a", "News of the week", text).passage(0, len(text))
    start = text.index(opening)
    found = find_rivals(question, passage, (start, text.index(".", start) + 1), (len(text), len(text)))
    assert found is not None
    assert (found.asked, found.other) == rivals


@pytest.mark.parametrize(
    ("question", "opening", "is_far"),
    [
        ("How many megawatts does the weir at Fenn Bridge yield?", "The builder says", True),
        ("How many megawatts does the weir at Orr yield?", "The builder says", False),
        ("What did the weir at Fenn Bridge cost?", "The state paid", False),
    ],
)
def test_an_article_that_only_touches_on_what_is_asked(question: str, opening: str, is_far: bool) -> None:
    text = (
        "The town of Orr will build a weir. It is to stand by the mill. The builder says 4 megawatts."
        " Work begins in May. A smaller weir at Fenn Bridge was built in 2019. The state paid six million for that."
    )
    passage = Article("a", "A weir for Orr", text).passage(0, len(text))
    start = text.index(opening)
    assert is_far_from_names(question, passage, (start, text.index(".", start) + 1)) is is_far


@pytest.mark.parametrize(
    ("question", "text", "answer", "is_object"),
    [
        ("Who bribed the keeper?", "The keeper was Ines Falk of Orr.", "Ines Falk", True),
        ("Who bribed the old keeper at Orr?", "Keeper Ines Falk opened the gate.", "Ines Falk", True),
        ("Who bribed the keeper?", "The keeper, Ines Falk, took nothing.", "Ines Falk", True),
        ("Who bribed the keeper?", "Bo Carr paid the keeper, Ines Falk.", "Bo Carr", False),
        ("Who is the keeper?", "The keeper is Ines Falk.", "Ines Falk", False),
        ("Who won the race?", "The race was won by Ines Falk.", "Ines Falk", False),
    ],
)
def test_who_had_something_done_to_them_did_not_do_it(question: str, text: str, answer: str, is_object: bool) -> None:
    assert names_object(question, text, text.index(answer)) is is_object


@pytest.mark.parametrize(
    ("question", "text", "is_other"),
    [
        ("Who won the Orr Cup in 2016?", "Ada Brandt won the Orr Cup this year.", True),
        ("Who won the Orr Cup in 2016?", "Ada Brandt won the Orr Cup, nine years after she won it in 2016.", False),
        ("Who won the Orr Cup in 2016?", "Ada Brandt had won it nine years ago.", False),
        ("Who won the Orr Cup in 2025?", "Ada Brandt won the Orr Cup this year.", False),
        ("Who won the Orr Cup in 2024?", "Ada Brandt won the Orr Cup a week before Christmas.", False),
        ("Who won the Orr Cup?", "Ada Brandt won the Orr Cup this year.", False),
        ("How many storks came in May 2024?", "Forty came, nine more than in 2024.", True),
        ("How many storks came in May 2024?", "Forty came, nine more than in 2023.", False),
    ],
)
def test_an_article_of_another_year(question: str, text: str, is_other: bool) -> None:
    passage = Article("a", "The Orr Cup", text, date="2025-05-02").passage(0, len(text))
    assert is_of_another_year(question, passage, (0, len(text))) is is_other


@pytest.mark.parametrize(
    ("title", "before", "sentence", "is_other"),
    [
        ("The Orr Cup", "Bo Carr won it in 2016.", "He needed nine hours.", False),
        ("The cup of 2016", "Many came.", "Bo Carr won it.", False),
        (
            "The Orr Cup",
            "The lake last froze in 2016. Now it did again. Boats lay idle. Ice was sold.",
            "Ada won.",
            True,
        ),
        ("The Orr Cup", "Many came.", "Ada Brandt won it three hours before the storm.", True),
        ("The Orr Cup", "Many came.", "Bo Carr had won it nine years before.", False),
    ],
)
def test_a_year_is_that_of_the_sentences_beside_it(title: str, before: str, sentence: str, is_other: bool) -> None:
    text = f"{before} {sentence} In 2016 the lake was warm."
    passage = Article("a", title, text, date="2025-05-02").passage(0, len(text))
    start = len(before) + 1
    assert is_of_another_year("Who won the cup in 2016?", passage, (start, start + len(sentence))) is is_other
