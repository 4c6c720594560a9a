"""Reading and embedding on Ray: the same index, whoever dies on the way, and not a trace of it afterwards."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from rag.cli import main
from rag.errors import ClusterError, ModelError
from rag.index import Index
from rag.ingestion import build
from rag.integrations.ray import Cluster
from rag.protocols import Matrix
from rag.settings import Settings
from rag.sources import folder as reading
from rag.sources import read
from rag.testing import WordEmbedder
from rag.types import Article, Changes
from tests.conftest import ROOT, SEEDS
from tests.ingestion.test_kill import check_stores

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed (the extra `ray`)"),
    pytest.mark.timeout(300),
]
SCRIPT = """
import sys
from pathlib import Path
from rag.integrations.ray import Cluster
from rag.index import Index
from rag.settings import Settings
from tests.integrations.test_ray import Doomed
with Cluster(processes=2) as cluster:
    index = Index.open(sys.argv[1], Settings(_env_file=None), Doomed(Path(sys.argv[3]), 1), engine=cluster)
    print(index.sync(sys.argv[2]))
    print(index.sync(sys.argv[2]))
    index.close()
"""


TOKEN = Path.home() / ".ray" / "auth_token"


@pytest.fixture(scope="module", autouse=True)
def _equal_share() -> Iterator[None]:
    """Let the processes of a cluster have their share of a busy machine, of which Ray would leave them little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[Cluster]:
    """Two processes on this machine, with little memory to pass things in."""
    with Cluster(processes=2, store_bytes=80 << 20) as started:
        yield started


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "PORTION_CHARS", 2_000)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Files in folders, two that claim one id, one that cannot be read, and JSON lines."""
    home = tmp_path / "sources"
    for number in range(90):
        path = home / f"{number % 3}" / f"{number:02}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        said = " ".join(f"In the year {1000 + number + year} it was painted red again." for year in range(12))
        path.write_text(f"---\ntitle: Lighthouse {number}\nsource: Gazette\n---\n{said}\n")
    for name in ("a", "z"):
        (home / f"{name}.md").write_text(f"---\nid: twice\n---\nThis one is {name}.\n")
    (home / "broken.md").write_bytes(b"\x00\x01\x02" * 100)
    lines = [{"id": f"line-{number}", "title": "A line", "text": f"Line {number} says so."} for number in range(20)]
    (home / "more.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return home


def opened(root: Path, engine: Cluster | None = None, embedder: WordEmbedder | None = None) -> Index:
    return Index.open(root, Settings(_env_file=None), embedder or WordEmbedder(), engine=engine)


def contents(index: Index) -> tuple[list[object], dict[str, tuple[dict[str, object], list[float]]]]:
    """Every article, and every passage as it stands in Chroma."""
    with index.generations.reading() as generation:
        found = generation.vectors.collection.get(include=["metadatas", "embeddings"])
        rows = zip(found["metadatas"], np.asarray(found["embeddings"]), strict=True)
        return list(generation.catalogue.articles()), dict(zip(found["ids"], rows, strict=True))


def check_same(one: Index, other: Index) -> None:
    (articles, passages), (expected, wanted) = contents(one), contents(other)
    assert articles == expected
    assert {id: place for id, (place, _) in passages.items()} == {id: place for id, (place, _) in wanted.items()}
    for id, (_, vector) in passages.items():
        assert float(np.dot(vector, wanted[id][1])) == pytest.approx(1, abs=1e-3)
    check_stores(one)


def test_the_index_is_the_same(tmp_path: Path, sources: Path, engine: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILES_WITHOUT_ENGINE", 0)
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there", engine)
    changes = here.sync(sources)
    assert there.sync(sources) == changes
    assert (changes.added, len(changes.failed)) == (111, 2)
    check_same(there, here)
    check_loopback()
    monkeypatch.undo()
    (sources / "0" / "00.md").write_text("# Lighthouse 0\n\nIt is blue now.\n")
    (sources / "1" / "01.md").unlink()
    for index in (here, there):
        assert index.sync(sources) == Changes(0, 1, 1, 109, changes.failed)
    check_same(there, here)
    here.close()
    there.close()


def check_loopback() -> None:
    """Nobody else can reach the cluster, and no token is left in the home folder that others could read."""
    processes = psutil.Process().children(recursive=True)
    places = {at.laddr.ip for one in processes for at in one.net_connections("tcp") if at.status == psutil.CONN_LISTEN}
    assert places
    assert places <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert not TOKEN.exists() or TOKEN.stat().st_ctime < psutil.Process().create_time()


def _pid(_thing: object) -> Iterator[int]:
    yield os.getpid()


class Doomed(WordEmbedder):
    """Kills its process, `lives` times in all."""

    def __init__(self, marks: Path, lives: int) -> None:
        super().__init__()
        self.marks, self.lives = marks, lives

    def embed(self, texts: Sequence[str]) -> Matrix:
        vectors = super().embed(texts)
        if "year 1040" in " ".join(texts) and len(list(self.marks.iterdir())) < self.lives:
            (self.marks / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return vectors


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where processes leave word of what they did."""
    made = tmp_path / "marks"
    made.mkdir()
    return made


def test_nothing_is_lost_or_doubled_when_a_process_dies(
    tmp_path: Path, sources: Path, engine: Cluster, marks: Path
) -> None:
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there", engine, Doomed(marks, 1))
    assert there.sync(sources) == here.sync(sources)
    assert len(list(marks.iterdir())) == 1
    assert os.getpid() not in {int(mark.name) for mark in marks.iterdir()}
    check_same(there, here)
    here.close()
    there.close()


@dataclass
class Reading:
    """Light work of which one process dies."""

    marks: Path

    def __call__(self, thing: int) -> Iterator[int]:
        yield thing
        if thing == 70 and not (self.marks / "died").exists():
            (self.marks / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        yield -thing


def test_light_work_is_done_again_too(engine: Cluster, marks: Path) -> None:
    made = list(engine.spread(Reading(marks), range(100), heavy=False))
    assert made == [value for thing in range(100) for value in (thing, -thing)]
    assert (marks / "died").exists()


def test_files_whose_parsers_run_apart_are_read_there(
    tmp_path: Path, engine: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_FILES_WITHOUT_ENGINE", 0)
    for number in range(40):
        said = f"<p>Lighthouse number {number} was painted red again.</p>" * 3
        (tmp_path / f"{number:02}.html").write_text(f"<html><head><title>No. {number}</title></head>{said}</html>")
    expected = list(read([str(tmp_path)]))
    assert len({article.text for article in expected if isinstance(article, Article)}) == 40
    assert list(read([str(tmp_path)], engine=engine)) == expected


def test_work_that_kills_every_process_ends_the_sync(
    tmp_path: Path, sources: Path, engine: Cluster, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "stuck_seconds", 8.0)
    index = opened(tmp_path / "index", engine, Doomed(marks, 1_000))
    with pytest.raises(
        ClusterError, match="the Ray cluster failed, sync again to go on: ExecutionTimeoutError: "
    ) as caught:
        index.sync(sources)
    assert "\n" not in str(caught.value)
    index.embedder, index.engine = WordEmbedder(), None
    changes = index.sync(sources)
    assert changes.added + changes.unchanged == 111
    check_stores(index)
    index.close()


class Refusing(WordEmbedder):
    def embed(self, texts: Sequence[str]) -> Matrix:
        raise ModelError("there is no such model")


class Wrong(WordEmbedder):
    def embed(self, texts: Sequence[str]) -> Matrix:
        raise ValueError("a mistake\nof ours")


class Unsendable(WordEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.held = lambda: None


def _make_mistake(_numbers: object) -> Iterator[int]:
    raise ValueError("a mistake\nof ours")


def test_what_goes_wrong_there_is_told_here(tmp_path: Path, sources: Path, engine: Cluster) -> None:
    for number, (embedder, error, said) in enumerate(
        [
            (Refusing(), ModelError, "^there is no such model$"),
            (Unsendable(), ClusterError, "cannot be sent to other processes: .*lambda"),
        ]
    ):
        index = opened(tmp_path / f"index{number}", engine, embedder)
        with pytest.raises(error, match=said):
            index.sync(sources)
        index.close()
    with pytest.raises(ClusterError, match=r"^the work on the Ray cluster failed: ValueError: a mistake of ours"):
        list(engine.spread(_make_mistake, [1], heavy=True))
    assert list(engine.spread(_pid, [1], heavy=True)), "the cluster goes on"


def test_articles_that_cannot_be_embedded_there_are_found_by_their_words(
    tmp_path: Path, sources: Path, engine: Cluster
) -> None:
    index = opened(tmp_path / "index", engine, Wrong())
    changes = index.sync(sources)
    share = index.embedded_share()
    index.close()
    assert (changes.added, share) == (111, 0.0)
    assert sum("found by its words alone" in failure.reason for failure in changes.failed) == 111


@dataclass
class Bulky:
    """Work whose results fill the memory that they pass through several times over."""

    marks: Path

    def __call__(self, thing: int) -> Iterator[bytes]:
        (self.marks / str(thing)).touch()
        yield bytes(8 << 20)


def test_work_waits_for_the_writer(engine: Cluster, marks: Path) -> None:
    made = engine.spread(Bulky(marks), range(40), heavy=True)
    next(made)
    done, before = -1, -2
    while done != before:
        time.sleep(2)
        done, before = len(list(marks.iterdir())), done
    assert done < 40
    assert sum(1 for _ in made) == 39
    assert len(list(marks.iterdir())) == 40


def test_a_cluster_of_its_own_is_silent_and_leaves_nothing_behind(tmp_path: Path, sources: Path, marks: Path) -> None:
    """Not even a process that dies is told of, since another does its work."""
    before = set(Path("/tmp").glob("rag-ray-*"))
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path / "index"), str(sources), str(marks)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["111 added", "0 added"]
    assert len(list(marks.iterdir())) == 1
    assert set(Path("/tmp").glob("rag-ray-*")) <= before


def test_the_command_joins_a_running_cluster(tmp_path: Path, seed_index: Index, engine: Cluster) -> None:
    """With the packaged model, which each process loads for itself."""
    import ray

    assert list(engine.spread(_pid, [1], heavy=True))
    address = ray.get_runtime_context().gcs_address
    assert address.startswith("127.0.0.1:")
    command = [sys.executable, "-m", "rag", "--index", str(tmp_path / "index"), "sync", str(SEEDS), "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "--ray", address], capture_output=True, text=True, cwd=tmp_path, env=environment)
    said = "every article answers by its words now; 16 articles left for meaning search\n"
    assert (done.returncode, done.stderr) == (0, said)
    assert json.loads(done.stdout)["added"] == 16
    index = Index.open(tmp_path / "index", Settings(_env_file=None))
    check_same(index, seed_index)
    index.close()


def test_addresses_are_judged_before_anything_starts(tmp_path: Path) -> None:
    for address in ("seeds/", "http://127.0.0.1:6379", "somewhere"):
        with pytest.raises(ClusterError, match="no address of a Ray cluster"):
            Cluster(address)
    assert list(Cluster("127.0.0.1:9").spread(_pid, [], heavy=True)) == []


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9"])
def test_no_cluster_says_so(tmp_path: Path, engine: Cluster, address: str) -> None:
    engine.close()  # otherwise this process is connected already
    shutil.copytree(SEEDS, tmp_path / "seeds")
    with pytest.raises(ClusterError, match=f"^no Ray cluster answers at {address}; .*refused"):
        opened(tmp_path / "index", Cluster(address)).sync(tmp_path / "seeds")


def test_without_ray_it_says_how_to_get_it(tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"pip install 'rag-articles\[ray\]'"):
        opened(tmp_path / "index", Cluster()).sync(sources)
    assert "--ray [ADDRESS]" in main.commands["sync"].get_help(main.make_context("rag", ["sync"]))
