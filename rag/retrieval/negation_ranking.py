"""Rank negative sentences for questions that are negative themselves: “which bridge was not hit?” (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.confidence import answer_probability
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, fit_type, sort_by_score
from rag.text.english import NEGATION
from rag.text.lexical import content_words
from rag.text.sentences import split_passage
from rag.text.speakers import cover_topic
from rag.types import Hit

_CHOICE = re.compile(r"\W*(?:\w+ )?(?:which|who|whose)\b", re.I)
"""Asks which of several it is: a question for a reason or an amount wants other sentences than negative ones."""
_SURE_RELEVANCE = 0.5
"""From this relevance on, the reader is left alone; that of a negative sentence with all words of the question."""


def rank_negations(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the negative sentences that share words with a negative question, where the reader is not sure of another.

    Readers look for what the question names, and seldom mark a sentence that denies it of something.
    """
    if not NEGATION.search(query.text) or query.speech is not None or not _CHOICE.match(query.text):
        return list(ranked)
    best = ranked[0].hit.reading if ranked else None
    if best is not None and best.relevance >= _SURE_RELEVANCE:
        return list(ranked)
    found = {one.place: one for one in ranked}
    topic = NEGATION.sub(" ", query.text)
    denied = query.text[[match.end() for match in NEGATION.finditer(query.text)][-1] :]
    for hit in hits:
        if hit.reading is None:
            continue
        before = ""
        for start, end in split_passage(hit.passage):
            text = hit.passage.at(start, end)
            context = f"{hit.passage.title} {before}"
            before = text
            if not NEGATION.search(text) or text.endswith("?") or not content_words(topic) & content_words(text):
                continue
            # What is denied, the words behind the negation, counts as much as all of them together.
            covered = (cover_topic(topic, text, context) + cover_topic(denied, text, context)) / 2
            reading = replace(hit.reading, relevance=_SURE_RELEVANCE * covered)
            score = fit_type(query, text) * answer_probability(replace(hit, reading=reading))
            known = found.get((hit.passage.article_id, start))
            if known is None or known.score < score:
                span = known.span if known is not None else (start, end)
                found[hit.passage.article_id, start] = ScoredSentence(hit, start, end, span, score)
    return sort_by_score(found.values())
