"""Name the sources of a sync as the index remembers them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import SourceError
from rag.source_state import Source
from rag.sources import is_address
from rag.sources.files import escape_path
from rag.text.dates import parse_day_number

Sources = str | Path | Sequence[str | Path]
"""One source or several: files, folders, web addresses, or `-` for standard input."""


def as_sources(names: Sources, since: str, limit: int) -> list[Source]:
    """Turn names into sources with this `since` and `limit`; FilterError for a bad day, SourceError for a bad name.

    A name is bad that cannot be encoded as text.
    """
    parse_day_number(since)
    listed = [names] if isinstance(names, str | Path) else names
    for name in listed:
        _refuse_unstorable(str(name))
    return [Source(str(name), since, limit) for name in listed]


def root_of(source: str) -> str:
    """Return the name by which a source is remembered: `-` or an address as given, a path made absolute.

    Links in a path stay, and are followed at each sync.
    """
    return source if source == "-" or is_address(source) else os.path.abspath(source)


def rereadable(sources: Sequence[Source]) -> list[Source]:
    """Return the sources except standard input, which cannot be read again, under the names they are remembered by."""
    return [replace(source, name=root_of(source.name)) for source in sources if source.name != "-"]


def _refuse_unstorable(name: str) -> None:
    """Raise SourceError for a name with bytes that are no text, since an index remembers its sources as text."""
    try:
        root_of(name).encode()
    except UnicodeEncodeError:
        raise SourceError(
            f"{escape_path(name)}: its path is no text in this locale, and cannot be remembered; "
            "set LC_ALL=C.UTF-8, or move it to a path of plain letters"
        ) from None
