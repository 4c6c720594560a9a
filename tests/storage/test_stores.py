"""The stores one by one: Chroma in a folder and on a server, Tantivy, the catalogue, the folder of generations."""

import json
import multiprocessing
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexLocked, StoreError
from rag.protocols import ModelIdentity
from rag.storage.atomic_files import FolderSnapshots
from rag.storage.bm25 import BM25Index
from rag.storage.catalogue import ORDERS, Catalogue, IndexedArticle, ListedArticle, schema
from rag.storage.index_folder import IndexFolder, Manifest
from rag.storage.records import ArticleVersion, Scope
from rag.storage.vectors import Server, VectorStore, search
from rag.storage.vectors.client import open_collection, open_reader
from rag.storage.vectors.folder_reader import FolderReader
from rag.types import Article, Passage


def passage(id: str, text: str = "Some text.", version: str = "1", source: str = "Gazette", date: str = "") -> Passage:
    return Passage(
        article_id=id,
        title=f"Title of {id}",
        source=source,
        date=date,
        text=text,
        start=0,
        end=len(text),
        version=version,
    )


PASSAGES = [
    passage("a", "The bridge closed.", date="2024-01-05"),
    passage("b", "Frost hit the orchards.", source="Post", date="2024-02-01"),
    passage("c", "The library opens."),
]
ROWS = np.eye(4, dtype=np.float32)


@pytest.fixture(params=["folder", "server"])
def vectors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    if request.param == "folder":
        store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
        yield store
        store.close()
        return
    server = Server(request.getfixturevalue("chroma"))
    store = VectorStore(server, f"test-{uuid.uuid4().hex}", create=True)
    yield store
    store.drop()
    store.close()


def test_vectors(vectors: VectorStore) -> None:
    vectors.add(PASSAGES, ROWS[:3])
    ids = [hit.passage.article_id for hit in vectors.search(ROWS[1], 3)]
    assert ids[0] == "b"
    assert sorted(ids) == ["a", "b", "c"]
    first = vectors.search(ROWS[1], 1)[0]
    assert first.passage == ("b", "1", 0, len(PASSAGES[1].text))
    assert first.score == pytest.approx(1)
    assert [hit.passage.article_id for hit in vectors.search(ROWS[0], 3, Scope(("Post",)))] == ["b"]
    assert [hit.passage.article_id for hit in vectors.search(ROWS[0], 3, Scope((), 20240101, 20240131))] == ["a"]
    assert [hit.passage.article_id for hit in vectors.search(ROWS[0], 3, Scope((), 0, 20240131))] == ["a"], (
        "no date is within no range"
    )
    vectors.add(PASSAGES[:1], ROWS[3:])
    assert vectors.count() == 3, "putting in again replaces"
    assert vectors.search(ROWS[3], 1)[0].passage.article_id == "a"
    vectors.delete("a", "other")
    assert vectors.count() == 3
    vectors.delete("a", "1")
    vectors.refresh()
    assert {hit.passage.article_id for hit in vectors.search(ROWS[0], 5)} == {"b", "c"}


def test_vectors_without_a_place_are_passed_over(vectors: VectorStore) -> None:
    vectors.add(PASSAGES, ROWS[:3])
    vectors.collection.add(ids=[f"left {row}" for row in range(12)], embeddings=np.repeat(ROWS[:1], 12, axis=0))
    assert [hit.passage.article_id for hit in vectors.search(ROWS[0], 13)] == ["a", "b", "c"]
    assert [hit.passage.article_id for hit in vectors.search(ROWS[0], 1, Scope(("Post",)))] == ["b"]


def test_vectors_take_more_than_one_batch(tmp_path: Path) -> None:
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    many = [passage(f"n{number:03}", source="Rare" if number % 100 == 7 else "Gazette") for number in range(600)]
    rows = np.random.default_rng(0).normal(size=(600, 8)).astype(np.float32)
    store.add(many, rows)
    assert store.count() == 600
    near = sorted(range(600), key=lambda row: -float(rows[row] @ rows[0]) / np.linalg.norm(rows[row]))
    for publisher in ("Rare", "Gazette"):
        expected = [many[row].article_id for row in near if many[row].source == publisher][:5]
        assert [hit.passage.article_id for hit in store.search(rows[0], 5, Scope((publisher,)))] == expected
    store.close()


@pytest.mark.parametrize("longest", [10_000, 0])
def test_a_rare_publisher_is_found_by_a_longer_list_or_by_the_filter_of_chroma(
    longest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_NEIGHBOURS", longest)
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    many = [passage(f"n@{number:04}", source="Rare" if number % 20 == 7 else "Gazette") for number in range(1500)]
    rows = np.random.default_rng(0).normal(size=(1500, 8)).astype(np.float32)
    store.add(many, rows)
    near = np.argsort(-(rows @ rows[0]) / np.linalg.norm(rows, axis=1))
    expected = [many[row].article_id for row in near if many[row].source == "Rare"][:40]
    rare = {one.article_id for one in many if one.source == "Rare"}
    asked = list[list[str]]()

    def in_scope(articles: Sequence[str]) -> set[str]:
        asked.append(list(articles))
        return rare & set(articles)

    scope = Scope(("Rare",))
    assert [hit.passage.article_id for hit in store.search(rows[0], 40, scope)] == expected
    assert [hit.passage.article_id for hit in store.search(rows[0], 40, scope, in_scope=in_scope)] == expected
    assert len(asked) == (2 if longest else 1)
    assert len(asked[-1]) > len(asked[0]) or not longest
    assert set(asked[0]) <= {one.article_id for one in many}
    store.close()


def test_a_folder_is_read_as_the_client_of_chroma_reads_it(tmp_path: Path) -> None:
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    many = [passage(f"n{number:03}", source="Rare" if number % 50 == 7 else "Gazette") for number in range(200)]
    rows = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    store.add(many, rows)
    store.close()
    folder = str(tmp_path / "vectors")
    client, collection = open_collection(folder, "test", create=False)
    reader = FolderReader.open(folder, "test")
    rare: dict[str, object] = {"publisher": "Rare"}
    for where in (None, rare):
        expected = collection.query(
            query_embeddings=rows[:3], n_results=9, where=where, include=["metadatas", "distances"]
        )
        found = reader.query(query_embeddings=rows[:3], n_results=9, where=where, include=["metadatas", "distances"])
        assert {name: expected[name] for name in found} == found  # type: ignore[literal-required]
        page = collection.get(where=where, limit=50, offset=2, include=["metadatas", "embeddings"])
        read = reader.get(where=where, limit=50, offset=2, include=["metadatas", "embeddings"])
        assert (read["ids"], read["metadatas"]) == (page["ids"], page["metadatas"])
        assert np.array_equal(read["embeddings"], page["embeddings"])
    assert reader.get(ids=found["ids"][0][:2], include=[])["ids"] == collection.get(ids=found["ids"][0][:2])["ids"]
    assert reader.get(ids=[], include=["metadatas"])["ids"] == []
    assert (reader.count(), reader.configuration_json) == (200, collection.configuration_json)
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.count()
    client.close()


def test_a_folder_is_read_through_the_client_where_the_native_module_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    store.add(PASSAGES, ROWS[:3])
    store.close()
    with monkeypatch.context() as changed:
        # Chroma's client names its tenants by itself: the reader alone now calls with too few of them.
        changed.setattr("rag.storage.vectors.folder_reader.OWNER", ())
        with pytest.raises(TypeError):
            FolderReader.open(str(tmp_path / "vectors"), "test")
        opened = open_reader(str(tmp_path / "vectors"), "test")
        assert not isinstance(opened.client, FolderReader)
        assert opened.collection.count() == 3
        opened.client.close()
    opened = open_reader(str(tmp_path / "vectors"), "test")
    assert isinstance(opened.client, FolderReader)
    assert opened.collection.count() == 3
    opened.client.close()


@pytest.mark.parametrize("scope", [Scope(), Scope(("Post",))], ids=["all", "one publisher"])
def test_what_no_edge_of_the_graph_leads_to_is_found(tmp_path: Path, scope: Scope) -> None:
    """Of passages that are all the same each has the others for neighbours; the few beside them are cut off."""
    store = VectorStore(str(tmp_path / "vectors"), "test", create=True)
    rows = np.random.default_rng(0).normal(size=(640, 64)).astype(np.float32)
    rows[:600] = rows[0]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    many = [passage(f"n{number:03}", source="Gazette" if number < 600 else "Post") for number in range(640)]
    mixed = np.random.default_rng(1).permutation(640)
    store.add([many[row] for row in mixed], rows[mixed])
    found = store.search(rows[600], 640, scope)
    wanted = [row for row in range(640) if not scope.publishers or many[row].source in scope.publishers]
    assert {hit.passage.article_id for hit in found} == {many[row].article_id for row in wanted}
    assert [hit.score for hit in found] == pytest.approx(
        sorted(map(float, rows[wanted] @ rows[600]), reverse=True), abs=1e-6
    )
    store.close()


def test_a_folder_is_not_read_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(VectorStore(str(tmp_path / "vectors"), "test", create=True)) as store, ThreadPoolExecutor() as threads:
        collection = store.collection
        upsert = collection.upsert
        begun, may_end = threading.Event(), threading.Event()

        def write_slowly(**rows: object) -> None:
            begun.set()
            assert may_end.wait(60)
            upsert(**rows)

        monkeypatch.setattr(collection, "upsert", write_slowly)
        writing = threads.submit(store.add, PASSAGES, ROWS[:3])
        assert begun.wait(60)
        reading = threads.submit(store.read_vectors, [PASSAGES[0].id])
        with pytest.raises(TimeoutError):
            reading.result(0.2)
        may_end.set()
        writing.result(60)
        assert list(reading.result(60)) == [PASSAGES[0].id]


def test_missing_collection_says_so(tmp_path: Path, chroma: str) -> None:
    with pytest.raises(StoreError, match=r"no vectors in .*rag sync --all"):
        VectorStore(str(tmp_path / "vectors"), "nothing", create=False)
    VectorStore(str(tmp_path / "vectors"), "something", create=True).close()
    with pytest.raises(StoreError, match="cannot be opened: the collection of this index is not in them"):
        VectorStore(str(tmp_path / "vectors"), "nothing", create=False)
    with pytest.raises(StoreError, match=r"server at .* has no vectors of this index.*rag sync --all"):
        VectorStore(Server(chroma), "nothing", create=False)


@pytest.fixture
def words(tmp_path: Path) -> Iterator[BM25Index]:
    store = BM25Index(tmp_path / "words")
    yield store
    store.close()


def test_words(words: BM25Index) -> None:
    words.add(PASSAGES)
    assert words.search("bridge", 5) == []
    words.commit()
    assert [hit.passage for hit in words.search("Bridges", 5)] == [("a", "1", 0, len(PASSAGES[0].text))]
    assert [hit.passage.article_id for hit in words.search("title", 5, Scope(("Post",)))] == ["b"]
    assert [hit.passage.article_id for hit in words.search("title", 5, Scope((), 20240101, 20240131))] == ["a"]
    assert [hit.passage.article_id for hit in words.search("title", 5, Scope((), 0, 20240131))] == ["a"]
    assert words.search("what is it?", 5) == []
    assert words.count() == 3
    words.delete("a", "1")
    words.commit()
    assert words.search("bridge", 5) == []


def test_words_score_rare_words_higher(words: BM25Index) -> None:
    words.add(PASSAGES)
    words.commit()
    assert words.terms("The bridges of naïve 東京") == ["bridg", "naiv", "東", "京"]
    assert [hit.passage.article_id for hit in words.search("title bridge", 1)] == ["a"]


def test_words_find_scripts_without_spaces(words: BM25Index) -> None:
    words.add([passage("zh", "大桥星期五关闭了。")])
    words.commit()
    assert [hit.passage.article_id for hit in words.search("大桥什么时候关闭", 5)] == ["zh"]


@pytest.mark.parametrize("query", ['+-&&||!(){}[]^"~*?:\\/', "title:x AND", "", "   ", "\x00", "a" * 10_000])
def test_words_take_any_query(words: BM25Index, query: str) -> None:
    words.add(PASSAGES)
    words.commit()
    words.search(query, 5)


def test_words_reopen(tmp_path: Path) -> None:
    first = BM25Index(tmp_path / "words")
    first.add(PASSAGES)
    first.commit()
    second = BM25Index(tmp_path / "words")
    assert second.count() == 3
    first.add([passage("d", "A new one.")])
    first.commit()
    first.close()
    second.refresh()
    assert [hit.passage.article_id for hit in second.search("new", 5)] == ["d"]


def article(id: str, text: str = "Text.", **fields: str) -> Article:
    return Article(id, f"Title of {id}", text, **fields)  # type: ignore[arg-type]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def test_catalogue_keeps_articles_whole(catalogue: Catalogue) -> None:
    full = Article(
        "a", "T", "Text\nwith “lines”.", "Gazette", "https://example.org/a", "2024-01-05", "Ann", {"k": "v"}, "/x"
    )
    catalogue.confirm([IndexedArticle(full, "/root", 3)])
    assert catalogue.article("a") == full
    assert list(catalogue.articles()) == [full]
    assert catalogue.known_articles() == {"a": (full.digest, "/x", "/root")}
    assert catalogue.counts() == (1, 3)
    assert catalogue.publishers() == ["Gazette"]
    assert catalogue.article("b") is None


def test_catalogue_confirms_only_the_newest_version(catalogue: Catalogue) -> None:
    old, new = article("a", "Old."), article("a", "New.")
    catalogue.confirm([IndexedArticle(old, "", 1)])
    before_version = ArticleVersion("a", old.digest)
    after_version = ArticleVersion("a", new.digest)
    before = catalogue.state
    catalogue.announce([after_version])
    assert catalogue.filter_current([before_version, after_version]) == {before_version}
    catalogue.confirm([IndexedArticle(new, "", 1)])
    assert catalogue.read_current([before_version, after_version]) == {after_version: new}
    assert catalogue.unsettled_versions() == [before_version]
    assert catalogue.state > before
    catalogue.settle([before_version])
    catalogue.forget(["a"])
    assert catalogue.unsettled_versions() == [after_version]
    assert catalogue.counts() == (0, 0)


def test_catalogue_tells_which_articles_are_in_a_scope(catalogue: Catalogue) -> None:
    days = {"a": "2024-01-05", "b": "2024-02-01", "c": ""}
    many = [Article(id, "Title", "Text.", "Post" if id == "b" else "Gazette", date=day) for id, day in days.items()]
    catalogue.confirm([IndexedArticle(one, "", 1) for one in many])
    ids = ["a", "b", "c", "d", *map(str, range(1000))]
    assert catalogue.filter_scope(ids, Scope()) == {"a", "b", "c"}
    assert catalogue.filter_scope(ids, Scope(("Post", "Times"))) == {"b"}
    assert catalogue.filter_scope(ids, Scope((), 20240105, 20240131)) == {"a"}
    assert catalogue.filter_scope(ids, Scope((), 0, 20240301)) == {"a", "b"}, "no day is within no range"
    assert catalogue.filter_scope(["c"], Scope(("Gazette",))) == {"c"}


def test_catalogue_pages_through_many(catalogue: Catalogue) -> None:
    catalogue.confirm([IndexedArticle(article(f"{number:04}"), "", 1) for number in range(250)])
    assert [one.id for one in catalogue.articles()] == [f"{number:04}" for number in range(250)]


def listed(
    catalogue: Catalogue,
    words: str = "",
    *,
    order: str = "title",
    descending: bool = False,
    start: int = 0,
    most: int = 50,
) -> list[str]:
    return [
        one.id for one in catalogue.list_articles(words, order=order, descending=descending, start=start, most=most)[0]
    ]


def test_catalogue_lists_without_the_texts(catalogue: Catalogue) -> None:
    text = "One two\nthree.\n\nFour five."
    catalogue.confirm(
        [IndexedArticle(article("a", text, source="Post", date="2024-01-05", url="https://example.org/a"), "", 1)]
    )
    ([row], count) = catalogue.list_articles()
    assert row == ListedArticle("a", "Title of a", "Post", "2024-01-05", "https://example.org/a", 5, row.added)
    assert datetime.fromisoformat(row.added).utcoffset() is not None
    assert count == 1
    catalogue.confirm([IndexedArticle(article("a", "Only three words."), "", 1)])
    assert [one.words for one in catalogue.list_articles().articles] == [3]
    catalogue.forget(["a"])
    assert catalogue.list_articles() == ([], 0)


def test_catalogue_search_takes_every_mark_for_itself(catalogue: Catalogue) -> None:
    titles = [
        "100% sure",
        "1000 sure",
        "under_score",
        "underXscore",
        'O\'Neil "quoted"; DROP TABLE articles--',
        "Élan vital",
    ]
    rows = [Article(f"id{place}.md", title, "Text.") for place, title in enumerate(titles)]
    catalogue.confirm([IndexedArticle(row, "", 1) for row in rows])
    found = {
        words: listed(catalogue, words, order="id") for words in ("100%", "r_s", "o'neil", '"; drop', "élan", "ÉLAN")
    }
    assert list(found.values()) == [["id0.md"], ["id2.md"], ["id4.md"], ["id4.md"], ["id5.md"], ["id5.md"]]
    assert listed(catalogue, "SURE id1") == ["id1.md"]
    assert listed(catalogue, "\\") == []
    assert len(listed(catalogue, "a " * 5000)) > 0


def test_catalogue_sorts_and_pages_by_every_column(catalogue: Catalogue) -> None:
    for place, name in enumerate(("b", "C", "a")):
        catalogue.confirm(
            [
                IndexedArticle(
                    Article(
                        name,
                        name,
                        "w " * (3 - place) + "w",
                        source=f"P{place}",
                        url=f"u{place}",
                        date=f"2024-01-0{place + 1}",
                    ),
                    "",
                    1,
                )
            ]
        )
    up = {order: listed(catalogue, order=order) for order in ORDERS}
    assert up == {
        **{order: ["a", "b", "C"] for order in ("title", "id")},
        **{order: ["b", "C", "a"] for order in ("source", "date", "url", "added")},
        "words": ["a", "C", "b"],
    }
    assert {order: listed(catalogue, order=order, descending=True)[::-1] for order in ORDERS} == up
    assert [listed(catalogue, start=start, most=2) for start in (0, 2, 4)] == [["a", "b"], ["C"], []]


def test_catalogue_of_an_older_version_is_listed_and_still_read_by_it(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "catalogue.sqlite")
    for statement in schema.STEPS[0]:
        old.execute(statement)
    old.execute("PRAGMA user_version = 1")
    insert = "INSERT OR REPLACE INTO articles VALUES (?, '1', 'T', ?, 'S', '', '', '', '{}', '', '', 1700000000, 1)"
    old.execute(insert, ("before", "two words"))
    old.commit()
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    assert listed(catalogue) == ["before"]
    old.execute(insert, ("after", "three more words"))
    old.execute("DELETE FROM articles WHERE id = 'before'")
    old.commit()
    assert [(one.id, one.words) for one in catalogue.list_articles(order="id").articles] == [("after", 3)]
    old.close()
    catalogue.close()
    Catalogue(tmp_path / "catalogue.sqlite").close()


def test_a_list_of_many_is_quick(catalogue: Catalogue) -> None:
    many = (Article(f"{n:05}.md", f"Title {n * 7919 % 40_000}", "Text. " * 20, f"P{n % 40}") for n in range(40_000))
    catalogue.confirm([IndexedArticle(one, "", 1) for one in many])
    for words, order, start in (("", "title", 0), ("", "words", 39_950), ("399", "added", 0)):
        began = time.perf_counter()
        rows, count = catalogue.list_articles(words, order=order, descending=True, start=start)
        print(f"{len(rows)} of {count} rows by {order}: {1000 * (time.perf_counter() - began):.0f} ms")  # noqa: T201
        assert len(rows) == 50


def test_damaged_catalogue_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database, long enough to be read as one" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Catalogue(tmp_path / "catalogue.sqlite")


def test_catalogue_says_when_it_cannot_be_written(catalogue: Catalogue, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite")
    connection.execute("DROP TABLE articles")
    connection.close()
    with pytest.raises(StoreError, match="cannot be written: no such table"):
        catalogue.confirm([IndexedArticle(article("a"), "", 1)])
    with pytest.raises(StoreError, match="cannot be read: no such table"):
        catalogue.article("a")


MANIFEST = Manifest.make(ModelIdentity("m", "0", 4, 64), "s", remote=False)


def test_folder_swaps_and_keeps_the_one_before(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path / "index")
    assert folder.current is None
    with folder.writing():
        made = [folder.begin(MANIFEST) for _ in range(3)]
        folder.swap(made[0])
        assert folder.current == made[0]
        folder.swap(made[1])
        assert folder.current == made[1]
        assert folder.stale() == [made[2]]
        for generation in made:
            folder.sweep(generation)
    assert [path.exists() for path in made] == [True, True, False]
    assert Manifest.read(made[0]) == MANIFEST


def _hold(root: Path, held: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event") -> None:
    with IndexFolder(root).writing():
        held.set()
        done.wait(30)


def test_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    child = context.Process(target=_hold, args=(tmp_path, held, done))
    child.start()
    try:
        assert held.wait(30)
        with pytest.raises(IndexLocked, match=f"process {child.pid} on "), IndexFolder(tmp_path).writing():
            pass
    finally:
        done.set()
        child.join(30)
    with IndexFolder(tmp_path).writing():
        assert (tmp_path / "writer.txt").exists()
    assert not (tmp_path / "writer.txt").exists()


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "[" * 100_000,
        "[]",
        "null",
        '{"model": 5}',
        '{"a\\nb": 1}',
        "\0",
        json.dumps(asdict(MANIFEST) | {"created": "x"}),
    ],
)
def test_damaged_manifest_says_what_to_do(written: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(written)
    with pytest.raises(StoreError, match=r"^[^\n]+it is damaged[^\n]+rag sync --all SOURCE$"):
        Manifest.read(tmp_path)


DAMAGED = [
    *(b"", b" \n", b"../../etc", b"/etc", b"generation-0001/..", b"generation-0001/../../etc", b".", b"..", b"C:\\etc"),
    *(b"generation-1", b"generation-0001x", b"generation-0001\n../..", b"generation-0001 " * 3, b"x" * 2_000_000),
    *(b"\x00\xff\xfe", b"generation-0001\x00", "generation-\u0660\u0660\u0660\u0661".encode()),
]


@pytest.mark.parametrize("written", DAMAGED, ids=lambda written: repr(written[:30]))
def test_a_damaged_pointer_leads_nowhere_and_costs_no_generation(written: bytes, tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path / "index")
    with folder.writing():
        made = [folder.begin(MANIFEST) for _ in range(2)]
        folder.swap(made[1])
    (folder.root / "CURRENT").write_bytes(written)
    said = r"CURRENT is damaged and names no index; point it at the newest sound index with: rag check --repair"
    for look in (lambda: folder.current, lambda: folder.before, folder.stale, lambda: folder.sweep(made[0]),
                 lambda: folder.swap(made[0])):  # fmt: skip
        with pytest.raises(StoreError, match=rf"^[^\n]*{said}$"):
            look()
    assert all(generation.is_dir() for generation in made)


def test_a_pointer_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").mkdir()
    with pytest.raises(StoreError, match=r"CURRENT cannot be read: Is a directory; change its permissions$"):
        _ = IndexFolder(tmp_path).current
    (tmp_path / "CURRENT").rmdir()
    (tmp_path / "CURRENT").write_text("../..\n")
    with pytest.raises(StoreError, match=r"names no index; delete it and build anew with: rag sync SOURCE$"):
        _ = IndexFolder(tmp_path).current


def test_what_may_be_left_of_an_index_is_kept_while_the_live_generation_is_missing(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path)
    with folder.writing():
        made = folder.begin(MANIFEST)
        (tmp_path / "CURRENT").write_text("generation-0007\n")
        folder.sweep(made)
    assert folder.stale() == [] and made.is_dir()


@pytest.mark.parametrize(
    "written",
    [b"", b".. 0", b"../../etc 0", b"/etc 0", b"copy-0001/.. 0", b"copy-0001", b". x", b". -1", b"\xff",
     b". " + b"9" * 5_000],
    ids=lambda written: repr(written[:20]),
)  # fmt: skip
def test_a_damaged_pointer_to_the_vectors_leads_nowhere(written: bytes, tmp_path: Path) -> None:
    (tmp_path / "LIVE").write_bytes(written)
    copies = FolderSnapshots(tmp_path)
    for look in (lambda: copies.live, lambda: copies.pending, copies.sweep):
        with pytest.raises(StoreError, match=r"^[^\n]*it is damaged[^\n]*rag check --repair$"):
            look()
    assert not VectorStore.kills(str(tmp_path), "rag-none")
