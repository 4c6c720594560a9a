"""Load Word documents (.docx)."""

from io import BytesIO
from typing import TYPE_CHECKING

from rag.sources.formats.document import Document, first_heading
from rag.sources.formats.html import parse_html
from rag.sources.formats.html_text import write_html
from rag.sources.formats.office_package import open_package, read_core_properties
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.text_builder import strip_repeated_heading
from rag.sources.formats.xml_safe import refuse_doctype
from rag.structure import STRUCTURE, StructuredText

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_STYLE_MAP = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_PICTURE_SUFFIXES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".html", ".htm")
_BEFORE_XML = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
"""What may stand before the first tag: null bytes, marks of the byte order, and white space."""


class Docx(Document):
    """Loads .docx files with mammoth: headings, lists, tables and notes; neither comments nor what was deleted."""

    suffixes = (".docx", ".docm")
    kind = "Word document"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the core properties and the text of a document."""
        with open_package(data, self.file_mb, "Word", ".docx") as document_zip:
            for name in document_zip.entries:
                if not name.lower().endswith(_PICTURE_SUFFIXES):  # its parts may have any name
                    refuse_doctype(_xml_or_nothing(document_zip.read(name)))
            properties = read_core_properties(document_zip)
        tree = _convert_to_html(data)
        title = properties["title"] or ("" if tree is None else first_heading(tree))
        text = StructuredText("") if tree is None else strip_repeated_heading(write_html(tree), title)
        return ParsedDocument({**properties, "title": title, STRUCTURE: text.written}, text.text)


def _xml_or_nothing(data: bytes) -> bytes:
    """Return the bytes of a part of the file if they begin like XML, else empty bytes."""
    return data if data.lstrip(_BEFORE_XML).startswith(b"<") else b""


def _convert_to_html(data: bytes) -> "HtmlElement | None":
    """Convert the document to HTML, without pictures and the marks of its notes."""
    import mammoth  # type: ignore[import-untyped, unused-ignore]

    html = mammoth.convert_to_html(BytesIO(data), style_map=_STYLE_MAP, convert_image=lambda image: []).value
    tree = parse_html(html)
    if tree is not None:
        for link in tree.xpath("//a[starts-with(@href, '#footnote') or starts-with(@href, '#endnote')]"):
            link.drop_tree()
    return tree
