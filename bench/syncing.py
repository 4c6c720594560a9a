"""What changes to an existing index cost: nothing changed, one article more, one article less.

    python bench/syncing.py ARTICLES.jsonl.gz INDEX_DIR [--runs R] [--seed S]

INDEX_DIR is an index made by `rag sync ARTICLES.jsonl.gz`; a copy of it is worked on, so that it stays as it is.
Imports and loading the model are not timed. Prints the median and the extremes of R runs (7) of: syncing the unchanged
articles again, with the number of texts that were embedded (it must be 0); adding one article to this index, and to
an empty one, with their ratio; removing one article.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from common import Record, sample, table, time_call, write

from rag import Index
from rag.models.embedding import PackagedEmbedder
from rag.protocols import Matrix, ModelIdentity


class CountingEmbedder:
    """The packaged model, counting the texts it embeds."""

    def __init__(self) -> None:
        self._model = PackagedEmbedder()
        self.embedded = 0

    @property
    def identity(self) -> ModelIdentity:
        return self._model.identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._model.count_tokens(texts)

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.embedded += len(texts)
        return self._model.embed(texts)


def main() -> None:
    given = arguments()
    embedder = CountingEmbedder()
    embedder.embed(["A text, so that the model is loaded and has run once."])
    with tempfile.TemporaryDirectory(prefix="bench-syncing-") as name:
        folder = Path(name)
        shutil.copytree(given.index, folder / "index", symlinks=True)
        index = Index.open(folder / "index", embedder=embedder)
        again, embedded = sync_again(index, given.file, given.runs, embedder)
        singles = new_articles(given.file, folder, given.runs, given.seed)
        full, empty, removing = one_more_or_less(index, folder, singles, embedder)
        size = f"{index.info()['articles']} articles, {index.info()['passages']} passages"
        index.close()
    show(size, again, embedded, full, empty, removing)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("--runs", type=int, default=7, metavar="R")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


def sync_again(index: Index, file: Path, runs: int, embedder: CountingEmbedder) -> tuple[list[float], int]:
    """Seconds of each sync of what is there already, and how many texts they embedded together."""
    times: list[float] = []
    before = embedder.embedded
    for _ in range(runs):
        seconds, changes = time_call(lambda: index.sync(file))
        if changes.added or changes.updated or changes.removed:
            sys.exit(f"the index does not hold the articles of {file}: {changes}; make it with: rag sync {file}")
        times.append(seconds)
    return times, embedder.embedded - before


def new_articles(file: Path, folder: Path, runs: int, seed: int) -> list[tuple[str, Path]]:
    """Files of one article each, with ids that no index has; one more than the runs, to warm up on."""
    singles: list[tuple[str, Path]] = []
    for number, article in enumerate(sample(file, runs + 1, seed)):
        id = f"bench-syncing-{number}"
        fresh: Record = {**article, "id": id}
        singles.append((id, write(folder / f"{id}.jsonl", [fresh])))
    return singles


def one_more_or_less(
    index: Index, folder: Path, singles: list[tuple[str, Path]], embedder: CountingEmbedder
) -> tuple[list[float], list[float], list[float]]:
    """Seconds of putting each article into the full index, into an empty one, and of taking it out of the full one."""
    times: list[tuple[float, float, float]] = []
    for id, path in singles:
        fresh = Index.open(folder / f"empty-{id}", embedder=embedder)
        full_seconds, _ = time_call(lambda path=path: index.add(path))
        empty_seconds, _ = time_call(lambda fresh=fresh, path=path: fresh.add(path))
        removing_seconds, _ = time_call(lambda id=id: index.remove(id))
        fresh.close()
        times.append((full_seconds, empty_seconds, removing_seconds))
    full, empty, removing = (list(column) for column in zip(*times[1:], strict=True))
    return full, empty, removing


def show(
    size: str, again: list[float], embedded: int, full: list[float], empty: list[float], removing: list[float]
) -> None:
    print(f"{size}; {len(again)} runs\n")
    parts = [
        ("sync of the unchanged articles", again),
        ("add one article to this index", full),
        ("add one article to an empty index", empty),
        ("remove one article", removing),
    ]
    table(["", "median s", "least s", "most s"], [(name, median(some), min(some), max(some)) for name, some in parts])
    print(f"\n- texts embedded by the syncs of the unchanged articles: {embedded} (must be 0)")
    print(f"- adding one to this index / to an empty one: {median(full) / median(empty):.2f}")


if __name__ == "__main__":
    main()
