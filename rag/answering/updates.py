"""Put the latest of several values first: a later article knows how a matter went on (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rag.answering.claims import give_different_values, parse_claim
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.text.lexical import content_words
from rag.text.modality import find_modality

_MIN_SHARE = 0.5
"""A later value goes before the best one when its score is at least this share of it."""
_MIN_SHARE_OF_LATEST = 0.25
"""The share where the question asks how a matter stands or ended."""
_MIN_LIKENESS = 0.25
"""The share of the content words that the shorter of two sentences has in common with the other."""
_REPLACES = r"(?:instead of|rather than|no longer|(?:up|down) from|compared (?:with|to))"
"""Stands before the value that a sentence says is replaced by another."""
_ANY_REPLACES = re.compile(rf"\b{_REPLACES} ", re.I)


def put_latest_first(query: Query, ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Put the latest sentence first that gives another value for what the best one tells; others keep their order.

    A question that names a time, or asks what was said first or expected, means the articles of that time.
    """
    if not ranked or query.moment == "stated":
        return list(ranked)
    best = ranked[0]
    share = _MIN_SHARE_OF_LATEST if query.moment == "latest" else _MIN_SHARE
    near = takewhile(lambda one: one.score >= share * best.score, ranked)
    later = [one for one in near if one.passage.date > best.passage.date and best.passage.date and _updates(one, best)]
    later += [one for one in ranked if _replaces(one, best)]
    latest = max(later, key=lambda one: one.passage.date, default=best)
    others = [one for one in ranked if one is not latest]
    # What the reader took is the value that is replaced, and nothing of the sentence is to be marked but all of it.
    return [replace(latest, span=(latest.start, latest.end)) if _replaces(latest, best) else latest, *others]


def _updates(later: ScoredSentence, earlier: ScoredSentence) -> bool:
    """Whether two sentences tell of one thing and give other figures or days for it.

    A load is no news of a capacity, and what is to come none of what has been.
    """
    new, old = (find_modality(one.text, one.span[0] - one.start) for one in (later, earlier))
    if new != old and ("capacity" in (new, old) or new == "forecast"):
        return False
    is_alike = _share_of_words(later, earlier) >= _MIN_LIKENESS
    return is_alike and give_different_values(*(parse_claim(one.passage.at(*one.span)) for one in (later, earlier)))


def replaces_value(text: str, value: str) -> bool:
    """Whether a sentence says that a value is replaced by another.

    >>> replaces_value("Instead of nine million, the firm counts on seven.", "nine million")
    True
    """
    is_value = any(map(str.isdigit, value)) or len(value.split()) > 1
    # Few sentences have such words, and a pattern of the value's own takes a hundred times as long to compile.
    if not is_value or not _ANY_REPLACES.search(text):
        return False
    return bool(re.search(rf"\b{_REPLACES} (?:the )?{re.escape(value)}\b", text, re.I))


def _replaces(later: ScoredSentence, earlier: ScoredSentence) -> bool:
    if not earlier.passage.date or later.passage.date <= earlier.passage.date:
        return False
    return replaces_value(later.text, earlier.passage.at(*earlier.span))


def _share_of_words(one: ScoredSentence, other: ScoredSentence) -> float:
    first, second = (content_words(sentence.text) for sentence in (one, other))
    return len(first & second) / max(min(len(first), len(second)), 1)
