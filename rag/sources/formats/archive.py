"""Load archives (.zip, .tar, .tar.gz, .gz), each entry by the loader for its kind."""

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from rag.errors import SourceError
from rag.failures import attempt_each
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import LIST_SIZE_FACTOR, MB, FileLoader, SizeLimit, escape_path, explain_over_limit
from rag.sources.formats import tar_safe
from rag.sources.formats.tar_safe import PackedFile, SafeTar, is_tar
from rag.sources.formats.text import Text, refuse_suffix
from rag.sources.formats.zip_safe import SafeZip
from rag.types import Article, Failure

_ARCHIVE_SUFFIXES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")
_LINES_SUFFIXES = (".jsonl.gz", ".ndjson.gz")
_ARCHIVE_LIMIT = "one archive (20 times RAG_MAX_FILE_MB)"


class OpenArchive(Protocol):
    """An open archive whose entries are unpacked within limits."""

    @property
    def names(self) -> list[str]:
        """The names of its files, in the order in which they are read."""

    def explain_refusal(self, name: str) -> str:
        """Return why an entry may not be unpacked, or an empty string."""

    def read(self, name: str) -> bytes:
        """Unpack an entry; raises SourceError for one that is damaged or refused."""


class ArchiveEntry(NamedTuple):
    """A file in an archive."""

    name: str
    """Its path in the archive, as an id may have it."""
    refusal: str
    """Why it is not read, or an empty string."""


@dataclass(frozen=True, slots=True)
class Archive(FileLoader):
    """Loads the entries of an archive in memory, within limits; nothing is written to disk."""

    loaders: Sequence[FileLoader] = ()

    suffixes = (".zip", *tar_safe.SUFFIXES)
    is_risky = True

    @property
    def size_limit(self) -> SizeLimit:
        """The limit on the size of an archive: 20 times that of one file, since it may hold many."""
        return SizeLimit(LIST_SIZE_FACTOR * self.file_mb, _ARCHIVE_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse the entries that are not hidden, yielding a Failure for each that is refused or cannot be read."""
        for entry in self.list_entries(path):
            if entry.refusal:
                yield Failure(f"{escape_path(path)}/{entry.name}", entry.refusal)
            else:
                yield from self.load_entry(path, entry.name, name)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Refuse an archive within an archive: always raises SourceError."""
        raise SourceError("an archive within an archive, which is not opened")

    def list_entries(self, path: str) -> list[ArchiveEntry]:
        """List the files in an archive by name, refused ones too but no hidden ones.

        Raises SourceError for an archive that is damaged, too large, or without such a file.
        """
        archive = _open_archive(path, self.file_mb)
        names = [name for name in archive.names if not _is_hidden(name)]
        if not names:
            raise SourceError("no file in it")
        return [ArchiveEntry(_display_path(name), self._explain_refusal(archive, name)) for name in names]

    def load_entry(self, path: str, entry: str, name: str) -> Iterator[Article | Failure]:
        """Load the articles of one entry, named as `list_entries` does; yields a Failure if it cannot be read."""
        archive = _open_archive(path, self.file_mb)
        origin = f"{escape_path(path)}/{entry}"
        stored_name = _stored_name(archive, entry)
        loader = self._loader_for(entry)
        yield from attempt_each(
            origin, lambda: loader.parse_bytes(archive.read(stored_name), origin, f"{name}/{entry}")
        )

    def read_entry(self, path: str, entry: str) -> bytes:
        """Read one entry, named as `list_entries` does; raises SourceError if it cannot be unpacked."""
        archive = _open_archive(path, self.file_mb)
        return archive.read(_stored_name(archive, entry))

    def _loader_for(self, name: str) -> FileLoader:
        """Return the loader that accepts an entry of this name."""
        return next(loader for loader in self.loaders if loader.accepts(name))

    def _explain_refusal(self, archive: OpenArchive, name: str) -> str:
        """Return why an entry is not read, or an empty string."""
        shown = _display_path(name)
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":":
            return "its path leads out of the archive"
        if shown.lower().endswith(_ARCHIVE_SUFFIXES) and not shown.lower().endswith(_LINES_SUFFIXES):
            return "an archive within an archive, which is not opened"
        if isinstance(self._loader_for(shown), Text):
            try:
                refuse_suffix(shown)
            except SourceError as error:
                return str(error)
        return archive.explain_refusal(name)


@lru_cache(maxsize=1)
def _open_archive(path: str, file_mb: float) -> OpenArchive:
    """Open an archive and keep it open until another one is read, since entries are asked for one by one."""
    if path.lower().endswith(tar_safe.SUFFIXES):
        return SafeTar(path, file_mb) if is_tar(path) else PackedFile(path, file_mb)
    try:
        opened = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise SourceError("damaged, or no zip file in spite of its ending") from error
    archive = SafeZip(opened, file_mb)
    total = sum(entry.file_size for entry in archive.entries.values())
    if total > LIST_SIZE_FACTOR * file_mb * MB:
        raise SourceError(explain_over_limit(total, LIST_SIZE_FACTOR * file_mb, _ARCHIVE_LIMIT))
    return archive


def _stored_name(archive: OpenArchive, entry: str) -> str:
    """Return the name that an entry has in an archive itself."""
    return next(stored for stored in archive.names if _display_path(stored) == entry)


def _display_path(name: str) -> str:
    """Normalise the path of an entry for use in an id: one line, with forward slashes."""
    return one_line(escape_path(posixpath.normpath(name.replace("\\", "/")))) or name


def _is_hidden(name: str) -> bool:
    """Whether an entry is hidden, or one that a Mac adds beside each file."""
    return any(part.startswith(".") and part != ".." and part != "." for part in name.split("/")) or name.startswith(
        "__MACOSX/"
    )
