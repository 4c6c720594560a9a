"""Extract the content words and names of a text, to compare it by (pure)."""

import re
from collections.abc import Sequence

from rag.text.english import (
    AUXILIARIES,
    COUNTRY_ALIASES,
    FUNCTION_WORDS,
    MONTHS,
    NAME_ABBREVIATIONS,
    NAME_PARTICLES,
    TITLES,
    WEEKDAYS,
    any_of,
)
from rag.text.stems import stem_word
from rag.text.words import has_form_of, join_whole_words, split_parts, split_whole_words

_PART = re.compile(r"[^\W_]+")
_CAPITAL = r"(?<![\w’'-])[A-Z][\w’'-]*(?:\.(?:[A-Z]\.)+)?"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:{any_of(NAME_PARTICLES)}\s+)?{_CAPITAL})*")
_SENTENCE_START = re.compile(r"(?:^|[.?!:]|\n)[\s\"'“‘(–—-]*$")
_ABBREVIATION = re.compile(rf"\b{any_of(NAME_ABBREVIATIONS)}\.\s*$")
_POSSESSIVE = re.compile(r"['’]s?$")
_NO_NAMES = FUNCTION_WORDS | TITLES
_EMPTY_WORDS = _NO_NAMES | AUXILIARIES
_DATE_WORDS = frozenset([*MONTHS, *WEEKDAYS, *(name[:3] for name in MONTHS), "Sept"])


def content_words(text: str) -> frozenset[str]:
    """Return the words that carry what a text says, in lower case and stemmed."""
    words = (word for word in split_whole_words(text) if word not in _EMPTY_WORDS and len(word) > 1)
    return frozenset(stem_word(_POSSESSIVE.sub("", word)) for word in words)


def find_names(text: str) -> list[str]:
    """Find the names in a text, without the articles and titles before them.

    None are those that begin with a month or weekday, and a single word that opens a sentence, unless in capitals.
    """
    names = []
    for match in _NAME.finditer(text):
        words = match[0].split()
        before = text[: match.start()]
        is_opening = bool(_SENTENCE_START.search(before)) and not _ABBREVIATION.search(before)
        while words and words[0].rstrip(".").casefold() in _NO_NAMES:
            words = words[1:]
            is_opening = False
        if (
            words
            and words[0].rstrip(".") not in _DATE_WORDS
            and not (is_opening and len(words) == 1 and not words[0].isupper())
        ):
            names.append(_POSSESSIVE.sub("", " ".join(words)))
    return names


def opening_names(text: str) -> list[str]:
    """Return the first word of a text where it may be a name: capitalised, and no function word or title; else none."""
    first = _PART.search(text)
    return [first[0]] if first and first[0][0].isupper() and first[0].casefold() not in _NO_NAMES else []


def _capitalised_words(name: str) -> list[str]:
    """Return the capitalised words of a name, without single letters and full stops."""
    return [word for word in _PART.findall(name.replace(".", "")) if word[0].isupper() and len(word) > 1]


class NameMatcher:
    """Matches names with those of a text: other forms, surnames alone, initials and other names of a country."""

    def __init__(self, text: str) -> None:
        """Read the text in which names are looked up; every word of it may match a part of one."""
        self._text = text
        self._words = join_whole_words(text.replace(".", ""))
        self._parts = frozenset(split_parts(self._words))
        names = _NAME.findall(text)
        self._initials = {"".join(word[0] for word in name.split() if word[0].isupper()) for name in names}

    def explain_missing(self, name: str) -> str:
        """Say for a reader why the text does not name this one; empty where it does."""
        words = _capitalised_words(name)
        matched = [self._has_word(word) for word in words]
        initials = "".join(word[0] for word in words).casefold()
        if not words or self._has_alias(join_whole_words(name)) or (len(words) > 1 and initials in self._parts):
            return ""
        if not matched[-1] and (len(words) < 3 or 2 * sum(matched) < len(words)):
            return f"the passage does not name {name}"
        namesake = self._find_namesake(words) if len(words) == 2 and matched == [False, True] else ""
        return f"the passage names {namesake}, not {name}" if namesake else ""

    def _has_word(self, word: str) -> bool:
        return has_form_of(word, self._parts) or self._has_alias(word.casefold()) or word in self._initials

    def _has_alias(self, name: str) -> bool:
        """Whether the text has another name of the same country."""
        return any(f" {alias} " in f" {self._words} " for alias in COUNTRY_ALIASES.get(name, ()))

    def _find_namesake(self, words: Sequence[str]) -> str:
        """Find a full name in the text with the same surname and another first name; empty where there is none."""
        for match in re.finditer(rf"\b({_CAPITAL})\s+{re.escape(words[1])}\b", self._text):
            if match[1].rstrip(".").casefold() not in _NO_NAMES and not match[1].isupper():
                return match[0]
        return ""
