"""Search nearest vectors by the HNSW graph, with an exact scan where it finds too few."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from rag import protocols
from rag.storage.records import Scope, ScoredPassage, StoredPassage
from rag.storage.vectors.filters import Metadata, takes, where

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

Where = dict[str, object] | None
"""What Chroma is asked to let through; everything where it is None."""
Placed = tuple[Metadata | None, float]
"""The fields beside a vector, and its distance from another."""

_WIDE = 10
"""How many times more passages are looked at before Chroma is asked to filter."""
_PAGE = 5000
_ALL = Scope()


def nearest(collection: "Collection", vector: protocols.Matrix, top: int, scope: Scope) -> list[ScoredPassage]:
    """The nearest passages of a scope by cosine, best first; `vector` has shape (dimension,).

    Chroma's own filter takes far longer than a longer list, so it is asked only where that is not enough.
    """
    if scope == _ALL:
        return [found for found, _ in _found(_led_to(collection, vector, top, None))]
    wide = _by_graph(collection, vector, top * _WIDE, None)
    kept = [found for found, metadata in _found(wide) if takes(scope, metadata)]
    if len(kept) >= top or len(wide) >= collection.count():
        return kept[:top]
    return [found for found, _ in _found(_led_to(collection, vector, top, where(scope)))]


def _led_to(collection: "Collection", vector: protocols.Matrix, top: int, where: Where) -> list[Placed]:
    """What the graph leads to, unless that is less than there is: no edge may lead away from passages all the same."""
    found = _by_graph(collection, vector, top, where)
    if len(found) >= top or (where is None and len(found) >= collection.count()):
        return found
    return _scanned(collection, vector, top, where)


def _by_graph(collection: "Collection", vector: protocols.Matrix, top: int, where: Where) -> list[Placed]:
    answer = collection.query(
        query_embeddings=vector.reshape(1, -1),
        n_results=top,
        where=where,  # type: ignore[arg-type]
        include=["metadatas", "distances"],
    )
    return list(zip((answer["metadatas"] or [[]])[0], (answer["distances"] or [[]])[0], strict=True))


def _scanned(collection: "Collection", vector: protocols.Matrix, top: int, where: Where) -> list[Placed]:
    """The same without the graph, a page at a time."""
    best, start = list[Placed](), 0
    while True:
        page = collection.get(
            where=where,  # type: ignore[arg-type]
            limit=_PAGE,
            offset=start,
            include=["metadatas", "embeddings"],
        )
        if not page["ids"]:
            return best
        rows = np.asarray(page["embeddings"], np.float32)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
        distances = 1 - rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
        best = sorted([*best, *zip(page["metadatas"] or [], distances, strict=True)], key=itemgetter(1))[:top]
        start += len(page["ids"])


def _found(rows: Sequence[Placed]) -> Iterator[tuple[ScoredPassage, Metadata]]:
    """What has fields, as it is found; a writer that was killed may leave vectors without."""
    for metadata, distance in rows:
        if metadata is not None:
            passage = StoredPassage(
                str(metadata["article"]),
                str(metadata["version"]),
                int(str(metadata["start"])),
                int(str(metadata["end"])),
            )
            yield ScoredPassage(passage, 1 - float(distance)), metadata
