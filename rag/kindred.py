"""Hits of articles that are copies of each other, told by one of them, with where else they stand."""

from collections.abc import Sequence
from dataclasses import replace

from rag.asked import day_number
from rag.copies import Copies
from rag.generation import cut
from rag.types import Article, Hit, Passage, Scope

_MOST = 20
"""Copies that are named of one article."""


def one_a_family(hits: Sequence[Hit], copies: Copies, scope: Scope) -> list[Hit]:
    """The hits, those of one family told by the article that was found first; the others are named as copies.

    What only another copy says stays a hit of that copy.
    """
    kin = copies.kin(hit.passage.article_id for hit in hits)
    families = {number: copies.members(number) for number in dict.fromkeys(kin.family.values())}
    told, found = dict[int, Article](), list[Hit]()
    for hit in hits:
        family = kin.family.get(hit.passage.article_id)
        members = {article.id: article for article in families.get(family, ())} if family is not None else {}
        if family is None or hit.passage.article_id not in members:  # of no family, or taken out meanwhile
            found.append(hit)
            continue
        first = told.setdefault(family, members[hit.passage.article_id])
        hit = _named(_told_by(first, hit), [one for one in members.values() if _within(one, scope)])
        if not any(_covers(other.passage, hit.passage) for other in found):
            found.append(hit)
    return found


def _told_by(first: Article, hit: Hit) -> Hit:
    """The hit with the passage of the first article, where that has it."""
    if hit.passage.article_id == first.id:
        return hit
    own = next((copy for copy in hit.copies if copy.article_id == first.id), None)
    if own is None and (start := first.text.find(hit.passage.text)) >= 0:
        own = cut(first, start, start + len(hit.passage.text))
    if own is None:
        return hit
    others = tuple(copy for copy in hit.copies if copy.article_id != first.id)
    return replace(hit, passage=own, copies=(hit.passage, *others))


def _named(hit: Hit, members: Sequence[Article]) -> Hit:
    """The hit with the copies that were not found themselves, each by its first paragraph."""
    known = {passage.article_id for passage in (hit.passage, *hit.copies)}
    more = [_lead(article) for article in members if article.id not in known]
    return replace(hit, copies=(*hit.copies, *more)[:_MOST]) if more else hit


def _lead(article: Article) -> Passage:
    end = article.text.find("\n\n")
    return cut(article, 0, end if end > 0 else len(article.text))


def _within(article: Article, scope: Scope) -> bool:
    """Whether the filters let an article through."""
    day = day_number(article.date)
    dated = not (scope.since or scope.until) or (day and scope.since <= day <= (scope.until or day))
    return bool(dated) and (not scope.publishers or article.source in scope.publishers)


def _covers(one: Passage, other: Passage) -> bool:
    """Whether two passages are of one article and the other lies within the one."""
    return one.article_id == other.article_id and one.start <= other.start and other.end <= one.end
