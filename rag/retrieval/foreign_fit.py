"""Measure how surely a sentence in another language than English holds what a question wants (pure)."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from rag.retrieval.answer_types import AnswerType, holds, names_wanted
from rag.text.calendar_names import names_year
from rag.text.figures import has_number
from rag.text.languages import (
    AGE_WORDS,
    OPENING_REASON_WORDS,
    PEOPLE_WORDS,
    REASON_WORDS,
    ROLE_LAST,
    SPEAKER_WORDS,
    STRETCH_WORDS,
    UNCAPITALISED,
    UNSPACED,
    WHO_IS,
    any_word_of,
)
from rag.text.stems import find_stems, match_stem

SURE = 1.0
LIKELY = 0.6
"""It has the form of what is wanted, which much else has too."""
POSSIBLE = 0.25
UNFIT = 0.1
"""It lacks the unit that is asked for, or the like."""

_REASON = re.compile(rf"^{any_word_of(OPENING_REASON_WORDS)}|{any_word_of(REASON_WORDS)}", re.I)
_STRETCH = re.compile(any_word_of(STRETCH_WORDS), re.I)
_AGE = re.compile(AGE_WORDS, re.I)
_NAMED = re.compile(rf"[\u3400-\u9fff・\u30a0-\u30ff]{{2}}(?:{'|'.join(SPEAKER_WORDS)})")
"""A name before a word for who somebody is or that they said something, in Chinese or Japanese."""
_WHO_IS = re.compile(WHO_IS, re.I)
_ROLE_LAST = re.compile(ROLE_LAST, re.I)
_COUNTER = re.compile(r"(?:何|多少|几|幾)([\u3400-\u9fff])")
"""The word that counts things of a kind, right behind “how many”."""
_CJK_NUMERAL = r"[\d０-９〇零一二三四五六七八九十百千万萬億亿两]"
_WORD = re.compile(r"[\w.,]*\w")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MIN_ROLE_MATCH = 0.5
_MAX_WORDS_BETWEEN = 3
"""Words behind a number among which what it counts stands."""


def measure_fit(wanted: AnswerType, question: str, text: str) -> float | None:
    """Return how surely a sentence holds what is wanted, 0 to 1; None where the question does not say what.

    0 is for a sentence that surely does not.
    """
    if not holds(wanted, text):
        return 0.0
    measure = _MEASURES.get(wanted.kind)
    return measure(wanted, question, text) if measure else None


def _fit_reason(wanted: AnswerType, question: str, text: str) -> float:
    return SURE if _REASON.search(text) else POSSIBLE


def _fit_time(wanted: AnswerType, question: str, text: str) -> float:
    if "year" not in wanted.units:
        return SURE
    return SURE if names_year(text) or (wanted.language in UNSPACED and "年" in text) else UNFIT


def _fit_duration(wanted: AnswerType, question: str, text: str) -> float:
    return SURE if names_wanted(wanted, text) or _STRETCH.search(text) else UNFIT


def _fit_amount(wanted: AnswerType, question: str, text: str) -> float:
    if not wanted.units or "frequency" in wanted.units:
        return LIKELY
    if "age" in wanted.units:
        return SURE if _AGE.search(text) and has_number(text, wanted.language) else UNFIT
    return SURE if names_wanted(wanted, text) else UNFIT


def _fit_count(wanted: AnswerType, question: str, text: str) -> float:
    """Return whether a number stands before what is counted; people may be called anything."""
    if wanted.language in UNSPACED:
        counter = _COUNTER.search(question)
        counted = counter and re.search(rf"{_CJK_NUMERAL}.{{0,2}}{counter[1]}", text)
        return SURE if counted else POSSIBLE
    if not wanted.noun or find_stems(wanted.noun, wanted.language) <= _people(wanted.language):
        return LIKELY
    return SURE if _counts(text, wanted.noun, wanted.language) else POSSIBLE


def _counts(text: str, noun: str, language: str) -> bool:
    stems = find_stems(noun, language)
    words = _WORD.findall(text)
    for number, word in enumerate(words, 1):
        if has_number(word, language):
            near = find_stems(" ".join(words[number : number + _MAX_WORDS_BETWEEN]), language)
            if any(match_stem(stem, near) for stem in stems):
                return True
    return False


def _fit_name(wanted: AnswerType, question: str, text: str) -> float:
    """Return how surely a sentence names somebody or something that the question does not name.

    One that lacks the role of which the question asks who it is (“the mayor”) only possibly does.
    """
    language = wanted.language
    role = _find_role(question, language)
    if role and not any(match_stem(stem, find_stems(text, language)) >= _MIN_ROLE_MATCH for stem in role):
        return POSSIBLE
    if language in UNSPACED:
        return SURE if _NAMED.search(text) else POSSIBLE
    if language in UNCAPITALISED:
        return LIKELY
    known = find_stems(question, language)
    words = _LETTERS.findall(text)
    new = [word[0].isupper() and not find_stems(word, language) <= known for word in words]
    if any(one and other for one, other in pairwise(new)):
        return SURE
    # In German any noun is capitalised.
    return POSSIBLE if language == "de" or not any(new[1:]) else LIKELY


@lru_cache(maxsize=64)
def _find_role(question: str, language: str) -> frozenset[str]:
    """Find the stem of the role of which a question asks who it is; empty where it does not, or names somebody."""
    if ends := _ROLE_LAST.search(question):
        before = question[: ends.start()]
        if language in UNSPACED:
            return find_stems(before[-2:], language)
        return find_stems(before.split()[-1], language) if before.split() else frozenset()
    if opening := _WHO_IS.match(question):
        for word in question[opening.end() :].split():
            if stems := find_stems(word, language):
                return stems if language == "de" or not word[0].isupper() else frozenset()
    return frozenset()


@lru_cache(maxsize=16)
def _people(language: str) -> frozenset[str]:
    return frozenset(stem for word in PEOPLE_WORDS for stem in find_stems(word, language))


_MEASURES: dict[str, Callable[[AnswerType, str, str], float]] = {
    "person": _fit_name,
    "place": _fit_name,
    "reason": _fit_reason,
    "time": _fit_time,
    "duration": _fit_duration,
    "amount": _fit_amount,
    "count": _fit_count,
}
