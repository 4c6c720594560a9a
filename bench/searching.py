"""How long a search and an answer take.

    python bench/searching.py QUESTIONS.jsonl INDEX_DIR [--filtered N] [--seed S]

Searches and asks every question once with the model loaded; the first five of each are not counted. N questions (100)
are searched again within one publisher, and within thirty days, drawn at random from those of the index. Prints p50
and p95 in milliseconds: of `index.search`, with the limits beside, of `Assistant.ask`, and of its stages.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from common import records, table, time_call

from rag import Answer, Assistant, Filters, Index

STAGES = ("retrieve", "read", "compose")
_WARMING = 5
_DAYS = 30
_LIMITS = (60, 150)
"""Most milliseconds a search may take, p50 and p95."""


def main() -> None:
    given = arguments()
    questions = [str(record["question"]) for record in records(given.questions)]
    index = Index.open(given.index)
    rows = [row("search", searches(index, questions, lambda: None), _LIMITS)]
    choose = random.Random(given.seed)
    some = choose.sample(questions, min(given.filtered + _WARMING, len(questions)))
    for name, filters in filterings(index, choose).items():
        rows.append(row(f"search, {name}", searches(index, some, filters), _LIMITS))
    seconds, answers = asks(Assistant(index), questions)
    rows.append(row("ask", seconds))
    rows += [row(f"ask: {stage}", [one.timings[stage] for one in answers]) for stage in STAGES]
    info, answered = index.info(), sum(one.answered for one in answers)
    print(
        f"{info['articles']} articles, {info['passages']} passages; {answered} of {len(answers)} questions answered\n"
    )
    table(["", "questions", "p50 ms", "p95 ms", "limits ms"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("--filtered", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


def searches(index: Index, questions: Sequence[str], filters: Callable[[], Filters | None]) -> list[float]:
    """Seconds of each search but the first ones."""
    within = [filters() for _ in questions]
    pairs = zip(questions, within, strict=True)
    return [time_call(lambda one=one, own=own: index.search(one, filters=own))[0] for one, own in pairs][_WARMING:]


def filterings(index: Index, choose: random.Random) -> dict[str, Callable[[], Filters]]:
    """Ways to draw a filter: a publisher weighed by its articles, and a month that begins on the day of an article."""
    known = [(article.source, article.date) for article in index.articles()]
    publishers = [source for source, _ in known if source]
    days = [date.fromisoformat(day) for _, day in known if day]
    drawing: dict[str, Callable[[], Filters]] = {}
    if publishers:
        drawing["one publisher"] = lambda: Filters(publisher=choose.choice(publishers))
    if days:
        drawing[f"{_DAYS} days"] = lambda: month(choose.choice(days))
    return drawing


def month(first: date) -> Filters:
    return Filters(since=first.isoformat(), until=(first + timedelta(_DAYS - 1)).isoformat())


def asks(assistant: Assistant, questions: Sequence[str]) -> tuple[list[float], list[Answer]]:
    """Seconds of each answer but the first ones, and the answers."""
    pairs = [time_call(lambda one=one: assistant.ask(one)) for one in questions][_WARMING:]
    return [seconds for seconds, _ in pairs], [answer for _, answer in pairs]


def row(name: str, seconds: Sequence[float], limits: tuple[int, int] | None = None) -> list[object]:
    ms = sorted(1000 * one for one in seconds)
    return [name, len(ms), percentile(ms, 50), percentile(ms, 95), "{} / {}".format(*limits) if limits else ""]


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest value that this share of the values does not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


if __name__ == "__main__":
    main()
