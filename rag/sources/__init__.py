"""The sources room: whatever a person has lying about, read as articles."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from rag.errors import SourceError
from rag.ports import Engine, Loader
from rag.remembered import Kept, Source
from rag.sources.apart import Apart
from rag.sources.files import FileLoader, printable
from rag.sources.flagging import flagged
from rag.sources.folder import Folder
from rag.sources.kinds import SUFFIXES, files
from rag.sources.language import with_language
from rag.sources.online import Online, is_address
from rag.sources.stdin import StandardInput
from rag.sources.unchanged import Marks, Watched
from rag.types import Article, Failure

__all__ = ["LOADERS", "SUFFIXES", "Apart", "Marks", "is_address", "loaded", "noted", "read", "taken"]


def _loaders(
    files: tuple[FileLoader | Watched, ...], limit_mb: float, engine: Engine | None = None
) -> tuple[Loader, ...]:
    """One loader for each kind of source that is not on the web."""
    return (StandardInput(limit_mb), Folder(files, engine), *files)


LOADERS = _loaders(files(10.0, 100.0), 10.0)


def read(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    web: Online | None = None,
    apart: Apart | None = None,
    engine: Engine | None = None,
) -> Iterator[Article | Failure | Kept]:
    """The articles of the sources with all that is noted of them, in order, as `loaded` gives them."""
    for item in loaded(sources, limit_mb, web, apart, engine):
        yield noted(item) if isinstance(item, Article) else item


def noted(article: Article) -> Article:
    """The article with its language, and with a flag where it seems written for a model."""
    return with_language(flagged(article))


def loaded(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    web: Online | None = None,
    apart: Apart | None = None,
    engine: Engine | None = None,
    marks: Marks | None = None,
) -> Iterator[Article | Failure | Kept]:
    """The articles of the sources, in order, and a Failure for whatever could not be read.

    `limit_mb` is the most one article may take, in megabytes of text; `web` fetches what is at addresses, `apart` runs
    the parsers of pages and intricate files by themselves, an `engine` reads large folders. Files that have `marks` are
    told as Kept. Of two articles with one id the first stays.
    """
    origins = dict[str, str]()
    with ExitStack() as at_end:
        web = at_end.enter_context(Online(limit_mb=limit_mb)) if web is None else web
        apart = at_end.enter_context(Apart()) if apart is None else apart
        known = tuple(map(apart.guarded, files(limit_mb, apart.file_mb)))
        for source in [sources] if isinstance(sources, str) else sources:
            wanted = Source(source) if isinstance(source, str) else source
            for item in _load(wanted, known, limit_mb, web, apart, engine, marks):
                admitted = _admitted(item, origins) if isinstance(item, Article) else item
                if admitted:
                    yield admitted


def _load(
    source: Source,
    known: tuple[FileLoader, ...],
    limit_mb: float,
    web: Online,
    apart: Apart,
    engine: Engine | None,
    marks: Marks | None,
) -> Iterator[Article | Failure | Kept]:
    """What one source gives."""
    name = source.name
    if is_address(name):
        yield from web.load(source, known, apart)
    elif name != "-" and not os.path.lexists(name):
        yield Failure(printable(name), "no such file or folder")
    else:
        try:
            named = web.names_addresses(name)
        except SourceError as error:
            yield Failure(printable(name), str(error))
            return
        # What an engine reads is not watched: its marks would stay where it was read.
        watched = known if marks is None or engine is not None else tuple(map(marks.watched, known))
        loader = next(one for one in _loaders(watched, limit_mb, engine) if one.accepts(name))
        yield from web.load_list(source, known, apart) if named else loader.load(name)


def _admitted(article: Article, origins: dict[str, str]) -> Article | Failure | None:
    """The article, a Failure if it is empty or its id is taken, or None if it was read before in this run."""
    if not article.text.strip():
        return Failure(article.origin, "no text in it")
    if article.id not in origins:
        origins[article.id] = article.origin
        return article
    first = origins[article.id]
    if first == article.origin or (is_address(first) and is_address(article.origin)):
        return None
    return Failure(article.origin, taken(article.id, first))


def taken(id: str, holder: str) -> str:
    """Why an article may not have its id: another one has it."""
    return f"{holder} has the id “{id}” already; give one of them an `id` of its own, or sync a common parent folder"
