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
    """What came of each refresh until `ended` is set: all sources every so many seconds, folders when they change.

    The first comes at once. An error, such as another process writing, is given and does not end it.
    """
    names: list[str] = []
    while not ended.is_set():
        try:
            yield index.refresh(names)
        except RagError as error:
            yield error
        names = _changed(index, seconds, ended)


def _changed(index: Index, seconds: float, ended: threading.Event) -> list[str]:
    """The sources in which files changed before so many seconds had passed; none for all of them, which are due."""
    from watchfiles import watch as changes

    places = [source.name for source, _, _ in index.sources() if not is_address(source.name)]
    there = [place for place in places if os.path.exists(place)]
    if not there:
        ended.wait(seconds)
        return []
    own = index.folder.resolve()
    changed = changes(
        *there,
        watch_filter=lambda _, path: not _within(Path(path), own) or _within(Path(path), own / UPLOADS),
        debounce=_SETTLED_MS,
        stop_event=ended,
        rust_timeout=int(1000 * seconds),
        yield_on_timeout=True,
    )
    found = next(changed, set())
    return [place for place in there if any(_within(Path(path), Path(place)) for _, path in found)]


def _within(path: Path, place: Path) -> bool:
    return path == place or place in path.parents
