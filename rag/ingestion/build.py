"""Chunk, embed and write articles, a window at a time."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from rag.failures import attempt, attempt_article
from rag.ingestion.prefetch import prefetch
from rag.ingestion.spool import SpooledArticle
from rag.protocols import Embedder, Engine, Matrix, Report
from rag.storage.generation import ChunkedArticle, Generation
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Article, Failure, Passage, Progress

WINDOW_PASSAGES = 256
"""Passages embedded and written together: enough to sort by length, few enough that nobody who stops waits long."""
PORTION_CHARS = 500_000
"""Characters of articles that are sent elsewhere together: about three windows."""


class LostArticle(NamedTuple):
    """An article that could not be cleaned, chunked, embedded or written, and why."""

    article: Article
    failure: Failure


class Chunks(NamedTuple):
    """The passages of an article, and what the model reads of each."""

    passages: list[Passage]
    texts: list[str]


@dataclass(slots=True)
class Window:
    """Articles that are written together, and those that were lost on the way."""

    articles: list[ChunkedArticle] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """What the model reads of each passage, in their order."""
    lost: list[LostArticle] = field(default_factory=list)


class PreparedWindow(NamedTuple):
    """A window before it is embedded, and the vectors that some of its texts have already."""

    window: Window
    known: Mapping[str, Matrix]


class EmbeddedWindow(NamedTuple):
    """A window to be written, with one row of `vectors` a passage."""

    window: Window
    vectors: Matrix


def build(
    articles: Iterable[SpooledArticle],
    generation: Generation,
    *,
    total: int,
    chunker: Chunker,
    embedder: Embedder,
    engine: Engine | None = None,
    report: Report | None = None,
) -> list[LostArticle]:
    """Chunk, embed and write articles, and return those that could not be; each window is searchable once written.

    While a window is written the next one is embedded and the one after that is chunked. An `engine` chunks and embeds
    elsewhere, in portions of the articles; only the writing is done here then. `total` is what `report` is given as the
    number of articles.
    """
    lost: list[LostArticle] = []
    articles_done = 0
    passages_done = 0
    started = time.monotonic()
    with embed_batches(articles, generation, ChunkAndEmbed(chunker, embedder), engine=engine) as windows:
        for window, vectors in windows:
            lost += window.lost
            lost += write(window.articles, vectors, generation)
            articles_done += len(window.articles)
            passages_done += len(vectors)
            if report is not None:
                report(Progress("indexing", articles_done, total, passages_done, time.monotonic() - started))
    return lost


def write(articles: Sequence[ChunkedArticle], vectors: Matrix, generation: Generation) -> list[LostArticle]:
    """Write articles with one row of `vectors` a passage; return those that the stores do not take.

    They are written together. Where that fails for a reason that lies in one of them, each is written alone.
    """
    if not articles or not isinstance(attempt("", lambda: generation.put(articles, vectors)), Failure):
        return []
    lost: list[LostArticle] = []
    start = 0
    for chunked in articles:
        own = vectors[start : start + len(chunked.passages)]
        start += len(chunked.passages)
        failure = attempt_article(chunked.article, partial(generation.put, [chunked], own))
        if isinstance(failure, Failure):
            lost.append(LostArticle(chunked.article, failure))
    return lost


@dataclass(frozen=True, slots=True)
class ChunkAndEmbed:
    """Chunk and embed articles, when called with them; an engine calls it in other processes."""

    chunker: Chunker
    embedder: Embedder

    def __call__(self, articles: Iterable[SpooledArticle]) -> Iterator[EmbeddedWindow]:
        """Yield the articles with their passages and one vector a passage, a window at a time."""
        unknown = dict[str, Matrix]()
        prepared = (PreparedWindow(window, unknown) for window in chunk_windows(articles, self.chunker))
        yield from embed_windows(prepared, self.embedder)


@contextmanager
def embed_batches(
    articles: Iterable[SpooledArticle], generation: Generation, work: ChunkAndEmbed, *, engine: Engine | None
) -> Iterator[Iterator[EmbeddedWindow]]:
    """Yield an iterator of embedded windows, made ahead in threads of this process, or else by the engine."""
    if engine is not None:
        # The vectors that are there already are not sent along: an engine is for what is mostly new.
        yield engine.spread(work, portions(articles), heavy=True)
        return
    with (
        prefetch(prepare_windows(articles, generation, work.chunker)) as prepared,
        prefetch(embed_windows(prepared, work.embedder)) as windows,
    ):
        yield windows


def prepare_windows(
    articles: Iterable[SpooledArticle], generation: Generation, chunker: Chunker
) -> Iterator[PreparedWindow]:
    """Chunk the articles into windows, each with the vectors that the index already has of some of its texts."""
    for window in chunk_windows(articles, chunker):
        yield PreparedWindow(window, find_reusable_vectors(window, generation, chunker))


def find_reusable_vectors(window: Window, generation: Generation, chunker: Chunker) -> dict[str, Matrix]:
    """Find the vectors, by text, that the index already has of texts in a window.

    They are those of the indexed versions of the window's own articles. The stores keep no text of passages, so it is
    cut again from the article in the catalogue.
    """
    texts = set(window.texts)
    ids: dict[str, str] = {}
    for chunked in window.articles:
        present = generation.catalogue.article(chunked.article.id)
        if present is None:
            continue
        chunks = attempt_article(present, partial(chunk, present, chunker))
        if not isinstance(chunks, Failure):
            pairs = zip(chunks.passages, chunks.texts, strict=True)
            ids |= {text: passage.id for passage, text in pairs if text in texts}
    rows = generation.vectors.read_vectors(list(ids.values()))
    return {text: rows[id] for text, id in ids.items() if id in rows}


def embed_windows(prepared: Iterable[PreparedWindow], embedder: Embedder) -> Iterator[EmbeddedWindow]:
    """Embed windows, one vector a passage; articles that cannot be embedded become lost ones of their window.

    Within a window a text is embedded once, and only if it has no known vector.
    """
    for window, known in prepared:
        vectors = attempt("", partial(_embed_texts, window.texts, known, embedder))
        if isinstance(vectors, Failure):
            window, vectors = _embed_one_by_one(window, known, embedder)
        rows = np.stack([vectors[text] for text in window.texts]) if window.texts else embedder.embed([])
        yield EmbeddedWindow(window, rows)


def _embed_texts(texts: Sequence[str], known: Mapping[str, Matrix], embedder: Embedder) -> dict[str, Matrix]:
    """Return the vector of each text: the known ones, and the others made now."""
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    return {**known, **dict(zip(missing, embedder.embed(missing), strict=True))}


def _embed_one_by_one(
    window: Window, known: Mapping[str, Matrix], embedder: Embedder
) -> tuple[Window, dict[str, Matrix]]:
    """Embed the articles of a window one by one; return the window, failed ones as lost, and the vectors by text."""
    kept = Window(lost=window.lost)
    vectors = dict(known)
    start = 0
    for chunked in window.articles:
        texts = window.texts[start : start + len(chunked.passages)]
        start += len(chunked.passages)
        more = attempt_article(chunked.article, partial(_embed_texts, texts, vectors, embedder))
        if isinstance(more, Failure):
            kept.lost.append(LostArticle(chunked.article, more))
            continue
        vectors = more
        kept.articles.append(chunked)
        kept.texts += texts
    return kept, vectors


def portions(articles: Iterable[SpooledArticle]) -> Iterator[list[SpooledArticle]]:
    """Group the articles into portions, each ended when its texts have PORTION_CHARS characters."""
    portion: list[SpooledArticle] = []
    size = 0
    for spooled in articles:
        portion.append(spooled)
        size += len(spooled.article.text)
        if size >= PORTION_CHARS:
            yield portion
            portion = []
            size = 0
    if portion:
        yield portion


def chunk_windows(articles: Iterable[SpooledArticle], chunker: Chunker) -> Iterator[Window]:
    """Chunk the articles and yield them in windows, each ended when it has WINDOW_PASSAGES passages.

    An article that cannot be chunked becomes a lost one of its window.
    """
    window = Window()
    for article, root in articles:
        chunks = attempt_article(article, partial(chunk, article, chunker))
        if isinstance(chunks, Failure):
            window.lost.append(LostArticle(article, chunks))
            continue
        window.articles.append(ChunkedArticle(article, root, chunks.passages))
        window.texts += chunks.texts
        if len(window.texts) >= WINDOW_PASSAGES:
            yield window
            window = Window()
    if window.articles or window.lost:
        yield window


def chunk(article: Article, chunker: Chunker) -> Chunks:
    """Chunk an article into passages, with what the model reads of each."""
    passages = chunker.split(article)
    return Chunks(passages, embedded_texts(article.title, passages, chunker))
