"""A rebuild goes live only when it is sound; going back and forth; nobody else may read the folder."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag import protocols
from rag.errors import IndexMismatch, StoreError
from rag.index import Index
from rag.settings import Settings
from rag.storage.vectors import VectorStore
from rag.testing import WordEmbedder
from rag.types import Answer, Passage
from rag.web.articles.uploads import Uploads
from rag.web.chat.feedback import Feedback


def live(index: Index) -> str:
    return str(index.info()["generation"])


def test_a_rebuild_that_loses_a_passage_does_not_go_live(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    add = VectorStore.add

    def lossy(self: VectorStore, passages: Sequence[Passage], vectors: protocols.Matrix) -> None:
        add(self, passages[1:], vectors[1:])

    with monkeypatch.context() as patch:
        patch.setattr(VectorStore, "add", lossy)
        with pytest.raises(StoreError, match=r"not sound, so the old one stays: vectors: bridge.md: 1 of its") as met:
            index.rebuild(folder)
    assert "\n" not in str(met.value)
    assert live(index) == "generation-0001"
    assert [path.name for path in index.folder.glob("generation-*")] == ["generation-0001"]
    assert index.search("frost in the orchards")[0].passage.article_id == "orchard.md"
    index.rebuild(folder)
    assert live(index) == "generation-0002"


class _Fickle(WordEmbedder):
    """Gives other vectors every time."""

    def embed(self, texts: Sequence[str]) -> protocols.Matrix:
        return np.roll(super().embed(texts), self.embedded, axis=1)


def test_a_rebuild_whose_vectors_are_not_the_model_s_does_not_go_live(folder: Path, tmp_path: Path) -> None:
    index = Index.open(tmp_path / "fickle", Settings(_env_file=None), _Fickle())
    index.sync(folder)
    with pytest.raises(StoreError, match=r"not sound, so the old one stays: vectors: .*is not what the model makes"):
        index.rebuild(folder)
    assert live(index) == "generation-0001"
    index.close()


def test_a_rebuild_that_does_not_find_its_articles_does_not_go_live(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    with monkeypatch.context() as patch:
        patch.setattr("rag.ingestion.verify.search", lambda *_, **_named: [])
        with pytest.raises(StoreError, match="a search for “Old bridge closes” does not find it"):
            index.rebuild(folder)
    assert live(index) == "generation-0001"


def test_articles_with_one_text_and_one_title_prove_each_other(index: Index, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(80):
        (many / f"{number}.md").write_text("# Morning news\n\nThe news of this morning is the same everywhere.\n")
    index.sync(many)
    index.rebuild()
    assert live(index) == "generation-0002"


def test_rollback_goes_back_and_forth(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(StoreError, match=r"there is no index before this one.*rag sync --all keeps one"):
        index.rollback()
    (folder / "orchard.md").unlink()
    index.rebuild(folder)
    assert index.counts()[0] == 2
    assert "generation-0001" in (said := index.rollback())
    assert said.endswith("is live: 3 articles, 3 passages")
    assert index.search("frost in the orchards")[0].passage.article_id == "orchard.md"
    assert index.rollback().startswith("generation-0002")
    assert index.counts()[0] == 2
    index.rollback()
    index.sync(folder)
    assert index.counts()[0] == 2
    assert index.check() == []


def test_rollback_to_what_was_built_otherwise_is_refused(index: Index, folder: Path) -> None:
    index.sync(folder)
    index.close()
    root, settings = index.folder, Settings(_env_file=None)
    other = Index.open(root, settings, WordEmbedder("another"), checked=False)
    other.rebuild(folder)
    with pytest.raises(IndexMismatch, match="was built with another embedding model"):
        other.rollback()
    assert live(other) == "generation-0002"
    other.close()
    first = Index.open(root, settings, WordEmbedder(), checked=False)
    assert first.rollback().startswith("generation-0001")
    first.close()


def test_rollback_to_a_damaged_one_is_refused(index: Index, folder: Path) -> None:
    index.sync(folder)
    with index.generations.reading() as generation:
        generation.words.delete("orchard.md", generation.catalogue.known_articles()["orchard.md"].version)
        generation.words.commit()
        generation.words.close_writer()
    index.rebuild(folder)
    with pytest.raises(StoreError, match="do not agree, so the index stays as it is"):
        index.rollback()
    assert live(index) == "generation-0002"


def others(root: Path) -> list[Path]:
    return [path for path in (root, *root.rglob("*")) if path.stat().st_mode & 0o077]


@pytest.mark.parametrize("made", [False, True], ids=["made by it", "there before"])
def test_nobody_else_may_read_the_folder(folder: Path, tmp_path: Path, made: bool) -> None:
    root, mask = tmp_path / "private", os.umask(0o022)
    try:
        if made:
            root.mkdir(mode=0o755)
        Uploads(root / "uploads").keep_text("A text", "It is mine.")
        Feedback(root).add(
            "Whose is it?", Answer("Whose is it?", "Whose is it?"), good=True, remark="", day="2024-01-01"
        )
        index = Index.open(root, Settings(_env_file=None), WordEmbedder())
        index.sync(folder)
        assert others(root) == []
        index.rebuild(folder)
        assert others(root) == []
        root.chmod(0o755)
        index.sync(folder)
        index.remove("bridge.md")
        assert root.stat().st_mode & 0o055, "whoever gave others the right means it"
        index.close()
    finally:
        os.umask(mask)
