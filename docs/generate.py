"""Writes what the docs take from the code; with --check it only says whether it is up to date."""

import ast
import sys
from pathlib import Path

import click
from pydantic import SecretStr

from rag.cli import main
from rag.models.llm.providers import ANY_KEY, LOCAL, PROVIDERS
from rag.settings import GROUPS, Settings
from rag.settings.names import REMOVED, RENAMED

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.structure import FLOORS

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "rag"
_LAYERS = "<!-- layers -->\n"
_END = "<!-- end of layers -->"


def cli() -> str:
    """Return the help of `rag` and of each command."""
    parts = ["# The command line", _help(main, "rag")]
    for name, command in main.commands.items():
        parts += [f"## rag {name}", _help(command, f"rag {name}")]
    return "\n\n".join(parts) + "\n"


def _help(command: click.Command, name: str) -> str:
    names = main.context_settings["help_option_names"]
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100, help_option_names=names)
    return f"```\n{command.get_help(context)}\n```"


def settings() -> str:
    """Return the page of settings: a table for each group, old names, and the providers of LLMs."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable, or a line in a file `.env` in the folder where the program starts.",
        "An empty one counts as not set, and `~` is the home folder where a file or folder is named.",
        "`rag info` shows the values in use and where each came from. A `RAG_…` that is not a setting is named",
        "on standard error, with the setting that is nearest to it.",
    ]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines += ["", f"## {GROUPS[name]}", "", "| variable | default | meaning |", "|---|---|---|"]
        plain = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{plain}`" if str(plain) else "(empty)"
        lines.append(f"| `RAG_{name.upper()}` | {shown} | {field.description} |")
    lines += ["", *_providers(), "", *_old_names()]
    return "\n".join(lines) + "\n"


def _old_names() -> list[str]:
    """Return the table of settings that had another name in 0.1."""
    rows = [f"| `RAG_{old.upper()}` | `RAG_{new.upper()}` |" for old, new in RENAMED.items()]
    gone = [f"`RAG_{name.upper()}` is gone: {reason}." for name, reason in REMOVED.items()]
    return [
        "## Names of 0.1",
        "",
        "They work in this release only; each that is used is named on standard error.",
        "",
        "| name in 0.1 | name now |",
        "|---|---|",
        *rows,
        "",
        *gone,
    ]


def _providers() -> list[str]:
    """Return the table of LLM providers, with the address and the variable of the key of each."""
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


def architecture() -> str:
    """Return docs/architecture.md with the tables of floors, folders and modules renewed."""
    head, _, rest = (HERE / "architecture.md").read_text(encoding="utf-8").partition(_LAYERS)
    rows = ["| floor | module or folder | what it is |", "|---|---|---|"]
    for number, names in reversed(list(enumerate(FLOORS))):
        rows += [f"| {number} | {_format_name(name)} | {_first_line(name)} |" for name in sorted(names)]
    for folder in sorted(path for path in PACKAGE.rglob("*") if (path / "__init__.py").is_file()):
        inside = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
        place = folder.relative_to(PACKAGE).as_posix()
        rows += ["", f"### `rag/{place}/`", "", _first_line(place), "", "| module | what it is |", "|---|---|"]
        rows += [f"| `{name}.py` | {_first_line(f'{place}/{name}')} |" for name in inside]
    return head + "\n".join([_LAYERS, *rows, ""]) + _END + rest.partition(_END)[2]


def _format_name(name: str) -> str:
    return f"`{name}/`" if (PACKAGE / name).is_dir() else f"`{name}.py`"


def _first_line(name: str) -> str:
    """Return the first line of a module's docstring, or of a folder's."""
    path = PACKAGE / name / "__init__.py" if (PACKAGE / name).is_dir() else PACKAGE / f"{name}.py"
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0].replace("|", "\\|")


PAGES = {"architecture.md": architecture, "cli.md": cli, "settings.md": settings}


def stale() -> list[str]:
    """Return the pages that differ from what the code says."""
    return [name for name, page in PAGES.items() if not _same(HERE / name, page())]


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


if __name__ == "__main__":
    if "--check" in sys.argv:
        old = stale()
        sys.exit(f"out of date: {', '.join(old)}; run `make docs`" if old else 0)
    for name, page in PAGES.items():
        (HERE / name).write_text(page())
