"""Limits come before work: a file's kind and size are asked before any byte of it is read."""

import builtins
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from rag.index import Index
from rag.sources import Sandbox, read
from rag.sources.registry import SUFFIXES
from rag.types import Article, Failure
from tests.conftest import ARTICLES

HUGE = 100_000_000_000
LINE = json.dumps({"title": "A bridge", "text": "The bridge was closed for nine months."}).encode() + b"\n"


def sparse(path: Path, size: int = HUGE) -> Path:
    """A file of that size that takes no disk; its beginning is one article."""
    path.write_bytes(LINE)
    os.truncate(path, size)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened in this process."""
    found = list[str]()
    real = builtins.open

    def noted(file: Any, *arguments: Any, **named: Any) -> Any:
        found.append(os.path.basename(str(file)))
        return real(file, *arguments, **named)

    monkeypatch.setattr(builtins, "open", noted)
    return found


@pytest.mark.parametrize("suffix", [*SUFFIXES, "", ".log", ".mp4", ".iso", ".doc"])
def test_a_file_over_its_limit_is_named_before_a_byte_of_it_is_read(
    index: Index, tmp_path: Path, suffix: str, opened: list[str]
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "bridge.md").write_text(ARTICLES["bridge.md"])
    path = sparse(folder / f"huge{suffix}")
    changes = index.sync(folder)
    assert changes.added == 1
    [failure] = changes.failed
    assert failure.source == str(path)
    assert ("100000 MB is over the limit of" in failure.reason) == (suffix not in (".mp4", ".iso", ".doc"))
    assert path.name not in opened


@pytest.mark.parametrize("name", ["lines.jsonl", "mail.mbox", "many.zip"])
def test_a_file_of_many_articles_may_have_twenty_times_the_limit_of_a_file(tmp_path: Path, name: str) -> None:
    path = sparse(tmp_path / name, 20_000_001)
    with Sandbox(file_mb=1) as sandbox:
        [failure] = read([str(path)], sandbox=sandbox)
    assert isinstance(failure, Failure)
    assert failure.source == str(path)
    assert "20.1 MB is over the limit of 20 MB for one" in failure.reason
    assert "20 times RAG_MAX_FILE_MB" in failure.reason


def test_lines_are_read_to_the_limit_of_their_file_however_small_it_is_packed(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(LINE)
        for _ in range(30):
            file.write(b" " * 999_999 + b"\n")
        file.write(LINE.replace(b"bridge", b"tunnel"))
    with Sandbox(file_mb=1) as sandbox:
        article, failure = read([str(path)], sandbox=sandbox)
    assert isinstance(article, Article)
    assert failure == Failure(
        f"{path}:21",
        "more than 20 MB, the limit for one file of many articles (20 times RAG_MAX_FILE_MB); "
        "nothing is read from this line on",
    )


def test_a_line_over_the_limit_is_not_read_beyond_the_limit_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "line.jsonl.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(60):
            file.write(b" " * 1_000_000)
    with Sandbox(file_mb=1) as sandbox:
        [failure] = read([str(path)], limit_mb=0.5, sandbox=sandbox)
    assert isinstance(failure, Failure)
    assert "more than 20 MB" in failure.reason


def test_a_file_of_wrong_lines_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(b"{}\n" * 50_000)
    *failures, last = read([str(path)])
    assert len(failures) == 10_000
    assert last == Failure(str(path), "10,000 of its lines are no articles; no more are read")
