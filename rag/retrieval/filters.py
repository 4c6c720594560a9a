"""Translate filters for the stores, and find the publisher and the time to which a question limits a search."""

from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class SearchLimit:
    """Which articles a question says that it means: those of a publisher, of a time, or both."""

    publisher: str = ""
    """The publisher by its whole name."""
    period: Period | None = None
    """The time of publication."""

    @property
    def is_set(self) -> bool:
        """Whether it leaves out any article."""
        return bool(self.publisher or self.period)

    def __str__(self) -> str:
        """Say which articles they are: “of Harbor Review”, “of that time (“May 2024”: …)”."""
        time = f"of that time ({self.period})" if self.period else ""
        return " ".join(filter(None, [f"of {self.publisher}" if self.publisher else "", time]))


def find_limit(query: Query, filters: Filters) -> SearchLimit:
    """Find the limit that a question sets, where the filters set none of the kind: what they say goes first.

    A period is one in which the question says that articles were published; one that names several such sets none.
    """
    published = [period for period in query.periods if period.published]
    is_dated = bool(filters.since or filters.until)
    return SearchLimit(
        publisher="" if filters.publisher else query.attributed_to,
        period=published[0] if len(published) == 1 and not is_dated else None,
    )


def narrow_filters(filters: Filters, limit: SearchLimit) -> Filters:
    """Narrow filters to a limit; return them as they are where none is set."""
    if limit.publisher:
        filters = replace(filters, publisher=limit.publisher)
    return replace(filters, since=limit.period.first, until=limit.period.last) if limit.period else filters


def describe_limit(query: Query, limit: SearchLimit, *, is_widened: bool = False) -> str:
    """Describe, for a trace, to what the search was limited, and else which periods a question names.

    `is_widened` says whether all articles were searched after those within the limit. Empty where there is nothing.
    """
    periods = [f"{period}, favoured" for period in query.periods]
    if limit.period:
        periods = [f"{limit.period}, where nothing answers" if is_widened else f"{limit.period}, only articles of then"]
    if limit.publisher:
        only = "where nothing answers" if is_widened else "only its articles"
        return "; ".join([f"{limit.publisher}, {only}", *periods])
    return "; ".join(periods)
