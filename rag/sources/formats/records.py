"""Build articles from named fields, as front matter, JSON and page metadata give them."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import day_in_address, order_by_language, read_day
from rag.sources.cleaning.unicode import normalise, one_line
from rag.text.dates import DATE_NOTE
from rag.text.languages import find_language
from rag.text.printed_days import Order
from rag.types import Article

_ARTICLE_FIELDS = {"id", "title", "text", "source", "url", "date", "author"}
_MAX_ID_CHARS = 1_000
_MAX_TITLE_CHARS = 300
_MAX_LANGUAGE_CHARS = 1_000
"""Characters of a text by whose words its language is guessed; the model for it cannot be read where parsers run."""


class ParsedDocument(NamedTuple):
    """What a parser extracts from a document."""

    fields: dict[str, object]
    """Title, author, date and others, named as front matter names them."""
    text: str


def build_article(
    fields: Mapping[str, object],
    text: str,
    *,
    origin: str,
    name: str,
    title: str = "",
    find_order: Callable[[], Order] | None = None,
) -> Article:
    """Build an article from named fields; `name` and `title` stand in for an id and a title they lack.

    A date that cannot be read and a title over 300 characters are kept whole in the metadata, as `date_note` stands
    there why a day is not certain. `find_order` tells what stands first in a day such as 05/06/2024; where that is not
    known, the language and the address of the article decide.
    """
    known = {key: one_line(value_to_text(fields.get(key))) for key in ("source", "url", "date", "author")}
    written = known["date"]
    language = value_to_text(fields.get("language") or fields.get("lang"))
    day = read_day(written, partial(_decide_order, find_order, language, known["url"], text))
    if not day.day and not written:
        day = day_in_address(known["url"])
    known["date"] = day.day
    full_title = one_line(value_to_text(fields.get("title")) or title)
    shown_title = full_title
    metadata = {
        one_line(str(key)): normalise(value_to_text(value))
        for key, value in fields.items()
        if key not in _ARTICLE_FIELDS and key != DATE_NOTE
    }
    if note := day.note or value_to_text(fields.get(DATE_NOTE)) * bool(day.day):
        metadata[DATE_NOTE] = note
    if written and not day.day:
        metadata["date"] = written
    if len(full_title) > _MAX_TITLE_CHARS:
        metadata["title"] = full_title
        shown_title = full_title[: _MAX_TITLE_CHARS - 1].rstrip() + "…"
    metadata = {key: value for key, value in metadata.items() if value}
    return Article(_article_id(fields, name), shown_title, text, metadata=metadata, origin=origin, **known)


def _decide_order(find_order: Callable[[], Order] | None, language: str, url: str, text: str) -> Order:
    """Decide what stands first in a day of numbers: by other days of its source, else by the language of the text."""
    if find_order and (order := find_order()):
        return order
    return order_by_language(language or find_language(text[:_MAX_LANGUAGE_CHARS]), url)


def value_to_text(value: object) -> str:
    """Convert a value of JSON or YAML to text: null to an empty string, a list to its items joined by commas."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(filter(None, map(value_to_text, value)))
    return json.dumps(value, ensure_ascii=False, default=str)


def _article_id(fields: Mapping[str, object], name: str) -> str:
    """Return the id that the fields state, or else the name; raises SourceError for one that cannot be used."""
    value = fields.get("id")
    if isinstance(value, (list, dict, bool)):
        raise SourceError("its id is neither text nor a number")
    article_id = one_line(value_to_text(value)) or name
    if len(article_id) > _MAX_ID_CHARS:
        raise SourceError(f"its id is longer than {_MAX_ID_CHARS:,} characters")
    return article_id
