"""Passages as vectors in Chroma, in a folder or on a Chroma server; the only room that knows Chroma."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from filelock import FileLock

from rag import ports
from rag.errors import StoreError
from rag.types import Found, Passage, Scope

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

Metadata = Mapping[str, object]

_BATCH = 256
_ATTEMPTS = 5
_WIDE = 10
"""How many times more passages are looked at before Chroma is asked to filter."""
_LAST_DAY = 99_991_231
_ALL = Scope()


class Vectors:
    """One Chroma collection.

    A folder of Chroma may be written by one process while others read it, but not opened in the middle of a
    write: both would bring its graph up to date at once. A lock file keeps the two apart for the moment it
    takes; readers that are open already never wait.
    """

    def __init__(self, place: str, collection: str, create: bool) -> None:
        """`place` is a folder or the URL of a server; without `create` the collection must be there."""
        self._place = place
        self._name = collection
        self._remote = place.startswith(("http://", "https://"))
        self._using = threading.RLock()
        self._pinned = False
        if not self._remote:
            # Chroma would make a missing folder, and an empty index in it.
            if not (create or Path(place).is_dir()):
                raise StoreError(f"there are no vectors in {place}; build the index anew with: rag sync --all")
            Path(place).mkdir(parents=True, exist_ok=True)
            self._gate = FileLock(Path(place).parent / "vectors.lock")
        self._client, self._collection = self._open(create)

    def add(self, passages: Sequence[Passage], vectors: ports.Vectors) -> None:
        """Puts passages in, or again; `vectors` has one row a passage."""
        for start in range(0, len(passages), _BATCH):
            self._write(passages[start : start + _BATCH], vectors[start : start + _BATCH])

    def _write(self, passages: Sequence[Passage], vectors: ports.Vectors) -> None:
        ids = [passage.id for passage in passages]
        metadatas = [_metadata(passage) for passage in passages]
        self._change(lambda: self._collection.upsert(ids=ids, embeddings=vectors, metadatas=metadatas))  # type: ignore[arg-type]

    def delete(self, article_id: str, version: str) -> None:
        """Takes out the passages of one version of an article."""
        where = {"$and": [{"article": article_id}, {"version": version}]}
        self._change(lambda: self._collection.delete(where=where))  # type: ignore[arg-type]

    def _change(self, change: Callable[[], object]) -> None:
        try:
            if self._remote:
                change()
            else:
                with self._gate:
                    change()
        except Exception as error:
            raise StoreError(f"the vectors in {self._place} cannot be written: {error}") from error

    def search(self, vector: ports.Vectors, top: int, scope: Scope = _ALL) -> list[Found]:
        """The nearest passages by cosine, best first; `vector` has shape (dimension,).

        Chroma answers with an error when another process takes out what it is about to return; a client opened
        anew sees the finished state.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._using:
                    return self._filtered(vector, top, scope)
            except Exception as error:
                if attempt == _ATTEMPTS - 1:
                    raise StoreError(f"the vectors in {self._place} cannot be searched: {error}") from error
                time.sleep(0.05 * attempt)
                self.refresh()
        raise AssertionError("unreachable")

    def _filtered(self, vector: ports.Vectors, top: int, scope: Scope) -> list[Found]:
        """Chroma's own filter takes far longer than a longer list, so it is asked only where that is not enough."""
        if scope == _ALL:
            return [found for found, _ in self._query(vector, top, None)]
        wide = list(self._query(vector, top * _WIDE, None))
        kept = [found for found, metadata in wide if _takes(scope, metadata)]
        if len(kept) >= top or self.count() <= top * _WIDE:
            return kept[:top]
        return [found for found, _ in self._query(vector, top, _where(scope))]

    def _query(
        self, vector: ports.Vectors, top: int, where: dict[str, object] | None
    ) -> Iterator[tuple[Found, Metadata]]:
        answer = self._collection.query(
            query_embeddings=vector.reshape(1, -1),
            n_results=top,
            where=where,  # type: ignore[arg-type]
            include=["metadatas", "distances"],
        )
        for metadata, distance in zip((answer["metadatas"] or [[]])[0], (answer["distances"] or [[]])[0], strict=True):
            if metadata is None:  # left by a writer that was killed
                continue
            place = (
                str(metadata["article"]),
                str(metadata["version"]),
                int(str(metadata["start"])),
                int(str(metadata["end"])),
            )
            yield (*place, 1 - float(distance)), metadata

    def count(self) -> int:
        """How many passages stand in the collection, confirmed or not."""
        return int(self._collection.count())

    def refresh(self) -> None:
        """Opens the folder anew, to see what another process has written; a server needs none of it."""
        with self._using:
            if not (self._remote or self._pinned):
                self._client.close()
                self._client, self._collection = self._open(create=False)

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """While this process writes, its own client sees the newest state and must stay open."""
        with self._using:
            self._pinned = True
        try:
            yield
        finally:
            self._pinned = False

    def close(self) -> None:
        """Lets the files go."""
        self._client.close()
        # Chroma leaves its connections to a server to the garbage collector.
        for part in (self._client, getattr(self._client, "_admin_client", None)):
            if (session := getattr(getattr(part, "_server", None), "_session", None)) is not None:
                session.close()

    def drop(self) -> None:
        """Deletes the whole collection from a server; a folder is deleted with its generation."""
        if self._remote:
            self._client.delete_collection(self._name)

    def _open(self, create: bool) -> "tuple[Client, Collection]":
        try:
            if self._remote:
                return self._connect(create)
            with self._gate:
                return self._connect(create)
        except Exception as error:
            raise StoreError(f"the vectors in {self._place} cannot be opened: {error}") from error

    def _connect(self, create: bool) -> "tuple[Client, Collection]":
        client = _client(self._place, self._remote)
        if create:
            return client, client.get_or_create_collection(
                self._name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
            )
        collection = client.get_collection(self._name, embedding_function=None)
        # The first question loads the graph and replays what is new; that belongs behind the lock.
        collection.peek(1)
        return client, collection


def _client(place: str, remote: bool) -> "Client":
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if not remote:
        return cast("Client", chromadb.PersistentClient(place, settings=settings))
    url = urlsplit(place)
    port = url.port or (443 if url.scheme == "https" else 80)
    return cast("Client", chromadb.HttpClient(str(url.hostname), port, ssl=url.scheme == "https", settings=settings))


def _metadata(passage: Passage) -> dict[str, str | int]:
    return {
        "article": passage.article_id,
        "version": passage.version,
        "start": passage.start,
        "end": passage.end,
        "publisher": passage.source,
        "day": int(passage.date.replace("-", "") or 0),
    }


def _takes(scope: Scope, metadata: Metadata) -> bool:
    """Whether a passage is in the scope; one without a day is in no range of days."""
    day = int(str(metadata["day"]))
    timely = not (scope.since or scope.until) or max(scope.since, 1) <= day <= (scope.until or _LAST_DAY)
    return timely and (not scope.publishers or metadata["publisher"] in scope.publishers)


def _where(scope: Scope) -> dict[str, object]:
    """The scope in Chroma's words."""
    clauses: list[dict[str, object]] = []
    if scope.publishers:
        clauses.append({"publisher": {"$in": list(scope.publishers)}})
    if scope.since or scope.until:
        clauses += [{"day": {"$gte": max(scope.since, 1)}}, {"day": {"$lte": scope.until or _LAST_DAY}}]
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}
