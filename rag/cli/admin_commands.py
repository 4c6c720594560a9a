"""The commands info, doctor, serve and password."""

import os

import click

from rag.cli.context import load_settings, open_index
from rag.cli.group import main
from rag.cli.options import index_option, json_option
from rag.cli.terminal import echo, print_json
from rag.prompts import NO_LLM
from rag.serialization import format_value


@main.command()
@json_option
@index_option
def info(*, as_json: bool) -> None:
    """Show the index, the models and the settings, and where each setting came from."""
    from rag import __version__
    from rag.models.llm.providers import describe_model
    from rag.settings import Settings

    index = open_index()
    settings: Settings = index.settings
    origins = settings.origins(os.environ)
    facts: dict[str, object] = {"version": __version__}
    facts |= {"folder": str(settings.index), "articles": 0, "passages": 0} if index.empty else index.info()
    facts["llm"] = f"{describe_model(settings.llm)} [{origins['llm']}]" if settings.llm else f"none ({NO_LLM})"
    values = {name: {"value": str(getattr(settings, name)), "from": origins[name]} for name in origins}
    if as_json:
        return print_json({**facts, "settings": values})
    for name, value in facts.items():
        echo(f"{name}: {format_value(value)}")
    echo("settings:")
    for name, setting in values.items():
        echo(f"  RAG_{name.upper()} = {setting['value'] or '(empty)'}  [{setting['from']}]")


@main.command()
@json_option
@index_option
def doctor(*, as_json: bool) -> None:
    """Try the index, the models, the LLM and the disk, and say what to do about each that fails."""
    from rag.cli.doctor import run_checks

    checks = []
    for check in run_checks(load_settings()):
        checks.append({"name": check.name, "works": check.works, "said": check.detail})
        if not as_json:
            echo(f"{'ok ' if check.works else 'NO '} {check.name}: {check.detail}")
    if as_json:
        print_json(checks)
    if not all(check["works"] for check in checks):
        click.get_current_context().exit(1)


@main.command()
@click.option("--host", default=None, help="Address to listen on; RAG_HOST or 127.0.0.1 unless given.")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="Port; RAG_PORT or 7860 unless given.")
@click.option("--insecure", is_flag=True, default=None, help="Let other machines reach it without signing in.")
@index_option
def serve(*, host: str | None, port: int | None, insecure: bool | None) -> None:
    """Serve the web page, also to programs: OpenAI's protocol at /v1, Gradio's API, and MCP where it is installed."""
    from rag.web import serve as run

    options = {"host": host, "port": port, "insecure": insecure}
    given = {name: value for name, value in options.items() if value is not None}
    run(load_settings(**given))


@main.command()
def password() -> None:
    """Ask for a password and print its hash for RAG_AUTH."""
    from rag.web.server.auth import hash_password

    echo(hash_password(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)))
