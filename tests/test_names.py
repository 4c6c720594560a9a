"""Names say what they are: functions are verbs, classes are unique, and no test reaches into what is private."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted((ROOT / "rag").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
VERBS = {"embed", "feed", "read", "split", "put", "cut", "set", "let", "shut"}
"""Verbs that look like participles."""
IRREGULAR = set(
    "begun broken brought built chosen done drawn fed found given gone heard held hidden kept known led left lost "
    "made meant met said seen sent shown spent spoken taken thought told understood woven written".split()
)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_value(function: Function) -> bool:
    """Whether a function is used like an attribute, which a noun or an adjective names."""
    return any("property" in ast.unparse(decorator) for decorator in function.decorator_list)


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return word not in VERBS and "_" not in word and (word in IRREGULAR or word.endswith("ed"))


def test_no_class_name_stands_twice() -> None:
    files: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                files.setdefault(node.name, []).append(short(path))
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_public_function_is_a_bare_participle(path: Path) -> None:
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, Function) and not is_value(node))
    assert [function.name for function in functions if is_participle(function.name)] == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_line_is_kept_from_the_formatter(path: Path) -> None:
    assert "fmt: skip" not in path.read_text(encoding="utf-8")


def private_names(path: Path) -> Iterator[str]:
    """What a module of the package keeps for itself: functions, classes, constants and attributes."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
        else:
            continue
        if name.startswith("_") and not name.startswith("__"):
            yield name


def used_names(path: Path) -> Iterator[str]:
    """The private names that a test reads of something else, imports, or replaces."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in {"self", "cls"}:
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rag"):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setattr"):
            yield from (str(given.value).rpartition(".")[2] for given in node.args if isinstance(given, ast.Constant))


PRIVATE = {name for path in FILES for name in private_names(path)} - {"_"}


@pytest.mark.parametrize("path", TESTS, ids=short)
def test_no_test_touches_what_is_private(path: Path) -> None:
    own = set(private_names(path))
    assert sorted({name for name in used_names(path) if name in PRIVATE} - own) == []
