"""Load JSON lines (.jsonl, .jsonl.gz), an article an object."""

import gzip
import math
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from io import BufferedIOBase, BytesIO
from itertools import islice
from typing import IO

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import order_by_examples
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
from rag.sources.formats.column_choice import choose
from rag.sources.formats.column_guess import SAMPLED_ROWS
from rag.sources.formats.fields_file import FIELDS_FILE_SUFFIX, read_fields_file
from rag.sources.formats.json_rows import parse_rows
from rag.sources.formats.markup import has_markup
from rag.sources.formats.record_fields import Row
from rag.sources.formats.record_parser import Line, RecordParser, collect_addresses, parse_object
from rag.types import Article, Failure

_MAX_QUESTION_BYTES = 64_000
"""Bytes of a question with its answers; asked of every file, so that nothing long is parsed for it."""
_PEEKED_BYTES = 4_096
"""Bytes in which a file shows whether it is one list, and not an object a line."""
_SAMPLED_BYTES = 2 * MB
"""Bytes of the first objects of a file, by which columns are chosen."""
_NO_TOTAL_LIMIT = SizeLimit(math.inf, LIST_LIMIT)
_QUESTIONS_REFUSAL = "holds questions, not articles; ask them with: rag eval"


class JsonLines(FileLoader):
    """Loads .jsonl files line by line, with one line at a time in memory."""

    suffixes = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
    beside_suffix = FIELDS_FILE_SUFFIX

    @property
    def size_limit(self) -> SizeLimit:
        """The limit of a file of many articles, since lines are read one by one."""
        return SizeLimit(LIST_SIZE_FACTOR * self.file_mb, LIST_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse the articles of a file, yielding a Failure for each line that is none."""
        if holds_questions(path):
            raise SourceError(_QUESTIONS_REFUSAL)
        with _open_plain_or_gzip(path) as file:
            records = RecordParser(escape_path(path), origin_of(path), name.rsplit("/", 1)[-1])
            records.find_order = lru_cache(1)(lambda: order_by_examples(self._read_portions(path)))
            yield from self._parse_records(file, records, read_fields_file(path))

    def _read_portions(self, path: str) -> Iterator[bytes]:
        """Read the lines of a file again, so that other days in it tell how one of numbers is to be read."""
        with suppress(OSError, EOFError, zlib.error), _open_plain_or_gzip(path) as file:
            lines = iter_lines(file, self.limit_mb, total=self.size_limit)
            yield from (line for line in lines if isinstance(line, bytes))

    def holds_questions(self, path: str) -> bool:
        """Whether the first line of a file is a question for `rag eval`; False if it is refused or cannot be read."""
        with suppress(SourceError, OSError):
            self.check(path)
            return holds_questions(path)
        return False

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the lines of a file that is in memory."""
        with BytesIO(data) as packed, gzip.open(packed) if name.lower().endswith(".gz") else packed as file:
            records = RecordParser(origin, origin, name.rsplit("/", 1)[-1])
            records.find_order = lru_cache(1)(lambda: order_by_examples([data]))
            yield from self._parse_records(file, records, {})

    def is_harmless(self, path: str) -> bool:
        """Whether nothing in a file needs an intricate parser: there is no HTML in it."""
        with open(path, "rb") as file:
            return not has_markup(file.read().decode("utf-8", "replace"))

    def _parse_records(
        self, file: IO[bytes] | BufferedIOBase, records: RecordParser, stated: Mapping[str, str]
    ) -> Iterator[Article | Failure]:
        """Parse the lines of an open file, reporting a file of blank lines alone and damaged gzip data as a Failure.

        `stated` maps fields to columns, as the file beside says.
        """
        is_empty = True
        try:
            rows = self._read_list(file)
            head = rows[:SAMPLED_ROWS] if rows is not None else self._read_head(file)
            records.choice = choose(head, None, stated)
            lines = iter_lines(file, self.limit_mb, total=self.size_limit) if rows is None else ()
            items = records.parse_lines(lines) if rows is None else records.parse_rows(rows)
            for item in collect_addresses(items, records.source):
                is_empty = False
                yield item
            if is_empty:
                yield Failure(records.source, "no text in it")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Failure(records.source, f"its gzip data is damaged after line {records.line}: {error}")

    def _read_head(self, file: IO[bytes] | BufferedIOBase) -> list[Row]:
        """Read the first objects of a file, by which columns are chosen, and return to its beginning."""
        rows: list[Row] = []
        left = _SAMPLED_BYTES
        with suppress(EOFError, zlib.error, gzip.BadGzipFile):  # whatever stands before the damage is read
            while left > 0 and len(rows) < SAMPLED_ROWS and (line := file.readline(left)):
                left -= len(line)
                with suppress(SourceError):
                    rows.append(parse_object(line))
        file.seek(0)
        return rows

    def _read_list(self, file: IO[bytes] | BufferedIOBase) -> list[Row] | None:
        """Read a file that is one JSON list; None, and the file is at its beginning, for any other."""
        head = file.read(_PEEKED_BYTES)
        file.seek(0)
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            return None
        limit = int(self.file_mb * MB)
        data = file.read(limit + 1)
        file.seek(0)
        with suppress(SourceError, UnicodeDecodeError):
            return list(parse_rows(data.decode("utf-8-sig"))) if len(data) <= limit else None
        return None


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


def unpack_lines(data: bytes, limit_mb: int) -> bytes:
    """Decompress a file that may be packed, no further than a limit; raises SourceError where it is damaged."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(BytesIO(data)) as file:
            return b"".join(islice(iter(partial(file.read, MB), b""), limit_mb))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"its gzip data is damaged: {error}") from error


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
