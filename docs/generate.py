"""Writes docs/cli.md and docs/settings.md from the code; with --check it only says whether they are up to date."""

import sys
from pathlib import Path

import click
from pydantic import SecretStr

from rag.cli import main
from rag.llm.naming import ANY_KEY, LOCAL, PROVIDERS
from rag.settings import Settings

HERE = Path(__file__).parent


def cli() -> str:
    """The help of `rag` and of each verb."""
    parts = ["# The command line", _help(main, "rag")]
    for name, command in main.commands.items():
        parts += [f"## rag {name}", _help(command, f"rag {name}")]
    return "\n\n".join(parts) + "\n"


def _help(command: click.Command, name: str) -> str:
    names = main.context_settings["help_option_names"]
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100, help_option_names=names)
    return f"```\n{command.get_help(context)}\n```"


def settings() -> str:
    """A table of every setting."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable, or a line in a file `.env` in the folder where the program starts.",
        "An empty one counts as not set, and `~` is the home folder where a file or folder is named.",
        "`rag info` shows the values in use and where each came from.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        plain = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{plain}`" if str(plain) else "(empty)"
        lines.append(f"| `RAG_{name.upper()}` | {shown} | {field.description} |")
    lines += ["", *_providers()]
    return "\n".join(lines) + "\n"


def _providers() -> list[str]:
    """Where LLMs are looked for, and which variable holds the key of each provider."""
    lines = [
        "## Providers of LLMs",
        "",
        "`RAG_LLM=provider/model` asks the address below; `provider/model@URL` or `model@URL` asks another one. All",
        "speak OpenAI's protocol. A key is read from the environment when it is needed, goes to its provider alone,",
        f"and is never shown or stored; an address of your own gets `{ANY_KEY}`, if that is set.",
        f"`{LOCAL}/FOLDER` needs no server.",
        "",
        "| provider | address | key |",
        "|---|---|---|",
    ]
    rows = [f"| `{name}` | {one.url} | {f'`{one.key}`' if one.key else '-'} |" for name, one in PROVIDERS.items()]
    return [*lines, *rows]


PAGES = {"cli.md": cli, "settings.md": settings}


def stale() -> list[str]:
    """The pages that differ from what the code says."""
    return [name for name, page in PAGES.items() if not _same(HERE / name, page())]


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


if __name__ == "__main__":
    if "--check" in sys.argv:
        old = stale()
        sys.exit(f"out of date: {', '.join(old)}; run `make docs`" if old else 0)
    for name, page in PAGES.items():
        (HERE / name).write_text(page())
