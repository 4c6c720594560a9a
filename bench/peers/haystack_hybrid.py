"""Haystack with our passages, a peer of bench/quality.py: BM25 and vectors in memory, joined by reciprocal ranks."""

from protocol import BEST, CANDIDATES, Indexing, Record, Search, serve, whole


def load(model: str) -> Indexing:
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    asker = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    asker.warm_up()

    def index(documents: list[Record]) -> dict[str, Search]:
        known = {str(one["id"]): one for one in documents}
        store = InMemoryDocumentStore()
        embedded = embedder.run([Document(id=id, content=whole(one)) for id, one in known.items()])
        store.write_documents(embedded["documents"])
        pipeline = Pipeline()
        pipeline.add_component("asker", asker)
        pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
        pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=CANDIDATES))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=BEST))
        pipeline.connect("asker.embedding", "vectors.query_embedding")
        pipeline.connect("words", "joiner")
        pipeline.connect("vectors", "joiner")

        def search(question: str) -> list[Record]:
            done = pipeline.run({"asker": {"text": question}, "words": {"query": question}})
            return [known[one.id] for one in done["joiner"]["documents"]]

        return {"Haystack, our passages": search}

    return index


if __name__ == "__main__":
    serve(load)
