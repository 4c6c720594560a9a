"""The sources room: whatever a person has lying about, read as articles."""

import os
from collections.abc import Iterator, Sequence

from rag.ports import Loader
from rag.sources.files import FileLoader, printable
from rag.sources.folder import Folder
from rag.sources.html import Html
from rag.sources.jsonl import JsonLines
from rag.sources.markdown import Markdown
from rag.sources.stdin import StandardInput
from rag.sources.text import Text
from rag.types import Article, Failure

__all__ = ["LOADERS", "read"]


def _loaders(limit_mb: float) -> tuple[Loader, ...]:
    """One loader for each kind of source, in the order they are asked; the last takes anything."""
    files: tuple[FileLoader, ...] = (JsonLines(limit_mb), Html(limit_mb), Markdown(limit_mb), Text(limit_mb))
    return (StandardInput(limit_mb), Folder(files), *files)


LOADERS = _loaders(10.0)


def read(sources: Sequence[str], limit_mb: float = 10.0) -> Iterator[Article | Failure]:
    """The articles of the sources, in order, and a Failure for whatever could not be read.

    `limit_mb` is the most one article may take, in megabytes of text. Of two articles with one id the first stays.
    """
    loaders = _loaders(limit_mb)
    origins: dict[str, str] = {}
    for source in [sources] if isinstance(sources, str) else sources:
        for item in _load(source, loaders):
            admitted = _admitted(item, origins) if isinstance(item, Article) else item
            if admitted:
                yield admitted


def _load(source: str, loaders: tuple[Loader, ...]) -> Iterator[Article | Failure]:
    """What one source gives."""
    if source.lower().startswith(("http://", "https://")):
        yield Failure(source, "web pages cannot be read yet; save the page and add the file")
    elif source != "-" and not os.path.lexists(source):
        yield Failure(printable(source), "no such file or folder")
    else:
        yield from next(loader for loader in loaders if loader.accepts(source)).load(source)


def _admitted(article: Article, origins: dict[str, str]) -> Article | Failure | None:
    """The article, a Failure if it is empty or its id is taken, or None if it was read before in this run."""
    if not article.text.strip():
        return Failure(article.origin, "no text in it")
    if article.id not in origins:
        origins[article.id] = article.origin
        return article
    first = origins[article.id]
    if first == article.origin:
        return None
    return Failure(
        article.origin,
        f"{first} has the id “{article.id}” already; "
        "give this one an `id` in its front matter, or sync a common parent folder",
    )
