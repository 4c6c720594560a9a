"""Run parsers in a sandbox: a process with limits of time and memory, no network and no writing.

It protects from files and pages that somebody else wrote to break what parses them: to crash it, to keep it busy for
hours, to fill the memory (decompression bombs, deep nesting), or to take it over. A parser that ends, or runs into a
limit, costs one article, which is named with the reason. One that was taken over finds no key in its environment, can
write no file, can start no program and open no connection by Python's own means, and answers in JSON, in which nothing
runs. It is no jail: machine code in it can still read what this user may read.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
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
from rag.failures import LeftOut
from rag.sources.files import FileLoader, escape_path
from rag.sources.formats.archive import Archive, ArchiveEntry
from rag.telemetry import TELEMETRY_OFF
from rag.types import Article, Failure

_MAX_UNSANDBOXED_BYTES = 64_000
"""Bytes of plain text, Markdown or JSON lines that are read here: 64 KB of `![`, the worst known, take a second."""

Message = Mapping[str, object]
"""A request to the child, or one of its replies."""

_BOOTSTRAP = """
import json, sys, types
sys.path[:], home, memory_mb, seconds = json.loads(sys.argv[1])
package = types.ModuleType("rag")
package.__path__ = [home]
sys.modules["rag"] = package
from rag.sources.sandbox_worker import main
main(memory_mb, seconds)
"""
"""What the process runs; the package's own first file imports much that a parser has no use for."""
_INHERITED_VARIABLES = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "SYSTEMROOT"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
)
"""What the process has of the environment: no key and no password."""


@dataclass
class Sandbox:
    """Parses files and pages in a child process, which starts with the first of them and again after it died."""

    file_mb: float = 100.0
    seconds: float = 60.0
    """The most time, by the clock, that the parser may take for one article or list."""
    memory_mb: float = 1500.0
    """The most memory that the parser may take on top of what it starts with; macOS has no such limit."""
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _watchdog: "_Watchdog | None" = field(default=None, repr=False)

    @property
    def child(self) -> "subprocess.Popen[bytes] | None":
        """The process that parses, or None while there is none."""
        return self._child

    def __reduce__(self) -> tuple[type["Sandbox"], tuple[float, float, float]]:
        """Pickle without the child: another process starts one of its own, which ends with it."""
        return Sandbox, (self.file_mb, self.seconds, self.memory_mb)

    def __enter__(self) -> "Sandbox":
        """Return the sandbox; nothing is started before the first request."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the child."""
        self._end()

    def wrap(self, loader: FileLoader) -> FileLoader:
        """Wrap a loader so that its files are parsed in the sandbox, but for small ones of a harmless kind."""
        return SandboxedLoader(loader.limit_mb, loader.file_mb, loader.all_text, loader=loader, sandbox=self)

    def load_file(self, loader: FileLoader, path: str, name: str) -> Iterator[Article | Failure]:
        """Load an ordinary file in the child; if the child ends over it, that is a Failure."""
        request = {"loader": type(loader).__name__, "limits": loader.limits, "path": path}
        if not isinstance(loader, Archive):
            yield from self._load_items({**request, "name": name}, escape_path(path))
            return
        for reply in list(self._request({**request, "list": True}, escape_path(path))):
            if isinstance(reply, Failure):
                yield reply
                continue
            for entry in starmap(ArchiveEntry, cast(list[tuple[str, str]], reply["entries"])):
                origin = f"{escape_path(path)}/{entry.name}"
                if entry.refusal:
                    yield Failure(origin, entry.refusal)
                else:
                    yield from self._load_items({**request, "entry": entry.name, "name": name}, origin)

    def parse_body(self, request: Message, body: bytes) -> list[Message]:
        """Parse a fetched body in the child, and return its replies; raises SourceError for the first Failure."""
        replies = list(self._request({**request, "size": len(body)}, "", body))
        answers = [reply for reply in replies if not isinstance(reply, Failure)]
        if len(answers) < len(replies):
            raise SourceError(next(reply.reason for reply in replies if isinstance(reply, Failure)))
        return answers

    def measure(self, request: Message, loader_limits: Sequence[object], body: bytes = b"") -> Message:
        """Measure in the child how much of a file, or of the pages of a body, is read; raises SourceError."""
        [answer] = self.parse_body({"measure": True, "limits": loader_limits, **request}, body)
        return cast(Message, answer["coverage"])

    def _load_items(self, request: Message, origin: str) -> Iterator[Article | Failure]:
        """Request articles, and rebuild them from the replies."""
        for reply in self._request(request, origin):
            yield reply if isinstance(reply, Failure) else Article(**cast(dict[str, Any], reply["article"]))

    def _request(self, request: Message, origin: str, body: bytes = b"") -> Iterator[Message | Failure]:
        """Yield the replies to a request until it is done; a Failure if the child cannot be started, or ends before."""
        is_done = False
        try:
            for reply in self.exchange(request, body):
                if "done" in reply:
                    is_done = not reply["full"]
                    return
                if "died" in reply:
                    yield Failure(origin, str(reply["died"]))
                    return
                failure = cast(list[str], reply.get("failure"))
                kind = LeftOut if reply.get("left_out") else Failure
                yield kind(*failure) if failure else reply
        except OSError as error:
            yield Failure(origin, f"its parser cannot be started: {(error.strerror or str(error)).lower()}")
        finally:
            if not is_done:  # what it still has to say would be taken for the answer to the next question
                self._end()

    def exchange(self, request: Message, body: bytes) -> Iterator[Message]:
        """Send a request to the child, which is started if there is none, and yield its replies without end.

        The caller stops at a reply with `done`, or with `died`, which gives the reason why there are no more.
        """
        if self._child is None or self._watchdog is None:
            self._child = self._start_child()
            self._watchdog = _Watchdog(self._child, self.seconds)
        child = self._child
        watchdog = self._watchdog
        assert child.stdin is not None
        assert child.stdout is not None
        message = json.dumps(request).encode() + b"\n" + body
        while True:
            with watchdog:
                with suppress(BrokenPipeError):  # a process that does not listen would keep a long message waiting
                    child.stdin.write(message)
                    child.stdin.flush()
                line = child.stdout.readline()
            message = b""
            if watchdog.has_fired:
                yield {"died": f"its parser took more than {self.seconds:g} s (RAG_PARSER_SECONDS)"}
            elif not line.endswith(b"\n"):
                yield {"died": "its parser ended unexpectedly"}
            elif (reply := json.loads(line)).get("died") == "memory":
                yield {"died": f"its parser took more than {self.memory_mb:,g} MB of memory (RAG_PARSER_MEMORY_MB)"}
            else:
                yield reply

    def _start_child(self) -> "subprocess.Popen[bytes]":
        """Start the child, with little of the environment and in a session of its own."""
        parameters = json.dumps([sys.path, str(Path(__file__).parent.parent), self.memory_mb, self.seconds])
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOTSTRAP, parameters],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ} | TELEMETRY_OFF,
            start_new_session=True,  # so that Ctrl-C reaches this process alone, which then ends the other
        )

    def _end(self) -> None:
        """Kill the child, and end its watchdog."""
        child = self._child
        self._child = None
        if self._watchdog is not None:
            self._watchdog.end()
        if child is not None:
            child.kill()
            with suppress(BrokenPipeError):
                child.communicate()


class _Watchdog:
    """Kills a process that takes too long for an answer within a block; one thread for all its answers."""

    def __init__(self, child: "subprocess.Popen[bytes]", seconds: float) -> None:
        """Watch a process; each of its answers may take so many seconds."""
        self.has_fired = False
        self._child = child
        self._seconds = seconds
        self._due = inf
        self._lock = Lock()
        self._has_ended = Event()
        Thread(target=self._run, daemon=True).start()

    def __enter__(self) -> None:
        """Start the clock for one answer."""
        self._due = monotonic() + self._seconds

    def __exit__(self, *error: object) -> None:
        """Stop the clock; after this, the process is not killed before the next block."""
        with self._lock:
            self._due = inf

    def end(self) -> None:
        """Let the thread end, without waiting for it."""
        self._has_ended.set()

    def _run(self) -> None:
        """Wait until an answer is overdue, and kill the process then."""
        pause = self._seconds  # whatever begins in such a pause is not due before it ends
        while not self._has_ended.wait(pause):
            with self._lock:
                left = self._due - monotonic()
                if left <= 0:
                    self.has_fired = True
                    self._child.kill()
                    return
            pause = min(left, self._seconds)


@dataclass(frozen=True, slots=True)
class SandboxedLoader(FileLoader):
    """A loader whose files are parsed in the sandbox, but for small texts."""

    _: KW_ONLY
    loader: FileLoader
    sandbox: Sandbox

    def accepts(self, source: str) -> bool:
        """Whether the wrapped loader accepts the source."""
        return self.loader.accepts(source)

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles."""
        return self.loader.holds_questions(path)

    def beside(self, path: str) -> str:
        """Return the path of the file beside one that the wrapped loader reads too; or ""."""
        return self.loader.beside(path)

    def check(self, path: str) -> None:
        """Check a file as the wrapped loader does; raises SourceError and OSError."""
        self.loader.check(path)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse an ordinary file in the sandbox, a small text in this process; a Failure if the child ends over it."""
        if self._is_harmless(path):
            yield from self.loader.load_as(path, name)
        else:
            yield from self.sandbox.load_file(self.loader, path, name)

    def _is_harmless(self, path: str) -> bool:
        """Whether a file is a small, uncompressed text, which takes a second at the worst."""
        packed = path.lower().endswith(".gz")
        return not packed and os.path.getsize(path) <= _MAX_UNSANDBOXED_BYTES and self.loader.is_harmless(path)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the bytes of a file in this process."""
        yield from self.loader.parse_bytes(data, origin, name)
