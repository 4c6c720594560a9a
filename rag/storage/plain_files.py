"""Open regular files only, following no link and waiting for no pipe."""

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, most: int = -1) -> bytes:
    """Read a file, at most so many bytes of it; OSError for a link, a pipe or a device in its place."""
    with open(open_regular(path, os.O_RDONLY), "rb") as stream:
        return stream.read(most)


def open_regular(path: Path, flags: int) -> int:
    """Open a file with no link followed and no pipe waited for; one that is made is its owner's alone."""
    apart = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | apart, 0o600)
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        if found.st_nlink > 1 and flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EMLINK, "it has another name elsewhere")
    except BaseException:
        os.close(handle)
        raise
    return handle
