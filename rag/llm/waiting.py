"""Takes pieces from a slow source in a thread of its own, so that waiting for them can end."""

import queue
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

from rag.errors import LLMError

Source = Callable[[], Generator[str, None, None]]

_END = object()


def timely(source: Source, silence: float, seconds: float) -> Generator[str, None, None]:
    """The pieces of a source; LLMError when none comes for `silence` seconds, or the last not within `seconds`.

    The source is closed when whoever takes the pieces stops doing so.
    """
    pieces: queue.Queue[object] = queue.Queue()
    left = threading.Event()
    threading.Thread(target=_take, args=(source, pieces, left), daemon=True).start()
    until = time.monotonic() + seconds
    try:
        while (piece := _next(pieces, silence, until)) is not _END:
            if isinstance(piece, BaseException):
                raise piece
            yield str(piece)
    finally:
        left.set()


def _next(pieces: "queue.Queue[object]", silence: float, until: float) -> object:
    rest = until - time.monotonic()
    try:
        return pieces.get(timeout=max(min(silence, rest), 0.001))
    except queue.Empty:
        if rest <= silence:
            raise LLMError("it took too long (RAG_LLM_SECONDS)") from None
        raise LLMError(f"it said nothing for {silence:g} s (RAG_LLM_SILENCE)") from None


def _take(source: Source, pieces: "queue.Queue[object]", left: threading.Event) -> None:
    try:
        with closing(source()) as taken:
            for piece in taken:
                if left.is_set():
                    return
                pieces.put(piece)
        pieces.put(_END)
    except BaseException as error:  # it is raised again where the pieces are taken
        pieces.put(error)
