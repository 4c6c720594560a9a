"""Register the loaders, in the order in which they are asked."""

from rag.sources.files import FileLoader
from rag.sources.formats.archive import Archive
from rag.sources.formats.docx import Docx
from rag.sources.formats.epub import Epub
from rag.sources.formats.html import Html
from rag.sources.formats.jsonl import JsonLines
from rag.sources.formats.mail import Eml, Mbox
from rag.sources.formats.markdown import Markdown
from rag.sources.formats.mhtml import Mhtml
from rag.sources.formats.odt import Odt
from rag.sources.formats.pdf import Pdf
from rag.sources.formats.rtf import Rtf
from rag.sources.formats.tabular import Json, Table
from rag.sources.formats.text import PLAIN_SUFFIXES, Text

_KINDS: tuple[type[FileLoader], ...] = (
    *(JsonLines, Html, Markdown, Pdf, Docx, Odt, Epub, Rtf, Mhtml, Eml, Mbox, Table, Json),
    Text,
)
SUFFIXES = (*(suffix for kind in _KINDS for suffix in kind.suffixes), *Archive.suffixes, *filter(None, PLAIN_SUFFIXES))
"""The endings of all files that can be read; others are if they hold text."""


def files(limit_mb: float, file_mb: float) -> tuple[FileLoader, ...]:
    """One loader for each kind of file; the last takes anything."""
    *known, text = (kind(limit_mb, file_mb) for kind in _KINDS)
    return (*known, Archive(limit_mb, file_mb, loaders=(*known, text)), text)
