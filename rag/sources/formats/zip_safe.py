"""Open zip files safely: no encryption, no zip bombs, no entry beyond the limits."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.files import FILE_LIMIT, MB, explain_over_limit
from rag.sources.formats.xml_safe import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

MAX_RATIO = 200
"""How many times its size an entry may unpack to; prose gives 3, a table of zeros 100, a bomb 1,000."""
ANY_RATIO_BYTES = MB
"""An entry may unpack to so many bytes at any ratio."""
MAX_ENTRIES = 10_000
_DAMAGE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    UnicodeError,
    OverflowError,
)


@contextmanager
def open_zip(data: bytes, file_mb: float) -> Iterator["SafeZip"]:
    """Open a zip file in memory for the length of a block; raises BadZipFile or others if the bytes are no zip file."""
    with zipfile.ZipFile(BytesIO(data)) as opened:
        yield SafeZip(opened, file_mb)


class SafeZip:
    """An open zip file whose entries are decompressed within limits."""

    def __init__(self, opened: zipfile.ZipFile, file_mb: float) -> None:
        """Wrap an open zip file, whose entries may have `file_mb` each; raises SourceError for far too many entries."""
        self.entries = {entry.filename: entry for entry in opened.infolist()}
        self._opened = opened
        self._file_mb = file_mb
        self._left = int(20 * file_mb * MB)
        if len(opened.infolist()) > MAX_ENTRIES:
            raise SourceError(f"it holds {len(opened.infolist()):,} files; {MAX_ENTRIES:,} are read at most")

    @property
    def names(self) -> list[str]:
        """The names of its entries, sorted, without folders."""
        return sorted(name for name in self.entries if not name.endswith("/"))

    def __contains__(self, name: str) -> bool:
        """Whether there is an entry of that name."""
        return name in self.entries

    def explain_refusal(self, name: str) -> str:
        """Return why an entry may not be decompressed, or an empty string."""
        entry = self.entries[name]
        if stat.S_ISLNK(entry.external_attr >> 16):
            return "a link, not a file"
        if entry.flag_bits & 0x1:
            return "protected by a password; save a copy without one"
        if entry.file_size > max(ANY_RATIO_BYTES, MAX_RATIO * entry.compress_size):
            times = entry.file_size // max(entry.compress_size, 1)
            return f"it unpacks to {times:,} times its size, as only a zip bomb does"
        if entry.file_size > self._file_mb * MB:
            return explain_over_limit(entry.file_size, self._file_mb, FILE_LIMIT)
        return ""

    def read(self, name: str) -> bytes:
        """Decompress an entry; raises SourceError for one that is missing, damaged, or refused."""
        if name not in self.entries:
            raise SourceError(f"it lacks its part {name!r}"[:120])
        if refusal := self.explain_refusal(name):
            raise SourceError(refusal)
        try:
            with self._opened.open(self.entries[name]) as file:
                data = self._read_within_limits(file)
        except (*_DAMAGE_ERRORS, RuntimeError, OSError) as error:
            raise SourceError("damaged: a part of it cannot be unpacked") from error
        return data

    def _read_within_limits(self, file: IO[bytes]) -> bytes:
        """Read all of an entry; the size that its header states is not trusted."""
        limit = int(self._file_mb * MB)
        data = file.read(limit + 1)
        self._left -= len(data)
        if len(data) > limit:
            raise SourceError(explain_over_limit(len(data), self._file_mb, FILE_LIMIT))
        if self._left < 0:
            raise SourceError(f"unpacked it is over {20 * self._file_mb:g} MB in all")
        return data

    def read_xml(self, name: str) -> "Element":
        """Parse an XML entry; raises SourceError for one that is damaged or declares a document type."""
        return parse_xml(self.read(name))
