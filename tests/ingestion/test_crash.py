"""Writers that are killed at any instant, and stores that fail at any call: the index answers, and is whole again."""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path

import pytest

from rag.ingestion import build
from rag.storage.vectors import collection
from tests.conftest import ROOT
from tests.support.crash import (
    ESCAPED,
    EXIT,
    KINDS,
    NOBODY,
    REFUSED,
    Answers,
    Fault,
    answers,
    check_answers,
    finish,
    opened,
    size,
    start,
    sync_words,
    write_sources,
)

SCALE = float(os.environ.get("LONG", "1"))
"""Share of the long tests that is run."""
WHEN = {"words.add": ("before", "after"), "words.delete": ("before", "after"), "words.commit": ("before", "after")}
SHORT_TIER = (
    ("first", "words.", "broken"),
    ("sync", "catalogue.confirm", "exit"),
    ("add", "words.commit", "full"),
    ("resume", "vectors.add", "denied"),
    ("resume", "catalogue.embedded", "exit"),
    ("remove", "catalogue.", "full"),
    ("rebuild", "vectors.", "broken"),
    ("rollback", "files.CURRENT", "denied"),
    ("repair", "files.", "exit"),
)
"""The faults of which one each is tried where there is no time for all: kind of work, calls, way of failing."""


@dataclass(frozen=True)
class Case:
    """A kind of work: the index it starts from, what is answered before and after, its calls and how long it takes."""

    template: Path
    before: Answers
    after: Answers
    calls: dict[str, int]
    seconds: float
    clean: int


class Yard:
    """Where indexes are copied to, worked on and looked at."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._count = 0
        write_sources(home)
        empty, built = home / "empty", home / "built"
        empty.mkdir()
        with closing(opened(built)) as index:
            index.sync(home / "old")
            index.rebuild()
            self.cases = {"first": self._case("first", empty)}
            index.sync(home / "old")
        damaged = home / "damaged"
        shutil.copytree(built, damaged)
        with closing(opened(damaged)) as index, index.generations.reading() as generation:
            for id, known in list(generation.catalogue.known_articles().items())[:4]:
                generation.words.delete(id, known.version)
            generation.words.commit()
            generation.words.close_writer()
        turned = home / "turned"
        shutil.copytree(built, turned)
        with closing(opened(turned)) as index:
            index.rebuild(home / "new")
        waiting = home / "waiting"
        with closing(opened(waiting)) as index:
            sync_words(index, home / "old")
        templates = {"repair": damaged, "rollback": turned, "resume": waiting}
        for kind in KINDS[1:]:
            self.cases[kind] = self._case(kind, templates.get(kind, built))

    def _case(self, kind: str, template: Path) -> Case:
        root = self.root(template)
        with closing(opened(root)) as index:
            before = answers(index)
        told, process = self.begin(root, kind, None)
        started = time.monotonic()
        process.join()
        seconds = time.monotonic() - started
        outcome = json.loads(told.read_text())
        assert outcome["said"] == ""
        return Case(template, before, outcome["answers"], outcome["calls"], seconds, size(root))

    def root(self, template: Path) -> Path:
        self._count += 1
        root = self.home / f"index-{self._count}"
        shutil.copytree(template, root)
        return root

    def begin(self, root: Path, kind: str, fault: Fault | None, gate: object = None):  # type: ignore[no-untyped-def]
        told = root.with_suffix(".json")
        return told, start(root, kind, self.home, fault, told, gate)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setattr(build, "WINDOW_PASSAGES", 8)
        patch.setattr(collection, "MAX_LOG_CHANGES", 6)
        yield Yard(tmp_path_factory.mktemp("yard"))


def faults(yard: Yard, kind: str) -> list[Fault]:
    """Every call of every port in this kind of work, failing in every way."""
    every = []
    for point, count in sorted(yard.cases[kind].calls.items()):
        # Of the passages that one call adds, some will do.
        turns = range(1, count + 1) if point != "words.add" else {1, 2, count // 2, count}
        for nth in turns:
            for when in WHEN.get(point, ("before", "half", "after")):
                ways = ["exit", "full", "denied"]
                ways += ["broken"] if point.startswith(("vectors", "words")) else []
                # Deleting what is left never raises, and what has been done has not failed.
                ways = ["exit"] if point == "files.remove" or (when == "after" and point.startswith("files")) else ways
                every += [Fault(point, nth, when, how) for how in ways]
    return every


def try_fault(yard: Yard, kind: str, fault: Fault) -> str:
    """Has it happen, and looks at everything after; what the writer said."""
    case = yard.cases[kind]
    root = yard.root(case.template)
    told, process = yard.begin(root, kind, fault)
    process.join(60)
    assert told.with_suffix(".fired").exists(), f"{fault} did not happen"
    said = ""
    if fault.how == "exit":
        assert process.exitcode == EXIT
    else:
        outcome = json.loads(told.read_text())
        said = outcome["said"]
        assert process.exitcode in (0, REFUSED), f"{kind} {fault}: {said}" if process.exitcode == ESCAPED else fault
        assert "\n" not in said
        check_answers(kind, outcome["answers"], case.before, case.after)
    finish(root, kind, yard.home, case.before, case.after, case.clean)
    shutil.rmtree(root)
    return said


def try_misery(yard: Yard, kind: str, fault: Fault, root: Path) -> str:
    """Has a writer meet a disk or a folder that really refuses, gives them back, and looks at everything after."""
    case = yard.cases[kind]
    told, process = yard.begin(root, kind, fault)
    process.join(60)
    outcome = json.loads(told.read_text())
    said = str(outcome["said"])
    assert process.exitcode in (0, REFUSED), said
    assert "\n" not in said
    check_answers(kind, outcome["answers"], case.before, case.after)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    finish(root, kind, yard.home, case.before, case.after, case.clean)
    return said


def try_kill(yard: Yard, kind: str, share: float) -> None:
    """Kills a writer when this share of its time has passed."""
    case = yard.cases[kind]
    root = yard.root(case.template)
    ours, theirs = Pipe()
    _, process = yard.begin(root, kind, None, theirs)
    assert ours.poll(60)
    ours.recv()
    ours.send("go")
    process.join(share * case.seconds)
    process.kill()
    process.join()
    finish(root, kind, yard.home, case.before, case.after, case.clean)
    shutil.rmtree(root)
    ours.close()
    theirs.close()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_work_meets_the_ports(yard: Yard, kind: str) -> None:
    calls = yard.cases[kind].calls
    assert calls["files.writer.txt"]
    if kind in ("first", "sync", "add", "rebuild"):
        assert {"vectors.add", "words.add", "words.commit", "catalogue.announce", "catalogue.confirm"} <= calls.keys()
        assert {"catalogue.remember", "files.LIVE", "files.copy"} <= calls.keys()
    if kind in ("first", "sync", "resume"):
        assert calls["catalogue.embedded"] > 1
    if kind in ("sync", "remove"):
        assert {"catalogue.forget", "catalogue.settle", "vectors.delete", "words.delete"} <= calls.keys()
    if kind in ("first", "rebuild", "rollback"):
        assert "files.CURRENT" in calls


def test_a_killed_writer_loses_nothing(yard: Yard) -> None:
    chance = random.Random(7)
    for place in range(8):
        try_kill(yard, KINDS[place % len(KINDS)], chance.uniform(0, 1))


def test_a_store_that_fails_changes_nothing(yard: Yard) -> None:
    """Each store once, in each way once or more, and in both phases of a sync."""
    chance = random.Random(8)
    for kind, point, how in SHORT_TIER:
        every = [fault for fault in faults(yard, kind) if fault.point.startswith(point) and fault.how == how]
        try_fault(yard, kind, chance.choice(every))


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("sync", 100_000),
        ("resume", 4096),
        ("rebuild", 100_000),
        pytest.param("sync", 4096, marks=pytest.mark.long),
        pytest.param("resume", 100_000, marks=pytest.mark.long),
        pytest.param("rebuild", 4096, marks=pytest.mark.long),
    ],
)
def test_files_that_may_not_grow_change_nothing(yard: Yard, kind: str, limit: int) -> None:
    root = yard.root(yard.cases[kind].template)
    assert try_misery(yard, kind, Fault("process", limit, "", "limit"), root)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes, of which a file `ballast` takes what is not wanted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True)
    if done.returncode:
        pytest.skip("no file system may be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("left", [0, 150_000, 700_000])
def test_a_full_disk_changes_nothing(yard: Yard, small_disk: Path, left: int) -> None:
    root = small_disk / "index"
    shutil.copytree(yard.cases["sync"].template, root)
    ballast, told = small_disk / "ballast", yard.home / f"full-{left}.json"
    ours, theirs = Pipe()
    process = start(root, "sync", yard.home, None, told, theirs)
    ours.recv()
    ballast.write_bytes(bytes(max(shutil.disk_usage(small_disk).free - left, 0)))
    ours.send("go")
    process.join(60)
    outcome = json.loads(told.read_text())
    assert process.exitcode in (0, REFUSED), outcome["said"]
    assert "\n" not in outcome["said"]
    assert outcome["said"] or left
    case = yard.cases["sync"]
    check_answers("sync", outcome["answers"], case.before, case.after)
    ballast.unlink()
    finish(root, "sync", yard.home, case.before, case.after, case.clean)


@pytest.mark.parametrize("part", ["index", "generation", "words", "vectors", "catalogue.sqlite"])
def test_a_folder_without_the_right_to_write_changes_nothing(yard: Yard, part: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        root = Path(home) / "index"
        shutil.copytree(yard.cases["sync"].template, root)
        told, process = Path(home) / "told.json", None
        for path in (Path(home), root, *root.rglob("*")):
            os.chown(path, NOBODY if os.getuid() == 0 else -1, -1)
        sources = Path(home) / "sources"
        for name in ("new", "old"):
            shutil.copytree(yard.home / name, sources / name)
        process = start(root, "sync", sources, Fault(part, 0, "", "chmod"), told)
        process.join(60)
        outcome = json.loads(told.read_text())
        assert process.exitcode in (0, REFUSED), outcome["said"]
        assert "\n" not in outcome["said"]
        # What is open already may still be written.
        case = yard.cases["sync"]
        check_answers("sync", outcome["answers"], case.before, case.after)
        # Words come first: where only vectors may not be written, some articles are in before that is noticed.
        if part != "vectors":
            assert outcome["answers"] == (case.before if process.exitcode else case.after)
        assert process.exitcode == REFUSED or part in ("generation", "catalogue.sqlite")
        for path in (root, *root.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
        finish(root, "sync", sources, case.before, case.after, case.clean)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_killed_writers_lose_nothing(yard: Yard) -> None:
    chance = random.Random(9)
    for place in range(max(int(200 * SCALE), 1)):
        try_kill(yard, KINDS[place % len(KINDS)], chance.uniform(0, 1.1))


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
def test_every_store_that_fails_changes_nothing(yard: Yard, kind: str) -> None:
    every = faults(yard, kind)
    for fault in random.Random(10).sample(every, max(int(len(every) * SCALE), 1)):
        try_fault(yard, kind, fault)
