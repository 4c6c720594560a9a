"""Records of the stores: versions of articles, the passages they find, and the scope of a search."""

from dataclasses import dataclass
from typing import NamedTuple

LAST_DAY = 99_991_231
"""The last day there is, as the number that the stores keep."""


class ArticleVersion(NamedTuple):
    """An article in one version of its text."""

    article_id: str
    version: str
    """The digest of the article."""


class StoredPassage(NamedTuple):
    """A passage as the stores know it: its offsets in one version of an article, without the text."""

    article_id: str
    version: str
    """The digest of the article."""
    start: int
    end: int

    @property
    def id(self) -> str:
        """A key that no other passage has: the whole version is in it, where `Passage.id` has 12 digits of it."""
        return f"{self.article_id}@{self.version}:{self.start}-{self.end}"

    @property
    def article_version(self) -> ArticleVersion:
        """The version of the article that the passage was cut from."""
        return ArticleVersion(self.article_id, self.version)


class ScoredPassage(NamedTuple):
    """A passage that a store has found, and how well it fits: higher is better."""

    passage: StoredPassage
    score: float


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters in the stores' terms: publishers by their exact names, days as YYYYMMDD, 0 for none."""

    publishers: tuple[str, ...] = ()
    since: int = 0
    until: int = 0

    def holds(self, publisher: str, day: int) -> bool:
        """Whether an article of a publisher and a day is in the scope; one without a day is in no range of days."""
        is_timely = not (self.since or self.until) or max(self.since, 1) <= day <= (self.until or LAST_DAY)
        return is_timely and (not self.publishers or publisher in self.publishers)


def to_day_number(date: str) -> int:
    """Turn a day of an article, YYYY-MM-DD or empty, into the number that the stores keep; 0 for none."""
    return int(date.replace("-", "") or 0)
