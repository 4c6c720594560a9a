"""The doctor tries every part and says what to do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.cli.doctor import Check, run_checks
from rag.index import Index
from rag.settings import Settings
from tests.support.llm_server import LlmServer, failing, llm_server, said


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server(said("yes")) as running:
        yield running


def checks(seed_index: Index, **given: object) -> dict[str, Check]:
    settings = Settings(_env_file=None, index=seed_index.folder, **given)  # type: ignore[arg-type]
    return {check.name: check for check in run_checks(settings)}


def test_all_is_well(seed_index: Index, server: LlmServer) -> None:
    found = checks(seed_index, llm=f"scripted@{server.url}")
    assert [name for name, check in found.items() if not check.works] == []
    assert "16 articles" in found["index"].detail
    assert "passages found" in found["question"].detail
    assert f"scripted@{server.url} at {server.url} (on this machine), one token in" in found["llm"].detail
    assert server.requests[0]["max_tokens"] == 1
    assert "torch" in found["program"].detail


def test_without_an_llm_that_is_said(seed_index: Index) -> None:
    check = checks(seed_index)["llm"]
    assert check.works
    assert check.detail.startswith("none (quoted from your articles); set RAG_LLM")


@pytest.mark.parametrize(
    ("llm", "said"),
    [("nobody/llama", "is not provider/model"), ("ollama/none@http://127.0.0.1:9/v1", "start it, or change RAG_LLM")],
)
def test_what_is_wrong_with_the_llm_is_said(seed_index: Index, llm: str, said: str) -> None:
    check = checks(seed_index, llm=llm)["llm"]
    assert not check.works
    assert said in check.detail


def test_a_refused_key_is_said_and_not_shown(
    seed_index: Index, server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_LLM_API_KEY", "sk-secret-123")
    server.reply = failing(401, "Incorrect API key provided: sk-secret-123")
    found = checks(seed_index, llm=f"scripted@{server.url}")
    assert "refuses the key; set RAG_LLM_API_KEY" in found["llm"].detail
    folder = str(seed_index.folder)
    for command in (["doctor"], ["doctor", "--json"], ["info"], ["info", "--json"]):
        shown = CliRunner().invoke(main, ["--index", folder, *command], env={"RAG_LLM": f"scripted@{server.url}"})
        assert "sk-secret" not in shown.output


def test_the_command_ends_with_1_when_something_fails(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--index", str(tmp_path / "none"), "doctor"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert "NO  index: there is none in" in done.stdout
    assert sum(line.startswith("ok ") for line in lines) >= 6
    told = json.loads(CliRunner().invoke(main, ["--index", str(tmp_path / "none"), "doctor", "--json"]).stdout)
    assert {check["name"]: check["works"] for check in told}["index"] is False


def test_info_names_the_llm_and_where_it_was_set(seed_index: Index) -> None:
    folder = str(seed_index.folder)
    shown = CliRunner().invoke(main, ["--index", folder, "info"], env={"RAG_LLM": "openai/gpt-5-mini"})
    line = "llm: openai/gpt-5-mini at https://api.openai.com/v1 (not on this machine) [environment]"
    assert line in shown.stdout
    none = CliRunner().invoke(main, ["--index", folder, "info"])
    assert "llm: none (quoted from your articles)" in none.stdout
