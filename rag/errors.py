"""Every error the library raises on purpose.

RagError                 one line for a person: what happened, what to do
├── SettingsError        a setting has no usable value
├── SourceError          a source cannot be read
├── FilterError          a filter that no article can pass, or that is not a date
├── ModelError           a model cannot be loaded
├── LLMError             the LLM gives no answer that can be used
└── StoreError           the index cannot be read or written
    ├── IndexMissing     there is no index in the folder yet
    ├── IndexMismatch    the index was built by another model or splitter
    └── IndexLocked      another process is writing to the index
"""


class RagError(Exception):
    """What happened and what to do about it, in one line."""


class SettingsError(RagError):
    """A setting has no usable value."""


class SourceError(RagError):
    """A source cannot be read."""


class FilterError(RagError):
    """A filter names a publisher the index does not hold, or something that is not a date."""


class ModelError(RagError):
    """A model cannot be loaded."""


class LLMError(RagError):
    """The LLM gives no answer that can be used."""


class StoreError(RagError):
    """The index cannot be read or written."""


class IndexMissing(StoreError):
    """There is no index in the folder yet."""


class IndexMismatch(StoreError):
    """The index was built by another model, splitter or version than the settings ask for."""


class IndexLocked(StoreError):
    """Another process is writing to the index."""
