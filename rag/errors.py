"""Every error that the library raises on purpose.

RagError                 one line for a person: what happened, what to do
├── SettingsError        a setting has no usable value
├── SourceError          a source cannot be read
│   ├── NoArticle        it holds no article and is left out on purpose
│   ├── NothingRead      not one article could be read from the sources
│   ├── Unreachable      a web server that cannot be reached, or must not be (rag/sources/web/ssrf_guard.py)
│   └── Gone             a web page that is not there any more (rag/sources/web/responses.py)
├── FilterError          a filter, id or order cannot be used
├── QuestionError        a question that is empty or too long
├── ModelError           a model cannot be loaded, or cannot take a text
├── LLMError             the LLM gives no answer that can be used
├── ClusterError         a Ray cluster cannot do what it is given
└── StoreError           the index cannot be read or written
    ├── IndexMissing     there is no index in the folder yet
    ├── IndexReadOnly    the index may not be written
    ├── PointerError     CURRENT does not lead to an index, though one may be there
    ├── IndexMismatch    the index was built by another model, chunker or version
    └── IndexLocked      another process is writing to the index
"""

import os
import re
from typing import ClassVar

_OS_ERROR = re.compile(r"\(os error (\d{1,4})\)")
_SQLITE_ERROR = re.compile(r"\(code: (\d{1,5})\)")
_SQLITE_MEANINGS = {
    5: "another process writes to it",
    8: "it may not be written",
    10: "the disk fails",
    11: "it is damaged",
    13: "the disk is full",
    14: "a file cannot be opened",
    26: "it is damaged",
}
"""What SQLite's result codes mean."""


class RagError(Exception):
    """What happened and what to do about it, in one line.

    >>> from rag import Index, RagError
    >>> from rag.testing import WordEmbedder
    >>> try:
    ...     Index.open("empty", embedder=WordEmbedder()).search("bridge")
    ... except RagError as error:
    ...     print(error)
    there is no index in empty yet; make one with: rag sync FOLDER
    """

    max_chars: ClassVar[int] = 1000
    """Of the message, however long the input is that it repeats, such as the name of a publisher."""

    def __str__(self) -> str:
        """Return the message; where it is too long, its middle is left out."""
        text = super().__str__()
        if len(text) <= self.max_chars:
            return text
        end = self.max_chars // 4
        return f"{text[: self.max_chars - end - 1]}…{text[-end:]}"


class SettingsError(RagError):
    """A setting has no usable value.

    >>> from rag import Settings
    >>> Settings.load(port=99999)
    Traceback (most recent call last):
        ...
    rag.errors.SettingsError: RAG_PORT: Input should be less than or equal to 65535, not 99999; see docs/settings.md
    """


class SourceError(RagError):
    """A source cannot be read.

    >>> from rag import Index
    >>> from rag.testing import WordEmbedder
    >>> Index.open("new", embedder=WordEmbedder()).sync()
    Traceback (most recent call last):
        ...
    rag.errors.SourceError: nothing to sync yet: name a file, a folder or an address, as in: rag sync seeds/
    """


class NoArticle(SourceError):
    """A source holds no article and is left out on purpose, such as a script or a log."""


class NothingRead(SourceError):
    """Not one article could be read from the sources; `reasons` has pairs of a source and why it could not be read."""

    max_chars = 1_000_000
    """It names every source, which nothing else does."""

    def __init__(self, message: str, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        """`message` is one line; `reasons` are pairs of a source and why it could not be read."""
        super().__init__(message)
        self.reasons = reasons


class FilterError(RagError):
    """A filter, id or order cannot be used: a publisher or article the index does not hold, or no date.

    >>> from pathlib import Path
    >>> from rag import Filters, Index
    >>> from rag.testing import WordEmbedder
    >>> index = Index.open("filtered", embedder=WordEmbedder())
    >>> _ = Path("bridge.txt").write_text("The bridge closed on Friday.")
    >>> _ = index.sync("bridge.txt")
    >>> index.search("bridge", filters=Filters(since="Friday"))
    Traceback (most recent call last):
        ...
    rag.errors.FilterError: 'Friday' is not a day; write it as YYYY-MM-DD, such as 2024-01-05
    >>> index.close()
    """


class QuestionError(RagError):
    """A question is empty or too long."""


class ModelError(RagError):
    """A model cannot be loaded, or cannot take a text.

    >>> from rag import ModelError, RagError
    >>> try:
    ...     raise ModelError("my-reader has no weights")  # as a reader of your own may
    ... except RagError as error:
    ...     print(error)
    my-reader has no weights
    """


class LLMError(RagError):
    """The LLM gives no answer that can be used.

    >>> from rag import LLMError
    >>> from rag.testing import ScriptedLLM
    >>> next(ScriptedLLM(LLMError("the server is away")).stream("", "Which bridge closed?", 100))
    Traceback (most recent call last):
        ...
    rag.errors.LLMError: the server is away
    """


class ClusterError(RagError):
    """A Ray cluster cannot be reached, or cannot do what it is given."""


class StoreError(RagError):
    """The index cannot be read or written; `store` is "vectors" or "words" where one of them is known to be why.

    >>> from pathlib import Path
    >>> from rag import Index, StoreError
    >>> from rag.testing import WordEmbedder
    >>> _ = Path("a-file").write_text("no index")
    >>> try:
    ...     Index.open("a-file", embedder=WordEmbedder())
    ... except StoreError as error:
    ...     print(error)
    a-file/CURRENT cannot be read: ...
    """

    def __init__(self, message: str, *, store: str = "") -> None:
        """`message` says what happened and what to do; `store` is "vectors", "words" or empty."""
        super().__init__(message)
        self.store = store


class IndexMissing(StoreError):
    """There is no index in the folder yet.

    >>> from rag import Index
    >>> from rag.testing import WordEmbedder
    >>> Index.open("empty", embedder=WordEmbedder()).search("bridge")
    Traceback (most recent call last):
        ...
    rag.errors.IndexMissing: there is no index in empty yet; make one with: rag sync FOLDER
    """


class IndexReadOnly(StoreError):
    """The index may be read, but not written."""


class PointerError(StoreError):
    """CURRENT is missing or damaged, or names a generation that is not there."""


class IndexMismatch(StoreError):
    """The index was built by another model, chunker or version than the settings ask for.

    >>> from pathlib import Path
    >>> from rag import Index
    >>> from rag.testing import WordEmbedder
    >>> _ = Path("bridge.txt").write_text("The bridge closed on Friday.")
    >>> index = Index.open("index", embedder=WordEmbedder("words"))
    >>> _ = index.sync("bridge.txt")
    >>> index.close()
    >>> Index.open("index", embedder=WordEmbedder("other words"))
    Traceback (most recent call last):
        ...
    rag.errors.IndexMismatch: the index in index was built with another embedding model: words, not other words; ...
    """


class IndexLocked(StoreError):
    """Another process is writing to the index.

    >>> from pathlib import Path
    >>> from rag import Changes, Index, IndexLocked
    >>> from rag.testing import WordEmbedder
    >>> def add_unless_busy(index: Index, source: str) -> Changes | None:
    ...     try:
    ...         return index.add(source)
    ...     except IndexLocked:  # try again when the other process is done
    ...         return None
    >>> _ = Path("bridge.txt").write_text("The bridge closed on Friday.")
    >>> index = Index.open("index", embedder=WordEmbedder())
    >>> print(add_unless_busy(index, "bridge.txt"))
    1 added, 0 updated, 0 removed, 0 unchanged, 0 failed
    >>> index.close()
    """


def is_panic(error: BaseException) -> bool:
    """Whether a library in Rust has panicked, which Python does not count among its exceptions."""
    return type(error).__name__ == "PanicException"


def cause_of(error: BaseException) -> str:
    """Name what a library's error means for an index, by default that it is damaged.

    The text of the error is left out: it may repeat what a stranger wrote into a file.
    """
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if (match := _OS_ERROR.search(text)) is not None:
        return os.strerror(int(match[1]))
    if "LockBusy" in text:
        return "another process writes to it"
    if (code := _SQLITE_ERROR.search(text)) is not None and (meaning := _SQLITE_MEANINGS.get(int(code[1]) & 0xFF)):
        return meaning
    return f"it is damaged ({type(error).__name__})"
