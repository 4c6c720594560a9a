"""Choose the sentences that list what is asked for: one enumeration, or those that name a thing each (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.text.english import ADDITIVE, MODALS, QUESTION_VERBS, any_of
from rag.text.inflection import is_past
from rag.text.sentences import split_passage

_MIN_SHARE = 0.5
"""Beside an enumeration, a sentence is given when its score is at least this share of the best one's."""
_MIN_SHARE_OF_MORE = 0.05
"""The share for a sentence that says itself that it goes on with a list (“also”)."""
_ENUMERATION = re.compile(r"[\w.’'-]+(?: [\w.’'-]+){0,4}(?:, [\w.’'-]+(?: [\w.’'-]+){0,4})+,? (?:and|or|as well as) \w")
"""“A hangar, a long jetty and two cranes”."""
_NAMED_PAIR = re.compile(r"\b[A-Z][\w’'-]+ and (?:the )?[A-Z][\w’'-]+")
_DENIED = re.compile(rf"\b{any_of([*QUESTION_VERBS, *MODALS])} (?:not|never)\b|n['’]t\b", re.I)
"""Says of what is named that something is not so."""
_PASSIVE = re.compile(
    r"^\W*(?:what|who|which)(?: else)? (?:was|were|is|are|has been|have been) (?P<verb>[a-z]+)\b", re.I
)


def wants_several(query: Query) -> bool:
    """Whether a question may want several things: a list, or what or who something was done to.

    >>> from rag.retrieval.query import parse_query
    >>> wants_several(parse_query("What was stolen?")), wants_several(parse_query("Who won?"))
    (True, False)
    """
    passive = _PASSIVE.match(query.text)
    return query.answer_type.kind == "list" or (passive is not None and is_past(passive["verb"].casefold()))


def choose_listed(query: Query, ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Choose those of the ranked sentences that may stand in a list, the best first.

    One that says of what it names that it is not so does not. An enumeration that is about as sure as the best one goes
    before all, and leaves out what is much less sure.
    """
    able = [one for one in ranked if _DENIED.search(query.text) or not _DENIED.search(one.text)] or list(ranked)
    if not able:
        return []
    best = able[0]
    least = _MIN_SHARE * best.score
    listing = next((one for one in able if one.score >= least and _is_enumeration(one)), None)
    if listing is None:
        return able
    others = [one for one in able if one is not listing and one.score >= least]
    return [replace(listing, score=best.score), *others]


def find_continuations(chosen: Sequence[ScoredSentence], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Find the sentences that belong to the best chosen one: that it goes on from, that go on from it, or say “also”.

    A ranked one that says “also” is looked for in all articles that give the same answer.
    """
    best = chosen[0]
    places = list(split_passage(best.passage))
    number = next((number for number, place in enumerate(places) if place[0] == best.start), 0)
    found = []
    if ADDITIVE.search(best.text) and number:
        found.append(_at(best, places[number - 1]))
    if number + 1 < len(places) and ADDITIVE.search((after := _at(best, places[number + 1])).text):
        found.append(after)
    articles = {one.passage.article_id for one in ranked if one.answer_words == best.answer_words}
    found += [
        one
        for one in ranked
        if one.passage.article_id in articles
        and one.score >= _MIN_SHARE_OF_MORE * ranked[0].score
        and ADDITIVE.search(one.text)
    ]
    known = {one.place for one in chosen}
    found = [one for one in found if one.place not in known and not one.text.endswith("?")]
    return list({one.place: one for one in found}.values())


def sort_by_text(chosen: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Sort sentences article by article, the first one's first, each in the order of its text."""
    articles = list(dict.fromkeys(one.passage.article_id for one in chosen))
    return sorted(chosen, key=lambda one: (articles.index(one.passage.article_id), one.start))


def _is_enumeration(sentence: ScoredSentence) -> bool:
    return bool(_ENUMERATION.search(sentence.text) or _NAMED_PAIR.search(sentence.text))


def _at(sentence: ScoredSentence, place: tuple[int, int]) -> ScoredSentence:
    """Return another sentence of the same passage, in which nothing is marked."""
    return replace(sentence, start=place[0], end=place[1], span=(place[0], place[0]))
