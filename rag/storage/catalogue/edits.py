"""Put what a person says of an article in place of what was read, and take it back (pure).

An edited article keeps what was read of it in its metadata, so that it is one value that is old or new as a whole.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from rag.text.dates import DATE_NOTE
from rag.types import Article

AS_READ = "as read"
"""The name in the metadata under which the values stand that were read, as JSON; only of an edited article."""
EDITABLE = ("title", "date", "source", "author", "url")

Edits = Mapping[str, str]
"""What a person has set of one article, by field."""


def apply_edits(article: Article, edits: Edits) -> Article:
    """Return an article as it was read with the edits in place; without any it is the article as it was read."""
    read = restore_as_read(article)
    fields = {field: value for field, value in edits.items() if field in EDITABLE and value}
    if not fields:
        return read
    metadata = dict(read.metadata)
    values = {field: str(getattr(read, field)) for field in fields}
    if "date" in fields and (note := metadata.pop(DATE_NOTE, "")):
        values[DATE_NOTE] = note
    metadata[AS_READ] = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return replace(read, **fields, metadata=metadata)


def restore_as_read(article: Article) -> Article:
    """Return an article without its edits."""
    if AS_READ not in article.metadata:
        return article
    values = _read_values(article)
    metadata = {key: value for key, value in article.metadata.items() if key != AS_READ}
    if note := values.pop(DATE_NOTE, ""):
        metadata[DATE_NOTE] = note
    return replace(article, **values, metadata=metadata)


def drop_as_read(article: Article) -> Article:
    """Return an article without such values; a file that states them itself is not an edited one."""
    if AS_READ not in article.metadata:
        return article
    return replace(article, metadata={key: value for key, value in article.metadata.items() if key != AS_READ})


def find_edits(article: Article) -> dict[str, str]:
    """Find what a person has set of an article; nothing for one that was not edited."""
    return {field: str(getattr(article, field)) for field in _read_values(article) if field in EDITABLE}


def _read_values(article: Article) -> dict[str, str]:
    """Return the values of an edited article as they were read; none where they are damaged."""
    try:
        values = json.loads(article.metadata.get(AS_READ, "{}"))
    except ValueError:
        return {}
    known = (*EDITABLE, DATE_NOTE)
    return {key: str(value) for key, value in values.items() if key in known} if isinstance(values, dict) else {}
