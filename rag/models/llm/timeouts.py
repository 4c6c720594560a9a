"""Take the pieces of a stream in a thread, within limits of silence and of time."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress

from rag.errors import LLMError
from rag.models.deadline import current_deadline, time_is_up
from rag.text.printable import whole_text

Source = Callable[[], Generator[str, None, None]]

_END = object()
_QUEUED = 256
"""Pieces that wait to be taken; then the source waits."""
_LONGEST = 100
"""Characters that are passed on at once, so that the time is looked at between them."""
_POLL = 0.1


def timely(
    source: Source, silence: float, seconds: float, leave: Callable[[], None] = lambda: None
) -> Generator[str, None, None]:
    """The pieces of a source; LLMError when none comes for `silence` seconds, or the last not within `seconds`.

    The source is closed when whoever takes the pieces stops doing so; `leave` then ends what the source waits for.
    """
    pieces: queue.Queue[object] = queue.Queue(_QUEUED)
    deadline = current_deadline()
    if deadline is not None:
        seconds = min(seconds, deadline.left)
        deadline.on_cancel(lambda: _wake(pieces))
    left = threading.Event()
    threading.Thread(target=_take, args=(source, pieces, left), daemon=True).start()
    until = time.monotonic() + seconds
    try:
        while (piece := _next(pieces, silence, until)) is not _END:
            if isinstance(piece, BaseException):
                raise piece
            for start in range(0, len(str(piece)), _LONGEST):
                # What is queued already takes time too: it is read and checked.
                if time.monotonic() > until or time_is_up():
                    raise _too_long()
                yield str(piece)[start : start + _LONGEST]
    finally:
        left.set()
        leave()


def whole_characters(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces with halves of a character joined, across pieces too, and a half alone as U+FFFD."""
    held = ""
    for piece in pieces:
        piece, held = held + piece, ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            piece, held = piece[:-1], piece[-1]
        yield whole_text(piece)
    if held:
        yield "\ufffd"


def _next(pieces: "queue.Queue[object]", silence: float, until: float) -> object:
    rest = until - time.monotonic()
    if rest <= 0:
        raise _too_long()
    try:
        return pieces.get(timeout=min(silence, rest))
    except queue.Empty:
        if rest <= silence:
            raise _too_long() from None
        raise LLMError(f"it said nothing for {silence:g} s (RAG_LLM_SILENCE_SECONDS)") from None


def _wake(pieces: "queue.Queue[object]") -> None:
    """End the waiting for the next piece; a full queue is not waited for."""
    with suppress(queue.Full):
        pieces.put_nowait(LLMError("nobody waits for it any more"))


def _too_long() -> LLMError:
    return LLMError("it took too long (RAG_LLM_SECONDS or RAG_ANSWER_SECONDS)")


def _take(source: Source, pieces: "queue.Queue[object]", left: threading.Event) -> None:
    last: object = _END
    try:
        with closing(source()) as taken:
            for piece in whole_characters(taken):
                if not _put(piece, pieces, left):
                    return
    except BaseException as error:  # it is raised again where the pieces are taken
        last = error
    _put(last, pieces, left)


def _put(piece: object, pieces: "queue.Queue[object]", left: threading.Event) -> bool:
    """Queue a piece once there is room; False when nobody takes any more."""
    while not left.is_set():
        try:
            pieces.put(piece, timeout=_POLL)
        except queue.Full:
            continue
        return True
    return False
