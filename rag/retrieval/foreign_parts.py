"""Decompose questions in other languages than English, where “and” joins two (pure)."""

import re
from functools import lru_cache

from rag.text.english import any_of
from rag.text.languages import COORDINATORS, PRONOUNS, UNSPACED, find_language, fold
from rag.text.question_words import QUESTION_WORDS

_ARTICLES = {"it": "il", "pt": "o"}
"""Articles that are pronouns in another language."""
_COMMA = re.compile(r"[，、；]\s*")
"""Stands between two questions in languages without spaces."""
_VAGUE = ("yes or no", "definition", "other")
"""Kinds of answers whose words say other things too: the “que” of French is a “that”."""
_RELATIVE = ("qui", "quien", "quienes", "chi", "quem", "der", "die", "das", "wo", "où", "ou", "donde", "dove", "onde")
"""Question words that open a clause on the noun before them too."""
_SEEN_WORDS = 4
"""Words of a question in which its question word stands."""
_MAX_ELLIPTIC_WORDS = 5
"""Words of a part that may leave out what it is about."""


def split_foreign(question: str) -> tuple[str, ...]:
    """Split a question in another language than English into the two that “and” joins; empty where it is one."""
    language = find_language(question)
    if language == "en":
        return ()
    asked = question.rstrip("?？؟ ")
    for boundary in _find_boundaries(language).finditer(asked):
        first, other = asked[: boundary.start()], asked[boundary.end() :]
        opening = fold(other).split()[:1]
        is_relative = bool(opening) and opening[0] in _RELATIVE and opening[0] in fold(first).split()[1:]
        if _find_word(first, language) >= 0 and _find_word(other, language) in (0, 1) and not is_relative:
            part = f"{'¿' * asked.startswith('¿')}{other[:1].upper()}{other[1:]}"
            is_short = language in UNSPACED or len(other.split()) <= _MAX_ELLIPTIC_WORDS
            words = {word for word in re.findall(r"\w+", part.casefold()) if word != _ARTICLES.get(language)}
            leans = is_short or not words.isdisjoint(PRONOUNS)
            return f"{first}?", f"{part}: {_find_topic(first, language)}?" if leans else f"{part}?"
    return ()


@lru_cache(maxsize=16)
def _find_boundaries(language: str) -> re.Pattern[str]:
    if language in UNSPACED:
        return _COMMA
    words = any_of(COORDINATORS[language])
    return re.compile(rf",?\s+{words}" if language == "ar" else rf",?\s+{words}\s+", re.I)


@lru_cache(maxsize=16)
def _question_words(language: str) -> re.Pattern[str]:
    kinds = QUESTION_WORDS[language]
    words = "|".join(f"(?:{words})" for kind, words in kinds.items() if kind not in _VAGUE)
    return re.compile(words if language in UNSPACED else rf"(?<!\w)(?:{words})(?!\w)")


def _find_word(clause: str, language: str) -> int:
    """Find before which word of a clause its question word stands, near the beginning; -1 where there is none."""
    folded = fold(clause.strip("¿¡ "))
    found = _question_words(language).search(folded)
    if found is None or language in UNSPACED:
        return -1 if found is None else 0
    number = len(folded[: found.start()].split())
    return min(number, 1) if language == "tr" else number if number < _SEEN_WORDS else -1


def _find_topic(clause: str, language: str) -> str:
    """Return a question without the question word that opens it."""
    plain = clause.strip("¿¡ ")
    found = _question_words(language).match(fold(plain))
    if found is None or language in UNSPACED:
        return plain
    return " ".join(plain.split()[len(found[0].split()) :]) or plain
