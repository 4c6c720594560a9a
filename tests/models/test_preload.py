"""Models are loaded beside the opening of an index, and what is wrong with one is said where it is used."""

import shutil
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models.embedding import PackagedEmbedder
from rag.models.embedding.weights import packaged_folder
from rag.models.preload import preload
from rag.settings import Settings
from rag.testing import WordEmbedder


def test_a_model_that_was_preloaded_needs_its_files_no_more(tmp_path: Path) -> None:
    folder = shutil.copytree(packaged_folder(), tmp_path / "model")
    embedder = PackagedEmbedder(folder=folder)
    preload(embedder, Settings(_env_file=None)).join()
    shutil.rmtree(folder)
    assert embedder.embed(["a bridge"]).shape == (1, 384)


def test_a_damaged_model_is_reported_where_it_is_used(tmp_path: Path) -> None:
    folder = shutil.copytree(packaged_folder(), tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"damaged")
    embedder = PackagedEmbedder(folder=folder)
    preload(embedder, Settings(_env_file=None)).join()
    with pytest.raises(ModelError, match="damaged"):
        embedder.embed(["a bridge"])


def test_models_of_the_user_are_left_alone() -> None:
    class Untouched(WordEmbedder):
        def embed(self, texts: object) -> None:  # type: ignore[override]
            raise AssertionError("a model of the user's was loaded")

    preload(Untouched(), Settings(_env_file=None, reader_model="no such folder")).join()
