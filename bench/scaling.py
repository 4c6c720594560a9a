"""How every cost grows with the number of articles, from a thousand to a hundred thousand, and by which power.

    python bench/scaling.py ARTICLES.jsonl.gz [--sizes 1000 5000 …] [--embedder model|words] [--work DIR] [--plots DIR]
    python bench/scaling.py ARTICLES.jsonl.gz --vectors INDEX … [--sizes 75000 225000 750000]

Makes as many articles as the largest size wants out of paragraphs of the given ones, always the same: a title, a few
paragraphs, and a made-up sentence that no other article has. A smaller size is the beginning of a larger one. For each
size one fresh process builds a new index, and another opens it, searches, and changes it. Imports and loading the model
are not in the seconds, opening the index is in a column of its own. What is searched for are titles and first words of
its articles, 200, after 20 that do not count; a sync of nothing changed is the median of 3, an added and a removed
article of 9. With `--embedder words` a random projection of the words stands in for the model, in as many dimensions,
so that a hundred thousand articles take minutes: what the stores cost is real, what embedding costs is not. With
`--vectors` they are vectors of given indexes, and copies of those with the same distances to their neighbours
(`bench/made_vectors.py`), so that the graph has as much to do as with the model's; the index grows from size to size
(`bench/families.py`); its seconds leave out what a killed run has built. Searches for one publisher of twenty, and for
30 days of two years, are columns of their own.

Prints each cost at each size, and the power of the size that it grows by: the slope of its logarithm over all sizes,
and between the last two. CPU seconds are those of all threads; on a machine that is not quiet they tell more than the
seconds by the clock. Each size is kept in DIR/rows-EMBEDDER.json as soon as it is there: an interrupted run goes on
where it was, and a deleted file is measured anew. An index is deleted once it is measured, unless --keep is given.
"""

import argparse
import gzip
import json
import random
import re
import shutil
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import TypeVar

import families
import numpy as np
import plots
from common import ROOT, Record, child, peak_mb, records, sample, table, time_call
from made_vectors import COPIES, FamilyEmbedder, save_vectors

from rag import Index
from rag.models.embedding import PACKAGED, SentenceEmbedder
from rag.protocols import Embedder, Matrix, ModelIdentity
from rag.types import Filters

SEED = 1
PUBLISHERS = [
    f"{where} {what}" for where in "North South East West Central".split() for what in "Times Post News Globe".split()
]
FIRST_DAY, DAYS = date(2022, 1, 1), 730
_PARAGRAPHS = (2, 5)
"""Paragraphs of an article, least and most; of news so many make one passage, sometimes two."""
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
_ASKED, _WARMING, _SYNCS, _CHANGES = 200, 20, 3, 9
_FILTERED_DAYS = 30
_REAL_VECTORS = 50_000
_WORD = re.compile(r"\w+")
_BUCKETS = 1 << 14
COSTS = {
    "build, s": "seconds",
    "build, CPU s": "seconds cpu",
    "build, peak MB": "memory",
    "on disk, MB": "disk",
    "open and first search, s": "open",
    "search p50, ms": "p50",
    "search p95, ms": "p95",
    "search, mean CPU ms": "search cpu",
    "one publisher p50, ms": "publisher p50",
    "one publisher p95, ms": "publisher p95",
    "30 days p50, ms": "days p50",
    "30 days p95, ms": "days p95",
    "search, peak MB": "searching",
    "of which files, MB": "mapped",
    "sync of nothing, s": "sync",
    "sync of nothing, CPU s": "sync cpu",
    "add one, s": "add",
    "add one, CPU s": "add cpu",
    "remove one, s": "remove",
    "remove one, CPU s": "remove cpu",
}
"""What grows, by the heading it is shown under."""
_T = TypeVar("_T")


class ProjectionEmbedder:
    """Each word of four letters or more has a random direction, and a text is the sum of those of its words."""

    def __init__(self) -> None:
        """A token is a word; three words of English are about four tokens of the packaged model."""
        dimension, window = PACKAGED.dimension, PACKAGED.window * 3 // 4
        self.identity = ModelIdentity("random-projection", f"seed {SEED}", dimension, window)
        self._directions = np.random.default_rng(SEED).standard_normal((_BUCKETS, dimension), dtype=np.float32)
        self._buckets: dict[str, int] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        vectors = np.empty((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            words = [word for word in _WORD.findall(text) if len(word) > 3] or [text]
            row[:] = self._directions[[self._bucket(word) for word in words]].sum(axis=0)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _bucket(self, word: str) -> int:
        if word not in self._buckets:
            self._buckets[word] = zlib.crc32(word.casefold().encode()) % _BUCKETS
        return self._buckets[word]


def main() -> None:
    given = arguments()
    if given.step:
        return print(json.dumps(STEPS[given.step](given)))
    given.work.mkdir(parents=True, exist_ok=True)
    if given.vectors and not vectors_file(given).exists():
        save_vectors(given.vectors, vectors_file(given), _REAL_VECTORS)
    kept = given.work / f"rows-{given.embedder}.json"
    rows = read_rows(kept)
    for size in sorted(given.sizes):
        if str(size) not in rows:
            rows[str(size)] = measure_size(given, size, rows)
            kept.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    report([rows[str(size)] for size in sorted(given.sizes)])
    if given.plots:
        plots.draw(kept, given.plots)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000, 20_000, 100_000], metavar="N")
    parser.add_argument("--embedder", choices=("model", "words", "families"), default="model")
    parser.add_argument("--vectors", type=Path, nargs="+", metavar="INDEX")
    parser.add_argument("--work", type=Path, default=ROOT / "bench" / "results" / "scaling", metavar="DIR")
    parser.add_argument("--plots", type=Path, metavar="DIR")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--step", choices=("make", "build", "measure"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.vectors:
        given.embedder = "families"
    return given


def read_rows(path: Path) -> dict[str, dict[str, float]]:
    """Return the rows that an earlier run has kept, by size."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def measure_size(given: argparse.Namespace, size: int, rows: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the row of one size, each step in a process of its own, so that none counts the memory of another.

    An index that grows has taken what it took at its size in `rows` before this one too.
    """
    row: dict[str, float] = {"articles": size}
    if not given.vectors:
        shutil.rmtree(index_folder(given, size), ignore_errors=True)
    for step in ("make", "build", "measure"):
        print(f"{size:,} articles: {step} …", file=sys.stderr, flush=True)
        options: list[str | Path] = ["--embedder", given.embedder, "--work", given.work, "--sizes", str(size)]
        row |= child(sys.executable, __file__, given.file, *options, "--step", step)
    if given.vectors:
        smaller = max((before for before in rows.values() if before["articles"] < size), key=_articles, default={})
        row |= {key: row[key] + smaller.get(key, 0) for key in ("seconds", "seconds cpu")}
    elif not given.keep:
        shutil.rmtree(index_folder(given, size))
        articles_file(given, size).unlink()
    return row


def _articles(row: dict[str, float]) -> float:
    return row["articles"]


def articles_file(given: argparse.Namespace, size: int) -> Path:
    return given.work / ("articles.jsonl.gz" if given.embedder == "families" else f"articles-{size}.jsonl.gz")


def vectors_file(given: argparse.Namespace) -> Path:
    return given.work / "vectors.npz"


def index_folder(given: argparse.Namespace, size: int) -> Path:
    return given.work / ("index-families" if given.embedder == "families" else f"index-{given.embedder}-{size}")


# Making articles.


def make(given: argparse.Namespace) -> dict[str, float]:
    """Writes the articles of a size, one by one."""
    [size] = given.sizes
    beside = given.work / "articles.new"
    with gzip.open(beside, "wt", encoding="utf-8", compresslevel=1) as file:
        for article in islice(make_articles(given.file, paragraphs=article_length(given)), size):
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    beside.replace(articles_file(given, size))
    return {}


def article_length(given: argparse.Namespace) -> tuple[int, int]:
    """Return how many paragraphs an article has, least and most."""
    return families.PARAGRAPHS if given.embedder == "families" else _PARAGRAPHS


def make_articles(source: Path, seed: int = SEED, *, paragraphs: tuple[int, int]) -> Iterator[Record]:
    """Articles without end, the same ones for the same seed."""
    titles, texts = pool(records(source))
    chance = random.Random(seed)
    number = 0
    while True:
        body = chance.sample(texts, chance.randint(*paragraphs))
        marker = f"The reference of this report is {' '.join(name(chance) for _ in range(3))} {number}."
        body.insert(chance.randint(1, len(body)), marker)
        day = FIRST_DAY + timedelta(chance.randrange(DAYS))
        yield {
            "id": f"made-{seed}-{number:07}",
            "title": f"{chance.choice(titles)} ({name(chance)})",
            "text": "\n\n".join(body),
            "source": chance.choice(PUBLISHERS),
            "url": f"https://example.org/{seed}/{number}",
            "date": day.isoformat(),
        }
        number += 1


def pool(articles: Iterable[Record]) -> tuple[list[str], list[str]]:
    """Return the titles of articles, and their paragraphs of 20 to 90 words."""
    titles, paragraphs = dict[str, None](), dict[str, None]()
    for one in articles:
        titles |= {title: None for title in [str(one["title"]).strip()] if title}
        paragraphs |= {own: None for own in str(one["text"]).split("\n\n") if 20 <= len(own.split()) <= 90}
    return list(titles), list(paragraphs)


def name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=3)).capitalize()


# Measuring.


def open_index(given: argparse.Namespace) -> Index:
    """Return the index of the size, with everything imported and the model loaded."""
    import chromadb  # noqa: F401
    import tantivy  # noqa: F401

    embedder = make_embedder(given)
    embedder.count_tokens(["A text, so that the model is loaded and has run once."])
    embedder.embed(["A text, so that the model is loaded and has run once."])
    return Index.open(index_folder(given, given.sizes[0]), embedder=embedder)


def make_embedder(given: argparse.Namespace) -> Embedder:
    """Return what embeds; families of vectors go on where the index ends in a build, and else beyond all of them."""
    if given.embedder == "families":
        start = families.count_passages(index_folder(given, 0)) if given.step == "build" else COPIES * _REAL_VECTORS
        return FamilyEmbedder(vectors_file(given), start=start)
    return ProjectionEmbedder() if given.embedder == "words" else SentenceEmbedder()


def build(given: argparse.Namespace) -> dict[str, float]:
    index = open_index(given)
    write = families.grow if given.embedder == "families" else Index.sync
    clock, changes = time_both_clocks(lambda: write(index, articles_file(given, given.sizes[0])))
    memory = peak_mb()
    if (changes.added + changes.unchanged, changes.failed) != (given.sizes[0], ()):
        sys.exit(f"not all articles came in: {changes}")
    if index.embedded_share() < 1:
        sys.exit(f"a run that was killed has left articles without vectors; delete {index.folder} and begin again")
    passages = index.counts()[1]
    index.close()
    return {"passages": passages, "memory": memory} | median_row("seconds", [clock])


def measure(given: argparse.Namespace) -> dict[str, float]:
    index = open_index(given)
    questions = make_questions(articles_file(given, given.sizes[0]))
    opening, _ = time_call(lambda: index.search(questions[0]))
    chance = random.Random(SEED)
    limits = {
        "": [Filters() for _ in questions],
        "publisher ": [draw_publisher(chance) for _ in questions],
        "days ": [draw_days(chance) for _ in questions],
    }
    row = {"open": opening}
    for name, filters in limits.items():
        row |= {name + key: value for key, value in search_times(index, questions, filters).items()}
    row |= {"searching": peak_mb(), "mapped": mapped_mb(), "disk": float(str(index.info()["bytes"])) / 1e6}
    return row | sync_again(index, given) | one_more_or_less(index, given)


def search_times(index: Index, questions: Sequence[str], filters: Sequence[Filters]) -> dict[str, float]:
    """Return percentiles of a search in milliseconds, and the mean of its CPU; the first ones do not count."""
    pairs = zip(questions, filters, strict=True)
    clocks = [time_both_clocks(lambda one=one: index.search(one[0], filters=one[1]))[0] for one in pairs][_WARMING:]
    ms, cpu = ([1000 * one for one in column] for column in zip(*clocks, strict=True))
    return {"p50": float(np.percentile(ms, 50)), "p95": float(np.percentile(ms, 95)), "search cpu": mean(cpu)}


def draw_publisher(chance: random.Random) -> Filters:
    return Filters(publisher=chance.choice(PUBLISHERS))


def draw_days(chance: random.Random) -> Filters:
    first = FIRST_DAY + timedelta(chance.randrange(DAYS - _FILTERED_DAYS))
    return Filters(since=first.isoformat(), until=(first + timedelta(_FILTERED_DAYS - 1)).isoformat())


def mapped_mb() -> float:
    """Return how much of the memory of this process are files that the system may drop; 0 where it does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("RssFile"))


def make_questions(articles: Path) -> list[str]:
    """Titles, and first words of paragraphs, by turns, of articles drawn from the whole file."""
    chance = random.Random(SEED)
    drawn = sample(articles, _WARMING + _ASKED, SEED)
    chance.shuffle(drawn)
    first = [" ".join(chance.choice(str(one["text"]).split("\n\n")).split()[:10]) for one in drawn]
    return [str(one["title"]) if place % 2 else first[place] for place, one in enumerate(drawn)]


def sync_again(index: Index, given: argparse.Namespace) -> dict[str, float]:
    """Return what a sync of what is there already takes."""
    clocks = []
    for _ in range(_SYNCS):
        clock, changes = time_both_clocks(lambda: index.sync(articles_file(given, given.sizes[0])))
        if changes.unchanged != given.sizes[0]:
            sys.exit(f"the articles are not those of the index: {changes}")
        clocks.append(clock)
    return median_row("sync", clocks)


def one_more_or_less(index: Index, given: argparse.Namespace) -> dict[str, float]:
    """Return what putting a new article in and taking it out again takes; the first one does not count."""
    adding, removing = [], []
    path = given.work / "one.jsonl"
    articles = make_articles(given.file, SEED + 1, paragraphs=article_length(given))
    for article in islice(articles, 1 + _CHANGES):
        path.write_text(json.dumps(article), encoding="utf-8")
        adding.append(time_both_clocks(lambda: index.add(path))[0])
        removing.append(time_both_clocks(lambda article=article: index.remove(str(article["id"])))[0])
    path.unlink()
    return median_row("add", adding[1:]) | median_row("remove", removing[1:])


def time_both_clocks(call: Callable[[], _T]) -> tuple[tuple[float, float], _T]:
    """Seconds by the clock and of all threads, and what the call returned."""
    before = time.process_time()
    seconds, result = time_call(call)
    return (seconds, time.process_time() - before), result


def median_row(name: str, clocks: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the medians of both clocks."""
    seconds, cpu = (median(column) for column in zip(*clocks, strict=True))
    return {name: seconds, f"{name} cpu": cpu}


STEPS = {"make": make, "build": build, "measure": measure}


# Telling.


def report(rows: Sequence[dict[str, float]]) -> None:
    """A line a cost, a column a size, and the powers."""
    sizes = [f"{row['articles']:,.0f}" for row in rows]
    powers = ["power", "last two"] if len(rows) > 1 else []
    table(["articles", *sizes, *powers], [*rates(rows), *costs(rows)])


def rates(rows: Sequence[dict[str, float]]) -> list[list[object]]:
    """Return what is no cost of its own."""
    blank = ["", ""] if len(rows) > 1 else []
    return [
        ["passages", *(f"{row['passages']:,.0f}" for row in rows), *blank],
        ["articles/s", *(row["articles"] / row["seconds"] for row in rows), *blank],
        ["passages/s", *(row["passages"] / row["seconds"] for row in rows), *blank],
        ["bytes a passage", *(1e6 * row["disk"] / row["passages"] for row in rows), *blank],
    ]


def costs(rows: Sequence[dict[str, float]]) -> list[list[object]]:
    powers = {cost: growth(rows, cost) if len(rows) > 1 else [] for cost in COSTS.values()}
    return [[title, *(row[cost] for row in rows), *powers[cost]] for title, cost in COSTS.items()]


def growth(rows: Sequence[dict[str, float]], cost: str) -> list[float]:
    """Slopes of the logarithm of a cost over that of the size, by least squares."""
    size, spent = (np.log([row[column] for row in rows]) for column in ("articles", cost))
    return [float(np.polyfit(size[some], spent[some], 1)[0]) for some in (slice(None), slice(-2, None))]


if __name__ == "__main__":
    main()
