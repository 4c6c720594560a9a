"""Keep an index up to date: poll every source at an interval, and sync folders when they change."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from rag.errors import RagError
from rag.index import Index
from rag.sources import is_address
from rag.storage.layout import UPLOADS
from rag.types import Changes

_SETTLED_MS = 1600
"""Milliseconds without a further change after which changed files are read."""


def watch(index: Index, seconds: float, ended: threading.Event) -> Iterator[Changes | RagError]:
    """Refresh the index until `ended` is set, and yield the changes of each refresh.

    All sources are read first, and again after so many `seconds` in which no file changes; when files change, only the
    sources that hold them are. A RagError, such as another process writing, is yielded and does not end it.
    """
    names: list[str] = []
    while not ended.is_set():
        try:
            yield index.refresh(names)
        except RagError as error:
            yield error
        names = _wait_for_changes(index, seconds, ended)


def _wait_for_changes(index: Index, seconds: float, ended: threading.Event) -> list[str]:
    """Wait for files to change, at most so many seconds; return their sources, an empty list if all sources are due."""
    import watchfiles

    paths = [
        source.name for source, _, _ in index.sources() if not is_address(source.name) and os.path.exists(source.name)
    ]
    if not paths:
        ended.wait(seconds)
        return []
    own = index.folder.resolve()
    changes = watchfiles.watch(
        *paths,
        watch_filter=lambda _, path: not _is_within(Path(path), own) or _is_within(Path(path), own / UPLOADS),
        debounce=_SETTLED_MS,
        stop_event=ended,
        rust_timeout=int(1000 * seconds),
        yield_on_timeout=True,
    )
    files = [Path(path) for _, path in next(changes, set())]
    return [path for path in paths if any(_is_within(file, Path(path)) for file in files)]


def _is_within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
