"""Whether the project has become slower: a few ratios beside those that were kept, for `make bench`.

    python bench/ratios.py [--runs R] [--write]

Measures on seeds/, and on made-up news, what people wait for, each beside a peer or a floor in the same run, by turns,
in CPU seconds of all threads, which other work on the machine changes least, with one thread for each library of
matrices: those that wait by spinning would count:

- read HTML, read PDF: our loader, beside trafilatura and pypdfium2 alone on the same files;
- sync: seeds/ into a new index, beside stock LlamaIndex with Chroma, models loaded;
- first answer: from the start of a process that makes this index to its first answer, beside LlamaIndex's passages;
- search: the median of the questions, beside LlamaIndex's retriever;
- answer: the median of the questions, beside a fixed piece of arithmetic and interpreted code;
- cold ask: a fresh `rag ask`, beside a fresh Python that loads numpy, pydantic, ONNX Runtime and Tantivy.

Under one is faster than the peer. A ratio is the median over the pairs of all R runs (3), and its spread half of the
range of the middle half of them. A figure is slower where it exceeds the kept one by a tenth and by twice the larger of
the two spreads. Without the peer's environment, which the first run makes, its three figures are left out. --write
keeps the ratios in bench/baseline.json.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from common import ROOT, environment, run, table, write
from indexing import peer_python
from reading_speed import write_news

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
QUESTIONS = (
    "Why did Iraq call for ending the coalition?",
    "When did Artemis I come back to Earth?",
    "Where was the wreck of the Endurance found?",
    "How long was the Suez Canal blocked?",
    "Who won the World Cup final in 2022?",
    "How many people died in the blasts in Kerman?",
    "What are the Popular Mobilization Forces?",
    "Why does the Great Barrier Reef bleach?",
    "Who killed Qassem Soleimani?",
    "What was Operation Inherent Resolve set up to do?",
)
_LEAST = 0.1
"""Share by which a figure has to be beyond the kept one, however quiet the machine."""
_ROUNDS = 5
"""Pairs of rounds a run in processes that are open already."""
_FLOOR = "import numpy, pydantic_settings, onnxruntime, tokenizers, tantivy, chromadb_rust_bindings"

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
Pairs = dict[str, list[float]]
"""The ratios of the pairs of each figure."""


class Ratio(NamedTuple):
    """The median of a figure's pairs, and how far they lie apart."""

    ratio: float
    spread: float


def main() -> None:
    """Measure, and print or keep the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, metavar="R")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    os.environ |= ONE_THREAD
    with tempfile.TemporaryDirectory(prefix="bench-ratios-") as name:
        pairs = measure(Path(name), given.runs)
    ratios = {figure: summarize(some) for figure, some in pairs.items()}
    if given.write:
        kept = {figure: [round(part, 3) for part in one] for figure, one in ratios.items()}
        BASELINE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    show(ratios, read_baseline())


def measure(folder: Path, runs: int) -> Pairs:
    """Return the ratios of all pairs."""
    pairs: Pairs = defaultdict(list)
    articles, questions = write_inputs(folder)
    python = try_peer()
    for number in range(runs):
        measure_sides(folder / str(number), (articles, questions), python, pairs)
    measure_cold(folder / "0" / "ours", 2 * runs, pairs)
    for kind in ("HTML", "PDF"):
        measure_reading(kind, write_news(folder, kind, 12), _ROUNDS * runs, pairs)
    return pairs


def write_inputs(folder: Path) -> tuple[Path, Path]:
    """Write the articles of seeds/ and the questions as JSON lines, as both sides read them."""
    from rag.sources import LOADERS
    from rag.types import Article

    read = []
    for path in sorted((ROOT / "seeds").glob("*.md")):
        loader = next(loader for loader in LOADERS if loader.accepts(str(path)))
        read += [item for item in loader.load(str(path)) if isinstance(item, Article)]
    rows = [{name: getattr(one, name) for name in ("id", "title", "text", "source", "url", "date")} for one in read]
    articles = write(folder / "articles.jsonl", rows)
    return articles, write(folder / "questions.jsonl", [{"question": question} for question in QUESTIONS])


def try_peer() -> Path | None:
    """Return the interpreter of the peer's environment; None where it cannot be made, as without a network."""
    try:
        return peer_python()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"the peer's environment cannot be made, so its figures are left out: {error}", file=sys.stderr)
        return None


class Side:
    """A process of bench/turns.py."""

    def __init__(self, python: str | Path, side: str, folder: Path, inputs: tuple[Path, Path]) -> None:
        """Start it, and wait until its index is made and its first question answered."""
        articles, questions = inputs
        command = [str(python), str(HERE / "turns.py"), side, str(articles), str(folder / side), str(questions)]
        self._process = subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        told = json.loads(self._read())
        self.sync: float = told["sync"]
        self.first: float = told["first"]

    def use(self, what: str) -> float:
        """Return the median CPU seconds of a question in a round of them."""
        assert self._process.stdin is not None
        print(what, file=self._process.stdin, flush=True)
        return float(self._read())

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            sys.exit(f"{self._process.args} ended with {self._process.wait()}")
        return line


def measure_sides(folder: Path, inputs: tuple[Path, Path], python: Path | None, pairs: Pairs) -> None:
    """Add the pairs of what is measured in processes that are asked by turns."""
    folder.mkdir()
    ours = Side(sys.executable, "ours", folder, inputs)
    peer = Side(python, "peer", folder, inputs) if python else None
    if peer:
        pairs["sync"].append(ours.sync / peer.sync)
        pairs["first answer"].append(ours.first / peer.first)
    for _ in range(_ROUNDS):
        if peer:
            pairs["search"].append(ours.use("search") / peer.use("search"))
        pairs["answer"].append(ours.use("ask") / median(cpu_seconds(work) for _ in range(_ROUNDS)))
    for side in (ours, peer):
        if side:
            side.end()


def measure_cold(index: Path, times: int, pairs: Pairs) -> None:
    """Add the pairs of fresh processes that answer one question, and load libraries alone."""
    ask = [sys.executable, "-m", "rag", "--index", str(index), "ask", QUESTIONS[0]]
    for _ in range(times):
        taken = child_seconds(ask)
        pairs["cold ask"].append(taken / child_seconds([sys.executable, "-c", _FLOOR]))


def child_seconds(command: list[str]) -> float:
    """Return the CPU seconds of a process, of all its threads."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_reading(kind: str, paths: list[str], times: int, pairs: Pairs) -> None:
    """Add the pairs of reading files by our loader, and by its library alone; the first pair is not counted."""
    from rag.sources import LOADERS, annotate
    from rag.types import Article

    loaders = [(path, next(loader for loader in LOADERS if loader.accepts(path))) for path in paths]

    def read_ours() -> None:
        for path, loader in loaders:
            for item in loader.load(path):
                assert isinstance(item, Article)
                annotate(item)

    def read_alone() -> None:
        for path in paths:
            assert _ALONE[kind](Path(path).read_bytes())

    ratios = [cpu_seconds(read_ours) / cpu_seconds(read_alone) for _ in range(times + 1)]
    pairs[f"read {kind}"] += ratios[1:]


def extract_page(content: bytes) -> str:
    """Return the text of a page as trafilatura extracts it."""
    import trafilatura

    return trafilatura.extract(content) or ""


def extract_pdf(content: bytes) -> str:
    """Return the text of a PDF as PDFium has it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


_ALONE: dict[str, Callable[[bytes], str]] = {"HTML": extract_page, "PDF": extract_pdf}


def work() -> None:
    """Do a fixed piece of what answers are made of: products of matrices, and interpreted code."""
    import numpy as np

    rows = np.ones((256, 384), np.float32)
    for _ in range(40):
        rows = (rows @ np.full((384, 384), 1 / 384, np.float32)).clip(0, 1)
    assert len({f"{number} {number % 7}".split()[1] for number in range(60_000)}) == 7


def cpu_seconds(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def summarize(ratios: Iterable[float]) -> Ratio:
    """Return the median, and half of the range of the middle half."""
    some = sorted(ratios)
    first, _, last = quantiles(some, n=4, method="inclusive") if len(some) > 1 else [some[0]] * 3
    return Ratio(median(some), (last - first) / 2)


def read_baseline() -> dict[str, Ratio]:
    """Return the kept ratios; none before the first --write."""
    if not BASELINE.exists():
        return {}
    return {figure: Ratio(*kept) for figure, kept in json.loads(BASELINE.read_text("utf-8")).items()}


def is_slower(now: Ratio, kept: Ratio) -> bool:
    """Whether a ratio is worse than the kept one by more than the noise of both."""
    return now.ratio - kept.ratio > max(_LEAST * kept.ratio, 2 * max(now.spread, kept.spread))


def show(ratios: dict[str, Ratio], kept: dict[str, Ratio]) -> None:
    """Print a line for each figure."""
    rows = []
    for figure, now in ratios.items():
        before = kept.get(figure)
        verdict = "slower" if before and is_slower(now, before) else ""
        rows.append((figure, now.ratio, now.spread, before.ratio if before else "–", verdict))
    table(["figure", "ratio now", "spread", "ratio kept", ""], rows)


if __name__ == "__main__":
    main()
