"""Load JSON lines (.jsonl, .jsonl.gz), an article an object."""

import gzip
import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from io import BufferedIOBase, BytesIO
from typing import IO

from rag.errors import SourceError
from rag.failures import attempt, describe
from rag.sources.cleaning.unicode import find_concealment, normalise, one_line
from rag.sources.files import (
    LIST_LIMIT,
    LIST_SIZE_FACTOR,
    MB,
    FileLoader,
    SizeLimit,
    escape_path,
    explain_over_limit,
    origin_of,
)
from rag.sources.formats.records import build_article, value_to_text
from rag.types import Article, Failure

Line = bytes | SourceError
"""The bytes of a line, or why it was not read."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:www\.)?")
_MAX_QUESTION_BYTES = 64_000
"""Bytes of a question with its answers; asked of every file, so that nothing long is parsed for it."""
_MAX_FAILURES = 10_000
"""Lines that are no articles, after which a file is taken for something else: each of them is named."""
_NO_TOTAL_LIMIT = SizeLimit(math.inf, LIST_LIMIT)
_QUESTIONS_REFUSAL = "holds questions, not articles; ask them with: rag eval"


class JsonLines(FileLoader):
    """Loads .jsonl files line by line, with one line at a time in memory."""

    suffixes = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

    @property
    def size_limit(self) -> SizeLimit:
        """The limit of a file of many articles, since lines are read one by one."""
        return SizeLimit(LIST_SIZE_FACTOR * self.file_mb, LIST_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse the articles of a file, yielding a Failure for each line that is none."""
        if holds_questions(path):
            raise SourceError(_QUESTIONS_REFUSAL)
        with _open_plain_or_gzip(path) as file:
            yield from self._parse_records(
                file, RecordParser(escape_path(path), origin_of(path), name.rsplit("/", 1)[-1])
            )

    def holds_questions(self, path: str) -> bool:
        """Whether the first line of a file is a question for `rag eval`; False if it is refused or cannot be read."""
        with suppress(SourceError, OSError):
            self.check(path)
            return holds_questions(path)
        return False

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the lines of a file that is in memory."""
        with BytesIO(data) as packed, gzip.open(packed) if name.lower().endswith(".gz") else packed as file:
            yield from self._parse_records(file, RecordParser(origin, origin, name.rsplit("/", 1)[-1]))

    def _parse_records(self, file: IO[bytes] | BufferedIOBase, records: "RecordParser") -> Iterator[Article | Failure]:
        """Parse the lines of an open file, reporting a file of blank lines alone and damaged gzip data as a Failure."""
        is_empty = True
        try:
            for item in records.parse_lines(iter_lines(file, self.limit_mb, total=self.size_limit)):
                is_empty = False
                yield item
            if is_empty:
                yield Failure(records.source, "no text in it")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Failure(records.source, f"its gzip data is damaged after line {records.line}: {error}")


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

    def _parse_line(self, line: bytes) -> Article:
        """Parse one line of JSON into an article."""
        return self.to_article(parse_object(line))

    def to_article(self, record: Mapping[str, object]) -> Article:
        """Convert a record to an article; raises SourceError for one without text, or whose id is taken."""
        text = record.get("text")
        if not isinstance(text, str):
            raise SourceError('its "text" is not a string' if "text" in record else 'there is no "text" in it')
        hidden = find_concealment(text)
        text = normalise(text)
        if not text.strip():
            raise SourceError("no text in it")
        simple = {key: value for key, value in record.items() if key == "id" or not isinstance(value, (dict, list))}
        authors = {key: record[key] for key in ("title", "author", "source") if isinstance(record.get(key), list)}
        article = build_article(
            {**simple, **authors, **({"flagged": hidden} if hidden else {})},
            text,
            origin=self.origin,
            name=self._make_id(record, text),
        )
        first_line = self._seen.setdefault(article.id, self.line)
        if first_line != self.line:
            raise SourceError(f"{self.unit} {first_line} has the id “{article.id}” already")
        return article

    def _make_id(self, record: Mapping[str, object], text: str) -> str:
        """Make an id for a record that has none: its address without scheme, “www.”, fragment and slashes at the end.

        For a record without an address it is the file's name and a digest of title and text. A record that has an id,
        which will be used instead of this one, gets its address or an empty string.
        """
        address = _SCHEME.sub("", one_line(value_to_text(record.get("url")))).partition("#")[0].rstrip("/")
        if address or record.get("id"):
            return address
        content = normalise(value_to_text(record.get("title"))) + text
        return f"{self.name}#{hashlib.sha256(content.encode()).hexdigest()[:12]}"


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


def iter_lines(
    file: IO[bytes] | BufferedIOBase, limit_mb: float, *, total: SizeLimit = _NO_TOTAL_LIMIT
) -> Iterator[Line]:
    """Yield the lines of a file; a line over `limit_mb` is dropped, and a SourceError yielded in its place.

    Once more than the `total` limit has been read, the last item is a SourceError and reading stops. No line over
    the limit is held in memory whole.
    """
    limit = int(limit_mb * MB)
    left = total.mb * MB
    while line := file.readline(limit + 1):
        size = len(line)
        while line and not line.endswith(b"\n") and limit < size <= left:
            line = file.readline(MB)
            size += len(line)
        left -= size
        if left < 0:
            yield SourceError(
                f"more than {total.mb:g} MB, the limit for {total.name}; nothing is read from this line on"
            )
            return
        yield line if size <= limit or size == len(line) else SourceError(explain_over_limit(size, limit_mb))


def holds_questions(path: str) -> bool:
    """Whether the first line of a file is a JSON object with a `question` and no `text`; False if it is unreadable."""
    try:
        with _open_plain_or_gzip(path) as file:
            first = parse_object(file.readline(_MAX_QUESTION_BYTES))
    except (SourceError, OSError, EOFError, zlib.error):
        return False
    return "question" in first and "text" not in first


def _open_plain_or_gzip(path: str) -> BufferedIOBase:
    """Open a file for reading, decompressed if its name ends in .gz."""
    return gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb")
