"""The façade of an index: sync, search and list articles, rebuild and swap it without a pause."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag import ingestion
from rag.errors import FilterError, SourceError
from rag.models.address_space import QUESTIONS_GB, refuse_low_limit
from rag.models.embedding import open_embedder
from rag.protocols import Embedder, Engine, Report
from rag.retrieval.filters import resolve_filters
from rag.retrieval.query import Query
from rag.retrieval.rewriting import bound_question
from rag.retrieval.search import search
from rag.retrieval.spelling import correct_spelling
from rag.settings import Settings
from rag.source_state import RememberedSource, Source, SourceStatus
from rag.storage.catalogue import ORDERS, ArticlePage, FlaggedArticle, IndexCounts
from rag.storage.duplicates import NewerVersion
from rag.storage.generation import Generation
from rag.storage.generations import Generations
from rag.storage.index_folder import Manifest
from rag.storage.vectors import Server
from rag.text.chunking import Chunker
from rag.types import Article, Changes, Failure, Filters, Finding, Hit

if TYPE_CHECKING:
    from rag.ingestion.source_names import Sources
    from rag.integrations.llama_index import ArticleRetriever


class Index:
    """The articles of one folder; safe between threads, and between processes of which one writes.

    Before the first sync, methods that read raise IndexMissing; `empty` says whether that is so. Those that write raise
    IndexLocked while another process writes.

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

    def __init__(self, folder: Path, settings: Settings, embedder: Embedder, *, engine: Engine | None = None) -> None:
        """Set up an index in `folder` without looking at it; `Index.open` checks the folder too."""
        self.engine = engine
        self.settings = settings
        self.embedder = embedder
        self.generations = Generations(folder, self._manifest, server=Server.from_settings(settings))
        """The generations of the index on disk, for maintenance and tests."""

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        *,
        checked: bool = True,
        engine: Engine | None = None,
    ) -> "Index":
        """Open the index in a folder, which may still be empty; IndexMismatch if another model or chunker built it.

        What is not given is taken from the settings; StoreError for a folder of other files. Without `checked` a
        mismatch is found at the first use, so that `rebuild` can mend it. An `engine`, such as a `Cluster`, reads large
        folders, chunks and embeds elsewhere; the index is the same.
        """
        settings = settings or Settings.load()
        embedder = embedder or open_embedder(settings.embedding_model, settings.device)
        index = cls(Path(folder or settings.index).expanduser(), settings, embedder, engine=engine)
        index.generations.folder.check_own()
        if checked:
            index.generations.check()
        return index

    @property
    def chunker(self) -> Chunker:
        """The chunker for this model and these settings."""
        window = min(self.settings.passage_tokens, self.embedder.identity.window)
        return Chunker(self.embedder.count_tokens, window)

    # Changing what is in.

    def sync(
        self,
        sources: "Sources" = (),
        report: Report | None = None,
        since: str = "",
        *,
        limit: int = 0,
        forget: bool = False,
    ) -> Changes:
        """Make the index equal to the sources; without any, refresh those it remembers.

        All articles answer by their words first; new ones are then embedded, the latest first. Articles of sources that
        are not given are removed. Of feeds and lists, only what they date from the day `since` on (YYYY-MM-DD) is read,
        and only the `limit` newest, where given. Where a source gives less than half of its articles, those it gives no
        more are kept and it is named in `failed`, unless with `forget`.
        """
        if not (given := ingestion.as_sources(sources, since, limit)):
            return self.refresh(report=report, forget=forget)
        with self.generations.writing() as generation, self._sync(generation, report, forget=forget) as sync:
            sync.scan(given)
            self.generations.go_live(generation)
            sync.decide(only_read=False)
            sync.write(given, replace_sources=True)
            sync.embed()
            return sync.changes

    def refresh(self, names: Sequence[str] = (), report: Report | None = None, *, forget: bool = False) -> Changes:
        """Read the remembered sources again, or only those so named, and remove the articles that are gone from them.

        SourceError where no source is remembered; `forget` is as for `sync`.
        """
        with self.generations.writing() as generation, self._sync(generation, report, forget=forget) as sync:
            remembered = generation.catalogue.sources()
            if not remembered:
                raise SourceError("nothing to sync yet: name a file, a folder or an address, as in: rag sync seeds/")
            sync.scan([source for source in remembered if not names or source.name in names], beside=remembered)
            sync.decide(only_read=True)
            sync.write()
            sync.embed()
            return sync.changes

    def add(self, sources: "Sources", report: Report | None = None, since: str = "", *, limit: int = 0) -> Changes:
        """Add or update the articles of the sources, and remove none; `since` and `limit` as for `sync`."""
        given = ingestion.as_sources(sources, since, limit)
        with self.generations.writing() as generation, self._sync(generation, report, adding=True) as sync:
            sync.scan(given)
            self.generations.go_live(generation)
            sync.write(given)
            sync.embed()
            return sync.changes

    def embed(self, report: Report | None = None) -> list[Failure]:
        """Embed the articles that a sync which was ended has left without vectors; return those that could not be."""
        with self.generations.writing() as generation, self._sync(generation, report) as sync:
            sync.embed()
        return list(sync.changes.failed)

    def remove(self, ids: str | Sequence[str]) -> Changes:
        """Remove articles by their ids; FilterError names one that is not there, and then none is removed."""
        with self.generations.writing() as generation:
            return ingestion.remove_articles(generation, [ids] if isinstance(ids, str) else list(dict.fromkeys(ids)))

    def edit(
        self,
        id: str,
        *,
        title: str | None = None,
        date: str | None = None,
        publisher: str | None = None,
        author: str | None = None,
        url: str | None = None,
        undo: bool = False,
    ) -> Article:
        """Set fields of an article, kept by syncs and rebuilds; an empty value, or `undo`, restores what was read."""
        values = {"title": title, "date": date, "source": publisher, "author": author, "url": url}
        with self.generations.writing() as generation:
            return ingestion.edit_article(
                generation, id, values, undo=undo, chunker=self.chunker, embedder=self.embedder
            )

    def rebuild(
        self,
        sources: "Sources" = (),
        report: Report | None = None,
        since: str = "",
        *,
        limit: int = 0,
        forget: bool = False,
    ) -> Changes:
        """Build the index again beside the live one, which answers until the new one is swapped in.

        Without sources the articles are those of the index, from the text it keeps. SourceError where a source gives
        less than half of the articles that it gave, or a folder in it none any more, unless with `forget`.
        """
        return self._rebuild(ingestion.as_sources(sources, since, limit), report, forget=forget)

    def _rebuild(
        self, given: list[Source], report: Report | None, *, readable_only: bool = False, forget: bool = False
    ) -> Changes:
        """Build a generation from sources, or else from the live one, verify it and make it live.

        `readable_only` leaves out the damaged rows of the live one.
        """
        with self.generations.rebuilding() as (fresh, current), self._sync(fresh, report, forget=forget) as sync:
            if current is None and not given:
                raise SourceError("nothing to rebuild yet: name a file or folder, as in: rag sync seeds/")
            if current is not None:
                sync.copy_edits(current)
            if given or current is None:
                sync.scan(given, former=current)
                if current is not None:
                    sync.refuse_losses(current)
            else:
                sync.copy_articles(current, readable_only=readable_only)
            sync.write(given)
            sync.embed()
            ingestion.verify_rebuild(fresh, self.chunker, self.embedder, settings=self.settings, report=report)
            self.generations.go_live(fresh)
            return sync.changes

    def rollback(self) -> str:
        """Make the index before the last rebuild live again, or undo that if called again; say what is live now.

        StoreError where there is none before it, or that one cannot be used.
        """
        generation = self.generations.roll_back()
        built = time.strftime("%Y-%m-%d %H:%M", time.localtime(generation.manifest.created))
        holds = "{:,} articles, {:,} passages".format(*generation.catalogue.counts())
        return f"{generation.folder.name}, built {built}, is live: {holds}"

    def check(self, *, repair: bool = False, report: Report | None = None) -> list[Finding]:
        """Find what is wrong with the index, while nobody writes; with `repair` mend it and look again.

        After a repair the findings are those mended, marked as such, and the others; StoreError if rebuilding failed.
        """
        index_check = ingestion.IndexCheck(self.generations, self.chunker, self.embedder, report=report)
        if repair:
            return index_check.repair(lambda: self._rebuild([], report, readable_only=True))
        return index_check.run()

    def _sync(
        self, generation: Generation, report: Report | None, *, adding: bool = False, forget: bool = False
    ) -> "ingestion.Sync":
        return ingestion.Sync(
            generation,
            self.settings,
            chunker=self.chunker,
            embedder=self.embedder,
            engine=self.engine,
            index_folder=self.folder,
            adding=adding,
            forget=forget,
            report=report,
        )

    # Reading.

    def search(self, query: str | Query, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Find the best passages, at most `k`, for a text or a parsed query.

        IndexMissing before the first sync, FilterError for bad filters, QuestionError for a text that is too long.
        """
        question = query if isinstance(query, Query) else bound_question(query, "query")
        given = filters or Filters()
        refuse_low_limit(QUESTIONS_GB)
        vector = self.embedder.embed([question.text if isinstance(question, Query) else question])[0]
        return self.generations.read(
            lambda generation: search(generation, question, vector, k=k, filters=given, settings=self.settings)
        )

    def correct_spelling(self, question: str) -> str:
        """Return a question with misspelt names and words replaced by the nearest ones that the articles have.

        IndexMissing before the first sync.
        """
        return self.generations.read(lambda generation: correct_spelling(question, generation))

    def check_filters(self, filters: Filters) -> None:
        """Raise FilterError for a publisher that no article has, or a day that is none, without searching."""
        with self.generations.reading() as generation:
            resolve_filters(filters, generation)

    def as_retriever(self, k: int = 10, filters: Filters | None = None) -> "ArticleRetriever":
        """Return a LlamaIndex retriever of `k` passages a query, from the articles that the filters let through."""
        from rag.integrations.llama_index import ArticleRetriever

        return ArticleRetriever(self, k, filters)

    def articles(self) -> Iterator[Article]:
        """Read every article, in the order of the ids."""
        with self.generations.reading() as generation:
            yield from generation.catalogue.articles()

    def article(self, id: str) -> Article | None:
        """Read the article with this id, or None."""
        with self.generations.reading() as generation:
            return generation.catalogue.article(id)

    def source_of(self, id: str) -> str:
        """Return the name of the source that an article came from; empty where there is no such article."""
        with self.generations.reading() as generation:
            return generation.catalogue.root_of(id)

    def count_from(self, origin: str | Path) -> int:
        """Count the articles whose origin is this file, by its absolute path, or this address."""
        with self.generations.reading() as generation:
            return generation.catalogue.count_from(str(origin))

    def list_articles(
        self,
        words: str = "",
        publisher: str = "",
        since: str = "",
        *,
        until: str = "",
        order: str = "title",
        descending: bool = False,
        start: int = 0,
        most: int = 50,
    ) -> ArticlePage:
        """List one page of the articles that match, `most` from row `start` on, with how many there are on all pages.

        Each of the first 16 words must be a part of the title, the publisher or the id, in upper or lower case. The
        other filters are those of `Filters`. FilterError for a bad filter, or an order that is not one of ORDERS.
        """
        if order not in ORDERS:
            raise FilterError(f"articles are not sorted by {order!r}; choose one of {', '.join(ORDERS)}")
        with self.generations.reading() as generation:
            return generation.catalogue.list_articles(
                words,
                publishers=resolve_filters(Filters(publisher, since, until), generation).publishers,
                since=since,
                until=until,
                order=order,
                descending=descending,
                start=max(start, 0),
                most=max(most, 0),
            )

    def publishers(self) -> list[str]:
        """List the publishers' names, each once, in order."""
        with self.generations.reading() as generation:
            return generation.catalogue.publishers()

    def count_languages(self) -> Mapping[str, int]:
        """Count the articles by language, as a code such as “de”."""
        with self.generations.reading() as generation:
            return generation.catalogue.count_languages()

    def versions(self) -> list[NewerVersion]:
        """List each article that has a newer version, which answers in its place, with the id of that version."""
        with self.generations.reading() as generation:
            return generation.copies.versions()

    def flagged_articles(self) -> list[FlaggedArticle]:
        """List the articles that seem written for a model rather than for readers, each with the reasons."""
        with self.generations.reading() as generation:
            return generation.catalogue.flagged_articles()

    def counts(self) -> IndexCounts:
        """Count the articles and passages of the index."""
        with self.generations.reading() as generation:
            return generation.catalogue.counts()

    def embedded_share(self) -> float:
        """Return the share of articles, 0 to 1, that are searched by meaning, the others by their words alone."""
        with self.generations.reading() as generation:
            return generation.embedded_share

    @property
    def folder(self) -> Path:
        """The folder of the index."""
        return self.generations.folder.root

    @property
    def state(self) -> str:
        """A name for what the index holds now, another one after every change; empty before the first sync."""
        if self.empty:
            return ""
        with self.generations.reading() as generation:
            return f"{generation.folder.name}:{generation.catalogue.state}"

    @property
    def empty(self) -> bool:
        """Whether no index has been built in the folder yet."""
        return self.generations.empty

    def info(self) -> dict[str, object]:
        """Describe what the index holds and what built it, as `rag info` shows it."""
        with self.generations.reading() as generation:
            return {"folder": str(self.folder), **generation.describe()}

    def sources(self) -> list[RememberedSource]:
        """List the sources that a sync refreshes, each with how many articles came from it and what came of it last."""
        with self.generations.reading() as generation:
            counts = generation.catalogue.count_by_source()
            statuses = generation.catalogue.statuses()
            return [
                RememberedSource(source, counts.get(source.name, 0), statuses.get(source.name, SourceStatus()))
                for source in generation.catalogue.sources()
            ]

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        self.generations.close()

    def _manifest(self) -> Manifest:
        """Make the manifest that a generation built now would have."""
        return Manifest.make(self.embedder.identity, self.chunker.identity, remote=bool(self.settings.chroma_url))
