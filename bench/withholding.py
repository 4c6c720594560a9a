"""Takes the answers out of articles, so that it can be measured whether a question without one is refused.

    python bench/withholding.py ARTICLES.jsonl.gz QUESTIONS.jsonl NEW_FOLDER [--share S] [--days D] [--seed S]

Puts articles.jsonl and questions.jsonl into the folder: the articles that answer a share of the questions (a half) are
left out, and these questions marked `unanswerable`. Questions that have a date are drawn by their months, and all
articles of the D days (14) before such a question are left out too, since others of that time may answer it as well.
"""

import argparse
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from common import Record, records, write

from rag.evaluation.questions import Question, read_questions
from rag.sources.cleaning.publication_date import parse_day

_AFTER = timedelta(3)
"""A report may be dated a little later than the question about it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("folder", type=Path, metavar="NEW_FOLDER")
    parser.add_argument("--share", type=float, default=0.5, metavar="S")
    parser.add_argument("--days", type=int, default=14, metavar="D")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    given = parser.parse_args()
    asked = [one for one in read_questions(given.questions) if not one.unanswerable]
    withheld = draw_withheld(asked, given.share, given.seed)
    spans = [span(one, given.days) for one in withheld if one.date]
    gold = {id for one in withheld for id in one.gold_articles}
    kept = [one for one in records(given.articles) if one["id"] not in gold and not is_within(one, spans)]
    ids = {str(one["id"]) for one in kept}
    marked = [marked_for(one, ids) for one in asked]
    given.folder.mkdir(parents=True)
    write(given.folder / "articles.jsonl", kept)
    write(given.folder / "questions.jsonl", marked)
    print(
        f"{len(kept)} articles, {len(marked)} questions, {sum('unanswerable' in one for one in marked)} without answer"
    )


def draw_withheld(asked: Sequence[Question], share: float, seed: int) -> list[Question]:
    """Return the questions whose answers are withheld: whole months of them where they have dates."""
    names = [one.date[:7] or str(number) for number, one in enumerate(asked)]
    groups = sorted(set(names))
    chosen = set(random.Random(seed).sample(groups, round(share * len(groups))))
    return [one for name, one in zip(names, asked, strict=True) if name in chosen]


def span(asked: Question, days: int) -> tuple[date, date]:
    day = date.fromisoformat(asked.date)
    return day - timedelta(days), day + _AFTER


def is_within(article: Record, spans: Sequence[tuple[date, date]]) -> bool:
    day = parse_day(article.get("date") or "")
    return bool(day) and any(first <= date.fromisoformat(day) <= last for first, last in spans)


def marked_for(asked: Question, ids: set[str]) -> Record:
    """Return the question as a line, unanswerable where none of its articles is left."""
    line: Record = asked.model_dump(mode="json", exclude_defaults=True)
    if ids.intersection(asked.gold_articles):
        return line
    return {name: value for name, value in line.items() if name in ("question", "date")} | {"unanswerable": True}


if __name__ == "__main__":
    main()
