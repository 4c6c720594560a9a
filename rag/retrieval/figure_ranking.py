"""Rank the sentences that give the figure of accounts which a question names: profit, not revenue (pure)."""

from collections.abc import Iterator, Sequence

from rag.retrieval.answer_types import find_account_figures, holds
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, raise_sentences, score_by_rule
from rag.retrieval.subjects import speaks_of_another
from rag.text.lexical import NameMatcher, find_names
from rag.text.sentences import split_passage
from rag.types import Hit


def rank_figures(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the sentences with the figure that a question names where the best one gives another figure or none.

    Readers take the figure of the same amount beside it. Sentences before the names of the question are left
    out, and those on another thing.
    """
    wanted = query.answer_type
    asked = find_account_figures(query.text) if wanted.is_quantity and wanted.language == "en" else frozenset()
    if not asked or not ranked or asked & find_account_figures(ranked[0].text):
        return list(ranked)
    names = find_names(f"a {query.text}")
    return raise_sentences(ranked, (one for hit in hits for one in _find_figures(query, hit, asked, names)))


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
