"""Read the cells of tables, the values of JSON, the elements of feeds and the parts of e-mails."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

from rag.sources.cleaning.encodings import decode
from rag.sources.coverage.measure import SourceLine
from rag.sources.coverage.page_lines import read_markup, read_page
from rag.sources.formats.mail_message import QUOTED_XPATH, decode_part, drop_all, read_header
from rag.sources.formats.newsletter import extract_post, is_newsletter
from rag.sources.formats.ole_safe import open_ole
from rag.sources.formats.xml_safe import refuse_declarations, refuse_depth

_TAG = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|tr|td|th|h[1-6]|blockquote))\b[^<>]*>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_MAX_CELL_CHARS = 100_000_000
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_NO_TEXT = frozenset(("link", "guid", "id", "pubdate", "updated", "published", "comments", "enclosure", "commentrss"))
_FEED_REASONS = {"category": "category", "credit": "caption", "thumbnail": "caption", "copyright": "notice"}
_SUMMARIES = ("description", "summary", "excerpt", "subtitle")
_WHOLE_TEXTS = ("encoded", "content", "fulltext")
_MESSAGE = re.compile(rb"(?:\A|\n\r?\n)From \S[^\n]{0,200}\d\d:\d\d[^\n]{0,40}\d{4}[^\n]*\n")
_OUTLOOK_TEXTS = ("0037", "1000", "1013")
"""The properties that hold subject, text and HTML."""
_SIGNATURE = re.compile(r"-- ?")
_QUOTED_BLOCK = re.compile(r"-{2,} ?[\w' ]{5,40} ?-{2,}|_{20,}")


def read_table(text: str) -> Iterator[SourceLine]:
    """Read the cells of a table; its first row names the columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.strip('"').lower().startswith("sep="):
        text = text.partition(first)[2].lstrip("\r\n")
        first = next((line for line in text.splitlines() if line.strip()), "")
    csv.field_size_limit(_MAX_CELL_CHARS)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max("\t,;|", key=first.count))
    is_header = True
    for row in rows:
        for cell in row:
            for line in _strip_tags(cell):
                yield SourceLine(line.text, "name of a column" if is_header else line.reason)
        is_header = is_header and not any(row)


def read_json(text: str) -> Iterator[SourceLine]:
    """Read the values of JSON, or of a JSON value a line."""
    try:
        yield from _read_value(json.loads(text))
    except ValueError:
        for line in text.splitlines():
            try:
                yield from _read_value(json.loads(line)) if line.strip() else ()
            except ValueError:
                yield SourceLine(line, "no JSON")


def read_feed(text: str) -> Iterator[SourceLine]:
    """Read the elements of the items of a feed, and what stands beside the items."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    refuse_declarations(text)
    refuse_depth(text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=None) if text.strip() else None
    if root is None:
        return
    items = list(root.iter("{*}item", "{*}entry"))
    for item in items:
        names = [_local_name(child) for child in item]
        has_whole = any(name in _WHOLE_TEXTS for name in names)
        for name, child in zip(names, item, strict=True):
            if name in _NO_TEXT:
                continue
            is_summary = name in _SUMMARIES and has_whole
            for line in _strip_tags("\n".join(map(str, child.itertext()))):
                yield SourceLine(line.text, "summary" if is_summary else _FEED_REASONS.get(name, line.reason))
        for child in list(item):
            item.remove(child)
    for node in root.iter():
        if _local_name(node) not in _NO_TEXT and node.text and node.text.strip():
            yield SourceLine(node.text, "of the feed itself")


def read_mailbox(data: bytes) -> Iterator[SourceLine]:
    """Read the messages of a mailbox."""
    for message in _MESSAGE.split(data)[1:]:
        yield from read_mail(re.sub(rb"^>From ", b"From ", message, flags=re.MULTILINE))


def read_mail(data: bytes) -> Iterator[SourceLine]:
    """Read subject, sender and all texts of an e-mail."""
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    title = read_header(mail, "Subject")
    sender = read_header(mail, "From")
    yield SourceLine(title)
    for name in ("From", "To", "Cc", "Date"):
        yield SourceLine(read_header(mail, name), "header")
    parts = [part for part in mail.walk() if isinstance(part, EmailMessage) and not part.is_multipart()]
    shown = [part for part in parts if not part.get_filename() and not part.is_attachment()]
    yield from (
        SourceLine(decode_part(part), "attachment")
        for part in parts
        if part not in shown and part.get_content_maintype() == "text"
    )
    plain = [decode_part(part) for part in shown if part.get_content_type() == "text/plain"]
    pages = [decode_part(part) for part in shown if part.get_content_type() == "text/html"]
    is_list = is_newsletter(mail)
    reads_pages = bool(pages) and (is_list or not any(map(str.strip, plain)))
    for text in plain:
        for line in _read_plain(text):
            yield SourceLine(line.text, line.reason or "other version" * reads_pages)
    quoted = ("quotation or hidden", lambda tree: drop_all(tree, QUOTED_XPATH))
    around = ("around the post", lambda tree: extract_post(tree, title, sender))
    for page in pages:
        for line in read_markup(page, [quoted, around] if is_list else [quoted]):
            yield SourceLine(line.text, line.reason or "other version" * (not reads_pages))


def read_outlook(data: bytes) -> Iterator[SourceLine]:
    """Read the subjects and texts of a message of Outlook, and of those attached to it."""
    with open_ole(data) as file:
        for path in file.names:
            property, kind = path[-1][-8:-4], path[-1][-4:]
            if property not in _OUTLOOK_TEXTS:
                continue
            raw = file.read(path)
            text = raw.decode("utf-16-le", "replace") if kind == "001F" else decode(raw).text
            yield from read_markup(text) if property == "1013" else _read_plain(text)


def read_saved_page(data: bytes) -> Iterator[SourceLine]:
    """Read the page of a file in which a browser saved it with its pictures."""
    mail = message_from_bytes(data, policy=policy.default)
    for part in mail.walk():
        if isinstance(part, EmailMessage) and part.get_content_type() in ("text/html", "application/xhtml+xml"):
            yield from read_page(decode_part(part), read_header(part, "Content-Location"))
            return


def _read_plain(text: str) -> Iterator[SourceLine]:
    """Read the lines of a message, up to its signature and without what it quotes."""
    reason = ""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line):
            reason = "signature"
        elif _QUOTED_BLOCK.fullmatch(line.strip()):
            reason = "quotation"
        after = next((later for later in lines[index + 1 : index + 4] if later.strip()), "")
        announces = line.rstrip().endswith(":") and after.startswith(">")
        yield SourceLine(line, reason or "quotation" * (line.startswith(">") or announces))


def _read_value(value: object) -> Iterator[SourceLine]:
    """Read the texts and numbers in a value of JSON."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stack += reversed(one.values())
        elif isinstance(one, list):
            stack += reversed(one)
        elif isinstance(one, str):
            yield from _strip_tags(one)
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield SourceLine(str(one), "number")


def _strip_tags(text: str) -> Iterator[SourceLine]:
    """Read the lines of a value that may be HTML."""
    if "<" in text:
        text = _INLINE_TAG.sub("", _TAG.sub("\n", _UNSEEN.sub("\n", text)))
    if "&" in text:
        text = html.unescape(text)
    for line in text.split("\n"):
        if line.strip():
            yield SourceLine(line, "address" if _ADDRESS.fullmatch(line.strip()) else "")


def _local_name(node: object) -> str:
    """Return the name of an element without its namespace, in lower case."""
    return str(getattr(node, "tag", "")).rpartition("}")[2].lower()
