"""Opens the page on a port of this machine."""

import threading
from collections.abc import Sequence
from contextlib import suppress

import click
import gradio as gr
from starlette.routing import BaseRoute

from rag.assistant import Assistant
from rag.errors import RagError, SettingsError
from rag.index import Index
from rag.prompts import NO_LLM
from rag.settings import Settings
from rag.web.completions import Completions
from rag.web.page import AT_ONCE, LONGEST_QUESTION, build
from rag.web.theme import STYLES, theme


def serve(settings: Settings) -> None:
    """Opens the index and its page, prints the address to standard error and answers until Ctrl-C."""
    index = Index.open(settings.index, settings)
    assistant = Assistant(index, settings=settings)
    page = build(assistant, index, settings)
    try:
        address = start(page, settings, Completions(assistant, AT_ONCE, LONGEST_QUESTION).routes)
        threading.Thread(target=_warm, args=(assistant,), daemon=True).start()
        writer = f"written by {assistant.llm.name}" if assistant.llm is not None else NO_LLM
        click.echo(f"Ask the Articles is at {address}, answers {writer} (Ctrl-C stops it)", err=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo(err=True)
    finally:
        page.close(verbose=False)
        index.close()


def start(page: gr.Blocks, settings: Settings, routes: Sequence[BaseRoute] = ()) -> str:
    """Lets the page listen beside other routes, and returns its address; port 0 is the first free one from 7860 on."""
    try:
        _, address, _ = page.launch(
            server_name=settings.host, server_port=settings.port or None, prevent_thread_lock=True, quiet=True,
            inbrowser=False, share=False, theme=theme(), css_paths=STYLES, footer_links=[], run_history=False,
            enable_monitoring=False, mcp_server=False, ssr_mode=False, pwa=False, app_kwargs={"routes": [*routes]},
        )  # fmt: skip
    except OSError:
        place = f"{settings.host}:{settings.port}"
        raise SettingsError(f"cannot listen on {place}, it may be in use; choose another port with RAG_PORT") from None
    return address


def _warm(assistant: Assistant) -> None:
    """Loads the models beside the open page, so that the first question does not wait for them."""
    with suppress(RagError):
        assistant.index.embedder.embed(["ready"])
        assistant.ask("ready?")
        if assistant.llm is not None:
            assistant.llm.prepare()
