"""Settings: where values come from, and what is said of a bad one."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.errors import SettingsError
from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder


def test_order_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("RAG_PORT=1111\nRAG_READ_TOP=7\n")
    monkeypatch.setenv("RAG_PORT", "2222")
    settings = Settings.load(host="127.0.0.2")
    assert (settings.port, settings.read_top, settings.host) == (2222, 7, "127.0.0.2")
    origins = settings.origins({"RAG_PORT": "2222"})
    assert origins["port"] == "environment"
    assert origins["read_top"] == ".env"
    assert origins["host"] == "given"
    assert origins["device"] == "default"
    assert Settings.load(port=3333).port == 3333


@pytest.mark.parametrize(
    ("name", "value"),
    [("RAG_PORT", "high"), ("RAG_WORD_WEIGHT", "1.5"), ("RAG_READ_TOP", "0"), ("RAG_PASSAGE_TOKENS", "3")],
)
def test_bad_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: .*not '{value}'; see docs/settings.md$"):
        Settings.load()


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_an_empty_variable_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    defaults = Settings.load()
    names = [f"RAG_{name.upper()}" for name in Settings.model_fields]
    if place == "environment":
        for name in names:
            monkeypatch.setenv(name, "")
    else:
        (tmp_path / ".env").write_text("".join(f"{name}=\n" for name in names))
    settings = Settings.load()
    assert settings == defaults
    assert settings.index == Path("index")
    assert set(settings.origins(os.environ).values()) == {"default"}


def test_an_empty_variable_leaves_the_file_its_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("RAG_PORT=1111\n")
    monkeypatch.setenv("RAG_PORT", "")
    settings = Settings.load()
    assert settings.port == 1111
    assert settings.origins(os.environ)["port"] == ".env"


def test_an_empty_index_is_never_the_present_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.open_embedder", lambda *_: WordEmbedder())
    (tmp_path / "notes.txt").write_text("mine")
    for number, words in enumerate((["sync", str(folder)], ["--index", "", "add", str(folder)])):
        monkeypatch.setenv("RAG_INDEX", "")
        assert CliRunner().invoke(main, words).exit_code == 0, number
    assert Settings.load(index="").index == Path("index")
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "articles", "index"}


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    home = tmp_path / "home"
    for name, given, found in (
        ("index", "~/articles", home / "articles"),
        ("index", "~", home),
        ("embedding_model", "~/model", f"{home}/model"),
        ("reader_model", "~/reader", f"{home}/reader"),
        ("llm", "hf/~/llm", f"hf/{home}/llm"),
        ("llm", "openai/gpt-5-mini", "openai/gpt-5-mini"),
    ):
        monkeypatch.setenv(f"RAG_{name.upper()}", given)
        assert getattr(Settings.load(), name) == found
        monkeypatch.delenv(f"RAG_{name.upper()}")
        (tmp_path / ".env").write_text(f"RAG_{name.upper()}={given}\n")
        assert getattr(Settings.load(), name) == found
        (tmp_path / ".env").unlink()
    assert Settings.load(auth="~/users").auth.get_secret_value() == f"{home}/users"
    assert Index.open("~/other", Settings(_env_file=None), WordEmbedder()).folder == home / "other"
    assert (
        CliRunner().invoke(main, ["list", "--index", "~/none"]).output.startswith(f"rag: there is no index in {home}")
    )


def test_no_rate_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_RATE", "none")
    assert Settings.load().rate == Settings.load(rate="").rate == ""
