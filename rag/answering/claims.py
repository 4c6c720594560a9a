"""Extract what a claim states, and compare it with its evidence: figures, days, names, negation (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from rag.text.dates import NAMED_DAY, Day, find_days, find_relative_days, find_weekdays
from rag.text.english import (
    AMBIGUOUS_MONTHS,
    ANAPHORIC_PRONOUNS,
    MONTHS,
    NEGATION,
    RELATIVE_YEARS,
    UNITS_OF_TIME,
    any_of,
)
from rag.text.figures import Figure, find_figures
from rag.text.lexical import NameMatcher, content_words, find_names, opening_names
from rag.text.speakers import SpokenSentence
from rag.text.words import has_form_of, jaccard, join_whole_words, split_parts
from rag.types import Passage

_MONTH_ALONE = re.compile(
    rf"\b(?:{any_of(month for month in MONTHS if month not in AMBIGUOUS_MONTHS)}|(?<=in ){any_of(AMBIGUOUS_MONTHS)})\b"
)
_YEAR = re.compile(r"(?<![\w.,$£€])(?:1[5-9]|20)\d\d\b(?![,.]\d| [a-z]+s\b)")
_FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s)\]>”\"]+")
_LENGTH = re.compile(
    rf"\b(?:an?|one|\d+|[a-z]+) ({any_of(UNITS_OF_TIME)})s? (?:after|before|ago|later|earlier)\b", re.I
)
_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][”\"]))\s+(?![a-z])")
_PRONOUN = re.compile(rf"\W*{any_of(ANAPHORIC_PRONOUNS)}\b", re.I)
_RELATIVE_YEAR = re.compile(rf"\b({any_of(RELATIVE_YEARS)}) year\b", re.I)
_MIN_SIMILARITY = 0.7
"""Share of common words from which two sentences are taken to speak of the same thing, so that a “not” tells."""
_MAX_RATIO = 10
"""Figures that differ by more than this factor count different things."""


@dataclass(frozen=True)
class Claim:
    """A clause and what it states, each of it extracted once, when it is first compared; made by `parse_claim`."""

    text: str

    @cached_property
    def words(self) -> str:
        """Its words, in lower case and one space apart."""
        return join_whole_words(self.text)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Its words, cut at hyphens and apostrophes."""
        return frozenset(split_parts(self.text))

    @cached_property
    def content(self) -> frozenset[str]:
        """Its content words, stemmed."""
        return content_words(self.text)

    @cached_property
    def assertion(self) -> frozenset[str]:
        """Its content words without its negations."""
        return content_words(NEGATION.sub(" ", self.text))

    @cached_property
    def is_negated(self) -> bool:
        """Whether it denies; two negations cancel each other."""
        return len(NEGATION.findall(self.text)) % 2 == 1

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Its numbers, in digits or words, those of days and years included, without the word “one”."""
        return find_figures(self.text)

    @cached_property
    def quantities(self) -> tuple[Figure, ...]:
        """Its numbers without those of days and years."""
        return find_figures(_YEAR.sub(" ", self._undated))

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days of the calendar that it names."""
        return tuple(find_days(self.text))

    @cached_property
    def weekdays(self) -> frozenset[str]:
        """The weekdays that it names."""
        return frozenset(find_weekdays(self._undated))

    @cached_property
    def months(self) -> frozenset[str]:
        """The months that it names without a day; March and May, words of other meanings too, only after “in”."""
        return frozenset(_MONTH_ALONE.findall(self._undated))

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that it names without a day."""
        return frozenset(_YEAR.findall(self._undated))

    @cached_property
    def units_of_time(self) -> tuple[str, ...]:
        """The units in which it counts how much later or earlier something was."""
        return tuple(_LENGTH.findall(self.text))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in it."""
        return tuple(find_names(self.text))

    @cached_property
    def possible_names(self) -> tuple[str, ...]:
        """The names in it, and its first word where that may be one."""
        return (*self.names, *opening_names(self.text))

    @cached_property
    def quotations(self) -> tuple[str, ...]:
        """What it quotes, where that is more than a word; in lower case."""
        quoted = (join_whole_words(match[1] or match[2]) for match in _QUOTED.finditer(self.text))
        return tuple(words for words in quoted if " " in words)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The web addresses in it."""
        return tuple(_ADDRESS.findall(self.text))

    @cached_property
    def begins_with_pronoun(self) -> bool:
        """Whether it begins with a pronoun, and so may be about somebody whom the sentence before names."""
        return _PRONOUN.match(self.text) is not None

    @cached_property
    def _undated(self) -> str:
        return NAMED_DAY.sub(" ", self.text)


@lru_cache(1024)
def parse_claim(text: str) -> Claim:
    """Parse a clause, or a sentence of evidence, into a claim, which is cached, since each is compared with many."""
    return Claim(text)


@dataclass(frozen=True)
class Evidence:
    """Sentences that may support a claim, with what they mean on the day they were published."""

    text: str
    context: Passage
    """The passage that holds them, for what its title and other sentences name."""
    spoken: tuple[SpokenSentence, ...] = ()
    """Those of its sentences that somebody speaks."""

    @cached_property
    def sentences(self) -> tuple[Claim, ...]:
        """Its sentences, as claims."""
        return tuple(map(parse_claim, _SENTENCE_END.split(self.text)))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Its numbers, in digits or words, without the word “one”."""
        return find_figures(self.text)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days that it names, and those that it means, as “on Friday”."""
        return (*find_days(self.text), *find_relative_days(self.text, self.context.date))

    @cached_property
    def weekdays(self) -> frozenset[str]:
        """The weekdays that it names, and those of its days."""
        return frozenset(find_weekdays(self.text, self.context.date))

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that it names or means, as “last year”, and the year in which it was published."""
        years = set(_FOUR_DIGITS.findall(self.text))
        if published := self.context.date:
            shifts = [0, *(RELATIVE_YEARS[word.lower()] for word in _RELATIVE_YEAR.findall(self.text))]
            years |= {str(int(published[:4]) + shift) for shift in shifts}
        return frozenset(years)

    def has_month(self, month: str) -> bool:
        """Whether it names a month, or was published in it."""
        published = self.context.date
        return month[:3] in self.text or bool(published and month == MONTHS[int(published[5:7]) - 1])


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The words and names of a passage with its title and publisher."""

    text: str
    words: str
    names: NameMatcher


@lru_cache(256)
def _read_surroundings(passage: Passage) -> _Surroundings:
    """Read the title, publisher and text of a passage, in which quotations, addresses and names are looked up."""
    text = f"{passage.title}\n{passage.source}\n{passage.text}"
    return _Surroundings(text, join_whole_words(text), NameMatcher(text))


def give_different_values(claim: Claim, other: Claim) -> bool:
    """Whether two claims name no day in common or, where neither names one, no figure though some are of like size."""
    if claim.days and other.days:
        days, others = map(str, claim.days), [*map(str, other.days)]
        return not any(day.endswith(one) or one.endswith(day) for day in days for one in others)
    if claim.days or other.days:
        return False
    pairs = [(figure, one) for figure in claim.figures for one in other.figures]
    return any(_are_of_like_size(*pair) for pair in pairs) and not any(figure.agrees(one) for figure, one in pairs)


def _are_of_like_size(figure: Figure, other: Figure) -> bool:
    low, high = sorted((abs(figure.value), abs(other.value)))
    return high <= _MAX_RATIO * low


def find_disagreement(claim: Claim, evidence: Evidence) -> str:
    """Return the first reason why a claim disagrees with its evidence; empty where the checks find none.

    They compare figures, days, units of time, quotations and addresses, negation and exchanged names.
    """
    reasons = chain(
        _check_quantities(claim, evidence),
        _check_days(claim, evidence),
        _check_units_of_time(claim, evidence),
        _check_quotations(claim, evidence),
        _check_negation(claim, evidence),
        _check_exchanged_names(claim, evidence),
    )
    return next(reasons, "")


def find_missing_name(claim: Claim, context: Passage) -> str:
    """Say which name of a claim, the first one, a passage with its title and publisher lacks; empty for none."""
    names = _read_surroundings(context).names
    return next(filter(None, map(names.explain_missing, claim.names)), "")


def _check_quantities(claim: Claim, evidence: Evidence) -> Iterator[str]:
    for figure in claim.quantities:
        if not any(figure.agrees(other) for other in evidence.figures):
            yield f"the passage does not say {figure.text}"


def _check_days(claim: Claim, evidence: Evidence) -> Iterator[str]:
    if not all(any(other.agrees(day) for other in evidence.days) for day in claim.days):
        yield "the passage does not name that day"
    missing = claim.weekdays - evidence.weekdays
    missing |= {month for month in claim.months if not evidence.has_month(month)}
    missing |= claim.years - evidence.years
    yield from (f"the passage does not say {name}" for name in sorted(missing))


def _check_units_of_time(claim: Claim, evidence: Evidence) -> Iterator[str]:
    """Say the units that a claim counts in and its evidence does not: “a week after” for “a day after”."""
    lowered = evidence.text.casefold()
    yield from (
        f"the passage does not speak of a {unit}" for unit in claim.units_of_time if unit.lower() not in lowered
    )


def _check_quotations(claim: Claim, evidence: Evidence) -> Iterator[str]:
    if not (claim.quotations or claim.addresses):
        return
    surroundings = _read_surroundings(evidence.context)
    if any(words not in surroundings.words for words in claim.quotations):
        yield "the passage does not have those words"
    for address in claim.addresses:
        if address not in surroundings.text:
            yield f"the passage does not have the address {address}"


def _check_negation(claim: Claim, evidence: Evidence) -> Iterator[str]:
    """Say where one of two sentences that are otherwise alike denies what the other says."""
    for sentence in evidence.sentences:
        similarity = jaccard(claim.assertion, sentence.assertion)
        if similarity >= _MIN_SIMILARITY and claim.is_negated != sentence.is_negated:
            yield "the passage says the opposite"


def _check_exchanged_names(claim: Claim, evidence: Evidence) -> Iterator[str]:
    """Say where one of two sentences that are otherwise alike names somebody else."""
    for sentence in evidence.sentences if claim.names else ():
        if sentence.begins_with_pronoun:
            continue
        only_claimed = _absent_names(claim.names, sentence)
        only_said = _absent_names(sentence.possible_names, claim)
        if only_claimed and only_said:
            rest = claim.content - content_words(" ".join(claim.names))
            other = sentence.content - content_words(" ".join(sentence.possible_names))
            if jaccard(rest, other) >= _MIN_SIMILARITY:
                yield f"the passage names {only_said[0]}, not {only_claimed[0]}"


def _absent_names(names: Iterable[str], claim: Claim) -> Sequence[str]:
    """Return the names that share no word with a claim."""
    return [name for name in names if not any(has_form_of(word, claim.parts) for word in split_parts(name))]
