"""Start and default use make no network call."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, SEEDS

CHILD = """
import socket, sys
def refuse(*args, **kwargs):
    print("NETWORK", args, file=sys.stderr)
    raise OSError("no network")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
from rag import Assistant, Index
index = Index.open(sys.argv[1])
print(index.sync(sys.argv[2]))
print(Assistant(index).ask("Why did Iraq call for ending the coalition?"))
import rag.web
"""


def test_no_network_from_install_to_answer(tmp_path: Path) -> None:
    import os

    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(("RAG_", "HF_"))}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "index"), str(SEEDS)],
        capture_output=True, text=True, cwd=ROOT, env={**environment, "HOME": str(tmp_path)}, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr
    assert "justification" in done.stdout
