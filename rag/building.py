"""From articles to a generation: split, embed and write them, a window at a time."""

import time
from collections.abc import Iterator

from rag.generation import Generation
from rag.ports import Embedder
from rag.splitting import Splitter, embedded_texts
from rag.surveying import Report, Spool
from rag.types import Article, Passage, Progress

_WINDOW = 768
"""Passages embedded and written together: enough to sort by length, few enough to hold in memory."""


def build(
    articles: Spool, generation: Generation, splitter: Splitter, embedder: Embedder, report: Report | None
) -> None:
    """Splits, embeds and writes the articles; each window is searchable as soon as it is written."""
    done = written = 0
    started = time.monotonic()
    for batch in windows(articles, splitter):
        texts = [text for article, _, passages in batch for text in embedded_texts(article.title, passages, splitter)]
        generation.put(batch, embedder.embed(texts))
        done, written = done + len(batch), written + len(texts)
        if report is not None:
            report(Progress("indexing", done, len(articles), written, time.monotonic() - started))


def windows(articles: Spool, splitter: Splitter) -> Iterator[list[tuple[Article, str, list[Passage]]]]:
    """The articles with their passages, gathered until a window is full."""
    batch: list[tuple[Article, str, list[Passage]]] = []
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
