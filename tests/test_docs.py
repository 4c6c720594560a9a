"""The documents say what the code does: generated pages are fresh, examples run, links lead somewhere."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "index/README.md"])


def test_generated_pages_are_fresh() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.stale() == []


def test_readme_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert block is not None
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    exec(compile(block[1], "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "16 added, 0 updated, 0 removed, 0 unchanged, 0 failed" in said
    assert "justification for its existence has ended" in said
    assert "[1]" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.name for path in (ROOT / "rag").iterdir() if path.is_dir() or path.suffix == ".py"}
    rooms = {room for room in rooms if not room.startswith(("_", "."))}
    assert {room for room in rooms if room not in text} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_every_test_named_in_the_pages_is_there(page: Path) -> None:
    named = set(re.findall(r"`(\w+\.py)::(\w+)`", page.read_text()))
    for file in {file for file, _ in named}:
        (path,) = (ROOT / "tests").rglob(file)
        tree = ast.parse(path.read_text())
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert {name for other, name in named if other == file} <= there, file


def test_every_threat_of_the_security_page_has_its_parts() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    threats = re.split(r"^### ", text, flags=re.M)[1:]
    assert len(threats) >= 12
    assert all(f"| {part} |" in threat for threat in threats for part in ("stops it", "tests", "remains"))
    assert all("::test_" in threat.partition("| tests |")[2].partition("\n")[0] for threat in threats)
