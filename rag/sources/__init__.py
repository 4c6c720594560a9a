"""Load articles from files, folders, web addresses and standard input."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from rag.failures import attempt_each
from rag.protocols import Engine, Loader
from rag.source_state import Source, Unchanged
from rag.sources.cleaning.flagging import flag_injections
from rag.sources.cleaning.language import add_language
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import FileLoader, escape_path
from rag.sources.fingerprints import FingerprintedLoader, Fingerprints
from rag.sources.folder import FolderLoader
from rag.sources.registry import SUFFIXES, files
from rag.sources.sandbox import Sandbox
from rag.sources.stdin import StandardInput
from rag.sources.web import WebLoader, is_address
from rag.types import Article, Failure

__all__ = [
    "LOADERS",
    "SUFFIXES",
    "Fingerprints",
    "Sandbox",
    "annotate",
    "explain_taken_id",
    "is_address",
    "load",
    "read",
    "with_own_id",
]


_TEXTS = ("id", "title", "text", "source", "url", "date", "author", "origin")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _loaders(
    files: tuple[FileLoader | FingerprintedLoader, ...],
    limit_mb: float,
    engine: Engine | None = None,
    own: Path | None = None,
) -> tuple[Loader, ...]:
    """One loader for each kind of source that is not on the web."""
    return (StandardInput(limit_mb), FolderLoader(files, engine, own), *files)


LOADERS = _loaders(files(10.0, 100.0), 10.0)


def read(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    web: WebLoader | None = None,
    apart: Sandbox | None = None,
    engine: Engine | None = None,
) -> Iterator[Article | Failure | Unchanged]:
    """The articles of the sources with all that is noted of them, in order, as `load` gives them."""
    for item in load(sources, limit_mb, web, apart, engine):
        yield annotate(item) if isinstance(item, Article) else item


def annotate(article: Article) -> Article:
    """The article with its language, and with a flag where it seems written for a model."""
    return add_language(flag_injections(article))


def load(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    web: WebLoader | None = None,
    apart: Sandbox | None = None,
    engine: Engine | None = None,
    marks: Fingerprints | None = None,
    *,
    own: Path | None = None,
) -> Iterator[Article | Failure | Unchanged]:
    """The articles of the sources, in order, and a Failure for whatever could not be read.

    `limit_mb` is the most one article may take, in megabytes of text; `web` fetches what is at addresses, `apart` runs
    the parsers of pages and intricate files by themselves, an `engine` reads large folders. Files that have `marks` are
    told as Kept. Of two articles with one id the first stays. The files in `own`, the folder of the index, are none.
    """
    origins = dict[str, str]()
    with ExitStack() as at_end:
        web = at_end.enter_context(WebLoader(limit_mb=limit_mb)) if web is None else web
        apart = at_end.enter_context(Sandbox()) if apart is None else apart
        known = tuple(map(apart.guarded, files(limit_mb, apart.file_mb)))
        for source in [sources] if isinstance(sources, str) else sources:
            wanted = Source(source) if isinstance(source, str) else source
            load = partial(_load, wanted, known, limit_mb, web, apart, engine, marks, own)
            for item in attempt_each(escape_path(wanted.name), load):
                admitted = _admitted(item, origins) if isinstance(item, Article) else item
                if admitted:
                    yield admitted


def _load(
    source: Source,
    known: tuple[FileLoader, ...],
    limit_mb: float,
    web: WebLoader,
    apart: Sandbox,
    engine: Engine | None,
    marks: Fingerprints | None,
    own: Path | None,
) -> Iterator[Article | Failure | Unchanged]:
    """What one source gives."""
    name = source.name
    if is_address(name):
        yield from web.load(source, known, apart)
    elif name != "-" and not os.path.lexists(name):
        yield Failure(escape_path(name), "no such file or folder")
    else:
        named = web.is_address_list(name)
        # What an engine reads is not watched: its marks would stay where it was read.
        watched = known if marks is None or engine is not None else tuple(map(marks.watched, known))
        loader = next(one for one in _loaders(watched, limit_mb, engine, own) if one.accepts(name))
        yield from web.load_list(source, known, apart) if named else loader.load(name)


def _admitted(article: Article, origins: dict[str, str]) -> Article | Failure | None:
    """The article, a Failure if it is empty or its id is taken, or None if it was read before in this run."""
    article = storable(article)
    if not article.text.strip():
        return Failure(article.origin, "no text in it")
    if article.id not in origins:
        origins[article.id] = article.origin
        return article
    first = origins[article.id]
    if first == article.origin or (is_address(first) and is_address(article.origin)):
        return None
    if (own := with_own_id(article, first)) is not None:
        return _admitted(own, origins)
    return Failure(article.origin, explain_taken_id(article.id, first))


def with_own_id(article: Article, holder: str) -> Article | None:
    """The article under an id that tells its file from another one whose name only reads the same; None for others.

    Names read the same that differ in Unicode form or white space; such a file gets a digest of its spelling into its
    id. `holder` is the origin of the article that has the id.
    """
    parts = -1 - article.id.count("/")
    mine, other = ("/".join(place.split("/")[parts:]) for place in (article.origin, holder))
    if mine == other or not one_line(mine) == one_line(other) == article.id:
        return None
    stem, suffix = os.path.splitext(article.id)
    spelling = hashlib.sha256(mine.encode("utf-8", "replace")).hexdigest()[:6]
    return replace(article, id=f"{stem}~{spelling}{suffix}")


def storable(article: Article) -> Article:
    """The article without characters that no store takes: halves of surrogate pairs, and NUL."""
    texts = {name: _stored(getattr(article, name)) for name in _TEXTS}
    metadata = {_stored(name): _stored(text) for name, text in article.metadata.items()}
    return replace(article, **texts, metadata=metadata)


def _stored(text: str) -> str:
    """The same number of characters, those that cannot be stored as U+FFFD: offsets stay as they are."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def explain_taken_id(id: str, holder: str) -> str:
    """Why an article may not have its id: another one has it."""
    return f"{holder} has the id “{id}” already; give one of them an `id` of its own, or sync a common parent folder"
