"""Take the pieces of a stream in a thread, within limits of silence and of time."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing

from rag.errors import LLMError
from rag.models.deadline import current_deadline, time_is_up
from rag.models.streaming import NoItemYet, SourceFailed, StreamEnded, ThreadStream
from rag.text.characters import join_surrogates

Source = Callable[[], Generator[str, None, None]]

_MAX_QUEUED = 256
"""Pieces that wait to be taken; then the source waits."""
_MAX_PIECE_CHARS = 100
"""Characters that are passed on at once, so that the time is looked at between them."""


def limit_stream(
    source: Source, silence: float, seconds: float, *, leave: Callable[[], None] = lambda: None
) -> Generator[str, None, None]:
    """Yield the pieces of a source; LLMError when none comes for `silence` seconds, or the last not within `seconds`.

    At the end, also when nobody takes the pieces any more, the source is stopped and `leave` called, which is to end
    what the source waits for.
    """
    deadline = current_deadline()
    pieces = ThreadStream(lambda: _join_pieces(source), max_queued=_MAX_QUEUED)
    if deadline is not None:
        seconds = min(seconds, deadline.seconds_left)
        deadline.on_cancel(lambda: pieces.interrupt(LLMError("nobody waits for it any more")))
    end = time.monotonic() + seconds
    try:
        while (piece := _take_piece(pieces, silence, end)) is not None:
            for start in range(0, len(piece), _MAX_PIECE_CHARS):
                # What is queued already takes time too: it is read and checked.
                if time.monotonic() > end or time_is_up():
                    raise _too_long()
                yield piece[start : start + _MAX_PIECE_CHARS]
    finally:
        pieces.stop()
        leave()


def _join_pieces(source: Source) -> Generator[str, None, None]:
    with closing(source()) as pieces:
        yield from join_split_characters(pieces)


def join_split_characters(pieces: Iterable[str]) -> Iterator[str]:
    """Join the halves of characters (surrogates), across pieces too, and replace a half alone by U+FFFD."""
    half = ""
    for piece in pieces:
        piece = half + piece
        half = ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            half = piece[-1]
            piece = piece[:-1]
        yield join_surrogates(piece)
    if half:
        yield "\ufffd"


def _take_piece(pieces: ThreadStream[str], silence: float, end: float) -> str | None:
    """Take the next piece, None at the end; LLMError after a silence, or at the time `end`."""
    left = end - time.monotonic()
    if left <= 0:
        raise _too_long()
    try:
        return pieces.take(min(silence, left))
    except StreamEnded:
        return None
    except SourceFailed as failed:
        error = failed.error
    except NoItemYet:
        if left <= silence:
            raise _too_long() from None
        raise LLMError(f"it said nothing for {silence:g} s (RAG_LLM_SILENCE_SECONDS)") from None
    # Raised in the handler, it would lose its own cause.
    raise error


def _too_long() -> LLMError:
    return LLMError("it took too long (RAG_LLM_SECONDS or RAG_ANSWER_SECONDS)")
