"""Write the text of HTML with its headings, lists and tables."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.article_body import INLINE_TAGS, UNSEEN_TAGS
from rag.sources.formats.layout_tables import is_layout_table
from rag.sources.formats.tables import MAX_SPAN, Cell, add_table
from rag.sources.formats.text_builder import LABEL_LEVEL, TextBuilder, reads_as_label
from rag.structure import StructuredText

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_BOLD_TAGS = frozenset(("b", "strong"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\n\r\f]+")
_MAX_FACT_CHARS = 120
"""Characters of a description that is written in one line with its term."""
_LINES = "\n"


def write_html(element: "HtmlElement") -> StructuredText:
    """Write the text of an element: paragraphs, headings, items and rows of tables, white space as browsers show it."""
    writer = _Writer()
    writer.write_block(element)
    return writer.builder.build()


class _Writer:
    """Writes HTML piece by piece; what was gathered becomes a block when one begins or ends."""

    def __init__(self) -> None:
        """Begin with an empty text."""
        self.builder = TextBuilder()
        self._pieces: list[str] = []
        self._kind: Literal["paragraph", "heading", "item"] = "paragraph"
        self._level = 0
        """Of the heading that is open."""
        self._lists = 0
        """How many lists are open."""
        self._bold = 0
        """How many elements in bold letters are open."""
        self._is_plain = False
        """Whether any letter that was gathered is not bold."""

    def write_block(self, element: "HtmlElement") -> None:
        """Write an element that begins a line of its own."""
        self._flush()
        tag = element.tag
        if tag in _HEADINGS:
            self._write_as("heading", element, _HEADINGS[tag])
        elif tag in ("ul", "ol", "menu"):
            self._write_list(element)
        elif tag == "li":
            self._write_as("item", element, self._level)
        elif tag == "pre":
            self.builder.add_literal(_read_preformatted(element))
        elif tag == "table" and not is_layout_table(element):
            self._write_table(element)
        elif tag == "dl" and (facts := _read_facts(element)):
            self.builder.add_lines(("row", fact) for fact in facts)
        elif tag == "dt":
            self._write_as("heading", element, LABEL_LEVEL)
        else:
            self._write_inside(element)
        self._flush()

    def _write_inside(self, element: "HtmlElement") -> None:
        """Gather the text of an element, and write the blocks in it."""
        self._gather(element.text)
        for child in element:
            tag = child.tag
            if tag == "br":
                self._pieces.append(_LINES)
            elif not isinstance(tag, str) or tag in UNSEEN_TAGS:
                pass
            elif tag in INLINE_TAGS:
                is_bold = tag in _BOLD_TAGS
                self._bold += is_bold
                self._write_inside(child)
                self._bold -= is_bold
            else:
                self.write_block(child)
            self._gather(child.tail)

    def _gather(self, text: str | None) -> None:
        if text:
            self._pieces.append(_SPACES.sub(" ", text))
            self._is_plain = self._is_plain or (not self._bold and not text.isspace())

    def _write_as(self, kind: Literal["heading", "item"], element: "HtmlElement", level: int) -> None:
        """Write an element whose first line is a heading or an item; what follows in it are paragraphs."""
        before = self._kind, self._level
        self._kind = kind
        self._level = level
        self._write_inside(element)
        self._flush()
        self._kind, self._level = before

    def _write_list(self, element: "HtmlElement") -> None:
        """Write a list, whose items belong together."""
        if not self._lists:
            self.builder.end_list()
        self._lists += 1
        self._write_inside(element)
        self._flush()
        self._lists -= 1

    def _write_table(self, table: "HtmlElement") -> None:
        """Write a table of data."""
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        head = [row for row in rows if row.getparent().tag == "thead"]
        caption = table.find("caption")
        add_table(
            self.builder,
            [[_read_cell(cell) for cell in row.iterchildren("td", "th")] for row in rows],
            caption="" if caption is None else _cell_text(caption),
            header_rows=len(head),
        )

    def _flush(self) -> None:
        """Write what was gathered."""
        text = "".join(self._pieces)
        is_label = not self._is_plain
        self._pieces = []
        self._is_plain = False
        if not text.strip():
            return
        kind = self._kind
        if kind == "heading":
            self.builder.add_heading(text, self._level)
        elif kind == "item":
            self.builder.add_item(text, self._lists)
            self._kind = "paragraph"
        else:
            for line in text.split(_LINES):
                if is_label and reads_as_label(line):
                    self.builder.add_heading(line, LABEL_LEVEL)
                else:
                    self.builder.add_paragraph(line)


def _read_facts(element: "HtmlElement") -> list[str]:
    """Read a list of terms with one short description each as “Term: description”; empty for any other list."""
    nodes = list(element.iter("dt", "dd"))
    terms = nodes[::2]
    descriptions = nodes[1::2]
    if any(node.tag != "dt" for node in terms) or any(node.tag != "dd" or len(node) > 1 for node in descriptions):
        return []
    pairs = [
        (_cell_text(term), _cell_text(description)) for term, description in zip(terms, descriptions, strict=False)
    ]
    is_short = all(term and text and len(term) + len(text) <= _MAX_FACT_CHARS for term, text in pairs)
    written = sum(len("".join(text.split())) for pair in pairs for text in pair)
    is_all = written == len("".join(_cell_text(element).split()))
    facts = [f"{term.rstrip(' :')}: {description}" for term, description in pairs]
    return facts if is_short and is_all else []


def _read_cell(cell: "HtmlElement") -> Cell:
    """Read a cell, with how far it reaches."""
    text = _cell_text(cell)
    names = cell.tag == "th" or _is_bold(cell)
    if cell.keys():
        return Cell(text, names, _span(cell, "colspan"), _span(cell, "rowspan"))
    return Cell(text, names)


def _is_bold(cell: "HtmlElement") -> bool:
    """Whether all text of a cell is in bold letters."""
    if not len(cell):
        return False
    bold = "".join("".join(map(str, node.itertext())) for node in cell.iter(*_BOLD_TAGS))
    return bool(bold) and "".join(bold.split()) == "".join("".join(map(str, cell.itertext())).split())


def _span(cell: "HtmlElement", name: str) -> int:
    """Return over how many columns or rows a cell reaches."""
    with suppress(ValueError):
        return max(1, min(int(cell.get(name) or 1), MAX_SPAN if name == "colspan" else 65_534))
    return 1


def _cell_text(cell: "HtmlElement") -> str:
    """Return the text of a cell on one line, its blocks and lines a space apart."""
    if not len(cell):
        return one_line(cell.text or "")
    pieces: list[str] = []
    _gather_text(cell, pieces)
    return one_line("".join(pieces))


def _gather_text(element: "HtmlElement", pieces: list[str]) -> None:
    """Gather the text of an element, without what is never seen."""
    pieces.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag not in UNSEEN_TAGS:
            gap = "" if child.tag in INLINE_TAGS else " "
            pieces.append(gap)
            _gather_text(child, pieces)
            pieces.append(gap)
        pieces.append(child.tail or "")


def _read_preformatted(element: "HtmlElement") -> str:
    """Return the text of an element whose white space counts."""
    for line in element.iter("br"):
        line.text = "\n"
    return "".join(map(str, element.itertext()))
