"""Split text into words, and measure how many of them two texts share (pure).

The one place where word overlap is counted: `jaccard` where both texts matter alike, `containment` where one of them
may be longer. Near-duplicate detection (`minhash.py`) hashes the same words, `split_words`, into signatures.
"""

import re
from collections.abc import Collection, Set
from typing import TypeVar

Shingles = frozenset[tuple[str, ...]]
"""The runs of words of a text, each once."""

_Item = TypeVar("_Item")
_WORD = re.compile(r"\w+")
_PART = re.compile(r"[^\W_]+")
_WHOLE_WORD = re.compile(r"\w+(?:['’]\w+)?")
_IN_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
_SHINGLE_WORDS = 3
_MIN_ROOT_CHARS = 4
_ENDING_CHARS = 2


def split_words(text: str) -> list[str]:
    """Split a text into its words, in lower case; an apostrophe parts words."""
    return _WORD.findall(text.casefold())


def split_parts(text: str) -> list[str]:
    """Split a text into its runs of letters and digits, in lower case; an underscore parts them too."""
    return _PART.findall(text.casefold())


def split_whole_words(text: str) -> list[str]:
    """Split a text into its words, in lower case, with what stands behind an apostrophe: “don't” is one."""
    return _WHOLE_WORD.findall(text.casefold())


def join_words(text: str) -> str:
    """Return the words alone, in lower case and one space apart, so that answers can be compared; “2.6” is one."""
    return " ".join(split_words(_IN_NUMBER.sub("_", text)))


def join_whole_words(text: str) -> str:
    """Return the words alone, as `split_whole_words` has them, one space apart, so that a quotation can be found."""
    return " ".join(split_whole_words(text.replace("’", "'")))


def has_words(words: str, others: str) -> bool:
    """Whether an answer's joined words stand in a row in those of another: “1970” in “in the spring of 1970”."""
    return bool(words) and f" {words} " in f" {others} "


def shingles(text: str) -> Shingles:
    """Return the runs of three words of a text; of a shorter one the whole."""
    words = split_words(text)
    if len(words) < _SHINGLE_WORDS:
        return frozenset((tuple(words),))
    return frozenset(zip(*(words[start:] for start in range(_SHINGLE_WORDS)), strict=False))


def containment(one: Set[_Item], other: Set[_Item]) -> float:
    """Return the share of the smaller set that stands in the other too, 0 to 1."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def jaccard(one: Set[_Item], other: Set[_Item]) -> float:
    """Return the share of all their items that two sets have in common, 0 to 1."""
    return len(one & other) / max(len(one | other), 1)


def name_root(word: str) -> str:
    """Return a name in lower case without what may be an ending, so that “Iraqis” is found where “Iraqi” stands."""
    folded = word.casefold()
    return folded[: max(_MIN_ROOT_CHARS, len(folded) - _ENDING_CHARS)]


def has_form_of(word: str, words: Collection[str]) -> bool:
    """Whether a word of a name is among the words of a text, or another form of it, as “Iraqi” for “Iraq”."""
    folded = word.casefold()
    root = name_root(folded)
    return folded in words or (len(folded) > 3 and any(other.startswith(root) for other in words))
