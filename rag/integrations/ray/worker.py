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
"""Bytes of results that travel together."""
_MAX_ERROR_CHARS = 300


class Worker:
    """An actor of Ray: a process that keeps the work, and the model that it loads."""

    def __init__(self, work: bytes, folder: str) -> None:
        """`work` is pickled; `folder` is where the sync was started."""
        _enter(folder)
        self._work: Callable[[object], Iterator[object]] = pickle.loads(work)

    def __call__(self, batch: "pa.Table") -> Iterator["pa.Table"]:
        """Yield the results for one row, in blocks."""
        yield from _results(self._work, batch)


def run_task(batch: "pa.Table", work: bytes, folder: str) -> Iterator["pa.Table"]:
    """Run light work as a task of Ray, in any process that is free."""
    _enter(folder)
    yield from _results(_load_work(work), batch)


@lru_cache(maxsize=1)
def _load_work(work: bytes) -> Callable[[object], Iterator[object]]:
    """Unpickle the work once for each process, since it may have started a parser."""
    return cast("Callable[[object], Iterator[object]]", pickle.loads(work))


def _enter(folder: str) -> None:
    """Change to the folder where the sync was started, if it is there, so that relative paths mean the same."""
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _results(work: Callable[[object], Iterator[object]], batch: "pa.Table") -> Iterator["pa.Table"]:
    """Yield pickled results in blocks; an error is the last of them."""
    waiting = list[bytes]()
    size = 0
    for value in _run_work(work, pickle.loads(batch["things"][0].as_buffer())):
        waiting.append(pickle_value(value))
        size += len(waiting[-1])
        if size >= BLOCK_BYTES:
            yield _table(waiting)
            waiting = []
            size = 0
    yield _table(waiting)


def _run_work(work: Callable[[object], Iterator[object]], things: Sequence[object]) -> Iterator[object]:
    """Yield the results of the work on each thing; an error is yielded as the last one."""
    try:
        for thing in things:
            yield from work(thing)
    except RagError as error:
        yield error
    except Exception as error:  # Ray would try again, and report it in a hundred lines
        failure = ClusterError(f"the work on the Ray cluster failed: {type(error).__name__}: {error_line(error)}")
        failure.add_note(traceback.format_exc())
        yield failure


def unpickle_results(dataset: "Dataset") -> Iterator[object]:
    """Yield the results as they come; Ray's streaming holds back the work while nobody takes them."""
    for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
        for value in cast("pa.Table", batch)["made"]:
            yield pickle.loads(value.as_buffer())


def _table(values: list[bytes]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({"made": pa.array(values, pa.large_binary())})


def pickle_value(value: object) -> bytes:
    """Pickle a value; ClusterError for one that no other process could read."""
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise ClusterError(f"what is to be done cannot be sent to other processes: {error}") from error


def error_line(error: BaseException) -> str:
    """Return an error's message on one line, cut to 300 characters."""
    return " ".join(str(error).split())[:_MAX_ERROR_CHARS]
