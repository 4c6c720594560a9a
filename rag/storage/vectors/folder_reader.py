"""Read a Chroma folder through Chroma's native module alone.

The module is what Chroma's own client calls. That client takes half a second to load, for the sake of servers, traces
and embedding services that a folder does not need, and checks each request again; who only reads goes without it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from rag import protocols

if TYPE_CHECKING:
    from chromadb_rust_bindings import Bindings

Field = Literal["metadatas", "embeddings", "distances"]

OWNER = ("default_tenant", "default_database")
"""The tenant and database of every collection in a folder, as Chroma names them."""
_FILES_PER_GRAPH = 5
"""Files that each graph keeps open, of those that a process may have open."""
_FEWEST_FILES = 256
"""Files that any process may have open, on systems that do not say."""


class Records(TypedDict):
    """Records of a collection in the shape of Chroma's client; a field that was not asked for is None."""

    ids: list[str]
    metadatas: list[Any] | None
    embeddings: Any


class Nearest(TypedDict):
    """The records nearest to each of some vectors, nearest first, in the shape of Chroma's client."""

    ids: list[list[str]]
    metadatas: list[list[Any]] | None
    distances: list[list[float]] | None


class FolderReader:
    """A collection of one folder, open for reading; its methods are those of Chroma's `Collection`.

    Chroma promises nothing about its native module: `open` raises TypeError or AttributeError where that has changed.
    """

    def __init__(self, bindings: "Bindings", name: str) -> None:
        """Read the collection of this name; Chroma's NotFoundError where there is none."""
        found = bindings.get_collection(name, *OWNER)
        self._bindings: Bindings | None = bindings
        self._collection_id = str(found.id)
        self.configuration_json: dict[str, Any] = found.configuration

    @classmethod
    def open(cls, folder: str, name: str) -> "FolderReader":
        """Open a collection of a folder as Chroma's client opens it."""
        import chromadb_rust_bindings as native

        database = native.SqliteDBConfig(
            hash_type=native.MigrationHash.MD5,
            migration_mode=native.MigrationMode.Apply,
            url=str(Path(folder) / "chroma.sqlite3"),
        )
        bindings = native.Bindings(
            allow_reset=False,
            sqlite_db_config=database,
            persist_path=folder,
            hnsw_cache_size=_most_open_files() // _FILES_PER_GRAPH,
        )
        return cls(bindings, name)

    def close(self) -> None:
        """Close the files of the folder."""
        self._bindings = None

    def count(self) -> int:
        """Count the records."""
        return int(self._open_bindings.count(self._collection_id, *OWNER))

    def peek(self, limit: int) -> Records:
        """Return a few records with all that is stored of them, which brings the graph up to date."""
        return self.get(limit=limit, include=("metadatas", "embeddings"))

    def get(
        self,
        ids: Sequence[str] | None = None,
        where: dict[str, object] | None = None,
        limit: int | None = None,
        offset: int = 0,
        *,
        include: Sequence[Field],
    ) -> Records:
        """Return records by their ids or a condition, with these fields; of no ids there are none."""
        if ids is not None and not ids:
            return Records(ids=[], metadatas=[], embeddings=None)
        condition = json.dumps(where) if where else None
        given = None if ids is None else list(ids)
        found = self._open_bindings.get(
            self._collection_id, given, condition, limit, offset, None, list(include), *OWNER
        )
        vectors = None if found.embeddings is None else np.asarray(found.embeddings, np.float32)
        return Records(ids=found.ids, metadatas=found.metadatas, embeddings=vectors)

    def query(
        self,
        query_embeddings: protocols.Matrix,
        n_results: int,
        where: dict[str, object] | None = None,
        *,
        include: Sequence[Field],
    ) -> Nearest:
        """Return the records nearest to each vector; `query_embeddings` has shape (vectors, dimension)."""
        condition = json.dumps(where) if where else None
        rows = list(query_embeddings)
        found = self._open_bindings.query(
            self._collection_id, None, rows, n_results, condition, None, list(include), *OWNER
        )
        return Nearest(ids=found.ids, metadatas=found.metadatas, distances=found.distances)

    @property
    def _open_bindings(self) -> "Bindings":
        if self._bindings is None:
            raise ValueError("the folder was closed")
        return self._bindings


def _most_open_files() -> int:
    """Return how many files this process may have open."""
    try:
        import resource
    except ImportError:
        return _FEWEST_FILES
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
