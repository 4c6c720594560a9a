"""Load Word documents (.docx)."""

from io import BytesIO
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.document import Document, Told, headline, text_of
from rag.sources.formats.html import parsed, without_title
from rag.sources.formats.zip_safe import Packed, refuse_declarations, unzipped

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_OLD_WORD = b"\xd0\xcf\x11\xe0"
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".html", ".htm")
_BEFORE_XML = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
"""What may stand before the first tag: null bytes, marks of the byte order, and white space."""
_CORE = "docProps/core.xml"


class Docx(Document):
    """Reads .docx files with mammoth: headings, lists, tables and notes; neither comments nor what was deleted."""

    suffixes = (".docx", ".docm")
    kind = "Word document"

    def told(self, data: bytes) -> Told:
        """The fields that the document states of itself, and its text."""
        if data.startswith(_OLD_WORD):
            raise SourceError("protected by a password, or an old Word file; save a copy as .docx without one")
        with unzipped(data, self.file_mb) as packed:
            for name in packed.entries:
                if not name.lower().endswith(_PICTURES):  # its parts may have any name
                    refuse_declarations(_if_xml(packed.read(name)))
            record = _stated(packed)
        tree = _tree(data)
        title = record["title"] or ("" if tree is None else headline(tree))
        text = "" if tree is None else without_title(text_of(tree), title)
        return {**record, "title": title}, text


def _if_xml(data: bytes) -> bytes:
    """What a part says if it may be XML, in whatever encoding."""
    return data if data.lstrip(_BEFORE_XML).startswith(b"<") else b""


def _stated(packed: Packed) -> dict[str, str]:
    """Title, author and day of making."""
    root = packed.xml(_CORE) if _CORE in packed else None
    found = {name: "" if root is None else one_line(root.findtext(f"{{*}}{name}") or "") for name in _FIELDS}
    return {_FIELDS[name]: value for name, value in found.items()}


_FIELDS = {"title": "title", "creator": "author", "created": "date", "subject": "subject"}


def _tree(data: bytes) -> "HtmlElement | None":
    """The document as HTML, without pictures and the marks of its notes."""
    import mammoth  # type: ignore[import-untyped, unused-ignore]

    html = mammoth.convert_to_html(BytesIO(data), style_map=_STYLES, convert_image=lambda image: []).value
    tree = parsed(html)
    if tree is not None:
        for link in tree.xpath("//a[starts-with(@href, '#footnote') or starts-with(@href, '#endnote')]"):
            link.drop_tree()
    return tree
