"""Read what Word, Excel and PowerPoint files have in common: parts in a zip file, and what relates one to another."""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.zip_safe import SafeZip, open_zip

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_CORE_PROPERTIES = "docProps/core.xml"
_FIELDS = {"title": "title", "creator": "author", "subject": "subject"}


class Relationship(NamedTuple):
    """What a part of a file relates to: another part, never a file or address outside."""

    kind: str
    """The last word of its type, such as `worksheet`."""
    part: str
    """The name of the other part."""


@contextmanager
def open_package(data: bytes, file_mb: float, kind: str, suffix: str) -> Iterator[SafeZip]:
    """Open a file for the length of a block; raises SourceError for one that is encrypted or of the old kind."""
    if data.startswith(_OLD_OFFICE):
        raise SourceError(f"protected by a password, or an old {kind} file; save a copy as {suffix} without one")
    with open_zip(data, file_mb) as package:
        yield package


def read_relationships(package: SafeZip, part: str = "") -> dict[str, Relationship]:
    """Read what a part relates to, by id; of the file itself without a part. Targets outside are left out."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package:
        return {}
    found = {}
    for node in package.read_xml(path).iter("{*}Relationship"):
        if node.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join(folder, node.get("Target", ""))).lstrip("/")
            found[node.get("Id", "")] = Relationship(node.get("Type", "").rpartition("/")[2], target)
    return found


def find_main_part(package: SafeZip, default: str) -> str:
    """Find the part with the document itself; `default` where the file does not say."""
    related = read_relationships(package).values()
    return next((other.part for other in related if other.kind == "officeDocument" and other.part in package), default)


def read_core_properties(package: SafeZip) -> dict[str, str]:
    """Read title, author and subject; the day the file or its template was made says nothing of the text."""
    root = package.read_xml(_CORE_PROPERTIES) if _CORE_PROPERTIES in package else None
    values = {name: "" if root is None else one_line(root.findtext(f"{{*}}{name}") or "") for name in _FIELDS}
    return {_FIELDS[name]: value for name, value in values.items()}
