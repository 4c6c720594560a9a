"""Translate filters for the stores, and find the time to which a question limits a search (temporal filters)."""

from dataclasses import replace

from rag.errors import FilterError
from rag.retrieval.query import Query
from rag.storage.generation import Generation
from rag.storage.records import Scope
from rag.text.dates import parse_day_number
from rag.text.time_expressions import Period
from rag.types import Filters


def resolve_filters(filters: Filters, generation: Generation) -> Scope:
    """Resolve filters into exact publishers and day numbers; FilterError for an unknown publisher or a bad day."""
    publishers: tuple[str, ...] = ()
    if wanted := filters.publisher.strip().casefold():
        names = generation.catalogue.publishers()
        exact = [name for name in names if name.casefold() == wanted]
        publishers = tuple(exact or [name for name in names if wanted in name.casefold()])
        if not publishers:
            known = ", ".join(names[:8]) or "none is named"
            raise FilterError(f"no article is from {filters.publisher!r}; publishers: {known}")
    scope = Scope(publishers, parse_day_number(filters.since), parse_day_number(filters.until))
    parse_day_number(filters.as_of)
    return scope


def publication_period(query: Query, filters: Filters) -> Period | None:
    """Return the period in which a question says that articles were published.

    None where it names no such period or several, or where the filters limit the days already: what they say goes
    first.
    """
    published = [period for period in query.periods if period.published]
    return published[0] if len(published) == 1 and not (filters.since or filters.until) else None


def narrow_filters(filters: Filters, period: Period | None) -> Filters:
    """Narrow filters to a period of publication; return them as they are for None."""
    return filters if period is None else replace(filters, since=period.first, until=period.last)


def describe_periods(query: Query, limit: Period | None, *, is_widened: bool = False) -> str:
    """Describe, for a trace, the period to which the search was limited, or else those that a question names.

    `limit` is the first of these; where there is one, the others are left out. `is_widened` says whether articles of
    all times were searched after it. Empty where there is no period.
    """
    if limit is None:
        return "; ".join(f"{period}, favoured" for period in query.periods)
    return f"{limit}, where nothing answers" if is_widened else f"{limit}, only articles of then"
