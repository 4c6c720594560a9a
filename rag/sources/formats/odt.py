"""Load OpenDocument texts (.odt)."""

from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document, Told
from rag.sources.formats.html import paragraphs, without_title
from rag.sources.formats.zip_safe import Packed, unzipped

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_UNSEEN = {
    *(_TEXT + name for name in ("tracked-changes", "note-citation", "sequence-decls", "variable-decls")),
    *(_OFFICE + name for name in ("annotation", "forms")),
    *("{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}" + name for name in ("object", "image", "object-ole")),
}
_SPACES = {_TEXT + "tab": " ", _TEXT + "line-break": "\n", _TEXT + "s": " "}
_BLOCKS = {_TEXT + "p", _TEXT + "h", _TEXT + "note"}
_FIELDS = {"title": "title", "initial-creator": "author", "creator": "author", "creation-date": "date"}


class Odt(Document):
    """Reads .odt files: paragraphs, headings, lists, tables and notes; neither comments nor what was deleted."""

    suffixes = (".odt", ".ott")
    kind = "OpenDocument text"

    def told(self, data: bytes) -> Told:
        """The fields that the document states of itself, and its text."""
        with unzipped(data, self.file_mb) as packed:
            if "META-INF/manifest.xml" in packed and b"encryption-data" in packed.read("META-INF/manifest.xml"):
                raise SourceError("protected by a password; save a copy without one")
            body = packed.xml("content.xml").find(f".//{_OFFICE}text")
            record = _stated(packed)
        if body is None:
            raise SourceError("an OpenDocument file without a text")
        heading = next((one_line(_said(node)) for node in body.iter(_TEXT + "h") if one_line(_said(node))), "")
        title = record.get("title") or heading
        text = paragraphs("\n".join(_lines(body)))
        return {**record, "title": title}, without_title(text, title)


def _stated(packed: Packed) -> dict[str, str]:
    """Title, author and day of making."""
    record: dict[str, str] = {}
    if "meta.xml" in packed:
        root = packed.xml("meta.xml")
        for name, field in _FIELDS.items():
            value = one_line(root.findtext(f".//{{*}}{name}") or "")
            record[field] = record.get(field) or value
    return record


def _lines(body: "Element") -> list[str]:
    """The paragraphs of a document, and each row of a table as one of them."""
    lines: list[str] = []
    rows = body.iter(_TABLE + "table-row")
    for row in list(rows):
        if next(row.iterancestors(_TABLE + "table-row"), None) is None:
            cells = [one_line(_said(cell)) for cell in row.iterchildren(_TABLE + "table-cell")]
            row.clear()
            row.tag, row.text = _TEXT + "p", " | ".join(filter(None, cells))
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node.tag in _BLOCKS:
            lines.append(_said(node))
        elif node.tag not in _UNSEEN:
            waiting += reversed(node)
    return lines


def _said(node: "Element") -> str:
    """The words in an element, a line for each paragraph in it."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    pieces: list[str] = []
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, element in walk:
        gap = "\n" if element.tag in _BLOCKS and element is not node else ""
        if event == "end":
            pieces += (gap, (element.tail or "") if element is not node else "")
        elif element.tag in _UNSEEN:
            walk.skip_subtree()
        else:
            pieces += (gap, _SPACES.get(element.tag, ""), element.text or "")
    return "".join(pieces)
