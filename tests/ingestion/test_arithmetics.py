"""An index notes in which numbers its vectors were computed, and is asked, added to and checked in any others."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.index import Index
from rag.models.embedding import PackagedEmbedder
from rag.models.hardware import multiplies_int8
from rag.protocols import Embedder, Matrix
from rag.settings import Settings
from rag.testing import WordEmbedder

QUESTION = "When did the bridge close?"


class RoundingEmbedder(WordEmbedder):
    """The fake in numbers of a chosen name, rounded a little where they are not exact."""

    def __init__(self, arithmetic: str) -> None:
        super().__init__()
        self._arithmetic = arithmetic

    @property
    def arithmetics(self) -> tuple[str, ...]:
        return (self._arithmetic,)

    def embed(self, texts: Sequence[str]) -> Matrix:
        vectors = super().embed(texts)
        if self._arithmetic != "exact":
            vectors += np.float32(0.01)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def opened(root: Path, embedder: Embedder) -> Index:
    return Index.open(root, Settings(_env_file=None), embedder)


def noted(root: Path) -> list[str]:
    """What the manifest of the newest generation says."""
    manifest = max(root.glob("generation-*/manifest.json"))
    return list(json.loads(manifest.read_text())["arithmetics"])


def test_all_numbers_are_noted_once(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "index"
    exact, rounded = (opened(root, RoundingEmbedder(name)) for name in ("exact", "rounded"))
    exact.sync(folder)
    assert noted(root) == ["exact"]
    rounded.sync(folder)
    assert noted(root) == ["exact"], "nothing was embedded"
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry runs on Sundays.\n")
    rounded.sync(folder)
    exact.add(folder / "ferry.md")
    assert noted(root) == ["exact", "rounded"]
    assert exact.info()["arithmetics"] == ["exact", "rounded"], "also where it was opened before"
    for index in (exact, rounded):
        assert index.search(QUESTION)[0].passage.article_id == "bridge.md"
        assert index.check() == []
    rounded.rebuild()
    assert noted(root) == ["rounded"]


def test_articles_that_are_embedded_later_are_noted_then(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingestion.build.WINDOW_PASSAGES", 1)
    opened(tmp_path / "index", RoundingEmbedder("exact")).sync(folder)
    assert noted(tmp_path / "index") == ["exact"]


def test_an_embedder_need_not_say(folder: Path, tmp_path: Path) -> None:
    index = opened(tmp_path / "index", WordEmbedder())
    index.sync(folder)
    assert index.info()["arithmetics"] == []
    assert index.check() == []


def test_an_index_of_an_earlier_version_opens_as_it_is(folder: Path, tmp_path: Path) -> None:
    index = opened(tmp_path / "index", RoundingEmbedder("exact"))
    index.sync(folder)
    index.close()
    manifest = next((tmp_path / "index").glob("generation-*/manifest.json"))
    facts = json.loads(manifest.read_text())
    del facts["arithmetics"]
    manifest.write_text(json.dumps(facts))
    before = manifest.read_bytes()
    index = opened(tmp_path / "index", RoundingEmbedder("rounded"))
    assert index.search(QUESTION)
    assert index.check() == []
    assert index.info()["arithmetics"] == []
    assert manifest.read_bytes() == before
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry runs on Sundays.\n")
    index.sync(folder)
    assert noted(tmp_path / "index") == ["unknown", "rounded"]


def test_a_check_asks_more_of_vectors_of_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    opened(tmp_path / "index", RoundingEmbedder("exact")).sync(folder)
    manifest = next((tmp_path / "index").glob("generation-*/manifest.json"))
    rounded = opened(tmp_path / "index", RoundingEmbedder("rounded"))
    assert rounded.check() == []
    manifest.write_text(manifest.read_text().replace('"exact"', '"rounded"'))
    findings = opened(tmp_path / "index", RoundingEmbedder("rounded")).check()
    assert any("is not what the model makes of it" in finding.said for finding in findings)


@pytest.mark.skipif(not multiplies_int8(), reason="this processor rounds sums of 8-bit products")
def test_the_packaged_model_pairs_with_itself(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "index"
    precise, fast = (opened(root, PackagedEmbedder("cpu", arithmetic=name)) for name in ("float32", "int8"))
    precise.sync(folder)
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry runs on Sundays.\n")
    fast.sync(folder)
    assert noted(root) == ["float32", "int8"]
    for index in (precise, fast):
        assert index.search("When does the ferry run?")[0].passage.article_id == "ferry.md"
        assert index.search(QUESTION)[0].passage.article_id == "bridge.md"
        assert index.check() == []
