"""Load OpenDocument texts (.odt)."""

from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.tables import MAX_SPAN, Cell, add_table
from rag.sources.formats.text_builder import TextBuilder, strip_repeated_heading
from rag.sources.formats.zip_safe import SafeZip, open_zip
from rag.structure import STRUCTURE, StructuredText

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ROW = _TABLE + "table-row"
_CELL = _TABLE + "table-cell"
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
        text = strip_repeated_heading(_write_body(body), title)
        return ParsedDocument({**metadata, "title": title, STRUCTURE: text.written}, text.text)


def _read_metadata(document_zip: SafeZip) -> dict[str, str]:
    """Read title and author; the day the file or its template was made says nothing of the text."""
    metadata: dict[str, str] = {}
    if "meta.xml" in document_zip:
        root = document_zip.read_xml("meta.xml")
        for name, field in _FIELDS.items():
            value = one_line(root.findtext(f".//{{*}}{name}") or "")
            metadata[field] = metadata.get(field) or value
    return metadata


def _write_body(body: "Element") -> StructuredText:
    """Write the paragraphs, headings, items and rows of tables of a document."""
    builder = TextBuilder()
    stack: list[tuple[Element, int, bool]] = [(body, 0, False)]  # with how many lists it is in, and if it is an item
    while stack:
        node, depth, is_item = stack.pop()
        if node.tag == _TEXT + "h":
            builder.add_heading(_element_text(node), _number(node, _TEXT + "outline-level", most=6))
        elif node.tag in _BLOCK_TAGS:
            _add_lines(builder, _element_text(node), depth if is_item else 0)
        elif node.tag == _TABLE + "table" and not _is_layout(node):
            rows = [row for row in node.iter(_ROW) if next(row.iterancestors(_TABLE + "table")) is node]
            head = sum(next(row.iterancestors(_TABLE + "table-header-rows"), None) is not None for row in rows)
            add_table(builder, list(map(_read_row, rows)), header_rows=head)
        elif node.tag not in _UNSEEN_TAGS:
            is_list = node.tag == _TEXT + "list"
            if is_list and not depth:
                builder.end_list()
            first = node.tag == _TEXT + "list-item"
            children = [(child, depth + is_list, first and not number) for number, child in enumerate(node)]
            stack += reversed(children)
    return builder.build()


def _add_lines(builder: TextBuilder, text: str, level: int) -> None:
    """Add the first paragraph of an item at a level above 0 as such, and each line of any other."""
    if level:
        builder.add_item(text, level)
        return
    for line in text.split("\n"):
        builder.add_paragraph(line)


def _is_layout(table: "Element") -> bool:
    """Whether a table holds other tables, or but one column."""
    one_column = all(_count_cells(row) < 2 for row in table.iter(_ROW))
    return one_column or next(table.iterdescendants(_TABLE + "table"), None) is not None


def _count_cells(row: "Element") -> int:
    return sum(1 for _ in row.iterchildren(_CELL, _TABLE + "covered-table-cell"))


def _read_row(row: "Element") -> list[Cell]:
    """Read the cells of a row; those that another one covers are left to it."""
    cells: list[Cell] = []
    for node in row.iterchildren(_CELL):
        columns = _number(node, _TABLE + "number-columns-spanned", most=MAX_SPAN)
        rows = _number(node, _TABLE + "number-rows-spanned", most=MAX_SPAN)
        cell = Cell(one_line(_element_text(node)), columns=columns, rows=rows)
        cells += [cell] * _number(node, _TABLE + "number-columns-repeated", most=MAX_SPAN)
    return cells


def _number(node: "Element", name: str, *, most: int) -> int:
    """Return a number that an element states, between 1 and `most`; 1 where it states none."""
    value = str(node.get(name) or "")
    return max(1, min(int(value[:6]), most)) if value.isdecimal() else 1


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
