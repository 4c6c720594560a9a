"""Skip files whose fingerprint is that of the last sync."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from rag.errors import SourceError
from rag.source_state import Fingerprint, Unchanged
from rag.sources.files import FileLoader, origin_of
from rag.types import Article, Failure


@dataclass
class Fingerprints:
    """What files gave when they were read before, and what they give now."""

    known: Mapping[str, Fingerprint] = field(default_factory=dict)
    rules: str = ""
    """What else decides what becomes of a file: settings, and what sites repeat."""
    learnt: dict[str, Fingerprint] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)
    """The files that were read this time, of which no older mark holds."""

    def watched(self, loader: FileLoader) -> "FingerprintedLoader":
        """The loader, which leaves out what is marked."""
        return FingerprintedLoader(loader, self)

    def of(self, path: str, name: str) -> str:
        """A digest of a file and of all that its articles depend on; raises OSError."""
        with open(path, "rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return hashlib.sha256("\0".join((content, name, self.rules, _code())).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class FingerprintedLoader:
    """A loader of files that tells of an unchanged one that it is kept."""

    loader: FileLoader
    marks: Fingerprints

    def accepts(self, source: str) -> bool:
        """Whether the loader is the one for the source."""
        return self.loader.accepts(source)

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles."""
        return self.loader.holds_questions(path)

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """The articles of the file, named by its name without the folders."""
        yield from self.load_as(source, FileLoader.name_of(source))

    def load_as(self, source: str, name: str) -> Iterator[Article | Failure | Unchanged]:
        """The articles of the file under a given name, or that it is kept.

        Only a file without failures is marked, whose articles all say that they come from it.
        """
        try:
            self.loader.check(source)
            digest = self.marks.of(source, name) if self.loader.is_self_contained else ""
        except (SourceError, OSError):  # the loader says what is wrong with it
            digest = ""
        origin, count = origin_of(source), 0
        if digest and self.marks.known.get(origin, Fingerprint()).digest == digest:
            yield Unchanged(origin)
            return
        self.marks.parsed.append(origin)
        for item in self.loader.load_as(source, name):
            if isinstance(item, Failure) or item.origin != origin:
                digest = ""
            count += 1
            yield item
        if digest:
            self.marks.learnt[origin] = Fingerprint(digest, count)


@lru_cache(maxsize=1)
def _code() -> str:
    """A digest of the loaders themselves, so that whatever they learn is applied to every file."""
    made = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        made.update(os.fsencode(path.name) + path.read_bytes())
    return made.hexdigest()
