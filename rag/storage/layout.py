"""The names that the program makes in an index folder, and what it refuses to open there."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rag.errors import StoreError
from rag.storage.plain_files import read_regular

GENERATION = re.compile(r"generation-[0-9]{4,9}")
UPLOADS = "uploads"
FEEDBACK = "feedback.jsonl"
SUGGESTED = "suggested.json"
_OWN = re.compile(
    rf"(?:CURRENT|writer\.txt|{re.escape(SUGGESTED)})(?:\.new)?|write\.lock|{UPLOADS}|{re.escape(FEEDBACK)}"
    rf"|{GENERATION.pattern}"
)
"""Every name that the program makes in the folder of an index; nothing else there is read, changed or deleted."""
_HARMLESS = {
    "README.md",
    ".gitignore",
    ".gitkeep",
    "lost+found",
    ".DS_Store",
    ".directory",
    "Thumbs.db",
    "desktop.ini",
}
"""What may stand in a folder that counts as empty: a clone's description, and what systems put into any folder."""
_OTHERS_RIGHTS = 0o077
"""The rights of those who do not own a file."""
_MAX_POINTER_BYTES = 1_000
"""Bytes of CURRENT that are read; two names take a few dozen."""


def read_pointer(root: Path) -> list[str]:
    """Read the one or two generations that CURRENT names; OSError or ValueError where it cannot be read as such."""
    return parse_pointer(read_regular(root / "CURRENT", _MAX_POINTER_BYTES))


def parse_pointer(data: bytes) -> list[str]:
    """Parse the one or two generations that a CURRENT file names; ValueError where it holds anything else."""
    names = data.decode("ascii").split()
    if not 1 <= len(names) <= 2 or not all(map(GENERATION.fullmatch, names)):
        raise ValueError("no names of generations")
    return names


def generations(root: Path) -> list[Path]:
    """List the generations in a folder, the oldest first."""
    return sorted(path for path in root.glob("generation-*") if GENERATION.fullmatch(path.name))


def refuse_foreign(root: Path) -> None:
    """Raise StoreError for a folder that is no index and holds files that the program did not make."""
    try:
        names = sorted(os.listdir(root))
    except OSError:
        return
    other = [name for name in names if not (_OWN.fullmatch(name) or name in _HARMLESS)]
    if other and not _is_index(root):
        raise StoreError(
            f"{root} holds other files, such as {_escape(other[0])}, and is no index; "
            f"name a new or an empty folder, as in: --index {root / 'index'}"
        )


def _is_index(root: Path) -> bool:
    with suppress(OSError, ValueError):
        return bool(read_pointer(root))
    return any((path / "manifest.json").is_file() for path in generations(root))


def refuse_links(root: Path) -> None:
    """Raise StoreError for an index whose own files have a link, a pipe, a device or a hard link among them.

    Uploads may be hard links. Other entries that the program did not make are refused only where they are links. An
    index may come from a stranger, and a link may lead to a file that is not the index's. `root` may be a link.
    """
    for entry in _entries(root):
        if entry.is_symlink():
            _refuse(root, entry, "a link")
        if entry.name == UPLOADS:
            _refuse_strange(root, entry, linked=True)
        elif _OWN.fullmatch(entry.name):
            _refuse_strange(root, entry)


def _refuse_strange(root: Path, entry: "os.DirEntry[str]", *, linked: bool = False) -> None:
    """Raise StoreError if an entry, or anything below it, is a link, a pipe, a device or a hard link.

    With `linked`, hard links are allowed, as for files that are never written.
    """
    if entry.is_symlink():
        _refuse(root, entry, "a link")
    elif entry.is_dir(follow_symlinks=False):
        for below in _entries(entry.path):
            _refuse_strange(root, below, linked=linked)
    elif not entry.is_file(follow_symlinks=False):
        # It is neither where another process has just deleted it.
        with suppress(OSError):
            entry.stat(follow_symlinks=False)
            _refuse(root, entry, "no ordinary file")
    elif not linked:
        with suppress(OSError):
            if entry.stat(follow_symlinks=False).st_nlink > 1:
                _refuse(root, entry, "a file that has another name elsewhere (a hard link)")


def _refuse(root: Path, entry: "os.DirEntry[str]", what: str) -> None:
    name = _escape(str(Path(entry.path).relative_to(root)))
    raise StoreError(
        f"the index in {root} is not opened: {name} in it is {what}, which may stand for a file that is not the "
        "index's; use a plain copy of the index, without links, or build one of your own with: rag sync SOURCE"
    )


def _entries(folder: str | Path) -> Iterator["os.DirEntry[str]"]:
    with suppress(OSError), os.scandir(folder) as entries:
        yield from list(entries)


def make_private(root: Path) -> None:
    """Take the rights of others from what the program made, unless somebody has opened the folder to them.

    Uploads and votes are made private when they are written.
    """
    with suppress(OSError):
        if root.stat().st_mode & _OTHERS_RIGHTS:
            return
    for entry in _entries(root):
        if _OWN.fullmatch(entry.name) and entry.name not in (UPLOADS, FEEDBACK):
            _narrow(Path(entry.path))
            if GENERATION.fullmatch(entry.name):
                for path in Path(entry.path).rglob("*"):
                    _narrow(path)


def _narrow(path: Path) -> None:
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & _OTHERS_RIGHTS and not stat.S_ISLNK(mode):
            path.chmod(mode & ~_OTHERS_RIGHTS)


def _escape(name: str) -> str:
    """Escape a file name for one line of a message."""
    return ascii(name)[1:-1] if not name.isprintable() else name
