"""Search one generation by vectors and BM25 (hybrid search), and rank the hits."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from rag.protocols import Matrix
from rag.retrieval.filters import resolve_filters
from rag.retrieval.fusion import fold, fuse, minmax
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
_FULL_SHARE = 0.2
"""The share of the articles that have vectors from which on vectors count as much as they do at the end."""
_LEAST_LIKENESS = 0.2
_LIKENESS_OF_WORDS = 0.45
"""Of 1,348 questions the best passage by words has a cosine of .65 on average, the farthest one found .21."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What the stores found of one passage, before its text is looked up."""

    stored: StoredPassage
    score: float
    """Fused from vectors and BM25."""
    dense_rank: int | None
    word_rank: int | None
    cosine: float
    """That of the farthest one found where the vectors did not find it; expected of its words where it has none."""


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
        candidates = _fuse_results(near, matching, settings.bm25_weight, pending=_find_pending(generation, matching))
        candidates = candidates if query.is_particular else candidates[: _SPARE * k]
        passages = generation.passages([candidate.stored for candidate in candidates])
        groups = generation.copies.groups((passage.article_id for passage in passages if passage is not None), until)
        hits = _rank(query, candidates, passages, groups=groups)
        hits = fold(hits[: _SPARE * k], _DUPLICATE_LIKENESS, groups.family, most=k)
        if None not in passages:  # otherwise a writer has replaced what was found before it was read
            break
    return collapse_duplicates(hits, generation.copies, scope)


@dataclass(frozen=True, slots=True)
class _PendingHits:
    """What BM25 found of articles that have no vectors yet."""

    embedded_share: float = 1.0
    """The share of all articles that have their vectors."""
    articles: Set[str] = frozenset()
    """The articles that have none, by id."""


def _find_pending(generation: Generation, matching: Sequence[ScoredPassage]) -> _PendingHits:
    if (share := generation.embedded_share) == 1:
        return _PendingHits()
    return _PendingHits(share, generation.catalogue.pending.among(result.passage.article_id for result in matching))


def _fuse_results(
    near: Sequence[ScoredPassage], matching: Sequence[ScoredPassage], bm25_weight: float, *, pending: _PendingHits
) -> list[_Candidate]:
    """Fuse what the vectors (`near`) and BM25 (`matching`) found into candidates, the best first.

    A passage without a vector is scored by its words alone, and vectors count less while there are few of them: the
    nearest of few is not near.
    """
    stored = {result.passage.id: result.passage for result in [*near, *matching]}
    dense, words = ({result.passage.id: result.score for result in side} for side in (near, matching))
    dense_ranks, word_ranks = ({id: rank for rank, id in enumerate(side, 1)} for side in (dense, words))
    farthest = min(dense.values(), default=0.0)
    unseen = {id for id in words if stored[id].article_id in pending.articles and id not in dense}
    likeness = {id: _LEAST_LIKENESS + _LIKENESS_OF_WORDS * score for id, score in minmax(words).items() if id in unseen}
    vector_weight = (1 - bm25_weight) * min(pending.embedded_share / _FULL_SHARE, 1.0)
    return [
        _Candidate(
            stored[id], score, dense_ranks.get(id), word_ranks.get(id), dense.get(id, likeness.get(id, farthest))
        )
        for id, score in fuse(dense, words, 1 - vector_weight, unseen=unseen).items()
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
