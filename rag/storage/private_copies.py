"""Copy files that may not be written to a private place, to read them there."""

import errno
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_MEMORY = "/dev/shm"
"""Where Linux keeps files in memory; for when no disk has room."""
_PROBE = "probe.new"
_PROBE_BYTES = 65_536
"""Bytes that a library may want to write when it opens its files."""


class PrivateCopy:
    """Copies of files and folders in a temporary folder, which is deleted with this object or when the process ends."""

    def __init__(self, paths: Iterable[Path], *, leave_out: frozenset[str] = frozenset()) -> None:
        """Copy `paths`; OSError where no folder for temporary files has space.

        Of folders, what has one of the names in `leave_out` is not copied.
        """
        paths = list(paths)
        trouble: OSError = FileNotFoundError(errno.ENOENT, "there is no place for temporary files")
        for folder in _temporary_folders():
            try:
                self.folder = Path(tempfile.mkdtemp(prefix="rag-read-", dir=folder))
            except OSError as error:
                trouble = error
                continue
            self._remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
            try:
                for path in paths:
                    _copy(path, self.folder / path.name, leave_out)
                return
            except shutil.Error as error:
                trouble = OSError(errno.EIO, str(error.args[0][0][2]))
            except OSError as error:
                trouble = error
            self._remove()
        raise trouble

    def remove(self) -> None:
        """Delete the copies."""
        self._remove()


def _temporary_folders() -> Iterator[str]:
    with suppress(OSError):
        yield tempfile.gettempdir()
    if os.path.isdir(_MEMORY):
        yield _MEMORY


def _copy(path: Path, target: Path, leave_out: frozenset[str]) -> None:
    if path.is_dir():
        shutil.copytree(
            path, target, symlinks=True, copy_function=shutil.copyfile, ignore=lambda _, names: leave_out & {*names}
        )
        # The rights to folders were copied with them.
        for folder in (target, *(below for below in target.rglob("*") if below.is_dir())):
            folder.chmod(0o700)
    else:
        shutil.copyfile(path, target, follow_symlinks=False)


def is_writable(folder: Path) -> bool:
    """Whether files in a folder may be made and changed, as far as its permissions say."""
    return all(os.access(path, os.W_OK) for path in (folder, *folder.glob("*.sqlite*")))


def has_room(folder: Path) -> bool:
    """Whether a folder really takes a file; asked where a library has failed to open its own in there."""
    path = folder / _PROBE
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(bytes(_PROBE_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        return True
    except OSError:
        return False
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
