"""Stream the items of a generator out of a thread, so that waiting for the next one can end early."""

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import partial
from typing import Generic, TypeVar

_T = TypeVar("_T")
_END = object()
_POLL_SECONDS = 0.1
"""Between two looks of a thread whose queue is full at whether anybody still takes from it."""


class NoItemYet(Exception):
    """No item came within the time that was waited."""


class StreamEnded(Exception):
    """The generator has no more items, or the stream was stopped."""


class SourceFailed(Exception):
    """The generator raised `error`, or the stream was interrupted with it."""

    def __init__(self, error: BaseException) -> None:
        """`error` is what the generator raised in its own thread, or what `interrupt` was given."""
        super().__init__(str(error))
        self.error = error


def start_thread(work: Callable[[], None]) -> None:
    """Run `work` in a new daemon thread."""
    threading.Thread(target=work, daemon=True).start()


class ThreadStream(Generic[_T]):
    """The items of a generator that runs in a thread; any thread may stop it."""

    def __init__(
        self,
        source: Callable[[], Generator[_T, None, None]],
        *,
        max_queued: int = 0,
        start: Callable[[Callable[[], None]], None] = start_thread,
    ) -> None:
        """Run the generator of `source` in a thread by `start`; it pauses at `max_queued` items (0: no limit)."""
        self._items: queue.Queue[object] = queue.Queue(max_queued)
        self._stopped = threading.Event()
        # The thread must not hold the stream, so that who drops the stream can stop it.
        start(partial(_run, source, self._items, self._stopped))

    def take(self, seconds: float) -> _T:
        """Return the next item; NoItemYet after `seconds`, StreamEnded at the end, SourceFailed for an error."""
        try:
            item = self._items.get(timeout=seconds)
        except queue.Empty:
            raise NoItemYet from None
        if item is _END:
            raise StreamEnded
        if isinstance(item, SourceFailed):
            raise item
        return item  # type: ignore[return-value]

    def stop(self) -> None:
        """Have the generator closed after its next item, which is dropped; a `take` that waits raises StreamEnded."""
        self._stopped.set()
        with suppress(queue.Full):
            self._items.put_nowait(_END)

    def interrupt(self, error: Exception) -> None:
        """Have `take` raise SourceFailed with `error` after the queued items; nothing happens if the queue is full."""
        with suppress(queue.Full):
            self._items.put_nowait(SourceFailed(error))


def _run(
    source: Callable[[], Generator[_T, None, None]], items: "queue.Queue[object]", stopped: threading.Event
) -> None:
    last: object = _END
    try:
        with closing(source()) as generator:
            for item in generator:
                if not _put(item, items, stopped):
                    return
    except BaseException as error:  # it is raised again where the items are taken
        last = SourceFailed(error)
    _put(last, items, stopped)


def _put(item: object, items: "queue.Queue[object]", stopped: threading.Event) -> bool:
    """Queue an item as soon as the queue has space and return True; False once the stream is stopped."""
    while not stopped.is_set():
        try:
            items.put(item, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
