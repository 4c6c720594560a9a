"""Parse what was fetched into articles: a page, or a file of a known format."""

import mimetypes
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from rag.errors import SourceError
from rag.sources.files import FileLoader, suffix_of
from rag.sources.web.bodies import parse_page_in_sandbox
from rag.sources.web.feeds import Entry
from rag.sources.web.joined_pages import join_pages
from rag.sources.web.urls import article_id
from rag.text.dates import DATE_NOTE
from rag.types import Article, Failure

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched

_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp")
_GENERIC_TYPES = ("", "application/octet-stream", "binary/octet-stream", "application/force-download")
"""Kinds that say nothing, so that the ending of the address decides."""
_SUFFIX_BY_TYPE = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/srt": ".srt",
    "application/x-subrip": ".srt",
    "text/srt": ".srt",
}


_MAX_NAME_BYTES = 100
_MAX_SUFFIX_CHARS = 20


def parse_document(
    fetched: "Fetched",
    origin: str,
    *,
    loaders: Sequence[FileLoader],
    sandbox: "Sandbox",
    fetch: "Callable[[str], Fetched]",
) -> Iterator[Article | Failure]:
    """Parse a fetched page or file into articles; `fetch` fetches further pages of an article.

    Raises SourceError for a page without an article, for images, sound, video and fonts, and for other XML.
    """
    if fetched.kind in _PAGE_TYPES or not (suffix := _file_suffix(fetched, loaders)):
        page = parse_page_in_sandbox(fetched, sandbox)
        follows = page.next_page and len(page.articles) == 1
        items = join_pages(page, fetched.url, fetch=fetch, sandbox=sandbox) if follows else iter(page.articles)
        for item in items:
            yield replace(item, origin=origin) if isinstance(item, Article) else item
        return
    if fetched.kind.partition("/")[0] in ("image", "audio", "video", "font"):
        raise SourceError(f"not an article but {fetched.kind}")
    if fetched.kind.endswith("xml"):
        raise SourceError("XML that is neither a feed nor a sitemap")
    with tempfile.TemporaryDirectory(prefix="rag-") as folder:
        name = _file_name(fetched.url)
        path = Path(folder, (name or "page") if suffix_of(name) == suffix else f"{name or 'page'}{suffix}")
        path.write_bytes(fetched.body)
        loader = next(loader for loader in loaders if loader.accepts(str(path)))
        for item in loader.load_as(str(path), path.name):
            yield _name_by_address(item, path, url=fetched.url, origin=origin)


def complete_from_entry(article: Article, entry: Entry) -> Article:
    """Complete the article of a page with what only the list says of it."""
    metadata = dict(article.metadata)
    is_unsure = bool(metadata.pop(DATE_NOTE, "")) and bool(entry.date)
    return replace(
        article,
        title=article.title or entry.title,
        date=entry.date if is_unsure else article.date or entry.date,
        metadata=metadata if is_unsure else article.metadata,
        author=article.author or entry.author,
        source=article.source or entry.source,
    )


def complete_transcript(article: Article, entry: Entry) -> Article:
    """Give the transcript of a recording what the list says of it; its address is that of the recording."""
    return replace(
        article,
        title=entry.title or article.title,
        date=entry.date or article.date,
        author=article.author or entry.author,
        source=entry.source or article.source,
        url=entry.media or entry.url,
    )


def article_from_entry(entry: Entry) -> Article | None:
    """Make the article that a feed carries in full, for want of a page that can be read; None where it has less."""
    if not entry.text:
        return None
    about = {"source": entry.source, "url": entry.url, "date": entry.date, "author": entry.author}
    metadata = {"read from": "its feed"}
    return Article(entry.id, entry.title, entry.text, metadata=metadata, origin=entry.url, **about)


def _file_name(url: str) -> str:
    """Make a file name of the last 100 bytes of the last part of an address; file systems allow 255 bytes."""
    name = os.path.basename(unquote(urlsplit(url).path)).replace("/", "-").replace("\0", "")
    return name.encode("utf-8", "replace")[-_MAX_NAME_BYTES:].decode("utf-8", "ignore")


def _file_suffix(fetched: "Fetched", loaders: Sequence[FileLoader]) -> str:
    """Return the suffix for a fetched file, by its media type or else its address; empty for a page or if unknown.

    Servers send many files as plain text, so there the address decides where it has the suffix of a known format.
    """
    url_suffix = suffix_of(urlsplit(fetched.url).path)
    url_suffix = url_suffix if len(url_suffix) <= _MAX_SUFFIX_CHARS else ""
    # The last loader accepts any file.
    is_known = url_suffix not in _PAGE_SUFFIXES and any(loader.accepts(url_suffix) for loader in loaders[:-1])
    if fetched.kind == "text/plain" and is_known:
        return url_suffix
    if fetched.kind in _GENERIC_TYPES:
        return "" if url_suffix in _PAGE_SUFFIXES else url_suffix
    return _SUFFIX_BY_TYPE.get(fetched.kind) or mimetypes.guess_extension(fetched.kind) or url_suffix


def _name_by_address(item: Article | Failure, path: Path, *, url: str, origin: str) -> Article | Failure:
    """Name an article or failure of a fetched file by its address; an id other than the name of the file is kept."""
    if isinstance(item, Failure):
        return Failure(item.source.replace(str(path), origin), item.reason)
    is_only_article = item.id == path.name
    return replace(item, id=article_id(url) if is_only_article else item.id, url=item.url or url, origin=origin)
