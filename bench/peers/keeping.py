"""What every system of bench/peers.py does; it runs in the environment of the system.

    PYTHON bench/peers/keeping_NAME.py fit ARTICLES.jsonl TOKENS
    PYTHON bench/peers/keeping_NAME.py build ARTICLES.jsonl FOLDER SIZE
    PYTHON bench/peers/keeping_NAME.py cold QUESTIONS.jsonl FOLDER SIZE
    PYTHON bench/peers/keeping_NAME.py use ARTICLES.jsonl FOLDER SIZE QUESTIONS.jsonl NEW.jsonl

SIZE is how long its chunks are, in the unit it has for that. The last line printed is JSON: the SIZE whose chunks have
the mean length TOKENS; what building took; nothing; what searching and changing took, and whether that had an effect.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Protocol

# Before any library is imported: nothing is fetched or reported while a system runs.
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}

from bench.common import ROOT, Record, peak_mb, records, time_call, write

sys.path.insert(0, str(ROOT / "bench"))

BEST = 10
"""Passages that are ranked."""
_WARMING = 10
_SIZES = (20, 4000)


class Kept(Protocol):
    """Articles that a system keeps in a folder, which is up to date after every change."""

    def sync(self, articles: Path) -> None:
        """Makes what is kept equal to the articles of a file, as well as the system can."""

    def add(self, articles: Path) -> None:
        """Puts the articles of a file in, beside those that are there."""

    def remove(self, id: str) -> None:
        """Takes an article out."""

    def search(self, question: str) -> list[str]:
        """Return the ids of the articles of the best passages, best first."""

    def count(self) -> int:
        """Count the passages that are stored."""

    def texts(self, articles: Path) -> list[str]:
        """Return the texts of the articles that are embedded, one a passage."""


Opening = Callable[[Path, int], Kept]
"""From a folder, which may be empty or missing, and the size of chunks; the model is loaded and has run once."""


def serve(opened: Opening) -> None:
    """Does the step that the command line names."""
    step, articles, *more = sys.argv[1:]
    if step == "fit":
        told = fit_size(opened, Path(articles), float(more[0]))
    elif step == "build":
        told = build(opened, Path(articles), Path(more[0]), int(more[1]))
    elif step == "cold":
        [question, *_] = questions(Path(articles))
        opened(Path(more[0]), int(more[1])).search(question)
        told = {}
    else:
        told = use(opened(Path(more[0]), int(more[1])), Path(articles), *map(Path, more[2:]))
    print(json.dumps(told))


def questions(path: Path) -> list[str]:
    return [str(one["question"]) for one in records(path)]


def fit_size(opened: Opening, articles: Path, tokens: float) -> dict[str, float]:
    """Halves the range of sizes until the mean length is met; it grows with the size."""
    low, high = _SIZES
    while low < high:
        size = (low + high) // 2
        if length(opened(Path(), size).texts(articles)) < tokens:
            low = size + 1
        else:
            high = size
    return {"size": low}


def length(texts: list[str]) -> float:
    """Return the mean tokens of texts by the tokenizer of the model, special ones left out."""
    from peer import counter

    count = counter()
    return mean(len(count(text)) for text in texts)


def build(opened: Opening, articles: Path, folder: Path, size: int) -> dict[str, float]:
    kept, before = opened(folder, size), time.process_time()
    seconds, _ = time_call(lambda: kept.sync(articles))
    cpu, memory = time.process_time() - before, peak_mb()
    told = {"passages": kept.count(), "tokens": length(kept.texts(articles))}
    return {"seconds": seconds, "cpu": cpu, "memory": memory} | told


def use(kept: Kept, articles: Path, asked: Path, new: Path) -> dict[str, float]:
    ms = sorted(1000 * time_call(lambda one=one: kept.search(one))[0] for one in questions(asked)[_WARMING:])
    told = {"p50": median(ms), "p95": ms[len(ms) * 95 // 100]} | add_and_remove(kept, new)
    before = kept.count()
    told["sync"], _ = time_call(lambda: kept.sync(articles))
    return told | {"doubled": kept.count() - before}


def add_and_remove(kept: Kept, new: Path) -> dict[str, float]:
    """Medians of adding and removing each of the new articles but the first, and how often that had no effect."""
    adding, removing, missed, stayed = [], [], 0, 0
    for article in records(new):
        id, alone = str(article["id"]), write(new.with_name("alone.jsonl"), [article])
        adding.append(time_call(lambda alone=alone: kept.add(alone))[0])
        missed += id not in kept.search(words(article))
        removing.append(time_call(lambda id=id: kept.remove(id))[0])
        stayed += id in kept.search(words(article))
    return {"add": median(adding[1:]), "remove": median(removing[1:]), "missed": missed, "stayed": stayed}


def words(article: Record) -> str:
    """First words of an article, which find it."""
    return " ".join(str(article["text"]).split()[:40])
