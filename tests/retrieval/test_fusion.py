"""Fusion and folding, by hand-computed values."""

import pytest

from rag.retrieval.fusion import fold, fuse, minmax
from rag.text.words import containment, shingles
from rag.types import Hit, Passage


def test_minmax() -> None:
    assert minmax({"a": 4.0, "b": 2.0, "c": 3.0}) == {"a": 1.0, "b": 0.0, "c": 0.5}
    assert minmax({"a": 7.0}) == {"a": 1.0}
    assert minmax({}) == {}


def test_fuse_weighs_both_sides() -> None:
    fused = fuse({"a": 0.9, "b": 0.5}, {"b": 12.0, "c": 2.0}, bm25_weight=0.6)
    assert fused == pytest.approx({"b": 0.6, "a": 0.4, "c": 0.0})
    assert list(fused) == ["b", "a", "c"]


def test_fuse_with_one_side_only() -> None:
    assert fuse({}, {"a": 1.0}, 0.6) == pytest.approx({"a": 0.6})
    assert fuse({}, {}, 0.6) == {}


def hit(id: str, text: str, score: float) -> Hit:
    return Hit(Passage(article_id=id, title="T", text=text, start=0, end=len(text)), score)


def test_fold_joins_copies_of_other_articles_only() -> None:
    text = "The bridge over the river closed on Friday after cracks were found in two piers of the span"
    hits = [
        hit("a", text, 0.9),
        hit("b", text + ", officials said.", 0.8),
        hit("a", text, 0.7),
        hit("c", "Frost destroyed a third of the apple blossom in the valley this week, growers said.", 0.6),
    ]
    folded = fold(hits, 0.8, most=3)
    assert [(one.passage.article_id, [copy.article_id for copy in one.copies]) for one in folded] == [
        ("a", ["b"]),
        ("a", []),
        ("c", []),
    ]


def test_fold_keeps_so_many_and_still_joins_copies_to_them() -> None:
    bridge = "The bridge over the river closed on Friday after cracks were found in two piers of the span"
    frost = "Frost destroyed a third of the apple blossom in the valley this week, growers said."
    hits = [hit("a", bridge, 0.9), hit("b", frost, 0.8), hit("c", frost, 0.7), hit("d", bridge, 0.6)]
    folded = fold(hits, 0.8, most=1)
    assert [(one.passage.article_id, [copy.article_id for copy in one.copies]) for one in folded] == [("a", ["d"])]


def test_fold_takes_half_of_the_wording_for_articles_of_one_family_alone() -> None:
    half = "The bridge over the river closed on Friday"
    hits = [hit("a", f"{half} after cracks were found", 0.9), hit("b", f"{half} officials of the town had said", 0.8)]
    assert len(fold(hits, 0.8, {"a": 1, "b": 1}, most=2)) == 1
    assert len(fold(hits, 0.8, {"a": 1, "b": 2}, most=2)) == 2


def test_likeness_is_the_share_of_the_smaller() -> None:
    assert containment(shingles("one two three four"), shingles("zero one two three four five")) == 1.0
    assert containment(shingles("one two three four"), shingles("one two three five")) == 0.5
    assert containment(shingles("a b c d"), shingles("e f g h")) == 0.0
