"""Decode the bodies of pages, feeds and sitemaps to text, as browsers do."""

import re

from rag.errors import SourceError
from rag.sources.cleaning.encodings import DecodedText, decode
from rag.sources.formats.html import find_declared_charset
from rag.sources.web.decompression import decompress

_XML_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_MAX_DECOMPRESSED_BYTES = 50 * 1024 * 1024
"""Bytes a gzipped list may have unpacked; the sitemap protocol allows as many."""


def decode_page(body: bytes, charset: str = "") -> DecodedText:
    """Decode a page, and name its encoding where that is a guess; raises SourceError for what is no text.

    The bytes count most, then the charset of the header, then the one the page names. Stray null bytes are dropped.
    """
    return decode(_drop_stray_nulls(body), charset, find_declared_charset(body))


def decode_xml(body: bytes) -> str:
    """Decode an XML or JSON document, without its XML declaration; raises SourceError for what is no text."""
    named = _XML_ENCODING.search(body[:512])
    text, _ = decode(_drop_stray_nulls(body), named[1].decode() if named else "")
    return _XML_DECLARATION.sub("", text, count=1)


def decompress_gzip(body: bytes) -> bytes:
    """Decompress a body if it is gzip; raises SourceError where it is damaged or more than 50 MiB."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    content = decompress((body,), "gzip", _MAX_DECOMPRESSED_BYTES)
    if not content.is_complete:
        raise SourceError("unpacked it is over 50 MiB, more than a sitemap may have")
    return content.data


def _drop_stray_nulls(body: bytes) -> bytes:
    """Drop null bytes, if these are too few to belong to UTF-16 or UTF-32."""
    return body.replace(b"\0", b"") if 0 < body.count(0) * 100 <= len(body) else body
