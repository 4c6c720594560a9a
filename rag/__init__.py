"""Ask the Articles: question a pile of articles and get answers that cite them word for word."""

from rag.telemetry import disable_telemetry as _disable_telemetry

_disable_telemetry()

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
)

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Article",
    "Assistant",
    "Changes",
    "Citation",
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
]
