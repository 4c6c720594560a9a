"""Rank the sentences that say what or who something is for questions that ask just that (pure)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, is_reader_sure, raise_sentences, score_by_rule, sort_by_score
from rag.text.english import PREPOSITIONS, any_of
from rag.text.sentences import split_passage
from rag.types import Hit

_QUESTION = re.compile(
    r"^\W*(?:define|what(?:['’]s| is| are| was| were)) (?:(?:the|an?) )?"
    rf"(?P<thing>(?!{any_of(PREPOSITIONS)}\b)[\w’'-]+(?: (?!{any_of(PREPOSITIONS)}\b)[\w’'-]+){{0,2}})\W*$",
    re.I,
)
_WHO = re.compile(r"^\W*who(?:['’]s| is| was) (?P<name>[\w’'.-]+(?: [\w’'.-]+){1,3}?)\W*$", re.I)
_NAMED_SCORE = 0.45
"""The score, at least, of a sentence with the whole name of the person on whom a question is."""
_KIND = r"(?:an?|the|one of|[\w’'-]+['’]s) (?!same\b)"
"""Opens the words for what something is: “a drink”, “the country's money”."""
_BE = r"(?:is|are|was|were|has been|have been)"
_PRONOUN = re.compile(rf"(?:It|They|This|These) {_BE} {_KIND}[^.;]*")
"""Says what that is which the sentence before ends with."""


def rank_definitions(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the sentences that say what a thing is, where a question asks that and the reader is not sure of another.

    Readers look for what a question says beside the thing, and of such a question nothing is left.
    """
    person = _WHO.match(query.text) if query.answer_type.kind == "person" else None
    if person is not None:
        return _raise_named(person["name"], hits, ranked)
    asked = _QUESTION.match(query.text) if query.answer_type.kind == "definition" else None
    if asked is None or is_reader_sure(ranked):
        return list(ranked)
    read = (hit for hit in hits if hit.reading is not None)
    return raise_sentences(ranked, (one for hit in read for one in _find_definitions(asked["thing"], hit)))


def _raise_named(name: str, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the sentences with the whole name of a person, which tell who that is, though the reader may not know it.

    The first one of an article, which introduces the person, is found where the reader took none.
    """
    words = rf"\b{re.escape(name)}\b"
    named = re.compile(words, re.I)

    def is_named(text: str) -> bool:
        match = named.search(text)
        return match is not None and all(word[0].isupper() for word in match[0].split())

    own = [one for one in ranked if is_named(one.text)]
    if not own:
        own = list(_find_first_named(is_named, hits))
    raised = [replace(one, score=max(one.score, _NAMED_SCORE)) for one in own]
    places = {one.place for one in raised}
    return sort_by_score([*raised, *(one for one in ranked if one.place not in places)])


def _find_first_named(is_named: Callable[[str], bool], hits: Sequence[Hit]) -> Iterator[ScoredSentence]:
    for hit in hits:
        if hit.reading is None:
            continue
        for start, end in split_passage(hit.passage):
            if is_named(hit.passage.at(start, end)):
                yield ScoredSentence(hit, start, end, (start, end), score_by_rule(hit))
                return


def _find_definitions(thing: str, hit: Hit) -> Iterator[ScoredSentence]:
    defines = _compile_definition(thing)
    named_last = re.compile(rf"\b{re.escape(thing)}s?\W*$", re.I)
    before = ""
    for start, end in split_passage(hit.passage):
        text = hit.passage.at(start, end)
        match = defines.search(text) or (_PRONOUN.match(text) if named_last.search(before) else None)
        before = text
        if match is not None:
            yield ScoredSentence(hit, start, end, (start + match.start(), start + match.end()), score_by_rule(hit))


def _compile_definition(thing: str) -> re.Pattern[str]:
    """Compile what finds a thing with what it is: behind “is” or a comma, in brackets, or before “called”."""
    name = rf"\b{re.escape(thing)}s?"
    return re.compile(
        rf"{name}(?: {_BE} {_KIND}|, (?:which (?:is|was) )?{_KIND}| \((?!\d))[^.;]*"
        rf"|{_KIND}[^.,;]{{2,60}},? (?:called|named|known as) (?:(?:the|an?) )?[“\"]?{name}",
        re.I,
    )
