"""What both searches found, put in one order: scores fused, what the question means favoured, copies folded."""

from collections.abc import Callable, Sequence

from rag.asked import Meant
from rag.fusing import fold, fuse
from rag.settings import Settings
from rag.types import Found, Hit, Passage

_SPARE = 3
"""Candidates looked at for each hit wanted, since copies are folded."""


def ranked(
    near: Sequence[Found], matching: Sequence[Found], meant: Meant,
    passages: Callable[[Sequence[Found]], list[Passage | None]], k: int, settings: Settings,
) -> list[Hit]:  # fmt: skip
    """At most `k` hits, the best first, of what the vectors (`near`) and the words (`matching`) found.

    `passages` gives their texts, None for one that has been replaced meanwhile.
    """
    places = {_name(found): found for found in [*near, *matching]}
    dense, words = ({_name(found): found[-1] for found in side} for side in (near, matching))
    ranks = [{name: rank for rank, name in enumerate(side, 1)} for side in (dense, words)]
    best = list(fuse(dense, words, settings.word_weight).items())
    best = best if meant.particular else best[: _SPARE * k]
    texts = passages([places[name] for name, _ in best])
    farthest, hits = min(dense.values(), default=0.0), list[Hit]()
    for (name, score), passage in zip(best, texts, strict=True):
        if passage is not None:
            favour, cosine = meant.favour(passage), dense.get(name, farthest)
            found = (ranks[0].get(name), ranks[1].get(name))
            stale = meant.stale(passage)
            hits.append(Hit(passage, score + favour, *found, likeness=cosine, favour=favour, stale=stale))
    hits.sort(key=lambda hit: -hit.score)
    return fold(hits[: _SPARE * k], settings.fold_likeness)[:k]


def _name(found: Found) -> str:
    id, version, start, end, _ = found
    return f"{id}@{version}:{start}-{end}"
