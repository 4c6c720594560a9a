"""Find the names that a question asks about, and sentences on another thing (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.text.english import (
    FUNCTION_WORDS,
    MODALS,
    MONTHS,
    NAMING_WORDS,
    PREPOSITIONS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    TITLES,
    VERBS_OF_SAYING,
    WEEKDAYS,
    any_of,
)
from rag.text.lexical import NameMatcher

NO_NAMES = frozenset(
    word.casefold() for word in (*FUNCTION_WORDS, *QUESTION_WORDS, *QUESTION_VERBS, *TITLES, *MONTHS, *WEEKDAYS)
)
"""Words that may be capitalised and are no names."""

NAME_WORD = r"[A-Z][\w’'-]*"
"""Matches a capitalised word of a name."""
_NAMES = rf"{NAME_WORD}(?:\s+{NAME_WORD})*"
_AUXILIARY = rf"\b{any_of((*QUESTION_VERBS, *MODALS))}\s+(?:the\s+|an?\s+)?"
_ASKED = (
    re.compile(rf"{_AUXILIARY}(?:[a-z-]+\s+)?(?P<name>{_NAMES})"),
    re.compile(rf"{_AUXILIARY}(?:[a-z-]+\s+){{1,3}}?(?:at|for|in|of|on)\s+(?:the\s+)?(?P<name>{_NAMES})"),
    re.compile(rf"^\W*(?:[Ww]hat|[Ww]hich|[Hh]ow)\s+[a-z]+\s+(?:[a-z]+\s+)?of\s+(?:the\s+)?(?P<name>{_NAMES})"),
    re.compile(rf"^\W*(?:[Ww]ho|[Ww]hat|[Ww]hich\s+[a-z]+)\s+(?:[a-z]+\s+){{1,2}}(?:the\s+)?(?P<name>{_NAMES})"),
)
"""Find the name of what a question is on: its subject, what qualifies that, or what is done to it."""
_SUBJECT = re.compile(
    rf"[“\"]?(?:(?P<thing>[Tt]he\s+(?:[a-z]+\s+)?{_NAMES})|(?P<person>{NAME_WORD}(?:\s+{NAME_WORD})+)"
    rf"|[^,.]+,\s+{any_of(NAMING_WORDS)}\s+(?P<called>(?:the\s+)?{_NAMES}))\b"
)
"""What a sentence is on where that is a name: “the ferry Petrel”, “Lotte Brix”, “the ferry, called the Petrel”."""
POSSESSIVE = re.compile(r"['’]s?$")
_NEXT_WORD = re.compile(r"(?:['’]s)?\s+([a-z]+)")
_DONE_TO = re.compile(
    rf"\W*[Ww]ho\s+(?P<verb>[a-z]+)\s+(?:the|an?)\s+(?P<object>[a-z]+(?:\s+[a-z]+){{0,2}}?)(?=\s+{any_of(PREPOSITIONS)}\b|\W*$)"
)
"""Asks who did something, and to whom: “Who bribed the referee?”"""
_LINK = any_of(("is", "are", "was", "were", *NAMING_WORDS))
"""Stands between what somebody is and the name."""
_SAYS = re.compile(rf"(?:[\w\s]{{0,25}}|,[^,]{{0,60}},[\w\s]{{0,15}})\b{any_of(VERBS_OF_SAYING)}\b")
"""Follows whoever says what the sentence reports."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """The name of what is asked about, and of another thing of which a sentence speaks instead."""

    asked: str
    other: str


@dataclass(frozen=True, slots=True)
class AskedName:
    """A name that a question is on, with “the” where it has it, and the small word behind it: “ferry”, or empty."""

    text: str
    next_word: str

    def is_in(self, text: str) -> bool:
        """Whether a text names it, be it in another form."""
        return not NameMatcher(text).explain_missing(self.text)

    def has_kind(self, text: str) -> bool:
        """Whether a text speaks of “the ferry” where the question adds that to the name."""
        return bool(self.next_word) and bool(re.search(rf"\b(?:the|an?|its)\s+{self.next_word}\b", text, re.I))


@lru_cache(256)
def find_asked_names(question: str) -> tuple[AskedName, ...]:
    """Find the names of what a question is on.

    >>> find_asked_names("How many passengers can the Osprey carry?")
    (AskedName(text='the Osprey', next_word='carry'),)
    """
    return tuple(dict.fromkeys(_find_asked_names(question)))


def _find_asked_names(question: str) -> Iterator[AskedName]:
    for pattern in _ASKED:
        for match in pattern.finditer(question):
            name = POSSESSIVE.sub("", match["name"])
            if NO_NAMES.isdisjoint(name.casefold().split()):
                has_article = question[: match.start("name")].endswith("the ")
                following = _NEXT_WORD.match(question, match.start("name") + len(name))
                yield AskedName(f"the {name}" if has_article else name, following[1] if following else "")


def find_other_subject(question: str, text: str, answer: tuple[int, int]) -> Rivals | None:
    """Find the name that a sentence has for its subject where a question is on another thing, which it does not name.

    No rival is what the answer holds, at two offsets of the sentence, nor who says what the sentence reports, nor
    something of the kind that the question adds to its name: “the Tarn Island ferry”.
    """
    subject = _SUBJECT.match(text)
    if subject is None or _SAYS.match(text, subject.end()):
        return None
    group = str(subject.lastgroup)
    if subject.start(group) < answer[1] and answer[0] < subject.end(group):
        return None
    other = lower_article(subject[group])
    if not NO_NAMES.isdisjoint(other.removeprefix("the ").casefold().split()):
        return None
    for asked in find_asked_names(question):
        is_named = asked.is_in(text) or asked.has_kind(text)
        if not is_named and NameMatcher(asked.text).explain_missing(other.removeprefix("the ")):
            return Rivals(asked.text, other)
    return None


def names_object(question: str, text: str, start: int) -> bool:
    """Whether what a sentence has at `start` is but the name of the one to whom the question says something was done.

    >>> names_object("Who bribed the referee?", "The referee was Ada Orr.", 16)
    True
    """
    asked = _DONE_TO.match(question)
    if asked is None or asked["verb"] in NO_NAMES:
        return False
    before = rf"\b{asked['object'].split()[-1]}(?:,|\s+{_LINK})?\s+(?:the\s+)?$"
    return re.search(before, text[:start], re.I) is not None


def lower_article(name: str) -> str:
    """Write a name with a small article: “the Petrel”."""
    return re.sub(r"^The\b", "the", name)
