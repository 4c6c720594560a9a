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
from rag.sources.formats.jsonl import Line, RecordParser, iter_lines, parse_object
from rag.sources.formats.text import parse_pasted_page
from rag.types import Article, Failure


@dataclass(frozen=True, slots=True)
class StandardInput:
    """Reads what is piped in, once; its first line tells which of the two it is."""

    limit_mb: float = 10.0

    def accepts(self, source: str) -> bool:
        """Whether the source is a single hyphen."""
        return source == "-"

    def load(self, source: str) -> Iterator[Article | Failure]:
        """The articles that come in; what cannot be read comes as a Failure."""
        if sys.stdin is None:  # so it is in a process started without one
            yield Failure(source, "standard input is closed")
            return
        stream = sys.stdin.buffer
        try:
            head = _head(stream, self.limit_mb)
            if head and _is_record(head[-1]):
                yield from RecordParser("-", "-", "stdin").parse_lines(chain(head, iter_lines(stream, self.limit_mb)))
            else:
                yield _text(head, stream, self.limit_mb)
        except (SourceError, OSError) as error:
            yield Failure(source, describe(error))


def _head(stream: BinaryIO, limit_mb: float) -> list[Line]:
    """The lines up to the first that is not blank; of a very long one only the beginning."""
    head: list[Line] = []
    while line := stream.readline(int(limit_mb * MB) + 1):
        head.append(line)
        if line.strip() or len(head) > 10_000:
            break
    return head


def _is_record(line: Line) -> bool:
    try:
        return isinstance(line, bytes) and "text" in parse_object(line)
    except SourceError:
        return False


def _text(head: list[Line], stream: BinaryIO, limit_mb: float) -> Article:
    """The one article of a text; raises SourceError if there is more of it than the limit."""
    limit = int(limit_mb * MB)
    data = b"".join(line for line in head if isinstance(line, bytes))
    data += stream.read(max(0, limit + 1 - len(data)))
    if len(data) > limit:
        raise SourceError(f"more than {limit_mb:g} MB, the limit for one article (RAG_MAX_ARTICLE_MB)")
    text, note = decode(data)
    made = parse_pasted_page(text, note=note, origin="-", name="standard-input.txt")
    return replace(made, id=f"stdin-{hashlib.sha256(made.text.encode()).hexdigest()[:12]}")
