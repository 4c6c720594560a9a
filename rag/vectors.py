"""Passages as vectors in Chroma, in a folder or on a Chroma server; the only room that knows Chroma."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock

from rag import graphs, ports
from rag.durable import Copies, told
from rag.errors import StoreError
from rag.scoping import Metadata, fields, takes, where
from rag.types import Found, Passage, Scope

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_BATCH = 256
_PAGE = 5000
_ATTEMPTS = 5
_LOG = 1000
_LOG_SHARE = 32
"""So many changes, and this part of all passages, are replayed from Chroma's log whenever the folder is opened."""
_WIDE = 10
"""How many times more passages are looked at before Chroma is asked to filter."""
_ALL = Scope()


class Vectors:
    """One Chroma collection.

    Chroma writes its graph over the old one, and a process that dies meanwhile leaves neither; some such ruins kill
    whoever opens them. So the graph of a folder in use is never written: changes stay in Chroma's log, which is
    safe, and when that has grown the graph is written in a copy of the folder, which then takes over.

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
            with told(f"{place} cannot be made"):
                Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._copies = Copies(Path(place))
            self._gate = FileLock(Path(place).parent / "vectors.lock", mode=0o600)
        self._pending = 0
        self._client, self._collection = self._open(create)

    def add(self, passages: Sequence[Passage], vectors: ports.Vectors) -> None:
        """Puts passages in, or again; `vectors` has one row a passage."""
        for start in range(0, len(passages), _BATCH):
            self._write(passages[start : start + _BATCH], vectors[start : start + _BATCH])

    def _write(self, passages: Sequence[Passage], vectors: ports.Vectors) -> None:
        ids = [passage.id for passage in passages]
        metadatas = [fields(passage) for passage in passages]
        self._change(lambda: self._collection.upsert(ids=ids, embeddings=vectors, metadatas=metadatas))  # type: ignore[arg-type]
        self._pending += len(ids)

    def delete(self, article_id: str, version: str) -> None:
        """Takes out the passages of one version of an article."""
        where = {"$and": [{"article": article_id}, {"version": version}]}
        self._change(lambda: self._collection.delete(where=where))  # type: ignore[arg-type]
        self._pending += 1

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
            return [found for found, _ in self._query(vector, top, None)[0]]
        wide, is_all = self._query(vector, top * _WIDE, None)
        kept = [found for found, metadata in wide if takes(scope, metadata)]
        if len(kept) >= top or is_all:
            return kept[:top]
        return [found for found, _ in self._query(vector, top, where(scope))[0]]

    def _query(
        self, vector: ports.Vectors, top: int, where: dict[str, object] | None
    ) -> tuple[list[tuple[Found, Metadata]], bool]:
        """What is nearest, with its fields, and whether there is no more than that."""
        answer = self._collection.query(
            query_embeddings=vector.reshape(1, -1),
            n_results=top,
            where=where,  # type: ignore[arg-type]
            include=["metadatas", "distances"],
        )
        metadatas, distances = (answer["metadatas"] or [[]])[0], (answer["distances"] or [[]])[0]
        found: list[tuple[Found, Metadata]] = [
            (_place(metadata, 1 - float(distance)), metadata)
            for metadata, distance in zip(metadatas, distances, strict=True)
            if metadata is not None  # left by a writer that was killed
        ]
        return found, len(metadatas) < top

    def count(self) -> int:
        """How many passages stand in the collection, confirmed or not."""
        return int(self._collection.count())

    # Being checked.

    def unlike(self, passages: Sequence[Passage]) -> tuple[set[str], set[str]]:
        """Ids of the passages that are missing here, and of those that stand here with other fields."""
        there = dict[str, Metadata | None]()
        for start in range(0, len(passages), _BATCH):
            ids = [passage.id for passage in passages[start : start + _BATCH]]
            answer = self._checked(lambda ids=ids: self._collection.get(ids=ids, include=["metadatas"]))  # type: ignore[misc]
            there |= dict(zip(answer["ids"], answer["metadatas"] or [], strict=True))
        missing = {passage.id for passage in passages if passage.id not in there}
        wrong = {one.id for one in passages if one.id not in missing and there[one.id] != fields(one)}
        return missing, wrong

    def ids(self) -> Iterator[list[str]]:
        """The ids of all that stands in the collection, a page at a time; nothing may be written meanwhile."""

        def ids(start: int) -> list[str]:
            return self._checked(lambda: self._collection.get(include=[], limit=_PAGE, offset=start))["ids"]

        start = 0
        while page := ids(start):
            yield page
            start += len(page)

    def rows(self, ids: Sequence[str]) -> dict[str, ports.Vectors]:
        """The vectors of those ids that have one, each of shape (dimension,)."""
        found = dict[str, ports.Vectors]()
        for start in range(0, len(ids), _BATCH):
            some = list(ids[start : start + _BATCH])
            answer = self._checked(lambda some=some: self._collection.get(ids=some, include=["embeddings"]))  # type: ignore[misc]
            if (vectors := answer["embeddings"]) is not None:
                found |= dict(zip(answer["ids"], np.asarray(vectors, np.float32), strict=True))
        return found

    def beside(self, vector: ports.Vectors, top: int) -> dict[str, tuple[float, bool]]:
        """What stands nearest to a vector: its cosine and whether it has fields, by its id."""
        answer = self._checked(
            lambda: self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=top, include=["metadatas", "distances"]
            )
        )
        distances, metadatas = (answer["distances"] or [[]])[0], (answer["metadatas"] or [[]])[0]
        found = zip(answer["ids"][0], distances, metadatas, strict=True)
        return {id: (1 - float(distance), metadata is not None) for id, distance, metadata in found}

    def discard(self, ids: Sequence[str]) -> None:
        """Takes out what has these ids, whatever else is known of it."""
        for start in range(0, len(ids), _BATCH):
            some = list(ids[start : start + _BATCH])
            self._change(lambda some=some: self._collection.delete(ids=some))  # type: ignore[misc]

    @staticmethod
    def kills(place: str, collection: str) -> bool:
        """Whether a folder is so damaged that it ends the process that opens it; tried in another one."""
        folder = Path(place)
        return folder.is_dir() and graphs.kills(Copies(folder).live, collection)

    def _checked(self, work: Callable[[], T]) -> T:
        try:
            with self._using:
                return work()
        except Exception as error:
            raise StoreError(f"the vectors in {self._place} cannot be read: {error}") from error

    # Being opened and let go.

    def refresh(self) -> None:
        """Opens the folder anew, to see what another process has written; a server needs none of it."""
        with self._using:
            if not (self._remote or self._pinned):
                self._reopen()

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """While this process writes, its own client sees the newest state and must stay open."""
        with self._using:
            self._pinned = True
            if not self._remote:
                self._keep_graph()
        try:
            yield
        finally:
            self._pinned = False
            if not self._remote:
                with suppress(StoreError):
                    self._copies.note(self._pending)

    def _keep_graph(self) -> None:
        """Sees to it that Chroma leaves the graph in this folder alone."""
        with self._gate:
            self._copies.sweep()
        self._pending = self._copies.pending
        self._copies.note(None)
        if not graphs.is_kept(self._collection):
            graphs.keep(self._collection)
            self._reopen()

    def tidy(self) -> None:
        """Writes the graph anew, beside the old one, when much has changed; only for the process that writes.

        Where the disk is full the old one stays in use, with the log.
        """
        if self._remote or self._pending < _LOG + self.count() // _LOG_SHARE:
            return
        fresh = None
        try:
            fresh = self._copies.begin()
            graphs.write(fresh, self._name, self.count())
            with self._gate:
                self._copies.switch(fresh)
        except StoreError:
            if fresh is not None:
                self._copies.discard(fresh)
            return
        self._pending = 0
        self._copies.note(None)
        with self._using:
            self._reopen()

    def _reopen(self) -> None:
        self._client.close()
        self._client, self._collection = self._open(create=False)

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
        client = _client(self._place if self._remote else str(self._copies.live), self._remote)
        if create:
            return client, client.get_or_create_collection(
                self._name,
                configuration={
                    "hnsw": {"space": "cosine", **({} if self._remote else {"sync_threshold": graphs.NEVER})}
                },
                embedding_function=None,
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


def _place(metadata: Metadata, score: float) -> Found:
    start, end = int(str(metadata["start"])), int(str(metadata["end"]))
    return str(metadata["article"]), str(metadata["version"]), start, end, score
