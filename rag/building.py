"""From articles to a generation: split, embed and write them, a window at a time."""

import time
from collections.abc import Iterator

import numpy as np

from rag.ahead import ahead
from rag.generation import Generation
from rag.ports import Embedder, Vectors
from rag.splitting import Splitter, embedded_texts
from rag.surveying import Report, Spool
from rag.types import Article, Passage, Progress

Window = list[tuple[Article, str, list[Passage]]]
"""Articles that are written together, with their roots and passages."""

_WINDOW = 256
"""Passages embedded and written together: enough to sort by length, few enough that nobody who stops waits long."""


def build(
    articles: Spool, generation: Generation, splitter: Splitter, embedder: Embedder, report: Report | None
) -> None:
    """Splits, embeds and writes the articles; each window is searchable as soon as it is written.

    While a window is written the next one is embedded and the one after that is split.
    """
    done = written = 0
    started = time.monotonic()
    with ahead(prepared(articles, generation, splitter)) as ready, ahead(embedded(ready, embedder)) as made:
        for batch, vectors in made:
            generation.put(batch, vectors)
            done, written = done + len(batch), written + len(vectors)
            if report is not None:
                report(Progress("indexing", done, len(articles), written, time.monotonic() - started))


def prepared(
    articles: Spool, generation: Generation, splitter: Splitter
) -> Iterator[tuple[Window, list[str], dict[str, Vectors]]]:
    """Each window with the texts of its passages, and the vectors that some of these have already."""
    for batch in windows(articles, splitter):
        texts = [text for article, _, passages in batch for text in embedded_texts(article.title, passages, splitter)]
        yield batch, texts, already(batch, set(texts), generation, splitter)


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


def embedded(
    ready: Iterator[tuple[Window, list[str], dict[str, Vectors]]], embedder: Embedder
) -> Iterator[tuple[Window, Vectors]]:
    """Each window with one vector a passage; a text is embedded once, and only if it has no vector yet."""
    for batch, texts, known in ready:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = embedder.embed(missing)
        rows = known | dict(zip(missing, vectors, strict=True))
        yield batch, np.stack([rows[text] for text in texts]) if texts else vectors


def windows(articles: Spool, splitter: Splitter) -> Iterator[Window]:
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
