"""Read a file or a fetched page a second time, and measure what of it is in its articles; runs in the sandbox."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from rag.errors import SourceError
from rag.sources.by_content import find_loader
from rag.sources.cleaning.encodings import decode
from rag.sources.coverage.document_lines import read_docx, read_epub, read_odt, read_pdf, read_rtf
from rag.sources.coverage.measure import SourceLine, coverage_to_json, measure
from rag.sources.coverage.office_lines import read_pptx, read_xlsx
from rag.sources.coverage.page_lines import read_page
from rag.sources.coverage.record_lines import (
    read_feed,
    read_json,
    read_mail,
    read_mailbox,
    read_outlook,
    read_saved_page,
    read_table,
)
from rag.sources.coverage.text_lines import read_markdown, read_references, read_subtitles, read_text
from rag.sources.files import LIST_SIZE_FACTOR, FileLoader
from rag.sources.formats.archive import Archive
from rag.sources.formats.html import find_declared_charset, find_saved_address
from rag.sources.formats.jsonl import unpack_lines

_TEXTS: Mapping[str, Callable[[str], Iterator[SourceLine]]] = {
    "Markdown": read_markdown,
    "ByContent": read_text,
    "Table": read_table,
    "Json": read_json,
    "SavedFeed": read_feed,
    "Subtitles": read_subtitles,
    "References": read_references,
}
_BYTES: Mapping[str, Callable[[bytes], Iterator[SourceLine]]] = {
    "Pdf": read_pdf,
    "Rtf": read_rtf,
    "Eml": read_mail,
    "Mbox": read_mailbox,
    "Msg": read_outlook,
    "Mhtml": read_saved_page,
}
_PACKED: Mapping[str, Callable[[bytes, float], Iterator[SourceLine]]] = {
    "Docx": read_docx,
    "Odt": read_odt,
    "Epub": read_epub,
    "Pptx": read_pptx,
    "Xlsx": read_xlsx,
}


def answer_measure(
    request: Mapping[str, object], body: bytes, loaders: tuple[FileLoader, ...]
) -> Iterator[dict[str, object]]:
    """Answer how many of the words of a file, an entry of an archive, or fetched pages are in articles.

    The request has a `source`, the `texts` of its articles and what is known `about` them, and for a file its `path`;
    else the body is one page or several, whose addresses, charsets and sizes in bytes are its `pages`. Raises
    SourceError and OSError.
    """
    if "path" in request:
        file_loader, data = _read_file(str(request["path"]), str(request.get("entry") or ""), loaders)
        lines = list(read_lines(file_loader, data))
    else:
        lines = list(_read_pages(request, body))
    texts = cast(list[str], request["texts"])
    found = measure(str(request["source"]), lines, texts, cast(list[str], request["about"]))
    yield {"coverage": coverage_to_json(found)}


def _read_file(path: str, entry: str, loaders: tuple[FileLoader, ...]) -> tuple[FileLoader, bytes]:
    """Read a file, or an entry of an archive, and choose its loader."""
    loader = next(loader for loader in loaders if loader.accepts(path))
    if isinstance(loader, Archive):
        return next(other for other in loaders if other.accepts(entry)), loader.read_entry(path, entry)
    loader.check(path)
    return loader, Path(path).read_bytes()


def read_lines(loader: FileLoader, data: bytes) -> Iterator[SourceLine]:
    """Read the lines of a file by the kind of its loader, independently of what that makes of them."""
    kind = type(loader).__name__
    if kind == "ByContent" and (other := find_loader(data)) is not None:
        kind = other.__name__
    if kind == "Html":
        page = decode(data, find_declared_charset(data)).text
        yield from read_page(page, find_saved_address(page))
    elif kind in _PACKED:
        yield from _PACKED[kind](data, loader.file_mb)
    elif kind in _BYTES:
        yield from _BYTES[kind](data)
    elif kind == "JsonLines":
        yield from read_json(decode(unpack_lines(data, int(LIST_SIZE_FACTOR * loader.file_mb))).text)
    elif kind in _TEXTS:
        yield from _TEXTS[kind](decode(data).text)
    else:
        raise SourceError("files of this kind have no second reading")


def _read_pages(request: Mapping[str, object], body: bytes) -> Iterator[SourceLine]:
    """Read the pages of a fetched article one after the other."""
    start = 0
    for url, charset, size in cast(list[tuple[str, str, int]], request["pages"]):
        page = body[start : start + size]
        start += size
        yield from read_page(decode(page, charset, find_declared_charset(page)).text, url)
