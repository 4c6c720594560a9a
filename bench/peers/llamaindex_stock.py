"""LlamaIndex as it comes, a peer of bench/quality.py: whole articles in, VectorStoreIndex with every default.

Its splitter makes chunks of 1,024 tokens, of which the model reads 256. As on our side the title is embedded with each
chunk, and nothing else is.
"""

from protocol import BEST, Indexing, Record, Search, serve


def load(model: str) -> Indexing:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.schema import NodeWithScore
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    embedding = HuggingFaceEmbedding(model_name=model)

    def index(articles: list[Record]) -> dict[str, Search]:
        documents = [
            Document(doc_id=str(one["id"]), text=str(one["text"]), metadata={"title": one["title"]}) for one in articles
        ]
        retriever = VectorStoreIndex.from_documents(documents, embed_model=embedding).as_retriever(
            similarity_top_k=BEST
        )
        return {"LlamaIndex, stock": lambda question: [stretch(one) for one in retriever.retrieve(question)]}

    def stretch(found: NodeWithScore) -> Record:
        node = found.node
        places = (node.start_char_idx, node.end_char_idx)
        start, end = places if None not in places else (-1, -1)
        return {"article_id": node.ref_doc_id, "text": node.text, "start": start, "end": end}

    return index


if __name__ == "__main__":
    serve(load)
