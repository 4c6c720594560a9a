"""The kinds of files that can be read, in the order in which their loaders are asked."""

from rag.sources.archive import Archive
from rag.sources.docx import Docx
from rag.sources.epub import Epub
from rag.sources.exports import Json, Table
from rag.sources.files import FileLoader
from rag.sources.html import Html
from rag.sources.jsonl import JsonLines
from rag.sources.mail import Eml, Mbox
from rag.sources.markdown import Markdown
from rag.sources.mhtml import Mhtml
from rag.sources.odt import Odt
from rag.sources.pdf import Pdf
from rag.sources.rtf import Rtf
from rag.sources.text import PLAIN, Text

_KINDS: tuple[type[FileLoader], ...] = (
    *(JsonLines, Html, Markdown, Pdf, Docx, Odt, Epub, Rtf, Mhtml, Eml, Mbox, Table, Json),
    Text,
)
SUFFIXES = (*(suffix for kind in _KINDS for suffix in kind.suffixes), *Archive.suffixes, *filter(None, PLAIN))
"""The endings of all files that can be read; others are if they hold text."""


def files(limit_mb: float, file_mb: float) -> tuple[FileLoader, ...]:
    """One loader for each kind of file; the last takes anything."""
    *known, text = (kind(limit_mb, file_mb) for kind in _KINDS)
    return (*known, Archive(limit_mb, file_mb, loaders=(*known, text)), text)
