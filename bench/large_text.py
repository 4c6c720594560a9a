"""What an ordinary text as large as one article may be costs, from the file to the index, without the embedding.

    python bench/large_text.py [--megabytes N] [--seed S]

Makes a plain text of N MB (10, what `RAG_MAX_ARTICLE_MB` allows unless set) of made-up words in sentences and
paragraphs, and syncs it into a new index. Tokens are counted by the packaged model's own tokenizer; in the place of its
vectors stand random ones of the same dimension. Prints the CPU seconds of each stage, over all threads and with the
process that parses, and the ratio of their sum to the limit of 60 seconds.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from common import table

from rag import Index, Settings
from rag.models.embedding import PACKAGED, PackagedEmbedder
from rag.protocols import Matrix
from rag.storage.bm25 import BM25Index
from rag.storage.duplicates import NearDuplicates
from rag.storage.vectors import VectorStore
from rag.text.chunking import Chunker

LIMIT = 60
"""CPU seconds."""
_WORDS = 5_000
_SYLLABLES = "ba be co da do el fa gi ha in ka la li ma me na no or pa ra re sa so ta ti un va vi".split()


class Unembedded(PackagedEmbedder):
    """Counts tokens as the packaged model does, and gives each text a random unit vector."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), dimension), the same for the same number of texts."""
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), PACKAGED.dimension)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=10.0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    given = parser.parse_args()
    embedder = Unembedded("cpu")
    embedder.count_tokens(["Loads the tokenizer, which is none of the text's."])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.txt"
        path.write_text(ordinary_text(int(given.megabytes * 1e6), given.seed))
        index = Index.open(Path(folder) / "index", Settings(_env_file=None), embedder)
        with closing(index), stages() as spent:
            before, started = cpu(), time.perf_counter()
            changes = index.sync(path)
            wall, total = time.perf_counter() - started, cpu() - before
            articles, passages = index.counts()
    if changes.failed or articles != 1:
        sys.exit(f"not one article: {changes}")
    rows: list[list[object]] = [[name, seconds] for name, seconds in spent.items()]
    rows += [["everything else", total - sum(spent.values())], ["together", total]]
    print(f"{path.name}: {given.megabytes:g} MB, {passages:,} passages, {wall:.0f} s by the clock\n")
    table(["stage", "CPU s"], rows)
    print(f"\n{total / LIMIT:.2f} of the limit of {LIMIT} CPU seconds")


def ordinary_text(size: int, seed: int) -> str:
    """So many characters of sentences in paragraphs, of words as frequent as words are."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    weights = [1 / place for place in range(1, _WORDS + 1)]
    paragraphs, length = list[str](), 0
    while length < size:
        sentences = [
            " ".join(chance.choices(words, weights, k=chance.randint(6, 26))).capitalize() + "."
            for _ in range(chance.randint(2, 7))
        ]
        paragraphs.append(" ".join(sentences))
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)[: size - 1] + "\n"


@contextmanager
def stages() -> Iterator[dict[str, float]]:
    """Yield the CPU seconds of this process that pass within each stage; one in another's thread is counted to both."""
    spent: dict[str, float] = {}
    kept = list[tuple[type, str, Any]]()

    def watch(kind: type, name: str, stage: str) -> None:
        real = getattr(kind, name)
        kept.append((kind, name, real))

        def watched(*given: Any, **named: Any) -> Any:
            before = cpu()
            try:
                return real(*given, **named)
            finally:
                spent[stage] = spent.get(stage, 0.0) + cpu() - before

        setattr(kind, name, watched)

    watch(Chunker, "split", "splitting")
    watch(VectorStore, "add", "vectors")
    watch(VectorStore, "tidy", "graph")
    watch(BM25Index, "add", "words")
    watch(BM25Index, "commit", "words")
    watch(NearDuplicates, "update", "copies")
    try:
        yield spent
    finally:
        for kind, name, real in kept:
            setattr(kind, name, real)


def cpu() -> float:
    """CPU seconds of this process and of those it has ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
