"""Open tar files and single packed files safely: no links, no bombs, no entry beyond the limits."""

import bz2
import gzip
import lzma
import os
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import BinaryIO, cast

from rag.errors import SourceError
from rag.sources.files import FILE_LIMIT, LIST_SIZE_FACTOR, MB, explain_over_limit
from rag.sources.formats.zip_safe import ANY_RATIO_BYTES, MAX_ENTRIES, MAX_RATIO

_OPENERS: Mapping[str, Callable[[str], BinaryIO]] = {
    ".gz": cast(Callable[[str], BinaryIO], gzip.GzipFile),
    ".bz2": cast(Callable[[str], BinaryIO], bz2.BZ2File),
    ".xz": cast(Callable[[str], BinaryIO], lzma.LZMAFile),
}
_FULL_SUFFIXES = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz"}
SUFFIXES = (".tar", *_FULL_SUFFIXES, *_OPENERS)
_DAMAGE_ERRORS = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError, UnicodeError)
_PORTION = MB


class _LimitedReader:
    """A file of which no more than so many bytes are read at once or in all, whatever its headers ask for."""

    def __init__(self, file: BinaryIO, *, at_once: int, in_all: int, too_much: str) -> None:
        """Wrap an open file; `too_much` is what is said of one that unpacks to more."""
        self._file = file
        self._at_once = at_once
        self._in_all = in_all
        self._too_much = too_much

    def read(self, size: int = -1) -> bytes:
        """Read bytes as a file does; raises SourceError beyond a limit."""
        if size < 0 or size > self._at_once:
            raise SourceError(self._too_much)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move as a file does, to what lies within the limit."""
        if whence == os.SEEK_SET and offset > self._in_all:
            raise SourceError(self._too_much)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the offset that is read next."""
        return self._file.tell()


class SafeTar:
    """An open tar file, packed or not, whose entries are read within limits."""

    _file: BinaryIO | None = None

    def __init__(self, path: str, file_mb: float) -> None:
        """Open a tar file, whose entries may have `file_mb` each; raises SourceError where it cannot be read."""
        self._file_mb = file_mb
        size = os.path.getsize(path)
        self._most = int(min(LIST_SIZE_FACTOR * file_mb * MB, max(ANY_RATIO_BYTES, MAX_RATIO * size)))
        too_much = f"it unpacks to more than {self._most // MB:,} MB, as only a bomb does"
        self._file = _open_packed(path)
        limited = _LimitedReader(self._file, at_once=int(file_mb * MB), in_all=self._most + _PORTION, too_much=too_much)
        try:
            self._opened = tarfile.TarFile(fileobj=cast(BinaryIO, limited))
            self._members = self._list_members(too_much)
        except _DAMAGE_ERRORS as error:
            raise SourceError("damaged, or no tar file in spite of its ending") from error

    def __del__(self) -> None:
        """Close the file, as `zipfile.ZipFile` does."""
        if self._file is not None:
            self._file.close()

    def _list_members(self, too_much: str) -> dict[str, tarfile.TarInfo]:
        members: dict[str, tarfile.TarInfo] = {}
        total = 0
        while (member := self._opened.next()) is not None:
            total += member.size
            if total > self._most:
                raise SourceError(too_much)
            if not member.isdir():
                members[member.name] = member
            if len(members) > MAX_ENTRIES:
                raise SourceError(f"it holds more than {MAX_ENTRIES:,} files, which are read at most")
        return members

    @property
    def names(self) -> list[str]:
        """The names of the files in it, as they lie in it, so that it is unpacked once."""
        return list(self._members)

    def explain_refusal(self, name: str) -> str:
        """Return why an entry may not be read, or an empty string."""
        member = self._members[name]
        if member.issym() or member.islnk():
            return "a link, not a file"
        if not member.isreg():
            return "a device, not a file"
        return explain_over_limit(member.size, self._file_mb, FILE_LIMIT) if member.size > self._file_mb * MB else ""

    def read(self, name: str) -> bytes:
        """Read an entry; raises SourceError for one that is damaged or refused."""
        if refusal := self.explain_refusal(name):
            raise SourceError(refusal)
        try:
            file = self._opened.extractfile(self._members[name])
            return file.read() if file is not None else b""
        except _DAMAGE_ERRORS as error:
            raise SourceError("damaged: a part of it cannot be unpacked") from error


class PackedFile:
    """A single packed file, such as `notes.txt.gz`, as an archive of one entry."""

    def __init__(self, path: str, file_mb: float) -> None:
        """Note the file; it is unpacked to at most `file_mb` when it is read."""
        self._path = path
        self._file_mb = file_mb
        self.names = [posixpath.splitext(posixpath.basename(path))[0] or "file"]

    def explain_refusal(self, name: str) -> str:
        """Return an empty string: how large it is shows when it is unpacked."""
        return ""

    def read(self, name: str) -> bytes:
        """Unpack the file; raises SourceError where it is damaged or over the limit."""
        size = os.path.getsize(self._path)
        most = int(min(self._file_mb * MB, max(ANY_RATIO_BYTES, MAX_RATIO * size)))
        unpacked = BytesIO()
        try:
            with _open_packed(self._path) as file:
                while portion := file.read(_PORTION):
                    unpacked.write(portion)
                    if unpacked.tell() > most:
                        raise SourceError(explain_over_limit(unpacked.tell(), most / MB, FILE_LIMIT))
        except _DAMAGE_ERRORS as error:
            raise SourceError("damaged: it cannot be unpacked") from error
        return unpacked.getvalue()


def is_tar(path: str) -> bool:
    """Whether the name of a packed file is that of a tar file."""
    stem, suffix = posixpath.splitext(_full_name(path))
    return suffix == ".tar" or stem.endswith(".tar")


def _full_name(path: str) -> str:
    """Return the name of a file in lower case, with the ending for which `.tgz` and others stand."""
    stem, suffix = posixpath.splitext(path.lower())
    return stem + _FULL_SUFFIXES.get(suffix, suffix)


def _open_packed(path: str) -> BinaryIO:
    opener = _OPENERS.get(posixpath.splitext(_full_name(path))[1])
    return opener(path) if opener else open(path, "rb")
