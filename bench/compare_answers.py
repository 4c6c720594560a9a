"""Record the answers to a set of questions, or compare them with a record: a refactoring must not change any.

    python bench/compare_answers.py INDEX QUESTIONS.jsonl --record before.json [--first 200]
    python bench/compare_answers.py INDEX QUESTIONS.jsonl --against before.json

Timings are left out, scores may differ by 1e-6. It needs nothing of the package but its public names, so that the same
script reads two versions of it. Exits with 1 where an answer differs.
"""

import argparse
import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

from rag import Assistant, Filters, Index

_LEFT_OUT = ("timings",)
_NEAR = 1e-6


def answers(index: Path, questions: Path, first: int) -> dict[str, object]:
    """Ask the first questions of a file, each on its day; the answers by question."""
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()[:first]]
    assistant, given = Assistant(Index.open(index)), {}
    for row in rows:
        answer = asdict(assistant.ask(row["question"], (), Filters(as_of=row.get("date", "").replace("/", "-"))))
        given[row["question"]] = {name: value for name, value in answer.items() if name not in _LEFT_OUT}
    return given


def differences(before: object, after: object, place: str = "") -> list[str]:
    """Where two answers differ, as paths into their fields."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = {**before, **after}
        return [one for name in names for one in differences(before.get(name), after.get(name), f"{place}.{name}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for number, pair in pairs for one in differences(*pair, f"{place}[{number}]")]
    numbers = isinstance(before, (int, float)) and isinstance(after, (int, float))
    same = math.isclose(before, after, rel_tol=0, abs_tol=_NEAR) if numbers else before == after  # type: ignore[arg-type]
    return [] if same else [f"{place}: {str(before)[:80]} -> {str(after)[:80]}"]


def main() -> int:
    """Record or compare, and return how the process exits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--first", type=int, default=200)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--against", type=Path)
    given = parser.parse_args()
    # Tuples become lists, as they are in a record.
    now = json.loads(json.dumps(answers(given.index, given.questions, given.first)))
    if given.record:
        given.record.write_text(json.dumps(now), encoding="utf-8")
    if not given.against:
        return 0
    before, changed = json.loads(given.against.read_text(encoding="utf-8")), 0
    for question, answer in now.items():
        if found := differences(before.get(question), answer):
            changed += 1
            print(question, *found[:5], sep="\n    ")
    print(f"{len(now) - changed} of {len(now)} answers are the same")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
