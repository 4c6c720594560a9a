"""Detect conflicts: cited articles that give different figures or days for the same thing (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import NamedTuple

from rag.answering.citations import Ledger
from rag.answering.claims import Claim, give_different_values, parse_claim
from rag.retrieval.query import Query
from rag.text.lexical import content_words
from rag.text.modality import Modality, find_modality
from rag.text.sentences import find_sentence
from rag.types import Citation, Hit, Sentence

_MIN_SHARE = 0.5
"""A cited passage has a say when the reader is at least this share as sure of it as of the best one."""
_UNIT_CHARS = 30
"""Characters behind a figure in which what it counts is looked for."""
_SAME_DAYS = 1
"""Days between two articles that still tell of one time: what a later one says is news, and no contradiction."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one article says in answer."""

    hit: Hit
    start: int
    end: int
    claim: Claim
    """What its span states."""
    unit: frozenset[str]
    modality: Modality
    """Whether the span gives what was, what could be or what is to come."""

    def contradicts(self, other: "_Statement") -> bool:
        """Whether both are of different articles and give different days or, without days, figures for one thing.

        A load does not contradict a capacity, nor a result a forecast of the same days.
        """
        if self.hit.passage.article_id == other.hit.passage.article_id:
            return False
        kinds = {self.modality, other.modality}
        if len(kinds) > 1 and ("capacity" in kinds or self.is_of_days_of(other)):
            return False
        has_days = bool(self.claim.days and other.claim.days)
        is_same_unit = not (self.unit and other.unit) or bool(self.unit & other.unit)
        return (has_days or is_same_unit) and give_different_values(self.claim, other.claim)

    def is_of_days_of(self, other: "_Statement") -> bool:
        """Whether both articles tell of one time, so that neither is news to the other."""
        return _days_between(self.hit.passage.date, other.hit.passage.date) <= _SAME_DAYS


class Conflict(NamedTuple):
    """A sentence on how two cited articles differ, and all citations of the answer, those of the sentence included."""

    sentence: Sentence
    citations: tuple[Citation, ...]


def find_conflict(query: Query, hits: Sequence[Hit], citations: Sequence[Citation]) -> Conflict | None:
    """Find two cited articles that give different figures or days for what is asked; None where no two differ.

    Of articles of different days the later one is said to be so. None also for a question that asks for no figure or
    day.
    """
    if not query.wants_quantity:
        return None
    statements = list(_find_statements(hits, {citation.passage.id for citation in citations}))
    pair = next((pair for pair in combinations(statements, 2) if pair[0].contradicts(pair[1])), None)
    if pair is None:
        return None
    ledger = Ledger(citations)
    numbers = tuple(ledger.cite(one.hit.passage, one.start, one.end) for one in pair)
    return Conflict(Sentence(_describe(*pair), numbers, "supported", 1.0), ledger.citations)


def _describe(one: _Statement, other: _Statement) -> str:
    """Say how two statements differ: as news, where one is of a later day, or as a contradiction."""
    if one.is_of_days_of(other):
        return f"The articles differ: {_quote(one)} and {_quote(other)}."
    earlier, later = sorted((one, other), key=lambda statement: statement.hit.passage.date)
    return f"The later article says {_quote(later)}, the earlier one {_quote(earlier)}."


def _quote(statement: _Statement) -> str:
    return f"“{' '.join(statement.hit.span_text.split())}” ({_where(statement.hit)})"


def _days_between(one: str, other: str) -> int:
    """Count the days between two dates, YYYY-MM-DD; 0 where one is not known."""
    return abs((date.fromisoformat(one) - date.fromisoformat(other)).days) if one and other else 0


def _find_statements(hits: Sequence[Hit], cited: set[str]) -> Iterator[_Statement]:
    best = max((hit.reading.relevance for hit in hits if hit.reading), default=0.0)
    for hit in hits:
        if not (
            hit.span_text and hit.reading and hit.passage.id in cited and hit.reading.relevance >= _MIN_SHARE * best
        ):
            continue
        span = hit.reading.spans[0]
        if place := find_sentence(hit.passage, span.start, span.end):
            behind = hit.passage.at(span.start, min(span.end + _UNIT_CHARS, place[1]))
            unit = content_words(re.sub(r"[\d,.]+", " ", behind))
            modality = find_modality(hit.passage.at(*place), span.start - place[0])
            yield _Statement(hit, *place, parse_claim(hit.span_text), unit, modality)


def _where(hit: Hit) -> str:
    return ", ".join(part for part in (hit.passage.source or hit.passage.title, hit.passage.date) if part)
