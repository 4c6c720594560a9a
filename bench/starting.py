"""How long the command takes to start, and where the time of a first `rag ask` goes.

    python bench/starting.py [INDEX_DIR] [--runs R] [--question Q] [--beside EARLIER_CHECKOUT]

Prints the median and the extremes of R fresh processes (5) of `rag --help`, `rag list` and `rag ask`, then the median
seconds of each step of an ask: what is imported, in the order it is, each row without what the rows above have loaded
already. CPU seconds count all threads: they say what a quiet machine would take, at most, where this one is busy. The
files are in the system's cache, as after a first use. Without INDEX_DIR it makes an index of seeds/.

With an earlier checkout of this project it prints the medians of R asks of both instead, by turns, and the medians of
the ratios of the pairs, which a busy machine changes least.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median

from common import ROOT, child, environment, run, table, time_call

_COMMAND = "import sys; from rag.cli import main; sys.exit(main())"
_IMPORTS = [
    ("import numpy, pydantic", ("numpy", "pydantic_settings")),
    ("import rag", ("rag.cli", "rag")),
    ("import onnxruntime, tokenizers", ("onnxruntime", "tokenizers")),
    ("import chromadb_rust_bindings", ("chromadb_rust_bindings",)),
    ("import tantivy", ("tantivy",)),
]


def main() -> None:
    given = arguments()
    if given.steps:
        return print(json.dumps(steps(given.index, given.question)))
    with tempfile.TemporaryDirectory(prefix="bench-starting-") as name:
        index = given.index or of_seeds(Path(name))
        if given.beside:
            return show_beside(index, given.question, given.runs, given.beside)
        show_commands(index, given.question, given.runs)
        show_steps(index, given.question, given.runs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, nargs="?", metavar="INDEX_DIR")
    parser.add_argument("--runs", type=int, default=5, metavar="R")
    parser.add_argument("--question", default="Why did Iraq call for ending the coalition?", metavar="Q")
    parser.add_argument("--beside", type=Path, metavar="EARLIER_CHECKOUT")
    parser.add_argument("--steps", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def of_seeds(folder: Path) -> Path:
    run([sys.executable, "-c", _COMMAND, "--index", folder, "sync", ROOT / "seeds"])
    return folder


def show_beside(index: Path, question: str, runs: int, earlier: Path) -> None:
    """Print the seconds of an ask by both checkouts, by turns; the first of each is not counted."""
    command = [sys.executable, "-c", _COMMAND, "--index", str(index), "ask", question]
    tries = [[ask_from(checkout, command) for checkout in (earlier.resolve(), ROOT)] for _ in range(runs + 1)][1:]
    rows: list[tuple[str, float, float]] = []
    for place, name in enumerate(("before", "now")):
        rows.append((name, median(one[place][0] for one in tries), median(one[place][1] for one in tries)))
    ratios = [median(now[part] / before[part] for before, now in tries) for part in (0, 1)]
    table([f"rag ask, {runs} pairs", "median s", "median CPU s"], [*rows, ("ratio of the pairs", *ratios)])


def ask_from(checkout: Path, command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command in a checkout."""
    before = processor_seconds()
    # Where a process starts comes first on the path, and so the checkout it is of.
    given = environment() | {"PYTHONPATH": str(checkout)}
    seconds, _ = time_call(lambda: subprocess.run(command, cwd=checkout, env=given, check=True, capture_output=True))
    return seconds, processor_seconds() - before


def show_commands(index: Path, question: str, runs: int) -> None:
    commands = {
        "python -c pass": ["-c", "pass"],
        "rag --help": ["-c", _COMMAND, "--help"],
        "rag list": ["-c", _COMMAND, "--index", index, "list"],
        "rag ask": ["-c", _COMMAND, "--index", index, "ask", question],
    }
    rows = []
    for name, command in commands.items():
        before = processor_seconds()
        seconds = [time_call(lambda command=command: run([sys.executable, *command]))[0] for _ in range(runs)]
        cpu = (processor_seconds() - before) / runs
        rows.append((name, median(seconds), min(seconds), max(seconds), cpu))
    table([f"command, {runs} processes", "median s", "least s", "most s", "mean CPU s"], rows)


def processor_seconds() -> float:
    """Return what all children together have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show_steps(index: Path, question: str, runs: int) -> None:
    """Print the medians of the steps, the start of the interpreter first, and their sum."""
    starts = [time_call(lambda: run([sys.executable, "-c", "pass"]))[0] for _ in range(runs)]
    tries = [child(sys.executable, __file__, index, "--steps", "--question", question) for _ in range(runs)]
    medians = {"start of the interpreter": median(starts)}
    medians |= {name: median(one[name] for one in tries) for name in tries[0]}
    print()
    table(["step of rag ask", "median s"], [*medians.items(), ("all steps", sum(medians.values()))])


def steps(folder: Path, question: str) -> dict[str, float]:
    """Seconds of each step, in this process."""
    told: dict[str, float] = {}
    for name, modules in _IMPORTS:
        started = time.perf_counter()
        for module in modules:
            import_module(module)
        told[name] = time.perf_counter() - started
    from rag import Assistant, Index

    index = Index.open(folder)
    told["load the model"] = time_call(lambda: index.embedder.embed([question]))[0]
    told["open the index"] = time_call(index.publishers)[0]
    timings = Assistant(index).ask(question).timings
    names = {"retrieve": "search", "read": "read the passages", "compose": "compose the answer"}
    return told | {names.get(stage, stage): seconds for stage, seconds in timings.items() if stage != "total"}


if __name__ == "__main__":
    main()
