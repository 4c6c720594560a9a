"""Lock a Chroma folder between processes while it is opened or written."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from rag.storage.plain_files import open_regular

_PATIENCE_S = 20.0
"""Seconds to wait for a writer whose lock can only be looked at."""
_PAUSE_S = 0.02


class Gate:
    """A lock file; a process that may not write it can still wait until nobody holds it."""

    def __init__(self, path: Path) -> None:
        """`path` is that of the lock file, which is made when it is first held."""
        self._path = path
        self._lock = FileLock(path, mode=0o600)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock alone."""
        with self._lock:
            yield

    @contextmanager
    def share(self) -> Iterator[None]:
        """Share the lock with other readers, where it may only be read; without a lock file nobody writes."""
        handle = -1
        with suppress(OSError):
            handle = open_regular(self._path, os.O_RDONLY)
            _lock_shared(handle)
        try:
            yield
        finally:
            if handle >= 0:
                os.close(handle)


def _lock_shared(handle: int) -> None:
    """Lock an open file for reading; do without where the system cannot, or a writer keeps it too long."""
    try:
        import fcntl
    except ImportError:
        return
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return
            time.sleep(_PAUSE_S)
