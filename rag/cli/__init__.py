"""The `rag` command: stdout is the answer, stderr is everything else."""

from rag.cli import around, asking, keeping
from rag.cli.group import main

__all__ = ["around", "asking", "keeping", "main"]
