"""Normalise Unicode: line ends, spaces, invisible characters and composed accents."""

import re
import unicodedata
from functools import lru_cache

from rag.text.characters import (
    ANNOTATIONS,
    CONTROLS,
    DIRECTION_MARKS,
    LINE_SEPARATORS,
    MORE_SELECTORS,
    OVERRIDES,
    SELECTORS,
    SURROGATES,
    TAGS,
    WORD_SPLITTERS,
)

_EMOJI_FLAGS = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(letter)) for letter in code) for code in ("gbeng", "gbsct", "gbwls"))
)
"""The flags of England, Scotland and Wales: the only emoji that are spelled with tag characters."""
_ODD_CHARACTERS = re.compile(
    f"{_EMOJI_FLAGS}|[{CONTROLS}{WORD_SPLITTERS}{DIRECTION_MARKS}{LINE_SEPARATORS}{ANNOTATIONS}{TAGS}{SURROGATES}"
    "\u034f\u2065\u206a-\u206f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)
_SPACES = set("\xa0\u1680\u202f\u205f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}
_NEWLINES = set("\r\x0b\x0c\x85\u2028\u2029")
_JOINERS = set("\u200c\u200d")
_TAG_CHARACTERS = re.compile(f"{_EMOJI_FLAGS}|([{TAGS}]{{3,}})")
_SELECTOR_RUNS = re.compile(f"([{SELECTORS}])[{SELECTORS}]+|[{MORE_SELECTORS}]{{2,}}")
"""Runs of variation selectors: one picks a shape, several carry bytes that nobody sees."""
_DIRECTION_OVERRIDE = re.compile(f"[{OVERRIDES}]")
_BROKEN_WORDS = re.compile(f"(?:[A-Za-z][{WORD_SPLITTERS}]+){{6,}}")
"""Letters each parted by what nobody sees, as no word processor leaves them."""

_HIDING = re.compile(f"[{WORD_SPLITTERS}{OVERRIDES}{SELECTORS}\U000e0000-\U000e01ef]")
"""What the patterns above look for; tried on the set of characters of a text, which are few."""

# Scripts that spell with joiners (Arabic to Mongolian, their presentation forms) and the blocks emoji are made of.
_JOINING_SCRIPTS = re.compile(
    "[\u0600-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\u2190-\u2bff\U0001f000-\U0001faff]"
)


def normalise(text: str) -> str:
    """Normalise a text: NFC, plain spaces and line feeds, no control and zero-width characters.

    Joiners stay where they spell something: inside emoji and after a letter of an Arabic or Indic script. Half of
    a surrogate pair becomes U+FFFD, so the text can always be stored.
    """
    if text.isascii() and text.isprintable():  # most pieces of a document are, and nothing of them changes
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    used = "".join(set(text))
    if _ODD_CHARACTERS.search(used):
        text = _ODD_CHARACTERS.sub(_replace_odd, text)
    if _HIDING.search(used):
        text = _SELECTOR_RUNS.sub(r"\1", text)
    return text if text.isascii() else _compose(text)


def find_concealment(text: str) -> str:
    """Return why a text, before it is normalised, seems to hide words in invisible characters; empty if not."""
    if text.isascii() or not _HIDING.search("".join(set(text))):
        return ""
    if any(match[1] for match in _TAG_CHARACTERS.finditer(text)) or _SELECTOR_RUNS.search(text):
        return "words in invisible characters, taken out"
    if _BROKEN_WORDS.search(text):
        return "words broken up by invisible characters"
    return "letters in reversed order" if _DIRECTION_OVERRIDE.search(text) else ""


def one_line(text: str) -> str:
    """Normalise a text to one line, every run of white space as one space."""
    return " ".join(normalise(text).split())


def _replace_odd(match: re.Match[str]) -> str:
    """Return the replacement of one odd character."""
    odd = match[0]
    if odd in _SPACES:
        return " "
    if odd in _NEWLINES:
        return "\n"
    if len(odd) > 1:
        return odd
    if odd in _JOINERS:
        before = match.string[match.start() - 1 : match.start()]
        return odd if _JOINING_SCRIPTS.fullmatch(before) else ""
    return "\ufffd" if "\ud800" <= odd <= "\udfff" else ""


def _compose(text: str) -> str:
    """Compose a text to NFC, but for runs of more than 64 accents on one letter, which stay as they are.

    Sorting such a run takes time in the square of its length: 200,000 accents took 32 seconds.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    if "\n" in text:  # most lines are in NFC, and composing costs more than asking
        return "\n".join(map(_compose, text.split("\n")))
    pieces = re.split(f"({_long_accent_runs().pattern})", text)
    return "".join(piece if index % 2 else unicodedata.normalize("NFC", piece) for index, piece in enumerate(pieces))


@lru_cache(maxsize=1)
def _long_accent_runs() -> re.Pattern[str]:
    """Compile a pattern of 65 and more combining characters in a row.

    All of U+10000 to U+1FFFF counts as combining: naming the few that are makes the search ten times slower. A run of
    emoji that is taken for one loses nothing, since it holds nothing to compose.
    """
    marks = "".join(chr(code) for code in range(0x300, 0xFFFF) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}\U00010000-\U0001ffff]{{65,}}")
