"""The real page on a free port, for as long as a test needs it."""

import asyncio
import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rag.assistant import Assistant
from rag.settings import Settings
from rag.web import build
from rag.web.guarding import middleware
from rag.web.health import Metrics
from rag.web.serving import beside, start
from tests.chroma_server import free_port


@contextmanager
def running_page(assistant: Assistant) -> Iterator[str]:
    """Its address, with what is served beside it."""
    settings = Settings(_env_file=None, port=free_port())
    layers, metrics = middleware("", "", 50_000_000, 50), Metrics()
    # Gradio makes event loops only to drop them; they are collected here, where their warnings are expected.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        page = build(assistant, assistant.index, settings, metrics)
        address = start(page, settings, beside(assistant, assistant.index, metrics), layers)
        asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)
        gc.collect()
    yield address
    page.close(verbose=False)
