"""The `rag` command: stdout is the answer, stderr is everything else."""

from rag.cli import admin_commands, ask_commands, index_commands
from rag.cli.group import main

__all__ = ["admin_commands", "ask_commands", "index_commands", "main"]
