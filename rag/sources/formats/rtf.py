"""Load rich text (.rtf)."""

import re

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.html import join_paragraphs, strip_repeated_title
from rag.sources.formats.records import ParsedDocument

_FIELD = re.compile(r"\{\\(title|author)\s((?:[^{}\\]|\\[^{}]|\\[{}]){1,600})\}")
_MAX_HEAD_CHARS = 200_000
"""Characters in which what the document says of itself is looked for."""


class Rtf(Document):
    """Loads .rtf files with striprtf."""

    suffixes = (".rtf",)
    kind = "RTF document"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the fields that a document states of itself, and its text."""
        if not data.lstrip().startswith(b"{\\rtf"):
            raise SourceError("no RTF document in spite of its ending")
        if not data.rstrip(b"\0\r\n\t \x1a").endswith(b"}"):
            raise SourceError("cut short: its end is missing")
        written = data.decode("latin-1")
        head = written[:_MAX_HEAD_CHARS]
        code_page = re.search(r"\\ansicpg\d{1,5}", head)
        prefix = r"{\rtf1\ansi" + (code_page[0] if code_page else "") + " "
        values = _FIELD.findall(head)
        stated = {name: one_line(_to_plain_text(prefix + value + "}")) for name, value in values}
        text = join_paragraphs(_to_plain_text(written))
        fields = {"title": stated.get("title", ""), "author": stated.get("author", "")}
        return ParsedDocument(dict(fields), strip_repeated_title(text, fields["title"]))


def _to_plain_text(written: str) -> str:
    """Convert RTF to plain text, joining the halves of surrogate pairs in which RTF writes rare characters."""
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(written, errors="replace")  # type: ignore[no-untyped-call, unused-ignore]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
