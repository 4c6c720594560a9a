"""A writer in a process of its own that dies, or whose stores fail it, at a chosen call; what must hold after it."""

import errno
import functools
import json
import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
import chromadb.errors
from chromadb.api.models.Collection import Collection

from rag.errors import IndexMissing, RagError
from rag.index import Index
from rag.ingestion import build
from rag.settings import Settings
from rag.sources import read
from rag.storage.atomic_files import FolderSnapshots
from rag.storage.bm25 import BM25Index
from rag.storage.catalogue import Catalogue, PendingArticles
from rag.storage.sqlite import Database
from rag.storage.vectors import collection
from rag.storage.vectors.client import close_client, open_collection
from rag.testing import WordEmbedder
from rag.types import Progress

OLD, NEW = "red", "blue"
COUNT = 10
EXIT, REFUSED, ESCAPED = 77, 3, 4
NOBODY = 65534
FILES = {"CURRENT", "LIVE", "manifest.json", "writer.txt"}
KINDS = ("first", "sync", "add", "resume", "remove", "rebuild", "rollback", "repair")
EMBEDDING = ("first", "sync", "add", "resume", "rebuild")
"""Kinds after which every article has its vectors."""
WHOLE = ("remove", "rebuild", "rollback")
"""Kinds of which nothing or all is seen."""

Answers = dict[str, list[str]]
"""The texts of the passages of each article that a question for it finds."""


@dataclass(frozen=True)
class Fault:
    """The call of a store that fails, how often it has been called by then, and in which way it fails."""

    point: str
    nth: int
    when: str
    """before, half or after."""
    how: str
    """exit, full, denied or broken."""

    def __str__(self) -> str:
        return f"{self.point}-{self.nth}-{self.when}-{self.how}"


# The articles and the index.


def _text(number: int, colour: str) -> str:
    lines = [f"The keeper of lighthouse {1000 + number} painted wall {line} {colour}." for line in range(16)]
    return f"# Lighthouse {1000 + number}\n\n{' '.join(lines)}\n"


def write_sources(home: Path) -> None:
    """old: ten articles; new: of those four unchanged, four changed, two gone, and two that came; more: two others."""
    for name, numbers in (("old", range(COUNT)), ("new", range(2, COUNT + 2)), ("more", range(20, 22))):
        (home / name).mkdir()
        for number in numbers:
            colour = NEW if name == "new" and number >= 6 else OLD
            (home / name / f"{number:02}.md").write_text(_text(number, colour))


def opened(root: Path) -> Index:
    return Index.open(root, Settings(_env_file=None), WordEmbedder())


def do(index: Index, kind: str, home: Path) -> None:
    """One piece of work; doing it again finishes it."""
    if kind in ("first", "sync"):
        index.sync(home / ("old" if kind == "first" else "new"))
    elif kind == "resume":
        index.embed()
    elif kind == "add":
        index.add(home / "more")
    elif kind == "remove":
        known = {article.id for article in index.articles()}
        index.remove([id for id in ("03.md", "04.md", "05.md") if id in known])
    elif kind == "rebuild":
        index.rebuild(home / "new")
    elif kind == "rollback":
        index.rollback()
    else:
        index.check(repair=True)


class _Ended(Exception):
    """Raised out of a report, as by one who stops waiting."""


def sync_words(index: Index, source: Path) -> None:
    """A sync that ends when two windows are embedded: the rest answers by its words alone."""
    windows = iter(range(3))

    def report(progress: Progress) -> None:
        if progress.stage == "embedding" and next(windows, None) == 2:
            raise _Ended

    with suppress(_Ended):
        index.sync(source, report)
    assert 0 < index.embedded_share() < 1


def answers(index: Index) -> Answers:
    """What fixed questions find, by article; nothing where there is no index yet."""
    found: Answers = {}
    try:
        for number in (*range(COUNT + 2), 20, 21):
            hits = index.search(f"lighthouse {1000 + number}", k=40)
            texts = {hit.passage.text for hit in hits if hit.passage.article_id == f"{number:02}.md"}
            texts |= {one.text for hit in hits for one in hit.copies if one.article_id == f"{number:02}.md"}
            if texts:
                found[f"{number:02}.md"] = sorted(texts)
    except IndexMissing:
        return {}
    return found


def small() -> None:
    """Few passages go a long way: several windows, and a graph that is written anew."""
    build.WINDOW_PASSAGES = 8
    collection.MAX_LOG_CHANGES = 6


# The failing.


class _Failing:
    """Counts the calls of each point; the one that is meant fails."""

    def __init__(self, fault: Fault | None, fired: Path) -> None:
        self.fault, self.fired = fault, fired
        self.calls = Counter[str]()

    def moment(self, point: str) -> str:
        """Notes a call; when in it to fail, or nothing."""
        self.calls[point] += 1
        fault = self.fault
        return fault.when if fault and (point, self.calls[point]) == (fault.point, fault.nth) else ""

    def fail(self) -> None:
        """Does what the real thing does."""
        assert self.fault is not None
        self.fired.touch()
        how, store = self.fault.how, self.fault.point.partition(".")[0]
        if how == "exit":
            os._exit(EXIT)
        code = errno.EACCES if how == "denied" else errno.ENOSPC
        if store == "catalogue":
            said = {"full": "database or disk is full", "denied": "attempt to write a readonly database"}
            raise sqlite3.OperationalError(said.get(how, "disk I/O error"))
        if how == "broken":
            raise chromadb.errors.InternalError("Error in compaction") if store == "vectors" else ValueError("broken")
        raise OSError(code, os.strerror(code))


def _failing(state: _Failing, point: str, real: Callable[..., Any], half: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*given: Any, **named: Any) -> Any:
        when = state.moment(point)
        if when == "before":
            state.fail()
        if when == "half":
            half(*given, **named)
            state.fail()
        done = real(*given, **named)
        if when == "after":
            state.fail()
        return done

    return call


def inject(state: _Failing) -> None:
    """Wraps the calls of the libraries behind every port; for a process that ends soon."""
    upsert, delete = Collection.upsert, Collection.delete

    def half_upsert(self: Collection, ids: Any, embeddings: Any, metadatas: Any) -> None:
        count = max(len(ids) // 2, 1)
        upsert(self, ids=ids[:count], embeddings=embeddings[:count], metadatas=metadatas[:count])

    def half_delete(self: Collection, ids: Any = None, where: Any = None) -> None:
        known = ids or self.get(where=where, include=[])["ids"]
        if known:
            delete(self, ids=known[: max(len(known) // 2, 1)])

    Collection.upsert = _failing(state, "vectors.add", upsert, half_upsert)  # type: ignore[method-assign]
    Collection.delete = _failing(state, "vectors.delete", delete, half_delete)  # type: ignore[method-assign]
    real = BM25Index.open_writer
    BM25Index.open_writer = lambda self: _Writer(real(self), state)  # type: ignore[method-assign, assignment, return-value]
    PendingArticles.remove = _named("embedded", PendingArticles.remove)  # type: ignore[method-assign]
    for name in ("announce", "confirm", "settle", "forget", "move", "remember"):
        setattr(Catalogue, name, _named(name, getattr(Catalogue, name)))
    Database.writing = _transaction(state)  # type: ignore[method-assign, assignment]
    replace, copytree, rmtree = os.replace, shutil.copytree, shutil.rmtree

    def halve(source: Any, *_: Any) -> None:
        os.truncate(source, os.path.getsize(source) // 2)

    def replacing(source: Any, target: Any) -> None:
        name = Path(target).name
        call = _failing(state, f"files.{name}", replace, halve) if name in FILES else replace
        call(source, target)

    def some_removed(folder: Any, **_: Any) -> None:
        for path in sorted(Path(folder).rglob("*"))[::2]:
            path.unlink() if path.is_file() else None

    os.replace = replacing
    shutil.copytree = _failing(state, "files.copy", copytree, lambda *a, **b: (copytree(*a, **b), halve(_big(a[1]))))
    shutil.rmtree = _failing(state, "files.remove", rmtree, some_removed)  # type: ignore[assignment]


def _big(folder: Any) -> Path:
    return max((path for path in Path(folder).rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def _named(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        self.database._doing = name
        try:
            return method(self, *given, **named)
        finally:
            self.database._doing = ""

    return call


def _transaction(state: _Failing) -> Callable[[Any], Any]:
    """A transaction that fails before its first statement, after its last one, or once it is committed."""
    real = Database.writing

    @contextmanager
    def writing(self: Any) -> Iterator[sqlite3.Connection]:
        name = getattr(self, "_doing", "")
        when = state.moment(f"catalogue.{name}") if name else ""
        with real(self) as connection:
            if when == "before":
                state.fail()
            yield connection
            if when == "half":
                state.fail()
        if when == "after":
            with real(self):
                state.fail()

    return writing


class _Writer:
    """Tantivy's writer, whose calls may fail."""

    def __init__(self, real: Any, state: _Failing) -> None:
        self._real, self._state = real, state

    def __getattr__(self, name: str) -> Any:
        points = {"add_document": "add", "delete_documents_by_term": "delete", "commit": "commit"}
        attribute = getattr(self._real, name)
        if name not in points:
            return attribute
        return _failing(self._state, f"words.{points[name]}", attribute, attribute)


# A process that works.


def _deprive(root: Path, part: str) -> None:
    """Takes the right to write into a folder, or to change a file; root, who may anyway, becomes nobody."""
    if os.getuid() == 0:
        os.setresuid(NOBODY, NOBODY, NOBODY)
    live = root / (root / "CURRENT").read_text().split()[0]
    vectors = FolderSnapshots(live / "vectors").live
    places = {"index": root, "generation": live, "words": live / "words", "vectors": vectors}
    path = places.get(part, live / part)
    path.chmod(0o500 if path.is_dir() else 0o400)


def perform(root: Path, kind: str, home: Path, fault: Fault | None, told: Path, gate: Any = None) -> None:
    """Does the work; what came of it goes into a file, for a process that lives to write it."""
    small()
    state = _Failing(fault, told.with_suffix(".fired"))
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    index = opened(root)
    answers(index)
    # What reads articles is loaded while this process may still open and write whatever it likes.
    list(read([str(home / "new")]))
    # So is Chroma's client, which is loaded when something is first written.
    with tempfile.TemporaryDirectory() as folder:
        client, _ = open_collection(folder, "articles", create=True)
        close_client(client)
    if gate is not None:
        gate.send("ready")
        gate.recv()
    elif fault is not None and fault.how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.nth, most))
    elif fault is not None and fault.how == "chmod":
        _deprive(root, fault.point)
    else:
        inject(state)
    said, status = "", 0
    try:
        do(index, kind, home)
    except RagError as error:
        said, status = str(error), REFUSED
    except BaseException as error:
        said, status = f"{type(error).__name__}: {error}", ESCAPED
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    # The process goes on answering, as a page does.
    try:
        found = answers(index)
    except RagError as error:
        said, status, found = f"{said}; asked after that: {type(error).__name__}: {error}", ESCAPED, {}
    told.write_text(json.dumps({"said": said, "answers": found, "calls": state.calls}))
    index.close()
    os._exit(status)


def start(*given: Any) -> Any:
    """A process that does `perform`, forked from one that has the libraries loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.crash_preload"])
    process = context.Process(target=perform, args=given)
    process.start()
    return process


# What must hold.


def size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def check_answers(kind: str, found: Answers, before: Answers, after: Answers) -> None:
    """Each article answers as it did before or as it does after; all of them together where that is promised."""
    for id in {*before, *after, *found}:
        assert found.get(id) in (before.get(id), after.get(id)), (id, found.get(id))
    if kind in WHOLE:
        assert found in (before, after)


def check_nothing_left(root: Path) -> None:
    """Only what belongs to an index is in its folder."""
    names = {path.name for path in root.iterdir()}
    live = (root / "CURRENT").read_text().split()
    assert names - {"CURRENT", "write.lock", *live} == set(), names
    for path in root.rglob("*"):
        assert not path.name.endswith((".new", ".part")), path
    for name in live:
        copies = {path.name for path in (root / name / "vectors").glob("copy-*")}
        assert len(copies) <= 2, copies


def finish(root: Path, kind: str, home: Path, before: Answers, after: Answers, clean: int) -> None:
    """The index opens and answers, the work can be finished, and nothing is left of what went wrong."""
    with closing(opened(root)) as index:
        found = answers(index)
        check_answers(kind, found, before, after)
        if not (kind == "rollback" and found == after):
            do(index, kind, home)
        assert answers(index) == after
        assert index.check() == []
        assert index.embedded_share() == 1 or kind not in EMBEDDING
    check_nothing_left(root)
    assert size(root) < 2 * clean, f"{size(root)} bytes rather than {clean}"
