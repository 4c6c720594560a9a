"""Build the text of an article piece by piece, with its headings, lists and tables as blocks (pure)."""

from collections.abc import Iterable, Sequence

from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.cleaning.unicode import normalise, one_line
from rag.structure import Block, Kind, StructuredText

LABEL_LEVEL = 6
"""The level of a heading that is only a line in bold letters."""
_MAX_LABEL_WORDS = 12
_SENTENCE_ENDS = tuple(".!?,;:…。！？؟।")


class TextBuilder:
    """Builds a text out of pieces, each normalised before it is placed, so that the offsets of blocks are exact.

    Pieces stand a blank line apart; the items of a list, and a caption and the rows of a table, a line each.
    """

    def __init__(self) -> None:
        """Begin with an empty text."""
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._joins = False

    def add_paragraph(self, text: str) -> None:
        """Add a paragraph, whose lines stay lines."""
        self._joins = False
        lines = (line.strip() for line in normalise(text).split("\n"))
        self._place("\n".join(filter(None, lines)))

    def add_literal(self, text: str) -> None:
        """Add a paragraph whose white space counts, such as code."""
        self._joins = False
        self._place(normalise(text).strip("\n").rstrip())

    def add_heading(self, text: str, level: int) -> None:
        """Add a heading; 1 is the highest level."""
        self._joins = False
        self._add_block("heading", text, level)
        self._joins = False

    def add_item(self, text: str, level: int = 1) -> None:
        """Add an item of a list; 1 is the level of the outermost list."""
        self._joins = self._joins and bool(self._blocks) and self._blocks[-1].kind == "item"
        self._add_block("item", text, level)

    def add_lines(self, lines: Iterable[tuple[Kind, str]]) -> None:
        """Add the lines of a table: its rows, as `write_row` writes them, and captions above them."""
        self._joins = False
        for kind, text in lines:
            self._add_block(kind, text)
        self._joins = False

    def end_list(self) -> None:
        """Let the next item begin a list of its own."""
        self._joins = False

    def add_text(self, other: StructuredText) -> None:
        """Add a text with its blocks."""
        self._joins = False
        if other.text:
            start = self._place(other.text)
            self._blocks += [
                Block(block.kind, start + block.start, start + block.end, block.level) for block in other.blocks
            ]

    def build(self) -> StructuredText:
        """Return the text that was built so far, and its blocks."""
        return StructuredText("".join(self._pieces), tuple(self._blocks))

    def _add_block(self, kind: Kind, text: str, level: int = 0) -> None:
        if line := one_line(text):
            start = self._place(line)
            self._blocks.append(Block(kind, start, start + len(line), level))
            self._joins = True

    def _place(self, text: str) -> int:
        """Place a text behind the others, and return where it begins."""
        if text:
            gap = ("\n" if self._joins else "\n\n") if self._pieces else ""
            self._pieces += (gap, text)
            self._length += len(gap) + len(text)
        return self._length - len(text)


def write_row(cells: Sequence[str], header: Sequence[str] = ()) -> str:
    """Write a row of a table as “Header: cell; Header: cell”, without empty cells; as “a | b” where it has no header.

    >>> write_row(["Tern", "2", ""], ["Crew", "Place", "Time"])
    'Crew: Tern; Place: 2'
    >>> write_row(["Tern", "2"])
    'Tern | 2'
    """
    if not any(header):
        return " | ".join(filter(None, cells))
    names = [*header, *[""] * (len(cells) - len(header))]
    pairs = [(name.rstrip(" :"), cell) for name, cell in zip(names, cells, strict=False) if cell]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)


def reads_as_label(line: str) -> bool:
    """Whether a line in bold letters may be a heading: short, and not ending as a sentence does."""
    bare = line.strip().rstrip("\"'”’»)]")
    return 0 < len(bare.split()) <= _MAX_LABEL_WORDS and not bare.endswith(_SENTENCE_ENDS)


def strip_repeated_heading(structured: StructuredText, title: str) -> StructuredText:
    """Strip a first paragraph or heading that only repeats the title."""
    first, gap, rest = structured.text.partition("\n\n")
    return structured.cut_start(len(first) + len(gap)) if rest and has_same_words(first, title) else structured
