"""Chroma's graph: never written where it is in use, brought up to date in a copy, whole after a kill at that moment."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import chromadb
import numpy as np
import pytest

from rag.errors import StoreError
from rag.storage.atomic_files import FolderSnapshots
from rag.storage.vectors import VectorStore, collection, hnsw
from rag.types import Passage
from tests.conftest import ROOT

ROWS = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
CHILD = """
import sys
import numpy as np
from rag.storage.vectors import VectorStore, collection
from tests.storage.test_hnsw import passages
collection.MAX_LOG_CHANGES = 300
rows = np.random.default_rng(1).normal(size=(4000, 384)).astype(np.float32)
store = VectorStore(sys.argv[1], "test", create=True)
print("ready", flush=True)
with store.keep_open():
    for start in range(0, 4000, 100):
        store.add(passages(start, start + 100), rows[start : start + 100])
        print(start + 100, flush=True)
        store.tidy()
"""

SEARCHER = """
import sys
import numpy as np
from rag.storage.vectors import VectorStore
store = VectorStore(sys.argv[1], "test", create=False)
for row in np.load(sys.argv[2])[::50]:
    print([(found.passage.article_id, round(found.score, 6)) for found in store.search(row, 50)])
store.close()
"""


def passages(start: int, end: int) -> list[Passage]:
    return [
        Passage(article_id=f"a{number}", title="T", text="text", start=0, end=4, version="1")
        for number in range(start, end)
    ]


def graph(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of the files that Chroma writes a graph into."""
    files = [path for path in folder.glob("*-*-*/*") if path.suffix in (".bin", ".pickle")]
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def opened(folder: Path) -> VectorStore:
    return VectorStore(str(folder), "test", create=False)


def test_a_graph_in_use_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MAX_LOG_CHANGES", 50)
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    copies = FolderSnapshots(tmp_path / "vectors")
    with store.keep_open():
        store.add(passages(0, 40), ROWS[:40])
        store.tidy()
        assert copies.live == tmp_path / "vectors", "not enough has changed"
        store.add(passages(40, 60), ROWS[40:])
        store.tidy()
    assert copies.live.name == "copy-0001"
    assert copies.pending == 0
    before = graph(copies.live)
    assert "index_metadata.pickle" in before
    with store.keep_open():
        store.add(passages(0, 59), ROWS[:59])
        store.delete("a59", "1")
        assert graph(copies.live) == before
    assert copies.pending == 60
    assert store.count() == 59
    store.close()
    with (again := opened(tmp_path / "vectors")).keep_open():
        again.tidy()
    assert [copies.live.name, again.count()] == ["copy-0002", 59]
    assert sorted(path.name for path in (tmp_path / "vectors").iterdir()) == ["LIVE", "copy-0001", "copy-0002"]
    assert [again.search(row, 1)[0].passage.article_id for row in ROWS[:59]] == [f"a{number}" for number in range(59)]
    again.close()


def test_more_waits_in_the_log_of_a_large_folder_while_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "MAX_LOG_CHANGES", 1)
    monkeypatch.setattr(hnsw, "LARGE", 40)
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    copies = FolderSnapshots(tmp_path / "vectors")
    with store.keep_open():
        store.add(passages(0, 40), ROWS[:40])
        store.tidy(growing=True)
        assert copies.live.name == "copy-0001"
        store.add(passages(40, 44), ROWS[40:44])
        store.tidy(growing=True)
        assert copies.live.name == "copy-0001", "44 passages are a large folder here, of which an eighth may wait"
        store.tidy()
        assert copies.live.name == "copy-0002", "a 32nd"
        store.add(passages(44, 52), ROWS[44:52])
        store.tidy(growing=True)
        assert copies.live.name == "copy-0003", "more than an eighth"
    assert store.count() == 52
    store.close()


def test_a_reader_of_an_older_copy_goes_on_and_then_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MAX_LOG_CHANGES", 1)
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    with store.keep_open():
        store.add(passages(0, 10), ROWS[:10])
        store.tidy()
    reader = opened(tmp_path / "vectors")
    for start in (10, 20, 30):
        with store.keep_open():
            store.add(passages(start, start + 10), ROWS[start : start + 10])
            store.tidy()
        assert reader.search(ROWS[3], 1)[0].passage.article_id == "a3"
    reader.refresh()
    assert reader.search(ROWS[35], 1)[0].passage.article_id == "a35"
    reader.close()
    store.close()


def test_every_process_finds_the_same_although_each_builds_its_own_graph_of_the_log(tmp_path: Path) -> None:
    rows = np.random.default_rng(2).normal(size=(3000, 48)).astype(np.float32)
    np.save(tmp_path / "rows.npy", rows)
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    store.add(passages(0, 3000), rows)
    store.close()
    command = [sys.executable, "-c", SEARCHER, str(tmp_path / "vectors"), str(tmp_path / "rows.npy")]
    found = {subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(found) == 1
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = np.argsort(-(units @ units[::50].T), axis=0, kind="stable")[:50].T
    lists = [ast.literal_eval(line) for line in found.pop().splitlines()]
    assert [[id for id, _ in hits] for hits in lists] == [[f"a{row}" for row in near] for near in nearest]


def test_a_folder_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    client = chromadb.PersistentClient(str(tmp_path / "vectors"))
    made = client.create_collection("test", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    assert not hnsw.is_never_written(made)
    client.close()
    store = opened(tmp_path / "vectors")
    with store.keep_open():
        assert hnsw.is_never_written(store.collection)
        store.add(passages(0, 60), ROWS)
    store.close()
    assert opened(tmp_path / "vectors").search(ROWS[7], 1)[0].passage.article_id == "a7"


def test_a_full_disk_leaves_the_old_graph_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MAX_LOG_CHANGES", 1)

    def full(*_: object) -> None:
        raise StoreError("there is no room")

    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    with store.keep_open():
        store.add(passages(0, 60), ROWS)
        with monkeypatch.context() as patch:
            patch.setattr(hnsw, "write", full)
            store.tidy()
        assert not list((tmp_path / "vectors").glob("copy-*"))
        assert store.search(ROWS[7], 1)[0].passage.article_id == "a7"
    store.close()


@pytest.mark.parametrize("moment", range(4))
def test_a_writer_killed_while_the_graph_is_written(tmp_path: Path, moment: int) -> None:
    """At the first sight of the copy, or of the first of its files that has changed, or a bit later."""
    place = tmp_path / "vectors"
    command = [sys.executable, "-c", CHILD, str(place)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    copy = place / f"copy-{moment // 2 + 1:04d}"
    while not (_grown(place, copy) if moment % 2 else copy.exists()):
        assert child.poll() is None, "it ended before that"
    os.kill(child.pid, signal.SIGKILL)
    written = [0, *map(int, child.communicate()[0].split())][-1]
    assert not VectorStore.kills(str(place), "test")
    store = opened(place)
    assert store.count() in (written, written + 100)
    missing, wrong = store.find_mismatches(passages(0, written))
    assert not missing | wrong
    rows = np.random.default_rng(1).normal(size=(4000, 384)).astype(np.float32)
    assert all(store.search(rows[number], 1)[0].passage.article_id == f"a{number}" for number in range(0, written, 50))
    store.close()


def _grown(place: Path, copy: Path) -> bool:
    """Whether Chroma has begun to write the graph of the copy."""
    try:
        folders = (FolderSnapshots(place).live, copy)
        before, now = (sum(size for size, _ in graph(folder).values()) for folder in folders)
    except FileNotFoundError:
        return False
    return copy.exists() and now > before
