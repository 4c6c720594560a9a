"""Load PowerPoint slides (.pptx)."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.office_package import find_main_part, open_package, read_core_properties, read_relationships
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.tables import MAX_SPAN, Cell, add_table
from rag.sources.formats.text_builder import TextBuilder, strip_repeated_heading
from rag.sources.formats.zip_safe import SafeZip
from rag.structure import STRUCTURE

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_HIDDEN = "hidden slides"
_RELATION_ID = re.compile(r"\{[^}]*relationships\}(?:id|dm)")
_TITLES = ("title", "ctrTitle")
_RUNNING = ("dt", "ftr", "hdr", "sldNum", "sldImg")
"""Placeholders of what stands on every slide, and of the picture of a slide on its notes."""
_LISTS = ("body", "obj", "")
"""Placeholders whose paragraphs are the points of a list."""
_FILLED_IN = re.compile(r"powerpoint[- ]pr[eéä]sentation|pr[eéä]sentation powerpoint|presentation\d*|slide \d+", re.I)
"""Titles that programs give to files without one."""


class Pptx(Document):
    """Loads .pptx files: the slides in order with their titles, points, tables and notes; hidden ones are named."""

    suffixes = (".pptx", ".pptm", ".ppsx")
    kind = "PowerPoint file"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the core properties and the text of the slides that are shown."""
        with open_package(data, self.file_mb, "PowerPoint", ".pptx") as package:
            properties = read_core_properties(package)
            builder = TextBuilder()
            titles = []
            hidden = []
            for number, part in enumerate(_slide_parts(package), 1):
                slide = package.read_xml(part)
                if slide.get("show") in ("0", "false"):
                    hidden.append(str(number))
                else:
                    titles.append(_SlideWriter(package, part, builder).write(slide, number))
        if hidden and not titles:
            raise SourceError(f"all its slides are hidden: {', '.join(hidden)}"[:200])
        stated = "" if _FILLED_IN.fullmatch(properties["title"]) else properties["title"]
        title = stated or next(filter(None, titles), "")
        text = strip_repeated_heading(builder.build(), title)
        notes = {_HIDDEN: ", ".join(hidden)} if hidden else {}
        return ParsedDocument({**properties, **notes, "title": title, STRUCTURE: text.written}, text.text)


def _slide_parts(package: SafeZip) -> Iterator[str]:
    """Yield the slides in the order in which they are shown."""
    main = find_main_part(package, "ppt/presentation.xml")
    related = read_relationships(package, main)
    for node in package.read_xml(main).iter("{*}sldId"):
        relation = related.get(_relation_id(node))
        if relation is not None and relation.kind == "slide":
            yield relation.part


def _relation_id(node: "Element") -> str:
    """Return the id by which an element names another part."""
    return str(next((value for key, value in node.items() if _RELATION_ID.fullmatch(key)), ""))


class _Paragraph(NamedTuple):
    """A paragraph of a shape."""

    text: str
    level: int
    """From 1; deeper points of a list have more."""
    is_point: bool | None
    """Whether it says that it has a mark in front, or none; None where it says neither."""


class _SlideWriter:
    """Writes slides into a text."""

    def __init__(self, package: SafeZip, part: str, builder: TextBuilder) -> None:
        """Write the slide in a part of a file."""
        self._package = package
        self._builder = builder
        self._related = read_relationships(package, part)

    def write(self, slide: "Element", number: int) -> str:
        """Write a slide with its notes, its title first; return the title."""
        shapes = list(_iter_shapes(slide))
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
        title = one_line(" ".join(paragraph.text for shape in titles for paragraph in _iter_paragraphs(shape)))
        self._builder.add_heading(title, 1 if number == 1 else 2)
        for shape in shapes:
            if shape not in titles:
                self._write_shape(shape)
        for relation in self._related.values():
            if relation.kind == "notesSlide" and relation.part in self._package:
                for shape in _iter_shapes(self._package.read_xml(relation.part)):
                    if _placeholder(shape) == "body":
                        self._write_paragraphs(shape, is_list=False)
        return title

    def _write_shape(self, shape: "Element") -> None:
        """Write a shape: text, a table, or a diagram, which is a part of its own."""
        table = next(shape.iter("{*}tbl"), None)
        if table is not None:
            add_table(self._builder, [_read_row(row) for row in table.iterchildren("{*}tr")])
            return
        diagram = next(shape.iter("{*}relIds"), None)
        if diagram is not None:
            relation = self._related.get(_relation_id(diagram))
            if relation is not None and relation.part in self._package:
                self._write_paragraphs(self._package.read_xml(relation.part), is_list=True)
            return
        self._write_paragraphs(shape, is_list=_placeholder(shape) in _LISTS)

    def _write_paragraphs(self, shape: "Element", *, is_list: bool) -> None:
        """Write the paragraphs of a shape, of a list with several as its points."""
        paragraphs = [paragraph for paragraph in _iter_paragraphs(shape) if paragraph.text.strip()]
        self._builder.end_list()
        for paragraph in paragraphs:
            is_point = is_list and len(paragraphs) > 1 if paragraph.is_point is None else paragraph.is_point
            if is_point:
                self._builder.add_item(paragraph.text, paragraph.level)
            else:
                self._builder.add_paragraph(paragraph.text)


def _iter_shapes(slide: "Element") -> Iterator["Element"]:
    """Yield what has a text on a slide, in groups too, but not what stands on every slide."""
    stack = [slide]
    while stack:
        node = stack.pop()
        name = str(node.tag).rpartition("}")[2]
        if name in ("sp", "graphicFrame", "cxnSp"):
            if _placeholder(node) not in _RUNNING:
                yield node
        elif name != "Fallback":  # the same once more, for older programs
            stack += reversed(node)


def _placeholder(shape: "Element") -> str | None:
    """Return which placeholder of the layout a shape fills, empty for one without a kind; None for any other."""
    node = shape.find("./{*}nvSpPr/{*}nvPr/{*}ph")
    return None if node is None else str(node.get("type", ""))


def _iter_paragraphs(shape: "Element") -> Iterator[_Paragraph]:
    """Yield the paragraphs of a shape."""
    for node in shape.iter("{*}p"):
        pieces = []
        for part in node.iter("{*}t", "{*}br"):
            is_number = str(part.getparent().get("type", "")).startswith(("slidenum", "datetime"))
            pieces.append("\n" if str(part.tag).endswith("}br") else "" if is_number else part.text or "")
        layout = node.find("{*}pPr")
        level = "" if layout is None else layout.get("lvl", "")
        has_mark = None
        if layout is not None:
            marks = {str(child.tag).rpartition("}")[2] for child in layout}
            has_mark = True if marks & {"buChar", "buAutoNum", "buBlip"} else False if "buNone" in marks else None
        yield _Paragraph("".join(pieces), int(level) + 1 if level in list("12345678") else 1, has_mark)


def _read_row(row: "Element") -> list[Cell]:
    """Read the cells of a row; those that another one covers are left to it."""
    cells = []
    for node in row.iterchildren("{*}tc"):
        if node.get("hMerge") in ("1", "true") or node.get("vMerge") in ("1", "true"):
            continue
        text = one_line(" ".join(paragraph.text for paragraph in _iter_paragraphs(node)))
        cells.append(Cell(text, columns=_number(node, "gridSpan"), rows=_number(node, "rowSpan")))
    return cells


def _number(node: "Element", name: str) -> int:
    """Return over how many columns or rows a cell reaches."""
    value = str(node.get(name) or "")
    return max(1, min(int(value[:6]), MAX_SPAN)) if value.isdecimal() else 1
