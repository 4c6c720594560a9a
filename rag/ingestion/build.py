"""Chunk, embed and write articles, a window at a time."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from rag.failures import attempt
from rag.ingestion.prefetch import prefetch
from rag.ingestion.scan import Report, Spool
from rag.protocols import Embedder, Engine, Matrix
from rag.storage.generation import Generation
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Article, Failure, Passage, Progress

Split = tuple[Article, str, list[Passage]]
"""An article with its root and passages."""
Lost = tuple[Article, Failure]
"""An article that could not be split, embedded or written, and why."""
Ready = tuple["Window", dict[str, Matrix]]
"""A window, and the vectors that some of its texts have already."""

_WINDOW = 256
"""Passages embedded and written together: enough to sort by length, few enough that nobody who stops waits long."""
_PORTION = 500_000
"""Characters of articles that are sent elsewhere together: about three windows."""


@dataclass(slots=True)
class Window:
    """Articles that are written together, and those that were lost on the way."""

    articles: list[Split] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """What the model reads of each passage, in their order."""
    lost: list[Lost] = field(default_factory=list)


def build(
    articles: Spool,
    generation: Generation,
    splitter: Chunker,
    embedder: Embedder,
    report: Report | None,
    engine: Engine | None = None,
) -> None:
    """Splits, embeds and writes the articles; each window is searchable as soon as it is written.

    An article with which something goes wrong is added to `articles.lost`, and the others are built.

    While a window is written the next one is embedded and the one after that is split. An `engine` splits and embeds
    elsewhere, in portions of the articles; only the writing is done here then.
    """
    done = written = 0
    started = time.monotonic()
    with embed_batches(articles, generation, Work(splitter, embedder), engine) as pairs:
        for window, vectors in pairs:
            articles.lost += [*window.lost, *write(window.articles, vectors, generation)]
            done, written = done + len(window.articles), written + len(vectors)
            if report is not None:
                report(Progress("indexing", done, len(articles), written, time.monotonic() - started))


def write(articles: Sequence[Split], vectors: Matrix, generation: Generation) -> list[Lost]:
    """Write articles with one row of `vectors` a passage; return those that the stores do not take.

    They are written together. Where that fails for a reason that lies in one of them, each is written alone.
    """
    if not articles or not isinstance(attempt("", lambda: generation.put(articles, vectors)), Failure):
        return []
    lost, start = list[Lost](), 0
    for article, root, passages in articles:
        own = vectors[start : start + len(passages)]
        start += len(passages)
        put = partial(generation.put, [(article, root, passages)], own)
        if isinstance(failure := attempt(named(article), put), Failure):
            lost.append((article, failure))
    return lost


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to articles before they are written; in another process with no vector known."""

    splitter: Chunker
    embedder: Embedder

    def __call__(self, articles: Iterable[tuple[Article, str]]) -> Iterator[tuple[Window, Matrix]]:
        """The articles with their passages and one vector a passage, a window at a time."""
        known = dict[str, Matrix]()
        yield from embed_windows(((window, known) for window in windows(articles, self.splitter)), self.embedder)


@contextmanager
def embed_batches(
    articles: Spool, generation: Generation, work: Work, engine: Engine | None
) -> Iterator[Iterator[tuple[Window, Matrix]]]:
    """The windows to be written, each with one vector a passage, made here ahead or by the engine."""
    if engine is not None:
        # The vectors that are there already are not sent along: an engine is for what is mostly new.
        yield engine.spread(work, portions(articles), heavy=True)
        return
    with (
        prefetch(prepare(articles, generation, work.splitter)) as ready,
        prefetch(embed_windows(ready, work.embedder)) as pairs,
    ):
        yield pairs


def prepare(articles: Spool, generation: Generation, splitter: Chunker) -> Iterator[Ready]:
    """Each window with the vectors that some of its texts have already."""
    for window in windows(articles, splitter):
        yield window, find_reusable_vectors(window, generation, splitter)


def find_reusable_vectors(window: Window, generation: Generation, splitter: Chunker) -> dict[str, Matrix]:
    """The vectors of those texts that the present versions of the articles hold too.

    The stores keep no text of passages, so it is cut again from the article in the catalogue.
    """
    texts, ids = set(window.texts), dict[str, str]()
    for article, _, _ in window.articles:
        if (present := generation.catalogue.article(article.id)) is not None:
            held = attempt(present.id, partial(split, present, splitter))
            pairs = zip(*held, strict=True) if not isinstance(held, Failure) else ()
            ids |= {text: passage.id for passage, text in pairs if text in texts}
    rows = generation.vectors.rows(list(ids.values()))
    return {text: rows[id] for text, id in ids.items() if id in rows}


def embed_windows(ready: Iterable[Ready], embedder: Embedder) -> Iterator[tuple[Window, Matrix]]:
    """Each window with one vector a passage; a text is embedded once, and only if it has no vector yet."""
    for window, known in ready:
        rows = attempt("", partial(_rows, window.texts, known, embedder))
        if isinstance(rows, Failure):
            window, rows = _embedded_alone(window, known, embedder)
        texts = window.texts
        yield window, np.stack([rows[text] for text in texts]) if texts else embedder.embed([])


def _rows(texts: Sequence[str], known: Mapping[str, Matrix], embedder: Embedder) -> dict[str, Matrix]:
    """The vector of each text: those that are known, and those that are made now."""
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    return {**known, **dict(zip(missing, embedder.embed(missing), strict=True))}


def _embedded_alone(
    window: Window, known: Mapping[str, Matrix], embedder: Embedder
) -> tuple[Window, dict[str, Matrix]]:
    """Embed the articles of a window one by one; those that cannot be are lost, the others stay."""
    kept, rows, start = Window(lost=window.lost), dict(known), 0
    for article, root, passages in window.articles:
        texts = window.texts[start : start + len(passages)]
        start += len(passages)
        own = attempt(named(article), partial(_rows, texts, rows, embedder))
        if isinstance(own, Failure):
            kept.lost.append((article, own))
            continue
        rows = own
        kept.articles.append((article, root, passages))
        kept.texts += texts
    return kept, rows


def portions(articles: Iterable[tuple[Article, str]]) -> Iterator[list[tuple[Article, str]]]:
    """The articles in portions of some windows each, judged by their length alone."""
    portion: list[tuple[Article, str]] = []
    size = 0
    for article, root in articles:
        portion.append((article, root))
        size += len(article.text)
        if size >= _PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def windows(articles: Iterable[tuple[Article, str]], splitter: Chunker) -> Iterator[Window]:
    """The articles with their passages, gathered until a window is full."""
    window = Window()
    for article, root in articles:
        embed_batches = attempt(named(article), partial(split, article, splitter))
        if isinstance(embed_batches, Failure):
            window.lost.append((article, embed_batches))
            continue
        window.articles.append((article, root, embed_batches[0]))
        window.texts += embed_batches[1]
        if len(window.texts) >= _WINDOW:
            yield window
            window = Window()
    if window.articles or window.lost:
        yield window


def split(article: Article, splitter: Chunker) -> tuple[list[Passage], list[str]]:
    """The passages of an article, and what the model reads of each."""
    passages = splitter.split(article)
    return passages, embedded_texts(article.title, passages, splitter)


def named(article: Article) -> str:
    """What a failure names an article by: where it was read from, or its id."""
    return article.origin or article.id
