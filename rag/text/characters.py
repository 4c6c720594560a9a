"""Name the characters that no reader sees, or that change how others are seen, and strip them (pure).

The classes are strings for the inside of a regular expression's brackets. What is made of them differs:
`sources/cleaning/unicode.py` normalises what is indexed, `printable.py` spells out what could control a terminal, and a
prompt and an LLM's answer go without what nobody sees.
"""

import re

CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
"""Controls, without tabs and line feeds."""
WORD_SPLITTERS = "\xad\u200b-\u200d\u2060-\u2064\ufeff"
"""Soft hyphens, zero-width spaces and joiners: what parts the letters of a word unseen."""
OVERRIDES = "\u202d\u202e"
"""Marks that turn the order of letters around."""
DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""All marks that turn the direction of writing."""
LINE_SEPARATORS = "\u2028\u2029"
ANNOTATIONS = "\ufff9-\ufffb"
TAGS = "\U000e0000-\U000e007f"
"""Invisible twins of ASCII."""
SELECTORS = "\ufe00-\ufe0f"
"""Variation selectors: one picks the shape of the character before it, several carry bytes that nobody sees."""
MORE_SELECTORS = "\U000e0100-\U000e01ef"
SURROGATES = "\ud800-\udfff"
"""Halves of characters, which no encoding can write."""
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
"""Letters and joiners without a shape."""
EMOJI = "\u00a9\u00ae\u203c\u2049\u2100-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
"""Characters behind which a variation selector is seen."""
INVISIBLE = (
    f"{CONTROLS}{WORD_SPLITTERS}{DIRECTION_MARKS}{FILLERS}\u2065\u206a-\u206f{ANNOTATIONS}\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff{SURROGATES}"
)
"""Everything that no reader sees but variation selectors."""

_INVISIBLE = re.compile(f"[{INVISIBLE}{SELECTORS}]")
_INVISIBLE_BESIDE_EMOJI = re.compile(f"[{INVISIBLE}]|(?<![{EMOJI}])[{SELECTORS}]")
_EMOJI = re.compile(f"[{EMOJI}]")
_SURROGATE = re.compile(f"[{SURROGATES}]")


def strip_invisible(text: str) -> str:
    """Strip the characters that no reader sees, and make no-break spaces plain ones."""
    return _INVISIBLE.sub("", text.replace("\xa0", " "))


def strip_invisible_piece(piece: str, *, after_emoji: bool) -> str:
    """Strip the characters that no reader sees from a piece of a stream, but for the shapes of emoji.

    `after_emoji` says whether the piece before it ended in one.
    """
    return _INVISIBLE_BESIDE_EMOJI.sub("", ("☺" if after_emoji else "x") + piece)[1:]


def ends_in_emoji(text: str) -> bool:
    """Whether the last character is an emoji, whose shape the next character may choose."""
    return bool(text) and _EMOJI.match(text[-1]) is not None


def replace_surrogates(text: str) -> str:
    """Replace each half of a character by U+FFFD, so that the text can be encoded and no offset changes."""
    return _SURROGATE.sub("\ufffd", text)


def join_surrogates(text: str) -> str:
    """Join halves of a character, and replace a half alone by U+FFFD, so that the text can be stored and encoded."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
