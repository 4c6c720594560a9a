"""Walk a folder and load every file below it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rag.failures import LeftOut, describe
from rag.protocols import Engine
from rag.source_state import Unchanged
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FileLoader, escape_path
from rag.sources.fingerprints import FingerprintedLoader
from rag.sources.page_folders import PARTS_OF_A_PAGE, find_page_stems, is_page_folder
from rag.types import Article, Failure

MAX_FILES_WITHOUT_ENGINE = 1_000
"""So many files are read here in less time than it takes to have an engine read them."""


class FoundFile(NamedTuple):
    """A file that was found in a folder."""

    name: str
    """Its path relative to the folder, as the id of its article."""
    path: str
    failure: str
    """Why it cannot be read or is left out, or an empty string."""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class FolderLoader:
    """Loads a folder with all folders in it, sorted by path, but for hidden files, questions and indexes."""

    loaders: tuple[FileLoader | FingerprintedLoader, ...]
    engine: Engine | None = None
    """Reads the files where it is given, if they are many."""
    index_folder: Path | None = None
    """The folder of the index that is written, whose files are no articles."""
    all_text: bool = False
    """Whether the folders beside saved pages are read, which hold their scripts and frames."""

    def accepts(self, source: str) -> bool:
        """Whether the source is a folder; a name cannot tell, so this asks the disk."""
        return os.path.isdir(source)

    def load(self, source: str) -> Iterator[Article | Failure | Unchanged]:
        """Load the articles of all files, each named by its path in the folder."""
        walk = _Walk(source, self.index_folder, self.all_text)
        walk.find_files()
        # Of two files whose names read the same, the one that is called so exactly comes first.
        found = (
            FoundFile(walk.article_name(path), path, failure, failure == PARTS_OF_A_PAGE)
            for path, failure in walk.files.items()
        )
        files = sorted(found, key=lambda file: (file.name, not file.path.endswith(file.name), file.path))
        if self.engine is not None and len(files) > MAX_FILES_WITHOUT_ENGINE:
            yield from self.engine.spread(FolderLoader(self.loaders).load_file, files, heavy=False)
            return
        for file in files:
            yield from self.load_file(file)

    def load_file(self, file: FoundFile) -> Iterator[Article | Failure | Unchanged]:
        """Load the articles of one file, or yield why it cannot be read; nothing for a file of questions."""
        if file.failure:
            kind = LeftOut if file.is_left_out else Failure
            yield kind(escape_path(file.path), file.failure)
            return
        loader = next(loader for loader in self.loaders if loader.accepts(file.path))
        # A folder of articles may hold the questions to measure them with; they are not articles that failed.
        if not (os.path.isfile(file.path) and loader.holds_questions(file.path)):
            yield from loader.load_as(file.path, file.name)


@dataclass(slots=True)
class _Walk:
    """A walk through a folder that enters every real folder once, however links lead to it."""

    root: str
    index_folder: Path | None = None
    all_text: bool = False
    files: dict[str, str] = field(default_factory=dict)
    """Each file, or folder that cannot be entered, with the reason why it cannot be read or an empty string."""
    _entered: set[tuple[int, int]] = field(default_factory=set)
    _linked: list[str] = field(default_factory=list)

    def find_files(self) -> None:
        """Find all files; linked folders come last, so that what is really here keeps its own path."""
        self._descend(self.root)
        while self._linked:
            self._linked.sort(reverse=True)
            self._descend(self._linked.pop())

    def article_name(self, path: str) -> str:
        """Return the path of a file relative to the root, with slashes, as the id of its article."""
        return one_line(escape_path(os.path.relpath(path, self.root)).replace(os.sep, "/"))

    def _descend(self, top: str) -> None:
        """Walk down from one folder, without following links to folders."""
        stack = [top]
        while stack:
            folder = stack.pop()
            try:
                status = os.stat(folder)
                if (status.st_dev, status.st_ino) in self._entered:
                    continue
                self._entered.add((status.st_dev, status.st_ino))
                if folder != self.root and self._is_index_folder(status):
                    continue
                if folder != self.root and _is_index(folder):
                    self.files[folder] = "an index of this program, whose files are no articles"
                    continue
                with os.scandir(folder) as scanned:
                    entries = list(scanned)
                pages = set() if self.all_text else find_page_stems(entry.name for entry in entries)
                for entry in entries:
                    if pages and is_page_folder(entry.name, pages) and entry.is_dir(follow_symlinks=False):
                        self.files[entry.path] = PARTS_OF_A_PAGE
                    elif path := self._classify(entry):
                        stack.append(path)
            except OSError as error:
                self.files[folder] = describe(error)

    def _is_index_folder(self, status: os.stat_result) -> bool:
        """Whether this is the folder of the index that is written, under any of its paths."""
        with suppress(OSError):
            return self.index_folder is not None and os.path.samestat(os.stat(self.index_folder), status)
        return False

    def _classify(self, entry: os.DirEntry[str]) -> str:
        """Return the path of a real folder, else an empty string; record files as found, linked folders for later.

        Hidden entries are passed over.
        """
        if entry.name.startswith("."):
            return ""
        if entry.is_dir(follow_symlinks=False):
            return entry.path
        if entry.is_symlink() and os.path.isdir(entry.path):
            self._linked.append(entry.path)
        else:
            self.files[entry.path] = ""
        return ""


def _is_index(folder: str) -> bool:
    """Whether a folder is an index of this program: it has a lock file and a generation with a manifest."""
    path = Path(folder)
    return (path / "write.lock").is_file() and any(path.glob("generation-*/manifest.json"))
