"""Replace files and folders atomically, so that a crash leaves the old or the new."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import StoreError
from rag.storage.plain_files import open_regular, read_regular

_COPY = re.compile(r"copy-[0-9]{4,9}")
_LIVE = re.compile(rf"(\.|{_COPY.pattern}) ([0-9]{{1,15}})\n?")
_OPEN = 1_000_000
"""What a copy is noted to have pending while somebody writes, who may die before saying how much it was."""
_MOST = 100
"""Bytes of LIVE that are read."""


@contextmanager
def os_errors_as(what: str) -> Iterator[None]:
    """An error of the file system as a StoreError that says what was attempted."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{what}: {error.strerror or error}; make room or change the permissions, then repeat"
        ) from error


def write_atomic(path: Path, text: str) -> None:
    """Writes a file so that a reader, or a crash, finds the old text or the new; StoreError where it cannot be."""
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
        _sync(path.parent)


class FolderSnapshots:
    """Copies of one folder of which `LIVE` names the one in use; the next is finished before it takes over."""

    def __init__(self, place: Path) -> None:
        """`place` may hold the files themselves, as it does before the first copy is made."""
        self._place = place

    @property
    def live(self) -> Path:
        """The folder in use."""
        return self._place / self._noted[0]

    @property
    def pending(self) -> int:
        """How much has been written into the folder in use since it was made."""
        return self._noted[1]

    def others(self) -> frozenset[str]:
        """What stands beside the files in use, in the folder of all copies."""
        with suppress(OSError):
            return frozenset(name for name in os.listdir(self._place) if _ours(name))
        return frozenset()

    def note(self, pending: int | None) -> None:
        """Keeps how much that is; None while somebody is writing."""
        write_atomic(self._place / "LIVE", f"{self._noted[0]} {_OPEN if pending is None else pending}\n")

    @property
    def _noted(self) -> tuple[str, int]:
        try:
            return parse_live_file(read_regular(self._place / "LIVE", _MOST))
        except FileNotFoundError:
            return ".", 0
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StoreError(
                f"the vectors in {self._place} cannot be found, since LIVE in there cannot be read ({why}); "
                "build them anew with: rag check --repair",
                store="vectors",
            ) from error

    def begin(self) -> Path:
        """A full copy of the folder in use, beside it."""
        live = self.live
        fresh = self._place / f"copy-{_number(live.name) + 1:04d}"
        with os_errors_as(f"{fresh} cannot be made"):
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(live, fresh, symlinks=True, ignore=lambda _, names: list(filter(_ours, names)))
        return fresh

    def switch(self, fresh: Path) -> None:
        """Takes a finished copy into use; all but this one and the one before it go."""
        for path in fresh.rglob("*"):
            _sync(path)
        _sync(fresh)
        write_atomic(self._place / "LIVE", f"{fresh.name} 0\n")
        self.sweep()

    def sweep(self) -> None:
        """Deletes all but the copy in use and the one before it, which others may still read."""
        number = _number(self.live.name)
        keep = {"LIVE", *(f"copy-{one:04d}" for one in (number, number - 1))}
        for path in self._place.iterdir():
            # What is no copy is in use, or was until the first copy took over.
            if path.name not in keep and (number > 1 or _COPY.fullmatch(path.name)):
                self.discard(path)

    def discard(self, path: Path) -> None:
        """Deletes a copy that is not in use, or a file that an older program left beside the copies."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def parse_live_file(data: bytes) -> tuple[str, int]:
    """The copy that a LIVE file names, and what is pending in it; ValueError where it holds anything else."""
    if not (found := _LIVE.fullmatch(data.decode("ascii"))):
        raise ValueError("no name of a copy")
    return found[1], int(found[2])


def _ours(name: str) -> bool:
    return name in ("LIVE", "LIVE.new") or _COPY.fullmatch(name) is not None


def _number(name: str) -> int:
    """Of a copy from 1 on, 0 for the files that no copy was made of yet."""
    return int(name.removeprefix("copy-")) if _COPY.fullmatch(name) else 0


def _sync(path: Path) -> None:
    """Makes a file or folder last through a loss of power, where the system can."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
