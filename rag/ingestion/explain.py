"""Explain what of sources is read: how many of their visible words reach the articles, and what is left out."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rag.errors import SourceError
from rag.ingestion.source_names import Sources, as_sources
from rag.settings import Settings
from rag.sources import Sandbox, is_address, load
from rag.sources.coverage.measure import Coverage, LeftOutWords, coverage_from_json
from rag.sources.formats.column_guess import COLUMNS_NOTE
from rag.sources.sandbox import Message
from rag.sources.web import WebLoader
from rag.structure import STRUCTURE
from rag.time_codes import TIMES
from rag.types import Article, Failure

__all__ = ["Coverage", "LeftOutWords", "explain"]

_PLACES = (STRUCTURE, TIMES, "pages", COLUMNS_NOTE)
"""Metadata that is nothing which the source says: offsets of its text, and how it was read."""


def explain(
    sources: Sources, settings: Settings | None = None, since: str = "", *, limit: int = 0
) -> Iterator[Coverage | Failure]:
    """Read sources as a sync does, and yield for each file or page how many of its visible words are in its articles.

    Each is read a second time, independently of its loader, in the sandbox. A Failure names what cannot be read or
    measured, and what is left out as no article. Nothing is written, and no index is needed.

    >>> from pathlib import Path
    >>> from rag import explain
    >>> _ = Path("bridge.txt").write_text("The old bridge closed on Friday.")
    >>> [(coverage.read, coverage.words) for coverage in explain("bridge.txt")]
    [(6, 6)]
    """
    settings = settings or Settings.load()
    limits = (settings.max_file_mb, settings.parser_seconds, settings.parser_memory_mb)
    # Two processes: the one that reads may still have articles of a file to give when the other measures those before.
    with (
        WebLoader.from_settings(settings) as web,
        _PageKeeper(*limits) as sandbox,
        Sandbox(*limits) as second,
    ):
        for source in as_sources(sources, since, limit):
            reading: _Reading | None = None
            for item in load([source], settings.max_article_mb, web=web, sandbox=sandbox, all_text=settings.all_text):
                pages = sandbox.take_pages()
                if not (isinstance(item, Article) and reading is not None and reading.origin == item.origin):
                    yield from _measure(reading, second, settings)
                    reading = _Reading(item.origin) if isinstance(item, Article) else None
                if isinstance(item, Article) and reading is not None:
                    reading.articles.append(item)
                    reading.pages += pages
                elif isinstance(item, Failure):
                    yield item
            yield from _measure(reading, second, settings)


@dataclass(slots=True)
class _Reading:
    """What was read from one file, or from the pages at one address."""

    origin: str
    articles: list[Article] = field(default_factory=list)
    pages: list["_Page"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it was fetched."""

    url: str
    charset: str
    body: bytes


@dataclass
class _PageKeeper(Sandbox):
    """A sandbox that keeps the pages it parses until they are taken."""

    pages: list[_Page] = field(default_factory=list)

    def __enter__(self) -> "_PageKeeper":
        """Return the sandbox."""
        return self

    def parse_body(self, request: Message, body: bytes) -> list[Message]:
        """Parse a fetched body, and keep it where it is a page."""
        if "charset" in request:
            self.pages.append(_Page(str(request["url"]), str(request["charset"]), body))
        return Sandbox.parse_body(self, request, body)

    def take_pages(self) -> list[_Page]:
        """Return the pages that were parsed since the last call."""
        pages = self.pages
        self.pages = []
        return pages


def _measure(reading: _Reading | None, sandbox: Sandbox, settings: Settings) -> Iterator[Coverage | Failure]:
    """Measure what was read; nothing where there was no article."""
    if reading is None:
        return
    try:
        yield _measure_reading(reading, sandbox, settings)
    except SourceError as error:
        yield Failure(reading.origin, f"read, but not measured: {error}")


def _measure_reading(reading: _Reading, sandbox: Sandbox, settings: Settings) -> Coverage:
    """Measure what was read; raises SourceError where that cannot be done."""
    origin = reading.origin
    request: dict[str, object] = {
        "source": origin,
        "texts": [f"{article.title}\n{article.text}" for article in reading.articles],
        "about": [_describe(article) for article in reading.articles],
    }
    body = b""
    if is_address(origin):
        if not reading.pages:
            raise SourceError("it is no page; save the file, and give its path")
        body = b"".join(page.body for page in reading.pages)
        request["pages"] = [(page.url, page.charset, len(page.body)) for page in reading.pages]
    else:
        request |= _find_file(origin)
    limits = (settings.max_article_mb, settings.max_file_mb, settings.all_text)
    columns = next((article.metadata.get(COLUMNS_NOTE, "") for article in reading.articles), "")
    return replace(coverage_from_json(sandbox.measure(request, limits, body)), columns=columns)


def _find_file(origin: str) -> dict[str, object]:
    """Find the file of an article, or the archive and its entry; raises SourceError for standard input and others."""
    path = origin
    while path and path != os.path.dirname(path):
        if os.path.isfile(path):
            entry = origin[len(path) + 1 :]
            return {"path": path, "entry": entry} if entry else {"path": path}
        path = os.path.dirname(path)
    raise SourceError("it cannot be read a second time")


def _describe(article: Article) -> str:
    """Join what is known about an article beside its title and text."""
    known = (article.author, article.source, article.date, article.url, article.id)
    more = {name: value for name, value in article.metadata.items() if name not in _PLACES}
    return "\n".join((*known, *more, *more.values()))
