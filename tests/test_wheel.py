"""The built wheel works with the source gone: its command, its page and its data."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = """
import rag, rag.web
assert "site" in rag.__file__, rag.__file__
from rag.settings import Settings
from rag import Assistant, Index
index = Index.open(settings=Settings(_env_file=None))
print(type(rag.web.build(Assistant(index), index, index.settings)).__name__)
"""

READING = """
from rag.models.reader import open_reader
from rag.types import Passage
text = "The first captain of the ferry was Ida Holm, a fisherman's daughter."
passage = Passage(article_id="", text=text, start=0, end=len(text))
span = open_reader().read("Who was the first captain?", [passage])[0].spans[0]
print(text[span.start : span.end])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder the wheel was installed into, and nothing else."""
    base = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-c", f"import hatchling.build as b; print(b.build_wheel({str(base)!r}))"]
    name = subprocess.run(build, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()[-1]
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(base / "site")]
    subprocess.run([*install, str(base / name)], check=True, capture_output=True)
    return base / "site"


def test_the_wheel_holds_everything(site: Path) -> None:
    kinds = {".py", ".css", ".js", ".onnx", ".json", ".typed"}
    held = {path.relative_to(site / "rag") for path in (site / "rag").rglob("*") if path.suffix in kinds}
    source = {path.relative_to(ROOT / "rag") for path in (ROOT / "rag").rglob("*") if path.suffix in kinds}
    assert held == source
    assert Path("models/reader/reader.onnx") in held
    assert Path("py.typed") in held
    assert (site / "bin" / "rag").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["-m", "rag", "--help"], "sync"),
        (["-m", "rag", "--version"], "rag, version 0.1.0"),
        (["-W", "ignore", "-c", PAGE], "Blocks"),
        (["-W", "ignore", "-c", READING], "Ida Holm"),
    ],
)
def test_it_runs_without_the_source(site: Path, tmp_path: Path, command: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
