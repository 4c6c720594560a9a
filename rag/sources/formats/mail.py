"""Load e-mails (.eml) and mailboxes (.mbox)."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from io import BufferedIOBase, BytesIO
from typing import IO

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import normalise
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FILE, LIST, MB, MOST_FILES, FileLoader, origin_of, over_limit, printable
from rag.sources.formats.document import Document, Told, translated
from rag.sources.formats.html import parsed, whole_text
from rag.sources.formats.jsonl import Records
from rag.types import Article, Failure

_WROTE = re.compile(
    r"(?:on|am|le|el|op|il) .{5,200}(?:wrote|schrieb|a écrit|escribió|schreef|ha scritto)\b.{0,80}:?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(r"-{2,} ?(?:original message|ursprüngliche nachricht|message d'origine) ?-{2,}|_{20,}", re.I)
_HEADER = re.compile(r"(?:from|von|de): .+", re.IGNORECASE)
_SENT = re.compile(r"(?:sent|date|gesendet|envoyé|to|an): .+", re.IGNORECASE)
_QUOTED = (
    "//blockquote[@type='cite'] | //*[contains(@class, 'gmail_quote') or contains(@class, 'gmail_signature') or "
    "contains(@class, 'moz-signature') or contains(@class, 'yahoo_quoted')] | "
    "//*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::* | //*[@id='divRplyFwdMsg']"
)
_HIDDEN = (
    "//*[contains(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), 'display:none')]"
)
_BEGINS = re.compile(rb"From \S[^\n]{0,200}\d\d:\d\d[^\n]{0,40}\d{4}")
_LISTS = ("List-Unsubscribe", "List-Id", "List-Post")
_MOST_PARTS = 1_000
_LONGEST_HEADER = 4_000


class Eml(Document):
    """Reads .eml files: what the sender wrote, without what was quoted, signatures and attachments."""

    suffixes = (".eml",)
    kind = "e-mail"

    def told(self, data: bytes) -> Told:
        """Subject, sender and day, and the text."""
        record = {**message(data), "id": ""}  # as of any file, its name
        return record, str(record.pop("text"))


class Mbox(FileLoader):
    """Reads .mbox files message by message, in memory for one message."""

    suffixes = (".mbox", ".mbx")
    is_risky = True

    @property
    def largest(self) -> tuple[float, str]:
        """A mailbox holds any number of messages."""
        return MOST_FILES * self.file_mb, LIST

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """An article or a Failure for each message."""
        with open(path, "rb") as file:
            yield from self._messages(file, printable(path), origin_of(path), name)

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The same of a mailbox in memory."""
        yield from self._messages(BytesIO(data), origin, origin, name)

    def _messages(
        self, file: IO[bytes] | BufferedIOBase, source: str, origin: str, name: str
    ) -> Iterator[Article | Failure]:
        records = Records(source, origin, name.rsplit("/", 1)[-1], "message")
        for records.line, data in enumerate(_parted(file, int(self.file_mb * MB)), 1):
            try:
                if isinstance(data, SourceError):
                    raise data
                with translated("e-mail"):
                    record = message(data)
                if (size := len(str(record["text"]).encode("utf-8", "replace"))) > self.limit_mb * MB:
                    raise SourceError(over_limit(size, self.limit_mb))
                if record["id"]:  # one message may lie in several mailboxes
                    record["id"] = f"{records.name}#{record['id']}"
                yield records.take(record)
            except SourceError as error:
                yield Failure(f"{source}:{records.line}", str(error))
        if not records.line:
            raise SourceError("no mailbox in spite of its ending: no message begins in it")


def message(data: bytes) -> dict[str, object]:
    """A message as a record with its text; raises SourceError for what is none or is encrypted."""
    if not re.match(rb"\s*(?:From |>?[!-9;-~]+[ \t]*:)", data[:1000]):
        raise SourceError("no e-mail in spite of its ending")
    mail = message_from_bytes(data, policy=policy.default)
    if not isinstance(mail, EmailMessage) or not any(name in mail for name in ("From", "Subject", "Date")):
        raise SourceError("no e-mail in spite of its ending: it names no sender, subject or day")
    if mail.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        raise SourceError("an encrypted e-mail; save a copy that is not")
    name, address = parseaddr(header(mail, "From"))
    sender = one_line(name) or address
    return {
        "id": header(mail, "Message-ID").strip("<> "),
        "title": header(mail, "Subject"),
        "author": sender,
        "source": sender,
        "date": _day(mail),
        "text": _text(mail),
        "attachments": ", ".join(_attachments(mail)),
    }


def header(mail: EmailMessage, name: str) -> str:
    """A header in one line, decoded; what breaks the parser of headers, or is far too long, is as it is written."""
    written = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    if len(written) > _LONGEST_HEADER:  # the parser takes minutes for a megabyte
        return one_line(written[:_LONGEST_HEADER]) + "…"
    try:
        return one_line(str(mail.get(name, "")))
    except Exception:  # a damaged header breaks its parser in many ways; the message is readable without it
        return one_line(written)


def content(part: EmailMessage) -> str:
    """The text of a part, in the encoding it names or another that fits."""
    data = part.get_payload(decode=True)
    return decode(data, part.get_content_charset() or "")[0] if isinstance(data, bytes) and data else ""


def _day(mail: EmailMessage) -> str:
    written = header(mail, "Date")
    return re.sub(r"\s*\(.*\)\s*$", "", written)


def _parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold something; raises SourceError for far too many."""
    for count, part in enumerate(mail.walk()):
        if count > _MOST_PARTS:
            raise SourceError(f"it has more than {_MOST_PARTS:,} parts")
        if isinstance(part, EmailMessage) and not part.is_multipart():
            yield part


def _attachments(mail: EmailMessage) -> list[str]:
    return [one_line(part.get_filename() or "") for part in _parts(mail) if part.get_filename()]


def _text(mail: EmailMessage) -> str:
    """What was written: the plain text of a letter, the page of a newsletter, whose plain text is often a stub."""
    shown = [part for part in _parts(mail) if not part.get_filename() and not part.is_attachment()]
    plain = "\n\n".join(content(part) for part in shown if part.get_content_type() == "text/plain")
    pages = [content(part) for part in shown if part.get_content_type() == "text/html"]
    if pages and (not plain.strip() or any(name in mail for name in _LISTS)):
        return "\n\n".join(filter(None, map(_of_page, pages))) or own_words(plain)
    return own_words(plain)


def _of_page(page: str) -> str:
    """The text of a message in HTML, without what was quoted and what is not shown."""
    tree = parsed(page)
    if tree is None:
        return ""
    whole = whole_text(tree)
    for node in tree.xpath(f"{_QUOTED} | {_HIDDEN}"):
        if node.getparent() is not None:
            node.drop_tree()
    return whole_text(tree) or whole


def own_words(text: str) -> str:
    """A plain text without quoted lines, the line that announces them, and the signature; the whole if that is all."""
    lines = normalise(text).split("\n")
    kept: list[str] = []
    for place, line in enumerate(lines):
        bare = line.strip()
        if line.rstrip("\n") in ("-- ", "--") or _ORIGINAL.fullmatch(bare):
            break
        if _HEADER.fullmatch(bare) and any(_SENT.fullmatch(after.strip()) for after in lines[place + 1 : place + 3]):
            if any(map(str.strip, kept)) and "orward" not in "".join(kept[-3:]):
                break
        elif line.startswith(">"):
            _drop_announcement(kept)
            kept.append("")
            continue
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() or normalise(text).strip()


def _drop_announcement(kept: list[str]) -> None:
    """Takes “On Monday Ann wrote:” off the end, which may have been broken over two lines."""
    while kept and not kept[-1].strip():
        kept.pop()
    for count in (1, 2):
        if _WROTE.match(" ".join(kept[-count:]).strip()):
            del kept[-count:]
            return


def _parted(file: IO[bytes] | BufferedIOBase, limit: int) -> Iterator[bytes | SourceError]:
    """The messages of a mailbox, each of which begins after a blank line with “From ”, a sender and a time."""
    pieces, size, blank, begun = list[bytes](), 0, True, False
    while line := file.readline(MB):
        if blank and _BEGINS.match(line):
            if begun:
                yield _whole(pieces, size, limit)
            pieces, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size <= limit:
                pieces.append(line[1:] if line.startswith(b">From ") else line)
        blank = line in (b"\n", b"\r\n")
    if begun:
        yield _whole(pieces, size, limit)


def _whole(pieces: list[bytes], size: int, limit: int) -> bytes | SourceError:
    return b"".join(pieces) if size <= limit else SourceError(over_limit(size, limit / MB, FILE))
