"""The folder of an index: generations beside each other, which one is live, and who may write.

    index/
      CURRENT            the name of the live generation and of the one before it
      write.lock         held by the one process that writes; writer.txt says who that is
      generation-0001/   manifest.json, catalogue.sqlite, vectors/, words/

A generation is made beside the live one and swapped in by replacing CURRENT, which is atomic. The live one and the
one before it are never deleted, so a reader that is in the middle of a question finishes it.
"""

import contextlib
import json
import os
import re
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

from rag.durable import replace, told
from rag.errors import IndexLocked, StoreError
from rag.types import ModelIdentity

SCHEMA = 1
_OTHERS = 0o077
"""The rights of those who do not own a file."""
_GENERATION = re.compile(r"generation-[0-9]{4,9}")
_MOST = 1_000
"""Bytes of CURRENT that are read; two names take a few dozen."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built with."""

    model: ModelIdentity
    splitter: str
    remote: bool
    """Whether the vectors are on a Chroma server."""
    collection: str
    created: float
    """Seconds since 1970."""
    schema: int = SCHEMA

    @classmethod
    def make(cls, model: ModelIdentity, splitter: str, remote: bool) -> "Manifest":
        """A manifest for a new generation, with a collection name of its own."""
        return cls(model, splitter, remote, f"rag-{uuid.uuid4().hex}", time.time())

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a generation; StoreError where it is damaged."""
        try:
            return cls.of((folder / "manifest.json").read_bytes())
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StoreError(
                f"{folder}/manifest.json cannot be read ({why}); rebuild with: rag sync --all SOURCE"
            ) from error

    @classmethod
    def of(cls, data: bytes) -> "Manifest":
        """The manifest in the bytes of its file; ValueError where they hold none."""
        return TypeAdapter(cls).validate_json(data, strict=True)

    def write(self, folder: Path) -> None:
        """Writes it into a generation's folder."""
        replace(folder / "manifest.json", json.dumps(asdict(self), indent=2) + "\n")


class Folder:
    """The generations of one index."""

    def __init__(self, root: Path) -> None:
        """Makes nothing yet; `root` may be missing."""
        self.root = root

    @property
    def current(self) -> Path | None:
        """The live generation, or None before the first."""
        names = self._names()
        return self.root / names[0] if names else None

    @property
    def before(self) -> Path | None:
        """The generation that was live before, which is kept, or None."""
        return next((self.root / name for name in self._names()[1:2] if (self.root / name).is_dir()), None)

    def begin(self, manifest: Manifest) -> Path:
        """A new generation beside the live one, holding nothing but its manifest."""
        numbers = [int(path.name.removeprefix("generation-")) for path in self._generations()]
        folder = self.root / f"generation-{max(numbers, default=0) + 1:04d}"
        if not numbers:
            # Whoever means others to read it may give them the right afterwards.
            with contextlib.suppress(OSError):
                self.root.chmod(0o700)
        with told(f"{folder} cannot be made"):
            folder.mkdir(mode=0o700)
        manifest.write(folder)
        return folder

    def swap(self, generation: Path) -> None:
        """Makes a generation the live one."""
        before = self._names()[:1]
        replace(self.root / "CURRENT", "\n".join([generation.name, *before]) + "\n")

    def stale(self) -> list[Path]:
        """Generations that are neither live nor the one before: left by a crash, or older.

        Where the live one is missing, none is: the others may be all that is left of the index.
        """
        names = self._names()
        if names and not (self.root / names[0]).is_dir():
            return []
        return [path for path in self._generations() if path.name not in names]

    def sweep(self, generation: Path) -> None:
        """Deletes a stale generation."""
        if generation in self.stale():
            shutil.rmtree(generation, ignore_errors=True)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the write lock; IndexLocked names the process that has it."""
        self._make()
        lock = FileLock(self.root / "write.lock", timeout=0, mode=0o600)
        with told(f"{self.root} cannot be locked"):
            try:
                lock.acquire()
            except Timeout:
                who = self._holder()
                raise IndexLocked(f"{self.root} is being written by {who}; try again when it is done") from None
        try:
            who = f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%S')}"
            self._clear()
            replace(self.root / "writer.txt", f"{who} ({' '.join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]})\n")
            yield
        finally:
            with contextlib.suppress(OSError):
                (self.root / "writer.txt").unlink(missing_ok=True)
            self._keep_private()
            lock.release()

    def _make(self) -> None:
        with told(f"the index folder {self.root} cannot be made"):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK):
            raise StoreError(
                f"the index folder {self.root} may not be written; change its permissions or choose another"
            )

    def _clear(self) -> None:
        """Deletes half-written files; uploads may have any name and are not looked at."""
        for pattern in ("CURRENT.new", "writer.txt.new", "generation-*/*.new", "generation-*/vectors/*.new"):
            for path in self.root.glob(pattern):
                path.unlink(missing_ok=True)

    def _keep_private(self) -> None:
        """Takes the rights of others from all that lies in here, unless somebody has opened the folder to them."""
        with contextlib.suppress(OSError):
            if self.root.stat().st_mode & _OTHERS:
                return
            for path in self.root.rglob("*"):
                with contextlib.suppress(OSError):
                    mode = path.lstat().st_mode
                    if mode & _OTHERS and not path.is_symlink():
                        path.chmod(mode & ~_OTHERS)

    def _holder(self) -> str:
        with contextlib.suppress(OSError):
            return (self.root / "writer.txt").read_text().strip()
        return "another process"

    def _names(self) -> list[str]:
        """The generations that CURRENT names, the live one first; none where there is no such file."""
        file = self.root / "CURRENT"
        try:
            with file.open("rb") as stream:
                return named(stream.read(_MOST))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{file} cannot be read: {error.strerror or error}; change its permissions") from error
        except ValueError as error:
            there = " or ".join(path.name for path in self._generations())
            mend = f"write {there} into it" if there else "delete it and build anew with: rag sync SOURCE"
            raise StoreError(f"{file} is damaged and names no index; {mend}") from error

    def _generations(self) -> list[Path]:
        return sorted(path for path in self.root.glob("generation-*") if _GENERATION.fullmatch(path.name))


def named(data: bytes) -> list[str]:
    """The one or two generations that a CURRENT file names; ValueError where it holds anything else."""
    names = data.decode("ascii").split()
    if not 1 <= len(names) <= 2 or not all(map(_GENERATION.fullmatch, names)):
        raise ValueError("no names of generations")
    return names
