"""Keep uploaded files and pasted texts in a folder of the index, under safe names."""

import os
import re
import shutil
import threading
import unicodedata
import uuid
from collections.abc import Callable
from contextlib import suppress
from filecmp import cmp
from pathlib import Path

from rag.errors import SourceError
from rag.sources import SUFFIXES
from rag.sources.cleaning.unicode import one_line
from rag.storage.plain_files import open_regular
from rag.text.dates import parse_day_number

_PLAIN_MARKS = " .,()+-_"
_MAX_NAME_BYTES = 160
"""Of a name without its ending; most file systems allow 255 in all."""


class Uploads:
    """The folder of what was given to the page; it is one source, which a sync reads like any other."""

    def __init__(self, folder: Path) -> None:
        """Keep uploads in `folder`, which the first one makes."""
        # Not the folder itself, which must not be a link.
        self.folder = folder.parent.resolve() / folder.name
        self._naming = threading.Lock()

    def keep_file(self, path: str | Path, name: str | None = None) -> Path:
        """Copy a file into the folder and return its path; a copy with the same name and content is used again.

        A name that is taken by another content gets a number.
        """
        wanted = safe_name(Path(path).name if name is None else name)
        return self._keep(wanted, lambda target: shutil.copyfile(path, target))

    def keep_text(self, title: str, text: str, *, publisher: str = "", day: str = "") -> Path:
        """Write a text down as Markdown with front matter; FilterError for a bad day, SourceError for no text."""
        parse_day_number(day)
        if not text.strip():
            raise SourceError("there is no text to add: paste some into the box")
        title = one_line(title) or one_line(text.strip().splitlines()[0])[:80]
        fields = {"title": title, "source": one_line(publisher), "date": day}
        content = _front_matter({name: value for name, value in fields.items() if value}) + text.strip() + "\n"
        data = content.encode("utf-8", "replace")
        return self._keep(safe_name(re.sub(r"[./\\]", " ", title) + ".md"), lambda target: target.write_bytes(data))

    def holds(self, origin: str) -> bool:
        """Whether an article's origin is a whole file in here."""
        path = Path(origin)
        return bool(origin) and path.parent == self.folder and path.is_file() and not path.is_symlink()

    def find_file(self, origin: str) -> Path | None:
        """Find the file in here that a failure names, by itself or by a line or an entry of it; None for none."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if origin == str(path) or origin.startswith((f"{path}:", f"{path}/")):
                return path if self.holds(str(path)) else None
        return None

    def discard(self, origin: str) -> None:
        """Delete the file in this folder that an article's origin names; do nothing for any other origin."""
        if self.holds(origin) and not self.folder.is_symlink():
            Path(origin).unlink(missing_ok=True)

    @property
    def empty(self) -> bool:
        """Whether nothing is kept."""
        return not self.folder.is_dir() or all(path.name.startswith(".") for path in self.folder.iterdir())

    def _keep(self, name: str, write: Callable[[Path], object]) -> Path:
        # A sync passes over hidden files, so it never reads half of one.
        beside = self.folder / f".{uuid.uuid4().hex}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.folder.is_symlink():
                raise OSError(f"{self.folder} is a link")
            os.close(open_regular(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            write(beside)
            with self._naming:
                return self._place(beside, name)
        except OSError as error:
            raise SourceError(f"{name} cannot be kept in {self.folder}: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def _place(self, beside: Path, name: str) -> Path:
        stem, suffix = _split_name(name)
        number = 1
        target = self.folder / name
        while os.path.lexists(target) and not (target.is_file() and cmp(beside, target, shallow=False)):
            number += 1
            target = self.folder / f"{stem}-{number}{suffix}"
        if not os.path.lexists(target):
            os.replace(beside, target)
        return target


def safe_name(name: str) -> str:
    """Return a readable file name without folders, control characters or leading dots, short enough for any disk."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, suffix = _split_name(re.sub(r"-{2,}", "-", "".join(map(_safe, last))))
    return (stem.encode()[:_MAX_NAME_BYTES].decode("utf-8", "ignore").strip(_PLAIN_MARKS) or "article") + suffix


def _safe(mark: str) -> str:
    """Return a letter in any script, an accent, a digit or a plain mark as it is, a hyphen for anything else."""
    return mark if mark in _PLAIN_MARKS or unicodedata.category(mark)[0] in "LMN" else "-"


def _split_name(name: str) -> tuple[str, str]:
    """Split a name into its stem and its ending with the dot; an ending over 12 characters stays in the stem."""
    known = [suffix for suffix in SUFFIXES if name.lower().endswith(suffix)]
    suffix = max(known, key=len, default=os.path.splitext(name)[1])
    end = len(name) - len(suffix) if re.fullmatch(r"[.\w]{2,12}", suffix, re.ASCII) else len(name)
    return name[:end], name[end:]


def _front_matter(fields: dict[str, str]) -> str:
    import yaml  # type: ignore[import-untyped, unused-ignore]

    return f"---\n{yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10**6)}---\n\n"
