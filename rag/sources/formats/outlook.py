"""Load messages saved by Outlook (.msg).

https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxmsg
"""

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import HeaderParser
from email.utils import format_datetime

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import parser_errors_as
from rag.sources.formats.mail import Eml
from rag.sources.formats.ole_safe import SIGNATURE, SafeOle, open_ole
from rag.types import Article, Failure

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT = "__attach_version1.0_"
_ROOT_HEADER_BYTES, _EMBEDDED_HEADER_BYTES = 32, 24
"""Bytes before the properties of a message: of the file, and of one that is attached."""
_UNICODE, _BYTES_STRING, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
"""Types of properties."""
_SUBJECT, _SENT, _HEADERS, _SENDER, _ADDRESS, _BODY, _HTML = 0x0037, 0x0039, 0x007D, 0x0C1A, 0x5D01, 0x1000, 0x1013
_DATA, _SHORT_NAME, _LONG_NAME, _MEDIA_TYPE = 0x3701, 0x3704, 0x3707, 0x370E
_KEPT_HEADERS = ("From", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "Archived-At")
_TYPE_PAIR = re.compile(r"([\w.+-]+)/([\w.+-]+)")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MAX_DEPTH = 20

_Path = tuple[str, ...]


class Msg(Eml):
    """Loads .msg files as e-mails, with what is attached to them."""

    suffixes = (".msg",)

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse a message as one in an .eml file is parsed; raises SourceError for a file of another kind."""
        if not data.startswith(SIGNATURE):
            raise SourceError("no message of Outlook in spite of its ending")
        with parser_errors_as("e-mail"):
            mail = _convert(data)
        yield from self.load_message(mail, origin, name)


def _convert(data: bytes) -> EmailMessage:
    """Convert a file to the message as it was sent; raises SourceError where its package is not installed."""
    try:
        with open_ole(data) as file:
            if (_PROPERTIES,) not in file:
                raise SourceError("no message of Outlook in spite of its ending")
            return _Store(file).read_message((), _ROOT_HEADER_BYTES)
    except ImportError:
        why = "messages of Outlook need one more package: pip install 'rag-articles[documents]'"
        raise SourceError(why) from None


class _Store:
    """The properties of messages and attachments in a compound file, each a stream in the folder of its owner."""

    def __init__(self, file: SafeOle) -> None:
        """Read from an open `file`."""
        self._file = file
        self._attachments = sorted({path[:end] for path in file.names for end in _ends(path)})

    def read_message(self, owner: _Path, header_bytes: int, depth: int = 0) -> EmailMessage:
        """Read a message and what is attached to it."""
        if depth > _MAX_DEPTH:
            raise SourceError(f"more than {_MAX_DEPTH} e-mails within each other")
        mail = EmailMessage()
        sent = HeaderParser().parsestr(self._text(owner, _HEADERS))
        for name in _KEPT_HEADERS:
            _set_header(mail, name, str(sent.get(name, "")))
        if "From" not in mail:
            address = self._text(owner, _ADDRESS)
            _set_header(mail, "From", f"{self._text(owner, _SENDER)} {address and f'<{address}>'}")
        if "Date" not in mail and (time := self._time(owner, header_bytes)):
            mail["Date"] = format_datetime(time)
        _set_header(mail, "Subject", self._text(owner, _SUBJECT))
        mail.set_content(self._text(owner, _BODY))
        if page := self._text(owner, _HTML):
            mail.add_alternative(page, subtype="html")
        for attachment in self._attachments:
            if attachment[:-1] == owner:
                self._attach(mail, attachment, depth)
        return mail

    def _attach(self, mail: EmailMessage, owner: _Path, depth: int) -> None:
        """Attach a message or a file to a message; what Outlook keeps only a link to is left out."""
        embedded = (*owner, _stream_name(_DATA, _OBJECT))
        if (*embedded, _PROPERTIES) in self._file:
            mail.add_attachment(self.read_message(embedded, _EMBEDDED_HEADER_BYTES, depth + 1))
        elif (*owner, _stream_name(_DATA, _BINARY)) in self._file:
            name = one_line(self._text(owner, _LONG_NAME) or self._text(owner, _SHORT_NAME))
            pair = _TYPE_PAIR.fullmatch(self._text(owner, _MEDIA_TYPE))
            main, sub = pair.groups() if pair else ("application", "octet-stream")
            mail.add_attachment(self._bytes(owner, _DATA, _BINARY), maintype=main, subtype=sub, filename=name)

    def _text(self, owner: _Path, property: int) -> str:
        """Return a property that is a text, whichever way it is stored; empty where it is missing."""
        if wide := self._bytes(owner, property, _UNICODE):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._bytes(owner, property, _BYTES_STRING) or self._bytes(owner, property, _BINARY)
        return decode(narrow).text.rstrip("\0") if narrow else ""

    def _bytes(self, owner: _Path, property: int, kind: int) -> bytes:
        """Return the bytes of a property of one type; none where it is missing."""
        path = (*owner, _stream_name(property, kind))
        return self._file.read(path) if path in self._file else b""

    def _time(self, owner: _Path, header_bytes: int) -> datetime | None:
        """Return when a message was sent, from the properties of fixed size, 16 bytes each."""
        properties = self._file.read((*owner, _PROPERTIES))[header_bytes:]
        for start in range(0, len(properties) - 15, 16):
            kind, property, _, ticks = struct.unpack_from("<HHIQ", properties, start)
            if property == _SENT and kind == 0x0040:
                with suppress(OverflowError):
                    return _EPOCH + timedelta(microseconds=ticks // 10)
        return None


def _ends(path: _Path) -> Iterator[int]:
    """Yield where the names of attachments end in the path of a stream."""
    return (end for end, name in enumerate(path, 1) if name.startswith(_ATTACHMENT))


def _stream_name(property: int, kind: int) -> str:
    return f"__substg1.0_{property:04X}{kind:04X}"


def _set_header(mail: EmailMessage, name: str, value: str) -> None:
    """Set a header to a text as one line; one that is empty, or that no header can hold, is left out."""
    with suppress(MessageError, ValueError, LookupError, AttributeError, TypeError):
        if value := one_line(value):
            mail[name] = value
