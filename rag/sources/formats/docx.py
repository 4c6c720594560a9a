"""Load Word documents (.docx)."""

from io import BytesIO
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document, first_heading
from rag.sources.formats.html import parse_html
from rag.sources.formats.html_text import write_html
from rag.sources.formats.records import ParsedDocument
from rag.sources.formats.text_builder import strip_repeated_heading
from rag.sources.formats.xml_safe import refuse_doctype
from rag.sources.formats.zip_safe import SafeZip, open_zip
from rag.structure import STRUCTURE, StructuredText

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_OLD_WORD = b"\xd0\xcf\x11\xe0"
_STYLE_MAP = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_PICTURE_SUFFIXES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".html", ".htm")
_BEFORE_XML = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
"""What may stand before the first tag: null bytes, marks of the byte order, and white space."""
_CORE_PROPERTIES = "docProps/core.xml"


class Docx(Document):
    """Loads .docx files with mammoth: headings, lists, tables and notes; neither comments nor what was deleted."""

    suffixes = (".docx", ".docm")
    kind = "Word document"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the core properties and the text of a document."""
        if data.startswith(_OLD_WORD):
            raise SourceError("protected by a password, or an old Word file; save a copy as .docx without one")
        with open_zip(data, self.file_mb) as document_zip:
            for name in document_zip.entries:
                if not name.lower().endswith(_PICTURE_SUFFIXES):  # its parts may have any name
                    refuse_doctype(_xml_or_nothing(document_zip.read(name)))
            properties = _read_core_properties(document_zip)
        tree = _convert_to_html(data)
        title = properties["title"] or ("" if tree is None else first_heading(tree))
        text = StructuredText("") if tree is None else strip_repeated_heading(write_html(tree), title)
        return ParsedDocument({**properties, "title": title, STRUCTURE: text.written}, text.text)


def _xml_or_nothing(data: bytes) -> bytes:
    """Return the bytes of a part of the file if they begin like XML, else empty bytes."""
    return data if data.lstrip(_BEFORE_XML).startswith(b"<") else b""


def _read_core_properties(document_zip: SafeZip) -> dict[str, str]:
    """Read title, author and subject; the day the file or its template was made says nothing of the text."""
    root = document_zip.read_xml(_CORE_PROPERTIES) if _CORE_PROPERTIES in document_zip else None
    values = {name: "" if root is None else one_line(root.findtext(f"{{*}}{name}") or "") for name in _FIELDS}
    return {_FIELDS[name]: value for name, value in values.items()}


_FIELDS = {"title": "title", "creator": "author", "subject": "subject"}


def _convert_to_html(data: bytes) -> "HtmlElement | None":
    """Convert the document to HTML, without pictures and the marks of its notes."""
    import mammoth  # type: ignore[import-untyped, unused-ignore]

    html = mammoth.convert_to_html(BytesIO(data), style_map=_STYLE_MAP, convert_image=lambda image: []).value
    tree = parse_html(html)
    if tree is not None:
        for link in tree.xpath("//a[starts-with(@href, '#footnote') or starts-with(@href, '#endnote')]"):
            link.drop_tree()
    return tree
