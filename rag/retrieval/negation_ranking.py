"""Rank negative sentences for questions that are negative themselves: “which bridge was not hit?” (pure)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import (
    ScoredSentence,
    fit_type,
    is_reader_sure,
    raise_sentences,
    score_by_rule,
)
from rag.text.english import NEGATION
from rag.text.sentences import split_passage
from rag.text.speakers import cover_topic
from rag.types import Hit

_CHOICE = re.compile(r"\W*(?:\w+ )?(?:which|who|whose)\b", re.I)
"""Asks which of several it is: a question for a reason or an amount wants other sentences than negative ones."""

_PAYS = re.compile(r"\b(?:pay|pays|paid|charged)\b", re.I)
_FREE = re.compile(r"\b(?:for free|free(?: of charge)?|for nothing)(?=\W*$|[,;.]| (?:on|in|at|to|if|with)\b)", re.I)
"""Says of somebody that they do not pay."""


def rank_negations(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the negative sentences that share words with a negative question, where the reader is not sure of another.

    Readers look for what the question names, and seldom mark a sentence that denies it of something.
    """
    if not NEGATION.search(query.text) or query.speech is not None or not _CHOICE.match(query.text):
        return list(ranked)
    if is_reader_sure(ranked):
        return list(ranked)
    spans = {one.place: one.span for one in ranked}
    read = (hit for hit in hits if hit.reading is not None)
    return raise_sentences(ranked, (one for hit in read for one in _find_negations(query, hit, spans)))


def _find_negations(
    query: Query, hit: Hit, spans: Mapping[tuple[str, int], tuple[int, int]]
) -> Iterator[ScoredSentence]:
    topic = NEGATION.sub(" ", query.text)
    denied = query.text[[match.end() for match in NEGATION.finditer(query.text)][-1] :]
    before = ["", ""]
    for start, end in split_passage(hit.passage):
        text = hit.passage.at(start, end)
        context = " ".join([hit.passage.title, *before])
        before = [before[-1], text]
        if _PAYS.search(topic):
            text = _FREE.sub("need not pay", text)
        if not NEGATION.search(text) or text.endswith("?") or not cover_topic(topic, text, ""):
            continue
        # What is denied, the words behind the negation, counts as much as all of them together.
        covered = (cover_topic(topic, text, context) + cover_topic(denied, text, context)) / 2
        span = spans.get((hit.passage.article_id, start), (start, end))
        yield ScoredSentence(hit, start, end, span, fit_type(query, text) * score_by_rule(hit, covered))
