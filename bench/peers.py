"""The whole life of an index, ours beside stock LlamaIndex with Chroma, Haystack with Chroma, and txtai.

    python bench/peers.py ARTICLES.jsonl.gz [--articles N] [--runs R] [--peers a,b] [--seed S]

Draws N articles (300) and has every system keep them, R times (3) by turns, each step in a process of its own and each
run in a new folder: build, start cold, search, add, remove, sync again. The peers are llamaindex, haystack and txtai,
each in a .venv-bench-NAME that the first run makes. All embed with the same MiniLM, the title with each chunk, and the
chunk size of each is fitted so that its chunks are as long in tokens as our passages. Ours and txtai search by vectors
and words, the other two by vectors alone, since Chroma has no words; only ours folds copies and weighs days.

Prints the medians of each system, then how many times as good ours is: above one we are faster or smaller. What a
system cannot do, or what has no effect, is told by “no”, with the seconds it took. Imports and loading the model are in
the cold start alone, a fresh process until its first search is answered. Words a second are of article, as the systems
do not cut alike. CPU seconds are those of all threads: on a machine that is not quiet they tell more than the others.
Memory is the most that the process which builds has held. A search is one of 200, after ten that do not count; an
article that is added or removed is one of five, after one that does not.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from common import Record, child, records, sample, table, time_call, words, write
from environments import interpreter

HERE = Path(__file__).resolve().parent
_QUESTIONS, _CHANGES = 210, 6
_AGAIN = 0.5
"""A sync of nothing changed that takes this share of building has done it all again."""

Told = dict[str, float]


@dataclass(frozen=True)
class System:
    """What it is called, and for a peer what is installed; ours runs where this script does."""

    title: str
    script: str
    environment: str = ""
    requirements: tuple[str, ...] = ()

    @cached_property
    def python(self) -> Path:
        """The interpreter it runs in, made where it is missing."""
        return interpreter(self.environment, list(self.requirements)) if self.environment else Path(sys.executable)

    def step(self, *command: str | Path) -> Told:
        """Return what one step prints, in a process of its own."""
        return child(self.python, HERE / "peers" / self.script, *command)


SYSTEMS = {
    "ours": System("ours", "keeping_ours.py"),
    "llamaindex": System(
        "LlamaIndex",
        "keeping_llamaindex.py",
        "llamaindex-chroma",
        (
            "llama-index-core==0.14.25",
            "llama-index-embeddings-huggingface==0.8.0",
            "llama-index-vector-stores-chroma==0.6.0",
            "chromadb==1.5.9",
        ),
    ),
    "haystack": System(
        "Haystack",
        "keeping_haystack.py",
        "haystack-chroma",
        # 3.4.1 is the same code and asks for a certifi that is not published.
        ("haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0", "chroma-haystack==5.0.0", "chromadb==1.5.9"),
    ),
    "txtai": System("txtai", "keeping_txtai.py", "txtai-chonkie", ("txtai==9.14.0", "chonkie==1.7.0")),
}
MEASURES = {
    "build, passages/s": "passages/s",
    "build, words/s": "words/s",
    "build, CPU s": "cpu",
    "build, peak MB": "memory",
    "on disk, MB": "disk",
    "cold start, s": "cold",
    "search p50, ms": "p50",
    "search p95, ms": "p95",
    "add one, s": "add",
    "remove one, s": "remove",
    "sync of nothing changed, s": "sync",
}
RATES = ("passages/s", "words/s")
"""Where more is better."""


def main() -> None:
    given = arguments()
    names = ["ours", *given.peers]
    for name in names:
        _ = SYSTEMS[name].python
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as name:
        folder = Path(name)
        inputs = draw_inputs(given, folder)
        total = words(records(inputs["articles"]))
        print(
            f"{given.articles} articles of {given.file.name}, {total:,} words, seed {given.seed}, {given.runs} runs\n"
        )
        runs = compare(names, inputs, folder, given.runs)
    for told in (one for own in runs.values() for one in own):
        told |= {"words/s": total / told["seconds"], "passages/s": told["passages"] / told["seconds"]}
    report({name: middle(own) for name, own in runs.items()})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("--articles", type=int, default=300, metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="R")
    parser.add_argument("--peers", type=parse_names, default=list(SYSTEMS)[1:], metavar="a,b")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    return parser.parse_args()


def parse_names(text: str) -> list[str]:
    """Peers by their names; argparse shows what is wrong."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in SYSTEMS or name == "ours"]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(list(SYSTEMS)[1:])}")
    return names


def draw_inputs(given: argparse.Namespace, folder: Path) -> dict[str, Path]:
    """Return the articles, questions that are titles or first words of paragraphs of theirs, and articles to add."""
    chance = random.Random(given.seed)
    some = sample(given.file, given.articles + _CHANGES, given.seed)
    chance.shuffle(some)
    new, kept = some[:_CHANGES], some[_CHANGES:]
    asked: list[Record] = [{"question": question(chance.choice(kept), chance)} for _ in range(_QUESTIONS)]
    files = {"articles": kept, "questions": asked, "new": new}
    return {name: write(folder / f"{name}.jsonl", items) for name, items in files.items()}


def question(article: Record, chance: random.Random) -> str:
    paragraph = " ".join(chance.choice(str(article["text"]).split("\n\n")).split()[:10])
    return chance.choice([str(article["title"]) or paragraph, paragraph])


def compare(names: Sequence[str], inputs: Mapping[str, Path], folder: Path, runs: int) -> dict[str, list[Told]]:
    """Return what each system took in each run, by turns; one that fails is named on stderr, and is not run again."""
    told: dict[str, list[Told]] = {name: [] for name in names}
    sizes = {"ours": 0}
    for number in range(runs):
        for name in list(told):
            print(f"run {number + 1}: {name} …", file=sys.stderr, flush=True)
            try:
                if name not in sizes:
                    fitted = SYSTEMS[name].step("fit", inputs["articles"], str(told["ours"][0]["tokens"]))
                    sizes[name] = int(fitted["size"])
                told[name].append(run_system(SYSTEMS[name], inputs, folder / f"{name}-{number}", sizes[name]))
            except SystemExit as failure:
                if name == "ours":
                    raise
                print(failure, file=sys.stderr)
                del told[name]
    return told


def run_system(system: System, inputs: Mapping[str, Path], folder: Path, size: int) -> Told:
    """Everything that is measured of a system, in one run."""
    told = system.step("build", inputs["articles"], folder, str(size))
    told["disk"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    told["cold"], _ = time_call(lambda: system.step("cold", inputs["questions"], folder, str(size)))
    return told | system.step("use", inputs["articles"], folder, str(size), inputs["questions"], inputs["new"])


def middle(runs: Sequence[Told]) -> Told:
    """Return the median of each measure."""
    return {name: median(one[name] for one in runs) for name in runs[0]}


def report(systems: Mapping[str, Told]) -> None:
    """Print the medians, then the ratios."""
    titles = [SYSTEMS[name].title for name in systems]
    about = [[title, *(one[name] for one in systems.values())] for title, name in _ABOUT.items()]
    rows = [[title, *(cell(one, name) for one in systems.values())] for title, name in MEASURES.items()]
    table(["", *titles], [*about, *rows])
    print("\nHow many times as good ours is:\n")
    peers = [one for name, one in systems.items() if name != "ours"]
    rows = [[title, *(better(systems["ours"], one, name) for one in peers)] for title, name in MEASURES.items()]
    table(["", *titles[1:]], rows)


_ABOUT = {"passages": "passages", "tokens each": "tokens"}


def cell(told: Told, name: str) -> object:
    """A measure, or what a system does not do."""
    faults = {
        "add": (told["missed"], "not found afterwards"),
        "remove": (told["stayed"], "still found"),
        "sync": (told["sync"] > _AGAIN * told["seconds"], "all done again"),
    }
    fault, said = faults.get(name, (0, ""))
    if name == "sync" and told["doubled"]:
        fault, said = told["doubled"], f"{told['doubled']:.0f} passages more than before"
    return f"no: {said}, {told[name]:.3g}" if fault else told[name]


def better(ours: Told, peer: Told, name: str) -> float:
    return ours[name] / peer[name] if name in RATES else peer[name] / ours[name]


if __name__ == "__main__":
    main()
