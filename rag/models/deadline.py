"""Deadlines of answers, and their cancellation when nobody waits any more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Deadline:
    """A moment by which work is to end with what it has; cancelled when nobody waits for the work any more."""

    def __init__(self, seconds: float) -> None:
        """Set the deadline to `seconds` from now; nothing is interrupted, the work has to look at it."""
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], object]] = []

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; 0 once it has passed or is cancelled."""
        return 0.0 if self._cancelled else max(self._end - time.monotonic(), 0.0)

    @property
    def over(self) -> bool:
        """Whether the deadline has passed or is cancelled, so that the work should end now."""
        return not self.seconds_left

    @property
    def cancelled(self) -> bool:
        """Whether the deadline was cancelled, since nobody waits for the work any more."""
        return self._cancelled

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """Call `callback` when the deadline is cancelled, in the thread that cancels it; at once if it was already."""
        with self._lock:
            self._callbacks.append(callback)
            cancelled = self._cancelled
        if cancelled:
            callback()

    def cancel(self) -> None:
        """Cancel the deadline: it counts as passed, and the callbacks of `on_cancel` are called, once only."""
        with self._lock:
            callbacks = [] if self._cancelled else self._callbacks
            self._cancelled = True
        for callback in callbacks:
            callback()


_CURRENT: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def use_deadline(deadline: Deadline) -> Iterator[None]:
    """Make a deadline the one that `current_deadline` returns within the block, in this thread."""
    token = _CURRENT.set(deadline)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_deadline() -> Deadline | None:
    """Return the deadline of the block that this thread is in; None outside of any."""
    return _CURRENT.get()


def time_is_up() -> bool:
    """Whether there is a current deadline, and it has passed or is cancelled."""
    deadline = _CURRENT.get()
    return deadline is not None and deadline.over
