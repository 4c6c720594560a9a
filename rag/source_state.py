"""What an index remembers of its sources: fingerprints, visits and the status of each."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file or page that has not changed, or a list whose earlier articles stay although it may not name them now."""

    place: str
    """The path or address, as the origin of an article or as a source names it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from, as an index remembers it."""

    name: str
    """A file, a folder, a web address, or `-`."""
    since: str = ""
    """Of a feed or list, only what it dates from this day on, YYYY-MM-DD."""
    limit: int = 0
    """Of a feed or list, only so many of the newest; 0 for what the settings allow."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The validators of a web address from when it was last read, to ask it only for what has changed."""

    etag: str = ""
    modified: str = ""
    """Its Last-Modified header, word for word."""
    digest: str = ""
    """A digest of what a list said of it, where the list tells when a page was changed."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprint of a file when it was last read, by which it is known to be unchanged."""

    digest: str = ""
    """Of what it holds, and of all else that decides what its articles are."""
    articles: int = 0
    """How many it gave."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What came of reading a source: how many articles and failures, and the first failure."""

    read: int = 0
    failed: int = 0
    reason: str = ""
    at: float = 0.0
    """Seconds since 1970; 0 for never."""


class RememberedSource(NamedTuple):
    """A source that a sync refreshes."""

    source: Source
    articles: int
    """How many articles of the index came from it."""
    status: SourceStatus
    """What came of it when it was last read."""
