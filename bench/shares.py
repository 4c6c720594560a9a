"""How well an index finds and answers while only part of its articles has vectors.

    python bench/shares.py QUESTIONS.jsonl INDEX_DIR [--shares 0 10 40 100] [--questions N] [--answers N] [--seed S]

INDEX_DIR is an index with all its vectors; a copy of it is worked on, so that it stays as it is. For each share of the
articles, in percent, the articles beyond it become pending, those first that a sync would embed last, and their vectors
are deleted. Then N questions (all of them) that name their articles are searched, and N of these (0) are answered.
Prints for each share the figures of the search, and of the answers that hold an accepted one.
"""

import argparse
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from common import table

from rag import Assistant, Filters, Index
from rag.evaluation.metrics import contains_answer, score_rankings
from rag.evaluation.questions import Question, read_questions
from rag.evaluation.relevance import by_article
from rag.storage.generation import Generation
from rag.storage.records import ArticleVersion

_BEST = 10
_WHOLE = 100


def main() -> None:
    given = arguments()
    questions = [one for one in read_questions(given.questions) if one.gold_articles and not one.history]
    chosen = random.Random(given.seed).sample(questions, min(given.found or len(questions), len(questions)))
    print(f"{len(chosen)} questions, of which {min(given.answers, len(chosen))} are answered\n", flush=True)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory(prefix="bench-shares-") as name:
        shutil.copytree(given.index, Path(name) / "index", symlinks=True)
        index = Index.open(Path(name) / "index")
        for share in sorted(given.shares, reverse=True):
            keep_share(index, share)
            rows.append([f"{_WHOLE * index.embedded_share():.0f} %", *measure(index, chosen, given.answers)])
        index.close()
    table(["articles with vectors", "hit@1", f"hit@{_BEST}", f"MRR@{_BEST}", "answers that hold one"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("--shares", type=int, nargs="+", default=[0, 10, 40, _WHOLE], metavar="PERCENT")
    parser.add_argument("--questions", type=int, dest="found", metavar="N")
    parser.add_argument("--answers", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


def keep_share(index: Index, percent: int) -> None:
    """Make all articles pending but the percentage that a sync embeds first; they were pending already or not."""
    with index.generations.writing() as generation:
        versions = newest_first(generation)
        last = versions[len(versions) * percent // _WHOLE :]
        found = generation.words.spans(version for version, _ in last)
        ids = [f"{id}@{version[:12]}:{start}-{end}" for (id, version), spans in found.items() for start, end in spans]
        with generation.writing():
            with generation.catalogue.database.writing() as connection:
                for version, day in last:
                    generation.catalogue.pending.add(connection, version, day)
            generation.vectors.delete_ids(ids)
        passages = generation.catalogue.counts().passages - generation.catalogue.pending.count().passages
        assert generation.vectors.count() == passages


def newest_first(generation: Generation) -> list[tuple[ArticleVersion, str]]:
    """Return the versions and days of all articles, in the order in which a sync embeds them."""
    rows = generation.catalogue.database.rows("SELECT id, version, date FROM articles ORDER BY date DESC, id DESC")
    return [(ArticleVersion(id, version), day) for id, version, day in rows]


def measure(index: Index, questions: Sequence[Question], answers: int) -> list[object]:
    """Return the figures of the search, and the share of the answers that hold an accepted one."""
    relevant: dict[str, dict[str, int]] = {}
    ranked: dict[str, list[str]] = {}
    for number, asked in enumerate(questions):
        judgement = by_article(asked)
        assert judgement is not None
        hits = index.search(asked.question, _BEST, Filters(as_of=asked.date))
        relevant[str(number)] = judgement.gold
        ranked[str(number)] = list(dict.fromkeys(map(judgement.name, hits)))
    scores = score_rankings(relevant, ranked)
    assistant = Assistant(index)
    told = [assistant.ask(one.question, filters=Filters(as_of=one.date)).text for one in questions[:answers]]
    right = sum(contains_answer(text, one.answers) for text, one in zip(told, questions, strict=False))
    figures: list[object] = [scores[name] for name in ("hit@1", f"hit@{_BEST}", f"MRR@{_BEST}")]
    return [*figures, f"{right} of {len(told)}" if told else "–"]


if __name__ == "__main__":
    main()
