"""Parse XML safely: no entities (XXE, billion laughs), no network, no endless nesting.

Entities can be made to fill the memory (“billion laughs”) or to read files (XXE). The parts of a document need no
document type at all, so they are refused one (`refuse_doctype`); feeds often have one for named characters, and are
only refused declarations of their own (`refuse_declarations`).
"""

import re
from typing import TYPE_CHECKING

from rag.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import XMLParser  # type: ignore[import-untyped, unused-ignore]
    from lxml.etree import _Element as Element

_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DOCTYPE_REFUSAL = "its XML declares a document type or entities, which are not read"
_DECLARATION = re.compile(r"<!\s*(?:ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>]|\[[^\]]*\])*>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_TAG = re.compile(r"<!\[CDATA\[.*?\]\]>|<(/?)[A-Za-z_][^<>]{0,2000}?(/?)(?:>|(?=<))", re.DOTALL)
_MAX_DEPTH = 2_000
"""Far more than any feed needs: HTML that someone forgot to escape leaves tags open."""


def parse_xml(data: bytes) -> "Element":
    """Parse an XML document; raises SourceError for one that is damaged or declares a document type or entities."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    refuse_doctype(data)
    try:
        root = etree.fromstring(data, safe_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError("its XML is damaged") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that is no kind of ASCII
        raise SourceError(_DOCTYPE_REFUSAL)
    return root


def safe_parser() -> "XMLParser":
    """Make an lxml parser that resolves no entity, loads no grammar and uses no network."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def refuse_doctype(data: bytes) -> None:
    """Raise SourceError for bytes of XML with a document type or entities anywhere in them.

    Null bytes are ignored, so that these are found in UTF-16 and UTF-32 as well.
    """
    if _DOCTYPE.search(data.replace(b"\0", b"")):
        raise SourceError(_DOCTYPE_REFUSAL)


def refuse_declarations(text: str) -> None:
    """Raise SourceError for a feed or list that declares entities or a grammar before its first tag.

    A document type without such declarations of its own is allowed.
    """
    if _DECLARATION.search(text, 0, _root_start(text)):
        raise SourceError("its XML declares entities, which can be made to fill the memory; it is not read")


def refuse_depth(text: str) -> None:
    """Raise SourceError for XML in which thousands of tags stay open, over which feedparser would sit for hours."""
    depth = 0
    for tag in _TAG.finditer(text):
        depth += -1 if tag[1] else 0 if tag[2] or tag[1] is None else 1
        if depth > _MAX_DEPTH:
            raise SourceError("its XML is nested too deeply")


def root_name(text: str) -> str:
    """Return the name of the root tag in lower case, without a prefix; empty if no tag follows the prolog."""
    root = _ROOT.match(text, _root_start(text))
    return root[1].lower() if root else ""


def _root_start(text: str) -> int:
    """Return the offset at which the prolog of a document (comments, document type) ends and the root tag begins."""
    start = 0
    while match := _BEFORE_ROOT.match(text, start):
        start = match.end()
    return start
