"""One article, file or address never ends a sync: it is read or named, whatever is in it, and the rest is in."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Article, Index, Settings
from rag.errors import SourceError, StoreError
from rag.failures import attempt, attempt_each
from rag.storage.boilerplate import BoilerplateCounter
from rag.storage.duplicates import NearDuplicates
from rag.storage.generation import Generation
from rag.testing import WordEmbedder
from rag.text.chunking import Chunker
from rag.types import Failure
from tests.support.web_server import Page, web_server

GOOD = "The ferry workers ended their strike on Monday after the council agreed to raise wages."
TEXT = "The old mill by the river burned down in the night, and nobody was hurt."
FIELDS = ("id", "title", "text", "source", "url", "date", "author", "section")
ODD = [
    "http://[", "http://[::1", "//", "http://a:99999999/", "\ud800", "\0", "\x1b]0;owned\a", "\u202e", "é" * 400,
    "中" * 300, "x" * 1_000_000, "𝕏" * 70_000, "0000-00-00", "99999-12-31", "-1", "1e400", "NaN", "../../etc/passwd",
    "a\nb", " ", "~", "{}", "[[", "%s", "12345678901234567890123456789",
]  # fmt: skip
Record = dict[str, Any]


class Panic(BaseException):
    """What a panic of native code looks like to Python."""


Panic.__name__ = "PanicException"


def as_jsonl(folder: Path, records: Sequence[Record]) -> None:
    lines = (json.dumps(record) for record in records)
    (folder / "pile.jsonl").write_text("".join(f"{line}\n" for line in lines))


def as_csv(folder: Path, records: Sequence[Record]) -> None:
    with (folder / "pile.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(records)


def as_front_matter(folder: Path, records: Sequence[Record]) -> None:
    for number, record in enumerate(records):
        fields = {name: value for name, value in record.items() if name != "text"}
        text = f"---\n{yaml.safe_dump(fields)}---\n{record['text']}\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8", errors="backslashreplace")


FORMS: list[Callable[[Path, Sequence[Record]], None]] = [as_jsonl, as_csv, as_front_matter]


def taken_in(index: Index, folder: Path, records: Sequence[Record], adding: bool) -> None:
    """The records are read or named, and the good article beside them is in."""
    (folder / "GOOD.md").write_text(GOOD)
    changes = index.add(folder) if adding else index.sync(folder, forget=True)
    assert index.article("GOOD.md") is not None
    named = "".join(f"{failure.source} {failure.reason}" for failure in changes.failed)
    assert "Traceback" not in named
    assert index.counts()[0] + len(changes.failed) >= len(records) + 1
    assert index.search("ferry strike", 3)


@pytest.mark.usefixtures("shared_sandbox")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", FIELDS)
def test_odd_values_of_a_field_are_read_or_named(
    form: Callable[[Path, Sequence[Record]], None], field: str, index: Index, tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    values = [value for value in ODD if field != "text" or len(value) < 100_000]
    records: list[Record] = [{"text": f"{TEXT} {number}.", field: value} for number, value in enumerate(values)]
    form(folder, records)
    (folder / "GOOD.md").write_text(GOOD)
    changes = index.sync(folder)
    assert index.article("GOOD.md") is not None
    assert index.search("ferry strike", 3)
    for failure in changes.failed:
        assert failure.reason.isprintable()


simple = st.one_of(st.text(st.characters(), max_size=40), st.sampled_from(ODD), st.integers(), st.floats(), st.none())
records = st.fixed_dictionaries(
    {"text": st.text(max_size=200)}, optional={name: simple for name in FIELDS if name != "text"}
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(piles=st.lists(records, min_size=1, max_size=4), adding=st.booleans())
def test_whatever_the_fields_hold_nothing_else_is_lost(
    piles: list[Record], adding: bool, tmp_path_factory: Any
) -> None:
    home = tmp_path_factory.mktemp("fuzz")
    folder = home / "articles"
    folder.mkdir()
    as_jsonl(folder, piles)
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    try:
        taken_in(index, folder, [], adding)
    finally:
        index.close()


STAGES = {
    "counting": (BoilerplateCounter, "count"),
    "cleaning": (BoilerplateCounter, "clean"),
    "splitting": (Chunker, "split"),
    "embedding": (WordEmbedder, "embed"),
    "storing": (Generation, "put"),
    "comparing": (NearDuplicates, "learn"),
}


@pytest.mark.parametrize("kind", [ValueError, RecursionError, KeyError, Panic])
@pytest.mark.parametrize("stage", STAGES)
def test_an_error_at_any_stage_names_the_article_and_goes_on(
    stage: str, kind: type[BaseException], index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = STAGES[stage]
    real = getattr(owner, name)

    def failing(self: object, *given: Any, **more: Any) -> Any:
        if "apple blossom" in repr(given):
            raise kind("no\x1b[31m good")
        return real(self, *given, **more)

    monkeypatch.setattr(owner, name, failing)
    changes = index.sync(folder)
    assert [failure.source.rpartition("/")[2] for failure in changes.failed] == ["orchard.md"]
    assert changes.failed[0].reason.isprintable()
    there = {article.id for article in index.articles()}
    assert {"bridge.md", "library.md"} <= there
    if stage == "comparing":  # it is in, alone
        assert there == {"bridge.md", "library.md", "orchard.md"}
        return
    assert changes.added == 2
    assert there == {"bridge.md", "library.md"}
    monkeypatch.setattr(owner, name, real)
    assert index.sync().added == 1
    assert index.check() == []


def test_an_article_that_fails_anew_keeps_its_old_version_and_is_tried_again(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    before = index.article("orchard.md")
    real = Chunker.split
    (folder / "orchard.md").write_text("The orchards bloom again this year.")
    monkeypatch.setattr(Chunker, "split", lambda *_: 1 / 0)
    changes = index.sync()
    assert (changes.updated, changes.removed, len(changes.failed)) == (0, 0, 1)
    assert index.article("orchard.md") == before
    monkeypatch.setattr(Chunker, "split", real)
    assert index.sync().updated == 1


@pytest.mark.parametrize("error", [StoreError("full"), KeyboardInterrupt(), MemoryError(), SystemExit(1)])
def test_what_is_no_fault_of_an_article_ends_the_work(error: BaseException) -> None:
    def work() -> int:
        raise error

    with pytest.raises(type(error)):
        attempt("a.md", work)
    with pytest.raises(type(error)):
        list(attempt_each("a.md", lambda: iter([work()])))


def test_a_source_that_breaks_off_keeps_what_it_gave() -> None:
    def work() -> Any:
        yield 1
        raise SourceError("cut short")

    assert list(attempt_each("a.md", work)) == [1, Failure("a.md", "cut short")]


@pytest.mark.parametrize("letter", ["%E4%B8%AD", "%C3%A9", "%F0%9F%98%80", "a"])
def test_a_long_name_of_an_address_is_read(letter: str, tmp_path: Path) -> None:
    path = f"/{letter * 100}.txt"
    settings = Settings(_env_file=None, fetch_private=True, fetch_delay=0)
    index = Index.open(tmp_path / "index", settings, WordEmbedder())
    with web_server({path: Page(GOOD, kind="text/plain"), "/b.txt": Page(TEXT, kind="text/plain")}) as server:
        changes = index.add([server.url(path), server.url("/b.txt")])
    assert (changes.added, changes.failed) == (2, ())
    index.close()


def test_an_article_is_stored_without_what_no_store_takes(index: Index, folder: Path) -> None:
    (folder / "odd.jsonl").write_text('{"id": "a\\u0000b\\ud800", "text": "One\\ud800 two.", "author": "\\udfff"}\n')
    assert index.sync(folder).added == 4
    found = next(article for article in index.articles() if article.text.startswith("One"))
    assert "".join((found.id, found.text, found.author)).encode()
    assert isinstance(found, Article)
