"""Load e-mails (.eml) and mailboxes (.mbox)."""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from io import BufferedIOBase, BytesIO
from typing import IO, TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode, replace_windows_controls
from rag.sources.cleaning.unicode import normalise, one_line
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
from rag.sources.formats.document import Document, parser_errors_as
from rag.sources.formats.html import extract_all_text, parse_html
from rag.sources.formats.html_text import write_html
from rag.sources.formats.layout_tables import unwrap_layout_tables
from rag.sources.formats.newsletter import extract_post, find_address, is_newsletter, split_sender
from rag.sources.formats.record_parser import RecordParser
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE, StructuredText
from rag.types import Article, Failure

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_ANNOUNCEMENT = re.compile(
    r"(?:on|am|le|el|op|il) .{5,200}(?:wrote|schrieb|a écrit|escribió|schreef|ha scritto)\b.{0,80}:?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATOR = re.compile(r"-{2,} ?(?:original message|ursprüngliche nachricht|message d'origine) ?-{2,}|_{20,}", re.I)
_FROM_LINE = re.compile(r"(?:from|von|de): .+", re.IGNORECASE)
_HEADER_LINE = re.compile(r"(?:sent|date|gesendet|envoyé|to|an): .+", re.IGNORECASE)
QUOTED_XPATH = (
    "//blockquote[@type='cite'] | //*[contains(@class, 'gmail_quote') or contains(@class, 'gmail_signature') or "
    "contains(@class, 'moz-signature') or contains(@class, 'yahoo_quoted')] | "
    "//*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::* | //*[@id='divRplyFwdMsg']"
)
_HIDDEN_XPATH = (
    "//*[contains(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), 'display:none')]"
)
_MESSAGE_START = re.compile(rb"From \S[^\n]{0,200}\d\d:\d\d[^\n]{0,40}\d{4}")
_NOTHING = StructuredText("")
_MAX_PARTS = 1_000
_MAX_HEADER_CHARS = 4_000


class Eml(Document):
    """Loads .eml files: what the sender wrote, without quotations, signatures and attachments."""

    suffixes = (".eml",)
    kind = "e-mail"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract subject, sender, day and text of an e-mail."""
        fields = {**parse_message(data), "id": ""}  # as of any file, its name
        return ParsedDocument(fields, str(fields.pop("text")))


class Mbox(FileLoader):
    """Loads .mbox files message by message, with one message at a time in memory."""

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
            try:
                if isinstance(data, SourceError):
                    raise data
                with parser_errors_as("e-mail"):
                    record = parse_message(data)
                if (size := len(str(record["text"]).encode("utf-8", "replace"))) > self.limit_mb * MB:
                    raise SourceError(explain_over_limit(size, self.limit_mb))
                if record["id"]:  # one message may lie in several mailboxes
                    record["id"] = f"{records.name}#{record['id']}"
                text_for_id = "" if record["id"] or record.get("url") else _read_text_for_id(data)
                yield records.from_fields(record, text_for_id=text_for_id)
            except SourceError as error:
                yield Failure(f"{records.source}:{records.line}", str(error))
        if not records.line:
            raise SourceError("no mailbox in spite of its ending: no message begins in it")


def _read_text_for_id(data: bytes) -> str:
    """Read the text of a message in HTML as ids have always been made of it; empty for any other message."""
    mail = message_from_bytes(data, policy=policy.default)
    plain, pages = _read_parts(mail) if isinstance(mail, EmailMessage) else ("", [])
    texts = []
    for tree in filter(None.__ne__, map(parse_html, pages if not plain.strip() else ())):
        all_text = extract_all_text(tree)
        drop_all(tree, f"{QUOTED_XPATH} | {_HIDDEN_XPATH}")
        texts.append(extract_all_text(tree) or all_text)
    return "\n\n".join(filter(None, texts))


def parse_message(data: bytes) -> dict[str, object]:
    """Parse an e-mail into a record of its fields and text; raises SourceError if it is no e-mail or encrypted."""
    if not re.match(rb"\s*(?:From |>?[!-9;-~]+[ \t]*:)", data[:1000]):
        raise SourceError("no e-mail in spite of its ending")
    mail = message_from_bytes(data, policy=policy.default)
    if not isinstance(mail, EmailMessage) or not any(name in mail for name in ("From", "Subject", "Date")):
        raise SourceError("no e-mail in spite of its ending: it names no sender, subject or day")
    if mail.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        raise SourceError("an encrypted e-mail; save a copy that is not")
    name, address = parseaddr(read_header(mail, "From"))
    sender = one_line(name) or address
    fields: dict[str, object] = {
        "id": read_header(mail, "Message-ID").strip("<> "),
        "title": read_header(mail, "Subject"),
        "author": sender,
        "source": sender,
        "date": _read_date(mail),
        "attachments": ", ".join(_attachment_names(mail)),
    }
    read, post = _read_newsletter(mail, str(fields["title"]), sender) if is_newsletter(mail) else ({}, _NOTHING)
    found = post if post.text else _extract_message_text(mail)
    return {**fields, **read, STRUCTURE: found.written, "text": found.text}


def read_header(mail: EmailMessage, name: str) -> str:
    """Decode a header into one line, empty if it is missing.

    One that breaks the parser stays as it is written; one over 4,000 characters is cut and not decoded.
    """
    written = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    if len(written) > _MAX_HEADER_CHARS:  # the parser takes minutes for a megabyte
        return one_line(written[:_MAX_HEADER_CHARS]) + "…"
    try:
        return one_line(replace_windows_controls(str(mail.get(name, ""))))
    except Exception:  # a damaged header breaks its parser in many ways; the message is readable without it
        return one_line(written)


def decode_part(part: EmailMessage) -> str:
    """Decode the text of a part, in the encoding it names or another that fits."""
    data = part.get_payload(decode=True)
    return decode(data, part.get_content_charset() or "")[0] if isinstance(data, bytes) and data else ""


def _read_date(mail: EmailMessage) -> str:
    """Return the Date header without the comment at its end."""
    written = read_header(mail, "Date")
    return re.sub(r"\s*\(.*\)\s*$", "", written)


def _iter_parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that consist of no further parts; raises SourceError after the first 1,000 parts."""
    for count, part in enumerate(mail.walk()):
        if count > _MAX_PARTS:
            raise SourceError(f"it has more than {_MAX_PARTS:,} parts")
        if isinstance(part, EmailMessage) and not part.is_multipart():
            yield part


def _attachment_names(mail: EmailMessage) -> list[str]:
    """List the file names of all parts that have one: attachments, and pictures within the message."""
    return [one_line(part.get_filename() or "") for part in _iter_parts(mail) if part.get_filename()]


def _read_newsletter(mail: EmailMessage, title: str, sender: str) -> tuple[dict[str, object], StructuredText]:
    """Read author, publisher and address of a newsletter, and its text, which is empty where it has no HTML.

    The HTML counts, since the plain text is often a stub.
    """
    author, publisher = split_sender(sender, parseaddr(read_header(mail, "List-Id"))[0])
    plain, pages = _read_parts(mail)
    trees = [tree for tree in map(parse_html, pages) if tree is not None]
    for tree in trees:
        drop_all(tree, QUOTED_XPATH)
    archived = read_header(mail, "Archived-At").strip("<> ")
    addresses = (find_address(tree, plain, title) for tree in trees)
    url = archived if archived.startswith(("http://", "https://")) else next(filter(None, addresses), "")
    text = _join(extract_post(tree, title, author) for tree in trees)
    return {"author": author, "source": publisher, "url": url}, text


def _read_parts(mail: EmailMessage) -> tuple[str, list[str]]:
    """Read the plain text of an e-mail, and its pages of HTML, without what is attached."""
    shown = [part for part in _iter_parts(mail) if not part.get_filename() and not part.is_attachment()]
    plain = "\n\n".join(decode_part(part) for part in shown if part.get_content_type() == "text/plain")
    return plain, [decode_part(part) for part in shown if part.get_content_type() == "text/html"]


def _extract_message_text(mail: EmailMessage) -> StructuredText:
    """Extract the plain text of an e-mail without quotations, or the text of its HTML if it has no plain text."""
    plain, pages = _read_parts(mail)
    if pages and not plain.strip():
        return _join(map(_extract_html_text, pages))
    return StructuredText(strip_quotes(plain))


def _join(texts: Iterable[StructuredText]) -> StructuredText:
    """Join the texts of the parts of a message."""
    builder = TextBuilder()
    for text in texts:
        builder.add_text(text)
    return builder.build()


def _extract_html_text(page: str) -> StructuredText:
    """Extract the text of a message in HTML without quotations, signatures and hidden text; keep all if that is all."""
    tree = parse_html(page)
    if tree is None:
        return _NOTHING
    unwrap_layout_tables(tree)
    all_text = write_html(tree)
    drop_all(tree, f"{QUOTED_XPATH} | {_HIDDEN_XPATH}")
    text = write_html(tree)
    return text if text.text else all_text


def drop_all(tree: "HtmlElement", xpath: str) -> None:
    """Drop the elements that an XPath finds."""
    for element in tree.xpath(xpath):
        if element.getparent() is not None:
            element.drop_tree()


def strip_quotes(text: str) -> str:
    """Strip quoted lines, the line that announces them, and all from the signature or a quoted header on.

    A text in which nothing else stands is returned whole.
    """
    lines = normalise(text).split("\n")
    kept: list[str] = []
    for index, line in enumerate(lines):
        bare = line.strip()
        if line.rstrip("\n") in ("-- ", "--") or _SEPARATOR.fullmatch(bare):
            break
        if _FROM_LINE.fullmatch(bare) and any(
            _HEADER_LINE.fullmatch(after.strip()) for after in lines[index + 1 : index + 3]
        ):
            if any(map(str.strip, kept)) and "orward" not in "".join(kept[-3:]):
                break
        elif line.startswith(">"):
            _drop_announcement(kept)
            kept.append("")
            continue
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() or normalise(text).strip()


def _drop_announcement(kept: list[str]) -> None:
    """Drop one or two lines such as “On Monday Ann wrote:” from the end of `kept`, and blank lines behind them."""
    while kept and not kept[-1].strip():
        kept.pop()
    for count in (1, 2):
        if _ANNOUNCEMENT.match(" ".join(kept[-count:]).strip()):
            del kept[-count:]
            return


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
