"""The structure of a text: which stretches of it are headings, items of lists, rows of tables and captions (pure)."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Kind = Literal["heading", "item", "row", "caption"]

STRUCTURE = "structure"
"""The key of an article's metadata under which its structure is written."""
_LETTERS: dict[str, Kind] = {kind[0]: kind for kind in get_args(Kind)}
_WRITTEN = re.compile(r"([hirc])(\d?)@(\d{1,9})\+(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article's text that is no ordinary paragraph, in offsets of the text.

    >>> from rag.structure import Block
    >>> text = "Results\\n\\nCrew: Tern; Place: 2"
    >>> row = Block("row", 9, 29)
    >>> text[row.start : row.end]
    'Crew: Tern; Place: 2'
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    """How deep a heading (1 is the highest) or an item of a list (1 is the outermost) stands; 0 for the others."""


class StructuredText(NamedTuple):
    """A text and its blocks, in order."""

    text: str
    blocks: tuple[Block, ...] = ()

    def cut_start(self, length: int) -> "StructuredText":
        """Return the text without its first characters, and the blocks that lie behind them."""
        moved = [
            Block(block.kind, block.start - length, block.end - length, block.level)
            for block in self.blocks
            if block.start >= length
        ]
        return StructuredText(self.text[length:], tuple(moved))

    def cut_out(self, start: int, end: int) -> "StructuredText":
        """Return a stretch of the text, and the blocks that lie in it."""
        rest = self.cut_start(start)
        text = rest.text[: max(0, end - start)]
        return StructuredText(text, tuple(block for block in rest.blocks if block.end <= len(text)))

    @property
    def written(self) -> str:
        """The blocks as the metadata of an article hold them, with the length of the text; empty without blocks."""
        return write_structure(self.blocks, len(self.text))


def write_structure(blocks: Iterable[Block], length: int) -> str:
    """Write the blocks of a text of so many characters on one line, as `29 h2@0+7 r@9+20`; empty without blocks."""
    marks = [
        f"{block.kind[0]}{min(block.level, 9) or ''}@{block.start}+{block.end - block.start}"
        for block in blocks
        if block.end > block.start
    ]
    return " ".join([str(length), *marks]) if marks else ""


@lru_cache(256)
def parse_structure(written: str, length: int) -> tuple[Block, ...]:
    """Parse what `write_structure` wrote for a text of so many characters.

    Returns no blocks where it was written for a text of another length, or holds anything but blocks in order.
    """
    first, _, rest = written.partition(" ")
    if first != str(length):
        return ()
    blocks: list[Block] = []
    end = 0
    for mark in rest.split(" "):
        found = _WRITTEN.fullmatch(mark)
        if found is None or int(found[3]) < end:
            return ()
        start = int(found[3])
        end = start + int(found[4])
        blocks.append(Block(_LETTERS[found[1]], start, end, int(found[2] or 0)))
    return tuple(blocks) if end <= length else ()


def blocks_within(blocks: Sequence[Block], start: int, end: int) -> tuple[Block, ...]:
    """Return the blocks of a text that reach into a stretch of it, cut to that stretch."""
    first = bisect_right(blocks, start, key=lambda block: block.end)
    last = bisect_left(blocks, end, key=lambda block: block.start)
    return tuple(
        block
        if start <= block.start and block.end <= end
        else replace(block, start=max(start, block.start), end=min(end, block.end))
        for block in blocks[first:last]
    )


def iter_stretches(length: int, blocks: Iterable[Block]) -> Iterator[tuple[int, int, Block | None]]:
    """Yield the blocks of a text of so many characters and the stretches between them, in order."""
    end = 0
    for block in blocks:
        if end < block.start:
            yield end, block.start, None
        yield block.start, block.end, block
        end = block.end
    if end < length:
        yield end, length, None
