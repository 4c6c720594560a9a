"""Rank the sentences that give a figure known by its name or form: profit, not revenue; “7 to 4” (pure)."""

from collections.abc import Iterator, Sequence

from rag.retrieval.answer_types import find_account_figures, holds
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, raise_sentences, score_by_rule
from rag.retrieval.subjects import speaks_of_another
from rag.text.lexical import NameMatcher, find_names
from rag.text.sentences import split_passage
from rag.text.speakers import cover_topic
from rag.types import Hit

_MIN_COVERED = 0.6
"""The share of the words of a question that a sentence with a tally has."""


def rank_figures(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the sentences with the figure that a question names where the best one gives another figure or none.

    Readers take the figure of the same amount beside it. Sentences before the names of the question are left
    out, and those on another thing.
    """
    wanted = query.answer_type
    asked = find_account_figures(query.text) if wanted.is_quantity and wanted.language == "en" else frozenset()
    if "tally" in wanted.units and wanted.language == "en" and not (ranked and holds(wanted, ranked[0].text)):
        return raise_sentences(ranked, (one for hit in hits for one in _find_tallies(query, hit)))
    if not asked or not ranked or asked & find_account_figures(ranked[0].text):
        return list(ranked)
    names = find_names(f"a {query.text}")
    return raise_sentences(ranked, (one for hit in hits for one in _find_figures(query, hit, asked, names)))


def _find_tallies(query: Query, hit: Hit) -> Iterator[ScoredSentence]:
    """Find the sentences with a tally that have most words of the question."""
    for start, end in split_passage(hit.passage) if hit.reading is not None else ():
        text = hit.passage.at(start, end)
        covered = cover_topic(query.text, text, hit.passage.title)
        if covered >= _MIN_COVERED and holds(query.answer_type, text):
            yield ScoredSentence(hit, start, end, (start, end), score_by_rule(hit, covered))


def _find_figures(query: Query, hit: Hit, asked: frozenset[str], names: Sequence[str]) -> Iterator[ScoredSentence]:
    passage = hit.passage
    for start, end in split_passage(passage) if hit.reading is not None else ():
        text = passage.at(start, end)
        if not (asked & find_account_figures(text) and holds(query.answer_type, text)):
            continue
        known = NameMatcher(f"{passage.title}\n{passage.at(passage.start, end)}")
        is_named = not any(known.explain_missing(name) for name in names)
        if is_named and not speaks_of_another(query.text, passage, (start, end), (end, end)):
            yield ScoredSentence(hit, start, end, (start, end), score_by_rule(hit))
