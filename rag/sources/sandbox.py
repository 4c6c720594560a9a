"""Run parsers in a sandbox: a process with limits of time and memory, no network and no writing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from itertools import starmap
from math import inf
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, cast

from rag.errors import SourceError
from rag.sources.files import FileLoader, escape_path
from rag.sources.formats.archive import Archive, ArchiveEntry
from rag.telemetry import TELEMETRY_OFF
from rag.types import Article, Failure

_SMALL = 64_000
"""Bytes of plain text, Markdown or JSON lines that are read here: 64 KB of `![`, the worst known, take a second."""

Reply = Mapping[str, object]

_START = """
import json, sys, types
sys.path[:], home, memory_mb, seconds = json.loads(sys.argv[1])
package = types.ModuleType("rag")
package.__path__ = [home]
sys.modules["rag"] = package
from rag.sources.sandbox_worker import main
main(memory_mb, seconds)
"""
"""What the process runs; the package's own first file imports much that a parser has no use for."""
_INHERITED = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "SYSTEMROOT"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
)
"""What the process has of the environment: no key and no password."""


@dataclass
class Sandbox:
    """Has files and pages parsed in a child process, which starts with the first of them and again after it died."""

    file_mb: float = 100.0
    seconds: float = 60.0
    """By the clock, that the parser may take for one article or list."""
    memory_mb: float = 1500.0
    """That the parser may take on top of what it starts with; macOS has no such limit."""
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _watch: "_Watch | None" = field(default=None, repr=False)

    def __reduce__(self) -> tuple[type["Sandbox"], tuple[float, float, float]]:
        """Another process starts a child of its own, which ends with it."""
        return Sandbox, (self.file_mb, self.seconds, self.memory_mb)

    def __enter__(self) -> "Sandbox":
        """Nothing is started before the first question."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Ends the process."""
        self._end()

    def guarded(self, loader: FileLoader) -> FileLoader:
        """The loader, whose files are read in the process, but for small ones of a kind that harms nobody."""
        return SandboxedLoader(loader.limit_mb, loader.file_mb, loader=loader, apart=self)

    def read(self, loader: FileLoader, path: str, name: str) -> Iterator[Article | Failure]:
        """What the loader makes of an ordinary file; if the process ends over it, that is a Failure."""
        asked = {"loader": type(loader).__name__, "limits": [loader.limit_mb, loader.file_mb], "path": path}
        if not isinstance(loader, Archive):
            yield from self._items({**asked, "name": name}, escape_path(path))
            return
        for reply in list(self._replies({**asked, "list": True}, escape_path(path))):
            if isinstance(reply, Failure):
                yield reply
                continue
            for entry in starmap(ArchiveEntry, cast(list[tuple[str, str]], reply["entries"])):
                origin = f"{escape_path(path)}/{entry.name}"
                if entry.refusal:
                    yield Failure(origin, entry.refusal)
                else:
                    yield from self._items({**asked, "entry": entry.name, "name": name}, origin)

    def ask(self, question: Reply, body: bytes) -> list[Reply]:
        """What the process answers about bytes that were fetched; raises SourceError with the reason if it refuses."""
        found = list(self._replies({**question, "size": len(body)}, "", body))
        answers = [reply for reply in found if not isinstance(reply, Failure)]
        if len(answers) < len(found):
            raise SourceError(next(reply.reason for reply in found if isinstance(reply, Failure)))
        return answers

    def _items(self, asked: Reply, place: str) -> Iterator[Article | Failure]:
        for found in self._replies(asked, place):
            yield found if isinstance(found, Failure) else Article(**cast(dict[str, Any], found["article"]))

    def _replies(self, asked: Reply, place: str, body: bytes = b"") -> Iterator[Reply | Failure]:
        """What the process answers until it is done; a Failure if it cannot be started, or ends before."""
        is_done = False
        try:
            for reply in self._told(asked, body):
                if "done" in reply:
                    is_done = not reply["full"]
                    return
                if "died" in reply:
                    yield Failure(place, str(reply["died"]))
                    return
                failure = cast(list[str], reply.get("failure"))
                yield Failure(*failure) if failure else reply
        except OSError as error:
            yield Failure(place, f"its parser cannot be started: {(error.strerror or str(error)).lower()}")
        finally:
            if not is_done:  # what it still has to say would be taken for the answer to the next question
                self._end()

    def _told(self, asked: Reply, body: bytes) -> Iterator[Reply]:
        """Each answer of the process, and in the end why there are no more."""
        if self._child is None or self._watch is None:
            self._child = self._started()
            self._watch = _Watch(self._child, self.seconds)
        child, watch = self._child, self._watch
        assert child.stdin is not None
        assert child.stdout is not None
        question = json.dumps(asked).encode() + b"\n" + body
        while True:
            with watch:
                with suppress(BrokenPipeError):  # a process that does not listen would keep a long question waiting
                    child.stdin.write(question)
                    child.stdin.flush()
                line = child.stdout.readline()
            question = b""
            if watch.rang:
                yield {"died": f"its parser took more than {self.seconds:g} s (RAG_PARSER_SECONDS)"}
            elif not line.endswith(b"\n"):
                yield {"died": "its parser ended unexpectedly"}
            elif (reply := json.loads(line)).get("died") == "memory":
                yield {"died": f"its parser took more than {self.memory_mb:,g} MB of memory (RAG_PARSER_MEMORY_MB)"}
            else:
                yield reply

    def _started(self) -> "subprocess.Popen[bytes]":
        given = json.dumps([sys.path, str(Path(__file__).parent.parent), self.memory_mb, self.seconds])
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _START, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | TELEMETRY_OFF,
            start_new_session=True,  # so that Ctrl-C reaches this process alone, which then ends the other
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if self._watch is not None:
            self._watch.end()
        if child is not None:
            child.kill()
            with suppress(BrokenPipeError):
                child.communicate()


class _Watch:
    """Kills a process over whose answer a block takes more than so many seconds; one thread for all its answers."""

    def __init__(self, child: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.rang = False
        self._child, self._seconds = child, seconds
        self._due = inf
        self._lock, self._over = Lock(), Event()
        Thread(target=self._run, daemon=True).start()

    def __enter__(self) -> None:
        self._due = monotonic() + self._seconds

    def __exit__(self, *error: object) -> None:
        """Lets the process live; one that was about to be killed is dead when this returns."""
        with self._lock:
            self._due = inf

    def end(self) -> None:
        """Ends the thread."""
        self._over.set()

    def _run(self) -> None:
        pause = self._seconds  # whatever begins in such a pause is not due before it ends
        while not self._over.wait(pause):
            with self._lock:
                left = self._due - monotonic()
                if left <= 0:
                    self.rang = True
                    self._child.kill()
                    return
            pause = min(left, self._seconds)


@dataclass(frozen=True, slots=True)
class SandboxedLoader(FileLoader):
    """A loader whose files are read in a process of their own; a small text is not worth asking it."""

    _: KW_ONLY
    loader: FileLoader
    apart: Sandbox

    def accepts(self, source: str) -> bool:
        """Whether the loader is the one for the source."""
        return self.loader.accepts(source)

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles."""
        return self.loader.holds_questions(path)

    def check(self, path: str) -> None:
        """Refuses what the loader refuses."""
        self.loader.check(path)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The articles of an ordinary file; if the process ends over it, that is a Failure."""
        if self._is_harmless(path):
            yield from self.loader.load_as(path, name)
        else:
            yield from self.apart.read(self.loader, path, name)

    def _is_harmless(self, path: str) -> bool:
        """Whether a file is small text, as it lies there, which takes a second at the worst."""
        packed = path.lower().endswith(".gz")
        return not (self.loader.is_risky or packed) and os.path.getsize(path) <= _SMALL

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The articles in the bytes of a file, read in this process."""
        yield from self.loader.parse_bytes(data, origin, name)
