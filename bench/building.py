"""What a whole build costs beside the model, in this checkout and an earlier one.

    python bench/building.py ARTICLES.jsonl.gz EARLIER_CHECKOUT [--articles N] [--pairs P] [--seed S]

Draws N articles (300) and indexes them P times (3) in each checkout by turns, each time in a fresh process and a new
folder. Passages are counted by the model's own tokenizer, but random vectors replace those of the model, which costs
the same in both. Prints the CPU seconds of all threads, and of what the process started, from the file to the finished
index, and their ratio: its median over the pairs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from common import ROOT, environment, sample, table, write

CHILD = """
import json, os, sys
import numpy as np
from rag import Index
from rag.models.embedding import PackagedEmbedder

class RandomEmbedder:
    def __init__(self):
        self._model = PackagedEmbedder()
        self._random = np.random.default_rng(1)
        self.identity = self._model.identity
        self.count_tokens = self._model.count_tokens

    def embed(self, texts):
        vectors = self._random.standard_normal((len(texts), self.identity.dimension), np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

index = Index.open(sys.argv[2], embedder=RandomEmbedder())
index.embedder.count_tokens(["A text, so that the tokenizer is loaded."])
before = os.times()
index.sync(sys.argv[1])
after = os.times()
passages = index.info()["passages"]
index.close()
print(json.dumps({"cpu": sum(after[:4]) - sum(before[:4]), "passages": passages}))
"""


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-building-") as name:
        articles = write(Path(name) / "articles.jsonl", sample(given.file, given.articles, given.seed))
        pairs = [build_pair(articles, Path(name), given.earlier, number) for number in range(given.pairs)]
    table(["pair", "passages", "now, CPU s", "earlier, CPU s", "now / earlier"], list(map(row, enumerate(pairs, 1))))
    print(f"\n- now / earlier, median: {median(now['cpu'] / earlier['cpu'] for now, earlier in pairs):.3f}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("earlier", type=Path, metavar="EARLIER_CHECKOUT")
    parser.add_argument("--articles", type=int, default=300, metavar="N")
    parser.add_argument("--pairs", type=int, default=3, metavar="P")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


Figures = dict[str, float]


def build_pair(articles: Path, folder: Path, earlier: Path, number: int) -> tuple[Figures, Figures]:
    """Return the figures of this checkout and of the earlier one, which begins every second pair."""
    order: Sequence[Path] = (ROOT, earlier) if number % 2 == 0 else (earlier, ROOT)
    found = {tree: build(articles, folder / f"{number}-{place}", tree) for place, tree in enumerate(order)}
    return found[ROOT], found[earlier]


def build(articles: Path, folder: Path, tree: Path) -> Figures:
    """Return the figures of a build by the code in `tree`, in a process of its own."""
    command = [sys.executable, "-c", CHILD, str(articles), str(folder)]
    # What a checkout does not have must not be taken from another one that is installed.
    there = environment() | {"PYTHONPATH": str(tree.resolve())}
    done = subprocess.run(command, env=there, cwd=tree, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the build in {os.fspath(tree)} ended with {done.returncode}:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def row(numbered: tuple[int, tuple[Figures, Figures]]) -> list[object]:
    number, (now, earlier) = numbered
    return [number, int(now["passages"]), now["cpu"], earlier["cpu"], now["cpu"] / earlier["cpu"]]


if __name__ == "__main__":
    main()
