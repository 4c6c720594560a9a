"""Every error that the library raises on purpose.

RagError                 one line for a person: what happened, what to do
├── SettingsError        a setting has no usable value
├── SourceError          a source cannot be read
│   ├── NothingRead      not one article could be read from the sources
│   ├── Unreachable      a web server that cannot be reached, or must not be (rag/sources/web/ssrf_guard.py)
│   └── Gone             a web page that is not there any more (rag/sources/web/responses.py)
├── FilterError          a filter that no article can pass, or that is not a date
├── QuestionError        a question that is empty or too long
├── ModelError           a model cannot be loaded
├── LLMError             the LLM gives no answer that can be used
├── ClusterError         a Ray cluster cannot do what it is given
└── StoreError           the index cannot be read or written
    ├── IndexMissing     there is no index in the folder yet
    ├── IndexReadOnly    the index may not be written
    ├── PointerError     CURRENT does not lead to an index, though one may be there
    ├── IndexMismatch    the index was built by another model or splitter
    └── IndexLocked      another process is writing to the index
"""

import os
import re

_SYSTEM = re.compile(r"\(os error (\d{1,4})\)")
_SQLITE = re.compile(r"\(code: (\d{1,5})\)")
_CODES = {
    5: "another process writes to it", 8: "it may not be written", 10: "the disk fails", 11: "it is damaged",
    13: "the disk is full", 14: "a file cannot be opened", 26: "it is damaged",
}  # fmt: skip
"""What SQLite's result codes mean."""


class RagError(Exception):
    """What happened and what to do about it, in one line."""


class SettingsError(RagError):
    """A setting has no usable value."""


class SourceError(RagError):
    """A source cannot be read."""


class NothingRead(SourceError):
    """Not one article could be read from the sources; `reasons` has a source and why it could not be read, each."""

    def __init__(self, said: str, reasons: tuple[tuple[str, str], ...]) -> None:
        """`said` is for a person."""
        super().__init__(said)
        self.reasons = reasons


class FilterError(RagError):
    """A filter names a publisher the index does not hold, or something that is not a date."""


class QuestionError(RagError):
    """A question is empty or too long."""


class ModelError(RagError):
    """A model cannot be loaded."""


class LLMError(RagError):
    """The LLM gives no answer that can be used."""


class ClusterError(RagError):
    """A Ray cluster cannot be reached, or cannot do what it is given."""


class StoreError(RagError):
    """The index cannot be read or written."""


class IndexMissing(StoreError):
    """There is no index in the folder yet."""


class IndexReadOnly(StoreError):
    """The index may be read, but not written."""


class PointerError(StoreError):
    """CURRENT is missing or damaged, or names a generation that is not there."""


class IndexMismatch(StoreError):
    """The index was built by another model, splitter or version than the settings ask for."""


class IndexLocked(StoreError):
    """Another process is writing to the index."""


def is_panic(error: BaseException) -> bool:
    """Tell whether a library in Rust has panicked, which Python does not count among its exceptions."""
    return type(error).__name__ == "PanicException"


def cause_of(error: BaseException) -> str:
    """Name what a library's error means, without its text: that may repeat what a stranger wrote into a file."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if (system := _SYSTEM.search(text)) is not None:
        return os.strerror(int(system[1]))
    if "LockBusy" in text:
        return "another process writes to it"
    if (code := _SQLITE.search(text)) is not None and (said := _CODES.get(int(code[1]) & 0xFF)):
        return said
    return f"it is damaged ({type(error).__name__})"
