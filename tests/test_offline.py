"""Start and default use make no network call, and telemetry is off in every library.

`make test-offline` looks from outside, for a minute and a half; whether it would see something is tested here.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.telemetry import TELEMETRY_OFF, disable_telemetry
from tests.conftest import ROOT, SEEDS
from tests.support.offline import NO_NAMESPACE

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
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(("RAG_", "HF_"))}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "index"), str(SEEDS)],
        capture_output=True, text=True, cwd=ROOT, env={**environment, "HOME": str(tmp_path)}, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr
    assert "justification" in done.stdout


# Telemetry.

WATCHED = """
import os, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("onnxruntime", "chromadb", "gradio", "ray"):
            sys.exit(f"{name} {[variable for variable in OFF if os.environ.get(variable) != OFF[variable]]}")
sys.meta_path.insert(0, Finder())
"""
WAYS_IN = {
    "python": ("onnxruntime", "import rag; rag.Assistant(rag.Index.open('index')).index.embedder.embed(['a'])"),
    "command line": ("chromadb", "import rag.cli; rag.cli.main(['sync', SEEDS])"),
    "page": ("gradio", "import rag.web"),
    "worker": ("ray", "import rag.integrations.ray.worker, ray"),
    "damaged index": (
        "chromadb",
        "import rag.storage.vectors.hnsw as hnsw, pathlib; hnsw.walk(pathlib.Path(), 'a')",
    ),
}


@pytest.mark.parametrize("way", WAYS_IN)
def test_telemetry_is_off_before_a_library_is_loaded(way: str, tmp_path: Path) -> None:
    """In an environment that holds nothing else than that it is wanted."""
    library, code = WAYS_IN[way]
    wanted = {"ORT_DISABLE_TELEMETRY": "0", "GRADIO_ANALYTICS_ENABLED": "True", "ANONYMIZED_TELEMETRY": "True"}
    given = f"OFF, SEEDS = {TELEMETRY_OFF!r}, {str(SEEDS)!r}\n{WATCHED}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", given], capture_output=True, text=True, cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), **wanted},
    )  # fmt: skip
    assert done.stderr.strip() == f"{library} []"


def test_a_library_that_was_loaded_before_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    loaded = SimpleNamespace(disable_telemetry_events=lambda: told.append(True))
    monkeypatch.setitem(sys.modules, "onnxruntime", loaded)  # type: ignore[arg-type]
    disable_telemetry()
    assert told == [True]


# The check from outside.


def _observed(code: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "tests.support.offline", "--", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode == NO_NAMESPACE and not os.environ.get("CI"):
        pytest.skip(done.stderr)
    return done.returncode, done.stdout.splitlines()


def test_a_program_that_stays_here_passes() -> None:
    here = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    assert _observed(here) == (0, ["nothing was looked up, sent elsewhere or written to HOME"])


def test_whatever_leaves_a_program_is_seen() -> None:
    code = """
import ctypes, os, pathlib, socket
for family, address in ((socket.AF_INET, "198.51.100.7"), (socket.AF_INET6, "2001:db8::7")):
    for kind, port in ((socket.SOCK_STREAM, 443), (socket.SOCK_DGRAM, 53)):
        try:
            with socket.socket(family, kind) as out:
                out.connect((address, port))
                out.send(b"x")
        except OSError:
            pass
ctypes.CDLL(None).gethostbyname(b"native.test")
(pathlib.Path.home() / ".cache").mkdir()
(pathlib.Path.home() / ".cache" / "deviceid").write_text("1")
"""
    status, seen = _observed(code)
    expected = ["looked up native.test", "sent to 198.51.100.7 port 443 (TCP)", "sent to 198.51.100.7 port 53 (UDP)"]
    if Path("/proc/net/if_inet6").exists():
        expected += ["sent to 2001:db8::7 port 443 (TCP)", "sent to 2001:db8::7 port 53 (UDP)"]
    assert (status, seen) == (1, [*sorted(expected), "written: ~/.cache/deviceid"])


def test_a_program_that_fails_is_no_success() -> None:
    status, seen = _observed("raise SystemExit(3)")
    assert status == 1
    assert "ended with 3" in seen[0]
