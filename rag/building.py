"""From sources to a generation: find out what changed, then split, embed and write it, a window at a time."""

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.errors import SourceError
from rag.generation import Generation
from rag.ports import Embedder
from rag.sources import read
from rag.splitting import Splitter
from rag.types import Article, Changes, Failure, Passage, Progress

Report = Callable[[Progress], None]
Known = Mapping[str, tuple[str, str, str]]
"""Version, origin and root of each article that is in the index, by id."""

_WINDOW = 768
"""Passages embedded and written together: enough to sort by length, few enough to hold in memory."""


class Spool:
    """Changed articles kept on disk between reading and indexing, so that memory does not grow with their number."""

    def __init__(self) -> None:
        """The file has no name and goes with the process."""
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        """How many articles it holds."""
        return self._count

    def append(self, article: Article, root: str) -> None:
        """Puts an article and the source it came from at the end."""
        json.dump([asdict(article), root], self._file)
        self._file.write("\n")
        self._count += 1

    def __iter__(self) -> Iterator[tuple[Article, str]]:
        """Every article with its root, from the first."""
        self._file.seek(0)
        for line in self._file:
            fields, root = json.loads(line)
            yield Article(**fields), root

    def close(self) -> None:
        """Frees the disk they take."""
        self._file.close()


@dataclass
class Survey:
    """What the sources hold, compared with what the index holds."""

    known: Known
    spool: Spool = field(default_factory=Spool)
    seen: dict[str, str] = field(default_factory=dict)
    """Origin of each article that was read, by id."""
    moved: list[tuple[str, str, str]] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def note(self, item: Article | Failure, root: str, adding: bool) -> None:
        """Takes what a loader gave."""
        if isinstance(item, Failure):
            self.failed.append(item)
        else:
            self.take(item, root, adding)

    def take(self, article: Article, root: str, adding: bool) -> None:
        """Counts an article, and spools it where it is new or changed; one given twice counts once."""
        if self.seen.get(article.id) == article.origin:
            return
        if (clash := self._clash(article, adding)) is not None:
            self.failed.append(Failure(article.origin or article.id, clash))
            return
        self.seen[article.id] = article.origin
        version, origin, before = self.known.get(article.id, ("", "", ""))
        if version == article.digest:
            self.unchanged += 1
            if (origin, before) != (article.origin, root):
                self.moved.append((article.id, article.origin, root))
            return
        self.added += not version
        self.updated += bool(version)
        self.spool.append(article, root)

    def _clash(self, article: Article, adding: bool) -> str | None:
        """Why an article may not take its id: another one, of another place, has it."""
        holder = self.seen.get(article.id)
        if holder is None and adding and article.id in self.known:
            origin = self.known[article.id][1]
            holder = origin if origin != article.origin and Path(origin).is_file() else None
        if holder is None:
            return None
        return f"{holder} has the id {article.id!r} already; give one of them its own, or sync their common folder"

    def gone(self, roots: Sequence[str] | None) -> list[str]:
        """Known articles that were not read; of these roots only, where given. What failed to be read is kept."""
        failed = [failure.source for failure in self.failed]
        return [
            id
            for id, (_, origin, root) in self.known.items()
            if id not in self.seen
            and (roots is None or root in roots)
            and not any(_covers(name, origin) for name in failed)
        ]

    def changes(self, removed: int) -> Changes:
        """The counts, as the sync reports them."""
        return Changes(self.added, self.updated, removed, self.unchanged, tuple(self.failed))

    def close(self) -> None:
        """Frees the disk the articles take."""
        self.spool.close()


def survey(sources: Sequence[str], known: Known, adding: bool, limit_mb: float, report: Report | None) -> Survey:
    """Reads all the sources; SourceError when there is not one article in them."""
    with contextlib.ExitStack() as on_failure:
        found, started = Survey(known), time.monotonic()
        on_failure.callback(found.close)
        for source in sources:
            root = root_of(source)
            for item in read([source], limit_mb):
                found.note(item, root, adding)
                if report is not None:
                    report(Progress("reading", len(found.seen), None, 0, time.monotonic() - started))
        if not found.seen:
            raise SourceError(_nothing(sources, found.failed))
        on_failure.pop_all()
    return found


def root_of(source: str) -> str:
    """A source as it is remembered: an absolute path, or as given where it is no path."""
    return source if source == "-" or "://" in source else str(Path(source).resolve())


def _nothing(sources: Sequence[str], failed: Sequence[Failure]) -> str:
    if len(failed) == 1:
        return f"{failed[0].source}: {failed[0].reason}; the index is as it was"
    why = "".join(f"\n  {failure.source}: {failure.reason}" for failure in failed)
    return f"no article could be read from {', '.join(sources) or 'nothing'}; the index is as it was{why}"


def _covers(failed: str, origin: str) -> bool:
    """Whether a failure names the origin, a line of it or a folder above it."""
    path = str(Path(failed).absolute()) if "://" not in failed else failed
    return path == origin or path.startswith(origin + ":") or origin.startswith(path.rstrip("/") + "/")


def build(
    articles: Spool, generation: Generation, splitter: Splitter, embedder: Embedder, report: Report | None
) -> None:
    """Splits, embeds and writes the articles; each window is searchable as soon as it is written."""
    done = written = 0
    started = time.monotonic()
    for batch in windows(articles, splitter):
        texts = [text for article, _, passages in batch for text in embedded_texts(article, passages, splitter)]
        generation.put(batch, embedder.embed(texts))
        done, written = done + len(batch), written + len(texts)
        if report is not None:
            report(Progress("indexing", done, len(articles), written, time.monotonic() - started))


def windows(articles: Spool, splitter: Splitter) -> Iterator[list[tuple[Article, str, list[Passage]]]]:
    """The articles with their passages, gathered until a window is full."""
    batch: list[tuple[Article, str, list[Passage]]] = []
    size = 0
    for article, root in articles:
        passages = splitter.split(article)
        batch.append((article, root, passages))
        size += len(passages)
        if size >= _WINDOW:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def embedded_texts(article: Article, passages: Sequence[Passage], splitter: Splitter) -> list[str]:
    """What the model reads of the passages of an article: the title, then the text."""
    lead = splitter.lead(article.title)
    return [f"{lead}\n{passage.text}" for passage in passages]
