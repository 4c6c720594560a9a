"""Answer the requests of the sandbox with lines of JSON, as its child process.

A line that states a size is followed by so many bytes, the body of what was fetched.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from rag.errors import SourceError
from rag.failures import LeftOut, attempt_each, describe
from rag.sources.coverage.second_reading import answer_measure
from rag.sources.files import MB, escape_path
from rag.sources.formats.archive import Archive
from rag.sources.registry import make_file_loaders
from rag.sources.web.bodies import answer_request
from rag.types import Article, Failure

_FORBIDDEN_EVENTS = (
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)
_GRACE_SECONDS = 5
"""Seconds after which the process ends by itself if nobody has ended it."""
_MAX_KEPT_SHARE = 0.25
"""Of the memory that is allowed; a process that keeps so much after a file reads no other, which might need more."""


def main(memory_mb: float, seconds: float) -> None:
    """Answer the requests on standard input until it ends, or until one takes too much memory."""
    with _open_replies() as replies:
        confine_process(memory_mb)
        bytes_at_start = _address_space_bytes()
        for line in sys.stdin.buffer:
            request = json.loads(line)
            _extend_cpu_limit(seconds)
            try:
                for reply in answer(request, sys.stdin.buffer.read(request.get("size", 0))):
                    _write(replies, reply)
                    _extend_cpu_limit(seconds)
                _write(
                    replies,
                    {"done": True, "full": _address_space_bytes() - bytes_at_start > memory_mb * MB * _MAX_KEPT_SHARE},
                )
            except MemoryError:
                _write(replies, {"died": "memory"})
                return


def answer(request: Mapping[str, object], body: bytes) -> Iterator[dict[str, object]]:
    """Answer one request: the entries of an archive, the articles of a file, an entry or a body, or a measure."""
    if "url" in request:
        yield from _name_failures(lambda: answer_request(request, body))
        return
    limits = request["limits"]
    assert isinstance(limits, list)
    limit_mb, file_mb, all_text = limits
    loaders = make_file_loaders(limit_mb, file_mb, all_text=all_text)
    if "measure" in request:
        yield from _name_failures(lambda: answer_measure(request, body, loaders))
        return
    path = str(request["path"])
    name = str(request.get("name"))
    loader = next(known for known in loaders if type(known).__name__ == request["loader"])
    if isinstance(loader, Archive) and "list" in request:
        try:
            yield {"entries": loader.list_entries(path)}
        except (SourceError, OSError) as error:
            yield _to_reply(Failure(escape_path(path), describe(error)))
    elif isinstance(loader, Archive):
        yield from map(_to_reply, loader.load_entry(path, str(request["entry"]), name))
    else:
        yield from map(_to_reply, loader.load_as(path, name))


def _name_failures(work: Callable[[], Iterator[dict[str, object]]]) -> Iterator[dict[str, object]]:
    """Yield the replies of some work, and last the failure that ends it; what breaks a parser is none of ours."""
    for reply in attempt_each("", work):
        yield _to_reply(reply) if isinstance(reply, Failure) else reply


def _to_reply(item: Article | Failure) -> dict[str, object]:
    """Convert an article or failure to a reply."""
    if isinstance(item, Failure):
        return {"failure": [item.source, item.reason], "left_out": isinstance(item, LeftOut)}
    return {"article": asdict(item)}


def _write(replies: BinaryIO, reply: Mapping[str, object]) -> None:
    """Write one reply, at once."""
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


def _open_replies() -> BinaryIO:
    """Open the stream for replies, and point standard output nowhere: what a parser prints is no reply."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def confine_process(memory_mb: float) -> None:
    """Confine this process, as far as the system can: limited memory, no files to write, no network, no programs."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse_forbidden)
    with suppress(ImportError):
        import resource

        limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
        if taken := _address_space_bytes():
            limits[resource.RLIMIT_AS] = taken + int(memory_mb * MB)
        for kind, limit in limits.items():
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))


def _address_space_bytes() -> int:
    """Return the address space that this process has taken; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _extend_cpu_limit(seconds: float) -> None:
    """Extend the limit of processor time by one more article, in case that nobody is left to end this process."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        limit = int(time.process_time() + seconds) + _GRACE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _refuse_forbidden(event: str, _: tuple[object, ...]) -> None:
    """Raise PermissionError for an audited event that no parser needs; pass over all others."""
    if event in _FORBIDDEN_EVENTS:
        raise PermissionError(f"a parser may not use {event}")
