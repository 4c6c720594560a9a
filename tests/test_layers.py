"""Imports go down, heavy libraries stay in their rooms, and `rag --help` loads none of them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = [
    {"types", "errors", "prompts", "days", "remembered", "plain_files", "private_copies", "printing", "telemetry"},
    {
        "ports", "failures", "settings", "sentences", "durable", "layout", "ahead", "database", "shingling",
        "orders", "periods", "exits", "deadline", "tokenizing", "address_space",
    },
    {
        "background",
        "sources", "splitting", "embedding", "vectors", "words", "catalogue", "copies", "repeating", "folder", "fusing",
        "asked", "cluster",
        "reader", "judging", "citing", "testing", "wording", "markers", "quoting", "asking", "llm", "llama",
    },
    {"generation", "composing", "facts", "briefing", "shapes", "removals"},
    {"surveying", "shelf", "checking", "differing", "terminal", "options", "auditing", "kindred"},
    {"ranking", "building"},
    {"proving"},
    {"index", "prose"},
    {"assistant"},
    {"evaluation", "doctor", "suggesting", "watching"},
    {"__init__"},
    {"cli", "web"},
    {"__main__"},
]  # fmt: skip
OWNERS = {
    "chromadb": {"vectors"},
    "ray": {"cluster"},
    "pyarrow": {"cluster"},
    "tantivy": {"words"},
    "sqlite3": {"database"},
    "rensa": {"shingling"},
    "py3langid": {"sources"},
    "sentence_transformers": {"embedding", "reader"},
    "torch": {"embedding", "reader", "llm"},
    "transformers": {"embedding", "reader", "llm"},
    "onnxruntime": {"embedding", "reader"},
    "safetensors": {"embedding"},
    "ir_measures": {"evaluation", "doctor", "suggesting"},
    "sklearn": {"evaluation", "doctor", "suggesting"},
    "gradio": {"web"},
    "llama_index": {"llama", "llm"},
    "openai": {"llm"},
    "tenacity": {"cluster", "vectors", "llm", "sources"},
    "httpx": {"llm", "sources", "vectors", "web"},
    "httpcore": {"sources", "llm"},
    "protego": {"sources"},
    "courlan": {"sources"},
    "text_to_num": {"facts"},
    "watchfiles": {"watching"},
    "bcrypt": {"web"},
    "limits": {"web"},
    "prometheus_client": {"web"},
    "starlette": {"web"},
    "feedparser": {"sources"},
    "tld": {"sources"},
    "trafilatura": {"sources"},
    "pypdfium2": {"sources"},
    "mammoth": {"sources"},
    "striprtf": {"sources"},
    "zipfile": {"sources"},
    "sentencex": {"sentences"},
    "click": {"cli", "exits", "options", "terminal", "web"},
}
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
    "pypdfium2",
    "mammoth",
    "tantivy",
    "rensa",
    "py3langid",
    "ray",
    "pyarrow",
]
FILES = sorted((ROOT / "rag").rglob("*.py"))


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
        starts_page = here == "cli" and there == "web"
        assert here == there or floor(there) < floor(here) or starts_page, f"{here} imports {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_room(path: Path) -> None:
    for name in imports(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or room(path) in owners, f"{name} belongs in {owners}"


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name} is long"
