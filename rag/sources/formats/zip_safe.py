"""Open zip files and the XML in them safely: no encryption, bombs or entities."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.files import FILE, MB, over_limit

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_MOST_RATIO = 200
"""How many times its size an entry may unpack to; prose gives 3, a table of zeros 100, a bomb 1,000."""
_SMALL = MB
"""An entry may unpack to so many bytes at any ratio."""
_MOST_ENTRIES = 10_000
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, UnicodeError, OverflowError)
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = "its XML declares a document type or entities, which are not read"


@contextmanager
def unzipped(data: bytes, file_mb: float) -> Iterator["Packed"]:
    """A zip file in memory, open while it is read; raises BadZipFile and others for what is none."""
    with zipfile.ZipFile(BytesIO(data)) as opened:
        yield Packed(opened, file_mb)


class Packed:
    """An open zip file whose entries are unpacked within limits."""

    def __init__(self, opened: zipfile.ZipFile, file_mb: float) -> None:
        """Raises SourceError for more entries than any archive of articles has."""
        self.entries = {entry.filename: entry for entry in opened.infolist()}
        self._opened, self._file_mb = opened, file_mb
        self._left = int(20 * file_mb * MB)
        if len(opened.infolist()) > _MOST_ENTRIES:
            raise SourceError(f"it holds {len(opened.infolist()):,} files; {_MOST_ENTRIES:,} are read at most")

    def __contains__(self, name: str) -> bool:
        """Whether there is an entry of that name."""
        return name in self.entries

    def refusal(self, name: str) -> str:
        """Why an entry may not be unpacked, or an empty string."""
        entry = self.entries[name]
        if entry.flag_bits & 0x1:
            return "protected by a password; save a copy without one"
        if entry.file_size > max(_SMALL, _MOST_RATIO * entry.compress_size):
            times = entry.file_size // max(entry.compress_size, 1)
            return f"it unpacks to {times:,} times its size, as only a zip bomb does"
        if entry.file_size > self._file_mb * MB:
            return over_limit(entry.file_size, self._file_mb, FILE)
        return ""

    def read(self, name: str) -> bytes:
        """The bytes of an entry; raises SourceError for one that is missing, damaged, or not to be unpacked."""
        if name not in self.entries:
            raise SourceError(f"it lacks its part {name!r}"[:120])
        if refusal := self.refusal(name):
            raise SourceError(refusal)
        try:
            with self._opened.open(self.entries[name]) as file:
                data = self._within(file)
        except (*_BAD, RuntimeError, OSError) as error:
            raise SourceError("damaged: a part of it cannot be unpacked") from error
        return data

    def _within(self, file: IO[bytes]) -> bytes:
        """All of an entry; what its header says of its size is not trusted."""
        limit = int(self._file_mb * MB)
        data = file.read(limit + 1)
        self._left -= len(data)
        if len(data) > limit:
            raise SourceError(over_limit(len(data), self._file_mb, FILE))
        if self._left < 0:
            raise SourceError(f"unpacked it is over {20 * self._file_mb:g} MB in all")
        return data

    def xml(self, name: str) -> "Element":
        """The root of an XML entry; raises SourceError for one that is broken or declares a grammar."""
        return xml(self.read(name))


def xml(data: bytes) -> "Element":
    """The root of an XML document; raises SourceError for one that is broken or declares a grammar or entities."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    refuse_declarations(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError("its XML is damaged") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that is no kind of ASCII
        raise SourceError(_DECLARED)
    return root


def refuse_declarations(data: bytes) -> None:
    """Raises SourceError for XML with a document type or entities, which can be made to fill the memory.

    Without its null bytes, ASCII reads the same in UTF-16 and UTF-32, in either order of bytes and with any mark.
    """
    if _DECLARES.search(data.replace(b"\0", b"")):
        raise SourceError(_DECLARED)
