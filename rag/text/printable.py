"""Make text from strangers safe for a terminal or a log (pure)."""

import re

_ORDERS = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb"
"""Controls, marks that turn the direction of writing, separators of lines, halves of characters."""
_UNFIT = re.compile(f"[{_ORDERS}]")
_HALF = re.compile("[\ud800-\udfff]")
_UNFIT_TEXT = re.compile(rf"(?![\n\t])[{_ORDERS}]")


def spell_out(line: str) -> str:
    """Return a line with whatever cannot be printed spelled out, so that it gives a terminal no orders."""
    return "".join(one if one.isprintable() else _escaped(one) for one in line)


def printable(text: str, *, many_lines: bool = True) -> str:
    """Return a text with what gives a terminal orders spelled out; line breaks stay where it may have `many_lines`."""
    return (_UNFIT_TEXT if many_lines else _UNFIT).sub(lambda found: _escaped(found[0]), text)


def printable_json(text: str) -> str:
    """Return JSON with the same characters written as JSON's own escapes, so that it means what it meant."""
    return _UNFIT_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def whole_text(text: str) -> str:
    """Return a text with halves of a character joined, and a half alone as U+FFFD: it can be stored and encoded."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escaped(character: str) -> str:
    return repr(character)[1:-1]
