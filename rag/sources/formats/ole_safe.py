"""Open compound files (OLE2) safely: no stream, nor all of them together, is larger than the file can hold."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from rag.errors import SourceError

if TYPE_CHECKING:
    from olefile import OleFileIO

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER_BYTES = 512
_SECTOR_SHIFTS = (9, 12)
_TABLE_SIZES = (44, 64, 72)
"""Where the header says how many sectors each table of sectors has."""
_STREAM = 2
_SLACK_BYTES = 1_000_000
"""What may be read beyond the size of a file, since names and texts are looked at more than once."""
_DAMAGED = "damaged: it says to hold more than its file does"


class SafeOle:
    """An open compound file whose streams are read within limits."""

    def __init__(self, file: "OleFileIO", size: int) -> None:
        """Read from an open `file` of so many bytes."""
        self._file = file
        self._size = size
        self._left = 2 * size + _SLACK_BYTES
        self.names = [tuple(path) for path in file.listdir()]
        """The paths of its streams."""
        # The small streams lie in one that is read whole.
        if file.root.size > size:
            raise SourceError(_DAMAGED)

    def __contains__(self, path: Sequence[str]) -> bool:
        """Whether there is such a stream."""
        return bool(self._file.exists(list(path))) and self._file.get_type(list(path)) == _STREAM

    def read(self, path: Sequence[str]) -> bytes:
        """Read a stream; raises SourceError for one that would be larger than the file."""
        # Sectors may follow each other in a circle, so a size that is stated may never end.
        size = int(self._file.get_size(list(path)))
        self._left -= size
        if size > self._size or self._left < 0:
            raise SourceError(_DAMAGED)
        return bytes(self._file.openstream(list(path)).read())


def _check_header(data: bytes) -> None:
    """Raise SourceError for a file whose tables would be larger than itself."""
    if len(data) < _HEADER_BYTES:
        raise SourceError("cut short")
    (shift,) = struct.unpack_from("<H", data, 30)
    tables = (struct.unpack_from("<I", data, place)[0] for place in _TABLE_SIZES)
    if shift not in _SECTOR_SHIFTS or sum(tables) << shift > len(data):
        raise SourceError(_DAMAGED)


@contextmanager
def open_ole(data: bytes) -> Iterator[SafeOle]:
    """Open a compound file for the length of a block; raises SourceError, and ImportError without its package."""
    from olefile import OleFileIO

    _check_header(data)
    with OleFileIO(BytesIO(data)) as file:
        yield SafeOle(file, len(data))
