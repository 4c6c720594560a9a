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

    Raises SourceError for an encoding that was not asked for, for damaged data, and for a packed body over the limit.
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
    """Pass the parts on up to a limit; empty gzip members can go on for ever without a byte in them."""
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise too_large(limit)
        yield part


def _inflate(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate in pieces of at most 64 KiB, so that a few bytes cannot fill the memory before anyone looks."""
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
