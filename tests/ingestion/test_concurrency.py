"""Readers in other processes and threads while a writer syncs, rebuilds and removes."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
from tests.conftest import ROOT

READER = """
import sys
from pathlib import Path
from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
index = Index.open(sys.argv[1], Settings(_env_file=None, chroma_url="".join(sys.argv[3:])), WordEmbedder())
print("ready", flush=True)
asked = 0
while not Path(sys.argv[2]).exists():
    hits = index.search("lighthouse number keeper", k=40)
    asked += 1
    for hit in hits:
        assert index.settings.candidates >= len(hits) > 0
        colours = {one.passage.text.split()[-1] for one in hits if one.passage.article_id == hit.passage.article_id}
        assert len(colours) == 1, colours
        assert hit.passage.text[-1] == "."
print(asked, flush=True)
"""
COLOURS = ["red.", "blue.", "green.", "white."]


def write(folder: Path, colour: str, count: int = 30) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:02}.md").write_text(
            f"# Lighthouse {number}\n\nThe keeper of lighthouse number {number} painted it {colour}\n"
        )


def opened(root: Path) -> Index:
    return Index.open(root, Settings(_env_file=None), WordEmbedder())


def work(index: Index, source: Path) -> None:
    """Updates, removals, additions and rebuilds, one after the other."""
    for colour in COLOURS:
        write(source, colour)
        index.sync(source)
        (source / "00.md").unlink()
        index.sync(source)
        index.remove("01.md")
        index.rebuild(source)


def test_readers_in_other_processes_see_finished_states(tmp_path: Path) -> None:
    source, root, stop = tmp_path / "source", tmp_path / "index", tmp_path / "stop"
    write(source, COLOURS[-1])
    writer = opened(root)
    writer.sync(source)
    read_meanwhile([str(root), str(stop)], 3, lambda: work(writer, source), stop)
    writer.close()


def read_meanwhile(given: list[str], count: int, write: Callable[[], object], stop: Path) -> None:
    """So many processes read while something is written; each asked, and saw nothing wrong."""
    command = [sys.executable, "-c", READER, *given]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(count)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        write()
    finally:
        stop.touch()
        said = [reader.communicate(timeout=60) for reader in readers]
    for reader, (asked, wrong) in zip(readers, said, strict=True):
        assert reader.returncode == 0, wrong
        assert int(asked)


def test_threads_share_an_index_with_its_writer(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write(source, COLOURS[-1])
    index = opened(tmp_path / "index")
    index.sync(source)
    done = threading.Event()
    asked: list[int] = []
    wrong: list[BaseException] = []

    def read() -> None:
        count = 0
        try:
            while not done.is_set():
                assert index.search("lighthouse number keeper")
                count += 1
        except BaseException as error:
            wrong.append(error)
        asked.append(count)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    work(index, source)
    done.set()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert min(asked) > 3
    index.close()
