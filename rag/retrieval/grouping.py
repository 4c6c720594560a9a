"""Collapse hits whose articles are near-duplicates."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from rag.storage.duplicates import NearDuplicates
from rag.storage.records import Scope
from rag.text.dates import parse_day_number
from rag.types import Article, Hit, Passage

_MAX_COPIES = 20
"""Copies that are named of one article."""


def collapse_duplicates(hits: Sequence[Hit], copies: NearDuplicates, scope: Scope) -> list[Hit]:
    """Collapse hits whose articles are near-duplicates: the article found first answers, the others are its `copies`.

    What only another copy says stays a hit of that copy.
    """
    groups = copies.groups(hit.passage.article_id for hit in hits)
    families = {
        number: {member.id: _is_in_scope(member.publisher, member.date, scope) for member in copies.members(number)}
        for number in dict.fromkeys(groups.family.values())
    }
    first_found = dict[int, Article]()
    collapsed = list[Hit]()
    for hit in hits:
        id = hit.passage.article_id
        family = groups.family.get(id)
        members = {} if family is None else families[family]
        first = (first_found.get(family) or copies.article(id)) if family is not None and id in members else None
        if family is None or first is None:  # of no family, or taken out meanwhile
            collapsed.append(hit)
            continue
        first_found[family] = first
        others = [member for member, is_in_scope in members.items() if is_in_scope]
        hit = _add_copies(_move_to_article(hit, first), others, copies)
        if not any(_covers(other.passage, hit.passage) for other in collapsed):
            collapsed.append(hit)
    return collapsed


def _move_to_article(hit: Hit, first: Article) -> Hit:
    """Move a hit to the same passage of the article that was found first, where that has it."""
    if hit.passage.article_id == first.id:
        return hit
    own = next((copy for copy in hit.copies if copy.article_id == first.id), None)
    if own is None and (start := first.text.find(hit.passage.text)) >= 0:
        own = first.passage(start, start + len(hit.passage.text))
    if own is None:
        return hit
    others = tuple(copy for copy in hit.copies if copy.article_id != first.id)
    return replace(hit, passage=own, copies=(hit.passage, *others))


def _add_copies(hit: Hit, members: Iterable[str], copies: NearDuplicates) -> Hit:
    """Add the copies that were not found themselves to a hit, each by its first paragraph."""
    known = {passage.article_id for passage in (hit.passage, *hit.copies)}
    more = islice((id for id in members if id not in known), max(_MAX_COPIES - len(hit.copies), 0))
    leads = [_lead(article) for id in more if (article := copies.article(id)) is not None]
    return replace(hit, copies=(*hit.copies, *leads)[:_MAX_COPIES]) if leads else hit


def _lead(article: Article) -> Passage:
    end = article.text.find("\n\n")
    return article.passage(0, end if end > 0 else len(article.text))


def _is_in_scope(publisher: str, date: str, scope: Scope) -> bool:
    """Whether the filters let an article of this publisher and day through."""
    day = parse_day_number(date)
    dated = not (scope.since or scope.until) or (day and scope.since <= day <= (scope.until or day))
    return bool(dated) and (not scope.publishers or publisher in scope.publishers)


def _covers(one: Passage, other: Passage) -> bool:
    """Whether two passages are of one article and the other lies within the one."""
    return one.article_id == other.article_id and one.start <= other.start and other.end <= one.end
