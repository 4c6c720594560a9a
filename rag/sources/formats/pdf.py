"""Load PDF files that hold text."""

import re
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document
from rag.sources.formats.pdf_layout import FlowingText, order_lines, reflow, strip_running_heads
from rag.sources.formats.pdf_lines import Line
from rag.sources.formats.records import ParsedDocument
from rag.structure import STRUCTURE, StructuredText, write_structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfDocument, PdfTextPage  # type: ignore[import-untyped, unused-ignore]

_FILE_TITLE = re.compile(
    r"microsoft \w+ - .*|untitled.*|slide \d+|.*\.(?:docx?|indd|qxd|pptx?|xlsx?|tex|dvi|pdf|rtf|odt)", re.IGNORECASE
)
_PLACEHOLDER_AUTHORS = {
    "anonymous",
    "unknown",
    "user",
    "admin",
    "administrator",
    "owner",
    "author",
    "root",
    "office",
    "pc",
}
_PUBLISHED = re.compile(rb"prism:(?:publicationDate|coverDate)(?:>|=[\"'])\s*(\d{4}-\d\d-\d\d)")
_HYPHEN_CODES = ("\x02", "\ufffe", "\u00ad")
_PASSWORD_ERRORS = (4, 5)
"""Error codes of PDFium: a password is needed, or the kind of protection is unknown."""
_MIN_PAGE_CHARS = 20
"""Characters a page; with fewer than so many on average there is no text to speak of."""
_MAX_BOXES = 200_000
"""Stretches of text on one page."""


class Pdf(Document):
    """Loads .pdf files with PDFium; `pages` of the metadata has the offset at which each page begins."""

    suffixes = (".pdf",)
    kind = "PDF"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the fields that the file states of itself, and its text without running heads and page numbers."""
        start = data[:1024].find(b"%PDF-")
        if start < 0:
            raise SourceError("no PDF in spite of its ending")
        if b"%%EOF" not in data[-4096:]:
            raise SourceError("cut short: its end is missing")
        with _open_document(data) as document:
            pages = [_read_page_lines(document, number) for number in range(len(document))]
            stated = document.get_metadata_dict()
        if sum(len(line.text) for page in pages for line in page) < _MIN_PAGE_CHARS * min(len(pages), 5):
            raise SourceError("there is no text in it, only pictures, as of a scan; give it a text layer first (OCR)")
        kept = strip_running_heads(pages)
        title = _choose_title(one_line(stated.get("Title", "")), kept)
        text, starts, blocks = _strip_title(reflow(kept), title)
        blank = ", ".join(str(number) for number, page in enumerate(pages, 1) if not page)
        author = _clean_author(one_line(stated.get("Author", "")))
        fields = {"title": title, "author": author, "date": _find_stated_day(data)}
        structure = write_structure(blocks, len(text))
        found = {"pages": ",".join(map(str, starts)), "pages without text": blank, STRUCTURE: structure}
        return ParsedDocument({**fields, **found}, text)


def read_raw_pages(data: bytes) -> list[str]:
    """Read the text of each page as PDFium gives it, in no order but that of the file."""
    import pypdfium2

    pages = []
    with _open_document(data) as document:
        for number in range(len(document)):
            try:
                page = document[number]
                text = page.get_textpage()
            except pypdfium2.PdfiumError as error:
                raise SourceError(f"its page {number + 1} is damaged") from error
            pages.append(text.get_text_range())
            text.close()
            page.close()
    return pages


def _open_document(data: bytes) -> "PdfDocument":
    """Open a PDF, which the caller closes; raises SourceError for one that cannot be opened."""
    try:
        import pypdfium2
    except ImportError:
        raise SourceError("PDF files need one more package: pip install 'rag-articles[documents]'") from None
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise SourceError("protected by a password; save a copy without one") from error
        raise SourceError("damaged, or no PDF in spite of its ending") from error


def _read_page_lines(document: "PdfDocument", number: int) -> list[Line]:
    """Read the lines of a page in the order of reading; raises SourceError where it is damaged."""
    import pypdfium2

    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise SourceError(f"its page {number + 1} is damaged") from error
    try:
        return order_lines(_read_boxes(text))
    finally:
        text.close()
        page.close()


def _read_boxes(text: "PdfTextPage") -> list[Line]:
    """Read each stretch of text on a page, with its position."""
    count = text.count_rects()
    if count > _MAX_BOXES:
        raise SourceError(f"one of its pages has more than {_MAX_BOXES:,} pieces of text")
    boxes = []
    for left, bottom, right, top in map(text.get_rect, range(count)):
        box_text = text.get_text_bounded(left, bottom, right, top)
        # PDFium puts a character that is none in the place of a hyphen at the end of a line.
        if words := one_line(box_text) + "-" * box_text.rstrip().endswith(_HYPHEN_CODES):
            boxes.append(Line(left, bottom, right, top, words))
    return boxes


def _choose_title(stated: str, pages: "Sequence[Sequence[Line]]") -> str:
    """Return the stated title, or the largest lines of the first page with text if it is empty or a mere file name.

    An empty string is returned where these are not clearly larger than most lines, or more than four.
    """
    if stated and not _FILE_TITLE.fullmatch(stated):
        return stated
    lines = next((page for page in pages if page), ())
    largest = max(line.height for line in lines) if lines else 0.0
    heights = sorted(line.height for page in pages for line in page)
    # How high a line is depends on its letters: one without p or g is lower by a quarter.
    if not heights or largest < 1.25 * (size := heights[len(heights) // 2]):
        return ""
    title_lines = [line.text for line in lines if line.height > max(0.72 * largest, 1.15 * size)]
    return " ".join(title_lines) if len(title_lines) <= 4 else ""


def _find_stated_day(data: bytes) -> str:
    """Return the day of publication that a publisher has written into the file; the day it was made is another."""
    stated = _PUBLISHED.search(data)
    return stated[1].decode("ascii", "replace") if stated else ""


def _clean_author(stated: str) -> str:
    """Return the stated author, unless it is a placeholder or an e-mail address."""
    return "" if stated.casefold() in _PLACEHOLDER_AUTHORS or "@" in stated else stated


def _strip_title(flow: FlowingText, title: str) -> FlowingText:
    """Strip a first paragraph that only repeats the title, and move the starts of the pages with it."""
    first, gap, rest = flow.text.partition("\n\n")
    if not rest or not has_same_words(first, title):
        return flow
    removed = len(first) + len(gap)
    blocks = StructuredText(flow.text, flow.blocks).cut_start(removed).blocks
    return FlowingText(rest, [max(0, start - removed) for start in flow.page_starts], blocks)
