"""Bring sources into an index: scan, decide, build and verify."""

import typing as _typing
from importlib import import_module as _import_module

if _typing.TYPE_CHECKING:
    from rag.ingestion.edits import edit_article, remove_articles
    from rag.ingestion.source_names import as_sources
    from rag.ingestion.sync import Sync
    from rag.ingestion.verify import IndexCheck, verify_rebuild

__all__ = ["IndexCheck", "Sync", "as_sources", "edit_article", "remove_articles", "verify_rebuild"]

_MODULES = {
    "IndexCheck": "verify",
    "Sync": "sync",
    "as_sources": "source_names",
    "edit_article": "edits",
    "remove_articles": "edits",
    "verify_rebuild": "verify",
}


def __getattr__(name: str) -> object:
    """Load what changes an index when it is first used: who only asks goes without the loaders of all formats."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(_import_module(f"{__name__}.{_MODULES[name]}"), name)
    return globals()[name]
