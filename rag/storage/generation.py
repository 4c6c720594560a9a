"""One generation of an index: catalogue, vectors and BM25 kept in agreement.

A change goes: announce in the catalogue, write the vectors, write the words, confirm in the catalogue, then take out
what was replaced. The process may be killed between any two of these: what the catalogue does not confirm is never
returned, and what it has announced is cleaned up by the next writer.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from rag import protocols
from rag.storage.bm25 import BM25Index
from rag.storage.boilerplate import Boilerplate
from rag.storage.catalogue import Catalogue, Key
from rag.storage.duplicates import NearDuplicates
from rag.storage.index_folder import Manifest
from rag.storage.vectors import Server, VectorStore
from rag.types import Article, Passage, Scope, ScoredPassage, StoredPassage

_GROWTH = 4
_TRIES = 3


class Generation:
    """The three stores of one generation, opened together."""

    def __init__(self, folder: Path, server: Server | None = None, create: bool = False) -> None:
        """Opens the catalogue; `server` has the vectors of remote ones; with `create` missing stores are made."""
        self.folder = folder
        self.manifest = Manifest.read(folder)
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.copies = NearDuplicates(self.catalogue.database, self.catalogue.article)
        self.repeated = Boilerplate(self.catalogue.database)
        self._lock = threading.Lock()
        self._users = 0
        self._retired = False
        self._seen = self.catalogue.state
        self._server = server
        self._create = create
        if create:
            # Whoever comes after a crash finds them.
            _ = self.vectors, self.words

    @cached_property
    def vectors(self) -> VectorStore:
        """The passages as vectors; opened when first needed, which takes a while."""
        with self._lock:
            return self.__dict__.get("vectors") or VectorStore(self._place, self.manifest.collection, self._create)

    @property
    def _place(self) -> str | Server:
        return self._server if self.manifest.remote and self._server else str(self.folder / "vectors")

    @cached_property
    def words(self) -> BM25Index:
        """The passages as words."""
        with self._lock:
            return self.__dict__.get("words") or BM25Index(self.folder / "words")

    # Writing.

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While this process writes, its own view of the stores is the newest there is."""
        self.catch_up()
        with self.vectors.pinned():
            try:
                self.settle()
                yield
                self.vectors.tidy()
            finally:
                self.words.close()
                self._seen = self.catalogue.state

    def put(self, batch: Sequence[tuple[Article, str, Sequence[Passage]]], vectors: protocols.Matrix) -> None:
        """Adds or replaces articles, given with their root and passages; one row of `vectors` a passage."""
        passages = [passage for _, _, own in batch for passage in own]
        self.catalogue.announce((article.id, article.digest) for article, _, _ in batch)
        self.vectors.add(passages, vectors)
        self.words.add(passages)
        self.words.commit()
        self.catalogue.confirm([(article, root, len(own)) for article, root, own in batch])
        self.settle()
        self.vectors.tidy()

    def mend(self, batch: Sequence[tuple[Article, str, Sequence[Passage]]], vectors: protocols.Matrix) -> None:
        """Writes the passages of articles again that are in, in this version; nothing is announced or replaced."""
        passages = [passage for _, _, own in batch for passage in own]
        # Vectors are replaced by their ids; the words go and come in one commit.
        self.vectors.add(passages, vectors)
        for article, _, _ in batch:
            self.words.delete(article.id, article.digest)
        self.words.add(passages)
        self.words.commit()
        self.catalogue.confirm([(article, root, len(own)) for article, root, own in batch])

    def clear(self, vectors: Sequence[str], words: Sequence[Key]) -> None:
        """Takes out what stands in the stores and belongs to no article."""
        self.vectors.discard(vectors)
        for key in words:
            self.words.delete(*key)
        self.words.commit()
        self.catalogue.settle([])

    def drop(self, ids: Sequence[str]) -> None:
        """Removes articles."""
        self.catalogue.forget(ids)
        self.settle()

    def settle(self) -> None:
        """Takes out of the stores what the catalogue has announced or replaced but does not confirm; finds copies."""
        self.copies.update()
        keys = self.catalogue.unsettled()
        if not keys:
            return
        for key in keys:
            self.vectors.delete(*key)
            self.words.delete(*key)
        self.words.commit()
        self.catalogue.settle(keys)

    # Reading.

    def catch_up(self) -> None:
        """Sees what another process has written since the last look."""
        if self.catalogue.state == self._seen:
            return
        vectors, words = self.vectors, self.words
        with self._lock:
            if (state := self.catalogue.state) != self._seen:
                vectors.refresh()
                words.refresh()
                self._seen = state

    def nearest(self, vector: protocols.Matrix, top: int, scope: Scope) -> list[ScoredPassage]:
        """The nearest confirmed passages by their vectors, best first."""
        return self._confirmed(lambda wanted: self.vectors.search(vector, wanted, scope), top)

    def matching(self, query: str, top: int, scope: Scope) -> list[ScoredPassage]:
        """The best confirmed passages by their words, best first."""
        return self._confirmed(lambda wanted: self.words.search(query, wanted, scope), top)

    def _confirmed(self, search: Callable[[int], list[ScoredPassage]], top: int) -> list[ScoredPassage]:
        """What a store finds and the catalogue confirms; asks again where a writer came between the two."""
        wanted = top
        kept: list[ScoredPassage] = []
        for _ in range(_TRIES):
            self.catch_up()
            found = search(wanted)
            current = self.catalogue.current(_key(hit.passage) for hit in found)
            kept = [hit for hit in found if _key(hit.passage) in current]
            if len(kept) == len(found) or len(kept) >= top:
                break
            wanted = top * _GROWTH
        return kept[:top]

    def passages(self, stored: Sequence[StoredPassage]) -> list[Passage | None]:
        """Read the passages with their text, None for one that has been replaced meanwhile."""
        articles = self.catalogue.confirmed(_key(passage) for passage in stored)
        return [
            None if (article := articles.get(_key(passage))) is None else article.passage(passage.start, passage.end)
            for passage in stored
        ]

    @property
    def agreed(self) -> bool:
        """Whether the three stores hold the same number of passages."""
        return self.vectors.count() == self.words.count() == self.catalogue.counts()[1]

    def kills(self) -> bool:
        """Whether opening the vectors would end this process."""
        return "vectors" not in self.__dict__ and VectorStore.kills(self._place, self.manifest.collection)

    # Being used and let go.

    def hold(self) -> None:
        """Keeps the stores open until `release`, even when another generation takes over."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """Ends a `hold`."""
        with self._lock:
            self._users -= 1
        self._close_if_idle()

    def retire(self) -> None:
        """Closes the stores once nobody uses them."""
        self._retired = True
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        with self._lock:
            if not self._retired or self._users:
                return
            self._retired = False
        if "words" in self.__dict__:
            self.words.let_go()
        if "vectors" in self.__dict__:
            self.vectors.close()
        self.catalogue.close()


def _key(passage: StoredPassage) -> Key:
    return passage.article_id, passage.version
