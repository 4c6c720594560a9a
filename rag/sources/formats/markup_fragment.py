"""Extract the paragraphs, headings, lists and tables of HTML that stands in a Markdown file, by Python's own parser.

Small Markdown files are read outside of the sandbox, where no page may be given to a parser written in C.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

from rag.sources.cleaning.hidden_html import hides
from rag.sources.formats.tables import MAX_SPAN, Cell

_UNSEEN_TAGS = frozenset("head script style template noscript iframe object svg button select textarea".split())
_INLINE_TAGS = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr img".split()
)
_VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LIST_TAGS = ("ul", "ol", "menu")
_MAX_ROW_SPAN = 65_534

_Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A block of HTML: a line of text, or a table."""

    kind: Literal["paragraph", "heading", "item", "table"]
    text: str
    """Its text on one line; of a table the caption."""
    level: int = 0
    """Of a heading, or how many lists an item is in."""
    rows: tuple[tuple[Cell, ...], ...] = ()


def extract_fragments(markup: str) -> list[Fragment]:
    """Extract the blocks of text in a piece of HTML, without hidden elements."""
    parser = _FragmentParser()
    parser.feed(markup)
    parser.close()
    parser.end_table()
    return parser.fragments


class _FragmentParser(HTMLParser):
    """Gathers the text of blocks; a table is gathered cell by cell, and what is nested in it is text of its cells."""

    def __init__(self) -> None:
        """Begin with no text and no open tag."""
        super().__init__(convert_charrefs=True)
        self.fragments: list[Fragment] = []
        self._pieces: list[str] = []
        self._kind: Literal["paragraph", "heading", "item"] = "paragraph"
        self._level = 0
        self._lists = 0
        self._rows: list[list[Cell]] | None = None
        self._cell: Cell | None = None
        """The cell that is open, still without its text."""
        self._nested = 0
        """How many tables are open within a cell."""
        self._caption = ""
        self._unseen: list[str] = []
        """The open tags from the first one on whose text is not seen."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, or pass over what is not seen."""
        attributes = dict(attrs)
        if tag in _VOID_TAGS:
            self._pieces += "\n" if tag in ("br", "hr") and not self._unseen else ""
        elif self._unseen or tag in _UNSEEN_TAGS or _is_hidden(attributes):
            self._unseen.append(tag)
        elif self._cell is not None and (self._nested or tag not in ("td", "th", "tr")):
            self._nested += tag == "table"
            self._pieces.append("" if tag in _INLINE_TAGS else " ")
        elif tag in ("td", "th"):
            self._begin_cell(tag, attributes)
        elif tag == "tr":
            self._end_cell()
            self._flush()
            self._rows = self._rows if self._rows is not None else []
            self._rows.append([])
        elif tag not in _INLINE_TAGS:
            self._begin_block(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a block, and what is not seen with the tag that began it."""
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
        elif self._nested:
            self._nested -= tag == "table"
            self._pieces.append(" ")
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table":
            self.end_table()
        elif self._cell is not None:
            self._pieces.append("" if tag in _INLINE_TAGS else " ")
        elif tag == "caption" and self._rows is not None:
            self._caption = " ".join("".join(self._pieces).split())
            self._pieces = []
        elif tag not in _INLINE_TAGS:
            self._flush()
            self._lists = max(0, self._lists - (tag in _LIST_TAGS))
            self._kind = "paragraph" if tag == "li" or tag in _HEADINGS else self._kind

    def handle_data(self, data: str) -> None:
        """Add text that is seen."""
        if not self._unseen:
            self._pieces.append(" ".join(data.split("\n")))

    def end_table(self) -> None:
        """Add the table that is open, one of a single column as paragraphs; and what was gathered beside it."""
        self._end_cell()
        self._flush()
        rows = [tuple(row) for row in self._rows or () if row]
        caption = self._caption
        self._rows = None
        self._caption = ""
        if any(len(row) > 1 for row in rows):
            self.fragments.append(Fragment("table", caption, rows=tuple(rows)))
            return
        lines = [caption, *(cell.text for row in rows for cell in row)]
        self.fragments += [Fragment("paragraph", line) for line in lines if line]

    def _begin_block(self, tag: str) -> None:
        """Begin a block that is no part of a table."""
        self._flush()
        self._lists += tag in _LIST_TAGS
        if tag == "table":
            self._rows = []
        elif tag == "li":
            self._kind = "item"
        elif tag in _HEADINGS:
            self._kind = "heading"
            self._level = _HEADINGS[tag]

    def _begin_cell(self, tag: str, attributes: _Attributes) -> None:
        """Begin a cell, and a row where none has begun."""
        self._end_cell()
        self._flush()
        self._rows = self._rows or [[]]
        columns = _read_span(attributes, "colspan", MAX_SPAN)
        self._cell = Cell("", tag == "th", columns, _read_span(attributes, "rowspan", _MAX_ROW_SPAN))

    def _end_cell(self) -> None:
        """Add the cell that is open to its row."""
        if self._cell is not None and self._rows:
            self._rows[-1].append(self._cell._replace(text=" ".join("".join(self._pieces).split())))
            self._pieces = []
        self._cell = None

    def _flush(self) -> None:
        """Add what was gathered, a block for each line."""
        for line in "".join(self._pieces).split("\n"):
            if text := " ".join(line.split()):
                level = self._level if self._kind == "heading" else max(1, self._lists) * (self._kind == "item")
                self.fragments.append(Fragment(self._kind, text, level))
                self._kind = "paragraph" if self._kind == "item" else self._kind
        self._pieces = []


def _read_span(attributes: _Attributes, name: str, most: int) -> int:
    """Return over how many columns or rows a cell reaches."""
    value = attributes.get(name) or ""
    return max(1, min(int(value[:6]), most)) if value.isascii() and value.isdecimal() else 1


def _is_hidden(attributes: _Attributes) -> bool:
    """Whether its own attributes hide an element."""
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    return (attributes.get("aria-hidden") or "").strip().lower() == "true" or hides(attributes.get("style") or "")
