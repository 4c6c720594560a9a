"""Load PDF files that hold text."""

import re
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import same_words
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document, Told
from rag.sources.formats.pdf_layout import Line, flowing, in_order, without_furniture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfDocument, PdfTextPage  # type: ignore[import-untyped, unused-ignore]

_NO_TITLE = re.compile(
    r"microsoft \w+ - .*|untitled.*|slide \d+|.*\.(?:docx?|indd|qxd|pptx?|xlsx?|tex|dvi|pdf|rtf|odt)", re.IGNORECASE
)
_NO_AUTHOR = {"anonymous", "unknown", "user", "admin", "administrator", "owner", "author", "root", "office", "pc"}
_MADE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_PARTED = ("\x02", "\ufffe", "\u00ad")
_PASSWORD, _SECURITY = 4, 5
_SCANNED = 20
"""Characters a page; with fewer than so many on average there is no text to speak of."""
_MOST_BOXES = 200_000
"""Stretches of text on one page."""


class Pdf(Document):
    """Reads .pdf files with PDFium; `pages` of the metadata has the offset at which each page begins."""

    suffixes = (".pdf",)
    kind = "PDF"

    def told(self, data: bytes) -> Told:
        """The fields that the file states of itself, and its text without running heads and page numbers."""
        start = data[:1024].find(b"%PDF-")
        if start < 0:
            raise SourceError("no PDF in spite of its ending")
        if b"%%EOF" not in data[-4096:]:
            raise SourceError("cut short: its end is missing")
        with _opened(data) as document:
            pages = [_lines(document, number) for number in range(len(document))]
            stated = document.get_metadata_dict()
        if sum(len(line.text) for page in pages for line in page) < _SCANNED * min(len(pages), 5):
            raise SourceError("there is no text in it, only pictures, as of a scan; give it a text layer first (OCR)")
        kept = without_furniture(pages)
        text, starts = flowing(kept)
        title = _title(one_line(stated.get("Title", "")), kept)
        text, starts = _untitled(text, starts, title)
        blank = ", ".join(str(number) for number, page in enumerate(pages, 1) if not page)
        author, made = _author(one_line(stated.get("Author", ""))), _MADE.match(stated.get("CreationDate", ""))
        record = {"title": title, "author": author, "date": "-".join(made.groups()) if made else ""}
        return {**record, "pages": ",".join(map(str, starts)), "pages without text": blank}, text


def _opened(data: bytes) -> "PdfDocument":
    """The document, to be closed; raises SourceError for one that cannot be opened."""
    try:
        import pypdfium2
    except ImportError:
        raise SourceError("PDF files need one more package: pip install 'rag-articles[documents]'") from None
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_PASSWORD, _SECURITY):
            raise SourceError("protected by a password; save a copy without one") from error
        raise SourceError("damaged, or no PDF in spite of its ending") from error


def _lines(document: "PdfDocument", number: int) -> list[Line]:
    """The lines of a page in the order of reading; raises SourceError where it is damaged."""
    import pypdfium2

    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise SourceError(f"its page {number + 1} is damaged") from error
    try:
        return in_order(_boxes(text))
    finally:
        text.close()
        page.close()


def _boxes(text: "PdfTextPage") -> list[Line]:
    """Each stretch of text on a page, with its place."""
    count = text.count_rects()
    if count > _MOST_BOXES:
        raise SourceError(f"one of its pages has more than {_MOST_BOXES:,} pieces of text")
    boxes = []
    for left, bottom, right, top in map(text.get_rect, range(count)):
        found = text.get_text_bounded(left, bottom, right, top)
        # PDFium puts a character that is none in the place of a hyphen at the end of a line.
        if words := one_line(found) + "-" * found.rstrip().endswith(_PARTED):
            boxes.append(Line(left, bottom, right, top, words))
    return boxes


def _title(stated: str, pages: "Sequence[Sequence[Line]]") -> str:
    """The title that the file states, unless it is that of another file; else the largest line of the first page."""
    if stated and not _NO_TITLE.fullmatch(stated):
        return stated
    lines = next((page for page in pages if page), ())
    largest = max(line.height for line in lines) if lines else 0.0
    usual = sorted(line.height for page in pages for line in page)
    # How high a line is depends on its letters: one without p or g is lower by a quarter.
    if not usual or largest < 1.25 * (size := usual[len(usual) // 2]):
        return ""
    found = [line.text for line in lines if line.height > max(0.72 * largest, 1.15 * size)]
    return " ".join(found) if len(found) <= 4 else ""


def _author(stated: str) -> str:
    return "" if stated.casefold() in _NO_AUTHOR or "@" in stated else stated


def _untitled(text: str, starts: list[int], title: str) -> tuple[str, list[int]]:
    """The text without a first paragraph that only repeats the title, and the pages moved with it."""
    first, gap, rest = text.partition("\n\n")
    if not rest or not same_words(first, title):
        return text, starts
    gone = len(first) + len(gap)
    return rest, [max(0, start - gone) for start in starts]
