"""Extract the content words and names of a text, to compare it by (pure)."""

import re
from collections.abc import Collection, Sequence

from rag.text.dates import MONTHS, WEEKDAYS

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_PIECE = re.compile(r"[^\W_]+")
_CAPITAL = r"(?<![\w’'-])[A-Z][\w’'-]*(?:\.(?:[A-Z]\.)+)?"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:of|the|de|al|bin|van|von)\s+)?{_CAPITAL})*")
_BEGINS = re.compile(r"(?:^|[.?!:]|\n)[\s\"'“‘(–—-]*$")
_UNNAMED = frozenset(
    "the a an this that these those it he she they we you i his her their its our your my and but or so if when while "
    "as at by for from in on of to with about after before during since until despite although though because there "
    "here what who which where why how not no yes many most some all both each every several other another more less "
    "few however also according meanwhile later then now today yesterday first second third last next under over "
    "between among".split()
) | frozenset(
    "mr mrs ms dr president minister prime mayor governor gov senator sen representative rep congressman congresswoman "
    "king queen prince princess pope sir lord lady chancellor chief general gen colonel col captain capt sergeant sgt "
    "judge justice professor prof secretary director chairman chairwoman ceo officer detective lieutenant lt".split()
)
_EMPTY = _UNNAMED | frozenset(
    "is are was were be been being has have had do does did will would can could may might must should said says say "
    "than into out up down off just only very such own same too".split()
)
_SHORT = re.compile(r"\b(?:Dr|Mrs?|Ms|St|Gen|Sen|Rep|Gov|Lt|Col|Prof|Capt|Sgt|Rev|Hon|Jr|Sr)\.\s*$")
"""A full stop that ends no sentence."""
_DATES = frozenset([*MONTHS, *WEEKDAYS, *(name[:3] for name in MONTHS), "Sept"])
_ALIASES = {
    "us": ("america", "american", "americans", "united states"),
    "american": ("us", "usa", "united states"),
    "america": ("us", "usa", "united states"),
    "uk": ("britain", "british", "united kingdom"),
    "britain": ("uk", "united kingdom"),
    "british": ("uk", "united kingdom"),
    "united states": ("us", "usa", "america", "american", "americans"),
    "united kingdom": ("uk", "britain", "british"),
    "eu": ("european union", "europe"),
}
"""Names by which the same country goes, without full stops."""


def plain(text: str) -> str:
    """The words alone, in lower case and one space apart."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))


def content(text: str) -> set[str]:
    """The words that carry what a text says, in lower case and without their commonest endings."""
    return {_stem(word) for word in _WORD.findall(text.casefold()) if word not in _EMPTY and len(word) > 1}


def _stem(word: str) -> str:
    word = re.sub(r"['’]s?$", "", word)
    for ending in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def names(text: str) -> list[str]:
    """The names in a text, without articles and titles; a single word that opens a sentence is none."""
    found = []
    for match in _NAME.finditer(text):
        words = match[0].split()
        before = text[: match.start()]
        opening = bool(_BEGINS.search(before)) and not _SHORT.search(before)
        while words and words[0].rstrip(".").casefold() in _UNNAMED:
            words, opening = words[1:], False
        if (
            words
            and words[0].rstrip(".") not in _DATES
            and not (opening and len(words) == 1 and not words[0].isupper())
        ):
            found.append(re.sub(r"['’]s?$", "", " ".join(words)))
    return found


class ProperName:
    """The names that a text has, in whatever form."""

    def __init__(self, text: str) -> None:
        """Everything capitalised in the text may be a name, and everything else a part of one."""
        self._text = text
        self._plain = plain(text.replace(".", ""))
        self._pieces = frozenset(_PIECE.findall(self._plain))
        found = _NAME.findall(text)
        self._initials = {"".join(word[0] for word in name.split() if word[0].isupper()) for name in found}

    def lacks(self, name: str) -> str:
        """Why the text does not name this one, in words for a reader; empty where it does."""
        words = capitals(name)
        there = [self._has(word) for word in words]
        short = "".join(word[0] for word in words).casefold()
        if not words or self._also(plain(name)) or (len(words) > 1 and short in self._pieces):
            return ""
        if not there[-1] and (len(words) < 3 or 2 * sum(there) < len(words)):
            return f"the passage does not name {name}"
        other = self._namesake(words) if len(words) == 2 and there == [False, True] else ""
        return f"the passage names {other}, not {name}" if other else ""

    def _has(self, word: str) -> bool:
        return known(word, self._pieces) or self._also(word.casefold()) or word in self._initials

    def _also(self, name: str) -> bool:
        """Whether the text has another name of the same country."""
        return any(f" {other} " in f" {self._plain} " for other in _ALIASES.get(name, ()))

    def _namesake(self, words: Sequence[str]) -> str:
        """Another first name that the text gives to the same surname."""
        for match in re.finditer(rf"\b({_CAPITAL})\s+{re.escape(words[1])}\b", self._text):
            if match[1].rstrip(".").casefold() not in _UNNAMED and not match[1].isupper():
                return match[0]
        return ""


def capitals(name: str) -> list[str]:
    """The capitalised words of a name, of which each counts by itself."""
    return [word for word in _PIECE.findall(name.replace(".", "")) if word[0].isupper() and len(word) > 1]


def known(word: str, pieces: Collection[str]) -> bool:
    """Whether a word of a name is among the words of a text, or another form of it, as “Iraqi” for “Iraq”."""
    word = word.casefold()
    root = word[: max(4, len(word) - 2)]
    return word in pieces or any(other.startswith(root) for other in pieces if len(word) > 3)


def pieces(text: str) -> set[str]:
    """The words of a text in lower case, cut at hyphens and apostrophes."""
    return set(_PIECE.findall(text.casefold()))


def opening(text: str) -> list[str]:
    """The single word that opens a sentence, where it may be a name."""
    first = _PIECE.search(text)
    return [first[0]] if first and first[0][0].isupper() and first[0].casefold() not in _UNNAMED else []
