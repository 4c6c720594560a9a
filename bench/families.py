"""Builds an index that grows from size to size, of articles as long as those of news, with given vectors.

It goes the way of a sync but for splitting and embedding: a passage is three paragraphs, and what is in the index
already is left as it is. What stands on disk in the end is what a sync leaves there; what it took to build is less.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from rag import Index
from rag.ingestion.sync import Sync
from rag.source_state import Source
from rag.storage.generation import ChunkedArticle
from rag.storage.vectors import hnsw
from rag.storage.vectors.filters import to_metadata
from rag.types import Article, Changes, Passage

PARAGRAPHS = (24, 36)
"""Paragraphs of an article, least and most; about eleven passages, as of news."""
_OF_A_PASSAGE = 3
_WINDOW = 512
_BATCH = 4096
"""Passages whose words, and whose vectors, are written at once."""
_WRITTEN_EVERY = 50_000
_BREAK = "\n\n"


class GivenVectors(Sync):
    """A sync that writes words as any does, and meanwhile vectors in large batches into a graph that nobody reads.

    That spares what a sync does so that others can ask meanwhile, and a kill loses nothing: the same graph is built,
    once in place of twice. The last writing of it, in a copy, is that of any sync.
    """

    def _build(self) -> None:
        vectors = self._generation.vectors
        collection = vectors._open_for_writing()
        hnsw.set_write_threshold(collection, _WRITTEN_EVERY)
        vectors._reopen(writing=True)
        with ThreadPoolExecutor(1) as thread:
            self._write_words(thread)
        vectors._pending = hnsw.NEVER

    def _write_words(self, thread: ThreadPoolExecutor) -> None:
        writing = thread.submit(list[ChunkedArticle])
        batch = list[ChunkedArticle]()
        for window in self._windows():
            self._generation.put(window, {})
            batch += window
            if count(batch) >= _BATCH:
                self._generation.catalogue.pending.remove(one.version for one in writing.result())
                writing = thread.submit(self._write_vectors, batch)
                batch = []
        for done in (writing.result(), self._write_vectors(batch)):
            self._generation.catalogue.pending.remove(one.version for one in done)

    def _windows(self) -> Iterator[list[ChunkedArticle]]:
        window = list[ChunkedArticle]()
        for article, root in self._scan.spool:
            window.append(ChunkedArticle(article, root, passages(article)))
            if count(window) >= _WINDOW:
                yield window
                window = []
        if window:
            yield window

    def _write_vectors(self, batch: list[ChunkedArticle]) -> list[ChunkedArticle]:
        own = [passage for chunked in batch for passage in chunked.passages]
        if not own:
            return []
        self._generation.vectors._open_for_writing().upsert(
            ids=[passage.id for passage in own],
            embeddings=self._embedder.embed([passage.text for passage in own]),
            metadatas=[dict(to_metadata(passage)) for passage in own],
        )
        return batch


def count(articles: Sequence[ChunkedArticle]) -> int:
    """Count the passages of articles."""
    return sum(len(chunked.passages) for chunked in articles)


def grow(index: Index, articles: Path) -> Changes:
    """Add the articles of a file that are not in the index yet."""
    given = [Source(str(articles))]
    with (
        index.generations.writing() as generation,
        GivenVectors(
            generation,
            index.settings,
            chunker=index.chunker,
            embedder=index.embedder,
            engine=None,
            index_folder=index.folder,
            adding=False,
            forget=False,
            report=None,
        ) as sync,
    ):
        sync.scan(given)
        index.generations.go_live(generation)
        sync.decide(only_read=False)
        sync.write(given, replace_sources=True)
        return sync.changes


def passages(article: Article) -> list[Passage]:
    """Cut an article after every third paragraph."""
    return article.passages(spans(article.text))


def spans(text: str) -> Iterator[tuple[int, int]]:
    starts = [0]
    while (at := text.find(_BREAK, starts[-1])) >= 0:
        starts.append(at + len(_BREAK))
    cuts = [*starts[::_OF_A_PASSAGE], len(text) + len(_BREAK)]
    for start, following in pairwise(cuts):
        yield start, following - len(_BREAK)


def count_passages(folder: Path) -> int:
    """Return how many passages the one generation of an index has, without opening it; 0 where there is none."""
    for path in folder.glob("generation-*/catalogue.sqlite"):
        with closing(sqlite3.connect(path)) as catalogue:
            return int(catalogue.execute("SELECT TOTAL(passages) FROM articles").fetchone()[0])
    return 0
