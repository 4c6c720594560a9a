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
    """The fingerprints of files at the last sync, and those of this one."""

    known: Mapping[str, Fingerprint] = field(default_factory=dict)
    rules: str = ""
    """What else decides what becomes of a file: settings, and what sites repeat."""
    learnt: dict[str, Fingerprint] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)
    """The files that were read this time, whose older fingerprints no longer hold."""

    def wrap(self, loader: FileLoader) -> "FingerprintedLoader":
        """Wrap a loader so that it skips files whose fingerprint is known."""
        return FingerprintedLoader(loader, self)

    def digest_file(self, path: str, name: str, beside: str = "") -> str:
        """Digest a file and all that its articles depend on, the file `beside` it if it is there; raises OSError."""
        content = "".join(
            _digest_content(part) for part in (path, beside) if part == path or (part and os.path.isfile(part))
        )
        return hashlib.sha256(
            "\0".join((content, name, self.rules, loaders_digest())).encode("utf-8", "replace")
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class FingerprintedLoader:
    """A loader of files that yields Unchanged for a file whose fingerprint is known."""

    loader: FileLoader
    fingerprints: Fingerprints

    def accepts(self, source: str) -> bool:
        """Whether the wrapped loader accepts the source."""
        return self.loader.accepts(source)

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles."""
        return self.loader.holds_questions(path)

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """Load the articles of a file, with ids made from its name without the folders, or yield Unchanged."""
        yield from self.load_as(source, FileLoader.name_of(source))

    def load_as(self, source: str, name: str) -> Iterator[Article | Failure | Unchanged]:
        """Load the articles of a file under a given name, or yield that it is unchanged.

        A file gets a new fingerprint only if there was no failure and all its articles state it as their origin.
        """
        try:
            self.loader.check(source)
            digest = self.fingerprints.digest_file(source, name, self.loader.beside(source))
        except (SourceError, OSError):  # the loader says what is wrong with it
            digest = ""
        origin = origin_of(source)
        count = 0
        if digest and self.fingerprints.known.get(origin, Fingerprint()).digest == digest:
            yield Unchanged(origin)
            return
        self.fingerprints.parsed.append(origin)
        for item in self.loader.load_as(source, name):
            if isinstance(item, Failure) or item.origin != origin:
                digest = ""
            count += 1
            yield item
        if digest:
            self.fingerprints.learnt[origin] = Fingerprint(digest, count)


def _digest_content(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=1)
def loaders_digest() -> str:
    """Digest the code of the loaders, so that any change to it has every file read again."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(os.fsencode(path.name) + path.read_bytes())
    return digest.hexdigest()
