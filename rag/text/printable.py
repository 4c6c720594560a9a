"""Make text from strangers safe for a terminal or a log (pure)."""

import re

from rag.text.characters import ANNOTATIONS, CONTROLS, DIRECTION_MARKS, LINE_SEPARATORS, SURROGATES

_UNSAFE_CLASS = f"{CONTROLS}{DIRECTION_MARKS}{LINE_SEPARATORS}{SURROGATES}{ANNOTATIONS}"
_UNSAFE = re.compile(f"[{_UNSAFE_CLASS}]")
_UNSAFE_LINE = re.compile(f"[\t\n{_UNSAFE_CLASS}]")


def spell_out(line: str) -> str:
    """Escape everything in a line that cannot be printed, so that it cannot control a terminal."""
    return "".join(character if character.isprintable() else _escape(character) for character in line)


def printable(text: str, *, many_lines: bool = True) -> str:
    """Escape what could control a terminal in a text; tabs and line breaks too unless it may have `many_lines`."""
    return (_UNSAFE if many_lines else _UNSAFE_LINE).sub(lambda match: _escape(match[0]), text)


def printable_json(text: str) -> str:
    """Escape what could control a terminal in a JSON text by JSON's own escapes, so that its meaning stays the same."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(character: str) -> str:
    return repr(character)[1:-1]
