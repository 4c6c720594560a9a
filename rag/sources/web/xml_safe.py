"""Decode the bytes of a page or feed, and refuse dangerous XML."""

import codecs
import re
from functools import lru_cache

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.formats.html import declared_charset
from rag.sources.web.decompression import unpacked

_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
"""Names that pages give to the larger encoding that browsers read under them (the WHATWG Encoding Standard)."""

_XML_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>]|\[[^\]]*\])*>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_DECLARES = re.compile(r"<!\s*(?:ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)
_TAG = re.compile(r"<!\[CDATA\[.*?\]\]>|<(/?)[A-Za-z_][^<>]{0,2000}?(/?)(?:>|(?=<))", re.DOTALL)
_DEEPEST = 2_000
"""Far more than any feed needs: HTML that someone forgot to escape leaves tags open."""
_MOST_UNPACKED = 50 * 1024 * 1024
"""Bytes a gzipped list may have unpacked; the sitemap protocol allows as many."""


def page_text(body: bytes, charset: str = "") -> tuple[str, str]:
    """The text of a page, and its encoding where that is a guess; raises SourceError for what is no text.

    The bytes count most, then the charset of the header, then the one the page names. Stray null bytes are dropped.
    """
    names = map(_read_as, (charset, declared_charset(body)))
    declared = next((name for name in names if name and _fits(body, name)), "")
    return decode(_without_stray_nulls(body), declared)


def xml_text(body: bytes) -> str:
    """The text of an XML or JSON document without its XML declaration; raises SourceError for what is no text."""
    named = _XML_ENCODING.search(body[:512])
    text, _ = decode(_without_stray_nulls(body), _read_as(named[1].decode()) if named else "")
    return _XML_DECLARATION.sub("", text, count=1)


def root_name(text: str) -> str:
    """The name of the first tag of a document in lower case, without a prefix; empty where no markup begins."""
    root = _ROOT.match(text, _root_place(text))
    return root[1].lower() if root else ""


def refuse_declarations(text: str) -> None:
    """Raises SourceError for XML that declares entities or a grammar: feeds and lists have no need of any."""
    if _DECLARES.search(text, 0, _root_place(text)):
        raise SourceError("its XML declares entities, which can be made to fill the memory; it is not read")


def refuse_depth(text: str) -> None:
    """Raises SourceError for XML in which thousands of tags stay open, over which feedparser would sit for hours."""
    depth = 0
    for tag in _TAG.finditer(text):
        depth += -1 if tag[1] else 0 if tag[2] or tag[1] is None else 1
        if depth > _DEEPEST:
            raise SourceError("its XML is nested too deeply")


def _root_place(text: str) -> int:
    """Where the first tag of a document begins."""
    place = 0
    while found := _BEFORE_ROOT.match(text, place):
        place = found.end()
    return place


def unzipped(body: bytes) -> bytes:
    """The bytes, unpacked if they are gzip; raises SourceError where they are damaged or more than 50 MiB."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    data, is_all = unpacked((body,), "gzip", _MOST_UNPACKED)
    if not is_all:
        raise SourceError("unpacked it is over 50 MiB, more than a sitemap may have")
    return data


def _without_stray_nulls(body: bytes) -> bytes:
    """The bytes without nulls, if these are too few to belong to UTF-16 or UTF-32."""
    return body.replace(b"\0", b"") if 0 < body.count(0) * 100 <= len(body) else body


@lru_cache(maxsize=100)
def _read_as(name: str) -> str:
    """The encoding that browsers read under a name; empty where Python has none for text."""
    try:
        known = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError):
        return ""
    return _AS_BROWSERS_READ.get(known.name, known.name)


def _fits(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeError, LookupError):
        return False
    return True
