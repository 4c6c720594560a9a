"""Read the parts of Excel and PowerPoint files."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.sources.coverage.measure import SourceLine
from rag.sources.formats.zip_safe import SafeZip, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_SLIDE = re.compile(r"ppt/slides/[^/]+\.xml")
_ASIDE = (
    (re.compile(r"(?:xl|ppt)/(?:threadedC|c)omments/?[^/]*\.xml"), "comment"),
    (re.compile(r"(?:xl|ppt)/(?:charts|drawings)/[^/]+\.xml"), "drawing"),
)
_NOTES = re.compile(r"ppt/(?:notesSlides|diagrams/data)[^/]*/?[^/]*\.xml")
_RUNNING = ("dt", "ftr", "hdr", "sldNum", "sldImg")


def read_xlsx(data: bytes, file_mb: float) -> Iterator[SourceLine]:
    """Read the cells of all sheets; numbers have a reason of their own, since they are shown in other forms."""
    with open_zip(data, file_mb) as package:
        strings: list[str] = []
        hidden = set[str]()
        for name in package.entries:
            if name.endswith("sharedStrings.xml"):
                strings = [_join(node) for node in package.read_xml(name).iter("{*}si")]
            if name.endswith("workbook.xml"):
                hidden = set(_hidden_sheets(package, name))
        for name in package.entries:
            if _SHEET.fullmatch(name):
                yield from _read_cells(package.read_xml(name), strings, "hidden" if name in hidden else "")
        yield from _read_aside(package)


def read_pptx(data: bytes, file_mb: float) -> Iterator[SourceLine]:
    """Read the paragraphs of all slides and their notes."""
    with open_zip(data, file_mb) as package:
        hidden = set[str]()
        for name in package.entries:
            if _SLIDE.fullmatch(name):
                root = package.read_xml(name)
                is_hidden = root.get("show") in ("0", "false")
                hidden |= {f"notesSlide{number}" for number in re.findall(r"slide(\d+)\.xml$", name) if is_hidden}
                yield from _read_paragraphs(root, "hidden" if is_hidden else "")
        for name in package.entries:
            if _NOTES.fullmatch(name):
                is_hidden = name.rpartition("/")[2].removesuffix(".xml") in hidden
                yield from _read_paragraphs(package.read_xml(name), "hidden" if is_hidden else "")
        yield from _read_aside(package)


def _hidden_sheets(package: SafeZip, name: str) -> Iterator[str]:
    """Yield the parts of the sheets that are hidden."""
    relations = package.read(f"xl/_rels/{name.rpartition('/')[2]}.rels").decode("utf-8", "replace")
    for node in package.read_xml(name).iter("{*}sheet"):
        if node.get("state", "visible") != "visible":
            for value in node.values():
                for relation in re.findall(r"<[^<>]*>", relations):
                    target = re.search(r'Target="/?(?:xl/)?([^"]+)"', relation)
                    if f'Id="{value}"' in relation and target:
                        yield f"xl/{target[1]}"


def _read_cells(root: "Element", strings: list[str], reason: str) -> Iterator[SourceLine]:
    heads = next((set(row) for row in root.iter("{*}row") if len(row) > 1), set())
    for cell in root.iter("{*}c"):
        why = reason or "name of a column" * (cell in heads)
        value = cell.findtext("{*}v") or ""
        if cell.get("t") == "s":
            text = strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
            yield SourceLine(text, why)
        elif cell.get("t") == "inlineStr":
            yield SourceLine(_join(cell), why)
        else:
            yield SourceLine(value, why or ("" if cell.get("t") == "str" else "number"))


def _read_paragraphs(root: "Element", reason: str) -> Iterator[SourceLine]:
    for shape in root.iter("{*}ph"):
        if shape.get("type") in _RUNNING:
            holder = shape.getparent().getparent().getparent()
            yield from (SourceLine(_join(node), reason or "running head") for node in holder.iter("{*}p"))
            holder.clear()
    for fallback in root.iter("{*}Fallback"):
        fallback.clear()
    yield from (SourceLine(_join(node), reason) for node in root.iter("{*}p"))


def _read_aside(package: SafeZip) -> Iterator[SourceLine]:
    for name in package.entries:
        for pattern, reason in _ASIDE:
            if pattern.fullmatch(name):
                yield from (SourceLine(text, reason) for text in map(str, package.read_xml(name).itertext()))


def _join(node: "Element") -> str:
    return "".join(text.text or "" for text in node.iter("{*}t") if not str(text.getparent().tag).endswith("rPh"))
