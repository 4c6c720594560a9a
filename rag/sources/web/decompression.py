"""Decompress a response piece by piece, never beyond a limit."""

import zlib
from collections.abc import Iterable, Iterator

from rag.errors import SourceError
from rag.sources.files import MB

_PIECE = 65_536
_EITHER = zlib.MAX_WBITS | 32
"""For gzip and zlib data alike."""
_PACKED = {"gzip", "x-gzip", "deflate"}


def over(limit: int) -> SourceError:
    """The error for a page of more bytes than that."""
    return SourceError(f"over the limit of {limit / MB:g} MB for one page (RAG_MAX_ARTICLE_MB)")


def unpacked(parts: Iterable[bytes], encoding: str, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of a body, unpacked, and whether they are all; `encoding` is its Content-Encoding header.

    Raises SourceError for an encoding that was not asked for, for damaged data, and for a packed body over the limit.
    """
    encoding = encoding.strip().lower()
    if encoding in _PACKED:
        parts = _inflated(_at_most(parts, limit))
    elif encoding not in ("", "identity"):
        raise SourceError("sent compressed in a way that was not asked for")
    got = bytearray()
    for part in parts:
        got += part
        if len(got) > limit:
            return bytes(got[:limit]), False
    return bytes(got), True


def _at_most(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The parts as they are; empty gzip members can go on for ever without a byte in them."""
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise over(limit)
        yield part


def _inflated(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of at most 64 KiB, so that a few bytes cannot fill the memory before anyone looks."""
    member, begun = zlib.decompressobj(_EITHER), False
    try:
        for part in parts:
            while part:
                begun = True
                if member.eof:
                    if not part.startswith(b"\x1f"):
                        break  # what is padded behind the end counts for nothing
                    member = zlib.decompressobj(_EITHER)
                yield member.decompress(part, _PIECE)
                part = member.unconsumed_tail or member.unused_data
    except zlib.error as error:
        raise SourceError("its compressed data is damaged") from error
    if begun and not member.eof:
        raise SourceError("its compressed data breaks off before the end")
