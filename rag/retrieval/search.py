"""Search one generation by vectors and BM25 (hybrid search), and rank the hits."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.protocols import Matrix
from rag.retrieval.filters import resolve_filters
from rag.retrieval.fusion import fold, fuse
from rag.retrieval.grouping import collapse_duplicates
from rag.retrieval.intent import boost, staleness
from rag.retrieval.query import Query, parse_query
from rag.settings import Settings
from rag.storage.duplicates import DuplicateGroups
from rag.storage.generation import Generation
from rag.storage.records import ScoredPassage, StoredPassage
from rag.types import Filters, Hit, Passage

_DUPLICATE_LIKENESS = 0.8
"""Passages that share this much of their wording are shown as one, with its copies."""
_SPARE = 3
"""Candidates looked at for each hit wanted, since copies are folded."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What the stores found of one passage, before its text is looked up."""

    stored: StoredPassage
    score: float
    """Fused from vectors and BM25."""
    dense_rank: int | None
    word_rank: int | None
    cosine: float
    """That of the farthest one found where the vectors did not find it."""


def search(
    generation: Generation, query: Query | str, vector: Matrix, *, k: int, filters: Filters, settings: Settings
) -> list[Hit]:
    """Return at most `k` passages of a generation, the best first; `vector` is that of the query's text.

    A text is parsed here, since only the generation knows which publishers it may name.
    """
    if isinstance(query, str):
        query = parse_query(query, as_of=filters.as_of, publishers=generation.catalogue.publishers())
    scope = resolve_filters(filters, generation)
    until = min(filter(None, (filters.until, filters.as_of)), default="")
    hits = list[Hit]()
    for _ in range(_TRIES):
        near = generation.nearest(vector, settings.candidates, scope)
        matching = generation.matching(query.text, settings.candidates, scope)
        candidates = _fuse_results(near, matching, settings.bm25_weight)
        candidates = candidates if query.is_particular else candidates[: _SPARE * k]
        passages = generation.passages([candidate.stored for candidate in candidates])
        groups = generation.copies.groups((passage.article_id for passage in passages if passage is not None), until)
        hits = _rank(query, candidates, passages, groups=groups)
        hits = fold(hits[: _SPARE * k], _DUPLICATE_LIKENESS, groups.family)[:k]
        if None not in passages:  # otherwise a writer has replaced what was found before it was read
            break
    return collapse_duplicates(hits, generation.copies, scope)


def _fuse_results(
    near: Sequence[ScoredPassage], matching: Sequence[ScoredPassage], bm25_weight: float
) -> list[_Candidate]:
    """Fuse what the vectors (`near`) and BM25 (`matching`) found into candidates, the best first."""
    stored = {result.passage.id: result.passage for result in [*near, *matching]}
    dense, words = ({result.passage.id: result.score for result in side} for side in (near, matching))
    dense_ranks, word_ranks = ({id: rank for rank, id in enumerate(side, 1)} for side in (dense, words))
    farthest = min(dense.values(), default=0.0)
    return [
        _Candidate(stored[id], score, dense_ranks.get(id), word_ranks.get(id), dense.get(id, farthest))
        for id, score in fuse(dense, words, bm25_weight).items()
    ]


def _rank(
    query: Query, candidates: Sequence[_Candidate], passages: Sequence[Passage | None], *, groups: DuplicateGroups
) -> list[Hit]:
    """Rank the candidates by their scores and what the question favours, the best first.

    A passage is None where it has been replaced meanwhile. Articles that have a newer version are left out unless the
    question names their day.
    """
    hits = []
    for candidate, passage in zip(candidates, passages, strict=True):
        if passage is None or (passage.article_id in groups.replaced and not query.names_day(passage.date)):
            continue
        favour = boost(query, passage)
        hits.append(
            Hit(
                passage,
                candidate.score + favour,
                candidate.dense_rank,
                candidate.word_rank,
                likeness=candidate.cosine,
                favour=favour,
                stale=staleness(query, passage),
            )
        )
    return sorted(hits, key=lambda hit: -hit.score)
