"""Sync a generation of an index with its sources: scan, decide, build, forget, remember, embed."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import starmap
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from rag.errors import NothingRead, SourceError, StoreError
from rag.failures import attempt_article
from rag.ingestion.build import LostArticle, build, embed_pending
from rag.ingestion.removals import Known
from rag.ingestion.scan import SourceScan
from rag.ingestion.source_names import rereadable, root_of
from rag.ingestion.spool import SpooledArticle
from rag.protocols import Embedder, Engine, Report
from rag.settings import Settings
from rag.source_state import Source, SourceStatus
from rag.sources import Fingerprints, Sandbox, annotate, load
from rag.sources.web import WebLoader
from rag.storage.boilerplate import Boilerplate, BoilerplateCounter
from rag.storage.catalogue import Catalogue
from rag.storage.catalogue.edits import restore_as_read
from rag.storage.generation import Generation
from rag.text.chunking import Chunker
from rag.types import Article, Changes, Failure, Progress, TakenColumns

T = TypeVar("T")


class Sync:
    """One sync of a generation with sources, done step by step within a `with` block.

    `scan` reads the sources, `decide` says which known articles go, `write` builds, forgets and remembers, after which
    every article is found by its words, and `embed` makes the vectors that are missing. Neither `scan` nor `decide`
    writes, and what the others write is such that a sync after a crash finishes the work. In place of a scan,
    `copy_articles` takes the articles of another generation.
    """

    def __init__(
        self,
        generation: Generation,
        settings: Settings,
        *,
        chunker: Chunker,
        embedder: Embedder,
        engine: Engine | None,
        index_folder: Path,
        adding: bool,
        forget: bool,
        report: Report | None,
    ) -> None:
        """Sync `generation`, chunking and embedding with `chunker` and `embedder`, elsewhere where `engine` does it.

        No file in `index_folder` is an article. With `adding` what the sources do not hold stays; with `forget`
        articles go even where their source has lost most of them. `report` is called with the progress.
        """
        self._generation = generation
        self._settings = settings
        self._chunker = chunker
        self._embedder = embedder
        self._engine = engine
        self._index_folder = index_folder
        self._forget = forget
        self._report = report
        catalogue = generation.catalogue
        known_boilerplate = generation.boilerplate.load()
        limits = (settings.max_article_mb, settings.max_file_mb, settings.parser_seconds, settings.parser_memory_mb)
        rules = repr((*limits, settings.all_text, known_boilerplate))
        self._fingerprints = Fingerprints({} if adding else catalogue.fingerprints(), rules)
        self._web = WebLoader.from_settings(settings, catalogue.visits())
        self._removed: list[str] = []
        self._lost: list[LostArticle] = []
        known = catalogue.look_up_articles() if adding else catalogue.known_articles()
        self._scan = SourceScan(
            known, adding=adding, boilerplate=BoilerplateCounter(known_boilerplate), edits=catalogue.edits()
        )
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        """Keep the connections and the spooled articles until the block ends."""
        self._opened.callback(self._scan.spool.close)
        self._opened.enter_context(self._web)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connections, and free the disk that the spooled articles take."""
        self._opened.close()

    @property
    def changes(self) -> Changes:
        """What the sync did, counted; an article that was lost on its way in is counted as failed alone."""
        scan = self._scan
        new = [lost.article.id not in scan.known for lost in self._lost]
        return Changes(
            added=scan.added - new.count(True),
            updated=scan.updated - new.count(False),
            removed=len(self._removed),
            unchanged=scan.unchanged,
            failed=(*scan.failed, *(lost.failure for lost in self._lost)),
            left_out=tuple(scan.left_out),
            columns=tuple(starmap(TakenColumns, scan.columns.items())),
        )

    # Scan.

    def scan(self, sources: Sequence[Source], *, beside: Sequence[Source] = (), former: Path | None = None) -> None:
        """Read the sources, large folders with the engine, and compare them with the index.

        The articles of the sources `beside` them stay, and their ids are taken. Articles keep the ids that they have in
        the generation `former`, where one is given in place of this one. NothingRead where there is not one article in
        them, unless all that there was is meant to go with `forget`.
        """
        settings = self._settings
        started = time.monotonic()
        self._scan.roots = frozenset(root_of(source.name) for source in (*sources, *beside))
        if former is not None:
            self._scan.named = _known_articles(former)
        with Sandbox(settings.max_file_mb, settings.parser_seconds, settings.parser_memory_mb) as sandbox:
            for source in sources:
                self._scan_source(source, sandbox, started)
        failed = [*self._scan.failed, *map(_explain_left_out, self._scan.left_out)]
        if not self._scan.seen and (failed or not self._forget):
            reasons = tuple((failure.source, failure.reason) for failure in failed)
            raise NothingRead(_explain_nothing_read(sources, failed), reasons)

    def _scan_source(self, source: Source, sandbox: Sandbox, started: float) -> None:
        scan = self._scan
        articles = len(scan.seen)
        failures = len(scan.failed)
        root = root_of(source.name)
        items = load(
            [source],
            self._settings.max_article_mb,
            web=self._web,
            sandbox=sandbox,
            engine=self._engine,
            fingerprints=self._fingerprints,
            index_folder=self._index_folder,
            all_text=self._settings.all_text,
        )
        for item in items:
            scan.note(item, root)
            if self._report is not None:
                self._report(Progress("reading", len(scan.seen), None, 0, time.monotonic() - started))
        failed = scan.failed[failures:]
        scan.statuses[root] = SourceStatus(
            read=len(scan.seen) - articles,
            failed=len(failed),
            reason=f"{failed[0].source}: {failed[0].reason}" if failed else "",
            at=time.time(),
        )

    def copy_edits(self, other: Path) -> None:
        """Take over what people have set of the articles of another generation, in the folder `other`."""
        with closing(Catalogue(other / "catalogue.sqlite")) as catalogue:
            self._scan.edits = catalogue.edits()
        self._generation.catalogue.restore_edits(self._scan.edits)

    def copy_articles(self, other: Path, *, readable_only: bool) -> None:
        """Take the articles of another generation, in the folder `other`, from the text it keeps, in place of a scan.

        Its sources, their status, the visits and the boilerplate are copied at once. With `readable_only` damaged rows
        are left out; otherwise StoreError names the first of them.
        """
        generation = self._generation
        with closing(Catalogue(other / "catalogue.sqlite")) as catalogue:
            for row in catalogue.rows():
                if row.article is not None:
                    self._scan.spool.append(row.article, row.root)
                    self._scan.added += 1
                elif not readable_only:
                    raise StoreError(
                        f"the row of {row.id!r} in the catalogue cannot be read; mend it with: rag check --repair"
                    )
            generation.boilerplate.restore(Boilerplate(catalogue.database).export())
            generation.catalogue.remember(catalogue.sources(), replace=True)
            generation.catalogue.record(catalogue.statuses(), catalogue.visits(), {})

    # Decide.

    def decide(self, *, only_read: bool) -> None:
        """Decide which known articles go; sources that look as if they had vanished are named as failures.

        With `only_read` articles stay whose source was not read this time.
        """
        removals = self._scan.removals(self._scan.known, only_read=only_read, forget=self._forget)
        self._scan.failed += removals.kept
        self._removed = removals.ids

    def refuse_losses(self, other: Path) -> None:
        """Raise SourceError if a source gives less than half of what it gave to the generation `other`.

        Also if a folder in a source is still there and gives no article any more. With `forget` nothing is raised.
        """
        if self._forget:
            return
        removals = self._scan.removals(_known_articles(other), only_read=True, forget=False)
        if removals.kept:
            raise SourceError(f"{removals.kept[0].source} {removals.kept[0].reason}")

    # Build, forget, remember.

    def write(self, sources: Sequence[Source] = (), *, replace_sources: bool = False) -> None:
        """Write what was scanned and decided, and remember `sources` for a refresh.

        With `replace_sources` they replace all that are remembered; otherwise they are added to them.
        """
        catalogue = self._generation.catalogue
        # Before anything else is written: whoever refreshes after a crash finishes its work.
        catalogue.remember(rereadable(sources), replace=False)
        self._build()
        self._forget_removed_articles()
        self._remember_state()
        if replace_sources:
            catalogue.remember(rereadable(sources), replace=True)

    def _build(self) -> None:
        """Chunk and write the new and changed articles."""
        generation = self._generation
        generation.catalogue.forget_fingerprints(self._fingerprints.parsed)
        generation.catalogue.move(self._scan.moved)
        # Decided once for all that this sync takes in; what is unchanged is cleaned when it is read again.
        counter = self._scan.boilerplate
        counter.known = generation.boilerplate.learn(counter.counted)
        self._lost += build(
            self._finished_articles(),
            generation,
            total=len(self._scan.spool),
            chunker=self._chunker,
            embedder=self._embedder,
            engine=self._engine,
            report=self._report,
        )

    def embed(self) -> None:
        """Embed the articles without vectors, of earlier syncs too; one that cannot be is named as a failure."""
        self._scan.failed += embed_pending(
            self._generation,
            chunker=self._chunker,
            embedder=self._embedder,
            engine=self._engine,
            report=self._report,
        )

    def _finished_articles(self) -> Iterator[SpooledArticle]:
        """Yield the spooled articles as they go into the index, without boilerplate; one that fails is lost."""
        for article, root in self._scan.spool:
            finished = attempt_article(article, partial(self._finish, article))
            if isinstance(finished, Failure):
                self._lost.append(LostArticle(article, finished))
            else:
                yield SpooledArticle(finished, root)

    def _finish(self, article: Article) -> Article:
        read = restore_as_read(article)
        return annotate(self._scan.with_edits(self._scan.boilerplate.clean(read)))

    def _forget_removed_articles(self) -> None:
        """Remove the articles that go from the index, and no longer count their paragraphs as boilerplate."""
        self._generation.drop(self._removed)
        self._generation.boilerplate.forget_gone()
        self._scan.failed += self._generation.copies.take_failures()

    def _remember_state(self) -> None:
        """Record each source's status, and the visits and fingerprints that show the next sync what is unchanged."""
        visits = self._without_lost(self._web.learnt)
        fingerprints = self._without_lost(self._fingerprints.learnt)
        self._generation.catalogue.record(self._scan.statuses, visits, fingerprints)

    def _without_lost(self, learnt: Mapping[str, T]) -> dict[str, T]:
        """Leave out files and pages with an article that was lost, so that they are read again next time."""
        origins = {lost.article.origin for lost in self._lost}
        return {origin: state for origin, state in learnt.items() if origin not in origins}


def _explain_left_out(item: Failure) -> Failure:
    """Word what was left out as the reason why nothing was read."""
    return Failure(item.source, f"left out, since it is no article: {item.reason}; --all-text takes it")


def _known_articles(folder: Path) -> Known:
    """Return what the generation in a folder knows of its articles."""
    with closing(Catalogue(folder / "catalogue.sqlite")) as catalogue:
        return catalogue.known_articles()


def _explain_nothing_read(sources: Sequence[Source], failed: Sequence[Failure]) -> str:
    if len(failed) == 1:
        return f"{failed[0].source}: {failed[0].reason}; the index is as it was"
    why = "; ".join(f"{failure.source}: {failure.reason}" for failure in failed)
    named = ", ".join(source.name for source in sources) or "nothing"
    return f"no article could be read from {named}; the index is as it was{': ' if why else ''}{why}"
