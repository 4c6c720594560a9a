"""Serve the page on a port of this machine."""

import signal
import threading
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from functools import partial
from io import StringIO

import click
import gradio as gr
import httpx
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from rag.answering.background import start_in_background
from rag.assistant import Assistant
from rag.errors import RagError, SettingsError
from rag.index import Index
from rag.prompts import NO_LLM
from rag.retrieval.rewriting import MAX_QUESTION_CHARS
from rag.settings import Settings
from rag.text.hosts import is_loopback
from rag.web.chat.conversation_list import HEAD
from rag.web.listening import free_port, page_url, url_host, without_proxies
from rag.web.page import AT_ONCE, build
from rag.web.server.health import Metrics, health_routes
from rag.web.server.mcp_tools import is_mcp_installed, restrict_tools
from rag.web.server.middleware import build_middleware, lifespan_with, refuse_exposure
from rag.web.server.openai_api import Completions
from rag.web.theme import STYLES, theme


def serve(settings: Settings) -> None:
    """Open the index and its page, print the address to standard error and answer until Ctrl-C or SIGTERM."""
    if threading.current_thread() is threading.main_thread():
        # Ended by a service manager, it tidies up as it does after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    auth = settings.auth.get_secret_value()
    refuse_exposure(settings.host, guarded=bool(auth), insecure=settings.insecure)
    only_local = is_loopback(settings.host) and not (auth or settings.insecure)
    layers = build_middleware(
        auth,
        settings.rate_limit,
        max_bytes=int(settings.upload_mb * 1e6),
        max_files=settings.upload_files,
        only_local=only_local,
        proxies=settings.trusted_proxies,
    )
    index = Index.open(settings.index, settings)
    metrics = Metrics()
    assistant = Assistant(index, settings=settings)
    page = build(assistant, index, settings, metrics=metrics)
    try:
        address = start(page, settings, routes=program_routes(assistant, index, metrics), layers=layers)
        start_in_background(partial(_warm, assistant))
        writer = f"written by {assistant.llm.name}" if assistant.llm is not None else NO_LLM
        click.echo(f"Ask the Articles is at {address}, answers {writer} (Ctrl-C stops it)", err=True)
        threading.Event().wait()
    finally:
        page.close(verbose=False)
        index.close()


def program_routes(assistant: Assistant, index: Index, metrics: Metrics) -> list[BaseRoute]:
    """Make the routes that are served beside the page: the OpenAI endpoint, health and metrics."""
    completions = Completions(assistant, metrics, slots=AT_ONCE, max_question_chars=MAX_QUESTION_CHARS)
    return [*completions.routes, *health_routes(index, metrics)]


def start(
    page: gr.Blocks, settings: Settings, *, routes: Sequence[BaseRoute] = (), layers: Sequence[Middleware] = ()
) -> str:
    """Let the page listen beside other routes, behind layers, the outermost first; return its address.

    Port 0 is the first free one from 7860 on.
    """
    port = free_port(settings.host, settings.port)
    try:
        # Gradio announces its MCP server on stdout, in characters that not every terminal can show.
        with redirect_stdout(StringIO()), without_proxies():
            page.launch(
                server_name=url_host(settings.host),
                server_port=port,
                prevent_thread_lock=True,
                quiet=True,
                inbrowser=False,
                share=False,
                theme=theme(),
                css_paths=STYLES,
                footer_links=[],
                run_history=False,
                head=HEAD,
                enable_monitoring=False,
                mcp_server=is_mcp_installed(),
                ssr_mode=False,
                pwa=False,
                app_kwargs={"routes": [*routes], "lifespan": lifespan_with(layers)},
            )
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        address = f"{url_host(settings.host)}:{port}"
        raise SettingsError(
            f"the page does not answer on {address} ({error}); try again, or another RAG_PORT"
        ) from error
    restrict_tools(page)
    return page_url(settings.host, port)


def _warm(assistant: Assistant) -> None:
    """Load the models beside the open page, so that the first question does not wait for them."""
    with suppress(RagError):
        assistant.index.embedder.embed(["ready"])
        assistant.ask("ready?")
        if assistant.llm is not None:
            assistant.llm.prepare()
