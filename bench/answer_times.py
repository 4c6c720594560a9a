"""How long answers take, beside an earlier checkout of this project, and how long eight at once take.

    python bench/answer_times.py EARLIER_CHECKOUT INDEX_DIR QUESTIONS.jsonl [--questions N] [--at-once A]

Asks N questions (60), spread over the file, each of both checkouts in turn, and the one that is first changes with each
question; every checkout has a process of its own, which has answered three other questions before. Prints the medians
of the seconds of wall time and of CPU time of all threads, and of the ratios of the pairs: under 1 is faster than the
earlier one. CPU seconds are nearly those of a quiet machine where this one is busy. Then this checkout is asked A
questions (8) at once until all were asked: prints the median and the 95th percentile over the median of one alone.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from common import ROOT, environment, table

_ASKER = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from rag import Assistant, Index
assistant = Assistant(Index.open(sys.argv[1]))
def ask(question):
    wall, cpu = time.perf_counter(), time.process_time()
    assistant.ask(question)
    return time.perf_counter() - wall, time.process_time() - cpu
for line in sys.stdin:
    questions = json.loads(line)
    with ThreadPoolExecutor(len(questions)) as pool:
        print(json.dumps(list(pool.map(ask, questions))), flush=True)
"""
"""Answers the questions of a line all at once, and gives the seconds that each took, of wall and of CPU time."""


class Seconds(NamedTuple):
    wall: float
    cpu: float


class Asker:
    """A process that answers questions by the code of a checkout."""

    def __init__(self, checkout: Path, index: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ASKER, str(index)],
            env=environment() | {"PYTHONPATH": str(checkout)},
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, questions: Sequence[str]) -> list[Seconds]:
        """Ask questions at once, and return what each took; the CPU time is of all threads, so of the others too."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps(questions), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            sys.exit("a checkout answers no more")
        return [Seconds(*one) for one in json.loads(line)]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    given = arguments()
    lines = given.questions_file.read_text("utf-8").splitlines()
    asked = [str(json.loads(line)["question"]) for line in lines if line.strip()]
    warming, asked = asked[:3], asked[3:][:: max((len(asked) - 3) // given.questions, 1)][: given.questions]
    checkouts = {"earlier": given.earlier.resolve(), "this": ROOT}
    askers = {name: Asker(checkout, given.index.resolve()) for name, checkout in checkouts.items()}
    for asker in askers.values():
        for question in warming:
            asker.ask([question])
    alone = ask_by_turns(askers, asked)
    show_ratios(alone)
    together = [
        one
        for first in range(0, len(asked), given.at_once)
        for one in askers["this"].ask(asked[first : first + given.at_once])
    ]
    show_at_once(alone["this"], together, given.at_once)
    for asker in askers.values():
        asker.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlier", type=Path, metavar="EARLIER_CHECKOUT")
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("questions_file", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--questions", type=int, default=60, metavar="N")
    parser.add_argument("--at-once", type=int, default=8, metavar="A")
    return parser.parse_args()


def ask_by_turns(askers: dict[str, Asker], asked: Sequence[str]) -> dict[str, list[Seconds]]:
    """Ask each question of every checkout, in an order that changes; return what it took each."""
    taken: dict[str, list[Seconds]] = {name: [] for name in askers}
    for number, question in enumerate(asked):
        for name in list(askers) if number % 2 else list(reversed(askers)):
            taken[name] += askers[name].ask([question])
    return taken


def show_ratios(taken: dict[str, list[Seconds]]) -> None:
    rows = []
    for unit in Seconds._fields:
        earlier, this = ([getattr(one, unit) for one in taken[name]] for name in ("earlier", "this"))
        ratios = [new / old for new, old in zip(this, earlier, strict=True)]
        rows.append((unit, median(earlier), median(this), median(ratios), sum(this) / sum(earlier)))
    table(["seconds", "earlier", "this", "ratio", "ratio of sums"], rows)


def show_at_once(alone: Sequence[Seconds], together: Sequence[Seconds], at_once: int) -> None:
    one = median(seconds.wall for seconds in alone)
    walls = [seconds.wall for seconds in together]
    row = (at_once, median(walls) / one, quantiles(walls, n=20)[-1] / one)
    table(["at once", "median / one alone", "95th percentile / one alone"], [row])


if __name__ == "__main__":
    main()
