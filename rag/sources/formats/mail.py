"""Load e-mails (.eml) and mailboxes (.mbox), with what is attached to them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from io import BufferedIOBase, BytesIO
from typing import IO

from rag.errors import SourceError
from rag.failures import attempt_each
from rag.sources.files import (
    FILE_LIMIT,
    LIST_LIMIT,
    LIST_SIZE_FACTOR,
    MB,
    FileLoader,
    SizeLimit,
    escape_path,
    explain_over_limit,
    origin_of,
)
from rag.sources.formats.attachments import attach, load_file, name_attachments, open_message
from rag.sources.formats.document import WholeFile, parser_errors_as
from rag.sources.formats.mail_message import parse_message, read_message, read_text_for_id
from rag.sources.formats.record_parser import RecordParser
from rag.sources.formats.records import ParsedDocument
from rag.types import Article, Failure

_MESSAGE_START = re.compile(rb"From \S[^\n]{0,200}\d\d:\d\d[^\n]{0,40}\d{4}")
_MAX_DEPTH = 5
"""E-mails within e-mails that are opened."""


@dataclass(frozen=True, slots=True)
class Eml(WholeFile):
    """Loads .eml files: what the sender wrote, without quotations and signatures, and what is attached."""

    loaders: Sequence[FileLoader] = ()
    """Load the files that are attached, each by its kind."""

    suffixes = (".eml",)
    is_risky = True

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse an e-mail, and the e-mails and files attached to it, into an article each.

        Raises SourceError for what is no e-mail, and where there is neither a text nor a file that can be read.
        """
        with parser_errors_as("e-mail"):
            mail = parse_message(data)
        yield from self.load_message(mail, origin, name)

    def load_attached(
        self, mail: EmailMessage, about: Mapping[str, object], *, origin: str, name: str, depth: int = 0
    ) -> Iterator[Article | Failure]:
        """Load what is attached to an e-mail, `about` which its record is; a Failure for what cannot be read."""
        for attached, part in name_attachments(mail):
            place, own_name = f"{origin}/{attached}", f"{name}/{attached}"
            load = partial(self._load_part, part, attached, origin=origin, name=own_name, depth=depth)
            for item in attempt_each(place, load):
                yield attach(item, about) if isinstance(item, Article) else item

    def _load_part(
        self, part: EmailMessage, attached: str, *, origin: str, name: str, depth: int
    ) -> Iterator[Article | Failure]:
        """Load an attached e-mail or file."""
        if (inner := open_message(part, attached)) is not None:
            yield from self.load_message(inner, origin, name, depth + 1)
        else:
            yield from load_file(part, self.loaders, origin=origin, name=name)

    def load_message(self, mail: EmailMessage, origin: str, name: str, depth: int = 0) -> Iterator[Article | Failure]:
        """Load an e-mail and what is attached to it."""
        if depth > _MAX_DEPTH:
            raise SourceError(f"more than {_MAX_DEPTH} e-mails within each other; it is not opened")
        with parser_errors_as("e-mail"):
            record = read_message(mail)
        attached = list(self.load_attached(mail, record, origin=origin, name=name, depth=depth))
        if _has_own_article(record, attached):
            yield from attempt_each(origin, lambda: iter([self.make_article(_to_document(record), origin, name)]))
        yield from attached


def _has_own_article(record: Mapping[str, object], attached: Sequence[Article | Failure]) -> bool:
    """Whether an e-mail is to be an article: not one that only carries others."""
    return bool(str(record["text"]).strip()) or not any(isinstance(item, Article) for item in attached)


def _to_document(record: Mapping[str, object]) -> ParsedDocument:
    """Convert the record of an e-mail to a document, whose id is, as that of any file, its name."""
    fields = {**record, "id": ""}
    return ParsedDocument(fields, str(fields.pop("text")))


@dataclass(frozen=True, slots=True)
class Mbox(FileLoader):
    """Loads .mbox files message by message, with one message at a time in memory."""

    loaders: Sequence[FileLoader] = ()
    """Load the files that are attached, each by its kind."""

    suffixes = (".mbox", ".mbx")
    is_risky = True

    @property
    def size_limit(self) -> SizeLimit:
        """The limit of a file of many articles, since a mailbox holds any number of messages."""
        return SizeLimit(LIST_SIZE_FACTOR * self.file_mb, LIST_LIMIT)

    def parse_file(self, path: str, name: str) -> Iterator[Article | Failure]:
        """Parse each message into an article or a Failure."""
        records = RecordParser(escape_path(path), origin_of(path), name.rsplit("/", 1)[-1], unit="message")
        with open(path, "rb") as file:
            yield from self._parse_messages(file, records)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse a mailbox that is in memory."""
        records = RecordParser(origin, origin, name.rsplit("/", 1)[-1], unit="message")
        yield from self._parse_messages(BytesIO(data), records)

    def _parse_messages(self, file: IO[bytes] | BufferedIOBase, records: RecordParser) -> Iterator[Article | Failure]:
        """Parse the messages of an open mailbox."""
        for records.line, data in enumerate(_split_mailbox(file, int(self.file_mb * MB)), 1):
            yield from attempt_each(f"{records.source}:{records.line}", partial(self._parse_message, data, records))
        if not records.line:
            raise SourceError("no mailbox in spite of its ending: no message begins in it")

    def _parse_message(self, data: bytes | SourceError, records: RecordParser) -> Iterator[Article | Failure]:
        """Parse a message, and the e-mails and files attached to it, into an article each."""
        if isinstance(data, SourceError):
            raise data
        with parser_errors_as("e-mail"):
            mail = parse_message(data)
            record = read_message(mail)
        if (size := len(str(record["text"]).encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        if record["id"]:  # one message may lie in several mailboxes
            record["id"] = f"{records.name}#{record['id']}"
        name = str(record["id"]) or f"{records.name}#{records.line}"
        mails = Eml(*self.limits, loaders=self.loaders)
        attached = list(mails.load_attached(mail, record, origin=records.origin, name=name))
        if _has_own_article(record, attached):
            text_for_id = "" if record["id"] or record.get("url") else read_text_for_id(mail)
            yield records.from_fields(record, text_for_id=text_for_id)
        yield from attached


def _split_mailbox(file: IO[bytes] | BufferedIOBase, limit: int) -> Iterator[bytes | SourceError]:
    """Split a mailbox into messages, with a SourceError in place of one over `limit` bytes.

    A message begins, at the start of the file or after a blank line, with “From ”, a sender and a time. What stands
    before the first one is skipped.
    """
    pieces: list[bytes] = []
    size = 0
    is_after_blank = True
    has_begun = False
    while line := file.readline(MB):
        if is_after_blank and _MESSAGE_START.match(line):
            if has_begun:
                yield _join_within(pieces, size, limit)
            pieces = []
            size = 0
            has_begun = True
        elif has_begun:
            size += len(line)
            if size <= limit:
                pieces.append(line[1:] if line.startswith(b">From ") else line)
        is_after_blank = line in (b"\n", b"\r\n")
    if has_begun:
        yield _join_within(pieces, size, limit)


def _join_within(pieces: list[bytes], size: int, limit: int) -> bytes | SourceError:
    """Join the pieces of a message, or return the error where they are over the limit."""
    return b"".join(pieces) if size <= limit else SourceError(explain_over_limit(size, limit / MB, FILE_LIMIT))
