"""Fuse vector and BM25 scores, and fold near-identical passages (pure)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.types import Hit, Passage

_WORD = re.compile(r"\w+")
_SHINGLE = 3
_KIN = 0.5
"""The share of their wording that passages of two articles have in common which are copies of each other."""


def minmax(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores moved to 0..1; a single one, or all alike, become 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high - low < 1e-9:
        return dict.fromkeys(scores, 1.0)
    return {name: (score - low) / (high - low) for name, score in scores.items()}


def fuse(dense: Mapping[str, float], words: Mapping[str, float], bm25_weight: float) -> dict[str, float]:
    """One score a name, best first: the weighted sum of both min-max-normalised scores, 0 where one lacks it."""
    near, matching = minmax(dense), minmax(words)
    fused = {
        name: (1 - bm25_weight) * near.get(name, 0.0) + bm25_weight * matching.get(name, 0.0)
        for name in [*near, *matching]
    }
    return dict(sorted(fused.items(), key=lambda item: (-item[1], item[0])))


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of three words of a text, letters' case left out."""
    words = _WORD.findall(text.casefold())
    return frozenset(tuple(words[i : i + _SHINGLE]) for i in range(max(len(words) - _SHINGLE + 1, 1)))


def likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The share of the smaller set that stands in the other too, 0 to 1."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def fold(hits: Sequence[Hit], threshold: float, family: Mapping[str, int] | None = None) -> list[Hit]:
    """Hits without near-copies: a later one joins the `copies` of the best it resembles.

    Two passages of one article are never folded: their overlap is meant. Where two articles are of one `family` of
    copies, half of the wording is enough: their passages may be cut at other places.
    """
    kept: list[Hit] = []
    known: list[frozenset[tuple[str, ...]]] = []
    for hit in hits:
        own = shingles(hit.passage.text)
        twin = next(
            (i for i, other in enumerate(known) if likeness(own, other) >= _least(hit, kept[i], threshold, family)),
            None,
        )
        if twin is None:
            kept.append(hit)
            known.append(own)
        else:
            kept[twin] = _join(kept[twin], hit.passage)
    return kept


def _least(hit: Hit, other: Hit, threshold: float, family: Mapping[str, int] | None) -> float:
    """How alike two hits are at least that are folded; what is never folded is given more than there can be."""
    one, two = hit.passage.article_id, other.passage.article_id
    if one == two:
        return 2.0
    kin = family is not None and one in family and family[one] == family.get(two)
    return min(threshold, _KIN) if kin else threshold


def _join(hit: Hit, copy: Passage) -> Hit:
    if copy.article_id in {passage.article_id for passage in (hit.passage, *hit.copies)}:
        return hit
    return replace(hit, copies=(*hit.copies, copy))
