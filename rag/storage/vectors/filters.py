"""Translate filters into Chroma's terms."""

from collections.abc import Mapping
from datetime import date, timedelta

from rag.storage.records import LAST_DAY, Scope, to_day_number
from rag.types import Passage

Metadata = Mapping[str, object]
"""The fields beside a vector."""

_MAX_LISTED_DAYS = 366


def to_metadata(passage: Passage) -> dict[str, str | int]:
    """Return the metadata that are stored beside the vector of a passage."""
    return {
        "article": passage.article_id,
        "version": passage.version,
        "start": passage.start,
        "end": passage.end,
        "publisher": passage.source,
        "day": to_day_number(passage.date),
    }


def is_in_scope(scope: Scope, metadata: Metadata) -> bool:
    """Whether a passage is in the scope."""
    return scope.holds(str(metadata["publisher"]), int(str(metadata["day"])))


def to_where(scope: Scope) -> dict[str, object]:
    """Translate a scope into Chroma's `where`; an empty scope gives `{"$and": []}`."""
    clauses: list[dict[str, object]] = []
    if scope.publishers:
        clauses.append({"publisher": {"$in": list(scope.publishers)}})
    days = _list_days(scope)
    if days:
        clauses.append({"day": {"$in": days}})
    elif scope.since or scope.until:
        clauses += [{"day": {"$gte": max(scope.since, 1)}}, {"day": {"$lte": scope.until or LAST_DAY}}]
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}


def _list_days(scope: Scope) -> list[int]:
    """List every day of a scope, since Chroma finds given values several times faster than a range.

    Empty for a range that is open at either end, has no days in it, or has more than 366.
    """
    try:
        first, last = (date.fromisoformat(str(day)) for day in (scope.since, scope.until))
    except ValueError:
        return []
    count = (last - first).days + 1
    if not 0 < count <= _MAX_LISTED_DAYS:
        return []
    return [int((first + timedelta(number)).strftime("%Y%m%d")) for number in range(count)]
