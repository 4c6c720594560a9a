"""Render the text of an article as HTML: paragraphs, headings, lists and tables, with its citations marked.

Every character of the text but white space between blocks is in the HTML, in order, and nothing else: what is only
shown, as the names of columns above a table, is in attributes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from rag.structure import Block, iter_stretches
from rag.text.table_rows import TableRow, group_rows
from rag.types import Article
from rag.web.escaping import inert, inert_line

_PARAGRAPH = re.compile(r"\n\s*\n")
_NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-z])[.)]\s", re.IGNORECASE)
_TITLE_LEVEL = 2
"""The level of the title of the article on the page."""
_MAX_COLUMNS = 30
"""Columns of a table; rows of a wider one are shown as lines."""


class Mark(NamedTuple):
    """A stretch of an article's text that is shown as cited, in characters."""

    start: int
    end: int


def render_text(article: Article, marks: Sequence[Mark], *, chosen: Mark | None) -> str:
    """Render the text of an article, each part with the parts of the marks that lie in it."""
    renderer = _Renderer(article.text, marks, chosen)
    text = article.text
    # The end of a line alone parts neither the items of a list nor the rows of a table.
    stretches = (one for one in iter_stretches(len(text), article.structure) if text[one[0] : one[1]] != "\n")
    html = ""
    for kind, run in groupby(stretches, key=lambda stretch: stretch[2].kind if stretch[2] else ""):
        blocks = [block or Block("caption", start, end) for start, end, block in run]
        html += renderer.render(kind, [block for block in blocks if text[block.start : block.end].strip()])
    return f'<div class="text">{html}</div>'


@dataclass(frozen=True, slots=True)
class _Renderer:
    """Renders stretches of one text."""

    text: str
    marks: Sequence[Mark]
    chosen: Mark | None

    def render(self, kind: str, blocks: Sequence[Block]) -> str:
        """Render a run of blocks of one kind, or of stretches between blocks, whose kind is empty."""
        if kind == "item":
            return self._render_list(blocks)
        if kind == "row":
            return "".join(map(self._render_table, group_rows(self.text, blocks)))
        if kind == "heading":
            return "".join(self._render_heading(block) for block in blocks)
        if kind == "caption":
            return "".join(
                f'<p class="caption" dir="auto">{self._mark(block.start, block.end)}</p>' for block in blocks
            )
        return "".join(self._render_paragraphs(block.start, block.end) for block in blocks)

    def _render_paragraphs(self, start: int, end: int) -> str:
        """Render a stretch between blocks as paragraphs."""
        html = ""
        for gap in [*_PARAGRAPH.finditer(self.text, start, end), None]:
            stop = gap.start() if gap else end
            if self.text[start:stop].strip():
                stop = start + len(self.text[start:stop].rstrip())
                html += f'<p dir="auto">{self._mark(start, stop)}</p>'
            start = gap.end() if gap else end
        return html

    def _render_heading(self, block: Block) -> str:
        tag = f"h{min(max(block.level, 1) + _TITLE_LEVEL, 6)}"
        return f'<{tag} dir="auto">{self._mark(block.start, block.end)}</{tag}>'

    def _render_caption(self, block: Block) -> str:
        return f'<p class="caption" dir="auto">{self._mark(block.start, block.end)}</p>'

    def _render_list(self, blocks: Sequence[Block]) -> str:
        """Render items as one list, with how deep each stands."""
        items = []
        for block in blocks:
            numbered = ' class="numbered"' if _NUMBERED.match(self.text, block.start, block.end) else ""
            depth = f' style="--depth:{min(max(block.level, 1), 9) - 1}"'
            items.append(f'<li dir="auto"{numbered}{depth}>{self._mark(block.start, block.end)}</li>')
        return f"<ul>{''.join(items)}</ul>" if items else ""

    def _render_table(self, rows: Sequence[TableRow]) -> str:
        """Render rows as a table with the names of their columns on top, or else as lines."""
        columns = list(dict.fromkeys(cell.name for row in rows for cell in row.cells))
        widest = max(len(row.cells) for row in rows)
        is_named = len(columns) <= widest and all(_has_own_columns(row) for row in rows)
        if widest > _MAX_COLUMNS or not (is_named or columns == [""] or widest == 1):
            return "".join(f'<p class="row" dir="auto">{self._mark(row.start, row.end)}</p>' for row in rows)
        head = ""
        if is_named and len(columns) > 1:
            names = "".join(f'<th data-name="{inert_line(name)}"></th>' for name in columns)
            head = f'<thead aria-hidden="true"><tr>{names}</tr></thead>'
        body = "".join(self._render_row(row, columns if head else []) for row in rows)
        return f'<div class="wide"><table{"" if head else " class=plain"}>{head}<tbody>{body}</tbody></table></div>'

    def _render_row(self, row: TableRow, columns: Sequence[str]) -> str:
        """Render a row: below names of columns those in its text are hidden, else they are shown."""
        cells = {}
        place = row.start
        for cell in row.cells:
            before = self._mark(place, cell.start)
            hidden = f'<span class="name">{before}</span>' if before and (columns or not cell.name) else before
            cells[cell.name if columns else cell.start] = f"{hidden}{self._mark(cell.start, cell.end)}"
            place = cell.end
        shown = [cells.get(name, "") for name in columns] if columns else cells.values()
        tds = "".join(f'<td dir="auto">{cell}</td>' for cell in shown)
        return f"<tr>{tds}</tr>"

    def _mark(self, start: int, end: int) -> str:
        """Render a stretch of the text with the parts of the marks that lie in it."""
        html = ""
        position = start
        for number, mark in enumerate(self.marks):
            first = max(mark.start, position)
            last = min(mark.end, end)
            if first >= last:
                continue
            strong = " chosen" if self.chosen and mark.start <= self.chosen.start < mark.end else ""
            html += inert(self.text[position:first])
            html += f'<mark class="cited{strong}" data-mark="{number}">{inert(self.text[first:last])}</mark>'
            position = last
        return html + inert(self.text[position:end])


def _has_own_columns(row: TableRow) -> bool:
    """Whether no two cells of a row have one name."""
    return len({cell.name for cell in row.cells}) == len(row.cells)
