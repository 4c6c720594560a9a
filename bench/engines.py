"""What a Chroma server costs beside a folder, and Ray on one machine beside none.

    python bench/engines.py ARTICLES.jsonl.gz QUESTIONS.jsonl [--articles N] [--runs R] [--seed S] [--without-ray]

Draws N articles (300). Builds them R times (3) by turns into a folder, on a Chroma server of its own on loopback, and
into a folder with Ray on two processes, whose start and stop are counted and also shown alone. What Ray has built must
have the passages of the folder, and their vectors, within 0.001. Then every question is
searched by turns in the folder and on the server; the first five are not counted. Imports and loading the model are
not timed, but under Ray, where every process loads it. Quote the ratios: both sides of each were measured by turns.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from common import records, sample, table, time_call, write

from rag import Index
from rag.errors import RagError
from rag.integrations.ray import Cluster
from rag.models.embedding import SentenceEmbedder
from rag.protocols import Matrix
from rag.settings import Settings
from rag.storage.vectors.client import Server, open_client

_PORT = 8765
_PROCESSES = 2
_WARMING = 5
_WAIT_S = 60
_APART = 0.001


def main() -> None:
    given = arguments()
    questions = [str(record["question"]) for record in records(given.questions)]
    embedder = SentenceEmbedder()
    embedder.embed(["A text, so that the model is loaded and has run once."])
    with tempfile.TemporaryDirectory(prefix="bench-engines-") as name, server(Path(name) / "chroma") as url:
        articles = write(Path(name) / "articles.jsonl", sample(given.file, given.articles, given.seed))
        made = Builds(Path(name), articles, embedder, url)
        times = [made.all(run, without_ray=given.without_ray) for run in range(given.runs)]
        with closing(made.open("folder 0")) as folder, closing(made.open("server 0", url)) as remote:
            size = folder.info()
            print(f"{size['articles']} articles, {size['passages']} passages, {given.runs} runs, seed {given.seed}\n")
            if not given.without_ray:
                with closing(made.open("ray 0")) as spread:
                    print(f"with Ray: the same passages, no vector farther than {farthest(folder, spread):.1g}\n")
            asked = [compare_searches(folder, remote, question) for question in questions][_WARMING:]
    show_builds(times)
    show_searches(asked)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--articles", type=int, default=300, metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="R")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--without-ray", action="store_true")
    return parser.parse_args()


class Builds:
    """Builds the same articles in several ways."""

    def __init__(self, home: Path, articles: Path, embedder: SentenceEmbedder, url: str) -> None:
        self.home, self.articles, self.embedder, self.url = home, articles, embedder, url

    def open(self, name: str, url: str = "") -> Index:
        return Index.open(self.home / name, Settings(_env_file=None, chroma_url=url), self.embedder)

    def all(self, run: int, *, without_ray: bool) -> dict[str, float]:
        """Seconds of each way."""
        ways: dict[str, Callable[[], object]] = {
            "folder": lambda: self.build(f"folder {run}"),
            "server": lambda: self.build(f"server {run}", self.url),
        }
        if not without_ray:
            ways |= {"Ray": lambda: self.spread(f"ray {run}"), "Ray, start and stop": nothing}
        return {name: time_call(way)[0] for name, way in ways.items()}

    def build(self, name: str, url: str = "") -> None:
        with closing(self.open(name, url)) as index:
            index.sync(self.articles)

    def spread(self, name: str) -> None:
        with closing(self.open(name)) as index, Cluster(processes=_PROCESSES) as index.engine:
            index.sync(self.articles)


def nothing() -> None:
    """A cluster that is started, given one thing to do that takes no time, and stopped."""
    with Cluster(processes=_PROCESSES) as cluster:
        list(cluster.spread(iter, [[1]], heavy=False))  # what a script defines, no other process finds


def farthest(one: Index, other: Index) -> float:
    """Return how far the vectors of a passage are apart in two indexes at most, which must have the same passages."""
    vectors, same = vectors_of(one), vectors_of(other)
    if vectors.keys() != same.keys() or list(one.articles()) != list(other.articles()):
        sys.exit("the two indexes have different passages")
    apart = max(float(np.linalg.norm(row - same[id])) for id, row in vectors.items())
    return apart if apart <= _APART else sys.exit(f"a vector is {apart} from that of the other index")


def vectors_of(index: Index) -> dict[str, Matrix]:
    with index.generations.reading() as generation:
        pages = list(generation.vectors.iterate_ids())
        return {id: row for page in pages for id, row in generation.vectors.read_vectors(page).items()}


def compare_searches(folder: Index, remote: Index, question: str) -> tuple[float, float]:
    """Seconds of one search in the folder and on the server, which must find the same."""
    (here, found), (there, same) = (
        time_call(lambda: folder.search(question)),
        time_call(lambda: remote.search(question)),
    )
    if found[0].passage.id != same[0].passage.id and found[0].score - same[0].score > 1e-3:
        sys.exit(f"the server finds something else for {question!r}")
    return here, there


def show_builds(times: list[dict[str, float]]) -> None:
    folder = [one["folder"] for one in times]
    rows: list[list[object]] = []
    for name in times[0]:
        own = [one[name] for one in times]
        rows.append([name, median(own), min(own), max(own), median(a / b for a, b in zip(own, folder, strict=True))])
    table(["build", "median s", "least s", "most s", "/ folder"], rows)
    print()


def show_searches(asked: list[tuple[float, float]]) -> None:
    here, there = ([1000 * seconds for seconds in column] for column in zip(*asked, strict=True))
    rows: list[list[object]] = []
    for name, own in (("folder", here), ("server", there)):
        rows.append([name, len(own), median(own), quantiles(own, n=20)[-1]])
    rows.append(
        [
            "server / folder",
            "",
            *(float(str(b)) / float(str(a)) for a, b in zip(*(row[2:] for row in rows), strict=True)),
        ]
    )
    table(["search", "questions", "p50 ms", "p95 ms"], rows)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A Chroma server on loopback, ended with the block."""
    url = f"http://127.0.0.1:{_PORT}"
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder), "--port", str(_PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _WAIT_S
        while not answers(url):
            if time.monotonic() > until:
                sys.exit(f"the Chroma server does not answer at {url}")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        open_client(Server(url)).close()
    except (RagError, OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
