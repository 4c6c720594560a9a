"""Open, swap and close generations, for many readers and one writer."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from rag.errors import IndexMismatch, IndexMissing, PointerError, StoreError
from rag.models.address_space import SYNC_GB, refuse_low_limit
from rag.storage.generation import Generation
from rag.storage.index_folder import IndexFolder, Manifest
from rag.storage.vectors import Server, VectorStore

T = TypeVar("T")


class Rebuilding(NamedTuple):
    """A generation that is being built beside the live one."""

    fresh: Generation
    current: Path | None
    """The folder of the live generation, where there is one."""


class Generations:
    """The generations of one index; safe between threads."""

    def __init__(self, root: Path, wanted: Callable[[], Manifest], *, server: Server | None) -> None:
        """Manage the generations in `root`; `wanted` makes the manifest that one built now would have.

        A generation with another model, chunker, schema or kind of vector store is refused. `server` holds the vectors
        where they are kept on a Chroma server.
        """
        self.folder = IndexFolder(root)
        self._wanted = wanted
        self._server = server
        self._lock = threading.RLock()
        self._opened: Generation | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no generation yet."""
        return self.folder.current is None

    def check(self) -> None:
        """Raise IndexMismatch unless this program, with these settings, would build the live generation the same way.

        Nothing is raised where there is no live generation, or where CURRENT does not lead to one.
        """
        with suppress(PointerError):
            if (current := self.folder.current) is not None:
                self._check(Manifest.read(current))

    @contextmanager
    def reading(self) -> Iterator[Generation]:
        """Yield the live generation, which stays open for as long as the block runs."""
        with self._lock:
            current = self.folder.current
            if current is None:
                raise IndexMissing(f"there is no index in {self.folder.root} yet; make one with: rag sync FOLDER")
            generation = self._at(current)
            generation.hold()
        try:
            yield generation
        finally:
            generation.release()

    def read(self, work: Callable[[Generation], T]) -> T:
        """Run `work` on the live generation; repeat it after a StoreError if another generation went live meanwhile."""
        while True:
            with self.reading() as generation:
                try:
                    return work(generation)
                except StoreError:
                    if self.folder.current == generation.folder:
                        raise

    @contextmanager
    def writing(self) -> Iterator[Generation]:
        """Yield the live generation to write into, or a first one that `go_live` makes live."""
        refuse_low_limit(SYNC_GB)
        with self.folder.writing():
            self._sweep()
            if self.empty:
                with self._fresh() as generation:
                    yield generation
            else:
                with self.reading() as generation, generation.writing():
                    yield generation

    @contextmanager
    def rebuilding(self) -> Iterator[Rebuilding]:
        """Yield a new generation to write into, and the folder of the live one, which `go_live` replaces with it."""
        refuse_low_limit(SYNC_GB)
        with self.folder.writing():
            self._sweep()
            current = self.folder.current
            with self._fresh() as generation:
                yield Rebuilding(generation, current)

    def roll_back(self) -> Generation:
        """Make the generation before the live one live again; StoreError where there is none that can be used."""
        with self.folder.writing():
            if self.empty or (before := self.folder.before) is None:
                raise StoreError(f"there is no index before this one in {self.folder.root}; rag sync --all keeps one")
            generation = self._open(before)
            try:
                with generation.writing():
                    if not generation.stores_agree:
                        raise StoreError(f"the stores in {before} do not agree, so the index stays as it is")
            except BaseException:
                generation.retire()
                raise
            self.go_live(generation)
            return generation

    @contextmanager
    def candidates(self) -> Iterator[Iterable[Generation]]:
        """Yield the generations that may be made live where CURRENT is lost, the newest first, while nobody writes.

        One that cannot be opened is passed over; IndexMismatch where that is for the settings, and none is opened.
        """
        with self.folder.writing(), closing(self._candidates()) as found:
            yield found

    def _candidates(self) -> Generator[Generation, None, None]:
        mismatch = None
        count = 0
        for path in self.folder.finished:
            try:
                generation = self._open(path)
            except IndexMismatch as error:
                mismatch = mismatch or error
                continue
            except StoreError:
                continue
            count += 1
            try:
                yield generation
            finally:
                generation.retire()
        if mismatch is not None and not count:
            raise mismatch

    def go_live(self, generation: Generation) -> None:
        """Make a generation the live one, if it is not that already."""
        with self._lock:
            if self.folder.current != generation.folder:
                self.folder.swap(generation.folder)
                self.close()
                self._opened = generation

    def close(self) -> None:
        """Close the files once nobody uses them; the next use opens them again."""
        with self._lock:
            if self._opened is not None:
                self._opened.retire()
            self._opened = None

    @contextmanager
    def _fresh(self) -> Iterator[Generation]:
        """Yield a new generation, deleted unless it goes live; if it does, the one before the last is deleted."""
        generation = Generation(self.folder.begin(self._wanted()), server=self._server, create=True)
        try:
            with generation.writing():
                yield generation
        finally:
            if self._live != generation.folder:
                generation.retire()
                if self._drop_remote(generation.manifest):
                    self.folder.abandon(generation.folder)
            with suppress(PointerError):
                self._sweep()

    @property
    def _live(self) -> Path | None:
        """The folder of the live generation, as far as that is known."""
        with suppress(PointerError):
            return self.folder.current
        return None

    def _at(self, folder: Path) -> Generation:
        """Return the opened generation of a folder; one that was live before is closed once nobody uses it."""
        if self._opened is None or self._opened.folder != folder:
            self.folder.check_own()
            fresh = self._open(folder)
            self.close()
            self._opened = fresh
        return self._opened

    def _open(self, folder: Path) -> Generation:
        self._check(Manifest.read(folder))
        return Generation(folder, server=self._server)

    def _sweep(self) -> None:
        """Delete what a crash or a rebuild has left; vectors on a server that is away wait for the next time."""
        for folder in self.folder.stale():
            try:
                manifest: Manifest | None = Manifest.read(folder)
            except StoreError:
                manifest = None
            if manifest is None or self._drop_remote(manifest):
                self.folder.sweep(folder)

    def _drop_remote(self, manifest: Manifest) -> bool:
        """Delete the vectors of a generation from the Chroma server; False where the server gives an error.

        True also where nothing is deleted: its vectors are in its folder, or no server is set.
        """
        if manifest.remote and self._server is not None:
            try:
                with closing(VectorStore(self._server, manifest.collection, create=True)) as vectors:
                    vectors.drop()
            except StoreError:
                return False
        return True

    def _check(self, built: Manifest) -> None:
        """Raise IndexMismatch unless a generation with this manifest would be built the same way now."""
        wanted = self._wanted()
        pairs = [
            ("another version of this program", built.schema, wanted.schema),
            ("another embedding model", built.model, wanted.model),
            ("another way of splitting", built.splitter, wanted.splitter),
            ("vectors kept elsewhere (RAG_CHROMA_URL)", built.remote, wanted.remote),
        ]
        for what, then, now in pairs:
            if then != now:
                raise IndexMismatch(
                    f"the index in {self.folder.root} was built with {what}: {_short(then)}, not {_short(now)}; "
                    "build it anew with: rag sync --all, or go back to the settings it was built with"
                )


def _short(value: object) -> str:
    return getattr(value, "name", None) or str(value)
