"""Search nearest vectors by the HNSW graph, with an exact scan where it finds too few."""

import math
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import islice, starmap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rag import protocols
from rag.storage.records import Scope, ScoredPassage, StoredPassage
from rag.storage.vectors.filters import Metadata, is_in_scope, to_where

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

    from rag.storage.vectors.folder_reader import FolderReader

InScope = Callable[[Sequence[str]], Set[str]]
"""Returns those of some articles, by their ids, that are in the scope of a search."""
Where = dict[str, object] | None
"""What Chroma is asked to let through; everything where it is None."""

_SPARE = 450
"""Passages that the graph is asked for beside those that are wanted.

Chroma puts the changes of its log into the graph in another order in each process. Among the nearest 50 alone two
processes disagreed for 8 of 200 questions over 47,764 passages, and the graph missed one of them for 58. Among the
nearest 500 four processes all missed the same nine passages, and of 200 whole answers one differed between two
processes. Distances alone are cheap: it is the fields that take time.
"""
MAX_NEIGHBOURS = 10_000
"""The longest list that the graph is asked for; it takes as long as Chroma's filter over 50,000 passages."""
_AMPLE = 1.5
"""So many times more neighbours are asked for than are expected to be enough."""
_BATCH = 256
"""Passages whose fields are read at once at most."""
_PAGE = 5000
_ALL = Scope()


class Neighbour(NamedTuple):
    """A vector's distance from the one that was searched for; neighbours at one distance are ordered by their ids."""

    distance: float
    id: str


class StoredNeighbour(NamedTuple):
    """A stored vector near one that was searched for: the cosine between the two, and whether it has metadata."""

    cosine: float
    has_fields: bool


def find_nearest(
    collection: "Collection | FolderReader",
    vector: protocols.Matrix,
    *,
    top: int,
    scope: Scope,
    in_scope: InScope | None = None,
) -> list[ScoredPassage]:
    """Return the passages of a scope that are nearest to a vector by cosine, best first.

    `vector` has shape (dimension,). `in_scope` returns those of some articles that are in the scope, from a table that
    is read faster than Chroma's; without it Chroma's fields say so. Chroma's own filter takes longer than a longer list
    of neighbours, so it is asked only where that list would have to be very long.
    """
    most = top + _SPARE
    neighbours = _find_neighbours(collection, vector, most=most, top=top, where=None)
    if scope == _ALL:
        return list(islice(_read_hits(collection, neighbours, scope=_ALL, batch=top), top))
    own = _keep_in_scope(neighbours, in_scope)
    hits = list(islice(_read_hits(collection, own, scope=scope, batch=top), top))
    if len(hits) < top and (more := _estimate_length(most, found=len(hits), top=top)):
        neighbours = _find_neighbours(collection, vector, most=more, top=top, where=None)
        own = _keep_in_scope(neighbours, in_scope)
        hits = list(islice(_read_hits(collection, own, scope=scope, batch=top), top))
    if len(hits) >= top or len(neighbours) >= collection.count():
        return hits
    neighbours = _find_neighbours(collection, vector, most=most, top=top, where=to_where(scope))
    return list(islice(_read_hits(collection, neighbours, scope=_ALL, batch=top), top))


def _estimate_length(length: int, *, found: int, top: int) -> int:
    """Return how many neighbours hold `top` in scope, where `length` of them hold `found`; 0 where too many would."""
    wanted = math.ceil(_AMPLE * length * top / found) if found else 0
    return wanted if wanted <= MAX_NEIGHBOURS else 0


def _keep_in_scope(neighbours: Sequence[Neighbour], in_scope: InScope | None) -> list[Neighbour]:
    """Return the neighbours whose articles are in the scope, and all of them where that cannot be told."""
    if in_scope is None:
        return list(neighbours)
    articles = [_article_of(neighbour.id) for neighbour in neighbours]
    kept = in_scope(articles)
    return [neighbour for neighbour, article in zip(neighbours, articles, strict=True) if article in kept]


def _article_of(passage_id: str) -> str:
    """Return the id of the article that a passage was cut from, as `Passage.id` begins with it."""
    return passage_id.rpartition("@")[0]


def _find_neighbours(
    collection: "Collection | FolderReader", vector: protocols.Matrix, *, most: int, top: int, where: Where
) -> list[Neighbour]:
    """Return at most `most` neighbours and at least `top`, where there are so many, nearest first.

    Fewer than there are may be found by the graph, since no edge need lead to a passage: then all are scanned.
    """
    answer = collection.query(
        query_embeddings=vector.reshape(1, -1),
        n_results=most,
        where=where,  # type: ignore[arg-type]
        include=["distances"],
    )
    pairs = sorted(zip((answer["distances"] or [[]])[0], answer["ids"][0], strict=True))
    neighbours = list(starmap(Neighbour, pairs))
    if len(neighbours) >= most:
        return neighbours
    wanted = top
    if where is None and (count := collection.count()) <= most:
        wanted = count
    return neighbours if len(neighbours) >= wanted else _scan(collection, vector, top=most, where=where)


def _scan(
    collection: "Collection | FolderReader", vector: protocols.Matrix, *, top: int, where: Where
) -> list[Neighbour]:
    """Return the neighbours nearest to a vector without the graph, by reading all vectors a page at a time."""
    best = list[Neighbour]()
    start = 0
    while True:
        page = collection.get(
            where=where,  # type: ignore[arg-type]
            limit=_PAGE,
            offset=start,
            include=["embeddings"],
        )
        if not page["ids"]:
            return best
        rows = np.asarray(page["embeddings"], np.float32)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
        distances = 1 - rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
        best = sorted([*best, *map(Neighbour, distances.tolist(), page["ids"])])[:top]
        start += len(page["ids"])


def _read_hits(
    collection: "Collection | FolderReader", neighbours: Sequence[Neighbour], *, scope: Scope, batch: int
) -> Iterator[ScoredPassage]:
    """Yield the neighbours that lie in a scope, with what their fields say; fields are read `batch` at a time.

    A writer that was killed may leave vectors without fields, and another may be taking some out: they are left out.
    """
    size = min(batch, _BATCH)
    for start in range(0, len(neighbours), size):
        group = neighbours[start : start + size]
        answer = collection.get(ids=[neighbour.id for neighbour in group], include=["metadatas"])
        fields = dict[str, Metadata | None](zip(answer["ids"], answer["metadatas"] or [], strict=True))
        for distance, id in group:
            metadata = fields.get(id)
            if metadata is not None and is_in_scope(scope, metadata):
                passage = StoredPassage(
                    str(metadata["article"]),
                    str(metadata["version"]),
                    int(str(metadata["start"])),
                    int(str(metadata["end"])),
                )
                yield ScoredPassage(passage, 1 - distance)
