"""The `rag` command: the answer goes to stdout, everything else to stderr."""

from rag.cli import admin_commands, ask_commands, index_commands
from rag.cli.group import main

__all__ = ["admin_commands", "ask_commands", "index_commands", "main"]
