"""Put the latest of several values first: a later article knows how a matter went on (pure)."""

from collections.abc import Sequence
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
    latest = max(later, key=lambda one: one.passage.date, default=best)
    return [latest, *(one for one in ranked if one is not latest)]


def _updates(later: ScoredSentence, earlier: ScoredSentence) -> bool:
    """Whether two sentences tell of one thing and give other figures or days for it.

    A load is no news of a capacity, and what is to come none of what has been.
    """
    new, old = (find_modality(one.text, one.span[0] - one.start) for one in (later, earlier))
    if new != old and ("capacity" in (new, old) or new == "forecast"):
        return False
    is_alike = _share_of_words(later, earlier) >= _MIN_LIKENESS
    return is_alike and give_different_values(*(parse_claim(one.passage.at(*one.span)) for one in (later, earlier)))


def _share_of_words(one: ScoredSentence, other: ScoredSentence) -> float:
    first, second = (content_words(sentence.text) for sentence in (one, other))
    return len(first & second) / max(min(len(first), len(second)), 1)
