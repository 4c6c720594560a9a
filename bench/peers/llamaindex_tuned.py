"""LlamaIndex with our passages, a peer of bench/quality.py: BM25 and vectors, fused in both ways it is known for.

BM25Retriever stems English and leaves stop words out by default; the vectors lie in the default store. No LLM writes
further queries.
"""

from protocol import BEST, CANDIDATES, Indexing, Record, Search, serve, whole


def load(model: str) -> Indexing:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.retrievers.bm25 import BM25Retriever

    embedding = HuggingFaceEmbedding(model_name=model)

    def index(documents: list[Record]) -> dict[str, Search]:
        known = {str(one["id"]): one for one in documents}
        nodes = [TextNode(id_=id, text=whole(one)) for id, one in known.items()]
        vectors = VectorStoreIndex(nodes, embed_model=embedding).as_retriever(similarity_top_k=CANDIDATES)
        words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(CANDIDATES, len(nodes)))

        def search(mode: FUSION_MODES) -> Search:
            fused = QueryFusionRetriever(
                [words, vectors], MockLLM(), mode=mode, similarity_top_k=BEST, num_queries=1, use_async=False
            )
            return lambda question: [known[one.node.node_id] for one in fused.retrieve(question)]

        return {
            "LlamaIndex, our passages, relative scores": search(FUSION_MODES.RELATIVE_SCORE),
            "LlamaIndex, our passages, reciprocal ranks": search(FUSION_MODES.RECIPROCAL_RANK),
        }

    return index


if __name__ == "__main__":
    serve(load)
