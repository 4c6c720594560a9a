"""Opens the page on a port of this machine."""

import threading
from contextlib import suppress

import click
import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, SettingsError
from rag.index import Index
from rag.settings import Settings
from rag.web.page import build
from rag.web.theme import STYLES, theme


def serve(settings: Settings) -> None:
    """Opens the index and its page, prints the address to standard error and answers until Ctrl-C."""
    index = Index.open(settings.index, settings)
    assistant = Assistant(index, settings=settings)
    page = build(assistant, index, settings)
    try:
        address = start(page, settings)
        threading.Thread(target=_warm, args=(assistant,), daemon=True).start()
        click.echo(f"Ask the Articles is at {address} (Ctrl-C stops it)", err=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo(err=True)
    finally:
        page.close(verbose=False)
        index.close()


def start(page: gr.Blocks, settings: Settings) -> str:
    """Lets the page listen, and returns its address; port 0 is the first free one from 7860 on."""
    try:
        _, address, _ = page.launch(
            server_name=settings.host, server_port=settings.port or None, prevent_thread_lock=True, quiet=True,
            inbrowser=False, share=False, theme=theme(), css_paths=STYLES, footer_links=[], run_history=False,
            enable_monitoring=False, mcp_server=False, ssr_mode=False, pwa=False,
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
