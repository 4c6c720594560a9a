"""Walk a folder and load every file below it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rag.failures import describe
from rag.protocols import Engine
from rag.source_state import Unchanged
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FileLoader, escape_path
from rag.sources.fingerprints import FingerprintedLoader
from rag.types import Article, Failure

_FEW = 1_000
"""Files that are read here in less time than it takes to have them read elsewhere."""


@dataclass(frozen=True, slots=True)
class FolderLoader:
    """Reads a folder with all folders in it, sorted by path, but for hidden files, questions and indexes."""

    loaders: tuple[FileLoader | FingerprintedLoader, ...]
    engine: Engine | None = None
    """Reads the files where it is given, if they are many."""
    own: Path | None = None
    """The folder of the index that is written, whose files are no articles."""

    def accepts(self, source: str) -> bool:
        """Whether the source is a folder; a name cannot tell, so this asks the disk."""
        return os.path.isdir(source)

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """The articles of all files, each named by its path in the folder, and what could not be read."""
        walk = _Walk(source, self.own)
        walk.run()
        # Of two files whose names read the same, the one that is called so exactly comes first.
        named = ((walk.name(path), path, failure) for path, failure in walk.found.items())
        files = sorted(named, key=lambda file: (file[0], not file[1].endswith(file[0]), file[1]))
        if self.engine is not None and len(files) > _FEW:
            yield from self.engine.spread(FolderLoader(self.loaders)._read, files, heavy=False)
            return
        for file in files:
            yield from self._read(file)

    def _read(self, file: tuple[str, str, str]) -> Iterator[Article | Failure | Unchanged]:
        name, path, failure = file
        if failure:
            yield Failure(escape_path(path), failure)
            return
        loader = next(loader for loader in self.loaders if loader.accepts(path))
        # A folder of articles may hold the questions to measure them with; they are not articles that failed.
        if not (os.path.isfile(path) and loader.holds_questions(path)):
            yield from loader.load_as(path, name)


@dataclass(slots=True)
class _Walk:
    """A walk through a folder that enters every real folder once, however links lead to it."""

    root: str
    own: Path | None = None
    found: dict[str, str] = field(default_factory=dict)
    """Each file, or folder that cannot be entered, with the reason why it cannot be read or an empty string."""
    _entered: set[tuple[int, int]] = field(default_factory=set)
    _linked: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Finds all files; linked folders come last, so that what is really here keeps its own path."""
        self._descend(self.root)
        while self._linked:
            self._linked.sort(reverse=True)
            self._descend(self._linked.pop())

    def name(self, path: str) -> str:
        """The path of a file relative to the root, with slashes, as the id of its article."""
        return one_line(escape_path(os.path.relpath(path, self.root)).replace(os.sep, "/"))

    def _descend(self, top: str) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                status = os.stat(folder)
                if (status.st_dev, status.st_ino) in self._entered:
                    continue
                self._entered.add((status.st_dev, status.st_ino))
                if folder != self.root and self._is_own(status):
                    continue
                if folder != self.root and _is_index(folder):
                    self.found[folder] = "an index of this program, whose files are no articles"
                    continue
                with os.scandir(folder) as entries:
                    waiting += [path for entry in entries if (path := self._sort(entry))]
            except OSError as error:
                self.found[folder] = describe(error)

    def _is_own(self, status: os.stat_result) -> bool:
        """Whether this is the folder of the index that is written, by whatever path it is reached."""
        with suppress(OSError):
            return self.own is not None and os.path.samestat(os.stat(self.own), status)
        return False

    def _sort(self, entry: os.DirEntry[str]) -> str:
        """The path of an entry that is a real folder; files are put down as found, linked folders for later."""
        if entry.name.startswith("."):
            return ""
        if entry.is_dir(follow_symlinks=False):
            return entry.path
        if entry.is_symlink() and os.path.isdir(entry.path):
            self._linked.append(entry.path)
        else:
            self.found[entry.path] = ""
        return ""


def _is_index(folder: str) -> bool:
    """Whether a folder is an index, whose own files are no articles; from its first moment on."""
    path = Path(folder)
    return (path / "write.lock").is_file() and any(path.glob("generation-*/manifest.json"))
