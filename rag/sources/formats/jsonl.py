"""Load JSON lines (.jsonl, .jsonl.gz), an article an object."""

import gzip
import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import BufferedIOBase, BytesIO
from typing import IO

from rag.errors import SourceError
from rag.failures import attempt, describe
from rag.sources.cleaning.unicode import concealed, normalise, one_line
from rag.sources.files import LIST, MB, MOST_FILES, FileLoader, origin_of, over_limit, printable
from rag.sources.formats.records import article, plain
from rag.types import Article, Failure

Line = bytes | SourceError
"""The bytes of a line, or why it was not read."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:www\.)?")
_LONGEST_QUESTION = 64_000
"""Bytes of a question with its answers; asked of every file, so that nothing long is parsed for it."""
_MOST_WRONG = 10_000
"""Lines that are no articles, after which a file is taken for something else: each of them is named."""
_QUESTIONS = "holds questions, not articles; ask them with: rag eval"


class JsonLines(FileLoader):
    """Reads .jsonl files line by line, in memory for one line."""

    suffixes = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

    @property
    def largest(self) -> tuple[float, str]:
        """Lines are read one by one, so that there may be many."""
        return MOST_FILES * self.file_mb, LIST

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The articles of the file, and a Failure for each line that is none."""
        if holds_questions(path):
            raise SourceError(_QUESTIONS)
        with _open(path) as file:
            yield from self._lines(file, Records(printable(path), origin_of(path), name.rsplit("/", 1)[-1]))

    def holds_questions(self, path: str) -> bool:
        """Whether a file holds questions and no articles, by its first line; one that is not to be read does not."""
        with suppress(SourceError, OSError):
            self.check(path)
            return holds_questions(path)
        return False

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The articles in the lines of a file that is in memory."""
        with BytesIO(data) as packed, gzip.open(packed) if name.lower().endswith(".gz") else packed as file:
            yield from self._lines(file, Records(origin, origin, name.rsplit("/", 1)[-1]))

    def _lines(self, file: IO[bytes] | BufferedIOBase, records: "Records") -> Iterator[Article | Failure]:
        empty = True
        try:
            for item in records.read(lines(file, self.limit_mb, *self.largest)):
                empty = False
                yield item
            if empty:
                yield Failure(records.source, "no text in it")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Failure(records.source, f"its gzip data is damaged after line {records.line}: {error}")


@dataclass(slots=True)
class Records:
    """Turns records into articles and remembers which ids it has seen."""

    source: str
    origin: str
    name: str
    unit: str = "line"
    """What holds one record."""
    line: int = 0
    """Which of them is read, from 1."""
    _seen: dict[str, int] = field(default_factory=dict)

    def read(self, found: Iterable[Line]) -> Iterator[Article | Failure]:
        """An article or a Failure for each line that is not blank."""
        wrong = 0
        for self.line, line in enumerate(found, 1):
            place = f"{self.source}:{self.line}"
            if isinstance(line, SourceError):
                item: Article | Failure = Failure(place, describe(line))
            elif line.strip():
                item = attempt(place, partial(self._take_line, line))
            else:
                continue
            yield item
            wrong += isinstance(item, Failure)
            if wrong == _MOST_WRONG:
                yield Failure(self.source, f"{wrong:,} of its {self.unit}s are no articles; no more are read")
                return

    def _take_line(self, line: bytes) -> Article:
        return self.take(parse(line))

    def take(self, record: Mapping[str, object]) -> Article:
        """The article of a record; raises SourceError for one without text, or whose id is taken."""
        text = record.get("text")
        if not isinstance(text, str):
            raise SourceError('its "text" is not a string' if "text" in record else 'there is no "text" in it')
        hidden, text = concealed(text), normalise(text)
        if not text.strip():
            raise SourceError("no text in it")
        simple = {key: value for key, value in record.items() if key == "id" or not isinstance(value, (dict, list))}
        authors = {key: record[key] for key in ("title", "author", "source") if isinstance(record.get(key), list)}
        made = article(
            {**simple, **authors, **({"flagged": hidden} if hidden else {})},
            text,
            self.origin,
            self._name(record, text),
        )
        first = self._seen.setdefault(made.id, self.line)
        if first != self.line:
            raise SourceError(f"{self.unit} {first} has the id “{made.id}” already")
        return made

    def _name(self, record: Mapping[str, object], text: str) -> str:
        """The id of a record that has none: its address, else a digest of what it says."""
        address = _SCHEME.sub("", one_line(plain(record.get("url")))).partition("#")[0].rstrip("/")
        if address or record.get("id"):
            return address
        said = normalise(plain(record.get("title"))) + text
        return f"{self.name}#{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def parse(line: bytes) -> dict[str, object]:
    """The object of a line; raises SourceError for any other line."""
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


def lines(
    file: IO[bytes] | BufferedIOBase, limit_mb: float, most_mb: float = math.inf, limited: str = LIST
) -> Iterator[Line]:
    """The lines of a file; one over the limit is read piece by piece, forgotten, and told by its size.

    Nothing is read beyond `most_mb` in all, however much a packed file holds: the last line is then why.
    """
    limit, left = int(limit_mb * MB), most_mb * MB
    while line := file.readline(limit + 1):
        size = len(line)
        while line and not line.endswith(b"\n") and limit < size <= left:
            line = file.readline(MB)
            size += len(line)
        left -= size
        if left < 0:
            yield SourceError(f"more than {most_mb:g} MB, the limit for {limited}; nothing is read from this line on")
            return
        yield line if size <= limit or size == len(line) else SourceError(over_limit(size, limit_mb))


def holds_questions(path: str) -> bool:
    """Whether the first line of a file is a question with its answers, as `rag eval` reads them; no long line is."""
    try:
        with _open(path) as file:
            first = parse(file.readline(_LONGEST_QUESTION))
    except (SourceError, OSError, EOFError, zlib.error):
        return False
    return "question" in first and "text" not in first


def _open(path: str) -> BufferedIOBase:
    return gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb")
