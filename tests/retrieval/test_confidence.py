"""Reader and search weighed together."""

from dataclasses import replace

import pytest

from rag.retrieval.confidence import (
    answer_probability,
    highest_expected,
    is_same_answer,
    logistic,
    logit,
    with_agreement,
)
from rag.types import Hit, Passage, Reading, Span

PASSAGE = Passage(article_id="a", text="Text.", start=0, end=5)


def hit(relevance: float, score: float = 0.8, likeness: float = 0.5) -> Hit:
    return Hit(PASSAGE, score, likeness=likeness, reading=Reading(relevance))


def test_better_read_better_found_and_nearer_is_surer() -> None:
    assert answer_probability(hit(0.9)) > answer_probability(hit(0.2))
    assert answer_probability(hit(0.5, score=0.9)) > answer_probability(hit(0.5, score=0.1))
    assert answer_probability(hit(0.5, likeness=0.8)) > answer_probability(hit(0.5, likeness=0.1))


def test_what_was_not_read_or_not_found_is_no_answer() -> None:
    assert answer_probability(replace(hit(0.9), reading=None)) == 0
    assert highest_expected([]) == 0


def test_what_is_not_read_yet_is_expected_to_be_sure_not_certain() -> None:
    hits = [hit(0.1), hit(0.9, score=0.3)]
    assert max(map(answer_probability, hits)) <= highest_expected(hits)
    assert max(answer_probability(replace(one, reading=Reading(1.0))) for one in hits) > highest_expected(hits)
    assert highest_expected(hits) == highest_expected([replace(one, reading=None) for one in hits])


def test_favour_orders() -> None:
    plain, favoured = hit(0.7, score=0.8), replace(hit(0.7, score=1.5), favour=0.7)
    assert answer_probability(favoured) > answer_probability(plain)


def test_logit_and_logistic_undo_each_other() -> None:
    assert logistic(logit(0.3)) == pytest.approx(0.3)
    assert -10 < logit(0.0) < 0 < logit(1.0) < 10


def told(article: str, answer: str, relevance: float = 0.5) -> Hit:
    """A hit whose best span is the whole text of its passage."""
    passage = Passage(article_id=article, text=answer, start=40, end=40 + len(answer))
    return Hit(passage, 0.8, reading=Reading(relevance, (Span(40, 40 + len(answer), relevance),)))


def test_articles_that_say_the_same_make_each_other_surer() -> None:
    hits = with_agreement([told("a", "in 1970"), told("b", "1970", 0.9), told("c", "1971"), told("b", "In 1970", 0.2)])
    assert hits[0].agreement == pytest.approx(0.642, abs=1e-3)  # the logarithm of 1 + .9: an article speaks once
    assert hits[1].agreement == pytest.approx(0.405, abs=1e-3)  # of 1 + .5: its own article says nothing new
    assert hits[2].agreement == 0
    assert answer_probability(hits[0]) > answer_probability(told("a", "in 1970"))


def test_what_says_nothing_agrees_with_nothing() -> None:
    unread, silent = replace(told("a", "1970"), reading=None), replace(told("b", "1970"), reading=Reading(0.9))
    assert [hit.agreement for hit in with_agreement([unread, silent, silent, unread])] == [0, 0, 0, 0]
    assert is_same_answer("1970", "in the spring of 1970")
    assert not is_same_answer("197", "1970")
    assert not is_same_answer("", "")


@pytest.mark.parametrize(
    ("answer", "first", "second", "agree"),
    [
        ("on Friday", "2024-03-02", "2024-03-04", True),
        ("on Friday", "2024-03-02", "2024-04-06", False),
        ("Friday", "2024-03-02", "", False),
        ("yesterday", "2024-03-02", "2024-05-02", False),
        ("Friday, March 1", "2024-03-02", "2024-05-02", True),
        ("12 people", "2024-03-02", "2024-05-02", True),
    ],
)
def test_a_bare_weekday_is_the_same_day_within_a_week_only(answer: str, first: str, second: str, agree: bool) -> None:
    hits = [told("a", answer), told("b", answer)]
    dated = [
        replace(one, passage=replace(one.passage, date=day)) for one, day in zip(hits, (first, second), strict=True)
    ]
    assert (with_agreement(dated)[0].agreement > 0) is agree
