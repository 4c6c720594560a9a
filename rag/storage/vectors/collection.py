"""The vector store: one Chroma collection, opened, written, searched and checked."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

import numpy as np

from rag import protocols
from rag.errors import StoreError, cause_of, is_panic
from rag.storage.atomic_files import FolderSnapshots, os_errors_as
from rag.storage.private_copies import PrivateCopy, has_room, is_writable
from rag.storage.records import Scope, ScoredPassage
from rag.storage.vectors import hnsw
from rag.storage.vectors.client import OpenCollection, Server, close_client, make_retrying, open_collection, open_reader
from rag.storage.vectors.filters import Metadata, to_metadata
from rag.storage.vectors.folder_reader import FolderReader, Nearest, Records
from rag.storage.vectors.gate import Gate
from rag.storage.vectors.search import InScope, StoredNeighbour, find_nearest
from rag.types import Passage

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import GetResult, QueryResult

T = TypeVar("T")

_BATCH = 256
_PAGE = 5000
_ATTEMPTS = 5
MAX_LOG_CHANGES = 1000
"""So many changes, and a share of all passages, are replayed from Chroma's log whenever the folder is opened."""
_ALL = Scope()


class Mismatches(NamedTuple):
    """Ids of passages whose vectors are not as they should be."""

    missing: set[str]
    """Those without a vector."""
    wrong: set[str]
    """Those whose vector has other fields."""


class VectorStore:
    """One Chroma collection.

    Chroma writes its graph over the old one, and a process that dies meanwhile leaves neither; some of what is left
    kills the process that opens it. So the graph of a folder in use is never written: changes stay in Chroma's log,
    which is safe, and when that has grown the graph is written in a copy of the folder, which then takes over.

    A folder of Chroma may be written by one process while others read it, but not opened in the middle of a
    write: both would bring its graph up to date at once. A lock file keeps the two apart for the moment it
    takes; readers that are open already never wait.
    """

    def __init__(self, place: str | Server, collection: str, *, create: bool) -> None:
        """Open a collection in `place`, a folder or a server.

        `create` makes what is missing; without it StoreError is raised where the folder or the collection is missing.
        """
        self._place = place
        self._name = collection
        self._remote = isinstance(place, Server)
        self._kept_open = False
        # Questions to a server need not wait for each other: its client is never replaced.
        self._using: AbstractContextManager[object] = nullcontext() if self._remote else threading.RLock()
        self._copy: PrivateCopy | None = None
        if isinstance(place, str):
            # Chroma would make a missing folder, and an empty index in it.
            if not (create or Path(place).is_dir()):
                raise StoreError(f"there are no vectors in {place}; build the index anew with: rag sync --all")
            with os_errors_as(f"{place} cannot be made"):
                Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._copies = FolderSnapshots(Path(place))
            self._gate = Gate(Path(place).parent / "vectors.lock")
        self._pending = 0
        self._counted: int | None = None
        self._client, self.collection = self._open(create=create)

    def add(self, passages: Sequence[Passage], vectors: protocols.Matrix) -> None:
        """Add passages, or replace them; `vectors` has one row a passage."""
        for start in range(0, len(passages), _BATCH):
            self._write(passages[start : start + _BATCH], vectors[start : start + _BATCH])

    def _write(self, passages: Sequence[Passage], vectors: protocols.Matrix) -> None:
        ids = [passage.id for passage in passages]
        metadatas = [to_metadata(passage) for passage in passages]
        self._change(lambda collection: collection.upsert(ids=ids, embeddings=vectors, metadatas=metadatas))  # type: ignore[arg-type]
        self._pending += len(ids)

    def delete(self, article_id: str, version: str) -> None:
        """Delete the passages of one version of an article."""
        where = {"$and": [{"article": article_id}, {"version": version}]}
        self._change(lambda collection: collection.delete(where=where))  # type: ignore[arg-type]
        self._pending += 1

    def _change(self, change: "Callable[[Collection], object]") -> None:
        """Write to the collection, and again where a server did not confirm it: every change may be made twice."""
        collection = self._open_for_writing()
        with self._translate_errors("written"):
            if self._remote:
                make_retrying()(change, collection)
            else:
                # Chroma may find no graph while another thread of this process writes the first one.
                with self._using, self._gate.hold():
                    change(collection)

    def search(
        self, vector: protocols.Matrix, top: int, scope: Scope = _ALL, *, in_scope: InScope | None = None
    ) -> list[ScoredPassage]:
        """Return the nearest passages by cosine, best first; `vector` has shape (dimension,).

        `in_scope` tells faster than the store which articles are in the scope.
        """
        with self._translate_errors("searched"):
            return self._read(lambda: find_nearest(self.collection, vector, top=top, scope=scope, in_scope=in_scope))

    def count(self) -> int:
        """Count the passages in the collection, confirmed or not."""
        with self._translate_errors("counted"):
            return self._read(lambda: int(self.collection.count()))

    def _read(self, look: Callable[[], T]) -> T:
        """Read from the collection, and again where another process came between.

        Chroma answers with an error when another process takes out what it is about to return; a client opened again
        sees the finished state, and a server gives it when it is asked again.
        """
        if self._remote:
            return make_retrying()(look)
        for attempt in range(_ATTEMPTS - 1):
            try:
                with self._using:
                    return look()
            except Exception:
                time.sleep(0.05 * attempt)
                self.refresh()
        with self._using:
            return look()

    # Being checked.

    def find_mismatches(self, passages: Sequence[Passage]) -> Mismatches:
        """Compare passages with what is stored: which have no vector, and which have one with other fields."""
        there = dict[str, Metadata | None]()
        for start in range(0, len(passages), _BATCH):
            ids = [passage.id for passage in passages[start : start + _BATCH]]
            answer = self._get(ids, field="metadatas")
            there |= dict(zip(answer["ids"], answer["metadatas"] or [], strict=True))
        missing = {passage.id for passage in passages if passage.id not in there}
        wrong = {
            passage.id
            for passage in passages
            if passage.id not in missing and there[passage.id] != to_metadata(passage)
        }
        return Mismatches(missing, wrong)

    def iterate_ids(self) -> Iterator[list[str]]:
        """Yield the ids of all that is in the collection, a page at a time; nothing may be written meanwhile."""

        def read_page(start: int) -> list[str]:
            return self._check(lambda: self.collection.get(include=[], limit=_PAGE, offset=start))["ids"]

        start = 0
        while page := read_page(start):
            yield page
            start += len(page)

    def read_vectors(self, ids: Sequence[str]) -> dict[str, protocols.Matrix]:
        """Return the vectors of those ids that have one, each of shape (dimension,)."""
        rows = dict[str, protocols.Matrix]()
        for start in range(0, len(ids), _BATCH):
            answer = self._get(ids[start : start + _BATCH], field="embeddings")
            if (vectors := answer["embeddings"]) is not None:
                rows |= dict(zip(answer["ids"], np.asarray(vectors, np.float32), strict=True))
        return rows

    def find_neighbours(self, vectors: protocols.Matrix, top: int) -> list[dict[str, StoredNeighbour]]:
        """Find the `top` stored vectors nearest to each; return their cosines and whether they have fields, by id.

        Many are asked for at once, which takes Chroma hardly longer than one.
        """
        found = []
        for start in range(0, len(vectors), _BATCH):
            batch = vectors[start : start + _BATCH]
            answer = self._check(partial(self._query, batch, top))
            for ids, metadatas, distances in zip(
                answer["ids"], answer["metadatas"] or [], answer["distances"] or [], strict=True
            ):
                found.append(
                    {
                        id: StoredNeighbour(1 - float(distance), metadata is not None)
                        for id, distance, metadata in zip(ids, distances, metadatas, strict=True)
                    }
                )
        return found

    def _query(self, vectors: protocols.Matrix, top: int) -> "QueryResult | Nearest":
        return self.collection.query(query_embeddings=vectors, n_results=top, include=["metadatas", "distances"])

    def delete_ids(self, ids: Sequence[str]) -> None:
        """Delete the vectors with these ids, with fields or without."""
        for start in range(0, len(ids), _BATCH):
            self._delete(list(ids[start : start + _BATCH]))

    def _delete(self, ids: list[str]) -> None:
        self._change(lambda collection: collection.delete(ids=ids))

    @staticmethod
    def kills(place: str | Server, collection: str) -> bool:
        """Whether a folder is so damaged that it ends the process that opens it; tried in another process."""
        if isinstance(place, str) and Path(place).is_dir():
            # A folder that is not found ends nobody, and is reported where it is opened.
            with suppress(StoreError):
                return hnsw.kills(FolderSnapshots(Path(place)).live, collection)
        return False

    def _get(self, ids: Sequence[str], *, field: Literal["metadatas", "embeddings"]) -> "GetResult | Records":
        """Read one field of some vectors, to check it."""
        return self._check(lambda: self.collection.get(ids=list(ids), include=[field]))

    def _check(self, read: Callable[[], T]) -> T:
        """Read to check the collection: a damaged folder is not opened and asked again, as it is for a search."""
        with self._translate_errors("read"):
            if self._remote:
                return make_retrying()(read)
            with self._using:
                return read()

    # Being opened and let go.

    def refresh(self) -> None:
        """Open the folder again, to see what another process wrote; do nothing for a server or during `keep_open`."""
        with self._using:
            if not (self._remote or self._kept_open):
                self._reopen()

    @contextmanager
    def keep_open(self) -> Iterator[None]:
        """Keep the client open while this process writes: it sees the newest state and must stay open."""
        with self._using:
            self._check_writable()
            self._kept_open = True
            try:
                if not self._remote:
                    self._keep_graph()
            except BaseException:
                # Who goes on asking opens the folder again.
                self._kept_open = False
                raise
        try:
            yield
        finally:
            self._kept_open = False
            if not self._remote:
                with suppress(StoreError):
                    self._copies.note(self._pending)

    def _check_writable(self) -> None:
        """Raise StoreError where a private copy is open: nobody else would see what is written into it."""
        if self._copy is not None:
            self._reopen()
        if self._copy is not None:
            what = f"the vectors in {self._place} may not be written"
            raise StoreError(f"{what}; make room or change the permissions, then repeat", store="vectors")

    def _keep_graph(self) -> None:
        """Make Chroma leave the graph in this folder alone."""
        with self._gate.hold():
            self._copies.sweep()
        self._pending = self._copies.pending
        self._copies.note(None)
        collection = self._open_for_writing()
        if not hnsw.is_never_written(collection):
            hnsw.set_write_threshold(collection)
            self._reopen()

    def _open_for_writing(self) -> "Collection":
        """Return the collection as Chroma's client has it, opened again where it is open for reading alone."""
        if isinstance(self.collection, FolderReader):
            with self._using:
                self._reopen(writing=True)
        assert not isinstance(self.collection, FolderReader)
        return self.collection

    def tidy(self, *, growing: bool = False) -> None:
        """Write the graph again, beside the old one, when much has changed; only for the process that writes.

        With `growing` more may wait in the log of a large folder, until `tidy` is called without it. Where a StoreError
        keeps the new graph from being written, it is discarded and the old one stays in use, with the log. Nothing is
        done for a server.
        """
        if self._remote or self._pending < MAX_LOG_CHANGES or self._pending < self._max_pending(growing=growing):
            return
        fresh = None
        try:
            fresh = self._copies.begin()
            hnsw.write(fresh, self._name, self.count())
            with self._gate.hold():
                self._copies.switch(fresh)
        except StoreError:
            if fresh is not None:
                self._copies.discard(fresh)
            return
        self._pending = 0
        self._counted = None
        self._copies.note(None)
        with self._using:
            self._reopen()

    def _max_pending(self, *, growing: bool) -> int:
        """Return how many changes may wait in the log, by the passages when it was first asked of a graph."""
        if self._counted is None:
            # Once a graph: Chroma looks at every passage to count them.
            self._counted = self.count()
        return MAX_LOG_CHANGES + hnsw.share_in_log(self._counted, growing=growing)

    def _reopen(self, *, writing: bool = False) -> None:
        self.close()
        self._client, self.collection = self._open(create=False, writing=writing or self._kept_open)

    def close(self) -> None:
        """Close the client and its files."""
        close_client(self._client)
        self._discard_copy()

    def drop(self) -> None:
        """Delete the whole collection from a server; a folder is deleted with its generation."""
        if not isinstance(self._client, FolderReader) and self._remote:
            with self._translate_errors("deleted"):
                self._client.delete_collection(self._name)

    def _open(self, *, create: bool, writing: bool = False) -> OpenCollection:
        """Open the server or the folder; a private copy of the folder where it may not be written.

        A folder is opened for reading alone unless `create` or `writing`: that is much faster.
        """
        with self._translate_errors("opened"):
            if isinstance(self._place, Server):
                return open_collection(self._place, self._name, create=create)
            live = self._copies.live
            open_folder = partial(open_collection, create=create) if create or writing else open_reader
            if create or is_writable(live):
                try:
                    with self._gate.hold():
                        return open_folder(str(self._copies.live), self._name)
                except Exception:
                    if create or (is_writable(Path(self._place).parent) and has_room(live)):
                        raise
            try:
                return open_folder(self._copy_folder(), self._name)
            except BaseException:
                self._discard_copy()
                raise

    def _copy_folder(self) -> str:
        """Copy the folder in use to a private place: Chroma writes into one to open it, which here it may not."""
        try:
            with self._gate.share():
                live = self._copies.live
                self._copy = PrivateCopy([live], leave_out=self._copies.others())
        except OSError as error:
            why = f"it may not be written, nor can it be copied: {error.strerror or error}"
            raise StoreError(f"the vectors in {self._place} cannot be opened: {why}", store="vectors") from error
        return str(self._copy.folder / live.name)

    def _discard_copy(self) -> None:
        if self._copy is not None:
            self._copy.remove()
        self._copy = None

    @contextmanager
    def _translate_errors(self, to_be: str) -> Iterator[None]:
        """Turn what Chroma raises into a StoreError that says what to do."""
        try:
            yield
        except StoreError:
            raise
        except BaseException as error:
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            if isinstance(self._place, Server):
                raise StoreError(self._place.explain_error(error)) from error
            raise StoreError(
                f"the vectors in {self._place} cannot be {to_be}: {_cause(error)}", store="vectors"
            ) from error


def _cause(error: BaseException) -> str:
    from chromadb.errors import NotFoundError

    return "the collection of this index is not in them" if isinstance(error, NotFoundError) else cause_of(error)
