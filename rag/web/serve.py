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
from rag.web.server.gradio_api import mcp_installed, tools_only
from rag.web.server.health import Metrics
from rag.web.server.health import routes as health
from rag.web.server.middleware import around, middleware, refuse_exposure
from rag.web.server.openai_api import Completions
from rag.web.theme import STYLES, theme


def serve(settings: Settings) -> None:
    """Opens the index and its page, prints the address to standard error and answers until Ctrl-C or SIGTERM."""
    if threading.current_thread() is threading.main_thread():
        # Ended by a service manager, it tidies up as it does after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    auth = settings.auth.get_secret_value()
    refuse_exposure(settings.host, bool(auth), settings.insecure)
    only_local = is_loopback(settings.host) and not (auth or settings.insecure)
    most_bytes, proxies = int(settings.upload_mb * 1e6), settings.trusted_proxies
    layers = middleware(auth, settings.rate_limit, most_bytes, settings.upload_files, only_local, proxies=proxies)
    index, metrics = Index.open(settings.index, settings), Metrics()
    assistant = Assistant(index, settings=settings)
    page = build(assistant, index, settings, metrics)
    try:
        address = start(page, settings, beside(assistant, index, metrics), layers)
        start_in_background(partial(_warm, assistant))
        writer = f"written by {assistant.llm.name}" if assistant.llm is not None else NO_LLM
        click.echo(f"Ask the Articles is at {address}, answers {writer} (Ctrl-C stops it)", err=True)
        threading.Event().wait()
    finally:
        page.close(verbose=False)
        index.close()


def beside(assistant: Assistant, index: Index, metrics: Metrics) -> list[BaseRoute]:
    """What is served beside the page."""
    return [*Completions(assistant, AT_ONCE, MAX_QUESTION_CHARS, metrics).routes, *health(index, metrics)]


def start(
    page: gr.Blocks, settings: Settings, routes: Sequence[BaseRoute] = (), layers: Sequence[Middleware] = ()
) -> str:
    """Lets the page listen beside other routes, behind layers, the outermost first; returns its address.

    Port 0 is the first free one from 7860 on.
    """
    port = free_port(settings.host, settings.port)
    try:
        # Gradio announces its MCP server on stdout, in characters that not every terminal can show.
        with redirect_stdout(StringIO()), without_proxies():
            page.launch(
                server_name=url_host(settings.host), server_port=port, prevent_thread_lock=True, quiet=True,
                inbrowser=False, share=False, theme=theme(), css_paths=STYLES, footer_links=[], run_history=False,
                head=HEAD, enable_monitoring=False, mcp_server=mcp_installed(), ssr_mode=False, pwa=False,
                app_kwargs={"routes": [*routes], "lifespan": around(layers)},
            )  # fmt: skip
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        place = f"{url_host(settings.host)}:{port}"
        raise SettingsError(f"the page does not answer on {place} ({error}); try again, or another RAG_PORT") from error
    tools_only(page)
    return page_url(settings.host, port)


def _warm(assistant: Assistant) -> None:
    """Loads the models beside the open page, so that the first question does not wait for them."""
    with suppress(RagError):
        assistant.index.embedder.embed(["ready"])
        assistant.ask("ready?")
        if assistant.llm is not None:
            assistant.llm.prepare()
