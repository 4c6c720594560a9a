"""Readers in eight processes while one writer syncs, rebuilds, removes and rolls back without pause."""

import multiprocessing
import os
import random
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rag.errors import IndexLocked
from rag.storage.index_folder import IndexFolder
from tests.conftest import ROOT
from tests.support.crash import opened

SCALE = float(os.environ.get("LONG", "1"))
READERS = 8
COUNT = 12
SECONDS = max(200 * SCALE, 10)
SENTENCES = 12


def write(folder: Path, state: int) -> None:
    """Every text says in which state of the sources it was written."""
    folder.mkdir(exist_ok=True)
    for number in range(COUNT):
        said = f"The keeper of lighthouse {1000 + number} saw state {state}."
        (folder / f"{number:02}.md").write_text(f"# Lighthouse {1000 + number}\n\n{' '.join([said] * SENTENCES)}\n")


def read(root: Path, seed: int, live: Any, stop: Any, told: Any) -> None:
    """Asks until told to stop; an answer is of one state, and of none older than was live when it was asked."""
    chance, asked, wrong = random.Random(seed), 0, list[str]()
    with closing(opened(root)) as index:
        told.put("ready")
        while not stop.is_set() and not wrong:
            number = chance.randrange(COUNT)
            oldest = live.value
            try:
                hits = index.search(f"lighthouse {1000 + number}", k=40)
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")
                break
            passages = [one for hit in hits for one in (hit.passage, *hit.copies)]
            own = [one for one in passages if one.article_id == f"{number:02}.md"]
            states = Counter(one.text.rsplit(" ", 1)[-1].rstrip(".") for one in own)
            newest = live.value
            if len(states) > 1:
                wrong.append(f"article {number} in states {dict(states)}")
            elif states and number and not oldest <= int(next(iter(states))) <= newest + 1:
                wrong.append(f"article {number} in state {dict(states)}, live {oldest} to {newest}")
            elif not states and number:
                wrong.append(f"article {number} is not found")
            asked += 1
    told.put((asked, wrong))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_readers_see_finished_states_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    root, source = tmp_path / "index", tmp_path / "source"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ingestion.test_stress"])
    live, stop, told = context.Value("i", 0), context.Event(), context.Queue()
    write(source, 0)
    writer = opened(root)
    writer.sync(source)
    readers = [context.Process(target=read, args=(root, seed, live, stop, told)) for seed in range(READERS)]
    for reader in readers:
        reader.start()
    assert [told.get(timeout=120) for _ in readers] == ["ready"] * READERS
    try:
        rounds = _work(writer, root, source, live)
    finally:
        stop.set()
        outcomes = [told.get(timeout=120) for _ in readers]
        for reader in readers:
            reader.join(60)
    assert [wrong for _, wrong in outcomes if wrong] == []
    assert min(asked for asked, _ in outcomes) > 3
    assert rounds
    assert writer.check() == []
    writer.close()


def _work(writer: Any, root: Path, source: Path, live: Any) -> int:
    """Changes the index in every way until the time is up; announces each state once it is live."""
    ends, state, rounds = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < ends:
        for change in (writer.sync, writer.rebuild):
            write(source, state + 1)
            change(source)
            state += 1
            live.value = state
        # What was live before the rebuild is one state older, which readers may see from here on.
        live.value = state - 1
        writer.rollback()
        writer.rollback()
        live.value = state
        with IndexFolder(root).writing():
            _refused(root)
        writer.remove("00.md")
        rounds += 1
    return rounds


def _refused(root: Path) -> None:
    with (
        closing(opened(root)) as second,
        pytest.raises(IndexLocked, match=f"written by process {os.getpid()} on") as met,
    ):
        second.remove("01.md")
    assert "\n" not in str(met.value)
