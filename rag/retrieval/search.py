"""Search one generation by vectors and BM25 (hybrid search), and rank the hits."""

from collections.abc import Callable, Iterable, Sequence

from rag.errors import FilterError
from rag.protocols import Matrix
from rag.retrieval.fusion import fold, fuse
from rag.retrieval.grouping import collapse_duplicates
from rag.retrieval.intent import QueryIntent, day_number
from rag.settings import Settings
from rag.storage.duplicates import DuplicateGroups
from rag.storage.generation import Generation
from rag.storage.records import Scope, ScoredPassage, StoredPassage
from rag.types import Filters, Hit, Passage

_DUPLICATE_LIKENESS = 0.8
"""Passages that share this much of their wording are shown as one, with its copies."""
_SPARE = 3
"""Candidates looked at for each hit wanted, since copies are folded."""
_TRIES = 3


def search(
    generation: Generation, query: str, vector: Matrix, k: int, filters: Filters, settings: Settings
) -> list[Hit]:
    """At most `k` passages of a generation, the best first; `vector` is that of the query."""
    scope = scope_of(filters, generation)
    meant = QueryIntent.of(query, filters, generation.catalogue.publishers())
    until = min(filter(None, (filters.until, filters.as_of)), default="")
    lost, hits = False, list[Hit]()

    def passages(stored: Sequence[StoredPassage]) -> list[Passage | None]:
        nonlocal lost
        texts = generation.passages(stored)
        lost = None in texts
        return texts

    def kin(ids: Iterable[str]) -> DuplicateGroups:
        return generation.copies.groups(ids, until)

    for _ in range(_TRIES):
        near = generation.nearest(vector, settings.candidates, scope)
        matching = generation.matching(query, settings.candidates, scope)
        hits = rank(near, matching, meant, passages, kin, k, settings)
        if not lost:  # otherwise a writer has replaced what was found before it was read
            break
    return collapse_duplicates(hits, generation.copies, scope)


def scope_of(filters: Filters, generation: Generation) -> Scope:
    """Filters in the stores' terms; FilterError for a publisher that no article has, or a bad day."""
    publishers: tuple[str, ...] = ()
    if wanted := filters.publisher.strip().casefold():
        names = generation.catalogue.publishers()
        exact = [name for name in names if name.casefold() == wanted]
        publishers = tuple(exact or [name for name in names if wanted in name.casefold()])
        if not publishers:
            known = ", ".join(names[:8]) or "none is named"
            raise FilterError(f"no article is from {filters.publisher!r}; publishers: {known}")
    return Scope(publishers, day_number(filters.since), day_number(filters.until))


def rank(
    near: Sequence[ScoredPassage], matching: Sequence[ScoredPassage], meant: QueryIntent,
    passages: Callable[[Sequence[StoredPassage]], list[Passage | None]], 
    kin: Callable[[Iterable[str]], DuplicateGroups], k: int, settings: Settings,
) -> list[Hit]:  # fmt: skip
    """At most `k` hits, the best first, of what the vectors (`near`) and the words (`matching`) found.

    `passages` gives their texts, None for one that has been replaced meanwhile; `kin` tells which articles are copies
    of each other, and which have a newer version: these are left out unless the question names their day.
    """
    stored = {hit.passage.id: hit.passage for hit in [*near, *matching]}
    dense, words = ({hit.passage.id: hit.score for hit in side} for side in (near, matching))
    ranks = [{name: rank for rank, name in enumerate(side, 1)} for side in (dense, words)]
    best = list(fuse(dense, words, settings.bm25_weight).items())
    best = best if meant.particular else best[: _SPARE * k]
    texts = passages([stored[name] for name, _ in best])
    kinship = kin(passage.article_id for passage in texts if passage is not None)
    farthest, hits = min(dense.values(), default=0.0), list[Hit]()
    for (name, score), passage in zip(best, texts, strict=True):
        if passage is not None and (passage.article_id not in kinship.replaced or meant.names(passage.date)):
            favour, cosine = meant.favour(passage), dense.get(name, farthest)
            found = (ranks[0].get(name), ranks[1].get(name))
            stale = meant.stale(passage)
            hits.append(Hit(passage, score + favour, *found, likeness=cosine, favour=favour, stale=stale))
    hits.sort(key=lambda hit: -hit.score)
    return fold(hits[: _SPARE * k], _DUPLICATE_LIKENESS, kinship.family)[:k]
