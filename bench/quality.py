"""Quality of retrieval, ours beside peers: the same articles, questions, machine, embedding model and measures.

    python bench/quality.py ARTICLES.jsonl.gz QUESTIONS.jsonl [--articles N] [--questions N] [--peers a,b] [--seed S]

Draws N of the answerable questions (all) and N articles (all), those that answer always among them. The peers are
llamaindex-stock, llamaindex-tuned, haystack and txtai; --peers "" runs none. All embed with the same MiniLM. Stock
LlamaIndex cuts by itself, the other peers get our passages, cut and titled as we embed them, and every system ranks
ten. Each runs in a process of its own, a peer in a .venv-bench-NAME that the first run makes. One that fails is named
on stderr and left out.

Prints a table for each family of measures. An article or a passage counts once, where it is ranked first. A passage
contains an answer when an accepted one stands in its text, and shows a gold passage when it covers most of it or lies
mostly in it. Both flatter longer passages, those of stock LlamaIndex above all: their words are in a column. A folded
copy counts for the passage it is folded into. Peers answer nothing without an LLM. Search seconds are medians, with the
models loaded.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from common import Record, child, records, table, words, write
from environments import interpreter

from rag import Hit, Passage
from rag.evaluation import metrics, relevance
from rag.evaluation.questions import Question, read_questions

HERE = Path(__file__).resolve().parent
Naming = Callable[[Question], relevance.Judgement | None]


@dataclass(frozen=True, slots=True)
class Peer:
    """A script, the environment it runs in, what is installed there, and which documents it is given."""

    script: str
    environment: str
    requirements: tuple[str, ...]
    documents: str = "passages.jsonl"


_LLAMAINDEX = ("llama-index-core", "llama-index-retrievers-bm25==0.8.0", "llama-index-embeddings-huggingface==0.8.0")
PEERS = {
    "llamaindex-stock": Peer("llamaindex_stock.py", "llamaindex", _LLAMAINDEX, "articles.jsonl"),
    "llamaindex-tuned": Peer("llamaindex_tuned.py", "llamaindex", _LLAMAINDEX),
    # 3.4.1 is the same code and asks for a certifi that is not published.
    "haystack": Peer("haystack_hybrid.py", "haystack", ("haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0")),
    "txtai": Peer("txtai_hybrid.py", "txtai", ("txtai==9.14.0",)),
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one system found for every question, and how long it took."""

    name: str
    indexing: float
    lines: Sequence[Record]
    """In the order of the questions."""

    def hits(self, number: int) -> list[Hit]:
        found: list[Record] = self.lines[number]["found"]  # type: ignore[assignment]
        return [hit(one) for one in found]


def main() -> None:
    given = arguments()
    asked, articles = draw(given)
    print(
        f"{len(articles)} articles of {given.file.name}, {words(articles):,} words; "
        f"{len(asked)} questions of {given.questions_file.name}; seed {given.seed}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="bench-quality-") as name:
        rankings = compare(asked, articles, given.peers, Path(name))
    report(asked, rankings)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("questions_file", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--articles", type=int, metavar="N")
    parser.add_argument("--questions", type=int, metavar="N")
    parser.add_argument("--peers", type=parse_names, default=list(PEERS), metavar="a,b")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


def parse_names(text: str) -> list[str]:
    """Peers by their names; argparse shows what is wrong."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in PEERS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(PEERS)}")
    return names


def draw(given: argparse.Namespace) -> tuple[list[Question], list[Record]]:
    """Questions, and articles with those among them that answer; the same ones for the same seed."""
    choose = random.Random(given.seed)
    able = [one for one in read_questions(given.questions_file) if not one.unanswerable]
    count = min(given.questions or len(able), len(able))
    asked = [able[place] for place in sorted(choose.sample(range(len(able)), count))]
    ids = [str(record["id"]) for record in records(given.file)]
    gold = {id for one in asked for id in one.gold_articles}
    if lacking := gold - set(ids):
        print(f"{len(lacking)} articles that answer are not in {given.file.name}", file=sys.stderr)
    others = sorted(set(ids) - gold)
    left = max((given.articles or len(ids)) - len(gold), 0)
    kept = gold | set(choose.sample(others, min(left, len(others))))
    return asked, [record for record in records(given.file) if record["id"] in kept]


def compare(asked: Sequence[Question], articles: Sequence[Record], peers: Sequence[str], folder: Path) -> list[Ranking]:
    """Ours first, since it cuts the passages for the peers."""
    questions = write(folder / "questions.jsonl", [one.model_dump(mode="json") for one in asked])
    source = write(folder / "source.jsonl", articles)
    ours = folder / "ours"
    ours.mkdir()
    pythons = {name: interpreter(PEERS[name].environment, list(PEERS[name].requirements)) for name in peers}
    told = child(sys.executable, HERE / "answering.py", source, questions, ours)
    rankings = read(ours / "rankings.jsonl", told["seconds"])
    for name, python in pythons.items():
        print(f"running {name} …", file=sys.stderr, flush=True)
        peer, written = PEERS[name], folder / f"{name}.jsonl"
        try:
            told = child(python, HERE / "peers" / peer.script, ours / peer.documents, questions, written)
        except SystemExit as failure:
            print(failure, file=sys.stderr)
            continue
        rankings += read(written, told["seconds"])
    return rankings


def read(path: Path, indexing: float) -> list[Ranking]:
    """Return the systems of a file of rankings."""
    systems: dict[str, list[Record]] = {}
    for line in records(path):
        systems.setdefault(str(line["system"]), []).append(line)
    return [Ranking(name, indexing, lines) for name, lines in systems.items()]


def hit(found: Record) -> Hit:
    copies: list[Record] = found.get("copies", [])  # type: ignore[assignment]
    return Hit(passage(found), 0.0, copies=tuple(map(passage, copies)))


def passage(found: Record) -> Passage:
    return Passage(
        article_id=str(found["article_id"]),
        text=str(found["text"]),
        start=int(str(found["start"])),
        end=int(str(found["end"])),
    )


def report(asked: Sequence[Question], rankings: Sequence[Ranking]) -> None:
    """A table for each family of measures."""
    retrieval("Articles", asked, rankings, relevance.by_article, ("hit@1", "hit@5", "hit@10", "MRR@10"))
    retrieval(
        "Answer in passage (longer passages are flattered)",
        asked,
        rankings,
        relevance.by_answer,
        ("hit@1", "hit@5"),
        length,
    )
    retrieval(
        "Gold passages (longer passages are flattered)",
        asked,
        rankings,
        relevance.by_passage,
        ("hit@1", "hit@5"),
        length,
    )
    answers([number for number, one in enumerate(asked) if one.answers], rankings)
    print("\nSeconds; of “ours, read” those of the whole answer\n")
    seconds = [[float(str(line["seconds"])) for line in one.lines] for one in rankings]
    rows = [[one.name, one.indexing, median(own)] for one, own in zip(rankings, seconds, strict=True)]
    table(["system", "indexing", "search"], rows)


def retrieval(
    title: str,
    asked: Sequence[Question],
    rankings: Sequence[Ranking],
    naming: Naming,
    columns: Sequence[str],
    further: Callable[[Ranking], float] | None = None,
) -> None:
    """Measures of the rankings over the questions for which it is known what is relevant."""
    known = {number: found for number, one in enumerate(asked) if (found := naming(one)) is not None}
    if not known:
        return
    print(f"\n{title}, {len(known)} questions\n")
    rows = []
    for one in rankings:
        measured = score(known, one)
        rows.append([one.name, *(measured[column] for column in columns), *([further(one)] if further else [])])
    table(["system", *columns, *(["words each"] if further else [])], rows)


def score(known: Mapping[int, relevance.Judgement], ranking: Ranking) -> dict[str, float]:
    relevant = {str(number): names for number, (names, _) in known.items()}
    ranked = {str(number): list(dict.fromkeys(map(name, ranking.hits(number)))) for number, (_, name) in known.items()}
    return metrics.score_rankings(relevant, ranked)


def length(ranking: Ranking) -> float:
    """Return the mean words of the passages that were ranked."""
    texts = [one.passage.text for number in range(len(ranking.lines)) for one in ranking.hits(number)]
    return mean(len(text.split()) for text in texts) if texts else 0.0


def answers(known: Sequence[int], rankings: Sequence[Ranking]) -> None:
    """Print how good answers are, of the systems that answer."""
    columns = ["exact", "F1", "answer in quotes"]
    if not known:
        return
    print(f"\nAnswers, {len(known)} questions\n")
    rows: list[list[object]] = []
    for one in rankings:
        scores: list[Mapping[str, float]] = [one.lines[number].get("scores", {}) for number in known]  # type: ignore[misc]
        rows.append([one.name, *(mean(own[name] for own in scores) if scores[0] else "-" for name in columns)])
    table(["system", *columns], rows)


if __name__ == "__main__":
    main()
