"""Hostile files are read or refused by name, and the good files beside them are read all the same."""

import os
from pathlib import Path

import pytest

from rag.index import Index
from rag.types import Article, Failure
from tests.support import hostile_files
from tests.support.reading import read


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources") / "hostile"


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> dict[str, str]:
    folder.mkdir()
    return hostile_files.build(folder)


@pytest.fixture(scope="module")
def items(folder: Path, outcomes: dict[str, str]) -> list[Article | Failure]:
    return list(read([str(folder)]))


def test_there_are_enough_hostile_files(outcomes: dict[str, str]) -> None:
    assert len({name.partition(":")[0] for name in outcomes}) >= 34


def test_every_outcome_is_as_told(folder: Path, outcomes: dict[str, str], items: list[Article | Failure]) -> None:
    failed = {os.path.relpath(item.source, folder) for item in items if isinstance(item, Failure)}
    assert failed == {name for name, outcome in outcomes.items() if outcome == hostile_files.FAILED}
    read_from = {item.origin for item in items if isinstance(item, Article)}
    told = {name.partition(":")[0] for name, outcome in outcomes.items() if outcome == hostile_files.READ}
    assert {os.path.relpath(origin, folder) for origin in read_from} == told


def test_nothing_is_passed_over_in_silence(folder: Path, items: list[Article | Failure]) -> None:
    named = {item.origin if isinstance(item, Article) else item.source for item in items}
    named |= {source.rpartition(":")[0] for source in named}
    files = {str(path) for path in folder.rglob("*") if not path.is_dir() and not path.name.startswith(".")}
    assert files - named == {str(folder / "questions.jsonl")}


def test_every_line_of_json_is_accounted_for(outcomes: dict[str, str], items: list[Article | Failure]) -> None:
    articles = [item for item in items if isinstance(item, Article) and item.origin.endswith("lines.jsonl")]
    told = [
        outcome
        for name, outcome in outcomes.items()
        if name.startswith("lines.jsonl") and outcome == hostile_files.READ
    ]
    assert len(articles) == len(told)
    assert [article.id for article in articles][:3] == ["lock-1", "lock-4", "example.org/locks/8"]


def test_reasons_are_for_a_person(items: list[Article | Failure]) -> None:
    for item in items:
        if isinstance(item, Failure):
            assert 5 < len(item.reason) < 200, item
            assert "Error" not in item.reason, item


def test_what_is_read_can_be_stored(items: list[Article | Failure]) -> None:
    articles = [item for item in items if isinstance(item, Article)]
    assert len({article.id for article in articles}) == len(articles)
    for article in articles:
        fields = [article.id, article.title, article.source, article.origin, *article.metadata.values()]
        assert article.text.strip(), article.id
        "".join([article.text, *fields]).encode()
        assert "\0" not in article.text
        assert "\n" not in article.id + article.title
        assert len(article.title) <= 300


def test_encodings_come_out_right(items: list[Article | Failure]) -> None:
    articles = {item.id: item for item in items if isinstance(item, Article)}
    for name in ("utf16-mark.txt", "utf16-chinese.txt", "gbk.txt"):
        assert articles[name].text == articles["chinese.txt"].text, name
    for name in ("utf16-le.txt", "utf16-be.txt", "utf32.txt", "utf8-mark.txt"):
        assert articles[name].text == articles["no-ending"].text, name
    assert articles["shift-jis.txt"].text == articles["iso-2022-jp.txt"].text
    assert articles["latin1.html"].text.split() == articles["latin1.txt"].text.split()
    assert articles["latin1.txt"].metadata["encoding"] == "cp1252, guessed"
    assert articles["damaged-utf8.txt"].metadata["encoding"] == "utf-8, with replaced characters"
    assert "\ufffd" in articles["damaged-utf8.txt"].text
    assert "après" in articles["late-latin1.txt"].text


def test_scripts_and_styles_are_not_text(items: list[Article | Failure]) -> None:
    for item in items:
        assert isinstance(item, Failure) or not ("SCRIPT" in item.text or "STYLE" in item.text), item.id


def test_a_second_reading_is_the_same(folder: Path, items: list[Article | Failure]) -> None:
    assert list(read([str(folder)])) == items


def test_a_gzipped_line_without_end_is_refused_in_little_memory(folder: Path, outcomes: dict[str, str]) -> None:
    import tracemalloc

    tracemalloc.start()
    first, second = read([str(folder / "bomb.jsonl.gz")])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(first, Failure)
    assert first.reason.startswith("200.1 MB is over the limit of 10 MB")
    assert isinstance(second, Article)
    assert peak < 60_000_000


def test_an_unreadable_file_is_named(outcomes: dict[str, str], items: list[Article | Failure]) -> None:
    if "unreadable.txt" not in outcomes:
        pytest.skip("root may read every file")
    assert any(isinstance(item, Failure) and item.reason == "no permission to read it" for item in items)


def test_the_index_takes_them_all(
    folder: Path, outcomes: dict[str, str], items: list[Article | Failure], index: Index
) -> None:
    """The same folder through splitting, embedding and every store: each article is found, each failure named."""
    good = sum(isinstance(item, Article) for item in items)
    changes = index.sync(folder)
    assert (changes.added, len(changes.failed)) == (good, len(items) - good)
    assert index.counts()[0] == good
    again = index.sync(folder)
    assert (again.unchanged, again.added, again.updated, again.removed) == (good, 0, 0, 0)
    for beginning in {article.text[:80] for article in index.articles()}:
        for hit in index.search(beginning, k=3):
            stored = index.article(hit.passage.article_id)
            assert stored is not None
            assert stored.text[hit.passage.start : hit.passage.end] == hit.passage.text
