"""Register the loaders, in the order in which they are asked."""

import os

from rag.sources.by_content import ByContent
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
from rag.sources.formats.outlook import Msg
from rag.sources.formats.pdf import Pdf
from rag.sources.formats.pptx import Pptx
from rag.sources.formats.references import References
from rag.sources.formats.rtf import Rtf
from rag.sources.formats.subtitles import Subtitles
from rag.sources.formats.tabular import Json, Table
from rag.sources.formats.text import PLAIN_SUFFIXES
from rag.sources.formats.xlsx import Xlsx
from rag.sources.web.saved_feed import SavedFeed

_LOADERS: tuple[type[FileLoader], ...] = (
    *(
        JsonLines,
        Html,
        Markdown,
        Pdf,
        Docx,
        Pptx,
        Odt,
        Epub,
        Rtf,
        Mhtml,
        Table,
        Json,
        Xlsx,
        References,
        Subtitles,
        SavedFeed,
    ),
    ByContent,
)
_MAILS: tuple[type[Eml] | type[Mbox], ...] = (Eml, Msg, Mbox)
SUFFIXES = (
    *(suffix for loader in _LOADERS for suffix in loader.suffixes),
    *(suffix for loader in _MAILS for suffix in loader.suffixes),
    *Archive.suffixes,
    *filter(None, PLAIN_SUFFIXES),
)
"""The suffixes of all files that can be read; others are read if they hold text."""


def is_export(path: str) -> bool:
    """Whether a file is an export, beside which a file may say which of its columns are which fields."""
    loader = next(loader for loader in make_file_loaders(0, 0) if loader.accepts(path))
    return os.path.isfile(path) and bool(loader.beside(path))


def make_file_loaders(limit_mb: float, file_mb: float, *, all_text: bool = False) -> tuple[FileLoader, ...]:
    """Make one loader for each kind of file; the last accepts any file. With `all_text` no text is left out."""
    limits = (limit_mb, file_mb, all_text)
    *known, text = (loader(*limits) for loader in _LOADERS)
    known += [loader(*limits, loaders=(*known, text)) for loader in _MAILS]
    return (*known, Archive(*limits, loaders=(*known, text)), text)
