"""Settings: where values come from, and what is said of a bad one."""

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings


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
