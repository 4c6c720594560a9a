"""Decompress a response piece by piece, never beyond a limit."""

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources.files import MB

_MAX_PIECE_BYTES = 65_536
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
"""For gzip and zlib data alike."""
_COMPRESSED_ENCODINGS = {"gzip", "x-gzip", "deflate"}


class Decompressed(NamedTuple):
    """A body, or its beginning."""

    data: bytes
    is_complete: bool
    """Whether these are all of its bytes."""


def too_large(limit: int) -> SourceError:
    """Make the error for a page of more than `limit` bytes."""
    return SourceError(f"over the limit of {limit / MB:g} MB for one page (RAG_MAX_ARTICLE_MB)")


def decompress(parts: Iterable[bytes], encoding: str, limit: int) -> Decompressed:
    """Decompress a body up to `limit` bytes; `encoding` is its Content-Encoding header.

    Raises SourceError for an encoding other than gzip and deflate, for damaged data, and for a body that is over the
    limit even packed. Of one that is over it only unpacked, the beginning is returned.
    """
    encoding = encoding.strip().lower()
    if encoding in _COMPRESSED_ENCODINGS:
        parts = _inflate(_limit_bytes(parts, limit))
    elif encoding not in ("", "identity"):
        raise SourceError("sent compressed in a way that was not asked for")
    data = bytearray()
    for part in parts:
        data += part
        if len(data) > limit:
            return Decompressed(bytes(data[:limit]), is_complete=False)
    return Decompressed(bytes(data), is_complete=True)


def _limit_bytes(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the parts; raises SourceError when they are over a limit, as empty gzip members could go on for ever."""
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise too_large(limit)
        yield part


def _inflate(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate gzip or zlib data in pieces of at most 64 KiB; raises SourceError if it is damaged or breaks off.

    The pieces let the caller stop before the memory is full.
    """
    member = zlib.decompressobj(_GZIP_OR_ZLIB)
    has_begun = False
    try:
        for part in parts:
            while part:
                has_begun = True
                if member.eof:
                    if not part.startswith(b"\x1f"):
                        break  # what is padded behind the end counts for nothing
                    member = zlib.decompressobj(_GZIP_OR_ZLIB)
                yield member.decompress(part, _MAX_PIECE_BYTES)
                part = member.unconsumed_tail or member.unused_data
    except zlib.error as error:
        raise SourceError("its compressed data is damaged") from error
    if has_begun and not member.eof:
        raise SourceError("its compressed data breaks off before the end")
