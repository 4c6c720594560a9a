"""Tell whether a sentence speaks of another thing than the one that a question names (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.retrieval.asked_names import (
    NAME_WORD,
    NO_NAMES,
    POSSESSIVE,
    Rivals,
    find_asked_names,
    find_other_subject,
    lower_article,
)
from rag.text.english import KINDS_BEFORE_NAMES, NAME_PARTICLES, any_of
from rag.text.lexical import opening_names
from rag.text.sentences import split_passage, split_sentences
from rag.text.words import has_form_of, split_parts
from rag.types import Passage

_NAME = re.compile(rf"(?<![\w’'-]){NAME_WORD}(?:\s+(?:{any_of(NAME_PARTICLES)}\s+)?{NAME_WORD})*(?:\s+\d+\b)?")
_ARTICLE = re.compile(r"\bthe\s+(?:[a-z]+\s+){0,2}$", re.I)
"""Stands before a name whose last word says what it is of: “the old Essel Dam”."""
_THING_PRONOUN = re.compile(r"^[“\"]?(?:it|its)\b", re.I)
_POINTING = re.compile(r"^[“\"]?(?:it|its|this|that|they|their|the|these|those)\b", re.I)
_THERE = re.compile(r"\bthere\b(?!\s+(?:is|are|was|were|has|have|had|will|would|can|could|may|might)\b)")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|its|their)\b", re.I)
_MAX_TOUCHES = 2
"""Sentences that name something, from above which an article is on it."""
_NEAR_SENTENCES = 2
"""Sentences behind one that names something that may still be on it."""
_PLACE = re.compile(rf"\b(?:at|in|near|on)\s+{NAME_WORD}")
_YEAR_ASKED = re.compile(r"\b(?:in|of|on|during|the)\s+(?:\w+\s+){0,2}(?P<year>1[5-9]\d\d|20\d\d)\b")
_OTHER_TIME = re.compile(
    r"(?<!hours )(?<!minutes )\b(?:ago|earlier|before|later|since|then|previous|decades?|century|centuries|anniversary"
    r"|last)\b",
    re.I,
)
"""Relates what an article says to another time than its own."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in a question: “the Essel Dam”, “Line 4”."""

    text: str
    """As it is written."""
    words: tuple[str, ...]
    """Those that tell it from others of its kind, in lower case: “essel”, “4”."""
    rival: re.Pattern[str] | None
    """Finds the name of another of its kind; None where the name does not say of what kind it is."""

    def is_in(self, text: str) -> bool:
        """Whether a text has a form of one of its words."""
        parts = split_parts(text)
        return any(_has_number(text, word) if word.isdigit() else has_form_of(word, parts) for word in self.words)


def _has_number(text: str, number: str) -> bool:
    """Whether a number stands in a text by itself, not within another: not 9 in “9.2”."""
    return re.search(rf"(?<![\w.,]){number}(?!\w|[.,]\d)", text) is not None


def speaks_of_another(
    question: str, passage: Passage, place: tuple[int, int], answer: tuple[int, int], beside: Sequence[Passage] = ()
) -> bool:
    """Whether a sentence of a passage speaks of something else than a question names; False where that is not sure.

    It does where `find_rivals` finds of what; and where it points back to a name, while the question's own comes only
    behind it. `place` is where the sentence stands in its article, `answer` where what answers does. What stands before
    the passage is looked up in those `beside` it.
    """
    if find_rivals(question, passage, place, answer, beside) is not None:
        return True
    text = passage.at(*place)
    names = _parse_names(question)
    earlier = _find_text_before(passage, beside)
    if earlier is None or any(name.is_in(f"{_join_before(passage, place[0], earlier)}{text}") for name in names):
        return False
    is_named_later = any(name.is_in(passage.at(place[1], passage.end)) for name in names)
    return is_named_later and _points_to_name(passage, place[0], text)


def find_rivals(
    question: str, passage: Passage, place: tuple[int, int], answer: tuple[int, int], beside: Sequence[Passage] = ()
) -> Rivals | None:
    """Find the thing that a question names and the other one that a sentence speaks of; None where that is not sure.

    It is where the sentence, or what stands before it, names another thing of the same kind and the question's own has
    not been named yet (“Line 7 … It has 15 stops.” says nothing of Line 4); and where the sentence has another name for
    its subject.
    """
    text = passage.at(*place)
    before = _join_before(passage, place[0], _find_text_before(passage, beside) or "")
    for name in _parse_names(question):
        if name.rival is not None and _means_rival(name, text, before):
            found = name.rival.search(text) or list(name.rival.finditer(before))[-1]
            return Rivals(name.text, lower_article(found[0]))
    return find_other_subject(question, text, (answer[0] - place[0], answer[1] - place[0]))


def is_far_from_names(question: str, passage: Passage, place: tuple[int, int], beside: Sequence[Passage] = ()) -> bool:
    """Whether an article only touches on what a question is on, and in none of the sentences right before this one.

    False where that is not sure: where a pronoun may mean it, or the text before the passage is not known.
    """
    text = passage.at(*place)
    earlier = _find_text_before(passage, beside)
    if earlier is None or _PRONOUN.search(text):
        return False
    asked = [
        name
        for name in find_asked_names(question)
        if not (f"{name.text}’s" in question.replace("'", "’") or name.has_kind(text) or name.is_in(passage.title))
    ]
    if not asked:
        return False
    known = f"{earlier}{passage.text}"
    offset = place[0] - passage.start + len(earlier)
    sentences = _split_known(known)
    own = next((number for number, (start, end) in enumerate(sentences) if start <= offset < end), 0)
    for name in asked:
        named = [number for number, (start, end) in enumerate(sentences) if name.is_in(known[start:end])]
        is_touched_on = 0 < len(named) <= _MAX_TOUCHES and named[0] > 0
        if is_touched_on and not any(0 <= own - number <= _NEAR_SENTENCES for number in named):
            return True
    return False


@lru_cache(64)
def _split_known(text: str) -> tuple[tuple[int, int], ...]:
    """Split a text into sentences; cached, since every sentence of a passage is looked at."""
    return tuple(split_sentences(text))


def is_of_another_year(question: str, passage: Passage, place: tuple[int, int]) -> bool:
    """Whether a question is on a year that a sentence of another time is not on.

    It is on a year that it names, or its title or the sentences before it; and it may be on one where it relates
    something to another time. The year before and after that of its article are its own time too, but a sentence that
    gives “11 more than in 2024” is not on that year.
    """
    text = passage.at(*place)
    years = {match["year"] for match in _YEAR_ASKED.finditer(question)}
    if len(years) != 1 or not passage.date:
        return False
    (year,) = years
    if re.search(rf"\bthan in (?:\w+ )?{year}\b", text):
        return True
    if abs(int(year) - int(passage.date[:4])) <= 1:
        return False
    before = [passage.at(*one) for one in split_passage(passage) if one[1] <= place[0]][-_NEAR_SENTENCES:]
    return not any(year[2:] in one for one in (passage.title, *before, text)) and not _OTHER_TIME.search(text)


def _join_before(passage: Passage, start: int, earlier: str) -> str:
    """Join what a reader knows before a sentence: the title, the text `earlier` than the passage, and the passage."""
    return f"{passage.title}\n{earlier}\n{passage.at(passage.start, start)}"


def _find_text_before(passage: Passage, beside: Sequence[Passage]) -> str | None:
    """Find the text of the article before a passage, in other passages of it; None where they leave a gap."""
    text = ""
    own = (one for one in beside if one.article_id == passage.article_id and one.start < passage.start)
    for one in sorted(own, key=lambda one: one.start):
        if one.start <= len(text):
            text += one.text[len(text) - one.start :]
    return text[: passage.start] if len(text) >= passage.start else None


@lru_cache(256)
def _parse_names(question: str) -> tuple[_Name, ...]:
    return tuple(_find_names(question))


def _find_names(question: str) -> Iterator[_Name]:
    for match in _NAME.finditer(question):
        words = [POSSESSIVE.sub("", word) for word in match[0].split()]
        while words and words[0].casefold() in NO_NAMES:
            words = words[1:]
        if all(map(str.isdigit, words)):
            continue
        before = question[: question.index(words[0], match.start())]
        has_article = bool(_ARTICLE.search(before))
        kind = _find_kind(words, has_article=has_article)
        rival = _compile_rival(words, kind) if kind else None
        text = " ".join(["the", *words] if before.endswith("the ") else words)
        if rival is None or rival.search(question):
            yield _Name(text, tuple(word.casefold() for word in words if word not in NAME_PARTICLES), None)
        else:
            yield _Name(text, tuple(word.casefold() for word in words if word != kind), rival)


def _find_kind(words: list[str], *, has_article: bool) -> str:
    """Find the word of a name that says of what kind it is, “Line” of “Line 4”, “Dam” of “the Essel Dam”; or empty.

    Behind an article a name is none of a person.
    """
    if len(words) < 2 or any(word in NAME_PARTICLES for word in words):
        return ""
    if words[-1].isdigit():
        return words[-2] if len(words) == 2 else ""
    if words[0] in KINDS_BEFORE_NAMES:
        return words[0]
    return words[-1] if has_article else ""


def _compile_rival(words: list[str], kind: str) -> re.Pattern[str]:
    """Compile what finds the name of another thing of a kind, which has none of the words of a name."""
    other = rf"(?!{any_of(words)}\b){NAME_WORD}"
    if words[-1].isdigit():
        return re.compile(rf"\b{re.escape(kind)}\s+(?!{words[-1]}\b)\d+\b")
    if kind == words[0]:
        return re.compile(rf"\b{kind}\s+{other}")
    return re.compile(rf"\b(?:[Tt]he|[Aa]n?|[Ii]ts|[Oo]ther)\s+{other}\s+{re.escape(kind)}\b")


def _means_rival(name: _Name, text: str, before: str) -> bool:
    """Whether a sentence is on a rival of a name: it names one, or points back to one, and the name was not yet there.

    Where the name was there, the sentence must begin with the rival.
    """
    if name.rival is None or name.is_in(text):
        return False
    if name.is_in(before):
        return _opens_with(name.rival, text)
    return bool(name.rival.search(text)) or (bool(_POINTING.match(text)) and bool(name.rival.search(before)))


def _opens_with(rival: re.Pattern[str], text: str) -> bool:
    """Whether a text begins with the name of a rival that is its subject, not with one that a comma sets off."""
    match = rival.match(text.lstrip('“"'))
    return match is not None and not text.lstrip('“"')[match.end() :].startswith(",")


def _points_to_name(passage: Passage, start: int, text: str) -> bool:
    """Whether a sentence means by “it” what the one before opens with, a name, or by “there” a place named before."""
    earlier = [passage.at(*place) for place in split_passage(passage) if place[1] <= start]
    if not earlier:
        return False
    if _THERE.search(text):
        return any(_PLACE.search(sentence) for sentence in earlier)
    known = f"{passage.title} {passage.text}"
    opening = opening_names(earlier[-1])
    return bool(_THING_PRONOUN.match(text)) and any(len(re.findall(rf"\b{name}\b", known)) > 1 for name in opening)
