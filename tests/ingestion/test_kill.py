"""A sync that is killed at any instant leaves an index that answers as before, and the next sync finishes it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
from tests.conftest import ROOT

CHILD = """
import sys, rag.ingestion.build
from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
rag.ingestion.build.WINDOW_PASSAGES = 8
index = Index.open(sys.argv[1], Settings(_env_file=None), WordEmbedder())
print("ready", flush=True)
sys.stdin.readline()
getattr(index, sys.argv[2])(sys.argv[3])
print("done", flush=True)
"""
OLD, NEW = "The {n} lighthouse was painted red in the year {n}.", "The {n} lighthouse was painted blue in the year {n}."
COUNT = 60


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(COUNT):
        body = f"# Lighthouse {number}\n\n" + text.format(n=1000 + number) + "\n"
        (folder / f"{number:03}.md").write_text(body)


def opened(root: Path) -> Index:
    return Index.open(root, Settings(_env_file=None), WordEmbedder())


def start(root: Path, verb: str, source: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CHILD, str(root), verb, str(source)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def run(child: "subprocess.Popen[str]", seconds: float) -> None:
    """Lets the child work for so long, then kills it."""
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()


def check_whole(index: Index) -> set[str]:
    """Every article answers, each in one of its two texts, never in both; the colours found."""
    colours = set()
    for number in range(0, COUNT, 7):
        texts = {
            hit.passage.text.split()[-5]
            for hit in index.search(f"{1000 + number} lighthouse", k=20)
            if hit.passage.article_id == f"{number:03}.md"
        }
        assert len(texts) == 1, f"article {number} has {texts}"
        colours |= texts
    return colours


def check_stores(index: Index) -> None:
    """Nothing is left over in any store."""
    with index.generations.reading() as generation:
        passages = generation.catalogue.counts()[1]
        assert generation.vectors.count() == generation.words.count() == passages
        assert generation.catalogue.unsettled_versions() == []


@pytest.mark.parametrize("verb", ["sync", "rebuild"])
def test_killed_writer_loses_nothing(tmp_path: Path, verb: str) -> None:
    old, new, root = tmp_path / "old", tmp_path / "old", tmp_path / "index"
    write(old, OLD)
    opened(root).sync(old)
    chance = random.Random(verb)
    for turn in range(6):
        write(new, NEW if turn % 2 == 0 else OLD)
        child = start(root, verb, new)
        run(child, chance.uniform(0.0, 0.6))
        index = opened(root)
        check_whole(index)
        index.sync(new)
        assert check_whole(index) == ({"blue"} if turn % 2 == 0 else {"red"})
        check_stores(index)
        index.close()
    assert len(list(root.glob("generation-*"))) <= 2


def test_killed_first_sync_is_finished_by_the_next(tmp_path: Path) -> None:
    source, chance = tmp_path / "old", random.Random(1)
    write(source, OLD)
    for turn in range(3):
        root = tmp_path / f"index{turn}"
        run(start(root, "sync", source), chance.uniform(0.0, 0.5))
        index = opened(root)
        changes = index.sync(source)
        assert changes.added + changes.unchanged == COUNT
        assert check_whole(index) == {"red"}
        check_stores(index)
        index.close()
