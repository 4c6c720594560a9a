"""Read an e-mail: its fields, and what its sender wrote (pure)."""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode, replace_windows_controls
from rag.sources.cleaning.unicode import normalise, one_line
from rag.sources.formats.html import extract_all_text, parse_html
from rag.sources.formats.html_text import write_html
from rag.sources.formats.layout_tables import unwrap_layout_tables
from rag.sources.formats.newsletter import extract_post, find_address, is_newsletter, split_sender
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE, StructuredText

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
_NOTHING = StructuredText("")
_MAX_PARTS = 1_000
_MAX_HEADER_CHARS = 4_000


def read_text_for_id(mail: EmailMessage) -> str:
    """Read the text of a message in HTML as ids have always been made of it; empty for any other message."""
    plain, pages = _read_parts(mail)
    texts = []
    for tree in filter(None.__ne__, map(parse_html, pages if not plain.strip() else ())):
        all_text = extract_all_text(tree)
        drop_all(tree, f"{QUOTED_XPATH} | {_HIDDEN_XPATH}")
        texts.append(extract_all_text(tree) or all_text)
    return "\n\n".join(filter(None, texts))


def parse_message(data: bytes) -> EmailMessage:
    """Parse an e-mail into its parts; raises SourceError if it is none."""
    if not re.match(rb"\s*(?:From |>?[!-9;-~]+[ \t]*:)", data[:1000]):
        raise SourceError("no e-mail in spite of its ending")
    mail = message_from_bytes(data, policy=policy.default)
    if not isinstance(mail, EmailMessage) or not any(name in mail for name in ("From", "Subject", "Date")):
        raise SourceError("no e-mail in spite of its ending: it names no sender, subject or day")
    return mail


def read_message(mail: EmailMessage) -> dict[str, object]:
    """Read the fields and the text of an e-mail into a record; raises SourceError for one that is encrypted."""
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


def iter_parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that consist of no further parts, an attached e-mail among them, in their order.

    Raises SourceError after the first 1,000 parts.
    """
    waiting: list[object] = [mail]
    for _ in range(_MAX_PARTS + 1):
        if not waiting:
            return
        part = waiting.pop()
        if not isinstance(part, EmailMessage):
            continue
        inner = part.get_payload()
        if isinstance(inner, list) and (part is mail or part.get_content_maintype() != "message"):
            waiting += reversed(inner)
        else:
            yield part
    raise SourceError(f"it has more than {_MAX_PARTS:,} parts")


def _attachment_names(mail: EmailMessage) -> list[str]:
    """List the file names of all parts that have one: attachments, and pictures within the message."""
    return [one_line(part.get_filename() or "") for part in iter_parts(mail) if part.get_filename()]


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
    shown = [part for part in iter_parts(mail) if not part.get_filename() and not part.is_attachment()]
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
