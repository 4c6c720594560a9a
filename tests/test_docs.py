"""The documents say what the code does: generated pages are fresh, examples run, links and names lead somewhere."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag.index import Index
from rag.models.llm.providers import ANY_KEY
from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "index/README.md"])
FOLDERS = ("rag", "tests", "bench", "train", "docs", "seeds", ".ci", ".github")
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")] + [*ROOT.iterdir()]
FILE_NAME = re.compile(rf"(?<![\w/.-])(?:(?:{'|'.join(FOLDERS)})/[\w./-]*|[\w./-]+\.(?:py|toml|lock|cff))(?![\w/-])")
"""A file or folder of the repository, as a page names it: from the root, or by the end of its path."""
PAST = ("CHANGELOG.md", "decisions.md")
"""Pages that also name what is no longer there."""


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
    shared: dict[str, Index] = {}
    exec(compile(block[1], "README.md", "exec"), shared)
    shared["index"].close()  # Chroma would take the next folder of the same relative path for this one
    said = capsys.readouterr().out
    assert "16 added, 0 updated, 0 removed, 0 unchanged, 0 failed" in said
    assert "justification for its existence has ended" in said
    assert "[1]" in said


def test_every_example_of_the_python_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "python.md").read_text()
    shared: dict[str, object] = {"__name__": "python_page"}
    for block in re.finditer(r"```python\n(.*?)```", text, re.S):
        above = "\n" * text.count("\n", 0, block.start(1))  # so that a failure names the line of the page
        exec(compile(above + block[1], "docs/python.md", "exec"), shared)
    assert {name for name in rag.__all__ if not re.search(rf"\b{name}\b", text)} == set()


def heading_anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text())):
        if "://" not in target:
            assert (page.parent / target).exists(), target
            assert not anchor or anchor in heading_anchors(page.parent / target if target else page), anchor


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in PAST], ids=lambda page: page.name)
def test_every_file_named_in_the_pages_is_there(page: Path) -> None:
    known = {f"/{path.relative_to(ROOT).as_posix()}" for path in FILES}
    code = re.findall(r"`([^`\n]+)`", page.read_text())
    named = {name.rstrip("/.") for words in code for name in FILE_NAME.findall(words)}
    missing = {name for name in named if not any(path.endswith(f"/{name}") for path in known)}
    assert missing == set()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in (*PAST, "settings.md")], ids=lambda page: page.name
)
def test_every_setting_named_in_the_pages_is_one(page: Path) -> None:
    known = {f"RAG_{name.upper()}" for name in rag.Settings.model_fields} | {ANY_KEY}
    assert set(re.findall(r"RAG_[A-Z0-9_]*[A-Z0-9]", page.read_text())) <= known


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_the_pages_are_in_plain_english(page: Path) -> None:
    left_out = r"^```.*?^```|`[^`]*`|^    .*?$|<!-- layers -->.*<!-- end of layers -->"
    prose = re.sub(left_out, "", page.read_text(), flags=re.S | re.M)
    dialect = re.findall(r"\b(?:anew|whoever|told|rooms?|doors?|hang together|every verb)\b", prose, re.I)
    assert dialect == []


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    build = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.relative_to(tmp_path / "site").with_suffix(".md").as_posix() for path in tmp_path.rglob("*.html")}
    assert pages >= {page.name for page in (ROOT / "docs").glob("*.md")}
    for path in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(https?:|//)", path.read_text())
        assert loaded == [], path.name
    for path in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:|//)|@import", path.read_text()), path.name


def test_the_site_lists_every_page() -> None:
    listed = set(re.findall(r"(\w+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.M))
    assert listed == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_architecture_names_every_module_and_folder() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    names = {path.name for path in (ROOT / "rag").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert {name for name in names if not name.startswith(("_", ".")) and name not in text} == set()


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
