"""Ask the Articles: question a pile of articles and get answers that cite them word for word."""

import typing as _typing
from importlib import import_module as _import_module

from rag.telemetry import disable_telemetry as _disable_telemetry

_disable_telemetry()

if _typing.TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.errors import (
        FilterError,
        IndexLocked,
        IndexMismatch,
        IndexMissing,
        LLMError,
        ModelError,
        RagError,
        SettingsError,
        SourceError,
        StoreError,
    )
    from rag.index import Index
    from rag.ingestion.explain import Coverage, explain
    from rag.settings import Settings
    from rag.types import (
        Answer,
        Article,
        Changes,
        Citation,
        Failure,
        Filters,
        Finding,
        Hit,
        Message,
        Passage,
        Progress,
        Reading,
        Sentence,
        Span,
        TakenColumns,
    )

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Article",
    "Assistant",
    "Changes",
    "Citation",
    "Coverage",
    "Failure",
    "FilterError",
    "Filters",
    "Finding",
    "Hit",
    "Index",
    "IndexLocked",
    "IndexMismatch",
    "IndexMissing",
    "LLMError",
    "Message",
    "ModelError",
    "Passage",
    "Progress",
    "RagError",
    "Reading",
    "Sentence",
    "Settings",
    "SettingsError",
    "SourceError",
    "Span",
    "StoreError",
    "TakenColumns",
    "explain",
]

_MODULES = ("rag.types", "rag.errors", "rag.settings", "rag.ingestion.explain", "rag.index", "rag.assistant")
"""The modules of the public names, the light ones first."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that importing the package is quick."""
    if name in __all__:
        for path in _MODULES:
            module = _import_module(path)
            if name in vars(module):
                globals()[name] = vars(module)[name]
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List all names of the package, with the public ones that are not loaded yet."""
    return sorted({*globals(), *__all__})
