"""Run pickled work in a process of a Ray cluster."""

import contextlib
import os
import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rag.errors import ClusterError, RagError

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

BLOCK_BYTES = 8 << 20
"""Results that travel together."""
_LONGEST = 300


class Worker:
    """A process that keeps the work, and the model that it loads."""

    def __init__(self, work: bytes, folder: str) -> None:
        """`folder` is where the sync was started."""
        _enter(folder)
        self._work: Callable[[object], Iterator[object]] = pickle.loads(work)

    def __call__(self, batch: "pa.Table") -> Iterator["pa.Table"]:
        """The results for one row, in blocks."""
        yield from _results(self._work, batch)


def do(batch: "pa.Table", work: bytes, folder: str) -> Iterator["pa.Table"]:
    """Light work, done by any process that is free."""
    _enter(folder)
    yield from _results(_loaded(work), batch)


@lru_cache(maxsize=1)
def _loaded(work: bytes) -> Callable[[object], Iterator[object]]:
    """The work as this process does it; kept for the next things, since it may have started a parser."""
    return cast("Callable[[object], Iterator[object]]", pickle.loads(work))


def _enter(folder: str) -> None:
    """Relative paths mean the same as where the sync was started, if that folder is there at all."""
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _results(work: Callable[[object], Iterator[object]], batch: "pa.Table") -> Iterator["pa.Table"]:
    """Blocks of pickled results; an error is the last of them."""
    waiting, size = list[bytes](), 0
    for value in _worked(work, pickle.loads(batch["things"][0].as_buffer())):
        waiting.append(packed(value))
        size += len(waiting[-1])
        if size >= BLOCK_BYTES:
            yield _table(waiting)
            waiting, size = [], 0
    yield _table(waiting)


def _worked(work: Callable[[object], Iterator[object]], things: Sequence[object]) -> Iterator[object]:
    try:
        for thing in things:
            yield from work(thing)
    except RagError as error:
        yield error
    except Exception as error:  # Ray would try again, and tell of it in a hundred lines
        failure = ClusterError(f"the work on the Ray cluster failed: {type(error).__name__}: {line(error)}")
        failure.add_note(traceback.format_exc())
        yield failure


def unpacked(dataset: "Dataset") -> Iterator[object]:
    """The results as they come; Ray's streaming holds back the work while nobody takes them."""
    for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
        for value in cast("pa.Table", batch)["made"]:
            yield pickle.loads(value.as_buffer())


def _table(values: list[bytes]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({"made": pa.array(values, pa.large_binary())})


def packed(value: object) -> bytes:
    """A value as bytes; ClusterError for one that no other process could read."""
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise ClusterError(f"what is to be done cannot be sent to other processes: {error}") from error


def line(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split())[:_LONGEST]
