"""Run an iterator in a thread of its own, so that waiting for its next item can end at a deadline."""

import atexit
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Generic, TypeVar

from rag.errors import RagError
from rag.models.deadline import Deadline, use_deadline
from rag.models.streaming import NoItemYet, SourceFailed, StreamEnded, ThreadStream

_T = TypeVar("_T")
FINISHING_SECONDS = 2.0
"""Seconds after the deadline in which what was found is made an answer, before nobody waits any more."""

_LEAVING = 10.0
"""Seconds that the end of the process waits for work that nobody waits for any more."""


class _Threads:
    """Daemon threads that are used again, since each keeps connections to the stores; as many as were busy at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[Callable[[], None]]] = []
        self._busy = 0
        self._rested = threading.Condition(self._lock)

    def rest(self, seconds: float) -> None:
        """Wait until no thread works, for so long at most."""
        with self._rested:
            self._rested.wait_for(lambda: not self._busy, seconds)

    def start(self, work: Callable[[], None]) -> None:
        """Start the work in a thread that is free, or a new one, and return at once."""
        with self._lock:
            tasks = self._idle.pop() if self._idle else None
            self._busy += 1
        if tasks is None:
            tasks = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(tasks,), daemon=True, name="answers").start()
        tasks.put(work)

    def _serve(self, tasks: "queue.SimpleQueue[Callable[[], None]]") -> None:
        while True:
            work = tasks.get()
            try:
                work()
            finally:
                # What the work holds is let go before the next one comes.
                del work
                with self._lock:
                    self._busy -= 1
                    self._rested.notify_all()
            with self._lock:
                self._idle.append(tasks)


_THREADS = _Threads()
# Native code that still runs when the interpreter is taken down would abort the process.
atexit.register(_THREADS.rest, _LEAVING)


def start_in_background(work: Callable[[], None]) -> None:
    """Start the work in a thread, and return at once; the end of the program waits for it, but not for long."""
    _THREADS.start(work)


class Background(Iterator[_T], Generic[_T]):
    """An iterator whose items come from a thread, which ends once it is closed, from any thread, or dropped."""

    def __init__(
        self, source: Callable[[], Generator[_T, None, None]], seconds: float, late: Callable[[_T | None], _T]
    ) -> None:
        """Run the generator of `source`; where it does not end soon after `seconds`, `late` makes the last item.

        `late` takes the last item that came, or None where none did. The thread starts when the first item is wanted.
        """
        self._source = source
        self._seconds = seconds
        self._late = late
        self._stream: ThreadStream[_T] | None = None
        self._deadline: Deadline | None = None
        self._end = 0.0
        self._last: _T | None = None
        self._finished = False

    def __next__(self) -> _T:
        while (item := self.poll(self._seconds)) is None:
            pass
        return item

    def poll(self, seconds: float) -> _T | None:
        """Return the next item, or None where none comes within `seconds`; StopIteration at the end.

        When the time of the source is up, return what `late` makes; an error of the source is raised here.
        """
        if self._finished:
            raise StopIteration
        stream = self._start_once()
        left = self._end - time.monotonic()
        try:
            self._last = stream.take(max(min(seconds, left), 0.001))
            return self._last
        except NoItemYet:
            if left > seconds:
                return None
            last = self._late(self._last)
            self.close()
            return last
        except StreamEnded:
            self.close()
            raise StopIteration from None
        except SourceFailed as failed:
            error = _as_exception(failed.error)
        self.close()
        raise error  # outside of the handler, which would take its cause and its context from it

    def poll_each(self, seconds: float) -> Iterator[_T | None]:
        """Yield the items as they come, and None each time that none comes within `seconds`; close at the end."""
        with closing(self):
            while True:
                try:
                    item = self.poll(seconds)
                except StopIteration:
                    return
                yield item

    def close(self) -> None:
        """Stop waiting, and let the thread end as soon as it can."""
        self._finished = True
        self._cancel()

    def __del__(self) -> None:
        self._cancel()

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self._stream is not None:
            self._stream.stop()

    def _start_once(self) -> ThreadStream[_T]:
        if self._stream is None:
            deadline = self._deadline = Deadline(self._seconds)
            self._end = time.monotonic() + self._seconds + FINISHING_SECONDS
            # The thread must not hold what is waited with, so that it is closed when it is dropped.
            self._stream = ThreadStream(partial(_run_within, deadline, self._source), start=_THREADS.start)
        return self._stream


def _run_within(deadline: Deadline, source: Callable[[], Generator[_T, None, None]]) -> Generator[_T, None, None]:
    """Yield the items of a source, to whose work `deadline` applies."""
    with use_deadline(deadline), closing(source()) as items:
        yield from items


def _as_exception(error: BaseException) -> Exception:
    """Return the exception to raise for an error of the thread: a RagError where it could end the thread that waits."""
    if isinstance(error, Exception) and not isinstance(error, MemoryError):
        return error
    said = " ".join(str(error).split())[:160]
    failed = RagError(f"the answer failed ({type(error).__name__}: {said}); ask it in other words")
    failed.__cause__ = error
    return failed
