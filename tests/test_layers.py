"""Imports go down, heavy libraries stay in their rooms, and `rag --help` loads none of them."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.structure import FLOORS, OWNERS

HEAVY = [
    "torch",
    "transformers",
    "sentence_transformers",
    "onnxruntime",
    "ir_measures",
    "sklearn",
    "chromadb",
    "gradio",
    "llama_index",
    "feedparser",
    "trafilatura",
    "olefile",
    "pypdfium2",
    "mammoth",
    "tantivy",
    "rensa",
    "py3langid",
    "ray",
    "pyarrow",
]
FILES = sorted((ROOT / "rag").rglob("*.py"))
MODULES = {path.relative_to(ROOT / "rag").as_posix() for path in FILES}
MOST_FLAT = 14
"""Modules that lie in no folder."""


def room(path: Path) -> str:
    return path.relative_to(ROOT / "rag").with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """Every module a file imports, deferred ones and those for types alike."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_few_modules_lie_flat() -> None:
    assert len([name for name in MODULES if "/" not in name]) <= MOST_FLAT


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    here = room(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "rag" or len(parts) < 2:
            continue
        there = parts[1] if any(parts[1] in rooms for rooms in FLOORS) else "__init__"
        assert here == there or floor(there) < floor(here), f"{here} imports {there}"


def module_of(name: str) -> str:
    """The module in which an imported name is, as a path without its ending; empty for none of the package."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = "/".join(parts[1:length])
        if f"{place}.py" in MODULES or f"{place}/__init__.py" in MODULES:
            return place
    return ""


@pytest.mark.parametrize("folder", sorted({str(path.parent.relative_to(ROOT / "rag")) for path in FILES} - {"."}))
def test_no_folder_has_a_circle(folder: str) -> None:
    """Modules and subfolders of a folder import each other one way only."""
    arrows: dict[str, set[str]] = {}
    for path in FILES:
        inside = path.relative_to(ROOT / "rag").with_suffix("").as_posix()
        if not inside.startswith(f"{folder}/"):
            continue
        here = inside.removeprefix(f"{folder}/").split("/")[0]
        found = (module_of(name) for name in imports(path) if name.startswith("rag."))
        rooms = {there.removeprefix(f"{folder}/").split("/")[0] for there in found if there.startswith(f"{folder}/")}
        arrows.setdefault(here, set()).update(rooms - {here})
    TopologicalSorter(arrows).prepare()  # CycleError names a circle


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_room(path: Path) -> None:
    for name in imports(path):
        owners = OWNERS.get(name.split(".")[0])
        here = path.relative_to(ROOT / "rag").with_suffix("").as_posix()
        owned = owners is None or any(f"{here}/".startswith(f"{owner}/") for owner in owners)
        assert owned, f"{name} belongs in {owners}"


@pytest.mark.parametrize("code", ["import rag", "import rag.cli", "import rag.testing"])
def test_importing_is_light(code: str) -> None:
    check = f"{code}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


SPARED = ["torch", "transformers", "sentence_transformers", "sklearn", "gradio", "llama_index", "trafilatura", "sympy"]


def test_a_first_question_is_light(tmp_path: Path, folder: Path) -> None:
    """A sync and a question with what is in the box need neither torch nor what lies on it."""
    check = f"""
import sys
from rag.cli import main
for arguments in (["sync", {str(folder)!r}], ["ask", "Why did the bridge close?"]):
    main(["--index", {str(tmp_path / "index")!r}, *arguments], standalone_mode=False)
print([name for name in {SPARED} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "cracks" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_asking_an_index_goes_without_what_only_a_sync_needs(tmp_path: Path, folder: Path) -> None:
    index = ["-m", "rag", "--index", str(tmp_path / "index")]
    subprocess.run([sys.executable, *index, "sync", str(folder)], check=True, capture_output=True, cwd=ROOT)
    asked = [sys.executable, "-X", "importtime", *index, "ask", "Why did the bridge close?"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "cracks" in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"tantivy", "chromadb_rust_bindings"} <= loaded
    assert [name for name in loaded if name.startswith(("chromadb.", "rag.sources", "rag.ingestion."))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name} is long"
