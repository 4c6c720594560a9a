"""Turn what was fetched into articles: a page, or a file of a known format."""

import mimetypes
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from rag.errors import SourceError
from rag.sources.files import FileLoader, suffix_of
from rag.sources.web.bodies import articles_in
from rag.sources.web.feeds import Entry
from rag.sources.web.urls import same_article
from rag.types import Article, Failure

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched

_PAGES = ("text/html", "application/xhtml+xml")
_PAGE_ENDINGS = (".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp")
_ANYTHING = ("", "application/octet-stream", "binary/octet-stream", "application/force-download")
"""Kinds that say nothing, so that the ending of the address decides."""
_SUFFIXES = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
}


_NAME_BYTES = 100
_LONGEST_SUFFIX = 20


def document(
    fetched: "Fetched", origin: str, files: Sequence[FileLoader], apart: "Sandbox"
) -> Iterator[Article | Failure]:
    """The article of a page, or the articles of a file; SourceError for what is neither."""
    if fetched.kind in _PAGES or not (suffix := _suffix(fetched)):
        for found in articles_in(fetched, apart):
            yield replace(found, origin=origin)
        return
    if fetched.kind.partition("/")[0] in ("image", "audio", "video", "font"):
        raise SourceError(f"not an article but {fetched.kind}")
    if fetched.kind.endswith("xml"):
        raise SourceError("XML that is neither a feed nor a sitemap")
    with tempfile.TemporaryDirectory(prefix="rag-") as folder:
        name = _file_name(fetched.url)
        path = Path(folder, (name or "page") if suffix_of(name) == suffix else f"{name or 'page'}{suffix}")
        path.write_bytes(fetched.body)
        loader = next(loader for loader in files if loader.accepts(str(path)))
        for item in loader.load_as(str(path), path.name):
            yield _from_web(item, path, fetched.url, origin)


def completed(article: Article, entry: Entry) -> Article:
    """The article of a page, with what only the list says of it."""
    return replace(
        article,
        title=article.title or entry.title,
        date=article.date or entry.date,
        author=article.author or entry.author,
        source=article.source or entry.source,
    )


def article_of(entry: Entry) -> Article | None:
    """What a feed carries of an article whose page cannot be read; None where that is not the whole of it."""
    if not entry.text:
        return None
    about = {"source": entry.source, "url": entry.url, "date": entry.date, "author": entry.author}
    told = {"read from": "its feed"}
    return Article(same_article(entry.url), entry.title, entry.text, metadata=told, origin=entry.url, **about)


def _file_name(url: str) -> str:
    """The last part of an address as a file may be called: file systems count bytes, of which they allow 255."""
    name = os.path.basename(unquote(urlsplit(url).path)).replace("/", "-").replace("\0", "")
    return name.encode("utf-8", "replace")[-_NAME_BYTES:].decode("utf-8", "ignore")


def _suffix(fetched: "Fetched") -> str:
    """The ending of a file of this kind, empty for a page."""
    of_name = suffix_of(urlsplit(fetched.url).path)
    of_name = of_name if len(of_name) <= _LONGEST_SUFFIX else ""
    if fetched.kind in _ANYTHING:
        return "" if of_name in _PAGE_ENDINGS else of_name
    return _SUFFIXES.get(fetched.kind) or mimetypes.guess_extension(fetched.kind) or of_name


def _from_web(item: Article | Failure, path: Path, url: str, origin: str) -> Article | Failure:
    """An article or failure of a fetched file, named by its address."""
    if isinstance(item, Failure):
        return Failure(item.source.replace(str(path), origin), item.reason)
    alone = item.id == path.name
    return replace(item, id=same_article(url) if alone else item.id, url=item.url or url, origin=origin)
