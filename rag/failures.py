"""Guard the work on one article, file or address: an error becomes a Failure that names it."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from rag.errors import NoArticle, RagError, SourceError
from rag.text.printable import spell_out
from rag.types import Article, Failure

T = TypeVar("T")

_MAX_MESSAGE_CHARS = 200


@dataclass(frozen=True, slots=True)
class LeftOut(Failure):
    """A source that was left out on purpose, since it holds no article, and what it is instead."""


def attempt(source: str, work: Callable[[], T]) -> T | Failure:
    """Do the work on one source and return its result, or a Failure with the reason if it raises.

    Errors that end everything pass through: each RagError that is no SourceError, a lack of memory, and a wish to
    stop. A panic of native code counts as an error of the source, although it is no Exception.
    """
    try:
        return work()
    except BaseException as error:
        if _ends_everything(error):
            raise
        return _to_failure(source, error)


def attempt_article(article: Article, work: Callable[[], T]) -> T | Failure:
    """Do the work on one article as `attempt` does; a Failure names the article by its origin, or else by its id."""
    return attempt(article.origin or article.id, work)


def attempt_each(source: str, work: Callable[[], Iterable[T]]) -> Iterator[T | Failure]:
    """Yield what the work on one source gives, and last a Failure for an error that `attempt` would catch."""
    try:
        yield from work()
    except BaseException as error:
        if _ends_everything(error):
            raise
        yield _to_failure(source, error)


def describe(error: BaseException) -> str:
    """Describe in one line why a source failed."""
    if isinstance(error, SourceError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        is_link = isinstance(error.filename, str) and os.path.islink(error.filename)
        return "a link to nothing" if is_link else "no such file or folder"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, OSError):
        return f"cannot be read: {(error.strerror or str(error)).lower()}"
    message = spell_out(" ".join(str(error).split())[:_MAX_MESSAGE_CHARS])
    return f"it could not be taken in ({type(error).__name__}{': ' if message else ''}{message})"


def _to_failure(source: str, error: BaseException) -> Failure:
    kind = LeftOut if isinstance(error, NoArticle) else Failure
    return kind(source, describe(error))


def _ends_everything(error: BaseException) -> bool:
    if isinstance(error, RagError):
        return not isinstance(error, SourceError)
    if isinstance(error, MemoryError):
        return True
    return not isinstance(error, Exception) and type(error).__name__ != "PanicException"
