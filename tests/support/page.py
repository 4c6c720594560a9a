"""The real page on a free port, for as long as a test needs it."""

import asyncio
import gc
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request

from rag.assistant import Assistant
from rag.index import Index
from rag.settings import Settings
from rag.web import build
from rag.web.serve import program_routes, start
from rag.web.server.health import Metrics
from rag.web.server.middleware import build_middleware
from tests.support.chroma_server import free_port


@dataclass(frozen=True)
class Served:
    """A page that listens, and what it was made of."""

    address: str
    page: gr.Blocks
    metrics: Metrics
    index: Index


@contextmanager
def serving(assistant: Assistant, layers: Sequence[Middleware], *, port: int = 0, **given: object) -> Iterator[Served]:
    """The page within layers, with all that is served beside it; port 0 is a free one, settings may be `given`."""
    settings, metrics = Settings.load(_env_file=None, port=port or free_port(), **given), Metrics()
    # Gradio makes event loops only to drop them; they are collected here, where their warnings are expected.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        page = build(assistant, assistant.index, settings, metrics=metrics)
        address = start(page, settings, routes=program_routes(assistant, assistant.index, metrics), layers=layers)
        asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)
        gc.collect()
    yield Served(address, page, metrics, assistant.index)
    page.close(verbose=False)


@contextmanager
def running_page(assistant: Assistant, rate: str = "") -> Iterator[str]:
    """The address of the page as one person serves it for themselves."""
    with serving(assistant, build_middleware("", rate, max_bytes=50_000_000, max_files=50)) as served:
        yield served.address


def asked_by(client: str = "127.0.0.1", version: str = "1.1", user: str = "", **headers: str) -> gr.Request:
    """A request as Gradio hands it to the page's functions; underscores of the headers stand for hyphens."""
    given = {"host": "127.0.0.1:7860"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": raw, "http_version": version}
    state = {"user": user} if user else {}
    return gr.Request(request=Request(scope | {"client": (client, 1) if client else None, "state": state}))
