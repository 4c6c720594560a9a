"""The façade of an index: sync, search and list articles, rebuild and swap it without a pause."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import FilterError, SourceError
from rag.ingestion.build import build
from rag.ingestion.scan import Report, Sources, SourceScan, as_sources, copy_articles, rereadable, scan
from rag.ingestion.verify import check, verify_rebuild
from rag.models.address_space import QUESTIONS_GB, refuse_low_limit
from rag.models.embedding import open_embedder
from rag.protocols import Embedder, Engine
from rag.retrieval.intent import day_number
from rag.retrieval.rewriting import bounded
from rag.retrieval.search import scope_of, search
from rag.settings import Settings
from rag.source_state import Source, SourceStatus
from rag.sources import Fingerprints, Sandbox, annotate
from rag.sources.web import WebLoader
from rag.storage.boilerplate import BoilerplateCounter
from rag.storage.catalogue import ORDERS, Listed
from rag.storage.generation import Generation
from rag.storage.generations import Generations
from rag.storage.index_folder import Manifest
from rag.storage.vectors import Server
from rag.text.chunking import Chunker
from rag.types import Article, Changes, Filters, Finding, Hit

if TYPE_CHECKING:
    from rag.integrations.llama_index import ArticleRetriever


class Index:
    """The articles of one folder; safe between threads, and between processes of which one writes.

    >>> from pathlib import Path
    >>> from rag import Index
    >>> from rag.testing import WordEmbedder
    >>> _ = Path("bridge.txt").write_text("The old bridge closed on Friday.")
    >>> index = Index.open("index", embedder=WordEmbedder())  # without an embedder: the packaged model
    >>> print(index.sync("bridge.txt"))
    1 added, 0 updated, 0 removed, 0 unchanged, 0 failed
    >>> [hit.passage.text for hit in index.search("bridge")]
    ['The old bridge closed on Friday.']
    >>> index.close()
    """

    def __init__(self, folder: Path, settings: Settings, embedder: Embedder, engine: Engine | None = None) -> None:
        """Use `Index.open`."""
        self.engine = engine
        self.settings = settings
        self.embedder = embedder
        self._shelf = Generations(folder, self._manifest, _server(settings))

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        checked: bool = True,
        engine: Engine | None = None,
    ) -> "Index":
        """The index in a folder, which may still be empty; IndexMismatch if another model or splitter built it.

        Without `checked` a mismatch is found at the first use, so that `rebuild` can mend it. An `engine`, such as a
        `Cluster`, reads large folders, splits and embeds elsewhere; the index is the same.
        """
        settings = settings or Settings.load()
        embedder = embedder or open_embedder(settings.embedding_model, settings.device)
        index = cls(Path(folder or settings.index).expanduser(), settings, embedder, engine)
        index._shelf.folder.check_own()
        if checked:
            index._shelf.check()
        return index

    @property
    def splitter(self) -> Chunker:
        """How articles are cut for this model and these settings."""
        window = min(self.settings.passage_tokens, self.embedder.identity.window)
        return Chunker(self.embedder.count_tokens, window)

    # Changing what is in.

    def sync(
        self, sources: Sources = (), report: Report | None = None, since: str = "", limit: int = 0, *,
        forget: bool = False,
    ) -> Changes:  # fmt: skip
        """Makes the index equal to the sources; without any, refreshes those it remembers.

        Of feeds and lists, only what they date from `since` on and only the `limit` newest, where given. The articles
        of a source that has lost more than half of them are kept, and it is named in `failed`, unless with `forget`.
        """
        if not (given := as_sources(sources, since, limit)):
            return self.refresh(report=report, forget=forget)
        with self._shelf.writing() as generation, self._web(generation) as web:
            found = self._survey(generation, given, False, web, report, forget=forget)
            self._shelf.go_live(generation)
            gone = found.remove(only_read=False, forget=forget)
            self._take_in(found, given, gone, web, generation, report)
            generation.catalogue.remember(rereadable(given), replace=True)
            return found.changes(len(gone))

    def refresh(self, names: Sequence[str] = (), report: Report | None = None, *, forget: bool = False) -> Changes:
        """Reads the sources that the index remembers again, or those named of them, and forgets what is gone there.

        `forget` is as for `sync`.
        """
        with self._shelf.writing() as generation, self._web(generation) as web:
            remembered = generation.catalogue.sources()
            if not remembered:
                raise SourceError("nothing to sync yet: name a file, a folder or an address, as in: rag sync seeds/")
            wanted = [source for source in remembered if not names or source.name in names]
            found = self._survey(generation, wanted, False, web, report, forget=forget)
            gone = found.remove(only_read=True, forget=forget)
            self._take_in(found, [], gone, web, generation, report)
            return found.changes(len(gone))

    def add(self, sources: Sources, report: Report | None = None, since: str = "", limit: int = 0) -> Changes:
        """Puts the articles of the sources in, beside those that are there; `since` and `limit` as for `sync`."""
        given = as_sources(sources, since, limit)
        with self._shelf.writing() as generation, self._web(generation) as web:
            found = self._survey(generation, given, True, web, report)
            self._shelf.go_live(generation)
            self._take_in(found, given, [], web, generation, report)
            return found.changes(0)

    def remove(self, ids: str | Sequence[str]) -> Changes:
        """Takes articles out by their ids; FilterError names one that is not there, and then none is."""
        wanted = [ids] if isinstance(ids, str) else list(dict.fromkeys(ids))
        with self._shelf.writing() as generation:
            known = generation.catalogue.looked_up()
            for id in wanted:
                if id not in known:
                    raise FilterError(f"no article has the id {id!r}; rag list shows the ids")
            generation.drop(wanted)  # `known` has no more of them then
            return Changes(removed=len(wanted), unchanged=len(known))

    def rebuild(
        self, sources: Sources = (), report: Report | None = None, since: str = "", limit: int = 0, *,
        forget: bool = False,
    ) -> Changes:  # fmt: skip
        """Builds everything anew beside the index, which answers until the new one is swapped in.

        Without sources the articles are those of the index, from the text it keeps. SourceError where a source has lost
        more than half of the articles that it gave to the index, unless with `forget`.
        """
        return self._rebuild(as_sources(sources, since, limit), report, forget=forget)

    def _rebuild(
        self, given: list[Source], report: Report | None, *, readable_only: bool = False, forget: bool = False
    ) -> Changes:
        """Build a generation from sources or from the live one, of which `readable_only` leaves out damaged rows."""
        with self._shelf.rebuilding() as (fresh, current), self._web(None) as web:
            if current is None and not given:
                raise SourceError("nothing to rebuild yet: name a file or folder, as in: rag sync seeds/")
            if given or current is None:
                found = self._survey(fresh, given, False, web, report, forget=forget)
                if current is not None and not forget:
                    found.check_against(current)
            else:
                found = copy_articles(current, fresh, readable_only=readable_only)
            self._take_in(found, given, [], web, fresh, report)
            verify_rebuild(fresh, self.splitter, self.embedder, self.settings, report)
            self._shelf.go_live(fresh)
            return found.changes(0)

    def rollback(self) -> str:
        """Goes back to the index before the last rebuild, and forth again; says what is live now."""
        generation = self._shelf.roll_back()
        articles, passages = generation.catalogue.counts()
        built = time.strftime("%Y-%m-%d %H:%M", time.localtime(generation.manifest.created))
        return f"{generation.folder.name}, built {built}, is live: {articles:,} articles, {passages:,} passages"

    def check(self, repair: bool = False, report: Report | None = None) -> list[Finding]:
        """What is wrong with the index; with `repair` it is mended, and looked at again. Nobody can write meanwhile."""
        rebuild = (lambda: self._rebuild([], report, readable_only=True)) if repair else None
        return check(self._shelf, self.splitter, self.embedder, rebuild, report)

    def _web(self, generation: Generation | None) -> WebLoader:
        """The way to web addresses, which asks those that the generation has read only for what is new."""
        wanted, visits = self.settings, generation.catalogue.visits() if generation is not None else {}
        manners = (wanted.fetch_private, wanted.fetch_delay, wanted.fetch_seconds, wanted.fetch_user_agent)
        return WebLoader(wanted.max_article_mb, *manners, wanted.fetch_pages, visits)

    def _survey(
        self, generation: Generation, sources: list[Source], adding: bool, web: WebLoader, report: Report | None, *,
        forget: bool = False,
    ) -> SourceScan:  # fmt: skip
        known = generation.catalogue.looked_up() if adding else generation.catalogue.known()
        wanted, decided = self.settings, generation.repeated.decided()
        rules = repr(
            (wanted.max_article_mb, wanted.max_file_mb, wanted.parser_seconds, wanted.parser_memory_mb, decided)
        )
        marks = Fingerprints({} if adding else generation.catalogue.marks(), rules)
        with Sandbox(wanted.max_file_mb, wanted.parser_seconds, wanted.parser_memory_mb) as apart:
            return scan(
                sources, known, adding, wanted.max_article_mb, web, apart, report,
                BoilerplateCounter(decided), self.engine, marks, own=self.folder, forget=forget,
            )  # fmt: skip

    def _take_in(
        self, found: SourceScan, given: list[Source], gone: list[str], web: WebLoader, generation: Generation,
        report: Report | None,
    ) -> None:  # fmt: skip
        with closing(found):
            # Before anything is written: whoever refreshes after a crash finishes its work.
            generation.catalogue.remember(rereadable(given), replace=False)
            generation.catalogue.unmark(found.marks.parsed)
            generation.catalogue.move(found.moved)
            # Decided once for all that this sync takes in; what is unchanged is cleaned when it is read again.
            found.counting.decided = generation.repeated.learn(found.counting.ends)
            found.spool.finish = lambda article: annotate(found.counting.clean(article))
            build(found.spool, generation, self.splitter, self.embedder, report, self.engine)
            generation.drop(gone)
            generation.repeated.forget_gone()
            found.failed += generation.copies.take_failures()
            visits, marks = found.without_lost(web.learnt), found.without_lost(found.marks.learnt)
            generation.catalogue.learn(found.outcomes, visits, marks)

    # Reading.

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """At most `k` passages, the best first; IndexMissing before a first sync, FilterError for a bad filter."""
        query, wanted = bounded(query, "query"), filters or Filters()
        refuse_low_limit(QUESTIONS_GB)
        vector = self.embedder.embed([query])[0]

        def look(generation: Generation) -> list[Hit]:
            return search(generation, query, vector, k, wanted, self.settings)

        return self._shelf.read(look)

    def check_filters(self, filters: Filters) -> None:
        """Raise FilterError for filters that no article can pass, without searching."""
        with self._shelf.reading() as generation:
            scope_of(filters, generation)
        day_number(filters.as_of)

    def as_retriever(self, k: int = 10, filters: Filters | None = None) -> "ArticleRetriever":
        """A LlamaIndex retriever that gives `k` passages a query, of the articles that the filters let through."""
        from rag.integrations.llama_index import ArticleRetriever

        return ArticleRetriever(self, k, filters)

    def articles(self) -> Iterator[Article]:
        """Every article, in the order of the ids."""
        with self._shelf.reading() as generation:
            yield from generation.catalogue.articles()

    def article(self, id: str) -> Article | None:
        """The article with this id, or None."""
        with self._shelf.reading() as generation:
            return generation.catalogue.article(id)

    def source_of(self, id: str) -> str:
        """The name of the source that an article came from; empty where there is no such article."""
        with self._shelf.reading() as generation:
            return generation.catalogue.root(id)

    def gave(self, origin: str | Path) -> int:
        """How many articles came from a file or an address."""
        with self._shelf.reading() as generation:
            return generation.catalogue.gave(str(origin))

    def listed(
        self, words: str = "", publisher: str = "", since: str = "", until: str = "",
        order: str = "title", descending: bool = False, start: int = 0, most: int = 50,
    ) -> tuple[list[Listed], int]:  # fmt: skip
        """One page of the articles, from the row `start` on, and how many there are on all pages.

        Each of the words must stand in the title, the publisher or the id; FilterError for a bad filter or order.
        """
        if order not in ORDERS:
            raise FilterError(f"articles are not sorted by {order!r}; choose one of {', '.join(ORDERS)}")
        with self._shelf.reading() as generation:
            named = scope_of(Filters(publisher, since, until), generation).publishers
            page = (order, descending, max(start, 0), max(most, 0))
            return generation.catalogue.listed(words, named, since, until, *page)

    def publishers(self) -> list[str]:
        """The publishers' names, each once, in order."""
        with self._shelf.reading() as generation:
            return generation.catalogue.publishers()

    def versions(self) -> list[tuple[str, str]]:
        """Each article that has a newer version, which answers in its place, and the id of that version."""
        with self._shelf.reading() as generation:
            return generation.copies.versions()

    def flagged(self) -> list[tuple[str, str]]:
        """The articles that seem written for a model rather than for readers, each with the reasons."""
        with self._shelf.reading() as generation:
            return generation.catalogue.flagged()

    def counts(self) -> tuple[int, int]:
        """How many articles and passages it holds."""
        with self._shelf.reading() as generation:
            return generation.catalogue.counts()

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self._shelf.folder.root

    @property
    def state(self) -> str:
        """A name for what it holds now, another one after every change; empty before the first sync."""
        if self.empty:
            return ""
        with self._shelf.reading() as generation:
            return f"{generation.folder.name}:{generation.catalogue.state}"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search yet."""
        return self._shelf.empty

    def info(self) -> dict[str, object]:
        """What the index holds and what built it."""
        with self._shelf.reading() as generation:
            articles, passages = generation.catalogue.counts()
            manifest = generation.manifest
            files = [path for path in generation.folder.rglob("*") if path.is_file()]
            return {
                "folder": str(self.folder),
                "generation": generation.folder.name,
                "articles": articles,
                "passages": passages,
                "model": asdict(manifest.model),
                "splitter": manifest.splitter,
                "sources": [source.name for source in generation.catalogue.sources()],
                "bytes": sum(path.stat().st_size for path in files),
            }

    def sources(self) -> list[tuple[Source, int, SourceStatus]]:
        """The sources that a sync refreshes: each with how many articles came from it, and what came of it last."""
        with self._shelf.reading() as generation:
            gathered, outcomes = generation.catalogue.gathered(), generation.catalogue.outcomes()
            sources = generation.catalogue.sources()
            return [(one, gathered.get(one.name, 0), outcomes.get(one.name, SourceStatus())) for one in sources]

    def close(self) -> None:
        """Lets the files go; the next use opens them again."""
        self._shelf.close()

    def _manifest(self) -> Manifest:
        remote = bool(self.settings.chroma_url)
        return Manifest.make(self.embedder.identity, self.splitter.identity, remote)


def _server(settings: Settings) -> Server | None:
    """The Chroma server of the settings, if they name one."""
    given = settings.chroma_token, settings.chroma_tenant, settings.chroma_database
    return Server(settings.chroma_url, *given) if settings.chroma_url else None
