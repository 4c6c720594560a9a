"""Replace files and folders atomically, so that a crash leaves the old or the new."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rag.errors import StoreError
from rag.storage.plain_files import open_regular, read_regular

_COPY = re.compile(r"copy-[0-9]{4,9}")
_LIVE = re.compile(rf"(\.|{_COPY.pattern}) ([0-9]{{1,15}})\n?")
_UNKNOWN_PENDING = 1_000_000
"""The pending changes that LIVE names while somebody writes, who may die before saying how many they were."""
_MAX_LIVE_BYTES = 100


@contextmanager
def os_errors_as(what: str) -> Iterator[None]:
    """Turn an error of the file system into a StoreError that says what was attempted."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{what}: {error.strerror or error}; make room or change the permissions, then repeat"
        ) from error


def write_atomic(path: Path, text: str) -> None:
    """Replace a file so that a reader, or a crash, finds the old text or the new; StoreError where that fails."""
    beside = path.with_name(path.name + ".new")
    with os_errors_as(f"{path} cannot be written"):
        try:
            beside.unlink(missing_ok=True)
            made = open_regular(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with open(made, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(beside, path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        _fsync(path.parent)


class LiveSnapshot(NamedTuple):
    """The copy that a LIVE file names."""

    name: str
    pending: int
    """How many changes have been written into it since it was made."""


class FolderSnapshots:
    """Copies of one folder of which `LIVE` names the one in use; the next is finished before it takes over."""

    def __init__(self, root: Path) -> None:
        """Manage the copies in `root`, which holds the files themselves before the first copy is made."""
        self._root = root

    @property
    def live(self) -> Path:
        """The folder in use."""
        return self._root / self._read_live().name

    @property
    def pending(self) -> int:
        """How many changes have been written into the folder in use since it was made."""
        return self._read_live().pending

    def others(self) -> frozenset[str]:
        """List the names in the root folder that are LIVE, LIVE.new or a copy, also the copy in use; no other files."""
        with suppress(OSError):
            return frozenset(name for name in os.listdir(self._root) if _is_own(name))
        return frozenset()

    def note(self, pending: int | None) -> None:
        """Record the pending changes; None while somebody is writing."""
        known = _UNKNOWN_PENDING if pending is None else pending
        write_atomic(self._root / "LIVE", f"{self._read_live().name} {known}\n")

    def _read_live(self) -> LiveSnapshot:
        """Read LIVE; without it the files themselves are in use."""
        try:
            return parse_live_file(read_regular(self._root / "LIVE", _MAX_LIVE_BYTES))
        except FileNotFoundError:
            return LiveSnapshot(".", 0)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StoreError(
                f"the vectors in {self._root} cannot be found, since LIVE in there cannot be read ({why}); "
                "build them anew with: rag check --repair",
                store="vectors",
            ) from error

    def begin(self) -> Path:
        """Make a full copy of the folder in use, beside it."""
        live = self.live
        fresh = self._root / f"copy-{_number(live.name) + 1:04d}"
        with os_errors_as(f"{fresh} cannot be made"):
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(live, fresh, symlinks=True, ignore=lambda _, names: list(filter(_is_own, names)))
        return fresh

    def switch(self, fresh: Path) -> None:
        """Take a finished copy into use; delete all but this one and the one before it."""
        for path in fresh.rglob("*"):
            _fsync(path)
        _fsync(fresh)
        write_atomic(self._root / "LIVE", f"{fresh.name} 0\n")
        self.sweep()

    def sweep(self) -> None:
        """Delete all but the copy in use and the one before it, which others may still read."""
        number = _number(self.live.name)
        keep = {"LIVE", *(f"copy-{kept:04d}" for kept in (number, number - 1))}
        for path in self._root.iterdir():
            # What is no copy is in use, or was until the first copy took over.
            if path.name not in keep and (number > 1 or _COPY.fullmatch(path.name)):
                self.discard(path)

    def discard(self, path: Path) -> None:
        """Delete a folder or file that the caller knows is not in use; what cannot be deleted stays, with no error."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def parse_live_file(data: bytes) -> LiveSnapshot:
    """Parse the copy that a LIVE file names, and what is pending in it; ValueError where it holds anything else."""
    if not (match := _LIVE.fullmatch(data.decode("ascii"))):
        raise ValueError("no name of a copy")
    return LiveSnapshot(match[1], int(match[2]))


def _is_own(name: str) -> bool:
    return name in ("LIVE", "LIVE.new") or _COPY.fullmatch(name) is not None


def _number(name: str) -> int:
    """Return the number of a copy, from 1; 0 for the files that no copy was made of yet."""
    return int(name.removeprefix("copy-")) if _COPY.fullmatch(name) else 0


def _fsync(path: Path) -> None:
    """Flush a file or folder to the disk, so that it survives a loss of power, where the system can."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
