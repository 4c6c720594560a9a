"""The process of the sandbox, which answers requests with lines of JSON.

A line that states a size is followed by so many bytes, the body of what was fetched.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from rag.errors import SourceError
from rag.failures import describe
from rag.sources.files import MB, escape_path
from rag.sources.formats.archive import Archive
from rag.sources.registry import files
from rag.sources.web.bodies import answer_request
from rag.types import Article, Failure

_FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
_LATE = 5
"""Seconds after which the process ends by itself if nobody has ended it."""
_FULL = 0.25
"""Of the memory that is allowed; a process that keeps so much after a file reads no other, which might need more."""


def main(memory_mb: float, seconds: float) -> None:
    """Answers until its input ends."""
    with _replies() as replies:
        _confine(memory_mb)
        started = _held()
        for line in sys.stdin.buffer:
            asked = json.loads(line)
            _allow(seconds)
            try:
                for reply in answers(asked, sys.stdin.buffer.read(asked.get("size", 0))):
                    _write(replies, reply)
                    _allow(seconds)
                _write(replies, {"done": True, "full": _held() - started > memory_mb * MB * _FULL})
            except MemoryError:
                _write(replies, {"died": "memory"})
                return


def answers(asked: Mapping[str, object], body: bytes) -> Iterator[dict[str, object]]:
    """The answers to one question: the entries of an archive, or what a file, one of these or a body holds."""
    if "url" in asked:
        try:
            yield from answer_request(asked, body)
        except SourceError as error:
            yield _told(Failure("", str(error)))
        return
    limits, path, name = asked["limits"], str(asked["path"]), str(asked.get("name"))
    assert isinstance(limits, list)
    loader = next(one for one in files(*limits) if type(one).__name__ == asked["loader"])
    if isinstance(loader, Archive) and "list" in asked:
        try:
            yield {"entries": loader.list_entries(path)}
        except (SourceError, OSError) as error:
            yield _told(Failure(escape_path(path), describe(error)))
    elif isinstance(loader, Archive):
        yield from map(_told, loader.load_entry(path, str(asked["entry"]), name))
    else:
        yield from map(_told, loader.load_as(path, name))


def _told(item: Article | Failure) -> dict[str, object]:
    if isinstance(item, Failure):
        return {"failure": [item.source, item.reason]}
    return {"article": asdict(item)}


def _write(replies: BinaryIO, reply: Mapping[str, object]) -> None:
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


def _replies() -> BinaryIO:
    """The way to whoever asks, which nothing but answers may take: what a parser prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def _confine(memory_mb: float) -> None:
    """Takes from this process what no parser needs: memory without end, files to write, the network, programs."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    with suppress(ImportError):
        import resource

        limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
        if held := _held():
            limits[resource.RLIMIT_AS] = held + int(memory_mb * MB)
        for kind, limit in limits.items():
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))


def _held() -> int:
    """The bytes of address space that this process has taken; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _allow(seconds: float) -> None:
    """Gives this process time for one more article, in case that whoever asked is gone and cannot end it."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        limit = int(time.process_time() + seconds) + _LATE
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"a parser may not use {event}")
