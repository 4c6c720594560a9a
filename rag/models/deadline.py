"""Deadlines of answers, and their cancellation when nobody waits any more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Deadline:
    """A moment after which work ends with what it has; cancelled when nobody waits for the work any more."""

    def __init__(self, seconds: float) -> None:
        """Set the moment, `seconds` from now, at which the work on an answer ends with what it has."""
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], object]] = []

    @property
    def seconds_left(self) -> float:
        """Seconds until then; 0 afterwards, and once it is cancelled."""
        return 0.0 if self._cancelled else max(self._end - time.monotonic(), 0.0)

    @property
    def over(self) -> bool:
        """Whether work should end now."""
        return not self.seconds_left

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._cancelled

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """Call back when it is cancelled, from the thread that cancels; at once where it was already."""
        with self._lock:
            self._callbacks.append(callback)
            cancelled = self._cancelled
        if cancelled:
            callback()

    def cancel(self) -> None:
        """End the work early, since nobody waits for it."""
        with self._lock:
            callbacks = [] if self._cancelled else self._callbacks
            self._cancelled = True
        for callback in callbacks:
            callback()


_CURRENT: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def use_deadline(deadline: Deadline) -> Iterator[None]:
    """Apply a deadline to everything done in the block, in this thread."""
    token = _CURRENT.set(deadline)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_deadline() -> Deadline | None:
    """Return the deadline of the block that this thread is in; None outside of any."""
    return _CURRENT.get()


def time_is_up() -> bool:
    """Whether there is a deadline, and it is over."""
    deadline = _CURRENT.get()
    return deadline is not None and deadline.over
