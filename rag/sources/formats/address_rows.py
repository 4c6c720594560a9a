"""Read an export that holds no articles but only their addresses, as services that keep pages for later write them."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice

from rag.errors import SourceError
from rag.sources.formats.column_choice import choose
from rag.sources.formats.column_guess import SAMPLED_ROWS
from rag.sources.formats.record_fields import Row
from rag.sources.formats.record_parser import parse_object
from rag.sources.formats.tabular import Json, Table

ROW_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")


def read_address_rows(data: bytes, name: str) -> list[str]:
    """Read the addresses of an export whose rows have no text; empty for any other file, at its first text."""
    addresses = []
    with suppress(SourceError, ValueError):
        rows = _iter_rows(data, name.lower())
        head = list(islice(rows, SAMPLED_ROWS))
        choice = choose(head, None, {})
        for row in chain(head, rows):
            fields = choice.read(row).fields if isinstance(row, dict) else {}
            if "text" in fields or not str(fields.get("url", "")).lower().startswith(("http://", "https://")):
                return []
            addresses.append(str(fields["url"]))
    return list(dict.fromkeys(addresses))


def _iter_rows(data: bytes, name: str) -> Iterator[Row]:
    """Yield the rows of an export of any kind."""
    if name.endswith((".jsonl", ".ndjson")):
        yield from (parse_object(line) for line in data.splitlines() if line.strip())
    else:
        yield from (Table() if name.endswith(Table.suffixes) else Json()).read_rows(data)[1]
