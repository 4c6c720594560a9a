"""Load archives (.zip), each entry by the loader for its kind."""

import posixpath
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.errors import SourceError
from rag.failures import attempt_each
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB, MOST_FILES, FileLoader, over_limit, printable
from rag.sources.formats.text import Text, refuse
from rag.sources.formats.zip_safe import Packed
from rag.types import Article, Failure

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")
_LISTS = (".jsonl.gz", ".ndjson.gz")
_ARCHIVE = "one archive (20 times RAG_MAX_FILE_MB)"


@dataclass(frozen=True, slots=True)
class Archive(FileLoader):
    """Reads the entries of a .zip file in memory, within limits; nothing is written to disk."""

    loaders: Sequence[FileLoader] = ()

    suffixes = (".zip",)
    is_risky = True

    @property
    def largest(self) -> tuple[float, str]:
        """An archive holds any number of files."""
        return MOST_FILES * self.file_mb, _ARCHIVE

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The articles of all entries, and a Failure for each that is refused."""
        for entry, refusal in self.entries(path):
            if refusal:
                yield Failure(f"{printable(path)}/{entry}", refusal)
            else:
                yield from self.entry(path, entry, name)

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Nothing: an archive within an archive is not opened."""
        raise SourceError("an archive within an archive, which is not opened")

    def entries(self, path: str) -> list[tuple[str, str]]:
        """The files in the archive by name, hidden ones left out, and why one is refused; raises SourceError."""
        packed = _opened(path, self.file_mb)
        names = [name for name in sorted(packed.entries) if not _is_hidden(name) and not name.endswith("/")]
        if not names:
            raise SourceError("no file in it")
        return [(_shown(name), self._refusal(packed, name)) for name in names]

    def entry(self, path: str, entry: str, name: str) -> Iterator[Article | Failure]:
        """The articles of one entry."""
        packed = _opened(path, self.file_mb)
        place = f"{printable(path)}/{entry}"
        written = next(one for one in packed.entries if _shown(one) == entry)
        loader = self._loader(entry)
        yield from attempt_each(place, lambda: loader.read(packed.read(written), place, f"{name}/{entry}"))

    def _loader(self, name: str) -> FileLoader:
        return next(loader for loader in self.loaders if loader.accepts(name))

    def _refusal(self, packed: Packed, name: str) -> str:
        """Why an entry is not read, or an empty string."""
        entry, shown = packed.entries[name], _shown(name)
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":":
            return "its path leads out of the archive"
        if stat.S_ISLNK(entry.external_attr >> 16):
            return "a link, not a file"
        if shown.lower().endswith(_ARCHIVES) and not shown.lower().endswith(_LISTS):
            return "an archive within an archive, which is not opened"
        if isinstance(self._loader(shown), Text):
            try:
                refuse(shown)
            except SourceError as error:
                return str(error)
        return packed.refusal(name)


@lru_cache(maxsize=1)
def _opened(path: str, file_mb: float) -> Packed:
    """The archive, kept open until another one is read, since its entries are asked for one by one."""
    try:
        opened = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise SourceError("damaged, or no zip file in spite of its ending") from error
    packed = Packed(opened, file_mb)
    total = sum(entry.file_size for entry in packed.entries.values())
    if total > MOST_FILES * file_mb * MB:
        raise SourceError(over_limit(total, MOST_FILES * file_mb, _ARCHIVE))
    return packed


def _shown(name: str) -> str:
    """The path of an entry as an id may have it."""
    return one_line(printable(posixpath.normpath(name.replace("\\", "/")))) or name


def _is_hidden(name: str) -> bool:
    """Whether an entry is hidden, or one that a Mac adds beside each file."""
    return any(part.startswith(".") and part != ".." and part != "." for part in name.split("/")) or name.startswith(
        "__MACOSX/"
    )
