"""Write Chroma's HNSW graph in a copy, never in the folder in use."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rag.errors import StoreError, is_panic

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

NEVER = 1_000_000_000
"""Changes after which Chroma would write the graph of a folder in use."""
_LOG_SHARE = 32
_GROWING_SHARE = 8
LARGE = 100_000
"""Passages of a folder whose copies take so long that they are made less often while it grows."""
_AT_ONCE = 2
_BATCH = 100
_PAGE = 5000
_NEAR = 10


def share_in_log(passages: int, *, growing: bool) -> int:
    """Return which share of the passages of a folder may wait in its log until the graph is written again.

    A graph is written in a copy of all passages, so while a writer adds to a large folder more of them wait.
    """
    return passages // (_GROWING_SHARE if growing and passages > LARGE else _LOG_SHARE)


def is_never_written(collection: "Collection") -> bool:
    """Whether Chroma is set never to write the graph on disk."""
    return bool((collection.configuration_json.get("hnsw") or {}).get("sync_threshold") == NEVER)


def set_write_threshold(collection: "Collection", changes: int = NEVER) -> None:
    """Set after how many changes Chroma writes the graph, from the next time the collection is opened on."""
    with warnings.catch_warnings():
        # Chroma warns of collections without a model of its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        collection.modify(configuration={"hnsw": {"sync_threshold": changes, "batch_size": min(changes, _BATCH)}})


def write(folder: Path, name: str, passages: int) -> None:
    """Have Chroma put its log into the graph of a folder that nobody uses; StoreError unless all is in it then."""
    count = 0
    try:
        with _open_collection(folder, name) as collection:
            # A look at it now would put the whole log into a graph that nobody writes.
            set_write_threshold(collection, _AT_ONCE)
        with _open_collection(folder, name) as collection:
            # The first look at it is what reads the log, and writes the graph.
            collection.peek(1)
            set_write_threshold(collection)
            count = collection.count()
    except Exception as error:
        raise StoreError(f"the graph in {folder} cannot be written: {error}") from error
    if count != passages or (count and not any(folder.rglob("index_metadata.pickle"))):
        raise StoreError(f"the graph in {folder} is not whole")


def kills(folder: Path, name: str) -> bool:
    """Whether reading all of a folder ends the process, or makes Chroma panic; tried in a child process."""
    code = "import sys, rag.storage.vectors.hnsw as graphs; sys.exit(graphs.try_walk(sys.argv[1], sys.argv[2]))"
    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-W", "ignore", "-c", code, str(folder), name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode not in (0, 1)


def try_walk(folder: str, name: str) -> int:
    """Run `walk` in this process, and return an exit code for it: 0, 1 for an error, 2 where a library panics."""
    try:
        walk(Path(folder), name)
    except Exception:
        return 1
    except BaseException as error:
        return 2 if is_panic(error) else 1
    return 0


def walk(folder: Path, name: str) -> None:
    """Read every vector of a folder and follow the graph from the last one of each page."""
    with _open_collection(folder, name) as collection:
        start = 0
        while True:
            vectors = collection.get(include=["embeddings", "metadatas"], limit=_PAGE, offset=start)["embeddings"]
            if vectors is None or not len(vectors):
                break
            collection.query(query_embeddings=vectors[-1:], n_results=_NEAR)
            start += len(vectors)


@contextmanager
def _open_collection(folder: Path, name: str) -> Iterator["Collection"]:
    """Open the collection of a folder for the block."""
    import chromadb
    from chromadb.config import Settings

    client = cast("Client", chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False)))
    try:
        yield client.get_collection(name, embedding_function=None)
    finally:
        client.close()
