"""Read the XML of Word, OpenDocument and EPUB files, the text that PDFium gives, and the groups of rich text."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.sources.cleaning.encodings import decode
from rag.sources.coverage.measure import SourceLine
from rag.sources.coverage.page_lines import read_markup
from rag.sources.formats.html import find_declared_charset
from rag.sources.formats.pdf import read_raw_pages
from rag.sources.formats.zip_safe import open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_WORD_PARTS = (
    (re.compile(r"word/(?:document|footnotes|endnotes)\d*\.xml"), ""),
    (re.compile(r"word/comments\w*\.xml"), "comment"),
    (re.compile(r"word/(?:header|footer)\d*\.xml"), "running head"),
    (re.compile(r"word/(?:charts|diagrams)/\w+\.xml"), "drawing"),
)
_WORD_REASONS = {"del": "deleted", "moveFrom": "deleted", "delText": "deleted", "docPartObj": ""}
_OPEN_PARTS = (("content.xml", ""), ("styles.xml", "running head"))
_OPEN_REASONS = {
    "tracked-changes": "deleted",
    "annotation": "comment",
    "forms": "form",
    "note-citation": "note mark",
    "header": "running head",
    "footer": "running head",
}
_GAPS = {"tab": " ", "br": "\n", "cr": "\n", "s": " ", "line-break": "\n"}
_CHAPTER = re.compile(r".*\.x?html?", re.IGNORECASE)
_CONTENTS = re.compile(rb"epub:type\s*=\s*[\"'](?:toc|landmarks)[\"']")
_ITEM = re.compile(rb"<(?:\w+:)?item\b[^<>]*>")
_IS_CONTENTS = re.compile(rb"properties\s*=\s*[\"'][^\"']*\bnav\b")
_HYPHEN = re.compile("[-\x02\ufffe\u00ad][ \t]*\r?\n\\s*")
_PAGE_NUMBER = re.compile(r"(?:\w{1,8}\.? )?\d{1,4}(?:(?: of | / |/)\d{1,4})?|[ivxl]{1,7}", re.IGNORECASE)
_RTF_TOKEN = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})|\\u(?P<code>-?\d{1,6}) ?|\\(?P<word>[a-zA-Z]{1,40})(?P<number>-?\d{1,10})? ?"
    r"|\\(?P<sign>[^a-zA-Z'])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)"
)
_RTF_REASONS = {
    **dict.fromkeys(
        "fonttbl colortbl stylesheet info pict object fldinst listtable listoverridetable rsidtbl generator "
        "themedata colorschememapping datastore latentstyles xmlnstbl revtbl filetbl bkmkstart bkmkend".split(),
        None,
    ),
    **dict.fromkeys("header headerl headerr headerf footer footerl footerr footerf".split(), "running head"),
    "annotation": "comment",
}
_RTF_BREAKS = ("par", "line", "row", "sect", "page")


def read_docx(data: bytes, file_mb: float) -> Iterator[SourceLine]:
    """Read the paragraphs of all parts of a Word document."""
    with open_zip(data, file_mb) as document_zip:
        for name in document_zip.entries:
            for pattern, reason in _WORD_PARTS:
                if pattern.fullmatch(name):
                    root = document_zip.read_xml(name)
                    for fallback in list(root.iter("{*}Fallback")):  # the same once more, for older programs
                        fallback.clear()
                    yield from _read_paragraphs(root, reason, _WORD_REASONS, texts=("t", "delText"))


def read_odt(data: bytes, file_mb: float) -> Iterator[SourceLine]:
    """Read the paragraphs of an OpenDocument text, and those of its styles."""
    with open_zip(data, file_mb) as document_zip:
        for name, reason in _OPEN_PARTS:
            if name in document_zip:
                yield from _read_paragraphs(document_zip.read_xml(name), reason, _OPEN_REASONS, texts=())


def read_epub(data: bytes, file_mb: float) -> Iterator[SourceLine]:
    """Read all pages of a book; one with the table of contents is navigation, one that it does not name is left out."""
    with open_zip(data, file_mb) as document_zip:
        packages = [document_zip.read(name) for name in document_zip.entries if name.endswith(".opf")]
        items = [item[0] for package in packages for item in _ITEM.finditer(package)]
        named = b" ".join(items)
        contents = b" ".join(item for item in items if _IS_CONTENTS.search(item))
        for name in filter(_CHAPTER.fullmatch, document_zip.entries):
            chapter = document_zip.read(name)
            file = name.rpartition("/")[2].encode()
            is_contents = _CONTENTS.search(chapter) or file in contents
            reason = "navigation" if is_contents else "" if file in named else "no chapter"
            for line in read_markup(decode(chapter, find_declared_charset(chapter)).text):
                yield SourceLine(line.text, reason)


def read_pdf(data: bytes) -> Iterator[SourceLine]:
    """Read the lines of a PDF as PDFium gives them; what stands at the edge of several pages is a running head."""
    pages = [_HYPHEN.sub("-\n", text) for text in read_raw_pages(data)]
    split = [[line for line in re.split(r"(?<!-)\r?\n", page) if line.strip()] for page in pages]
    edges = Counter(shape for lines in split for shape in {_shape(line) for line in (*lines[:2], *lines[-2:])})
    for lines in split:
        for line in lines:
            is_head = len(split) > 1 and edges[_shape(line)] > 1
            reason = "page number" if _PAGE_NUMBER.fullmatch(line.strip()) else "running head" * is_head
            yield SourceLine(line, reason)


def read_rtf(data: bytes) -> Iterator[SourceLine]:
    """Read the text of rich text, group by group."""
    written = data.decode("latin-1")
    page = re.search(r"\\ansicpg(\d{1,5})", written)
    encoding = f"cp{page[1]}" if page and page[1] not in ("0", "65001") else "cp1252"
    reasons: list[str | None] = [""]
    pieces: dict[str, list[str]] = {}
    skipped = 0
    for token in _RTF_TOKEN.finditer(written):
        piece = ""
        if token["brace"] == "{":
            reasons.append(reasons[-1])
        elif token["brace"]:
            reasons = reasons[:-1] or [""]
        elif token["word"] in _RTF_REASONS:
            reasons[-1] = _RTF_REASONS[token["word"]] if reasons[-1] == "" else reasons[-1]
        elif token["word"] == "deleted" and token["number"] != "0":
            reasons[-1] = "deleted"
        elif token["word"] or token["sign"]:
            piece = _rtf_gap(token["word"] or token["sign"])
            reasons[-1] = None if token["sign"] == "*" else reasons[-1]
        elif token["code"]:
            piece = chr(int(token["code"]) % 65_536)
            skipped = 1
        elif skipped and (token["byte"] or token["text"]):  # what stands for the character in old programs
            piece = (token["text"] or "")[1:]
            skipped = 0
        else:
            byte = bytes.fromhex(token["byte"] or "").decode(encoding, "replace")
            piece = byte or token["text"] or ""
        if piece and reasons[-1] is not None:
            pieces.setdefault(reasons[-1], []).append(piece)
    for reason, found in pieces.items():
        text = "".join(found).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield from (SourceLine(line, reason) for line in text.split("\n"))


def _rtf_gap(word: str) -> str:
    """Return what a control word of rich text puts into the text."""
    if word in _RTF_BREAKS or word == "\n":
        return "\n"
    return " " if word in ("tab", "cell", "~") else word if word in ("{", "}", "\\") else ""


def _shape(line: str) -> str:
    """Return a line with its numbers alike."""
    return re.sub(r"\d+", "0", line.strip())


def _read_paragraphs(
    root: "Element", reason: str, reasons: dict[str, str], *, texts: tuple[str, ...]
) -> Iterator[SourceLine]:
    """Read the text nodes of XML, a line for each paragraph; only those of some elements, where these are named."""
    pieces: dict[tuple[Element | None, str], list[str]] = {}
    stack: list[tuple[Element, Element | None, str, bool]] = [(root, None, reason, False)]
    while stack:
        node, paragraph, why, is_tail = stack.pop()
        key = (paragraph, why)
        if is_tail:
            pieces.setdefault(key, []).append(node.tail or "")
            continue
        if node.tail and not texts and paragraph is not None:
            stack.append((node, paragraph, why, True))
        name = str(node.tag).rpartition("}")[2]
        why = reasons.get(name) or why
        paragraph = node if name in ("p", "h") else paragraph
        gap = _GAPS.get(name, "")
        is_text = name in texts if texts else paragraph is not None
        if gap or (is_text and node.text):
            pieces.setdefault((paragraph, why), []).append(gap + (node.text or "") * is_text)
        stack += [(child, paragraph, why, False) for child in reversed(node)]
    for (_, why), found in pieces.items():
        yield SourceLine("".join(found), why)
