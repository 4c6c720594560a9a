"""The folder of an index: its generations, the pointer to the live one, and the write lock.

    index/
      CURRENT            the name of the live generation and of the one before it
      write.lock         held by the one process that writes; writer.txt says who that is
      generation-0001/   manifest.json, catalogue.sqlite, vectors/, words/; `unfinished` until it goes live

A generation is made beside the live one and swapped in by replacing CURRENT, which is atomic. The live one and the
one before it are never deleted, so a reader that is in the middle of a question finishes it. Where CURRENT is lost,
nothing is deleted or begun: `rag check --repair` writes it again.
"""

import contextlib
import json
import os
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from rag.errors import IndexLocked, IndexReadOnly, PointerError, StoreError
from rag.protocols import ModelIdentity
from rag.storage.atomic_files import os_errors_as, write_atomic
from rag.storage.layout import generations, make_private, read_pointer, refuse_foreign, refuse_links
from rag.storage.plain_files import read_regular

SCHEMA = 1
_UNFINISHED = "unfinished"
"""A file in a generation that has not gone live yet."""
_MAX_FILE_BYTES = 1_000_000
"""Bytes of a manifest, or of writer.txt, that are read."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built with: model, chunker and schema."""

    model: ModelIdentity
    splitter: str
    remote: bool
    """Whether the vectors are on a Chroma server."""
    collection: str
    created: float
    """Seconds since 1970."""
    schema: int = SCHEMA
    arithmetics: tuple[str, ...] = ()
    """The numbers in which the vectors were computed, in the order of their first use; empty where nobody noted it."""

    @classmethod
    def make(cls, model: ModelIdentity, splitter: str, *, remote: bool) -> "Manifest":
        """Make the manifest of a new generation, with a collection name of its own."""
        collection = f"rag-{uuid.uuid4().hex}"
        return cls(model, splitter, remote, collection=collection, created=time.time())

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a generation; StoreError where it is damaged."""
        try:
            return cls.parse(read_regular(folder / "manifest.json", _MAX_FILE_BYTES))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StoreError(
                f"{folder}/manifest.json cannot be read ({why}); rebuild with: rag sync --all SOURCE"
            ) from error

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Parse the bytes of a manifest file; ValueError where they hold no manifest."""
        return TypeAdapter(cls).validate_json(data, strict=True)

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        write_atomic(folder / "manifest.json", json.dumps(asdict(self), indent=2) + "\n")


class IndexFolder:
    """The folder of one index: its generations, the pointer to the live one, and the write lock."""

    def __init__(self, root: Path) -> None:
        """Manage the folder `root`, which is made when it is first written."""
        self.root = root

    @property
    def current(self) -> Path | None:
        """The live generation, or None before the first; PointerError where CURRENT does not lead to one."""
        names = self._read_names()
        if not names:
            return None
        if not (live := self.root / names[0]).is_dir():
            raise PointerError(f"{self.root}/CURRENT names {live.name}, which is not there; {self._advice()}")
        return live

    @property
    def before(self) -> Path | None:
        """The generation that was live before, which is kept, or None."""
        return next((self.root / name for name in self._read_names()[1:2] if (self.root / name).is_dir()), None)

    @property
    def finished(self) -> list[Path]:
        """The generations that have been live, or may have been, the newest first."""
        return [
            path
            for path in reversed(generations(self.root))
            if (path / "catalogue.sqlite").is_file() and not (path / _UNFINISHED).exists()
        ]

    def check_own(self) -> None:
        """Raise StoreError for a folder of other files, and for an index with a link or the like in it."""
        refuse_foreign(self.root)
        refuse_links(self.root)

    def begin(self, manifest: Manifest) -> Path:
        """Make the folder of a new generation, with its manifest and the mark of an unfinished one, and return it."""
        numbers = [int(path.name.removeprefix("generation-")) for path in generations(self.root)]
        folder = self.root / f"generation-{max(numbers, default=0) + 1:04d}"
        if not numbers:
            # Who wants others to read it may give them the right afterwards.
            with contextlib.suppress(OSError):
                self.root.chmod(0o700)
        with os_errors_as(f"{folder} cannot be made"):
            folder.mkdir(mode=0o700)
            (folder / _UNFINISHED).touch(mode=0o600)
        manifest.write(folder)
        return folder

    def swap(self, generation: Path) -> None:
        """Make a generation the live one, atomically."""
        self.write_pointer([generation.name, *self._read_names()[:1]])

    def write_pointer(self, names: list[str]) -> None:
        """Write the names of generations into CURRENT, the live one first, and remove its mark of an unfinished one."""
        write_atomic(self.root / "CURRENT", "\n".join(names) + "\n")
        self._remove_unfinished_mark(names[0])

    def stale(self) -> list[Path]:
        """List the generations that are neither live nor the one before: left by a crash, or older.

        Where the live one is missing, none is: the others may be all that is left of the index.
        """
        names = self._read_names()
        if not names or not (self.root / names[0]).is_dir():
            return []
        return [path for path in generations(self.root) if path.name not in names]

    def sweep(self, generation: Path) -> None:
        """Delete the folder of a generation if it is one that `stale` lists; otherwise do nothing."""
        if generation in self.stale():
            shutil.rmtree(generation, ignore_errors=True)

    def abandon(self, generation: Path) -> None:
        """Delete the folder of a generation if it still has the mark of an unfinished one; otherwise do nothing."""
        if (generation / _UNFINISHED).exists():
            shutil.rmtree(generation, ignore_errors=True)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock while the block runs; IndexLocked names the process that has it."""
        self._make_root()
        lock = FileLock(self.root / "write.lock", timeout=0, mode=0o600)
        with os_errors_as(f"{self.root} cannot be locked"):
            try:
                lock.acquire()
            except Timeout:
                who = self._describe_holder()
                raise IndexLocked(f"{self.root} is being written by {who}; try again when it is done") from None
        try:
            who = f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%S')}"
            self._delete_half_written()
            command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]
            write_atomic(self.root / "writer.txt", f"{who} ({command})\n")
            yield
        finally:
            with contextlib.suppress(OSError):
                (self.root / "writer.txt").unlink(missing_ok=True)
            make_private(self.root)
            lock.release()

    def _make_root(self) -> None:
        """Make the folder where it is missing; IndexReadOnly where it may not be written."""
        self.check_own()
        with os_errors_as(f"the index folder {self.root} cannot be made"):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK):
            raise IndexReadOnly(
                f"the index folder {self.root} may not be written; change its permissions or choose another"
            )

    def _delete_half_written(self) -> None:
        """Delete half-written files; uploads may have any name and are not looked at."""
        for pattern in ("CURRENT.new", "writer.txt.new", "generation-*/*.new", "generation-*/vectors/*.new"):
            for path in self.root.glob(pattern):
                path.unlink(missing_ok=True)
        # A writer may have died between the two steps of going live.
        with contextlib.suppress(OSError, ValueError):
            self._remove_unfinished_mark(read_pointer(self.root)[0])

    def _remove_unfinished_mark(self, name: str) -> None:
        """Remove the mark of an unfinished generation."""
        with contextlib.suppress(OSError):
            (self.root / name / _UNFINISHED).unlink(missing_ok=True)

    def _describe_holder(self) -> str:
        """Describe the process that holds the write lock, as it has written itself down."""
        with contextlib.suppress(OSError):
            text = read_regular(self.root / "writer.txt", _MAX_FILE_BYTES).decode("utf-8", "replace")
            return "".join(character for character in " ".join(text.split())[:300] if character.isprintable())
        return "another process"

    def _read_names(self) -> list[str]:
        """Read the generations that CURRENT names, the live one first; none before the first.

        PointerError where CURRENT is lost: damaged, or not there though generations are.
        """
        file = self.root / "CURRENT"
        try:
            return read_pointer(self.root)
        except FileNotFoundError:
            if not self.finished:
                return []
            raise PointerError(f"{file} is missing, though an index is there; {self._advice()}") from None
        except OSError as error:
            raise StoreError(f"{file} cannot be read: {error.strerror or error}; change its permissions") from error
        except ValueError as error:
            raise PointerError(f"{file} is damaged and names no index; {self._advice()}") from error

    def _advice(self) -> str:
        """Advise what to do where CURRENT is lost."""
        if not generations(self.root):
            return "delete it and build anew with: rag sync SOURCE"
        return "point it at the newest sound index with: rag check --repair"
