"""Show the text of an LLM answer without its citation markers, and note where they stood (pure)."""

import re
import unicodedata

MAX_HELD_CHARS = 300
"""Characters within which what was opened has to close."""
_END = "\0"  # cleaned text holds no control characters, so these can stand for what is not text
_MARK = "\1"

_BETWEEN_MARKS = re.compile(rf"{_MARK}[ \t]*[,;]?[ \t]*(?={_MARK})")
_WRAPPED_MARKS = re.compile(rf"([*_`]{{1,3}})[ \t]*({_MARK}+)[ \t]*\1|[(（][ \t]*({_MARK}+)[ \t]*[)）]|\\({_MARK}+)")
_SPACED_MARKS = re.compile(rf"(\s*)({_MARK}+)([ \t]*)")
_OPENS_WRAPPING = frozenset("(（*_`\\")
_CLOSES_WRAPPING = frozenset(")）,;")
_FENCE_LIKE = re.compile(r"^( {0,3}(?:``(?=`)|~~(?=~)))(?:`+|~+)", re.M)


class CitedOutput:
    """Collects the text to show: no marker leaves a gap, and no link, tag or fence arises where two pieces meet."""

    def __init__(self) -> None:
        """Begin an empty text."""
        self.marks: list[tuple[int, str]] = []  # position in `text` and id
        self._pieces: list[str] = []
        self._length = 0
        self._last_char = ""
        self._line = ""  # the end of the current line
        self._label = False  # the last bracket opened a line, so that a colon after it would make a definition
        self._trim = False
        self._held = ""  # white space and wrapping, until it is known whether a marker is in it and what follows
        self._held_ids: list[tuple[str, ...]] = []

    @property
    def text(self) -> str:
        """The text shown so far; it only ever grows."""
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def add(self, text: str) -> None:
        """Show a text; white space and what may wrap a marker wait for what follows."""
        if text.isspace() or text in _OPENS_WRAPPING or (self._held_ids and text in _CLOSES_WRAPPING):
            self._hold(text)
        else:
            self.settle(text[0])
            self._show(text)

    def mark(self, ids: tuple[str, ...]) -> None:
        """Note a marker and the ids that it cites."""
        self._held_ids.append(ids)
        self._hold(_MARK)

    def show_verbatim(self, text: str) -> None:
        """Show a text as it stands."""
        if text:
            self._pieces.append(text)
            self._length += len(text)
            self._last_char = text[-1]
            self._trim = False
            self._line = (text.rpartition("\n")[2] if "\n" in text else self._line + text)[:24]

    def settle(self, following: str = _END) -> None:
        """Show what is held without the markers in it, now that the character that follows is known."""
        held = _unwrap_marks(self._held) if self._held_ids else self._held
        ids = iter(self._held_ids)
        self._held_ids = []
        self._held = ""
        done = 0
        for marks in _SPACED_MARKS.finditer(held):
            self._show(held[done : marks.start()])
            for _ in marks[2]:
                self.marks += [(self._length, id) for id in next(ids)]
                self._trim = self._last_char in ("", "\n")
            after = held[marks.end() :] + following
            breaks = "\n" in marks[1] and marks[3] and after[0] not in ("\n", _END)  # the break outlives the space
            done = marks.end() if breaks else marks.end(2)
            self._show(marks[1] if breaks or not _needs_no_space((marks[3] + after).lstrip("*_`")[:1]) else "")
        self._show(held[done:])

    def _hold(self, text: str) -> None:
        self._held += text
        if len(self._held) >= MAX_HELD_CHARS:
            self.settle("x")

    def _show(self, text: str) -> None:
        """Show a text so that it makes no link, tag, definition or fence with what stands before it."""
        text = text.lstrip(" \t" if self._length else None) if self._trim else text
        if text and self._combines_with(text[0]):
            text = " " + text
        if "`" in text or "~" in text:  # a fence that only the client saw would turn code and prose around
            text = _FENCE_LIKE.sub(r"\1", self._line + text)[len(self._line) :]
        if text == "[" and self._last_char != "\\":
            self._label = not self._line.strip(" \t>*+-.)0123456789")
        self.show_verbatim(text)

    def _combines_with(self, first: str) -> bool:
        """Whether the last character shown and the next would begin a link, a definition or a tag."""
        if self._last_char == "]":
            return first in "([" or (first == ":" and self._label)
        return self._last_char == "<" and first.isascii() and (first.isalpha() or first in "/!?")


def _unwrap_marks(held: str) -> str:
    """Remove the emphasis and brackets around marks, and the commas and semicolons between them."""
    before = ""
    while held != before:
        before = held
        held = _WRAPPED_MARKS.sub(lambda match: match[2] or match[3] or match[4], _BETWEEN_MARKS.sub(_MARK, held))
    return held


def _needs_no_space(char: str) -> bool:
    """Whether no space belongs before a character."""
    closing = not char or char.isspace() or char in _END + ".,;:!?…'\"、。，；：！？"
    return closing or unicodedata.category(char) in ("Pe", "Pf", "Pd")
