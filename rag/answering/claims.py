"""Extract the checkable facts of a claim: figures, days, names, negation and quoted words (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from text_to_num import alpha2digit

from rag.text.dates import MONTHS, NAMED_DAY, find_days, meant_days, weekdays
from rag.text.lexical import ProperName, content, known, names, opening, pieces, plain
from rag.types import Passage

_MONTH_ALONE = re.compile(
    rf"\b(?:{'|'.join(name for name in MONTHS if name not in ('March', 'May'))}|(?<=in )M(?:arch|ay))\b"
)
_YEAR = re.compile(r"(?<![\w.,$£€])(?:1[5-9]|20)\d\d\b(?![,.]\d| [a-z]+s\b)")
_SCALED = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)[\s-]?(thousand|million|billion|trillion|bn|[mk])\b")
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_ONE = re.compile(r"\b[Oo]ne\b")
_DOZEN = re.compile(r"\b(?:a|one) dozen\b", re.I)
_ROUGHLY = re.compile(r"\b(?:about|around|roughly|some|nearly|almost|approximately|close to)\s+[$£€]?$", re.I)
_AT_LEAST = re.compile(r"\b(?:over|more than|at least|upwards of)\s+[$£€]?$", re.I)
_NEGATION = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without)\b|n['’]t\b", re.I)
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s)\]>”\"]+")
_LENGTH = re.compile(
    r"\b(?:an?|one|\d+|[a-z]+) (hour|day|week|month|year|decade)s? (?:after|before|ago|later|earlier)\b", re.I
)
_SENTENCE_END = re.compile(r"(?<=[.!?])[”\"]?\s+")
_PRONOUN = re.compile(r"\W*(?:he|she|it|they|this|that|these|those|his|her|their)\b", re.I)
_SOME_YEAR = re.compile(r"\b(last|next|previous|following) year\b", re.I)
_YEARS = {"last": -1, "previous": -1, "next": 1, "following": 1}
_ALIKE = 0.7
"""Share of common words from which two sentences are taken to speak of the same thing, so that a “not” tells."""


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
        bounds = (one for one, more in ((self, other), (other, self)) if one.at_least and more.value > one.value)
        rough = self.roughly or other.roughly
        return (rough and high - low <= 0.06 * high) or (any(bounds) and high <= 1.5 * low)


def figures(text: str) -> list[Figure]:
    """The numbers of a text, without the word “one”, which seldom counts."""
    plain = _DOZEN.sub("12", text)
    plain = _SCALED.sub(lambda match: f"{_value(match[1]) * _SCALES[match[2]]:.0f}", _ONE.sub("…", plain))
    plain = alpha2digit(plain, "en", 0)
    found = []
    for match in _FIGURE.finditer(plain):
        before = plain[: match.start()]
        found.append(Figure(_value(match[0]), match[0], bool(_ROUGHLY.search(before)), bool(_AT_LEAST.search(before))))
    return found


def _value(digits: str) -> float:
    return float(digits.rstrip(",").replace(",", ""))


def disagreement(claim: str, evidence: str, passage: Passage) -> str:
    """The first thing the claim states that its evidence, a part of the passage, does not; empty where all is there."""
    around = f"{passage.title}\n{passage.source}\n{passage.text}"
    found = chain(
        _figures(claim, evidence),
        _days(claim, evidence, passage.date),
        _lengths(claim, evidence),
        _words(claim, around),
        _turned(claim, evidence),
        _exchanged(claim, evidence),
    )
    return next(found, "")


def unnamed(claim: str, passage: Passage) -> str:
    """The first name in the claim that stands nowhere in the passage or its title; empty where all do."""
    around = ProperName(f"{passage.title}\n{passage.source}\n{passage.text}")
    return next(filter(None, map(around.lacks, names(claim))), "")


def _figures(claim: str, evidence: str) -> Iterator[str]:
    told = figures(evidence)
    for one in figures(_YEAR.sub(" ", NAMED_DAY.sub(" ", claim))):
        if not any(one.agrees(other) for other in told):
            yield f"the passage does not say {one.text}"


def _days(claim: str, evidence: str, published: str) -> Iterator[str]:
    told = [*find_days(evidence), *meant_days(evidence, published)]
    if not all(any(day.agrees(other) for other in told) for day in find_days(claim)):
        yield "the passage does not name that day"
    rest = NAMED_DAY.sub(" ", claim)
    strange = weekdays(rest) - weekdays(evidence, published)
    strange |= {
        month for month in _MONTH_ALONE.findall(rest) if month[:3] not in evidence and month != _month(published)
    }
    strange |= set(_YEAR.findall(rest)) - _years(evidence, published)
    yield from (f"the passage does not say {one}" for one in sorted(strange))


def _lengths(claim: str, evidence: str) -> Iterator[str]:
    """Units of time that the claim counts in and its evidence does not: “a week after” for “a day after”."""
    for unit in _LENGTH.findall(claim):
        if unit.lower() not in evidence.casefold():
            yield f"the passage does not speak of a {unit}"


def _month(published: str) -> str:
    return MONTHS[int(published[5:7]) - 1] if published else ""


def _years(evidence: str, published: str) -> set[str]:
    """The years that a text names or means."""
    told = set(re.findall(r"(?<!\d)\d{4}(?!\d)", evidence))
    if published:
        shifts = [0, *(_YEARS[word.lower()] for word in _SOME_YEAR.findall(evidence))]
        told |= {str(int(published[:4]) + shift) for shift in shifts}
    return told


def _words(claim: str, around: str) -> Iterator[str]:
    told = plain(around)
    for match in _QUOTED.finditer(claim):
        quoted = plain(match[1] or match[2])
        if " " in quoted and quoted not in told:
            yield "the passage does not have those words"
    yield from (f"the passage does not have the address {one}" for one in _ADDRESS.findall(claim) if one not in around)


def _turned(claim: str, evidence: str) -> Iterator[str]:
    """Where one of two sentences that are otherwise alike denies what the other says."""
    said = content(_NEGATION.sub(" ", claim))
    for sentence in _SENTENCE_END.split(evidence):
        other = content(_NEGATION.sub(" ", sentence))
        alike = len(said & other) / max(len(said | other), 1)
        denials = [len(_NEGATION.findall(one)) for one in (claim, sentence)]
        if alike >= _ALIKE and denials[0] % 2 != denials[1] % 2:
            yield "the passage says the opposite"


def _exchanged(claim: str, evidence: str) -> Iterator[str]:
    """Where one of two sentences that are otherwise alike names somebody else."""
    mine = names(claim)
    for sentence in _SENTENCE_END.split(evidence) if mine else ():
        theirs = [*names(sentence), *opening(sentence)]
        strange, missing = _absent(mine, sentence), _absent(theirs, claim)
        rest = [_without(claim, mine), _without(sentence, theirs)]
        alike = len(rest[0] & rest[1]) / max(len(rest[0] | rest[1]), 1)
        if strange and missing and alike >= _ALIKE and not _PRONOUN.match(sentence):
            yield f"the passage names {missing[0]}, not {strange[0]}"


def _absent(found: Sequence[str], text: str) -> list[str]:
    """The names of which no word stands in a text."""
    there = pieces(text)
    return [name for name in found if not any(known(word, there) for word in pieces(name))]


def _without(text: str, found: Sequence[str]) -> set[str]:
    return content(text) - content(" ".join(found))
