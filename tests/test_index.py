"""Index: sync, add, remove, rebuild, search, and what it refuses."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import FilterError, IndexLocked, IndexMismatch, IndexMissing, SourceError
from rag.index import Index
from rag.settings import Settings
from rag.storage.generation import Generation
from rag.storage.index_folder import IndexFolder
from rag.testing import WordEmbedder
from rag.types import Changes, Filters, Progress


@pytest.fixture(params=["folder", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An empty index, with its vectors in its folder and on a Chroma server."""
    url = request.getfixturevalue("chroma") if request.param == "server" else ""
    opened = Index.open(tmp_path / "index", Settings(_env_file=None, chroma_url=url), WordEmbedder())
    yield opened
    opened.close()


def reopened(index: Index, embedder: WordEmbedder | None = None, *, checked: bool = True, **changed: object) -> Index:
    settings = index.settings.model_copy(update=changed)
    return Index.open(index.folder, settings, embedder or WordEmbedder(), checked=checked)


def ids(index: Index) -> list[str]:
    return [article.id for article in index.articles()]


def embedded(index: Index) -> int:
    assert isinstance(index.embedder, WordEmbedder)
    return index.embedder.embedded


def test_sync_makes_the_index_equal_to_the_sources(index: Index, folder: Path) -> None:
    assert str(index.sync(folder)) == "3 added, 0 updated, 0 removed, 0 unchanged, 0 failed"
    (folder / "orchard.md").unlink()
    (folder / "bridge.md").write_text((folder / "bridge.md").read_text().replace("nine", "ten"))
    (folder / "new.md").write_text("# A new one\n\nThis article came later.\n")
    assert index.sync(str(folder)) == Changes(added=1, updated=1, removed=1, unchanged=1)
    assert ids(index) == ["bridge.md", "library.md", "new.md"]
    texts = [hit.passage.text for hit in index.search("How long would the repair take?")]
    assert any("ten months" in text for text in texts)
    assert not any("nine months" in text for text in texts)


def test_sync_again_embeds_nothing(index: Index, folder: Path) -> None:
    index.sync(folder)
    before = embedded(index)
    assert index.sync(folder) == Changes(unchanged=3)
    assert embedded(index) == before


def test_sync_without_sources_refreshes_the_remembered_ones(index: Index, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing to sync yet"):
        index.sync()
    index.sync(folder)
    alone = tmp_path / "alone.txt"
    alone.write_text("A line of its own\n\nThis one came by itself.\n")
    index.add(alone)
    (folder / "library.md").unlink()
    assert index.sync() == Changes(removed=1, unchanged=3)
    assert ids(index) == ["alone.txt", "bridge.md", "orchard.md"]


def test_a_failed_sync_changes_nothing(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    for source in ("missing", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(SourceError, match="the index is as it was"):
            index.sync(source)
    assert len(ids(index)) == 3


def test_failed_first_sync_leaves_no_index(index: Index) -> None:
    with pytest.raises(SourceError):
        index.sync("missing")
    assert index.empty
    assert not list(index.folder.glob("generation-*"))


def test_what_cannot_be_read_now_is_kept(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "orchard.md").write_bytes(b"\x00\x01\x02\x03" * 100)
    changes = index.sync(folder)
    assert [failure.source for failure in changes.failed] == [str(folder / "orchard.md")]
    assert changes.removed == 0
    assert len(ids(index)) == 3


def test_add_forgets_nothing(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    more = tmp_path / "more.txt"
    more.write_text("One more line\n\nSomething else happened.\n")
    assert index.add(more) == Changes(added=1)
    assert len(ids(index)) == 4
    more.write_text("One more line\n\nSomething else happened again.\n")
    assert index.add([more]) == Changes(updated=1)


def test_add_never_replaces_another_article(index: Index, folder: Path, tmp_path: Path) -> None:
    index.add(folder / "bridge.md")
    other = tmp_path / "other"
    other.mkdir()
    (other / "bridge.md").write_text("# Card game\n\nBridge is played by four people.\n")
    (other / "tunnel.md").write_text("# Tunnel\n\nThe northern tunnel is two miles long.\n")
    changes = index.add(other)
    assert changes == Changes(added=2)
    assert ids(index) == ["bridge.md", "other/bridge.md", "tunnel.md"]


def test_a_former_place_that_cannot_be_looked_at_ends_no_add(index: Index, folder: Path, tmp_path: Path) -> None:
    index.add(folder / "bridge.md")
    with index.generations.writing() as generation:
        generation.catalogue.move([("bridge.md", "/" + "b" * 300, "")])
    assert index.add(folder / "bridge.md").failed == ()


def test_a_source_given_twice_is_read_once(index: Index, folder: Path) -> None:
    assert index.sync([folder / "bridge.md", folder / "bridge.md"]) == Changes(added=1)


def test_a_moved_source_is_the_same_article(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    folder.rename(tmp_path / "moved")
    assert index.sync(tmp_path / "moved") == Changes(unchanged=3)
    assert {Path(article.origin).parent.name for article in index.articles()} == {"moved"}


def test_remove(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(FilterError, match="'nothing'"):
        index.remove(["bridge.md", "nothing"])
    assert index.remove("bridge.md") == Changes(removed=1, unchanged=2)
    assert all(hit.passage.article_id != "bridge.md" for hit in index.search("old bridge river Lune"))
    assert index.info()["articles"] == 2


def test_search_filters(index: Index, folder: Path) -> None:
    index.sync(folder)

    def found(**filters: str) -> set[str]:
        return {hit.passage.article_id for hit in index.search("the town", filters=Filters(**filters))}

    assert found() == {"bridge.md", "library.md", "orchard.md"}
    assert found(publisher="harbor") == {"bridge.md", "library.md"}
    assert found(since="2024-04-01") == {"library.md", "orchard.md"}
    assert found(until="2024-03-01") == {"bridge.md"}
    assert found(publisher="valley post", since="2024-04-20", until="2024-04-20") == {"orchard.md"}


@pytest.mark.parametrize("day", ["2024-13-01", "yesterday", "20240101", "2024-1-1", "٢٠٢٤-٠١-٠١"])
def test_bad_day_is_refused(index: Index, folder: Path, day: str) -> None:
    index.sync(folder)
    if day.isascii():
        with pytest.raises(FilterError, match="YYYY-MM-DD"):
            index.search("town", filters=Filters(since=day))
    else:
        with pytest.raises(FilterError):
            index.search("town", filters=Filters(until=day))


def test_unknown_publisher_is_refused(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(FilterError, match="publishers: Harbor Review, Valley Post"):
        index.search("town", filters=Filters(publisher="Nobody"))


def test_listed_filters_sorts_and_pages(index: Index, folder: Path) -> None:
    with pytest.raises(IndexMissing):
        index.list_articles()
    index.sync(folder)

    def found(**asked: object) -> list[str]:
        return [one.id for one in index.list_articles(**asked)[0]]  # type: ignore[arg-type]

    assert found() == ["orchard.md", "library.md", "bridge.md"]
    assert found(words="harbor OPENS") == ["library.md"]
    assert found(publisher="harbor", order="date", descending=True) == ["library.md", "bridge.md"]
    assert found(since="2024-03-02", until="2024-04-30") == ["orchard.md"]
    rows, count = index.list_articles(start=1, most=1)
    assert ([one.id for one in rows], count) == (["library.md"], 3)
    by_id = {article.id: len(article.text.split()) for article in index.articles()}
    assert {one.id: one.words for one in index.list_articles()[0]} == by_id
    for bad in ({"order": "text"}, {"since": "soon"}, {"publisher": "Nobody"}):
        with pytest.raises(FilterError):
            found(**bad)


def test_copies_are_folded(index: Index, folder: Path) -> None:
    text = (folder / "bridge.md").read_text()
    (folder / "copy.md").write_text(text.replace("Harbor Review", "Valley Post"))
    index.sync(folder)
    hits = [hit for hit in index.search("old bridge river Lune cracks") if "Lune" in hit.passage.text]
    assert len(hits) == 1
    assert {hits[0].passage.article_id, *(copy.article_id for copy in hits[0].copies)} == {"bridge.md", "copy.md"}


def test_hits_say_why(index: Index, folder: Path) -> None:
    index.sync(folder)
    hits = index.search("frost apple blossom orchards")
    assert hits[0].passage.article_id == "orchard.md"
    assert hits[0].word_rank == 1
    assert hits[0].dense_rank is not None
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_passages_are_verbatim(index: Index, folder: Path) -> None:
    index.sync(folder)
    for hit in index.search("town bridge frost", k=50):
        article = index.article(hit.passage.article_id)
        assert article is not None
        assert article.text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_no_index_yet(index: Index) -> None:
    for use in (lambda: index.search("x"), lambda: index.info(), lambda: list(index.articles())):
        with pytest.raises(IndexMissing, match="rag sync"):
            use()


def test_another_model_or_splitter_is_refused(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(IndexMismatch, match=r"another embedding model: words, not other.*rag sync --all"):
        reopened(index, WordEmbedder("other"))
    with pytest.raises(IndexMismatch, match="another way of splitting"):
        reopened(index, passage_tokens=40)
    with pytest.raises(IndexMismatch, match="RAG_CHROMA_URL"):
        reopened(index, chroma_url="" if index.settings.chroma_url else "http://127.0.0.1:9")


def test_rebuild_mends_a_mismatch_from_the_kept_texts(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "bridge.md").unlink()
    other = reopened(index, WordEmbedder("other"), checked=False)
    with pytest.raises(IndexMismatch):
        other.search("bridge")
    assert other.rebuild() == Changes(added=3)
    assert other.search("old bridge")[0].passage.article_id == "bridge.md"
    assert other.sync() == Changes(removed=1, unchanged=2)
    other.close()
    with pytest.raises(IndexMismatch):
        index.search("bridge")


def test_rebuild_from_sources(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "bridge.md").unlink()
    assert index.rebuild(folder) == Changes(added=2)
    assert ids(index) == ["library.md", "orchard.md"]


def test_the_old_index_answers_during_a_rebuild(index: Index, folder: Path) -> None:
    index.sync(folder)
    answers = []

    def report(_: Progress) -> None:
        with closing(reopened(index)) as other:
            answers.append(other.search("old bridge")[0].passage.article_id)
        answers.append(index.search("old bridge")[0].passage.article_id)

    index.rebuild(report=report)
    assert answers
    assert set(answers) == {"bridge.md"}


def test_failed_rebuild_leaves_the_old_index(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(SourceError):
        index.rebuild("missing")
    assert len(ids(index)) == 3
    assert len(list(index.folder.glob("generation-*"))) == 1


def test_rebuilds_keep_only_the_one_before(index: Index, folder: Path) -> None:
    index.sync(folder)
    for _ in range(3):
        index.rebuild()
    index.sync()
    assert len(list(index.folder.glob("generation-*"))) == 2


def test_a_reader_left_two_rebuilds_behind_reads_the_live_one(index: Index, folder: Path) -> None:
    """It has opened the catalogue, but not the vectors, when their files go."""
    index.sync(folder)
    late, seen = reopened(index), []

    def count(generation: Generation) -> int:
        seen.append(generation.folder.name)
        if len(seen) == 1:
            index.rebuild()
            index.rebuild()
        return generation.vectors.count()

    assert late.generations.read(count) == 3
    assert seen == ["generation-0001", "generation-0003"]
    late.close()


def test_only_one_writes(index: Index, folder: Path) -> None:
    with IndexFolder(index.folder).writing(), pytest.raises(IndexLocked):
        index.sync(folder)


def test_another_index_object_sees_changes(index: Index, folder: Path) -> None:
    index.sync(folder)
    other = reopened(index)
    assert other.search("frost")[0].passage.article_id == "orchard.md"
    index.remove("orchard.md")
    assert all(hit.passage.article_id != "orchard.md" for hit in other.search("frost"))
    index.rebuild(folder)
    assert other.search("frost")[0].passage.article_id == "orchard.md"
    other.close()


def test_progress_is_reported(index: Index, folder: Path) -> None:
    told: list[Progress] = []
    index.sync(folder, told.append)
    assert [one.articles for one in told if one.stage == "reading"] == [1, 2, 3]
    assert (told[-1].stage, told[-1].articles, told[-1].total) == ("indexing", 3, 3)
    assert told[-1].passages >= 3


def test_stdin_is_not_remembered(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    index.sync(folder)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A piped one\n\nIt came through a pipe.\n")))
    assert index.add("-") == Changes(added=1)
    assert index.sync() == Changes(unchanged=3)
    assert len(ids(index)) == 4
