"""Articles are read as `rag.sources.read` reads them, by parsers in one process that all tests of a worker share."""

import atexit
from collections.abc import Iterator, Sequence

from rag.source_state import Source, Unchanged
from rag.sources import Sandbox
from rag.sources import read as read_apart
from rag.sources.web import WebLoader
from rag.types import Article, Failure

SANDBOX = Sandbox()
"""A process of its own for each test would take longer to start than most files take to parse."""
atexit.register(SANDBOX.__exit__, None, None, None)


def read(
    sources: Sequence[str | Source], limit_mb: float = 10.0, *, web: WebLoader | None = None, all_text: bool = False
) -> Iterator[Article | Failure | Unchanged]:
    """The articles and failures of the sources, with the limits that a sandbox has by default."""
    return read_apart(sources, limit_mb, web=web, sandbox=SANDBOX, all_text=all_text)
