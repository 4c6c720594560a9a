"""As many vectors as are wanted, made of real ones: with the same distances to their nearest neighbours.

    python bench/made_vectors.py VECTORS.npz [--size N]

Reads vectors that `save_vectors` has put into VECTORS.npz, and shows quantiles of the distance to the 1st and the 10th
neighbour, of the real vectors and of those made. A family is a real vector and copies of it, each moved in a direction
of its own that is drawn with the covariance of the real ones, and one that all copies of the family share. How far, is
drawn around the distances that the real vector has to its own neighbours; the constants below are what brings the
quantiles of both distances together.
"""

import argparse
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
from common import table

from rag import Index
from rag.models.embedding import PACKAGED
from rag.protocols import Matrix, ModelIdentity

SEED = 1
COPIES = 20
"""Vectors of a family, the real one counted."""
NEIGHBOURS = (1, 10)
_SCALE, _SPREAD, _POWER = 1.27, 0.5, 0.6
_SHARED = 0.5
"""With half of it shared, copies that are moved equally far are as far from each other as from the real one."""
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SAMPLE = 1000
_ROWS = 500
_PAGE = 2560


def save_vectors(indexes: Sequence[Path], path: Path, limit: int) -> None:
    """Read the vectors of indexes, in an order of chance, with each one's distances to its neighbours among them."""
    rows = np.concatenate([read_vectors(folder) for folder in indexes])
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:limit]
    vectors = rows[chosen] / np.linalg.norm(rows[chosen], axis=1, keepdims=True)
    beside = path.with_suffix(".new.npz")
    np.savez(beside, vectors=vectors, distances=neighbour_distances(vectors, vectors, at_itself=True))
    beside.replace(path)


def read_vectors(folder: Path) -> Matrix:
    """Return the vectors of an index, of shape (passages, dimension); those of the same text but once."""
    with Index.open(folder, checked=False).generations.reading() as generation:
        pages = (page for page in generation.vectors.iterate_ids())
        rows = [row for page in pages for row in generation.vectors.read_vectors(page).values()]
    return np.unique(np.stack(rows).round(6), axis=0)


def neighbour_distances(asked: Matrix, vectors: Matrix, *, at_itself: bool) -> Matrix:
    """Return the cosine distances of each asked vector to its neighbours, of shape (asked, len(NEIGHBOURS)).

    `at_itself` says that each is among the vectors, and does not count.
    """
    places = [rank - (0 if at_itself else 1) for rank in NEIGHBOURS]
    found = np.empty((len(asked), len(places)), dtype=np.float32)
    for start in range(0, len(asked), _ROWS):
        near = 1 - asked[start : start + _ROWS] @ vectors.T
        near.partition(places, axis=1)
        found[start : start + _ROWS] = near[:, places]
    return found


class FamilyEmbedder:
    """Gives the vectors of one family after the other, whatever a text says: the real one, then its copies."""

    def __init__(self, path: Path, *, start: int = 0, scale: float = _SCALE, spread: float = _SPREAD) -> None:
        """Make families of the vectors in `path`; the first vector is the one of number `start`.

        A token is a word; three words of English are about four tokens of the packaged model.
        """
        with np.load(path) as kept:
            self.vectors, self.distances = kept["vectors"], kept["distances"]
        self.identity = ModelIdentity("made-of-real", f"seed {SEED}", PACKAGED.dimension, PACKAGED.window * 3 // 4)
        values, axes = np.linalg.eigh(np.cov(self.vectors.T))
        self._directions = (axes * np.sqrt(values.clip(0) / values.sum())).T.astype(np.float32)
        apart = self.distances.mean(axis=1)
        self._apart = apart / np.median(apart)
        self._numbers = count(start)
        self._scale, self._spread = scale, spread

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        return self.make([next(self._numbers) for _ in texts])

    def make(self, numbers: Sequence[int]) -> Matrix:
        """Return the vectors of these numbers, of shape (numbers, dimension)."""
        families = np.array(numbers) // COPIES % len(self.vectors)
        is_copy = (np.array(numbers) % COPIES > 0) | (np.array(numbers) >= COPIES * len(self.vectors))
        own, shared = (self._noise(seeds, kind) for kind, seeds in enumerate((numbers, families.tolist())))
        step = np.sqrt(1 - _SHARED) * own[:, 1:] + np.sqrt(_SHARED) * shared[:, 1:]
        far = self._scale * self._apart[families] ** _POWER * np.exp(self._spread * own[:, 0])
        rows = self.vectors[families] + (is_copy * far)[:, None] * (step @ self._directions)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def _noise(self, seeds: Sequence[int], kind: int) -> Matrix:
        size = self.identity.dimension + 1
        return np.stack(
            [np.random.default_rng((SEED, kind, seed)).standard_normal(size, dtype=np.float32) for seed in seeds]
        )


def compare(path: Path, size: int, scale: float, spread: float) -> tuple[Matrix, Matrix]:
    """Return quantiles of the distances of real vectors and of made ones, of shape (quantiles, len(NEIGHBOURS))."""
    embedder = FamilyEmbedder(path, scale=scale, spread=spread)
    made = np.concatenate([embedder.make(range(start, min(start + _PAGE, size))) for start in range(0, size, _PAGE)])
    asked = made[np.random.default_rng(SEED).choice(len(made), _SAMPLE, replace=False)]
    with np.load(path) as kept:
        real = kept["distances"]
    found = neighbour_distances(asked, made, at_itself=True)
    return np.quantile(real, _QUANTILES, axis=0), np.quantile(found, _QUANTILES, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="VECTORS.npz")
    parser.add_argument("--size", type=int, default=100_000, metavar="N")
    parser.add_argument("--scale", type=float, default=_SCALE)
    parser.add_argument("--spread", type=float, default=_SPREAD)
    given = parser.parse_args()
    real, made = compare(given.file, given.size, given.scale, given.spread)
    rows = [
        [f"{rank}., {name}", *quantiles[:, column].tolist()]
        for column, rank in enumerate(NEIGHBOURS)
        for name, quantiles in (("real", real), ("made", made))
    ]
    table(["distance to the neighbour", *map(str, _QUANTILES)], rows)


if __name__ == "__main__":
    main()
