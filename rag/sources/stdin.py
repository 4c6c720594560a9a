"""Load standard input: JSON lines, or one article as plain text."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from rag.errors import SourceError
from rag.failures import describe
from rag.sources.cleaning.encodings import decode
from rag.sources.files import MB
from rag.sources.formats.jsonl import iter_lines
from rag.sources.formats.record_fields import read_fields
from rag.sources.formats.record_parser import Line, RecordParser, parse_object
from rag.sources.formats.text import parse_pasted_page
from rag.types import Article, Failure


@dataclass(frozen=True, slots=True)
class StandardInput:
    """Loads what is piped in, once; its first line that is not blank decides between JSON lines and plain text."""

    limit_mb: float = 10.0

    def accepts(self, source: str) -> bool:
        """Whether the source is a single hyphen."""
        return source == "-"

    def load(self, source: str) -> Iterator[Article | Failure]:
        """Load the articles that are piped in; what cannot be read comes as a Failure."""
        if sys.stdin is None:  # so it is in a process started without one
            yield Failure(source, "standard input is closed")
            return
        stream = sys.stdin.buffer
        try:
            head = _read_head(stream, self.limit_mb)
            if head and _is_record(head[-1]):
                records = RecordParser("-", "-", "stdin", reads_markup=False)
                yield from records.parse_lines(chain(head, iter_lines(stream, self.limit_mb)))
            else:
                yield _read_text(head, stream, self.limit_mb)
        except (SourceError, OSError) as error:
            yield Failure(source, describe(error))


def _read_head(stream: BinaryIO, limit_mb: float) -> list[Line]:
    """Read the lines up to the first that is not blank; of a very long one only the beginning."""
    head: list[Line] = []
    while line := stream.readline(int(limit_mb * MB) + 1):
        head.append(line)
        if line.strip() or len(head) > 10_000:
            break
    return head


def _is_record(line: Line) -> bool:
    """Whether a line is a JSON object with a text."""
    try:
        return isinstance(line, bytes) and "text" in read_fields(parse_object(line)).fields
    except SourceError:
        return False


def _read_text(head: list[Line], stream: BinaryIO, limit_mb: float) -> Article:
    """Read one article of plain text; raises SourceError if there is more of it than the limit."""
    limit = int(limit_mb * MB)
    data = b"".join(line for line in head if isinstance(line, bytes))
    data += stream.read(max(0, limit + 1 - len(data)))
    if len(data) > limit:
        raise SourceError(f"more than {limit_mb:g} MB, the limit for one article (RAG_MAX_ARTICLE_MB)")
    text, note = decode(data)
    article = parse_pasted_page(text, note=note, origin="-", name="standard-input.txt")
    return replace(article, id=f"stdin-{hashlib.sha256(article.text.encode()).hexdigest()[:12]}")
