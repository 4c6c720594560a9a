"""What every writer of the crash tests needs, loaded once in the process that they are forked from."""

import tempfile
from pathlib import Path

import chromadb_rust_bindings
import rensa
import tantivy

from rag.ingestion import sync, verify
from rag.sources import read
from tests.support import crash

__all__ = ["chromadb_rust_bindings", "crash", "rensa", "sync", "tantivy", "verify"]

# Parsers, and what tells languages apart, are loaded by the first article that is read.
with tempfile.TemporaryDirectory() as _folder:
    crash.write_sources(Path(_folder))
    list(read([f"{_folder}/old"]))
