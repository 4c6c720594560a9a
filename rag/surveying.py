"""What the sources hold now, compared with what the index holds: new, changed, unchanged, gone, failed."""

import contextlib
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from rag.durable import told
from rag.errors import NothingRead
from rag.ports import Engine
from rag.remembered import Kept, Outcome, Source
from rag.repeating import Counting
from rag.sources import Apart, Marks, is_address, loaded, taken
from rag.sources.online import Online
from rag.types import Article, Changes, Failure, Progress

Report = Callable[[Progress], None]
Known = Mapping[str, tuple[str, str, str]]
"""Version, origin and root of each article that is in the index, by id."""

_UNSPOOLED = "what was read cannot be kept in the folder for temporary files (TMPDIR)"


class Spool:
    """Changed articles kept on disk between reading and indexing, so that memory does not grow with their number."""

    def __init__(self) -> None:
        """The file has no name and goes with the process."""
        with told(_UNSPOOLED):
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0
        self.finish: Callable[[Article], Article] = _as_it_is
        """What is done to each article on its way out."""

    def __len__(self) -> int:
        """How many articles it holds."""
        return self._count

    def append(self, article: Article, root: str) -> None:
        """Puts an article and the source it came from at the end."""
        with told(_UNSPOOLED):
            json.dump([asdict(article), root], self._file)
            self._file.write("\n")
        self._count += 1

    def __iter__(self) -> Iterator[tuple[Article, str]]:
        """Every article with its root, from the first."""
        with told(_UNSPOOLED):
            self._file.seek(0)
        for line in self._file:
            fields, root = json.loads(line)
            yield self.finish(Article(**fields)), root

    def close(self) -> None:
        """Frees the disk they take."""
        # What a full disk has not taken is not wanted any more.
        with contextlib.suppress(OSError):
            self._file.close()


@dataclass
class Survey:
    """What the sources hold, compared with what the index holds."""

    known: Known
    adding: bool = False
    """Whether what the sources do not hold stays."""
    counting: Counting = field(default_factory=Counting)
    """What sites repeat, which counts as no part of an article."""
    marks: Marks = field(default_factory=Marks)
    """By what files are known that have not changed."""
    spool: Spool = field(default_factory=Spool)
    seen: dict[str, str] = field(default_factory=dict)
    """Origin of each article that was read, by id."""
    moved: list[tuple[str, str, str]] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """What came of each source, by its root."""
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def note(self, item: Article | Failure | Kept, root: str) -> None:
        """Takes what a loader gave."""
        if isinstance(item, Failure):
            self.failed.append(item)
        elif isinstance(item, Kept):
            self._keep(item.place, root)
        else:
            self.take(item, root)

    def take(self, article: Article, root: str) -> None:
        """Counts an article, and spools it where it is new or changed; one given twice counts once."""
        if (before := self.seen.get(article.id)) is not None and _same_article(before, article.origin):
            return
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

    def gone(self, roots: Sequence[str] | None) -> list[str]:
        """Known articles that were not read; of these roots only, where given. What failed to be read is kept."""
        failed = [failure.source for failure in self.failed]
        return [
            id
            for id, (_, origin, root) in self.known.items()
            if id not in self.seen
            and (roots is None or root in roots)
            and not any(name == root or _covers(name, origin) for name in failed)
        ]

    def changes(self, removed: int) -> Changes:
        """The counts, as the sync reports them."""
        return Changes(self.added, self.updated, removed, self.unchanged, tuple(self.failed))

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
                self.failed.append(Failure(origin, taken(id, before)))

    @cached_property
    def _places(self) -> Mapping[str, Sequence[str]]:
        """The known articles by their origin and by their root."""
        places = defaultdict[str, list[str]](list)
        for id, (_, origin, root) in self.known.items():
            for place in {origin, root}:
                places[place].append(id)
        return places

    def _clash(self, article: Article) -> str | None:
        """Why an article may not take its id: another one, of another place, has it."""
        holder = self.seen.get(article.id)
        if holder is None and self.adding and article.id in self.known:
            origin = self.known[article.id][1]
            holder = origin if origin != article.origin and Path(origin).is_file() else None
        if holder is None:
            return None
        return taken(article.id, holder)


def survey(
    sources: Sequence[Source], known: Known, adding: bool, limit_mb: float, web: Online, apart: Apart,
    report: Report | None, counting: Counting | None = None, engine: Engine | None = None, marks: Marks | None = None,
) -> Survey:  # fmt: skip
    """Reads all the sources, large folders with the engine; NothingRead when there is not one article in them."""
    with contextlib.ExitStack() as on_failure:
        found, started = Survey(known, adding, counting or Counting(), marks=marks or Marks()), time.monotonic()
        on_failure.callback(found.close)
        for source in sources:
            before = len(found.seen), len(found.failed)
            root = root_of(source.name)
            for item in loaded([source], limit_mb, web, apart, engine, found.marks):
                found.note(item, root)
                if report is not None:
                    report(Progress("reading", len(found.seen), None, 0, time.monotonic() - started))
            failed = found.failed[before[1] :]
            reason = f"{failed[0].source}: {failed[0].reason}" if failed else ""
            outcome = Outcome(len(found.seen) - before[0], len(failed), reason, time.time())
            found.outcomes[root] = outcome
        if not found.seen:
            reasons = tuple((failure.source, failure.reason) for failure in found.failed)
            raise NothingRead(_nothing(sources, found.failed), reasons)
        on_failure.pop_all()
    return found


def _as_it_is(article: Article) -> Article:
    return article


def root_of(source: str) -> str:
    """A source as it is remembered: an absolute path, or as given where it is no path."""
    return source if source == "-" or is_address(source) else str(Path(source).resolve())


def _same_article(origin: str, other: str) -> bool:
    """Whether two origins of one id are no clash: the same place, or two addresses of one page."""
    return origin == other or (is_address(origin) and is_address(other))


def _nothing(sources: Sequence[Source], failed: Sequence[Failure]) -> str:
    if len(failed) == 1:
        return f"{failed[0].source}: {failed[0].reason}; the index is as it was"
    why = "".join(f"\n  {failure.source}: {failure.reason}" for failure in failed)
    named = ", ".join(source.name for source in sources) or "nothing"
    return f"no article could be read from {named}; the index is as it was{why}"


def _covers(failed: str, origin: str) -> bool:
    """Whether a failure names the origin, a line of it or a folder above it."""
    path = failed if is_address(failed) else str(Path(failed).absolute())
    return path == origin or path.startswith(origin + ":") or origin.startswith(path.rstrip("/") + "/")
