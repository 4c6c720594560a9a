"""Turn every way out of the command line into an exit status and at most one line."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from io import StringIO

import click

from rag.errors import RagError
from rag.prompts import MEMORY_WANTED
from rag.text.printable import printable, spell_out

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""
_MAX_ERROR_CHARS = 300
"""Characters that are shown of an unexpected error."""
_FAULT = "this is a fault of rag itself; run it again as `rag --debug …` and report what that prints"


def exit_status(act: Callable[[], object], debug: Callable[[], bool] = lambda: False) -> int:
    """Run an action and return its exit status; an error becomes one line on stderr.

    With `debug` an unexpected error shows its traceback too.
    """
    _show_any_character()
    try:
        result = act()
        return result if isinstance(result, int) else 0
    except SystemExit as error:
        if isinstance(error.code, str):
            click.echo(printable(error.code), err=True)
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except RagError as error:
        return _print_error(str(error))
    except BrokenPipeError:  # the reader of our output has had enough, as in `rag list | head`
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _print_error(f"there is not enough memory; raise the limit (ulimit -v), {MEMORY_WANTED}")
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        click.echo(printable(shown.getvalue()), err=True, nl=False)
        return error.exit_code
    except BaseException as error:  # also what native code raises, which is no Exception
        if _is_interrupt(error):
            return INTERRUPTED
        if isinstance(error, click.Abort):
            return _print_error("broken off")
        return _report_unexpected_error(error, debug=debug())


def _is_interrupt(error: BaseException) -> bool:
    """Whether an error comes from Ctrl-C, which click turns into an Abort."""
    causes = (error, error.__cause__, error.__context__) if isinstance(error, click.Abort) else (error,)
    return any(isinstance(cause, KeyboardInterrupt) for cause in causes)


def _is_output_error(error: BaseException) -> bool:
    """Whether an error was raised by printing; if so, drop what standard output still holds."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    by_printing = isinstance(error, OSError) and trace is not None and trace.tb_frame.f_code is click.echo.__code__
    if by_printing:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return by_printing


def _report_unexpected_error(error: BaseException, *, debug: bool) -> int:
    """Print an unexpected error in one line, after its traceback with `debug`; return the exit code."""
    if isinstance(error, OSError) and _is_output_error(error):
        return _print_error(f"what was to be printed cannot be written: {error.strerror or error}")
    if debug:
        with suppress(OSError, ValueError):
            click.echo(printable("".join(traceback.format_exception(error))), err=True)
    if isinstance(error, FileNotFoundError) and not _has_working_folder():
        return _print_error("the folder it was started in is not there any more; change into another one")
    message = " ".join(str(error).split())[:_MAX_ERROR_CHARS]
    return _print_error(f"{type(error).__name__}{f': {message}' if message else ''}; {_FAULT}")


def _has_working_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _print_error(line: str) -> int:
    with suppress(OSError, ValueError):  # stderr may be closed or full
        click.echo(spell_out(f"rag: {line}"), err=True)
    return 1


def _show_any_character() -> None:
    """Let a terminal that cannot show a character show its number, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
