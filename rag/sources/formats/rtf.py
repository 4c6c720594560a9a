"""Load rich text (.rtf)."""

import re

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.html import join_paragraphs, strip_repeated_title
from rag.sources.formats.records import ParsedDocument

_FIELD = re.compile(r"\{\\(title|author)\s((?:[^{}\\]|\\[^{}]|\\[{}]){1,600})\}")
_NOTE = re.compile(r"\{\\footnote\b ?(?:\\ftnalt\b ?)?")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
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
        text = join_paragraphs(_to_plain_text(move_notes(written)))
        fields = {"title": stated.get("title", ""), "author": stated.get("author", "")}
        return ParsedDocument(dict(fields), strip_repeated_title(text, fields["title"]))


def move_notes(written: str) -> str:
    """Move the notes of a document to its end, a paragraph each, since striprtf passes over them."""
    if not _NOTE.search(written):
        return written
    kept: list[str] = []
    notes: list[str] = []
    start = 0
    while (note := _NOTE.search(written, start)) is not None:
        end = _find_group_end(written, note.end())
        kept.append(written[start : note.start()])
        notes.append(r"\par {" + written[note.end() : end])
        start = end
    rest, brace, after = written[start:].rpartition("}")
    return "".join((*kept, rest, *notes, brace, after))


def _find_group_end(written: str, start: int) -> int:
    """Find where the group ends that is open at an offset; the end of the text where it is not closed."""
    depth = 1
    for brace in _BRACE.finditer(written, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return brace.end()
    return len(written)


def _to_plain_text(written: str) -> str:
    """Convert RTF to plain text, joining the halves of surrogate pairs in which RTF writes rare characters."""
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(written, errors="replace")  # type: ignore[no-untyped-call, unused-ignore]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
