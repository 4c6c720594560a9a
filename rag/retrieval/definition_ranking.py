"""Rank the sentences that say what a thing is for questions that ask that: “what is the pelican crossing?” (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.confidence import answer_probability
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, sort_by_score
from rag.text.english import PREPOSITIONS, any_of
from rag.text.sentences import split_passage
from rag.types import Hit

_QUESTION = re.compile(
    r"^\W*(?:define|what(?:['’]s| is| are| was| were)) (?:(?:the|an?) )?"
    rf"(?P<thing>(?!{any_of(PREPOSITIONS)}\b)[\w’'-]+(?: (?!{any_of(PREPOSITIONS)}\b)[\w’'-]+){{0,2}})\W*$",
    re.I,
)
_KIND = r"(?:an?|the|one of|[\w’'-]+['’]s) (?!same\b)"
"""Opens the words for what something is: “a drink”, “the country's money”."""
_BE = r"(?:is|are|was|were|has been|have been)"
_PRONOUN = re.compile(rf"(?:It|They|This|These) {_BE} {_KIND}[^.;]*")
"""Says what that is which the sentence before ends with."""
_SURE_RELEVANCE = 0.5
"""From this relevance on, the reader is left alone; that of a sentence that says what the thing is."""


def rank_definitions(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the sentences that say what a thing is, where a question asks that and the reader is not sure of another.

    Readers look for what a question says beside the thing, and of such a question nothing is left.
    """
    asked = _QUESTION.match(query.text) if query.answer_type.kind == "definition" else None
    best = ranked[0].hit.reading if ranked else None
    if asked is None or (best is not None and best.relevance >= _SURE_RELEVANCE):
        return list(ranked)
    defines = _compile_definition(asked["thing"])
    named_last = re.compile(rf"\b{re.escape(asked['thing'])}s?\W*$", re.I)
    found = {one.place: one for one in ranked}
    for hit in hits:
        if hit.reading is None:
            continue
        before = ""
        for start, end in split_passage(hit.passage):
            text = hit.passage.at(start, end)
            match = defines.search(text) or (_PRONOUN.match(text) if named_last.search(before) else None)
            before = text
            if match is None:
                continue
            score = answer_probability(replace(hit, reading=replace(hit.reading, relevance=_SURE_RELEVANCE)))
            known = found.get((hit.passage.article_id, start))
            if known is None or known.score < score:
                span = (start + match.start(), start + match.end())
                found[hit.passage.article_id, start] = ScoredSentence(hit, start, end, span, score)
    return sort_by_score(found.values())


def _compile_definition(thing: str) -> re.Pattern[str]:
    """Compile what finds a thing with what it is: behind “is” or a comma, in brackets, or before “called”."""
    name = rf"\b{re.escape(thing)}s?"
    return re.compile(
        rf"{name}(?: {_BE} {_KIND}|, (?:which (?:is|was) )?{_KIND}| \((?!\d))[^.;]*"
        rf"|{_KIND}[^.,;]{{2,60}},? (?:called|named|known as) (?:(?:the|an?) )?[“\"]?{name}",
        re.I,
    )
