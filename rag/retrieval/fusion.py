"""Fuse vector and BM25 scores, and fold near-identical passages (pure)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from rag.text.words import Shingles, containment, shingles
from rag.types import Hit, Passage

_FAMILY_LIKENESS = 0.5
"""The share of their wording that passages of two articles have in common which are copies of each other."""


def minmax(scores: Mapping[str, float]) -> dict[str, float]:
    """Scale scores to 0..1 by their minimum and maximum; a single one, or all alike, become 1."""
    if not scores:
        return {}
    low = min(scores.values())
    high = max(scores.values())
    if high - low < 1e-9:
        return dict.fromkeys(scores, 1.0)
    return {name: (score - low) / (high - low) for name, score in scores.items()}


def fuse(
    dense: Mapping[str, float], words: Mapping[str, float], bm25_weight: float, *, unseen: Set[str] = frozenset()
) -> dict[str, float]:
    """Fuse vector and BM25 scores, best first: the weighted sum of both, min-max-normalised, 0 where one is missing.

    Those of `unseen` have no vector yet and are scored by BM25 alone.
    """
    near = minmax(dense)
    matching = minmax(words)
    fused = {
        name: (1 - bm25_weight) * near.get(name, 0.0) + bm25_weight * matching.get(name, 0.0)
        if name not in unseen
        else matching[name]
        for name in [*near, *matching]
    }
    return dict(sorted(fused.items(), key=lambda item: (-item[1], item[0])))


def fold(hits: Sequence[Hit], threshold: float, family: Mapping[str, int] | None = None, *, most: int) -> list[Hit]:
    """Fold near-identical passages: a later hit joins the `copies` of the first one that it resembles.

    `threshold` is the share of their wording that both have. Two passages of one article are never folded: their
    overlap is meant. Where two articles are of one `family` of copies (its number, by article id), half of the wording
    is enough: their passages may be cut at other places. `most` hits are kept, with those that join them.
    """
    kept: list[Hit] = []
    known: list[Shingles] = []
    seen: set[tuple[str, ...]] = set()
    fewest = 0
    lowest = min(threshold, _FAMILY_LIKENESS)
    for hit in hits:
        own = shingles(hit.passage.text)
        twin = None
        # Most hits have too little in common with all others together, so none is compared with them.
        if len(own & seen) >= lowest * min(len(own), fewest):
            twin = _find_twin(hit, own, kept, known, threshold=threshold, family=family)
        if twin is not None:
            kept[twin] = _join(kept[twin], hit.passage)
        elif len(kept) < most:
            kept.append(hit)
            known.append(own)
            seen |= own
            fewest = min(fewest or len(own), len(own))
    return kept


def _find_twin(
    hit: Hit,
    own: Shingles,
    kept: Sequence[Hit],
    known: Sequence[Shingles],
    *,
    threshold: float,
    family: Mapping[str, int] | None,
) -> int | None:
    """Return the number of the first hit kept that a hit resembles, by the shingles of both; None where none does."""
    for i, other in enumerate(known):
        if kept[i].passage.article_id == hit.passage.article_id:
            continue
        if containment(own, other) >= _fold_threshold(hit, kept[i], threshold, family=family):
            return i
    return None


def _fold_threshold(hit: Hit, other: Hit, threshold: float, *, family: Mapping[str, int] | None) -> float:
    """Return the least likeness of two hits, of two articles, that are folded."""
    first_id = hit.passage.article_id
    second_id = other.passage.article_id
    are_copies = family is not None and first_id in family and family[first_id] == family.get(second_id)
    return min(threshold, _FAMILY_LIKENESS) if are_copies else threshold


def _join(hit: Hit, copy: Passage) -> Hit:
    if copy.article_id in {passage.article_id for passage in (hit.passage, *hit.copies)}:
        return hit
    return replace(hit, copies=(*hit.copies, copy))
