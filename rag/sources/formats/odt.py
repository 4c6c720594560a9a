"""Load OpenDocument texts (.odt)."""

from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.html import join_paragraphs, strip_repeated_title
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.zip_safe import SafeZip, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_UNSEEN_TAGS = {
    *(_TEXT + name for name in ("tracked-changes", "note-citation", "sequence-decls", "variable-decls")),
    *(_OFFICE + name for name in ("annotation", "forms")),
    *("{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}" + name for name in ("object", "image", "object-ole")),
}
_SPACES = {_TEXT + "tab": " ", _TEXT + "line-break": "\n", _TEXT + "s": " "}
_BLOCK_TAGS = {_TEXT + "p", _TEXT + "h", _TEXT + "note"}
_FIELDS = {"title": "title", "initial-creator": "author", "creator": "author"}


class Odt(Document):
    """Loads .odt files: paragraphs, headings, lists, tables and notes; neither comments nor what was deleted."""

    suffixes = (".odt", ".ott")
    kind = "OpenDocument text"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the metadata and the text of a document."""
        with open_zip(data, self.file_mb) as document_zip:
            if "META-INF/manifest.xml" in document_zip and b"encryption-data" in document_zip.read(
                "META-INF/manifest.xml"
            ):
                raise SourceError("protected by a password; save a copy without one")
            body = document_zip.read_xml("content.xml").find(f".//{_OFFICE}text")
            metadata = _read_metadata(document_zip)
        if body is None:
            raise SourceError("an OpenDocument file without a text")
        heading = next(
            (one_line(_element_text(node)) for node in body.iter(_TEXT + "h") if one_line(_element_text(node))), ""
        )
        title = metadata.get("title") or heading
        text = join_paragraphs("\n".join(_extract_lines(body)))
        return ParsedDocument({**metadata, "title": title}, strip_repeated_title(text, title))


def _read_metadata(document_zip: SafeZip) -> dict[str, str]:
    """Read title and author; the day the file or its template was made says nothing of the text."""
    metadata: dict[str, str] = {}
    if "meta.xml" in document_zip:
        root = document_zip.read_xml("meta.xml")
        for name, field in _FIELDS.items():
            value = one_line(root.findtext(f".//{{*}}{name}") or "")
            metadata[field] = metadata.get(field) or value
    return metadata


def _extract_lines(body: "Element") -> list[str]:
    """Extract the paragraphs of a document, each row of a table as one; changes the rows of `body`."""
    lines: list[str] = []
    rows = body.iter(_TABLE + "table-row")
    for row in list(rows):
        if next(row.iterancestors(_TABLE + "table-row"), None) is None:
            cells = [one_line(_element_text(cell)) for cell in row.iterchildren(_TABLE + "table-cell")]
            row.clear()
            row.tag = _TEXT + "p"
            row.text = " | ".join(filter(None, cells))
    stack = [body]
    while stack:
        node = stack.pop()
        if node.tag in _BLOCK_TAGS:
            lines.append(_element_text(node))
        elif node.tag not in _UNSEEN_TAGS:
            stack += reversed(node)
    return lines


def _element_text(node: "Element") -> str:
    """Extract the text of an element, a line for each paragraph in it."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    pieces: list[str] = []
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, element in walk:
        gap = "\n" if element.tag in _BLOCK_TAGS and element is not node else ""
        if event == "end":
            pieces += (gap, (element.tail or "") if element is not node else "")
        elif element.tag in _UNSEEN_TAGS:
            walk.skip_subtree()
        else:
            pieces += (gap, _SPACES.get(element.tag, ""), element.text or "")
    return "".join(pieces)
