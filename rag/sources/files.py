"""Define the base class of file loaders: which files are opened, how much is read, how failures are worded."""

import math
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rag.errors import SourceError
from rag.failures import attempt_each
from rag.sources.cleaning.unicode import one_line
from rag.types import Article, Failure

MB = 1_000_000
ARTICLE_LIMIT = "one article (RAG_MAX_ARTICLE_MB)"
FILE_LIMIT = "one file (RAG_MAX_FILE_MB)"
LIST_LIMIT = "one file of many articles (20 times RAG_MAX_FILE_MB)"
LIST_SIZE_FACTOR = 20
"""Times the limit of one file that a file of any number of articles may have: JSON lines, a mailbox, an archive."""

_REFUSED_KINDS = (
    (stat.S_ISDIR, "a folder, not a file"),
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
)


class SizeLimit(NamedTuple):
    """A limit on the size of files."""

    mb: float
    """The most megabytes, of 1,000,000 bytes."""
    name: str
    """What is limited, and by which setting, as people read it."""


@dataclass(frozen=True, slots=True)
class FileLoader(ABC):
    """Loads one kind of file; subclasses state its suffixes and parse its bytes into articles."""

    limit_mb: float = 10.0
    """The most one article may take, in megabytes of 1,000,000 bytes."""
    file_mb: float = 100.0
    """The most a document may take with its pictures, or a file of several articles."""
    all_text: bool = False
    """Whether what holds text is read also where it is no article, such as scripts and logs."""
    suffixes: ClassVar[tuple[str, ...]] = ()
    is_risky: ClassVar[bool] = False
    """Whether the parser of this kind is too intricate to be trusted with even a small file."""
    beside_suffix: ClassVar[str] = ""
    """The ending of a file beside one of this kind, behind its whole name, that decides what its articles are too."""

    def accepts(self, source: str) -> bool:
        """Whether the name ends in one of the suffixes of this kind."""
        return source.lower().endswith(self.suffixes)

    def load(self, source: str) -> Iterator[Article | Failure]:
        """Load the articles of a file, with ids made from its name without the folders."""
        yield from self.load_as(source, self.name_of(source))

    @staticmethod
    def name_of(path: str) -> str:
        """Return the name of a file without its folders, as one line, for a file that was given alone."""
        return one_line(escape_path(os.path.basename(os.path.abspath(path))))

    @property
    def limits(self) -> tuple[float, float, bool]:
        """The values by which another loader of this kind is made that reads as this one does."""
        return self.limit_mb, self.file_mb, self.all_text

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles; False for every kind whose loader does not look."""
        return False

    def beside(self, path: str) -> str:
        """Return the path of the file beside one that decides what its articles are too, if it is there; or ""."""
        return path + self.beside_suffix if self.beside_suffix else ""

    def is_harmless(self, path: str) -> bool:
        """Whether a small file is parsed by nothing that could end the process."""
        return not self.is_risky

    @property
    def size_limit(self) -> SizeLimit:
        """The limit on the size of a file of this kind."""
        return SizeLimit(self.limit_mb, ARTICLE_LIMIT)

    def check(self, path: str) -> None:
        """Check the kind and size of a file before it is read; raises SourceError and OSError."""
        check_regular_file(path)
        limit = self.size_limit
        if (size := os.stat(path).st_size) > limit.mb * MB:
            raise SourceError(explain_over_limit(size, limit.mb, limit.name))

    def load_as(self, source: str, name: str) -> Iterator[Article | Failure]:
        """Load the articles of a file under a given name, yielding a Failure for what cannot be read."""
        yield from attempt_each(escape_path(source), lambda: self._check_and_load(source, name))

    def _check_and_load(self, source: str, name: str) -> Iterator[Article | Failure]:
        """Check a file, then parse it."""
        self.check(source)
        yield from self.parse_file(source, name)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Read and parse an ordinary file; raises what `load_as` reports as a Failure."""
        yield from self.parse_bytes(read_bytes(path, self.limit_mb), origin_of(path), name)

    @abstractmethod
    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the bytes of a file into articles; `origin` is where it lies. Raises SourceError."""


def read_bytes(path: str, limit_mb: float, limited: str = ARTICLE_LIMIT) -> bytes:
    """Read all bytes of a file; raises SourceError, and reads no more than the limit, if they are over it."""
    limit = int(limit_mb * MB)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(limit + 1) if size <= limit else b""
    if max(size, len(data)) > limit:
        raise SourceError(explain_over_limit(max(size, len(data)), limit_mb, limited))
    return data


def explain_over_limit(size: int, limit_mb: float, limited: str = ARTICLE_LIMIT) -> str:
    """Word the refusal of something over its size limit; `limited` names what is limited."""
    rounded = math.ceil(10 * size / MB) / 10
    return f"{rounded:g} MB is over the limit of {limit_mb:g} MB for {limited}"


def origin_of(path: str) -> str:
    """Return the absolute path of a file, as an article records it."""
    return escape_path(os.path.abspath(path))


def escape_path(path: str) -> str:
    """Return a path as text that can be stored and shown: bytes that are not UTF-8 are escaped, as in `caf\\udce9`."""
    return path.encode("utf-8", "backslashreplace").decode()


def suffix_of(name: str) -> str:
    """Return the suffix of a file name in lower case, with its dot, or an empty string."""
    return os.path.splitext(name)[1].lower()


def check_regular_file(path: str) -> None:
    """Raise SourceError for what must not be opened: reading a pipe would wait for ever."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode):
        raise SourceError(next((kind for is_kind, kind in _REFUSED_KINDS if is_kind(mode)), "a device, not a file"))
