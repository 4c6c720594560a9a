"""Settings: where values come from, and what is said of a bad one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.errors import SettingsError
from rag.index import Index
from rag.models.llm.providers import ANY_KEY
from rag.settings import GROUPS, Settings
from rag.settings.names import OTHER_VARIABLES, REMOVED, RENAMED
from rag.testing import WordEmbedder
from tests.conftest import ROOT


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
    [("RAG_PORT", "high"), ("RAG_BM25_WEIGHT", "1.5"), ("RAG_READ_TOP", "0"), ("RAG_PASSAGE_TOKENS", "3")],
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
    monkeypatch.setenv("RAG_RATE_LIMIT", "none")
    assert Settings.load().rate_limit == Settings.load(rate_limit="").rate_limit == ""


# Names.


def test_every_group_of_settings_begins_with_one_of_them() -> None:
    assert next(iter(Settings.model_fields)) in GROUPS
    assert set(GROUPS) <= set(Settings.model_fields)


def test_old_names_lead_to_settings_and_hide_none() -> None:
    assert set(RENAMED.values()) <= set(Settings.model_fields)
    assert not {*RENAMED, *REMOVED, *OTHER_VARIABLES} & set(Settings.model_fields)
    assert {f"rag_{name}" for name in OTHER_VARIABLES} == {ANY_KEY.lower()}


@pytest.mark.parametrize("where", ["environment", ".env", "Python"])
@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_name_works_with_one_line_that_names_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str, old: str, new: str
) -> None:
    value = {"unsupported_claims": "drop", "llm_without_evidence": "true", "bm25_weight": "0.25"}.get(new, "200")
    expected = getattr(Settings.load(**{new: value}), new)
    assert expected != Settings.model_fields[new].default
    if where == "environment":
        monkeypatch.setenv(f"RAG_{old.upper()}", value)
    elif where == ".env":
        (tmp_path / ".env").write_text(f"RAG_{old.upper()}={value}\n")
    settings = Settings.load(**({old: value} if where == "Python" else {}))
    assert getattr(settings, new) == expected
    assert settings.origins(os.environ)[new] == {"Python": "given"}.get(where, where)
    Settings.load(**({old: value} if where == "Python" else {}))
    said = {
        "environment": f"RAG_{old.upper()} is now RAG_{new.upper()};",
        ".env": f"RAG_{old.upper()} in .env is now RAG_{new.upper()} in .env;",
        "Python": f"Settings({old}=…) is now Settings({new}=…);",
    }[where]
    assert [line.partition(" the old name")[0] for line in caplog.messages] == [said]


def test_a_new_name_wins_over_an_old_one_beside_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RAG_WORD_WEIGHT", "0.1")
    monkeypatch.setenv("RAG_BM25_WEIGHT", "0.9")
    assert Settings.load().bm25_weight == 0.9
    assert caplog.messages == ["RAG_WORD_WEIGHT is ignored: RAG_BM25_WEIGHT, its new name, has a value already"]


def test_of_two_old_names_of_one_setting_the_same_holds_in_any_order(caplog: pytest.LogCaptureFixture) -> None:
    for order in ({"dense_top": 30, "word_top": 20}, {"word_top": 20, "dense_top": 30}):
        assert Settings.load(**order).candidates == 30
    assert caplog.messages[-1] == (
        "Settings(word_top=…) is ignored: Settings(dense_top=…), which is Settings(candidates=…) too, holds"
    )


def test_a_file_that_exports_its_variables_is_their_origin(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export RAG_READ_TOP=7\n")
    assert Settings.load().origins({})["read_top"] == ".env"


def test_an_old_variable_wins_over_the_new_name_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("RAG_BM25_WEIGHT=0.9\n")
    monkeypatch.setenv("rag_word_weight", "0.1")
    settings = Settings.load()
    assert settings.bm25_weight == 0.1
    assert settings.origins(os.environ)["bm25_weight"] == "environment"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("RAG_PROT", "RAG_PROT is not a setting and is ignored; did you mean RAG_PORT?"),
        (
            "RAG_ANSWER_TRESHOLD",
            "RAG_ANSWER_TRESHOLD is not a setting and is ignored; did you mean RAG_ANSWER_THRESHOLD?",
        ),
        ("RAG_WORDWEIGHT", "RAG_WORDWEIGHT is not a setting and is ignored; did you mean RAG_BM25_WEIGHT?"),
        ("RAG_ZZZZ", "RAG_ZZZZ is not a setting and is ignored; docs/settings.md lists them"),
        ("RAG_\x1b[31mX\n", r"RAG_\X1B[31MX\N is not a setting and is ignored; docs/settings.md lists them"),
        ("RAG_" + "A" * 5000, f"RAG_{'A' * 60} is not a setting and is ignored; docs/settings.md lists them"),
        (
            "RAG_FOLD_LIKENESS",
            "RAG_FOLD_LIKENESS is no longer a setting: passages that share 80 % of their wording are shown as one",
        ),
    ],
)
def test_an_unknown_variable_is_said_once_and_never_fatal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, line: str
) -> None:
    defaults = Settings.load()
    monkeypatch.setenv(name, "1")
    assert Settings.load() == Settings.load() == defaults
    assert caplog.messages == [line]


def test_an_unknown_name_in_the_file_or_in_python_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / ".env").write_text("RAG_HOSTS=::1\nOTHER=1\nRAG_EMPTY=\n")
    Settings.load(anser_seconds=1)
    assert caplog.messages == [
        "Settings(anser_seconds=…) is not a setting and is ignored; did you mean Settings(answer_seconds=…)?",
        "RAG_HOSTS in .env is not a setting and is ignored; did you mean RAG_HOST in .env?",
    ]


def test_the_key_of_an_llm_is_no_unknown_setting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RAG_LLM_API_KEY", "secret")
    Settings.load()
    assert not caplog.messages


def test_the_command_line_says_names_on_stderr_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "info", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RAG_READ_MS": "1", "RAG_RATE": "5/minute", "RAG_INDX": "x"},
    )
    assert json.loads(done.stdout)["settings"]["rate_limit"] == {"value": "5/minute", "from": "environment"}
    assert sorted(done.stderr.splitlines()) == [
        "RAG_INDX is not a setting and is ignored; did you mean RAG_INDEX?",
        "RAG_RATE is now RAG_RATE_LIMIT; the old name works in this release only",
        "RAG_READ_MS is no longer a setting: how much is read depends on RAG_READ_TOP alone",
    ]
