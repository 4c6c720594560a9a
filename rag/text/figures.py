"""Find the numbers that a text names, in digits or words (pure)."""

import re
from dataclasses import dataclass

from text_to_num import alpha2digit

from rag.text.english import APPROXIMATIONS, LOWER_BOUNDS, SCALES, any_of

_SCALED = re.compile(rf"(?<![\w.])(\d[\d,]*(?:\.\d+)?)[\s-]?({any_of(SCALES)})\b")
_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_ONE = re.compile(r"\b[Oo]ne\b")
_DOZEN = re.compile(r"\b(?:a|one) dozen\b", re.I)
_ROUGHLY = re.compile(rf"\b{any_of(APPROXIMATIONS)}\s+[$£€]?$", re.I)
_AT_LEAST = re.compile(rf"\b{any_of(LOWER_BOUNDS)}\s+[$£€]?$", re.I)
_ROUGH_SHARE = 0.06
"""The share of a figure by which one that is meant roughly may differ from it."""
_MAX_EXCESS = 1.5
"""How many times a lower bound a figure may be that is still counted by it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a number, in digits or words, and how exactly it is meant."""

    value: float
    text: str
    roughly: bool = False
    at_least: bool = False

    def agrees(self, other: "Figure") -> bool:
        """Whether both may count the same: “nearly 3,000” and 2,996, “more than 50” and 53."""
        low, high = sorted((self.value, other.value))
        if low == high:
            return True
        is_exceeded = any(
            one.at_least and more.value > one.value and high <= _MAX_EXCESS * low
            for one, more in ((self, other), (other, self))
        )
        return is_exceeded or ((self.roughly or other.roughly) and high - low <= _ROUGH_SHARE * high)


def find_figures(text: str) -> tuple[Figure, ...]:
    """Find the numbers of a text, in digits or words, without the word “one”, which seldom counts."""
    digits = _SCALED.sub(
        lambda match: f"{_parse_digits(match[1]) * SCALES[match[2]]:.0f}", _ONE.sub("…", _DOZEN.sub("12", text))
    )
    digits = alpha2digit(digits, "en", 0)
    figures = []
    for match in _FIGURE.finditer(digits):
        before = digits[: match.start()]
        roughly, at_least = bool(_ROUGHLY.search(before)), bool(_AT_LEAST.search(before))
        figures.append(Figure(_parse_digits(match[0]), match[0], roughly=roughly, at_least=at_least))
    return tuple(figures)


def _parse_digits(digits: str) -> float:
    return float(digits.rstrip(",").replace(",", ""))
