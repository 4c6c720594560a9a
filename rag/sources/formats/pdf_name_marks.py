"""Drop the small figures behind the names of authors on PDF pages (pure)."""

import re
from collections.abc import Sequence

from rag.sources.formats.pdf_lines import Line

_NAME_MARK = re.compile(r"[\d*†‡§¶#,]{1,5}")
_MAX_NAME_MARKS = 200
"""Small figures on a page; one with more is full of figures, and has no names with marks."""
_NAME_PARTICLES = frozenset("and und et y e de da di del der den van von la le ten".split())


def drop_name_marks(boxes: Sequence[Line]) -> list[Line]:
    """Drop the small raised figures that refer from the names of authors to what stands about them elsewhere."""
    small = [box for box in boxes if _NAME_MARK.fullmatch(box.text.strip())]
    names = [box for box in boxes if _is_names(box.text)] if 0 < len(small) <= _MAX_NAME_MARKS else []
    marks = {box for box in small if any(_is_raised_behind(box, name) for name in names)}
    return [box for box in boxes if box not in marks]


def _is_names(text: str) -> bool:
    """Whether a text is nothing but names, as of the authors of a paper."""
    words = re.findall(r"[^\W_]+", text)
    return bool(words) and all(word[0].isupper() or word in _NAME_PARTICLES for word in words)


def _is_raised_behind(mark: Line, name: Line) -> bool:
    """Whether a mark stands right behind a name, smaller and higher than it."""
    size = name.height
    is_near = -0.2 * size < mark.left - name.right < 0.5 * size
    return is_near and mark.height < 0.85 * size and name.bottom + 0.3 * size < mark.bottom < name.top
