"""Load rich text (.rtf)."""

import re

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document, Told
from rag.sources.formats.html import paragraphs, without_title

_FIELD = re.compile(r"\{\\(title|author)\s((?:[^{}\\]|\\[^{}]|\\[{}]){1,600})\}")
_MADE = re.compile(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_HEAD = 200_000
"""Characters in which what the document says of itself is looked for."""


class Rtf(Document):
    """Reads .rtf files with striprtf."""

    suffixes = (".rtf",)
    kind = "RTF document"

    def told(self, data: bytes) -> Told:
        """The fields that the document states of itself, and its text."""
        if not data.lstrip().startswith(b"{\\rtf"):
            raise SourceError("no RTF document in spite of its ending")
        if not data.rstrip(b"\0\r\n\t \x1a").endswith(b"}"):
            raise SourceError("cut short: its end is missing")
        written = data.decode("latin-1")
        head = written[:_HEAD]
        code_page = re.search(r"\\ansicpg\d{1,5}", head)
        prefix = r"{\rtf1\ansi" + (code_page[0] if code_page else "") + " "
        stated = {name: one_line(_plain(prefix + value + "}"))
                  for name, value in _FIELD.findall(head)}  # fmt: skip
        made = _MADE.search(head)
        day = f"{made[1]}-{made[2]:>02}-{made[3]:>02}" if made else ""
        text = paragraphs(_plain(written))
        record = {"title": stated.get("title", ""), "author": stated.get("author", ""), "date": day}
        return dict(record), without_title(text, record["title"])


def _plain(written: str) -> str:
    """The text of an RTF document, the halves of surrogate pairs, in which RTF writes rare characters, joined."""
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(written, errors="replace")  # type: ignore[no-untyped-call, unused-ignore]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
