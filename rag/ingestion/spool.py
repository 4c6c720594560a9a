"""Spool changed articles to disk between reading and indexing."""

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import NamedTuple

from rag.storage.atomic_files import os_errors_as
from rag.types import Article

_UNSPOOLED = "what was read cannot be kept in the folder for temporary files (TMPDIR)"


class SpooledArticle(NamedTuple):
    """An article on its way into the index."""

    article: Article
    root: str
    """The source it came from, as the index remembers it."""


class Spool:
    """Changed articles kept on disk between reading and indexing, so that memory does not grow with their number."""

    def __init__(self) -> None:
        """Open a temporary file without a name, which goes with the process."""
        with os_errors_as(_UNSPOOLED):
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        """Count the articles it holds."""
        return self._count

    def append(self, article: Article, root: str) -> None:
        """Add an article and the source it came from at the end."""
        with os_errors_as(_UNSPOOLED):
            json.dump([asdict(article), root], self._file)
            self._file.write("\n")
        self._count += 1

    def __iter__(self) -> Iterator[SpooledArticle]:
        """Read every article with its source back, from the first."""
        with os_errors_as(_UNSPOOLED):
            self._file.seek(0)
        for line in self._file:
            fields, root = json.loads(line)
            yield SpooledArticle(Article(**fields), root)

    def close(self) -> None:
        """Close the temporary file, which frees the disk space that the articles take."""
        # What a full disk has not taken is not wanted any more.
        with contextlib.suppress(OSError):
            self._file.close()
