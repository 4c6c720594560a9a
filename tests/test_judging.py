"""Reader and search weighed together."""

from dataclasses import replace

import pytest

from rag.judging import ceiling, confidence, judged, logistic, logit
from rag.types import Hit, Passage, Reading

PASSAGE = Passage("a", "", "", "", "", "Text.", 0, 5)


def hit(relevance: float, score: float = 0.8, likeness: float = 0.5) -> Hit:
    return Hit(PASSAGE, score, likeness=likeness, reading=Reading(relevance))


def test_better_read_better_found_and_nearer_is_surer() -> None:
    assert judged(hit(0.9)) > judged(hit(0.2))
    assert judged(hit(0.5, score=0.9)) > judged(hit(0.5, score=0.1))
    assert judged(hit(0.5, likeness=0.8)) > judged(hit(0.5, likeness=0.1))


def test_what_was_not_read_or_not_found_is_no_answer() -> None:
    assert judged(replace(hit(0.9), reading=None)) == 0
    assert confidence([]) == ceiling([]) == 0
    assert confidence([replace(hit(0.9), reading=None)]) == 0


def test_no_reading_passes_the_ceiling() -> None:
    hits = [hit(0.1), hit(0.999, score=0.3)]
    assert max(map(judged, hits)) <= ceiling(hits)
    assert max(judged(replace(one, reading=Reading(1.0))) for one in hits) == ceiling(hits)


def test_favour_orders_and_convinces_nobody() -> None:
    plain, favoured = hit(0.7, score=0.8), replace(hit(0.7, score=1.5), favour=0.7)
    assert judged(favoured) > judged(plain)
    assert confidence([favoured]) == pytest.approx(confidence([plain]))


def test_logit_and_logistic_undo_each_other() -> None:
    assert logistic(logit(0.3)) == pytest.approx(0.3)
    assert -10 < logit(0.0) < 0 < logit(1.0) < 10
