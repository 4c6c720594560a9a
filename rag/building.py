"""From articles to a generation: split, embed and write them, a window at a time."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from rag.ahead import ahead
from rag.generation import Generation
from rag.ports import Embedder, Engine, Vectors
from rag.splitting import Splitter, embedded_texts
from rag.surveying import Report, Spool
from rag.types import Article, Passage, Progress

Window = list[tuple[Article, str, list[Passage]]]
"""Articles that are written together, with their roots and passages."""
Ready = tuple[Window, list[str], dict[str, Vectors]]
"""A window, the texts of its passages, and the vectors that some of these have already."""

_WINDOW = 256
"""Passages embedded and written together: enough to sort by length, few enough that nobody who stops waits long."""
_PORTION = 500_000
"""Characters of articles that are sent elsewhere together: about three windows."""


def build(
    articles: Spool,
    generation: Generation,
    splitter: Splitter,
    embedder: Embedder,
    report: Report | None,
    engine: Engine | None = None,
) -> None:
    """Splits, embeds and writes the articles; each window is searchable as soon as it is written.

    While a window is written the next one is embedded and the one after that is split. An `engine` splits and embeds
    elsewhere, in portions of the articles; only the writing is done here then.
    """
    done = written = 0
    started = time.monotonic()
    with made(articles, generation, Work(splitter, embedder), engine) as pairs:
        for batch, vectors in pairs:
            generation.put(batch, vectors)
            done, written = done + len(batch), written + len(vectors)
            if report is not None:
                report(Progress("indexing", done, len(articles), written, time.monotonic() - started))


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to articles before they are written; in another process with no vector known."""

    splitter: Splitter
    embedder: Embedder

    def __call__(self, articles: Iterable[tuple[Article, str]]) -> Iterator[tuple[Window, Vectors]]:
        """The articles with their passages and one vector a passage, a window at a time."""
        known = dict[str, Vectors]()
        ready = ((batch, texts_of(batch, self.splitter), known) for batch in windows(articles, self.splitter))
        yield from embedded(ready, self.embedder)


@contextmanager
def made(
    articles: Spool, generation: Generation, work: Work, engine: Engine | None
) -> Iterator[Iterator[tuple[Window, Vectors]]]:
    """The windows to be written, each with one vector a passage, made here ahead or by the engine."""
    if engine is not None:
        # The vectors that are there already are not sent along: an engine is for what is mostly new.
        yield engine.spread(work, portions(articles), heavy=True)
        return
    with (
        ahead(prepared(articles, generation, work.splitter)) as ready,
        ahead(embedded(ready, work.embedder)) as pairs,
    ):
        yield pairs


def prepared(articles: Spool, generation: Generation, splitter: Splitter) -> Iterator[Ready]:
    """Each window with the texts of its passages, and the vectors that some of these have already."""
    for batch in windows(articles, splitter):
        texts = texts_of(batch, splitter)
        yield batch, texts, already(batch, set(texts), generation, splitter)


def texts_of(batch: Window, splitter: Splitter) -> list[str]:
    """What the model reads of the passages of a window, in their order."""
    return [text for article, _, passages in batch for text in embedded_texts(article.title, passages, splitter)]


def already(batch: Window, texts: set[str], generation: Generation, splitter: Splitter) -> dict[str, Vectors]:
    """The vectors of those texts that the present versions of the articles hold too.

    The stores keep no text of passages, so it is cut again from the article in the catalogue.
    """
    ids: dict[str, str] = {}
    for article, _, _ in batch:
        if (present := generation.catalogue.article(article.id)) is not None:
            passages = splitter.split(present)
            held = zip(embedded_texts(present.title, passages, splitter), passages, strict=True)
            ids |= {text: passage.id for text, passage in held if text in texts}
    rows = generation.vectors.rows(list(ids.values()))
    return {text: rows[id] for text, id in ids.items() if id in rows}


def embedded(ready: Iterable[Ready], embedder: Embedder) -> Iterator[tuple[Window, Vectors]]:
    """Each window with one vector a passage; a text is embedded once, and only if it has no vector yet."""
    for batch, texts, known in ready:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = embedder.embed(missing)
        rows = known | dict(zip(missing, vectors, strict=True))
        yield batch, np.stack([rows[text] for text in texts]) if texts else vectors


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


def windows(articles: Iterable[tuple[Article, str]], splitter: Splitter) -> Iterator[Window]:
    """The articles with their passages, gathered until a window is full."""
    batch: Window = []
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
