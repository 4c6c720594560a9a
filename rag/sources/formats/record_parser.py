"""Parse the records of exports and JSON lines into articles, whatever their fields are called."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import partial

from rag.errors import SourceError
from rag.failures import LeftOut, attempt, describe
from rag.sources.cleaning.unicode import find_concealment, normalise, one_line
from rag.sources.formats.column_choice import ColumnChoice
from rag.sources.formats.column_guess import COLUMNS_NOTE
from rag.sources.formats.field_names import oldest_name
from rag.sources.formats.markup import strip_inline_markup, strip_markup
from rag.sources.formats.record_fields import RecordFields, Row, paragraphs_of, unwrap, value_at
from rag.sources.formats.records import build_article, value_to_text
from rag.text.printed_days import Order
from rag.types import Article, Failure

Line = bytes | SourceError
"""The bytes of a line, or why it was not read."""

ONLY_ADDRESS = "there is only an address in it, and no text"
"""Why a row that names a page, but does not hold it, is no article."""
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:www\.)?")
_MAX_FAILURES = 10_000
"""Lines that are no articles, after which a file is taken for something else: each of them is named."""


@dataclass(slots=True)
class RecordParser:
    """Parses records into articles, and refuses a second record of one id."""

    source: str
    origin: str
    name: str
    _: KW_ONLY
    unit: str = "line"
    """What holds one record."""
    line: int = 0
    """Which of them is read, from 1."""
    reads_markup: bool = True
    """Whether HTML in a text is parsed, which only the sandbox may do."""
    find_order: Callable[[], Order] | None = None
    """Tells what stands first in the days of numbers in the file; called only where one of them does not say so."""
    choice: ColumnChoice = field(default_factory=ColumnChoice)
    """The columns that hold the fields of the articles."""
    _seen: dict[str, int] = field(default_factory=dict)

    def parse_lines(self, lines: Iterable[Line]) -> Iterator[Article | Failure]:
        """Parse each line that is not blank into an article or a Failure; stops after 10,000 failures, and says so."""
        failures = 0
        for self.line, line in enumerate(lines, 1):
            place = f"{self.source}:{self.line}"
            if isinstance(line, SourceError):
                item: Article | Failure = Failure(place, describe(line))
            elif line.strip():
                item = attempt(place, partial(self._parse_line, line))
            else:
                continue
            yield item
            failures += isinstance(item, Failure)
            if failures == _MAX_FAILURES:
                yield Failure(self.source, f"{failures:,} of its {self.unit}s are no articles; no more are read")
                return

    def parse_rows(self, rows: Iterable[Row]) -> Iterator[Article | Failure]:
        """Parse each object of a list as a line is parsed."""
        yield from self.parse_each(rows, self._parse_record)

    def parse_each(self, rows: Iterable[Row], parse: Callable[[Row], Article]) -> Iterator[Article | Failure]:
        """Parse each row, yielding a Failure for one that is no article."""
        for self.line, row in enumerate(rows, 1):
            yield attempt(f"{self.source}:{self.line}", partial(parse, row))

    def _parse_line(self, line: bytes) -> Article:
        """Parse one line of JSON into an article."""
        return self._parse_record(parse_object(line))

    def _parse_record(self, record: Row) -> Article:
        """Parse an object, whose `id` is the id of its article."""
        if not isinstance(record, dict):
            raise SourceError("not a JSON object")
        named = self.choice.read(record)
        if not {"text", "url"} & named.fields.keys():
            raise SourceError(_explain_no_text(record))
        identity = _identify(record, self.name, self.choice.named_ids)
        return self.to_article(named, self.with_unmapped_text(record, identity))

    def to_article(self, named: RecordFields, identity: Mapping[str, object]) -> Article:
        """Convert a record to an article; raises SourceError for one without text, or whose id is taken.

        `identity` holds its id, address, title and text as ids have always been made of them.
        """
        fields, others = named
        written = paragraphs_of(fields.get("text", ""))
        text = self._strip(written)
        if not text.strip() and fields.get("url"):
            raise SourceError(ONLY_ADDRESS)
        title = strip_inline_markup(value_to_text(fields.get("title")))
        simple = {key: value for key, value in others.items() if not isinstance(value, (dict, list))}
        simple[COLUMNS_NOTE] = self.choice.note
        found = {**simple, **fields, "title": title, "flagged": find_concealment(written)}
        return self._build(found, text, identity)

    def from_fields(self, record: Mapping[str, object], *, text_for_id: str = "") -> Article:
        """Convert a record to an article whose fields are named as those of an article, and whose text is plain.

        An id that is made of its text is made of `text_for_id`, where that is given.
        """
        text = value_to_text(record.get("text"))
        return self._build(
            {**record, "flagged": find_concealment(text)}, normalise(text), {**record, "text": text_for_id or text}
        )

    def _build(self, fields: Mapping[str, object], text: str, identity: Mapping[str, object]) -> Article:
        """Build the article of a record; raises SourceError for one without text, or whose id is taken."""
        if not text.strip():
            raise SourceError("no text in it")
        named = {**fields, "id": identity.get("id")}
        article = build_article(
            named, text, origin=self.origin, name=self._make_id(identity, text), find_order=self.find_order
        )
        first_line = self._seen.setdefault(article.id, self.line)
        if first_line != self.line:
            raise SourceError(f"{self.unit} {first_line} has the id “{article.id}” already")
        return article

    def with_unmapped_text(self, row: Row, identity: Mapping[str, object]) -> Mapping[str, object]:
        """Give the identity of a row the text that it has without the file beside its export, where ids are so made."""
        if self.choice.unmapped is None or identity.get("text"):
            return identity
        return {**identity, "text": self._strip(paragraphs_of(self.choice.unmapped.read(row).fields.get("text", "")))}

    def _strip(self, written: str) -> str:
        return strip_markup(written) if self.reads_markup else normalise(written)

    def _make_id(self, identity: Mapping[str, object], text: str) -> str:
        """Make an id for a record that has none: its address without scheme, “www.”, fragment and slashes at the end.

        For a record without an address it is the file's name and a digest of title and text. A record that has an id,
        which will be used instead of this one, gets its address or an empty string.
        """
        address = _SCHEME.sub("", one_line(value_to_text(identity.get("url")))).partition("#")[0].rstrip("/")
        if address or identity.get("id"):
            return address
        text = normalise(value_to_text(identity.get("text"))) or text
        content = normalise(value_to_text(identity.get("title"))) + text
        return f"{self.name}#{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def collect_addresses(items: Iterable[Article | Failure], source: str) -> Iterator[Article | Failure]:
    """Leave out a file whose records hold addresses and no text, as one list of them instead of each record."""
    waiting: list[Failure] = []
    has_articles = False
    for item in items:
        if isinstance(item, Failure) and item.reason == ONLY_ADDRESS and not has_articles:
            waiting.append(item)
            continue
        if isinstance(item, Article):
            has_articles = True
            yield from waiting
            waiting = []
        yield item
    if waiting:
        count = f"{len(waiting):,} address{'es' * (len(waiting) > 1)}"
        yield LeftOut(source, f"a list of {count} and no articles; give it alone, and they are fetched")


def _identify(record: Row, name: str, stated: Mapping[str, str]) -> dict[str, object]:
    """Return of what the id of a record in JSON lines is made; `stated` maps fields to columns."""
    if not stated and isinstance(record.get("text"), str) and str(record["text"]).strip():
        return {field: record.get(field) for field in ("id", "url", "title", "text")}
    columns = {field: stated.get(field) or oldest_name(field, record) for field in ("id", "url", "title")}
    known = {field: value_at(record, column) for field, column in columns.items()}
    own_id = known["id"] if columns["id"] == "id" else prefix_id(known["id"], name)
    return {**known, "id": own_id}


def prefix_id(value: object, name: str) -> str:
    """Return the id of a record in a file whose ids begin again in every other; empty if it has none."""
    own_id = one_line(value_to_text(unwrap(value)))
    return f"{name}#{own_id}" if own_id else ""


def _explain_no_text(record: Row) -> str:
    """Return why there is no text in a record."""
    if "text" not in record:
        return 'there is no "text" in it'
    return "no text in it" if isinstance(record["text"], str) else 'its "text" is not a string'


def parse_object(line: bytes) -> dict[str, object]:
    """Parse a line as a JSON object; raises SourceError for any other line."""
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SourceError(f"not UTF-8: {error.reason} at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise SourceError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise SourceError("not JSON that can be read: nested too deeply") from error
    except ValueError as error:
        raise SourceError("not JSON that can be read: a number is too long") from error
    if not isinstance(value, dict):
        raise SourceError("not a JSON object")
    return value
