"""The base of file loaders: which files may be opened, how much is read, how failures are worded."""

import math
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rag.errors import SourceError
from rag.failures import attempt_each
from rag.sources.cleaning.unicode import one_line
from rag.types import Article, Failure

MB = 1_000_000
ARTICLE = "one article (RAG_MAX_ARTICLE_MB)"
FILE = "one file (RAG_MAX_FILE_MB)"
LIST = "one file of many articles (20 times RAG_MAX_FILE_MB)"
MOST_FILES = 20
"""Times the limit of one file that a file of any number of articles may have: JSON lines, a mailbox, an archive."""

_KINDS = (
    (stat.S_ISDIR, "a folder, not a file"),
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
)


@dataclass(frozen=True, slots=True)
class FileLoader(ABC):
    """Reads one kind of file; a kind has its endings and its way from a path to articles."""

    limit_mb: float = 10.0
    """The most one article may take, in megabytes of 1,000,000 bytes."""
    file_mb: float = 100.0
    """The most a document may take with its pictures, or a file of several articles."""
    suffixes: ClassVar[tuple[str, ...]] = ()
    is_risky: ClassVar[bool] = False
    """Whether the parser of this kind is too intricate to be trusted with even a small file."""
    stands_alone: ClassVar[bool] = True
    """Whether nothing beside a file decides what its articles are."""

    def accepts(self, source: str) -> bool:
        """Whether the name has one of the endings of this kind."""
        return source.lower().endswith(self.suffixes)

    def load(self, source: str) -> Iterator[Article | Failure]:
        """The articles of the file, named by its name without the folders."""
        yield from self.load_as(source, self.name_of(source))

    @staticmethod
    def name_of(path: str) -> str:
        """What a file is called that was not found in a folder."""
        return one_line(printable(os.path.basename(os.path.abspath(path))))

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles."""
        return False

    @property
    def largest(self) -> tuple[float, str]:
        """The most megabytes that a file of this kind may have, and what that limit is called."""
        return self.limit_mb, ARTICLE

    def check(self, path: str) -> None:
        """Raises SourceError and OSError for a file that its kind or its size keeps from being read."""
        check_regular(path)
        limit_mb, limited = self.largest
        if (size := os.stat(path).st_size) > limit_mb * MB:
            raise SourceError(over_limit(size, limit_mb, limited))

    def load_as(self, source: str, name: str) -> Iterator[Article | Failure]:
        """The articles of the file under a given name; what cannot be read comes as a Failure."""
        yield from attempt_each(printable(source), lambda: self._checked(source, name))

    def _checked(self, source: str, name: str) -> Iterator[Article | Failure]:
        self.check(source)
        yield from self.articles(source, name)

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The articles of an ordinary file; raises for load_as to report."""
        yield from self.read(read_bytes(path, self.limit_mb), origin_of(path), name)

    @abstractmethod
    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The articles in the bytes of a file; `origin` is where it lies. Raises SourceError."""


def read_bytes(path: str, limit_mb: float, limited: str = ARTICLE) -> bytes:
    """All bytes of a file; raises SourceError, without reading them, if they are over the limit."""
    limit = int(limit_mb * MB)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(limit + 1) if size <= limit else b""
    if max(size, len(data)) > limit:
        raise SourceError(over_limit(max(size, len(data)), limit_mb, limited))
    return data


def over_limit(size: int, limit_mb: float, limited: str = ARTICLE) -> str:
    """The reason for refusing so many bytes of what is limited, an article unless something else is named."""
    rounded = math.ceil(10 * size / MB) / 10
    return f"{rounded:g} MB is over the limit of {limit_mb:g} MB for {limited}"


def origin_of(path: str) -> str:
    """The absolute path of a file, as an article remembers it."""
    return printable(os.path.abspath(path))


def printable(path: str) -> str:
    """A path as text that can be stored and shown: bytes that are no UTF-8 are spelled out, as in `caf\\udce9`."""
    return path.encode("utf-8", "backslashreplace").decode()


def suffix_of(name: str) -> str:
    """The ending of a file name in lower case, with its dot, or an empty string."""
    return os.path.splitext(name)[1].lower()


def check_regular(path: str) -> None:
    """Raises SourceError for what must not be opened: reading a pipe would wait for ever."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode):
        raise SourceError(next((kind for is_kind, kind in _KINDS if is_kind(mode)), "a device, not a file"))
