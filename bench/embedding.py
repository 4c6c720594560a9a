"""What the arithmetic of the packaged embedding model costs and changes: float32, 8 bits, and what torch prefers.

    python bench/embedding.py speed ARTICLES.jsonl.gz [--passages N] [--runs R]
    python bench/embedding.py build INDEX_DIR ARITHMETIC SOURCE
    python bench/embedding.py quality [--since DAY] FLOAT32_INDEX INT8_INDEX QUESTIONS.jsonl [three of more sets]

`speed` embeds N passages (64) of the articles, and their titles one by one, R times (7) in each arithmetic, by turns,
and prints the medians; then those of loading each in a fresh process, a first question included. `build` makes an index
of a source in one arithmetic. `quality` asks two indexes of the same articles, one in each arithmetic, with questions
embedded in each: how often a gold article is found by vectors alone and by the fused search, over the questions of all
sets together, among the articles from DAY on. The last line compares the two vectors of each passage that was found.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median

from common import child, sample, table

from rag import Article, Filters, Hit, Index, Settings
from rag.evaluation import metrics, relevance
from rag.evaluation.questions import Question, read_questions
from rag.models.embedding import PACKAGED, PackagedEmbedder, SentenceEmbedder
from rag.protocols import Embedder
from rag.text.chunking import Chunker, embedded_texts

ARITHMETICS = ("float32", "int8")
EMBEDDERS: dict[str, Callable[[], Embedder]] = {
    **{name: partial(PackagedEmbedder, "cpu", arithmetic=name) for name in ARITHMETICS},
    "torch": partial(SentenceEmbedder, device="cpu"),
}
COLUMNS = ("hit@1", "hit@5", "hit@10", "MRR@10")
DEPTH = 100
"""Passages ranked; an article counts once, where it is ranked first."""


def main() -> None:
    given = arguments()
    if given.what == "load":
        print(json.dumps(load(given.name)))
    elif given.what == "build":
        print(open_index(given.folder, given.arithmetic).sync(given.source))
    elif given.what == "quality":
        paths = given.paths
        show_quality([(paths[at], paths[at + 1], paths[at + 2]) for at in range(0, len(paths), 3)], given.since)
    else:
        show_speed(given.file, given.passages, given.runs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="what", required=True)
    speed = kinds.add_parser("speed")
    speed.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    speed.add_argument("--passages", type=int, default=64, metavar="N")
    speed.add_argument("--runs", type=int, default=7, metavar="R")
    build = kinds.add_parser("build")
    build.add_argument("folder", type=Path, metavar="INDEX_DIR")
    build.add_argument("arithmetic", choices=ARITHMETICS)
    build.add_argument("source")
    quality = kinds.add_parser("quality")
    quality.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    quality.add_argument("--since", default="", metavar="DAY")
    kinds.add_parser("load").add_argument("name", choices=EMBEDDERS)
    return parser.parse_args()


def open_index(folder: Path, arithmetic: str) -> Index:
    return Index.open(folder, Settings(_env_file=None), PackagedEmbedder("cpu", arithmetic=arithmetic))


def show_speed(path: Path, count: int, runs: int) -> None:
    embedders = {name: make() for name, make in EMBEDDERS.items()}
    texts, titles = passages(path, count)
    for embedder in embedders.values():
        embedder.embed(texts[:4])
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in embedders}
    for run in range(runs):
        for name, embedder in embedders.items():
            # A single text is remembered, so each run has its own.
            single = [f"{title} {run}" for title in titles]
            seconds[name].append(
                (cpu_seconds(partial(embedder.embed, texts)), cpu_seconds(partial(embed_each, embedder, single)))
            )
    tokens = mean(embedders["int8"].count_tokens(texts))
    print(f"{len(texts)} passages, {tokens:.0f} tokens on average; {runs} runs by turns; medians in CPU ms\n")
    loads = {
        name: [child(sys.executable, __file__, "load", name)["seconds"] for _ in range(runs)] for name in embedders
    }
    names = {name: "+".join(getattr(embedder, "arithmetics", ())) for name, embedder in embedders.items()}
    rows = []
    for name, own in seconds.items():
        each = [median(run[part] for run in own) / len(texts) * 1000 for part in (0, 1)]
        ratio = median(run[0] / first[0] for run, first in zip(own, seconds["float32"], strict=True))
        kind = name if name == names[name] else f"{name}, {names[name]}"
        rows.append((kind, each[0], ratio, each[1], median(loads[name]) * 1000))
    table(["arithmetic", "a passage", "of float32's", "a title", "to load"], rows)


def passages(path: Path, count: int) -> tuple[list[str], list[str]]:
    """Return what the model reads of the first passages of as many articles, and the articles' titles."""
    chunker = Chunker(PackagedEmbedder("cpu").count_tokens, PACKAGED.window)
    records = sample(path, count, 1)
    articles = [Article(id=str(one["id"]), title=str(one["title"]), text=str(one["text"])) for one in records]
    texts = [embedded_texts(one.title, chunker.split(one)[:1], chunker)[0] for one in articles]
    return texts, [one.title for one in articles]


def cpu_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def embed_each(embedder: Embedder, texts: Sequence[str]) -> None:
    for text in texts:
        embedder.embed([text])


def load(name: str) -> dict[str, float]:
    """CPU seconds from nothing to the vector of a first question, in this process."""
    return {"seconds": cpu_seconds(lambda: EMBEDDERS[name]().embed(["Why did the bridge close?"]))}


def show_quality(sets: Sequence[tuple[Path, Path, Path]], since: str) -> None:
    rows = []
    found: dict[Path, set[str]] = {}
    for place, made in enumerate(ARITHMETICS):
        for asked in ARITHMETICS:
            judged = []
            for triple in sets:
                for question, hits in ask(triple[place], asked, triple[2], since):
                    judged.append((question, hits))
                    found.setdefault(triple[0], set()).update(hit.passage.id for hit in hits)
            rows += [(made, asked, stage, *scores) for stage, scores in score(judged)]
    table(["index", "question", "search", *COLUMNS], rows)
    likeness = [value for one in sets for value in compare_vectors(one[0], one[1], sorted(found[one[0]]))]
    print(
        f"\n{len(judged)} questions; {len(likeness)} passages; cosine of their two vectors: mean {mean(likeness):.4f}, "
        f"one in a hundred under {sorted(likeness)[len(likeness) // 100]:.4f}, least {min(likeness):.4f}"
    )


def ask(folder: Path, arithmetic: str, questions: Path, since: str) -> Iterator[tuple[Question, list[Hit]]]:
    """Yield the questions that have a gold article, each with what the fused search finds."""
    index = open_index(folder, arithmetic)
    for question in read_questions(questions):
        if question.gold_articles and not question.history:
            yield question, index.search(question.question, DEPTH, Filters(since=since, as_of=question.date))
    index.close()


def score(judged: Sequence[tuple[Question, list[Hit]]]) -> Iterator[tuple[str, list[float]]]:
    """Yield the measures of vectors alone and of both searches."""
    for stage in ("vectors", "fused"):
        relevant: dict[str, dict[str, int]] = {}
        ranked: dict[str, list[str]] = {}
        for number, (question, hits) in enumerate(judged):
            judgement = relevance.by_article(question)
            if judgement is None:
                continue
            if stage == "vectors":
                hits = sorted((hit for hit in hits if hit.dense_rank), key=lambda hit: hit.dense_rank or 0)
            relevant[str(number)] = judgement.gold
            ranked[str(number)] = list(dict.fromkeys(map(judgement.name, hits)))
        scores = metrics.score_rankings(relevant, ranked)
        yield stage, [scores[column] for column in COLUMNS]


def compare_vectors(one: Path, other: Path, ids: Sequence[str]) -> list[float]:
    """Return the cosines of the vectors that passages have in two indexes."""
    first, second = (
        open_index(folder, "int8").generations.read(lambda generation: generation.vectors.read_vectors(list(ids)))
        for folder in (one, other)
    )
    return [float(first[id] @ second[id]) for id in ids if id in first and id in second]


if __name__ == "__main__":
    main()
