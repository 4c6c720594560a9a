"""Options that several commands share, and the group that handles their errors."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from rag.cli.exits import exit_status
from rag.errors import RagError
from rag.text.characters import join_surrogates
from rag.text.printable import spell_out

F = TypeVar("F", bound=Callable[..., object])


class Group(click.Group):
    """Turns what a command raises into one line and an exit status."""

    debug = False
    """Whether the traceback of an unexpected error is shown."""

    def main(self, *given: Any, **more: Any) -> Any:
        """Run the command line; in standalone mode every way out ends in `exit_status`."""
        run: Callable[..., Any] = super().main
        if not more.pop("standalone_mode", True):
            return run(*given, standalone_mode=False, **more)
        self.debug = False
        sys.exit(exit_status(lambda: run(*given, standalone_mode=False, **more), lambda: self.debug))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a RagError becomes one line and exit status 1, a closed pipe at the output exit status 0."""
        try:
            return super().invoke(ctx)
        except RagError as error:
            click.echo(spell_out(f"rag: {error}"), err=True)
            ctx.exit(1)
        except BrokenPipeError:
            # The reader of our output has had enough, as in `rag list | head`.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


def _keep_index(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    # An empty name is none, as for a variable; it would be the folder the program is started in.
    if value:
        ctx.find_root().obj = Path(value).expanduser()


class _Text(click.ParamType):  # type: ignore[type-arg]
    """Text that a person types, whole characters only."""

    name = "text"

    def convert(self, value: Any, _parameter: click.Parameter | None, _context: click.Context | None) -> str:
        """Return the text with halves of characters replaced."""
        return join_surrogates(str(value))


TEXT = _Text()
"""The type of options that take text; bytes that are not UTF-8 become U+FFFD, since no model or index takes halves of a
character."""


def _show_tracebacks(ctx: click.Context, _parameter: click.Parameter, value: object) -> None:
    if value and isinstance(ctx.command, Group):
        ctx.command.debug = True


debug_option = click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_tracebacks,
    help="Show the traceback of an unexpected error.",
)
map_option = click.option(
    "--map",
    "columns",
    type=TEXT,
    multiple=True,
    metavar="FIELD=COLUMN,…",
    help="Say which columns of an export are which fields (text, title, date, author, url, source, id), as in "
    "--map text=body_x,title=kop; written to a file beside it, which every sync reads. No column takes it back.",
)
index_option = click.option(
    "--index",
    type=click.Path(file_okay=False),
    metavar="DIR",
    callback=_keep_index,
    expose_value=False,
    help="Folder of the index (or RAG_INDEX); `index/` unless set.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def filter_options(command: F) -> F:
    """Add the options that narrow a search: --since, --until, --as-of and --publisher."""
    for option in (
        click.option(
            "--publisher",
            type=TEXT,
            default="",
            metavar="P",
            help="Only articles of this publisher (a part of its name is enough).",
        ),
        click.option(
            "--as-of", default="", metavar="D", help="The day of the question: articles of that time come first."
        ),
        click.option("--until", default="", metavar="D", help="Only articles up to this day, YYYY-MM-DD."),
        click.option("--since", default="", metavar="D", help="Only articles from this day on, YYYY-MM-DD."),
    ):
        command = option(command)
    return command


all_text_option = click.option(
    "--all-text",
    is_flag=True,
    help="Index all files that hold text, also scripts, logs, licences and lists of addresses.",
)


def list_options(command: F) -> F:
    """Add the options that narrow a feed or list: --since and --limit."""
    for option in (
        click.option("--limit", default=0, type=click.IntRange(0), metavar="N", help="Most pages of a feed or list."),
        click.option(
            "--since", default="", metavar="D", help="Only pages of a feed or list from this day on, YYYY-MM-DD."
        ),
    ):
        command = option(command)
    return command
