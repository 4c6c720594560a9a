"""Hostile documents end in an article or a reason, in bounded time and memory, and the good ones beside are read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
from tests.conftest import ROOT
from tests.support import hostile_corpus

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> dict[str, str]:
    return hostile_corpus.build(folder)


@pytest.fixture(scope="module")
def told(folder: Path, outcomes: dict[str, str]) -> dict[str, Any]:
    """What a process that reads the corpus says of it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.hostile_corpus", str(folder)],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    print({name: value for name, value in found.items() if name != "items"})  # noqa: T201
    return found


def test_there_are_enough_files(outcomes: dict[str, str]) -> None:
    assert len(outcomes) > 250


def test_every_file_ends_in_an_article_or_a_reason(
    folder: Path, outcomes: dict[str, str], told: dict[str, Any]
) -> None:
    read = {hostile_corpus.file_of(folder, place) for place, _, reason in told["items"] if not reason}
    failed = {hostile_corpus.file_of(folder, place) for place, _, reason in told["items"] if reason}
    assert read | failed == set(outcomes)
    assert {name for name, outcome in outcomes.items() if outcome == hostile_corpus.READ} - read == set()
    assert {name for name, outcome in outcomes.items() if outcome == hostile_corpus.FAILED} & read == set()


def test_reasons_are_for_a_person(told: dict[str, Any]) -> None:
    for place, _, reason in told["items"]:
        assert "\n" not in reason, place
        assert not reason or 5 < len(reason) < 400, (place, reason)
        assert "Error" not in reason, (place, reason)
        assert "0x" not in reason, (place, reason)


def test_memory_stays_bounded(told: dict[str, Any]) -> None:
    """The parsers keep to their limit, and what they are fed with does not pile up in this process."""
    assert told["parsers_peak_mb"] < hostile_corpus.MEMORY_MB + 150
    assert told["peak_mb"] < 400


def test_the_index_takes_what_is_good(folder: Path, outcomes: dict[str, str], tmp_path: Path) -> None:
    """A few of the worst, through every store, beside good ones."""
    worst = [name for name in outcomes if name.startswith(("bomb", "locked", "circle", "crowd", "climbing", "zz-good"))]
    (tmp_path / "worst").mkdir()
    for name in worst:
        (tmp_path / "worst" / name).symlink_to(folder / name)
    settings = Settings(
        _env_file=None, parser_memory_mb=hostile_corpus.MEMORY_MB, parser_seconds=hostile_corpus.SECONDS
    )
    index = Index.open(tmp_path / "index", settings, WordEmbedder())
    try:
        changes = index.sync(tmp_path / "worst")
        names = {Path(article.origin).name for article in index.articles()}
        assert {name for name in worst if name.startswith("zz-good")} - {"zz-good.zip"} == {
            name for name in names if name.startswith("zz-good")
        }
        assert len({failure.source for failure in changes.failed}) >= len(worst) - len(hostile_corpus.WHOLE) - 1
        assert index.sync(tmp_path / "worst").unchanged == changes.added
    finally:
        index.close()
