"""Where what is installed comes from: versions, digests and the bill of materials agree."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

UNLOCKED = {"torch", "rfc3987-syntax"}


def known(name: str) -> str:
    """A package's name in the spelling that all spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """The versions of constraints.txt."""
    lines = (line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#"))
    return {known(name): version for name, version in (line.split("==") for line in lines)}


def locked() -> dict[str, tuple[str, list[str]]]:
    """Version and digests of every package in requirements.lock."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    entries = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {known(first.partition("==")[0]): (first.partition("==")[2], rest) for first, *rest in entries}


def installed() -> dict[str, importlib.metadata.Distribution]:
    return {known(one.metadata["Name"]): one for one in importlib.metadata.distributions()}


def test_the_lock_is_of_the_constraints() -> None:
    found = {name: version for name, (version, _) in locked().items()}
    assert found == {name: version for name, version in pins().items() if name not in UNLOCKED}, "run: make lock"


def test_every_locked_package_has_digests() -> None:
    for name, (_, digests) in locked().items():
        assert digests, name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", digest) for digest in digests), name


def test_what_is_installed_is_what_is_locked() -> None:
    here = {name: one.version.partition("+")[0] for name, one in installed().items()}
    wanted = {name: version for name, version in pins().items() if name in here}
    assert {name: here[name] for name in wanted} == wanted
    assert len(wanted) > 150


def requirements(line: str) -> Iterator[tuple[str, str]]:
    """The package that a line requires here, once for itself and once for each of its extras; none of others."""
    wanted = Requirement(line)
    if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
        yield from ((known(wanted.name), extra) for extra in ("", *wanted.extras))


def test_all_that_is_needed_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    waiting, seen, here = [pair for line in lines for pair in requirements(line)], set[tuple[str, str]](), installed()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in here or name in UNLOCKED:
            continue
        seen.add((name, extra))
        for line in here[name].requires or ():
            marker = Requirement(line).marker
            if marker is None or marker.evaluate({"extra": extra}):
                waiting += [(known(Requirement(line).name), more) for more in ("", *Requirement(line).extras)]
    needed = {name for name, _ in seen} - {"rag-articles"}
    assert len(needed) > 150
    assert needed <= set(locked())


def test_the_bill_of_materials_lists_what_is_pinned(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("cyclonedx-py")
    if not program.exists() and not os.environ.get("CI"):
        pytest.skip("install it with: make sbom")
    tool = [str(program), "environment", sys.executable]
    to_file = [
        "--no-validate",
        "--pyproject",
        str(ROOT / "pyproject.toml"),
        "--of",
        "JSON",
        "-o",
        str(tmp_path / "sbom.json"),
    ]
    subprocess.run([*tool, *to_file], check=True, capture_output=True, cwd=ROOT)
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "rag-articles"
    listed = {known(one["name"]): one["version"].partition("+")[0] for one in bill["components"]}
    here = installed()
    missing = {name for name, version in pins().items() if name in here and listed.get(name) != version}
    assert missing == set()
    assert {"torch", "chromadb", "tantivy", "gradio", "onnxruntime"} <= set(listed)


def test_the_hooks_run_what_is_pinned() -> None:
    named = re.findall(r'"([\w-]+)==([\d.]+)"', (ROOT / ".pre-commit-config.yaml").read_text())
    assert named
    assert {name: pins()[name] for name, _ in named} == dict(named)
