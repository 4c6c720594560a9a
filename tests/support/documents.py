"""Documents of every kind that is read, made small and whole for the tests."""

import base64
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap

from tests.support import office_documents, outlook

FIRST = "The lock gates of the old canal were opened again on Tuesday, and forty boats went through before noon."
SECOND = "Nobody had expected so many of them, the mayor said in the evening, and the harbour stayed open for a month."
THIRD = "The council of Aldwick will decide in May whether the well-known ferry returns to its former landing."

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
    "</Relationships>"
)


def zipped(entries: Mapping[str, str | bytes], stored: Sequence[str] = ()) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(entries: Mapping[str, bytes | tarfile.TarInfo], pack: Callable[[bytes], bytes] = bytes) -> bytes:
    """A tar file, packed by `pack`; an entry may be a link or device instead of the bytes of a file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in entries.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return pack(out.getvalue())


def pdf(
    pages: Sequence[Sequence[str]],
    title: str = "",
    author: str = "",
    head: str = "",
    heading: str = "",
    width: int = 90,
    password: str = "",
) -> bytes:
    """A PDF with paragraphs on pages; each is wrapped, and set off from the next by an empty line."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, encrypt=password or None, invariant=1)
    sheet.setTitle(title or "untitled")
    sheet.setAuthor(author or "anonymous")
    for number, paragraphs in enumerate(pages, 1):
        if head:
            sheet.setFont("Helvetica", 8)
            sheet.drawString(60, 815, head)
            sheet.drawString(290, 25, f"Page {number}")
        row = 760.0
        if heading and number == 1:
            sheet.setFont("Times-Bold", 20)
            sheet.drawString(60, row, heading)
            row -= 36
        sheet.setFont("Times-Roman", 10)
        for paragraph in paragraphs:
            for line in paragraph.split("\n") if "\n" in paragraph else wrap(paragraph, width):
                sheet.drawString(60, row, line)
                row -= 12
            row -= 12
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def two_columns(left: Sequence[str], right: Sequence[str], heading: str, by_rows: bool) -> bytes:
    """A page in two columns of lines; with `by_rows` the file has a line of each in turn, as some programs write it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=1)
    sheet.setFont("Times-Bold", 20)
    sheet.drawString(60, 780, heading)
    sheet.setFont("Times-Roman", 10)
    placed = [(60, 740 - 12 * row, line) for row, line in enumerate(left)]
    placed += [(310, 740 - 12 * row, line) for row, line in enumerate(right)]
    if by_rows:
        placed.sort(key=lambda one: (-one[1], one[0]))
    for across, up, line in placed:
        sheet.drawString(across, up, line)
    sheet.save()
    return out.getvalue()


def scan() -> bytes:
    """A PDF whose page is nothing but a picture."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    sheet.drawImage(ImageReader(Image.new("L", (40, 40), 200)), 50, 50, 400, 600)
    sheet.save()
    return out.getvalue()


def docx(body: str = "", title: str = "", extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """A Word document with a heading, two paragraphs, a table, what was deleted, and a note."""
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:creator>Ann Lee</dc:creator>"
        "<dcterms:created>2024-01-05T10:00:00Z</dcterms:created></cp:coreProperties>"
    )
    body = body or (
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Canal open</w:t></w:r></w:p>'
        f"{_paragraph(FIRST)}<w:p><w:r><w:t>{SECOND}</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r>"
        "<w:del><w:r><w:delText>DELETED</w:delText></w:r></w:del></w:p>"
        f"<w:tbl><w:tr><w:tc>{_paragraph('gate')}</w:tc><w:tc>{_paragraph('boats')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{_paragraph('up')}</w:tc><w:tc>{_paragraph('40')}</w:tc></w:tr></w:tbl>"
    )
    note = f'<w:footnotes {_W}><w:footnote w:id="2">{_paragraph("As the paper wrote then.")}</w:footnote></w:footnotes>'
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(
            f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/_rels/document.xml.rels": _RELATIONS.format(
            f'<Relationship Id="r2" Type="{_OFFICE}/footnotes" Target="footnotes.xml"/>'
        ),
        "word/document.xml": f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>',
        "word/footnotes.xml": note,
        "docProps/core.xml": core,
    }
    return zipped(entries | dict(extra or {}))


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def odt(body: str = "", extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument text with a heading, two paragraphs, a list, a table and a comment."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    body = body or (
        "<text:tracked-changes><text:p>DELETED</text:p></text:tracked-changes>"
        f"<text:h>Canal open</text:h><text:p>{FIRST}<office:annotation><text:p>COMMENT</text:p></office:annotation>"
        f"</text:p><text:p>{SECOND}</text:p><text:list><text:list-item><text:p>one<text:s/>item</text:p>"
        "</text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>up</text:p>"
        "</table:table-cell><table:table-cell><text:p>40</text:p></table:table-cell></table:table-row></table:table>"
    )
    meta = (
        f'<office:document-meta {names} xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><meta:initial-creator>Ann Lee'
        "</meta:initial-creator><meta:creation-date>2024-01-05T10:00:00</meta:creation-date></office:meta>"
        "</office:document-meta>"
    )
    entries: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {names}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "meta.xml": meta,
        "META-INF/manifest.xml": "<manifest/>",
    }
    return zipped(entries | dict(extra or {}), stored=["mimetype"])


def epub(chapters: Sequence[str] = (FIRST, SECOND), extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """A book with a table of contents and chapters."""
    items = "".join(
        f'<item id="c{place}" href="text/c{place}.xhtml" media-type="application/xhtml+xml"/>'
        for place in range(len(chapters))
    )
    references = "".join(f'<itemref idref="c{place}"/>' for place in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The canal</dc:title><dc:creator>Ann Lee</dc:creator><dc:creator>Jan Doe</dc:creator>"
        "<dc:date>2024-01-05</dc:date><dc:publisher>Canal Press</dc:publisher></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'{items}</manifest><spine><itemref idref="nav"/>{references}</spine></package>'
    )
    entries: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": package,
        "OPS/nav.xhtml": "<html><body><nav>CONTENTS</nav></body></html>",
    }
    for place, text in enumerate(chapters):
        entries[f"OPS/text/c{place}.xhtml"] = (
            '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>The canal</title></head><body>'
            f"<h1>Chapter {place + 1}</h1><p>{text}</p></body></html>"
        )
    return zipped(entries | dict(extra or {}), stored=["mimetype"])


def rtf(text: str = FIRST) -> bytes:
    """A rich text with a title, an author, and letters that are spelled out."""
    head = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\info{\title Canal open}{\author Ann Lee}"
    head += r"{\creatim\yr2024\mo1\dy5}}\f0 "
    return (head + text + r"\par " + SECOND + r" Caf\'e9 \u8364? \u-10179?\u-8704?.\par}").encode("ascii")


def page(text: str = FIRST) -> str:
    """A web page with an article in it."""
    return (
        '<html><head><title>Canal open</title><meta name="author" content="Ann Lee">'
        '<meta property="article:published_time" content="2024-01-05"></head><body><nav>MENU</nav><article>'
        f"<h1>Canal open</h1><p>{text}</p><p>{SECOND}</p></article></body></html>"
    )


def mhtml() -> bytes:
    """A web page as a browser saves it in one file."""
    body = base64.encodebytes(page().encode()).decode()
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/canal\r\nSubject: Canal open\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: https://example.org/canal\r\n\r\n{body}\r\n--b\r\nContent-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n"
    ).encode()


def eml(plain: str = "", html: str = "", headers: str = "", attached: str = "") -> bytes:
    """An e-mail with one or two texts and perhaps an attachment."""
    parts = [("text/plain", plain)] if plain else []
    parts += [("text/html", html)] if html else []
    written = "".join(f"--b\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}\r\n" for kind, text in parts)
    if attached:
        written += (
            f'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{attached}"\r\n\r\n'
        )
    return (
        "From: Ann Lee <ann@example.org>\r\nTo: Jan <jan@example.org>\r\nSubject: =?utf-8?q?Canal_=C3=B6ffnet?=\r\n"
        f"Date: Fri, 05 Jan 2024 10:00:00 +0100\r\nMessage-ID: <one@example.org>\r\n{headers}MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="b"\r\n\r\n{written}--b--\r\n'
    ).encode()


def mbox(texts: Sequence[str]) -> bytes:
    """A mailbox with a message for each text."""
    return "".join(
        f"From ann@example.org Fri Jan  5 10:00:00 2024\nFrom: Ann Lee <ann@example.org>\nSubject: Canal {place}\n"
        f"Date: Fri, 05 Jan 2024 10:00:00 +0100\nMessage-ID: <{place}@example.org>\n\n{text}\n\n"
        for place, text in enumerate(texts)
    ).encode()


def csv() -> bytes:
    """A table with two articles."""
    return (
        f'ID,Headline,Body,Published,Desk\n7,Canal open,"{FIRST}",2024-01-05,Local\n8,Ferry,"{THIRD}",,City\n'.encode()
    )


def export() -> bytes:
    """A JSON export as a content system makes it."""
    posts = [
        {"id": place, "title": {"rendered": f"Canal {place}"}, "content": {"rendered": f"<p>{text}</p><p>{SECOND}</p>"}}
        for place, text in enumerate((FIRST, THIRD))
    ]
    return json.dumps({"found": 2, "posts": posts}).encode()


def xlsx() -> bytes:
    """A spreadsheet with a sheet of articles and one of data."""
    return zipped(
        office_documents.xlsx_parts(
            {
                "News": office_documents.rows([["title", "text"], ["Canal open", FIRST], ["Ferry", SECOND]]),
                "Data": office_documents.rows([["gate", "boats"], ["upper", 40], ["lower", 12]]),
            }
        )
    )


def pptx() -> bytes:
    """Slides with a title, points, a table and notes."""
    first = office_documents.shape(["Canal open"], "ctrTitle") + office_documents.shape([FIRST, SECOND])
    table = office_documents.slide_table([["gate", "boats"], ["upper", "40"]])
    return zipped(office_documents.pptx_parts([first, table], notes=THIRD))


WHOLE = {
    "pdf": pdf([[FIRST, SECOND], [THIRD]], "Canal open", "Ann Lee"),
    "docx": docx(),
    "xlsx": xlsx(),
    "pptx": pptx(),
    "odt": odt(),
    "epub": epub(),
    "rtf": rtf(),
    "mhtml": mhtml(),
    "eml": eml(FIRST),
    "mbox": mbox([FIRST, SECOND]),
    "msg": outlook.compound(
        outlook.message("Canal", FIRST, attached=[outlook.attached_file("plan.txt", SECOND.encode(), "text/plain")])
    ),
    "csv": csv(),
    "json": export(),
    "html": page().encode(),
    "zip": zipped({"a/one.txt": FIRST, "two.md": f"# Two\n\n{SECOND}", "three.html": page(THIRD)}),
}
"""A good file of each kind."""
