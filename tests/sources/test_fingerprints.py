"""Files that have not changed are not parsed again, and nothing is overlooked for it."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import Settings
from rag.sources import fingerprints
from rag.sources.formats.markdown import Markdown
from rag.sources.sandbox import SandboxedLoader
from rag.testing import WordEmbedder
from rag.types import Article, Failure
from tests.conftest import ARTICLES


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are really read, in order, here or in the process for parsers."""
    found = list[str]()
    read = SandboxedLoader.load_as

    def noted(self: SandboxedLoader, path: str, name: str) -> Iterator[Article | Failure]:
        found.append(Path(path).name)
        yield from read(self, path, name)

    monkeypatch.setattr(SandboxedLoader, "load_as", noted)
    return found


def test_a_second_sync_parses_what_has_changed(index: Index, folder: Path, parsed: list[str]) -> None:
    assert index.sync(folder).added == 3
    assert sorted(parsed) == sorted(ARTICLES)
    parsed.clear()
    for path in folder.iterdir():
        os.utime(path)
    again = index.sync(folder)
    assert (again.unchanged, again.added, again.updated, again.removed) == (3, 0, 0, 0)
    assert parsed == []
    (folder / "bridge.md").write_text(ARTICLES["bridge.md"].replace("nine months", "two years"))
    assert index.refresh().updated == 1
    assert parsed == ["bridge.md"]
    (folder / "orchard.md").unlink()
    assert index.sync(folder).removed == 1
    assert parsed == ["bridge.md"]


def test_a_packed_file_of_many_articles_is_kept_whole(index: Index, tmp_path: Path, parsed: list[str]) -> None:
    lines = [json.dumps({"id": f"n{one}", "title": f"Note {one}", "text": f"Note {one} is kept."}) for one in range(9)]
    path = tmp_path / "notes.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert index.sync(path).added == 9
    assert index.sync(path).unchanged == 9
    assert parsed == ["notes.jsonl.gz"]
    index.remove("n4")
    back = index.sync(path)
    assert (back.added, back.unchanged) == (1, 8), "what was taken out comes back, as the source still has it"


def test_a_failure_is_told_every_time(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"id": "a", "title": "A", "text": "Kept."}\n{"id": "b"}\n')
    for _ in range(2):
        assert [failure.reason for failure in index.sync(path).failed] == ['there is no "text" in it']


def test_what_was_added_in_between_is_seen(index: Index, folder: Path) -> None:
    index.sync(folder)
    before = (folder / "bridge.md").read_text()
    (folder / "bridge.md").write_text(before.replace("nine months", "two years"))
    assert index.add(folder / "bridge.md").updated == 1
    (folder / "bridge.md").write_text(before)
    assert index.sync(folder).updated == 1
    article = index.article("bridge.md")
    assert article is not None and "nine months" in article.text


def test_a_write_that_failed_leaves_no_mark(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index.sync(folder)
    before = (folder / "bridge.md").read_text()
    (folder / "bridge.md").write_text(before.replace("nine months", "two years"))
    with monkeypatch.context() as patch:
        patch.setattr(type(index.embedder), "embed", lambda *_: 1 / 0)
        [failure] = index.sync(folder).failed
    assert failure.source.endswith("bridge.md")
    (folder / "bridge.md").write_text(before)
    parsed = list[str]()
    parse = Markdown.parse_file
    monkeypatch.setattr(
        Markdown, "parse_file", lambda self, path, name: (parsed.append(path), parse(self, path, name))[1]
    )
    index.sync(folder)
    assert [Path(path).name for path in parsed] == ["bridge.md"]


@pytest.mark.parametrize("changed", ["settings", "code"])
def test_what_else_decides_has_everything_parsed(
    tmp_path: Path, folder: Path, parsed: list[str], changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(tmp_path, Settings(_env_file=None), folder)
    parsed.clear()
    settings = Settings(_env_file=None, max_article_mb=9 if changed == "settings" else 10)
    if changed == "code":
        monkeypatch.setattr(fingerprints, "loaders_digest", lambda: "other loaders")
    synced(tmp_path, settings, folder)
    assert sorted(parsed) == sorted(ARTICLES)


def test_what_a_site_turns_out_to_repeat_has_everything_parsed(tmp_path: Path, parsed: list[str]) -> None:
    folder, settings = tmp_path / "cargoes", Settings(_env_file=None)
    folder.mkdir()
    for place, goods in enumerate("anchors barrels candles daggers engines".split()):
        text = f"A boat full of {goods} came in.\n\nWhoever had ordered {goods} was glad.\n\nSign up for our letter."
        (folder / f"{goods}.md").write_text(f"---\ntitle: A cargo of {goods}\nsource: Harbor Review\n---\n\n{text}\n")
        if place == 2:
            assert "Sign up" in synced(tmp_path, settings, folder)
    assert "Sign up" in synced(tmp_path, settings, folder), "three are kept, and the two that came decide"
    parsed.clear()
    assert "Sign up" not in synced(tmp_path, settings, folder)
    assert len(parsed) == 5
    synced(tmp_path, settings, folder)
    assert len(parsed) == 5


def synced(tmp_path: Path, settings: Settings, *sources: Path) -> str:
    """All texts of an index after one more sync."""
    index = Index.open(tmp_path / "index", settings, WordEmbedder())
    index.sync(sources)
    texts = "\n".join(article.text for article in index.articles())
    index.close()
    return texts


def test_a_kept_file_follows_its_source(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(tmp_path / "articles")
    index.sync([folder / "bridge.md", folder / "orchard.md"])
    assert index.source_of("bridge.md") == str(folder / "bridge.md")
    assert sorted(article.id for article in index.articles()) == ["bridge.md", "orchard.md"]


def test_an_id_that_a_kept_file_has_is_told(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "another.md").write_text("---\nid: bridge.md\ntitle: Another\n---\n\nThe other bridge stays open.\n")
    failed = index.sync(folder).failed
    assert len(failed) == 1 and "bridge.md" in failed[0].reason and "already" in failed[0].reason
