"""Reports of what was read, indexed and checked."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, and why.

    >>> from rag import Failure
    >>> Failure("scan.pdf", "it holds no text").reason
    'it holds no text'
    """

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakenColumns:
    """Which columns of an export were taken for the fields of its articles, where no name tells which is the text.

    >>> from rag import TakenColumns
    >>> TakenColumns("posts.csv", "text = wording, title = kop").columns
    'text = wording, title = kop'
    """

    source: str
    columns: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync did to the index, counted in articles, the sources it could not read, and those it left out.

    >>> from rag import Changes
    >>> print(Changes(added=2, unchanged=14))
    2 added, 0 updated, 0 removed, 14 unchanged, 0 failed
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[Failure, ...] = ()
    left_out: tuple[Failure, ...] = ()
    columns: tuple[TakenColumns, ...] = ()
    """The exports whose columns were chosen by what they hold."""

    def __str__(self) -> str:
        """Format the counts on one line; that of what was left out only where there is any."""
        counts = ", ".join(f"{getattr(self, name)} {name}" for name in ("added", "updated", "removed", "unchanged"))
        left_out = f", {len(self.left_out)} left out" if self.left_out else ""
        return f"{counts}, {len(self.failed)} failed{left_out}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a stage of work is done: `articles` of `total`, which is None while it is not known, and `passages`.

    >>> from rag import Progress
    >>> done = Progress(stage="indexing", articles=40, total=160, passages=420, seconds=9.5)
    >>> f"{done.articles} of {done.total}"
    '40 of 160'
    """

    stage: Literal["reading", "indexing", "embedding", "checking"]
    articles: int
    total: int | None
    passages: int
    seconds: float
    """Since the stage began."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an index.

    >>> from rag import Finding
    >>> print(Finding("vectors", "a passage is missing", article="bridge.md"))
    vectors: bridge.md: a passage is missing
    """

    part: str
    """Where: catalogue, vectors, words, folder or index."""
    said: str
    """What is wrong and what follows from it, or what to do."""
    article: str = ""
    """The id of the article it is about, or empty."""
    mended: bool = False

    def __str__(self) -> str:
        about = f"{self.part}: {self.article}: " if self.article else f"{self.part}: "
        return f"{'mended: ' if self.mended else ''}{about}{self.said}"
