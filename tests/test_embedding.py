"""The Embedder contract, on the fake and on the real model, and what only the real one promises."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import SentenceEmbedder
from rag.errors import ModelError
from rag.index import Index
from rag.ports import Embedder
from rag.settings import Settings
from rag.testing import WordEmbedder

TEXTS = ["The bridge closed on Friday.", "Frost hit the orchards.", "word " * 40, "", "日本語のテキスト 🙂"]


@pytest.fixture(params=["fake", "real"])
def embedder(request: pytest.FixtureRequest, real_embedder: SentenceEmbedder) -> Embedder:
    return WordEmbedder() if request.param == "fake" else real_embedder


def test_vectors_are_unit_rows_in_order(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.identity.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert float(embedder.embed([text])[0] @ vector) > 0.999


def test_nothing_to_embed(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.identity.dimension)


def test_tokens_are_counted(embedder: Embedder) -> None:
    assert embedder.count_tokens(["", "one", "one two three"]) == [0, 1, 3]
    assert embedder.count_tokens(["word " * 1000])[0] >= 1000, "counting does not stop at the window"


def test_likeness_is_a_dot_product(embedder: Embedder) -> None:
    same, other = embedder.embed(["The bridge was closed on Friday.", "Apples freeze."]) @ embedder.embed(TEXTS[:1])[0]
    assert same > other


def test_precision_keeps_the_vectors(real_embedder: SentenceEmbedder) -> None:
    """Whatever precision the machine computes in, no vector moves by more than 0.001 in cosine."""
    exact = real_embedder._model.encode(TEXTS[:3], batch_size=1, normalize_embeddings=True)
    assert (exact * real_embedder.embed(TEXTS[:3])).sum(axis=1).min() > 0.999


def test_threads_share_one_model(real_embedder: SentenceEmbedder) -> None:
    expected = real_embedder.embed(TEXTS)
    found: list[float] = []

    def work() -> None:
        found.append(float((real_embedder.embed(TEXTS) * expected).sum(axis=1).min()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert min(found) > 0.999


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model with random weights and a vocabulary of a few words."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "bridge", "frost", "library", "closed", "river", "."]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    config = BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    BertModel(config).save_pretrained(folder / "bert")
    body = Transformer(str(folder / "bert"), max_seq_length=32)
    model = SentenceTransformer(modules=[body, Pooling(16)], device="cpu")
    model.save_pretrained(str(folder / "model"))
    return folder / "model"


def test_another_model_is_part_of_the_index(tiny_model: Path, folder: Path, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, embedding_model=str(tiny_model), passage_tokens=32)
    index = Index.open(tmp_path / "index", settings)
    identity = index.embedder.identity
    assert (identity.name, identity.dimension, identity.window) == ("model", 16, 32)
    assert len(identity.sha256) == 64
    assert index.sync(folder).added == 3
    assert index.search("the bridge")
    manifest = json.loads(next((tmp_path / "index").glob("generation-*/manifest.json")).read_text())
    assert manifest["model"]["sha256"] == identity.sha256


def test_bad_models_say_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a sentence-transformers model that loads"):
        _ = SentenceEmbedder(str(tmp_path)).identity.name
    with pytest.raises(ModelError, match="neither a folder nor"):
        SentenceEmbedder("no such/model name").embed(["x"])
