"""Nothing is forgotten by accident: a source that vanished keeps its articles until a person says otherwise."""

import copy
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag import Index
from rag.cli import main
from rag.errors import NothingRead, SourceError
from rag.ingestion.removals import Known, decide_removals
from rag.storage.catalogue import KnownArticle
from rag.types import Changes


def _fill(folder: Path, count: int, word: str) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{word}{number}.md").write_text(f"The {word} of number {number} stands by the river.\n")
    return folder


@pytest.fixture
def piles(tmp_path: Path) -> tuple[Path, Path]:
    return _fill(tmp_path / "a", 4, "mill"), _fill(tmp_path / "b", 4, "ferry")


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink() if path.is_file() else shutil.rmtree(path)


@pytest.mark.parametrize("again", ["sync", "refresh", "named"])
def test_a_source_that_gives_nothing_is_kept_and_named(index: Index, piles: tuple[Path, Path], again: str) -> None:
    index.sync(piles)
    _empty(piles[0])

    def sync(*, forget: bool = False) -> Changes:
        return index.refresh(forget=forget) if again == "refresh" else index.sync(piles, forget=forget)

    changes = sync() if again != "named" else index.refresh([str(piles[1]), str(piles[0])])
    assert (changes.removed, index.counts()[0]) == (0, 8)
    assert [failure.source for failure in changes.failed] == [str(piles[0])]
    assert "gave 4 articles and gives none of them now" in changes.failed[0].reason
    assert "rag sync --forget" in changes.failed[0].reason
    assert sync(forget=True).removed == 4
    assert index.counts()[0] == 4


def test_a_source_that_has_lost_most_is_kept(index: Index, piles: tuple[Path, Path]) -> None:
    index.sync(piles)
    for number in range(3):
        (piles[0] / f"mill{number}.md").unlink()
    changes = index.sync()
    assert (changes.removed, index.counts()[0]) == (0, 8)
    assert "1 of them" in changes.failed[0].reason
    assert index.sync(forget=True).removed == 3


def test_what_a_person_deletes_goes(index: Index, piles: tuple[Path, Path]) -> None:
    index.sync(piles)
    (piles[0] / "mill0.md").unlink()
    (piles[0] / "mill1.md").unlink()
    changes = index.sync()
    assert (changes.removed, changes.failed) == (2, ())


def test_a_folder_within_a_source_that_is_there_and_empty_is_kept(index: Index, tmp_path: Path) -> None:
    top = _fill(tmp_path / "top", 20, "mill")
    disk = _fill(top / "deep" / "disk", 3, "ferry")
    gone = _fill(top / "gone", 2, "bridge")
    index.sync(top)
    _empty(disk)
    shutil.rmtree(gone)
    changes = index.sync()
    assert changes.removed == 2
    assert [failure.source for failure in changes.failed] == [str(disk.parent)]
    assert index.counts()[0] == 23
    assert index.sync(forget=True).removed == 3


def test_a_list_of_records_that_was_cut_is_kept(index: Index, tmp_path: Path) -> None:
    pile = tmp_path / "pile.jsonl"
    lines = [f'{{"id": "{number}", "text": "The mill of number {number}."}}\n' for number in range(10)]
    pile.write_text("".join(lines))
    index.sync(pile)
    pile.write_text(lines[0])
    assert index.sync().removed == 0
    assert index.counts()[0] == 10


def test_all_may_be_forgotten_at_once_when_asked(index: Index, piles: tuple[Path, Path]) -> None:
    index.sync(piles[0])
    _empty(piles[0])
    with pytest.raises(NothingRead) as raised:
        index.sync()
    assert copy.copy(raised.value).reasons == raised.value.reasons  # which another process needs too
    assert index.sync(forget=True).removed == 4


def test_a_rebuild_from_a_source_that_vanished_is_refused(index: Index, piles: tuple[Path, Path]) -> None:
    index.sync(piles)
    _empty(piles[0])
    with pytest.raises(SourceError, match="gave 4 articles and gives none of them now"):
        index.rebuild(piles)
    assert index.counts()[0] == 8
    index.rebuild(piles, forget=True)
    assert index.counts()[0] == 4


def test_the_command_line_says_it_and_forgets_when_told(piles: tuple[Path, Path], tmp_path: Path) -> None:
    place = ["--index", str(tmp_path / "index")]
    run = CliRunner().invoke
    assert run(main, [*place, "sync", *map(str, piles)]).exit_code == 0
    _empty(piles[0])
    said = run(main, [*place, "sync"])
    assert "0 removed" in said.stdout
    assert "--forget" in said.stderr
    assert "4 removed" in run(main, [*place, "sync", "--forget"]).stdout


def test_sources_that_were_not_read_stay_or_go_as_asked() -> None:
    known: Known = {
        "x": KnownArticle("1", "/a/x", "/a"),
        "y": KnownArticle("1", "/b/y", "/b"),
        "z": KnownArticle("1", "/b/z", "/b"),
    }
    seen = {"y": "/b/y", "z": "/b/z"}
    assert decide_removals(known, seen, [], read=["/b"], only_read=True, forget=False).ids == []
    assert decide_removals(known, seen, [], read=["/b"], only_read=False, forget=False).ids == ["x"]
    assert decide_removals(known, {}, ["/b"], read=["/b"], only_read=True, forget=False).ids == []


# The first run is like the second.


def test_an_index_within_its_source_gives_no_article(tmp_path: Path) -> None:
    from rag import Settings
    from rag.testing import WordEmbedder

    source = _fill(tmp_path / "pile", 2, "mill")
    (tmp_path / "way").symlink_to(source)
    for place in (source / "index", tmp_path / "way" / "deep" / "index"):
        index = Index.open(place, Settings(_env_file=None), WordEmbedder())
        for changes in (index.sync(source), index.sync(source)):
            assert {failure.source.rpartition("/")[2] for failure in changes.failed} <= {"index"}
        assert {article.id for article in index.articles()} == {"mill0.md", "mill1.md"}
        index.close()


def test_another_index_is_named_and_a_folder_that_only_looks_like_one_is_read(index: Index, tmp_path: Path) -> None:
    source = _fill(tmp_path / "pile", 2, "mill")
    for name in ("CURRENT", "write.lock"):
        (source / name).write_text("A river rose in the night.\n")
    other = source / "other"
    (other / "generation-0001").mkdir(parents=True)
    for name in ("write.lock", "writer.txt", "generation-0001/manifest.json"):
        (other / name).write_text("{}")
    changes = index.sync(source)
    assert [failure.source for failure in changes.failed] == [str(other)]
    assert "index" in changes.failed[0].reason
    assert {article.id for article in index.articles()} >= {"mill0.md", "CURRENT", "write.lock"}


def test_a_source_that_is_a_link_is_followed_anew(index: Index, piles: tuple[Path, Path], tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(piles[0])
    index.sync(link)
    assert [source.name for source, _, _ in index.sources()] == [str(link)]
    link.unlink()
    link.symlink_to(piles[1])
    changes = index.sync(forget=True)
    assert (changes.added, changes.removed) == (4, 4)


# Two files, one id.


@pytest.mark.parametrize(
    "names",
    [
        ("caf\u00e9.md", "cafe\u0301.md"),
        ("a b.md", "a\nb.md"),
        ("a b.md", "a  b.md", "a\tb.md"),
        ("caf\u00e9/x.md", "cafe\u0301/x.md"),
        ("a b", "a\u00a0b"),
    ],
)
@pytest.mark.parametrize("way", ["folder", "files", "backwards"])
def test_distinct_files_are_distinct_articles(index: Index, names: tuple[str, ...], way: str, tmp_path: Path) -> None:
    source = tmp_path / "pile"
    for number, name in enumerate(names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"The mill of number {number} stands by the river.\n")
    if len({os.stat(source / name).st_ino for name in names}) < len(names):
        pytest.skip("this file system takes the names for one")
    files = [source / name for name in names][:: -1 if way == "backwards" else 1]
    given = source if way == "folder" or "/" in names[0] else files
    for _ in range(3):
        changes = index.sync(given)
        assert changes.failed == ()
        assert index.counts()[0] == len(names)
    assert changes.unchanged == len(names)
    ids = {article.id for article in index.articles()}
    assert names[0] in ids or way == "backwards"
    for number, file in enumerate(files):
        file.write_text(f"Another story of number {number} was told.\n")
        assert index.refresh().updated == 1
        assert {article.id for article in index.articles()} == ids
