"""One generation of an index: catalogue, vectors and BM25 kept in agreement.

A change goes: announce in the catalogue, write the vectors, write the words, confirm in the catalogue, then take out
what was replaced. The process may be killed between any two of these: what the catalogue does not confirm is never
returned, and what it has announced is cleaned up by the next writer.

Vectors may come later. The catalogue confirms an article as pending then, in the same transaction, and takes that back
once all its vectors are written. What is pending answers by its words, and by the vectors that it has already.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag import protocols
from rag.storage.bm25 import BM25Index
from rag.storage.boilerplate import Boilerplate
from rag.storage.catalogue import Catalogue, IndexedArticle
from rag.storage.duplicates import NearDuplicates
from rag.storage.index_folder import Manifest
from rag.storage.records import ArticleVersion, Scope, ScoredPassage, StoredPassage
from rag.storage.vectors import Server, VectorStore
from rag.text.sentences import Spans
from rag.types import Article, Passage

_WIDER = 4
"""How many times more passages are asked for where a writer came between."""
_SEARCH_ATTEMPTS = 3


class ChunkedArticle(NamedTuple):
    """An article cut into passages, ready to be written."""

    article: Article
    root: str
    """The source it came from, as the index remembers it."""
    passages: list[Passage]

    @property
    def version(self) -> ArticleVersion:
        """The version of the article that is written."""
        return ArticleVersion(self.article.id, self.article.digest)


UNKNOWN_ARITHMETIC = "unknown"
"""Numbers in which an earlier version computed vectors."""
Vectors = Mapping[str, protocols.Matrix]
"""Vectors of passages by their ids, each of shape (dimension,)."""


def arithmetics_of(embedder: protocols.Embedder) -> tuple[str, ...]:
    """Return the numbers in which an embedder has computed so far; none where it does not say."""
    return embedder.arithmetics if isinstance(embedder, protocols.ArithmeticEmbedder) else ()


class Generation:
    """The three stores of one generation: the catalogue, opened at once; vectors and BM25, opened when first needed."""

    def __init__(self, folder: Path, *, server: Server | None = None, create: bool = False) -> None:
        """Open the catalogue in `folder`; `server` has the vectors of remote ones; `create` makes missing stores."""
        self.folder = folder
        self.manifest = Manifest.read(folder)
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.copies = NearDuplicates(self.catalogue.database, self.catalogue.article)
        self.boilerplate = Boilerplate(self.catalogue.database)
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._vectors: VectorStore | None = None
        self._words: BM25Index | None = None
        self._users = 0
        self._retired = False
        self._seen = self.catalogue.state
        self._server = server
        self._create = create
        if create:
            # A writer after a crash finds them.
            _ = self.vectors, self.words

    @property
    def vectors(self) -> VectorStore:
        """The passages as vectors; opened when first needed, which takes a while."""
        with self._opening:
            if self._vectors is None:
                self._vectors = VectorStore(self._place, self.manifest.collection, create=self._create)
            return self._vectors

    @property
    def _place(self) -> str | Server:
        return self._server if self.manifest.remote and self._server else str(self.folder / "vectors")

    @property
    def words(self) -> BM25Index:
        """The passages as words; opened when first needed."""
        with self._opening:
            if self._words is None:
                self._words = BM25Index(self.folder / "words")
            return self._words

    @property
    def arithmetics(self) -> tuple[str, ...]:
        """The numbers in which its vectors were computed; read anew, since another process may have noted more."""
        return Manifest.read(self.folder).arithmetics

    # Writing.

    def note_arithmetics(self, arithmetics: Sequence[str]) -> None:
        """Note in which numbers vectors that are written next were computed; of those before them it may be unknown."""
        noted = self.arithmetics
        if not noted and arithmetics and self.embedded_share and self.catalogue.counts().articles:
            noted = (UNKNOWN_ARITHMETIC,)
        more = tuple(name for name in arithmetics if name not in noted)
        if more:
            replace(self.manifest, arithmetics=noted + more).write(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Prepare the stores for the writes of the block; while it runs, this process has the newest view of them."""
        self.catch_up()
        with self.vectors.keep_open():
            try:
                self.settle()
                yield
                self.vectors.tidy()
            finally:
                self.words.close_writer()
                self._seen = self.catalogue.state

    def put(self, batch: Sequence[ChunkedArticle], vectors: Vectors) -> None:
        """Add or replace articles; one that has a passage without a vector is pending."""
        self.catalogue.announce(chunked.version for chunked in batch)
        self._add_vectors(batch, vectors)
        self.words.add(passage for chunked in batch for passage in chunked.passages)
        self.words.commit()
        self.catalogue.confirm(_to_indexed_articles(batch, vectors))
        self.settle()
        self.vectors.tidy(growing=True)

    def put_vectors(self, batch: Sequence[ChunkedArticle], vectors: Vectors) -> None:
        """Add the vectors of pending articles, all of each; those that are there already are replaced."""
        self._add_vectors(batch, vectors)
        self.catalogue.pending.remove(chunked.version for chunked in batch)
        self.vectors.tidy(growing=True)

    def mend(self, batch: Sequence[ChunkedArticle], vectors: Vectors) -> None:
        """Write the passages of articles again that are in the index in this version; no version is replaced."""
        # Vectors are replaced by their ids; the words go and come in one commit.
        self._add_vectors(batch, vectors)
        for chunked in batch:
            self.words.delete(*chunked.version)
        self.words.add(passage for chunked in batch for passage in chunked.passages)
        self.words.commit()
        self.catalogue.confirm(_to_indexed_articles(batch, vectors))

    def _add_vectors(self, batch: Sequence[ChunkedArticle], vectors: Vectors) -> None:
        """Write the vectors that the passages of some articles have."""
        passages = [passage for chunked in batch for passage in chunked.passages if passage.id in vectors]
        if passages:
            self.vectors.add(passages, np.stack([vectors[passage.id] for passage in passages]))

    def clear(self, vectors: Sequence[str], words: Sequence[ArticleVersion]) -> None:
        """Delete the vectors with these ids, and the words of these versions of articles, without checking either."""
        self.vectors.delete_ids(vectors)
        for version in words:
            self.words.delete(*version)
        self.words.commit()
        self.catalogue.settle([])

    def drop(self, ids: Sequence[str]) -> None:
        """Remove articles from all stores."""
        self.catalogue.forget(ids)
        self.settle()

    def settle(self) -> None:
        """Delete from the stores what the catalogue has announced or replaced but does not confirm; find duplicates."""
        self.copies.update()
        versions = self.catalogue.unsettled_versions()
        if not versions:
            return
        for version in versions:
            self.vectors.delete(*version)
            self.words.delete(*version)
        self.words.commit()
        self.catalogue.settle(versions)

    # Reading.

    def catch_up(self) -> None:
        """See what another process has written since the last look."""
        if self.catalogue.state == self._seen:
            return
        vectors = self.vectors
        words = self.words
        with self._lock:
            if (state := self.catalogue.state) != self._seen:
                vectors.refresh()
                words.refresh()
                self._seen = state

    def nearest(self, vector: protocols.Matrix, top: int, scope: Scope) -> list[ScoredPassage]:
        """Find the confirmed passages with the nearest vectors, best first."""
        in_scope = partial(self.catalogue.filter_scope, scope=scope)
        return self._search_and_confirm(
            lambda wanted: self.vectors.search(vector, wanted, scope, in_scope=in_scope), top
        )

    def matching(self, query: str, top: int, scope: Scope) -> list[ScoredPassage]:
        """Find the best confirmed passages by BM25, best first."""
        return self._search_and_confirm(lambda wanted: self.words.search(query, wanted, scope), top)

    def _search_and_confirm(self, search: Callable[[int], list[ScoredPassage]], top: int) -> list[ScoredPassage]:
        """Search a store, and keep what the catalogue confirms; search wider where a writer came between the two."""
        wanted = top
        kept: list[ScoredPassage] = []
        for _ in range(_SEARCH_ATTEMPTS):
            self.catch_up()
            found = search(wanted)
            current = self.catalogue.filter_current(hit.passage.article_version for hit in found)
            kept = [hit for hit in found if hit.passage.article_version in current]
            if len(kept) == len(found) or len(kept) >= top:
                break
            wanted = top * _WIDER
        return kept[:top]

    def passages(self, stored: Sequence[StoredPassage]) -> list[Passage | None]:
        """Read the passages with their text, None for one that has been replaced meanwhile."""
        spans: dict[ArticleVersion, set[tuple[int, int]]] = defaultdict(set)
        for passage in stored:
            spans[passage.article_version].add((passage.start, passage.end))
        # All of an article at once, whose digest and structure are then computed once.
        found = {
            (version, passage.start, passage.end): passage
            for version, article in self.catalogue.read_current(spans).items()
            for passage in article.passages(spans[version])
        }
        return [found.get((passage.article_version, passage.start, passage.end)) for passage in stored]

    def spans(self, articles: Sequence[Article]) -> list[Spans]:
        """Look up where the passages of indexed articles start and end, in order; empty where words miss any."""
        versions = [ArticleVersion(article.id, article.digest) for article in articles]
        found = self.words.spans(versions)
        counts = self.catalogue.count_passages(versions)
        return [
            spans if len(spans := found[version]) == len(set(spans)) == counts.get(version) else []
            for version in versions
        ]

    @property
    def has_vectors_of_pending(self) -> bool:
        """Whether passages of pending articles may have vectors, of a text that stayed or of work that was ended."""
        embedded = self.catalogue.counts().passages - self.catalogue.pending.count().passages
        return self.vectors.count() != embedded

    @property
    def stores_agree(self) -> bool:
        """Whether the three stores hold the same number of passages, but for vectors that are still to be made."""
        passages = self.catalogue.counts().passages
        fewest = passages - self.catalogue.pending.count().passages
        return self.words.count() == passages and fewest <= self.vectors.count() <= passages

    @property
    def embedded_share(self) -> float:
        """The share of the articles that have all their vectors, 0 to 1; 1 where there are no articles."""
        if not (pending := len(self.catalogue.pending)):
            return 1.0
        articles = self.catalogue.counts().articles
        return (articles - pending) / articles

    def describe(self) -> dict[str, object]:
        """Describe what it holds and what built it."""
        articles, passages = self.catalogue.counts()
        return {
            "generation": self.folder.name,
            "articles": articles,
            "embedded": articles - len(self.catalogue.pending),
            "passages": passages,
            "model": asdict(self.manifest.model),
            "arithmetics": list(self.arithmetics),
            "splitter": self.manifest.splitter,
            "sources": [source.name for source in self.catalogue.sources()],
            "bytes": sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()),
        }

    def kills(self) -> bool:
        """Whether opening the vectors would end this process."""
        return self._vectors is None and VectorStore.kills(self._place, self.manifest.collection)

    # Being used and let go.

    def hold(self) -> None:
        """Keep the stores open until `release`, even when another generation takes over."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """End a `hold`."""
        with self._lock:
            self._users -= 1
        self._close_if_idle()

    def retire(self) -> None:
        """Close the stores once nobody uses them."""
        self._retired = True
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        with self._lock:
            if not self._retired or self._users:
                return
            self._retired = False
        if self._words is not None:
            self._words.close()
        if self._vectors is not None:
            self._vectors.close()
        self.catalogue.close()


def _to_indexed_articles(batch: Sequence[ChunkedArticle], vectors: Vectors) -> list[IndexedArticle]:
    """Return the articles of a batch as the catalogue lists them, and whether each has all its vectors."""
    return [
        IndexedArticle(article, root, len(passages), is_pending=any(passage.id not in vectors for passage in passages))
        for article, root, passages in batch
    ]
