"""What the benchmarks share: samples of articles, child processes that answer in JSON, and tables."""

import gzip
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
# This checkout is what is measured, whether or not the package is installed.
sys.path.insert(0, str(ROOT))

Record = dict[str, object]
_T = TypeVar("_T")


def records(path: Path) -> Iterator[Record]:
    """Yield the objects of a .jsonl or .jsonl.gz file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def sample(path: Path, count: int, seed: int) -> list[Record]:
    """`count` records drawn without replacement, in the order of the file; the same ones for the same seed."""
    total = sum(1 for _ in records(path))
    chosen = set(random.Random(seed).sample(range(total), min(count, total)))
    return [record for place, record in enumerate(records(path)) if place in chosen]


def write(path: Path, items: Sequence[Record]) -> Path:
    """Puts the records into a .jsonl file."""
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def words(items: Iterator[Record] | Sequence[Record]) -> int:
    """Return how many words the texts of the articles have."""
    return sum(len(str(item["text"]).split()) for item in items)


def run(command: Sequence[str | Path]) -> str:
    """Return what a fresh process prints; its stderr is shown when it fails."""
    done = subprocess.run([str(part) for part in command], env=environment(), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def child(*command: str | Path) -> dict[str, float]:
    """Return what a fresh process prints on its last line, read as JSON."""
    answer: dict[str, float] = json.loads(run(command).splitlines()[-1])
    return answer


def environment() -> dict[str, str]:
    """Return the environment of every child: this one, without settings that would change what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def time_call(call: Callable[[], _T]) -> tuple[float, _T]:
    """Seconds of wall time and what the call returned."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def peak_mb() -> float:
    """Return the most memory this process has held, in megabytes (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a Markdown table; numbers to three digits that matter."""
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(map(_cell, row)) + " |", flush=True)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
