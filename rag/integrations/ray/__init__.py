"""Load, chunk and embed articles on a Ray cluster; needs the extra `ray`."""

import contextlib
import itertools
import logging
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from rag.errors import ClusterError, RagError
from rag.integrations.ray.connection import start
from rag.integrations.ray.worker import BLOCK_BYTES, Worker, error_line, pickle_value, run_task, unpickle_results

if TYPE_CHECKING:
    from ray.data import DataContext, Dataset

__all__ = ["Cluster"]

T = TypeVar("T")
R = TypeVar("R")

_STORE_BYTES = 512 << 20
_STUCK_S = 1800.0
_TASK_THINGS = 32
"""Light things done in one task, which has a cost of some milliseconds."""
_MAX_PROCESSES_PER_GPU = 4
"""Most processes that share a GPU: while one of them splits, another embeds."""
_ADDRESS = re.compile(r"(auto|local|ray://.+|[^/\s]+:\d+)?")


class Cluster:
    """Run work on a Ray cluster, a running one or one of its own that ends with the `with` block.

    Nothing is started before there is work. One cluster may be used for several syncs, one after the other.
    """

    def __init__(
        self, address: str = "", *, processes: int = 0, gpus: bool = True, store_bytes: int = _STORE_BYTES
    ) -> None:
        """`address` is `auto`, `host:port` or `ray://host:port`; without it, a cluster of this machine is started.

        `processes` are those of its own cluster, by default one a core, at least 2. Without `gpus` no GPU is used.
        `store_bytes` is the memory in which its own cluster passes things between processes; what is more goes to disk.
        """
        if not _ADDRESS.fullmatch(address):
            raise ClusterError(f"{address!r} is no address of a Ray cluster; give auto, host:port or ray://host:port")
        self._address = "" if address == "local" else address
        self._processes = processes or max(os.cpu_count() or 1, 2)
        self._gpus = gpus
        self._store_bytes = store_bytes
        self.stuck_seconds = _STUCK_S
        """Seconds without any result after which Ray gives up; until then work whose process died is started again."""
        self._ours = contextlib.ExitStack()
        self._started = False

    def __enter__(self) -> Self:
        """Return the cluster, which starts with the first work."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Close the cluster."""
        self.close()

    def close(self) -> None:
        """Leave the cluster; one of its own is stopped and its files are deleted."""
        self._started = False
        self._ours.close()

    def spread(self, work: Callable[[T], Iterator[R]], things: Iterable[T], *, heavy: bool) -> Iterator[R]:
        """Yield the results of the work on each thing, in the order of the things, in bounded memory.

        `heavy` work is unpickled once a process and kept there with what it loads. A RagError that it raises is raised
        here; ClusterError for another error of it, when processes die again and again, or when the cluster is gone.
        """
        waiting = iter(things)
        first = list(itertools.islice(waiting, 1))
        if not first:  # no reason to start a cluster
            return
        with _ray_errors():
            if not self._started:
                start(self._address, self._ours, processes=self._processes, store_bytes=self._store_bytes)
                self._started = True
            dataset = self._dataset(pickle_value(work), itertools.chain(first, waiting), heavy=heavy)
            for result in unpickle_results(dataset):
                if isinstance(result, RagError):
                    raise result
                yield cast("R", result)

    def _dataset(self, work: bytes, things: Iterable[T], *, heavy: bool) -> "Dataset":
        """Return the dataset of results to come, for rows of one group of things each.

        The rows are put into Ray's store at once, which keeps on disk what does not fit.
        """
        import pyarrow as pa
        import ray.data

        groups = _group(things, 1 if heavy else _TASK_THINGS)
        rows = [ray.put(pa.table({"things": [pickle_value(group)]})) for group in groups]
        options: dict[str, Any] = {"batch_size": 1, "batch_format": "pyarrow"}
        with ray.data.DataContext.current(_data_context(self.stuck_seconds)):
            dataset = ray.data.from_arrow_refs(cast("Any", rows))
            if not heavy:
                return dataset.map_batches(cast("Any", run_task), fn_args=(work, os.getcwd()), **options)
            pool, gpus = self._pool(len(rows))
            options |= {"num_cpus": 1, "num_gpus": gpus or None}
            compute = ray.data.ActorPoolStrategy(min_size=1, max_size=pool, initial_size=pool)
            return dataset.map_batches(
                cast("Any", Worker), fn_constructor_args=(work, os.getcwd()), compute=compute, **options
            )

    def _pool(self, rows: int) -> tuple[int, float]:
        """Return how many processes hold the model, never more than rows, and the share of a GPU that each has."""
        import ray

        nodes: list[dict[str, Any]] = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
        cores = [(int(node.get("CPU", 0)), int(node.get("GPU", 0)) if self._gpus else 0) for node in nodes]
        if not any(gpus for _, gpus in cores):
            return max(1, min(sum(cpus for cpus, _ in cores), rows)), 0.0
        each = max(1, min(_MAX_PROCESSES_PER_GPU, *(cpus // gpus for cpus, gpus in cores if gpus)))
        return max(1, min(sum(gpus for _, gpus in cores) * each, rows)), 1 / each


def _group(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield things in groups of at most `size`."""
    waiting = iter(things)
    while group := list(itertools.islice(waiting, size)):
        yield group


def _data_context(stuck_seconds: float) -> "DataContext":
    """Return Ray Data's settings for one piece of work: results in order, and nothing on the terminal."""
    with warnings.catch_warnings():
        # Making its own defaults warns of one of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ray.data import DataContext

        context = DataContext.get_current().copy()
    context.execution_options.preserve_order = True
    context.target_max_block_size = BLOCK_BYTES
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_no_progress_timeout_s = stuck_seconds
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    return context


@contextlib.contextmanager
def _ray_errors() -> Iterator[None]:
    """Translate what Ray raises into a ClusterError."""
    try:
        yield
    except RagError:
        raise
    except Exception as error:
        from ray.exceptions import RayError

        if not (isinstance(error, RayError) or type(error).__module__.startswith("ray.")):
            raise
        raise ClusterError(
            f"the Ray cluster failed, sync again to go on: {type(error).__name__}: {error_line(error)}"
        ) from error
