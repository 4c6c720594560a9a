"""Folders: every file below, each read by the loader for its kind."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.ports import Engine
from rag.remembered import Kept
from rag.sources.characters import one_line
from rag.sources.files import FileLoader, printable, reason
from rag.sources.unchanged import Watched
from rag.types import Article, Failure

_FEW = 1_000
"""Files that are read here in less time than it takes to have them read elsewhere."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Reads a folder with all folders in it, sorted by path, but for hidden files, questions and indexes."""

    loaders: tuple[FileLoader | Watched, ...]
    engine: Engine | None = None
    """Reads the files where it is given, if they are many."""

    def accepts(self, source: str) -> bool:
        """Whether the source is a folder; a name cannot tell, so this asks the disk."""
        return os.path.isdir(source)

    def load(self, source: str) -> Iterator[Article | Failure | Kept]:
        """The articles of all files, each named by its path in the folder, and what could not be read."""
        walk = _Walk(source)
        walk.run()
        files = sorted((walk.name(path), path, failure) for path, failure in walk.found.items())
        if self.engine is not None and len(files) > _FEW:
            yield from self.engine.spread(Folder(self.loaders)._read, files, heavy=False)
            return
        for file in files:
            yield from self._read(file)

    def _read(self, file: tuple[str, str, str]) -> Iterator[Article | Failure | Kept]:
        name, path, failure = file
        if failure:
            yield Failure(printable(path), failure)
            return
        loader = next(loader for loader in self.loaders if loader.accepts(path))
        # A folder of articles may hold the questions to measure them with; they are not articles that failed.
        if not (os.path.isfile(path) and loader.holds_questions(path)):
            yield from loader.load_as(path, name)


@dataclass(slots=True)
class _Walk:
    """A walk through a folder that enters every real folder once, however links lead to it."""

    root: str
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
        return one_line(printable(os.path.relpath(path, self.root)).replace(os.sep, "/"))

    def _descend(self, top: str) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                status = os.stat(folder)
                if (status.st_dev, status.st_ino) in self._entered:
                    continue
                self._entered.add((status.st_dev, status.st_ino))
                if folder != self.root and _is_index(folder):
                    continue
                with os.scandir(folder) as entries:
                    waiting += [path for entry in entries if (path := self._sort(entry))]
            except OSError as error:
                self.found[folder] = reason(error)

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
    """Whether a folder is an index, whose own files are no articles."""
    return all(os.path.isfile(os.path.join(folder, name)) for name in ("CURRENT", "write.lock"))
