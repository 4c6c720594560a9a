"""Load articles from files, folders, web addresses and standard input."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import Path

from rag.failures import attempt_each
from rag.protocols import Engine, Loader
from rag.source_state import Source, Unchanged
from rag.sources.cleaning.flagging import flag_injections
from rag.sources.cleaning.language import add_language
from rag.sources.files import FileLoader, escape_path
from rag.sources.fingerprints import FingerprintedLoader, Fingerprints
from rag.sources.folder import FolderLoader
from rag.sources.ids import explain_taken_id, folder_ids, with_own_id
from rag.sources.registry import SUFFIXES, make_file_loaders
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
    "folder_ids",
    "is_address",
    "load",
    "read",
    "with_own_id",
]


_TEXT_FIELDS = ("id", "title", "text", "source", "url", "date", "author", "origin")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _make_loaders(
    files: tuple[FileLoader | FingerprintedLoader, ...],
    limit_mb: float,
    *,
    engine: Engine | None = None,
    index_folder: Path | None = None,
    all_text: bool = False,
) -> tuple[Loader, ...]:
    """Make one loader for each kind of source that is not on the web."""
    return (StandardInput(limit_mb), FolderLoader(files, engine, index_folder, all_text), *files)


LOADERS = _make_loaders(make_file_loaders(10.0, 100.0), 10.0)


def read(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    *,
    web: WebLoader | None = None,
    sandbox: Sandbox | None = None,
    engine: Engine | None = None,
    all_text: bool = False,
) -> Iterator[Article | Failure | Unchanged]:
    """Read the articles of the sources, in order, annotated with language and flags; see `load`."""
    for item in load(sources, limit_mb, web=web, sandbox=sandbox, engine=engine, all_text=all_text):
        yield annotate(item) if isinstance(item, Article) else item


def annotate(article: Article) -> Article:
    """Annotate an article with its language, where one is certain, and with a flag where it gives orders to a model."""
    return add_language(flag_injections(article))


def load(
    sources: Sequence[str | Source],
    limit_mb: float = 10.0,
    *,
    web: WebLoader | None = None,
    sandbox: Sandbox | None = None,
    engine: Engine | None = None,
    fingerprints: Fingerprints | None = None,
    index_folder: Path | None = None,
    all_text: bool = False,
) -> Iterator[Article | Failure | Unchanged]:
    """Load the articles of the sources, in order, and yield a Failure for anything that cannot be read.

    `limit_mb` is the most one article may take, in megabytes of text; `web` fetches what is at addresses, the `sandbox`
    runs the parsers of pages and intricate files, an `engine` reads large folders. A file whose fingerprint is among
    those given is yielded as Unchanged, unless there is an engine. Of two articles with one id the first is yielded;
    the other is left out if it has the same origin or both are from the web, and else gets an id of its own, as
    `with_own_id` makes it, or is a Failure. The files in `index_folder`, the folder of the index that is written, are
    no articles. What holds no article, such as a script or a log, is yielded as LeftOut, unless with `all_text`.
    """
    origins = dict[str, str]()
    with ExitStack() as at_end:
        source_loader = _SourceLoader(
            limit_mb,
            web=at_end.enter_context(WebLoader(limit_mb=limit_mb)) if web is None else web,
            sandbox=at_end.enter_context(Sandbox()) if sandbox is None else sandbox,
            engine=engine,
            fingerprints=fingerprints,
            index_folder=index_folder,
            all_text=all_text,
        )
        for given in [sources] if isinstance(sources, str) else sources:
            source = Source(given) if isinstance(given, str) else given
            for item in attempt_each(escape_path(source.name), partial(source_loader.load, source)):
                admitted = _admit(item, origins) if isinstance(item, Article) else item
                if admitted:
                    yield admitted


@dataclass(frozen=True, slots=True)
class _SourceLoader:
    """Loads any source with the loader that accepts it."""

    limit_mb: float
    _: KW_ONLY
    web: WebLoader
    sandbox: Sandbox
    engine: Engine | None
    fingerprints: Fingerprints | None
    index_folder: Path | None
    all_text: bool

    def load(self, source: Source) -> Iterator[Article | Failure | Unchanged]:
        """Load the articles of one source with the loader that accepts it; a Failure if there is no such file."""
        name = source.name
        file_loaders = tuple(map(self.sandbox.wrap, self._make_file_loaders()))
        if is_address(name):
            yield from self.web.load(source, file_loaders, self.sandbox)
        elif name != "-" and not os.path.lexists(name):
            yield Failure(escape_path(name), "no such file or folder")
        elif self.web.is_address_list(name):
            yield from self.web.load_list(source, file_loaders, self.sandbox)
        else:
            yield from self._loader_for(name, file_loaders).load(name)

    def _make_file_loaders(self) -> tuple[FileLoader, ...]:
        return make_file_loaders(self.limit_mb, self.sandbox.file_mb, all_text=self.all_text)

    def _loader_for(self, name: str, file_loaders: tuple[FileLoader, ...]) -> Loader:
        """Return the loader of a source that is not on the web.

        Without an engine, it yields Unchanged for a file with a known fingerprint.
        """
        wrapped: tuple[FileLoader | FingerprintedLoader, ...] = file_loaders
        # Not where an engine reads: the new fingerprints would stay where the files were read.
        if self.fingerprints is not None and self.engine is None:
            wrapped = tuple(map(self.fingerprints.wrap, file_loaders))
        loaders = _make_loaders(
            wrapped, self.limit_mb, engine=self.engine, index_folder=self.index_folder, all_text=self.all_text
        )
        return next(loader for loader in loaders if loader.accepts(name))


def _admit(article: Article, origins: dict[str, str]) -> Article | Failure | None:
    """Admit an article, and note its origin; a Failure if it is empty or its id is taken.

    None if its id is that of an article of the same origin, or if both are from the web.
    """
    article = replace_unstorable(article)
    if not article.text.strip():
        return Failure(article.origin, "no text in it")
    if article.id not in origins:
        origins[article.id] = article.origin
        return article
    first = origins[article.id]
    if first == article.origin or (is_address(first) and is_address(article.origin)):
        return None
    if (renamed := with_own_id(article, first)) is not None:
        return _admit(renamed, origins)
    return Failure(article.origin, explain_taken_id(article.id, first))


def replace_unstorable(article: Article) -> Article:
    """Replace the characters that no store takes: halves of surrogate pairs, and NUL."""
    texts = {name: _replace_unstorable_characters(getattr(article, name)) for name in _TEXT_FIELDS}
    metadata = {
        _replace_unstorable_characters(name): _replace_unstorable_characters(text)
        for name, text in article.metadata.items()
    }
    return replace(article, **texts, metadata=metadata)


def _replace_unstorable_characters(text: str) -> str:
    """Replace each character that cannot be stored by U+FFFD, so that offsets stay as they are."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text
