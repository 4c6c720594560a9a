"""Index: articles that can be synced, searched and listed; the stores behind it are swapped without a pause."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.asked import Meant, day_number
from rag.building import Report, Survey, build, root_of, survey
from rag.catalogue import ORDERS, Catalogue, Listed
from rag.embedding import SentenceEmbedder
from rag.errors import FilterError, SourceError
from rag.folder import Manifest
from rag.fusing import fold, fuse
from rag.generation import Generation
from rag.ports import Embedder
from rag.settings import Settings
from rag.shelf import Shelf
from rag.splitting import Splitter
from rag.types import Article, Changes, Filters, Found, Hit, Scope

if TYPE_CHECKING:
    from rag.llama import ArticleRetriever

Sources = str | Path | Sequence[str | Path]

_SPARE = 3
"""Candidates looked at for each hit wanted, since copies are folded."""


class Index:
    """The articles of one folder; safe between threads, and between processes of which one writes."""

    def __init__(self, folder: Path, settings: Settings, embedder: Embedder) -> None:
        """Use `Index.open`."""
        self.settings = settings
        self.embedder = embedder
        self._shelf = Shelf(folder, self._manifest, settings.chroma_url)

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        checked: bool = True,
    ) -> "Index":
        """The index in a folder, which may still be empty; IndexMismatch if another model or splitter built it.

        Without `checked` a mismatch is found at the first use, so that `rebuild` can mend it.
        """
        settings = settings or Settings.load()
        embedder = embedder or SentenceEmbedder(settings.embedding_model, settings.device)
        index = cls(Path(folder or settings.index), settings, embedder)
        if checked:
            index._shelf.check()
        return index

    @property
    def splitter(self) -> Splitter:
        """How articles are cut for this model and these settings."""
        window = min(self.settings.passage_tokens, self.embedder.identity.window)
        return Splitter(self.embedder.count_tokens, window)

    # Changing what is in.

    def sync(self, sources: Sources = (), report: Report | None = None) -> Changes:
        """Makes the index equal to the sources; without any, refreshes those it remembers."""
        given = _listed(sources)
        with self._shelf.writing() as generation:
            remembered = generation.catalogue.sources()
            if not (given or remembered):
                raise SourceError("nothing to sync yet: name a file or folder, as in: rag sync seeds/")
            found = self._survey(generation, given or remembered, False, report)
            self._shelf.go_live(generation)
            gone = found.gone(None if given else remembered)
            self._apply(found, gone, generation, report)
            if given:
                _remember(generation, given, replace=True)
            return found.changes(len(gone))

    def add(self, sources: Sources, report: Report | None = None) -> Changes:
        """Puts the articles of the sources in, beside those that are there."""
        given = _listed(sources)
        with self._shelf.writing() as generation:
            found = self._survey(generation, given, True, report)
            self._shelf.go_live(generation)
            self._apply(found, [], generation, report)
            _remember(generation, given, replace=False)
            return found.changes(0)

    def remove(self, ids: str | Sequence[str]) -> Changes:
        """Takes articles out by their ids; FilterError names one that is not there, and then none is."""
        wanted = [ids] if isinstance(ids, str) else list(dict.fromkeys(ids))
        with self._shelf.writing() as generation:
            known = generation.catalogue.known()
            for id in wanted:
                if id not in known:
                    raise FilterError(f"no article has the id {id!r}; rag list shows the ids")
            generation.drop(wanted)
            return Changes(removed=len(wanted), unchanged=len(known) - len(wanted))

    def rebuild(self, sources: Sources = (), report: Report | None = None) -> Changes:
        """Builds everything anew beside the index, which answers until the new one is swapped in.

        Without sources the articles are those of the index, from the text it keeps.
        """
        given = _listed(sources)
        with self._shelf.rebuilding() as (fresh, current):
            if current is None and not given:
                raise SourceError("nothing to rebuild yet: name a file or folder, as in: rag sync seeds/")
            found = self._gather(given, current, report)
            self._apply(found, [], fresh, report)
            _remember(fresh, given or _sources_of(current), replace=True)
            self._shelf.go_live(fresh)
            return found.changes(0)

    def _survey(self, generation: Generation, sources: list[str], adding: bool, report: Report | None) -> Survey:
        return survey(sources, generation.catalogue.known(), adding, self.settings.max_article_mb, report)

    def _gather(self, given: list[str], current: Path | None, report: Report | None) -> Survey:
        if given or current is None:
            return survey(given, {}, False, self.settings.max_article_mb, report)
        catalogue, found = Catalogue(current / "catalogue.sqlite"), Survey({})
        roots = {id: root for id, (_, _, root) in catalogue.known().items()}
        for article in catalogue.articles():
            found.take(article, roots[article.id], False)
        catalogue.close()
        return found

    def _apply(self, found: Survey, gone: list[str], generation: Generation, report: Report | None) -> None:
        with closing(found):
            generation.catalogue.move(found.moved)
            build(found.spool, generation, self.splitter, self.embedder, report)
            generation.drop(gone)

    # Reading.

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """At most `k` passages, the best first; IndexMissing before a first sync, FilterError for a bad filter."""
        vector, wanted = self.embedder.embed([query])[0], filters or Filters()

        def find(generation: Generation) -> list[Hit]:
            scope = self._scope(wanted, generation)
            near = generation.nearest(vector, self.settings.dense_top, scope)
            matching = generation.matching(query, self.settings.word_top, scope)
            return self._hits(Meant.of(query, wanted, generation.catalogue.publishers()), generation, near, matching, k)

        return self._shelf.read(find)

    def _hits(
        self, meant: Meant, generation: Generation, near: list[Found], matching: list[Found], k: int
    ) -> list[Hit]:
        places = {_name(found): found for found in [*near, *matching]}
        dense, words = ({_name(found): found[-1] for found in side} for side in (near, matching))
        ranks = [{name: rank for rank, name in enumerate(side, 1)} for side in (dense, words)]
        best = list(fuse(dense, words, self.settings.word_weight).items())
        best = best if meant.particular else best[: _SPARE * k]
        passages = generation.passages([places[name] for name, _ in best])
        farthest, hits = min(dense.values(), default=0.0), []
        for (name, score), passage in zip(best, passages, strict=True):
            if passage is not None:
                favour, cosine = meant.favour(passage), dense.get(name, farthest)
                found = (ranks[0].get(name), ranks[1].get(name))
                stale = meant.stale(passage)
                hits.append(Hit(passage, score + favour, *found, likeness=cosine, favour=favour, stale=stale))
        hits.sort(key=lambda hit: -hit.score)
        return fold(hits[: _SPARE * k], self.settings.fold_likeness)[:k]

    def as_retriever(self, k: int = 10, filters: Filters | None = None) -> "ArticleRetriever":
        """A LlamaIndex retriever that gives `k` passages a query, of the articles that the filters let through."""
        from rag.llama import ArticleRetriever

        return ArticleRetriever(self, k, filters)

    def articles(self) -> Iterator[Article]:
        """Every article, in the order of the ids."""
        with self._shelf.reading() as generation:
            yield from generation.catalogue.articles()

    def article(self, id: str) -> Article | None:
        """The article with this id, or None."""
        with self._shelf.reading() as generation:
            return generation.catalogue.article(id)

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
            named = self._scope(Filters(publisher, since, until), generation).publishers
            page = (order, descending, max(start, 0), max(most, 0))
            return generation.catalogue.listed(words, named, since, until, *page)

    def publishers(self) -> list[str]:
        """The publishers' names, each once, in order."""
        with self._shelf.reading() as generation:
            return generation.catalogue.publishers()

    def counts(self) -> tuple[int, int]:
        """How many articles and passages it holds."""
        with self._shelf.reading() as generation:
            return generation.catalogue.counts()

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
                "folder": str(self._shelf.folder.root),
                "generation": generation.folder.name,
                "articles": articles,
                "passages": passages,
                "model": asdict(manifest.model),
                "splitter": manifest.splitter,
                "sources": generation.catalogue.sources(),
                "bytes": sum(path.stat().st_size for path in files),
            }

    def close(self) -> None:
        """Lets the files go; the next use opens them again."""
        self._shelf.close()

    def _manifest(self) -> Manifest:
        remote = bool(self.settings.chroma_url)
        return Manifest.make(self.embedder.identity, self.splitter.identity, remote)

    def _scope(self, filters: Filters, generation: Generation) -> Scope:
        publishers: tuple[str, ...] = ()
        if wanted := filters.publisher.strip().casefold():
            names = generation.catalogue.publishers()
            exact = [name for name in names if name.casefold() == wanted]
            publishers = tuple(exact or [name for name in names if wanted in name.casefold()])
            if not publishers:
                known = ", ".join(names[:8]) or "none is named"
                raise FilterError(f"no article is from {filters.publisher!r}; publishers: {known}")
        return Scope(publishers, day_number(filters.since), day_number(filters.until))


def _listed(sources: Sources) -> list[str]:
    return [str(sources)] if isinstance(sources, str | Path) else [str(source) for source in sources]


def _remember(generation: Generation, sources: list[str], replace: bool) -> None:
    generation.catalogue.remember([root_of(source) for source in sources if source != "-"], replace)


def _sources_of(current: Path | None) -> list[str]:
    if current is None:
        return []
    with closing(Catalogue(current / "catalogue.sqlite")) as catalogue:
        return catalogue.sources()


def _name(found: Found) -> str:
    id, version, start, end, _ = found
    return f"{id}@{version}:{start}-{end}"
