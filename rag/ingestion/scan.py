"""Scan the sources and compare them with the index: new, changed, unchanged, gone, failed."""

import contextlib
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from rag.errors import NothingRead, SourceError, StoreError
from rag.failures import attempt
from rag.ingestion.removals import Known, decide_removals
from rag.protocols import Engine
from rag.retrieval.intent import day_number
from rag.source_state import Source, SourceStatus, Unchanged
from rag.sources import Fingerprints, Sandbox, explain_taken_id, is_address, load, with_own_id
from rag.sources.files import printable
from rag.sources.web import WebLoader
from rag.storage.atomic_files import os_errors_as
from rag.storage.boilerplate import Boilerplate, BoilerplateCounter
from rag.storage.catalogue import Catalogue
from rag.storage.generation import Generation
from rag.types import Article, Changes, Failure, Progress

T = TypeVar("T")
Report = Callable[[Progress], None]
Sources = str | Path | Sequence[str | Path]

_UNSPOOLED = "what was read cannot be kept in the folder for temporary files (TMPDIR)"


class Spool:
    """Changed articles kept on disk between reading and indexing, so that memory does not grow with their number."""

    def __init__(self) -> None:
        """The file has no name and goes with the process."""
        with os_errors_as(_UNSPOOLED):
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0
        self.finish: Callable[[Article], Article] = _as_it_is
        """What is done to each article on its way out."""
        self.lost: list[tuple[Article, Failure]] = []
        """The articles that could not be taken in, and why."""

    def __len__(self) -> int:
        """How many articles it holds."""
        return self._count

    def append(self, article: Article, root: str) -> None:
        """Puts an article and the source it came from at the end."""
        with os_errors_as(_UNSPOOLED):
            json.dump([asdict(article), root], self._file)
            self._file.write("\n")
        self._count += 1

    def __iter__(self) -> Iterator[tuple[Article, str]]:
        """Every article with its root, from the first."""
        with os_errors_as(_UNSPOOLED):
            self._file.seek(0)
        for line in self._file:
            fields, root = json.loads(line)
            article = Article(**fields)
            finished = attempt(article.origin or article.id, partial(self.finish, article))
            if isinstance(finished, Failure):
                self.lost.append((article, finished))
            else:
                yield finished, root

    def close(self) -> None:
        """Frees the disk they take."""
        # What a full disk has not taken is not wanted any more.
        with contextlib.suppress(OSError):
            self._file.close()


@dataclass
class SourceScan:
    """What the sources hold, compared with what the index holds."""

    known: Known
    adding: bool = False
    """Whether what the sources do not hold stays."""
    counting: BoilerplateCounter = field(default_factory=BoilerplateCounter)
    """What sites repeat, which counts as no part of an article."""
    marks: Fingerprints = field(default_factory=Fingerprints)
    """By what files are known that have not changed."""
    spool: Spool = field(default_factory=Spool)
    seen: dict[str, str] = field(default_factory=dict)
    """Origin of each article that was read, by id."""
    moved: list[tuple[str, str, str]] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    outcomes: dict[str, SourceStatus] = field(default_factory=dict)
    """What came of each source, by its root."""
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def note(self, item: Article | Failure | Unchanged, root: str) -> None:
        """Takes what a loader gave."""
        if isinstance(item, Failure):
            self.failed.append(item)
        elif isinstance(item, Unchanged):
            self._keep(item.place, root)
        elif (failure := attempt(item.origin or item.id, partial(self.take, item, root))) is not None:
            self.failed.append(failure)

    def take(self, article: Article, root: str) -> None:
        """Counts an article, and spools it where it is new or changed; one given twice counts once."""
        if (before := self.seen.get(article.id)) is not None and _same_article(before, article.origin):
            return
        if (holder := self._holder(article)) and (own := with_own_id(article, holder)) is not None:
            return self.take(own, root)
        if (clash := self._clash(article)) is not None:
            self.failed.append(Failure(article.origin or article.id, clash))
            return
        self.seen[article.id] = article.origin
        version, origin, came_from = self.known.get(article.id, ("", "", ""))
        if version == self.counting.take(article).digest:
            self.unchanged += 1
            if (origin, came_from) != (article.origin, root):
                self.moved.append((article.id, article.origin, root))
            return
        self.added += not version
        self.updated += bool(version)
        self.spool.append(article, root)

    def remove(self, *, only_read: bool, forget: bool) -> list[str]:
        """Decide which known articles go, and name as failures the sources that look as if they had vanished."""
        places = [failure.source for failure in self.failed]
        found = decide_removals(self.known, self.seen, places, read=self.outcomes, only_read=only_read, forget=forget)
        self.failed += found.kept
        return found.ids

    def check_against(self, current: Path) -> None:
        """Raise SourceError if a source gives less than half of what it gave to another generation."""
        with closing(Catalogue(current / "catalogue.sqlite")) as catalogue:
            known = catalogue.known()
        places = [failure.source for failure in self.failed]
        found = decide_removals(known, self.seen, places, read=self.outcomes, only_read=True, forget=False)
        if found.kept:
            self.close()
            raise SourceError(f"{found.kept[0].source} {found.kept[0].reason}")

    def changes(self, removed: int) -> Changes:
        """The counts, as the sync reports them; an article that was lost on its way in is none of them."""
        new = [article.id not in self.known for article, _ in self.spool.lost]
        failed = (*self.failed, *(failure for _, failure in self.spool.lost))
        return Changes(self.added - sum(new), self.updated - new.count(False), removed, self.unchanged, failed)

    def without_lost(self, learnt: Mapping[str, T]) -> dict[str, T]:
        """Leave out places of which an article was lost, so that they are read again next time."""
        lost = {article.origin for article, _ in self.spool.lost}
        return {place: one for place, one in learnt.items() if place not in lost}

    def close(self) -> None:
        """Frees the disk the articles take."""
        self.spool.close()

    def _keep(self, place: str, root: str) -> None:
        """Counts the articles of a place as seen, but for those that were read anew."""
        for id in self._places.get(place, ()):
            _, origin, came_from = self.known[id]
            if (before := self.seen.get(id)) is None:
                self.seen[id] = origin
                self.unchanged += 1
                if came_from != root and not is_address(origin):
                    self.moved.append((id, origin, root))
            elif not _same_article(before, origin):
                self.failed.append(Failure(origin, explain_taken_id(id, before)))

    @cached_property
    def _places(self) -> Mapping[str, Sequence[str]]:
        """The known articles by their origin and by their root."""
        places = defaultdict[str, list[str]](list)
        for id, (_, origin, root) in self.known.items():
            for place in {origin, root}:
                places[place].append(id)
        return places

    def _holder(self, article: Article) -> str:
        """The origin of the article that has this id by now, or had it before; empty where there is none."""
        if (origin := self.seen.get(article.id)) is not None:
            return origin
        origin = self.known[article.id][1] if article.id in self.known else ""
        return origin if origin != article.origin and os.path.isfile(origin) else ""

    def _clash(self, article: Article) -> str | None:
        """Why an article may not take its id: another one, of another place, has it."""
        holder = self.seen.get(article.id)
        if holder is None and self.adding and article.id in self.known:
            origin = self.known[article.id][1]
            holder = origin if origin != article.origin and os.path.isfile(origin) else None
        if holder is None:
            return None
        return explain_taken_id(article.id, holder)


def scan(
    sources: Sequence[Source], known: Known, adding: bool, limit_mb: float, web: WebLoader, apart: Sandbox,
    report: Report | None, counting: BoilerplateCounter | None = None, engine: Engine | None = None,
    marks: Fingerprints | None = None,
    *, own: Path | None = None, forget: bool = False,
) -> SourceScan:  # fmt: skip
    """Reads all the sources, large folders with the engine; what is in the folder `own` is never an article.

    NothingRead when there is not one article in them, unless all that there was is meant to go with `forget`.
    """
    with contextlib.ExitStack() as on_failure:
        counter, started = counting or BoilerplateCounter(), time.monotonic()
        found = SourceScan(known, adding, counter, marks=marks or Fingerprints())
        on_failure.callback(found.close)
        for source in sources:
            before = len(found.seen), len(found.failed)
            root = root_of(source.name)
            for item in load([source], limit_mb, web, apart, engine, found.marks, own=own):
                found.note(item, root)
                if report is not None:
                    report(Progress("reading", len(found.seen), None, 0, time.monotonic() - started))
            failed = found.failed[before[1] :]
            reason = f"{failed[0].source}: {failed[0].reason}" if failed else ""
            outcome = SourceStatus(len(found.seen) - before[0], len(failed), reason, time.time())
            found.outcomes[root] = outcome
        if not found.seen and (found.failed or not forget):
            reasons = tuple((failure.source, failure.reason) for failure in found.failed)
            raise NothingRead(_nothing(sources, found.failed), reasons)
        on_failure.pop_all()
    return found


def _as_it_is(article: Article) -> Article:
    return article


def root_of(source: str) -> str:
    """A source as it is remembered: an absolute path whose links are followed at each sync, or as given."""
    return source if source == "-" or is_address(source) else os.path.abspath(source)


def _same_article(origin: str, other: str) -> bool:
    """Whether two origins of one id are no clash: the same place, or two addresses of one page."""
    return origin == other or (is_address(origin) and is_address(other))


def _nothing(sources: Sequence[Source], failed: Sequence[Failure]) -> str:
    if len(failed) == 1:
        return f"{failed[0].source}: {failed[0].reason}; the index is as it was"
    why = "; ".join(f"{failure.source}: {failure.reason}" for failure in failed)
    named = ", ".join(source.name for source in sources) or "nothing"
    return f"no article could be read from {named}; the index is as it was{': ' if why else ''}{why}"


def as_sources(sources: Sources, since: str, limit: int) -> list[Source]:
    """The sources as the index remembers them; FilterError for a bad day, SourceError for a name that is no text."""
    day_number(since)
    named = [sources] if isinstance(sources, str | Path) else sources
    for name in named:
        _refuse_unstorable(str(name))
    return [Source(str(name), since, limit) for name in named]


def _refuse_unstorable(name: str) -> None:
    """Raise SourceError for a name with bytes that are no text, since an index remembers its sources as text."""
    try:
        root_of(name).encode()
    except UnicodeEncodeError:
        raise SourceError(
            f"{printable(name)}: its path is no text in this locale, and cannot be remembered; "
            "set LC_ALL=C.UTF-8, or move it to a path of plain letters"
        ) from None


def rereadable(sources: list[Source]) -> list[Source]:
    """The sources that can be read again."""
    return [replace(source, name=root_of(source.name)) for source in sources if source.name != "-"]


def copy_articles(current: Path, fresh: Generation, *, readable_only: bool) -> SourceScan:
    """The articles of a generation, from the text it keeps; the new one remembers what it remembered."""
    found = SourceScan({})
    with closing(Catalogue(current / "catalogue.sqlite")) as catalogue:
        for id, _, root, _, article in catalogue.stored():
            if article is None and not readable_only:
                raise StoreError(f"the row of {id!r} in the catalogue cannot be read; mend it with: rag check --repair")
            if article is not None:
                found.spool.append(article, root)
                found.added += 1
        fresh.repeated.restore(Boilerplate(catalogue.database).copied())
        fresh.catalogue.remember(catalogue.sources(), replace=True)
        fresh.catalogue.learn(catalogue.outcomes(), catalogue.visits(), {})
    return found
