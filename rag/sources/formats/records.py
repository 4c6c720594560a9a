"""Make articles of named fields, as front matter, JSON and page metadata give them."""

import json
from collections.abc import Mapping

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import normalise, one_line
from rag.types import Article

_FIELDS = {"id", "title", "text", "source", "url", "date", "author"}
_MAX_ID = 1_000
_MAX_TITLE = 300


def article(record: Mapping[str, object], text: str, origin: str, name: str, title: str = "") -> Article:
    """The article told by a record; `name` and `title` stand in for an id and a title it does not have.

    A date that cannot be read and a title over 300 characters are kept whole in the metadata.
    """
    fields = {key: one_line(plain(record.get(key))) for key in ("source", "url", "date", "author")}
    written = fields["date"]
    fields["date"] = iso_day(written)
    full = one_line(plain(record.get("title")) or title)
    metadata = {one_line(str(key)): normalise(plain(value)) for key, value in record.items() if key not in _FIELDS}
    if written and not fields["date"]:
        metadata["date"] = written
    if len(full) > _MAX_TITLE:
        metadata["title"], full = full, full[: _MAX_TITLE - 1].rstrip() + "…"
    metadata = {key: value for key, value in metadata.items() if value}
    return Article(_id(record, name), full, text, metadata=metadata, origin=origin, **fields)


def plain(value: object) -> str:
    """A value of JSON or YAML as text: nothing as an empty string, a list by its items."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain, value)))
    return json.dumps(value, ensure_ascii=False, default=str)


def _id(record: Mapping[str, object], name: str) -> str:
    """The id of a record; raises SourceError for one that cannot be used."""
    value = record.get("id")
    if isinstance(value, (list, dict, bool)):
        raise SourceError("its id is neither text nor a number")
    found = one_line(plain(value)) or name
    if len(found) > _MAX_ID:
        raise SourceError(f"its id is longer than {_MAX_ID:,} characters")
    return found
