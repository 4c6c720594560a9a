"""`rag check`: each store is really damaged, the damage is found, mended, and then nothing is found."""

import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import chromadb
import numpy as np
import pytest
import tantivy
from click.testing import CliRunner

from rag.cli import main
from rag.cli.watch import watch
from rag.errors import IndexLocked, IndexMissing, StoreError
from rag.index import Index
from rag.settings import Settings
from rag.storage import audit
from rag.storage.atomic_files import FolderSnapshots
from rag.storage.bm25 import BM25Index
from rag.storage.index_folder import IndexFolder, Manifest
from rag.storage.records import ArticleVersion
from rag.storage.vectors import VectorStore, collection
from rag.testing import WordEmbedder
from rag.types import Finding
from rag.web.articles.jobs import Jobs
from tests.support.chroma_server import chroma_server

COUNT = 12
TEXT = "# Lighthouse {n}\n\n" + " ".join(
    f"The keeper of lighthouse {{n}} wrote line {line} of the log." for line in range(20)
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number:02}.md").write_text(TEXT.format(n=1000 + number) + "\n")
    return folder


@pytest.fixture
def built(index: Index, source: Path) -> Index:
    """A sound index, closed so that its files can be damaged."""
    index.sync(source)
    index.close()
    return index


@pytest.fixture
def readable_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors that nobody damages are not tried in another process, which takes longer than all the rest."""
    monkeypatch.setattr(VectorStore, "kills", staticmethod(lambda place, collection: False))


def test_a_sound_index_has_no_findings(built: Index) -> None:
    assert built.check() == []


def live(index: Index) -> Path:
    folder = index.generations.folder.current
    assert folder is not None
    return folder


def live_at(index: Index, number: int) -> Path:
    return index.folder / f"generation-{number:04d}"


def catalogue(index: Index, *statements: str) -> None:
    with sqlite3.connect(live(index) / "catalogue.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def in_chroma(index: Index, change: "Callable[[chromadb.Collection], object]") -> None:
    client = chromadb.PersistentClient(str(FolderSnapshots(live(index) / "vectors").live))
    change(client.list_collections()[0])
    client.close()


def in_tantivy(index: Index, change: "Callable[[tantivy.IndexWriter, BM25Index], object]") -> None:
    words = BM25Index(live(index) / "words")
    change(words.open_writer(), words)
    words.commit()
    words.close_writer()


def _chroma_sql(index: Index, statement: str) -> None:
    with sqlite3.connect(FolderSnapshots(live(index) / "vectors").live / "chroma.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def _other_vector(collection: chromadb.Collection) -> None:
    [id] = [id for id in collection.get()["ids"] if id.startswith("05.md")][:1]
    collection.update(ids=[id], embeddings=np.eye(64, dtype=np.float32)[:1])


def _keys(words: BM25Index, id: str) -> set[ArticleVersion]:
    return {version for page in words.article_versions() for version in page if version.article_id == id}


def _short_document(writer: tantivy.IndexWriter, words: BM25Index) -> None:
    """A passage without most of its words, in place of the right one."""
    [key] = _keys(words, "05.md")
    article, version = key
    spans = words.spans([key])[key]
    writer.delete_documents_by_term("key", f"{article}@{version}")
    for start, end in spans:
        document = tantivy.Document()
        for name, value in {"key": f"{article}@{version}", "article": article, "version": version}.items():
            document.add_text(name, value)
        document.add_unsigned("start", start)
        document.add_unsigned("end", end)
        document.add_text("body", "lighthouse")
        writer.add_document(document)


def _doubled(writer: tantivy.IndexWriter, words: BM25Index) -> None:
    document = tantivy.Document()
    [key] = _keys(words, "03.md")
    article, version = key
    start, end = words.spans([key])[key][0]
    for name, value in {"key": f"{article}@{version}", "article": article, "version": version}.items():
        document.add_text(name, value)
    document.add_unsigned("start", start)
    document.add_unsigned("end", end)
    writer.add_document(document)


def _stray(writer: tantivy.IndexWriter, _words: BM25Index) -> None:
    document = tantivy.Document()
    for name, value in {"key": "gone.md@1", "article": "gone.md", "version": "1", "body": "lighthouse"}.items():
        document.add_text(name, value)
    document.add_unsigned("start", 0)
    document.add_unsigned("end", 9)
    writer.add_document(document)


def _halve(folder: Path, ending: str) -> None:
    [*paths] = [path for path in folder.rglob("*") if path.name.endswith(ending)]
    assert paths
    for path in paths:
        os.truncate(path, path.stat().st_size // 2)


def _row(assignment: str) -> Callable[[Index], None]:
    return lambda index: catalogue(index, f"UPDATE articles SET {assignment} WHERE id = '07.md'")


ROW = np.eye(64, dtype=np.float32)[:1]
STRAY = {"article": "gone.md", "version": "1", "start": 0, "end": 9, "publisher": "", "day": 0}
DAMAGE: dict[str, tuple[Callable[[Index], None], str]] = {
    "text": (_row("text = replace(text, 'keeper', 'sweeper')"), "catalogue: 07.md: its text is not the one"),
    "title": (_row("title = 'Another title'"), "catalogue: 07.md: its text is not the one"),
    "row": (_row("metadata = '{'"), "catalogue: 07.md: its row cannot be read"),
    "count": (_row("passages = 99"), "catalogue: 07.md: it has"),
    "listing": (lambda index: catalogue(index, "DELETE FROM listing WHERE id = '02.md'"), "catalogue: 1 articles are"),
    "unsettled": (lambda index: catalogue(index, "INSERT INTO unsettled VALUES ('x', '1')"), "catalogue: 1 versions"),
    "vectors gone": (
        lambda index: in_chroma(index, lambda one: one.delete(where={"article": {"$in": ["01.md", "02.md"]}})),
        "vectors: 02.md: 5 of its 5 passages have no vector",
    ),
    "all vectors gone": (
        lambda index: in_chroma(index, lambda one: one.delete(ids=one.get()["ids"])),
        "vectors: 11.md: 5 of its 5 passages have no vector",
    ),
    "vector without fields": (
        lambda index: _chroma_sql(index, "DELETE FROM embedding_metadata WHERE id IN (3, 4)"),
        "passages have a vector with wrong fields",
    ),
    "vector with wrong fields": (
        lambda index: _chroma_sql(index, "UPDATE embedding_metadata SET int_value = 7 WHERE key = 'day' AND id = 3"),
        "1 of its 5 passages have a vector with wrong fields",
    ),
    "vector without a row": (
        lambda index: _chroma_sql(index, "DELETE FROM embeddings WHERE id IN (3, 4)"),
        "passages have no vector",
    ),
    "another vector": (lambda index: in_chroma(index, _other_vector), "vectors: 05.md: what stands there for 0-"),
    "stray vector": (
        lambda index: in_chroma(index, lambda one: one.add(ids=["gone.md@1:0-9"], embeddings=ROW, metadatas=[STRAY])),
        "vectors: 1 belong to no article",
    ),
    "stray vector without fields": (
        lambda index: in_chroma(index, lambda one: one.add(ids=["left"], embeddings=ROW)),
        "vectors: 1 belong to no article",
    ),
    "words gone": (
        lambda index: in_tantivy(index, lambda writer, _: writer.delete_documents_by_term("article", "04.md")),
        "words: 04.md: 0 passages stand where its 5 should",
    ),
    "all words gone": (
        lambda index: in_tantivy(index, lambda writer, _: writer.delete_all_documents()),
        "words: 00.md: 0 passages stand where its 5 should",
    ),
    "words doubled": (lambda index: in_tantivy(index, _doubled), "words: 03.md: 6 passages stand where its 5 should"),
    "words lacking": (lambda index: in_tantivy(index, _short_document), "words: 05.md: what stands there for 0-"),
    "stray words": (lambda index: in_tantivy(index, _stray), "words: 1 versions of articles are not in the catalogue"),
    "words cut short": (lambda index: _halve(live(index) / "words", ".store"), "words: the word index in"),
    "vectors cut short": (lambda index: _halve(live(index) / "vectors", ".sqlite3"), "vectors: the vectors in"),
    "generation left": (
        lambda index: (index.folder / "generation-0009").mkdir(),
        "folder: generation-0009",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_mended(request: pytest.FixtureRequest, built: Index, source: Path, name: str) -> None:
    damage, said = DAMAGE[name]
    if "vector" not in name:
        request.getfixturevalue("readable_vectors")
    damage(built)
    found = built.check()
    assert [one for one in found if said in str(one)], found
    assert not any(one.mended for one in found)
    again = built.check()
    assert [(one.part, one.article) for one in again] == [(one.part, one.article) for one in found], (
        "it changes nothing"
    )
    mended = built.check(repair=True)
    assert mended
    assert all(one.mended for one in mended), mended
    assert built.check() == []
    built.sync(source)
    assert built.check() == []
    assert [article.id for article in built.articles()] == [f"{number:02}.md" for number in range(COUNT)]
    for number in range(COUNT):
        hits = built.search(f"{1000 + number}", k=4)
        assert hits[0].passage.article_id == f"{number:02}.md"
        assert "keeper" in hits[0].passage.text


_SEEDS = 6 + int(114 * float(os.environ.get("LONG", "1")))
"""Ways of damage that are tried, all of them in the long tests."""


def _spoil(data: bytearray, seed: int) -> None:
    """One of many ways in which a file of pages can be damaged."""
    chance = random.Random(seed)
    pages = [slice(4096 * chance.randrange(len(data) // 4096)) for _ in range(2)]
    first, second = (slice(page.stop, page.stop + 4096) for page in pages)
    way = seed % 6
    if way == 0:
        for _ in range(chance.choice([1, 10, 100, 1000])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == 1:
        data[first] = data[second] = bytes(4096)
    elif way == 2:
        del data[chance.randrange(len(data)) :]
    elif way == 3:
        data[first] = chance.randbytes(4096)
    elif way == 4:
        data[:100] = chance.randbytes(100)
    else:
        data[first], data[second] = data[second], data[first]


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(one, marks=pytest.mark.long) for one in range(6, _SEEDS))])
def test_any_damage_to_the_vectors_is_mended_by_one_repair(built: Index, source: Path, seed: int) -> None:
    path = FolderSnapshots(live(built) / "vectors").live / "chroma.sqlite3"
    data = bytearray(path.read_bytes())
    _spoil(data, seed)
    path.write_bytes(data)
    assert all(one.mended for one in built.check(repair=True))
    assert built.check() == []
    assert built.search("1003")[0].passage.article_id == "03.md"


def test_a_panic_over_damaged_vectors_is_one_line_and_mended(built: Index) -> None:
    path = FolderSnapshots(live(built) / "vectors").live / "chroma.sqlite3"
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[4096 * page : 4096 * page + 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"^the vectors in [^\n]* cannot be opened: [^\n]*$"):
        built.search("1003")
    [found] = built.check(repair=True)
    assert found.part == "vectors" and found.mended
    assert built.check() == []


def test_text_that_ends_whoever_reads_it_is_found_in_another_process(built: Index) -> None:
    """Over text that is no UTF-8 Chroma ends the whole process."""
    path = FolderSnapshots(live(built) / "vectors").live / "chroma.sqlite3"
    name = Manifest.read(live(built)).collection.encode()
    path.write_bytes(path.read_bytes().replace(name, name[:-1] + b"\xf6").replace(b"default_", b"d\xf6fault_"))
    [found] = built.check(repair=True)
    assert found.part == "vectors" and found.mended
    assert built.check() == []


def test_rows_that_cannot_be_read_do_not_stop_a_repair_of_the_vectors(built: Index, source: Path) -> None:
    catalogue(built, "UPDATE articles SET metadata = '{' WHERE id = '07.md'")
    _halve(live(built) / "vectors", ".sqlite3")
    built.check(repair=True)
    assert built.check() == [] and built.counts()[0] == COUNT - 1
    assert built.sync(source).added == 1


def test_a_changed_text_is_kept_until_the_next_sync_reads_it_again(built: Index, source: Path) -> None:
    catalogue(built, "UPDATE articles SET text = replace(text, 'keeper', 'sweeper') WHERE id = '07.md'")
    built.check(repair=True)
    assert "sweeper" in built.search("1007 sweeper")[0].passage.text
    assert built.sync(source).updated == 1
    assert not any("sweeper" in hit.passage.text for hit in built.search("1007 sweeper"))


def test_a_wrong_vector_beyond_the_sample_makes_all_of_them_doubtful(
    built: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SAMPLE_PASSAGES", 24)

    def turn(collection: chromadb.Collection) -> None:
        ids = collection.get()["ids"]
        collection.update(ids=ids, embeddings=np.repeat(np.eye(64, dtype=np.float32)[:1], len(ids), axis=0))

    in_chroma(built, turn)
    assert built.check()
    assert all(one.mended for one in built.check(repair=True))
    assert live(built).name == "generation-0002"
    assert built.check() == []


@pytest.mark.parametrize("damage", ["header.bin", "data_level0.bin", "index_metadata.pickle"])
def test_a_graph_that_kills_its_reader_is_found_and_built_anew(
    index: Index, source: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(collection, "MAX_LOG_CHANGES", 10)
    index.sync(source)
    index.close()
    folder = FolderSnapshots(live(index) / "vectors").live
    assert folder.name.startswith("copy-")
    [path] = folder.rglob(damage)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2].replace(b"\x00", b"\xee"))
    found = index.check()
    assert [one.part for one in found] == ["vectors"]
    assert all(one.mended for one in index.check(repair=True))
    assert index.check() == []
    assert index.search("1003")[0].passage.article_id == "03.md"


def test_a_damaged_pointer_to_the_vectors_is_found_and_built_anew(built: Index, tmp_path: Path) -> None:
    built.close()
    (tmp_path / "copy-0001").mkdir()
    (live(built) / "vectors" / "LIVE").write_text("../../../copy-0001 0\n")
    [found] = built.check()
    assert found.part == "vectors" and "LIVE in there cannot be read (it is damaged)" in found.said
    assert all(one.mended for one in built.check(repair=True))
    assert built.check() == []
    assert list((tmp_path / "copy-0001").iterdir()) == []


def _no_current(index: Index) -> None:
    (index.folder / "CURRENT").unlink()


def _written(data: bytes) -> Callable[[Index], None]:
    return lambda index: (index.folder / "CURRENT").write_bytes(data) and None


POINTERS: dict[str, tuple[Callable[[Index], None], str]] = {
    "missing": (_no_current, "CURRENT is missing, though an index is there"),
    "empty": (_written(b""), "CURRENT is damaged and names no index"),
    "blank": (_written(b" \n"), "CURRENT is damaged and names no index"),
    "elsewhere": (_written(b"../../etc\n"), "CURRENT is damaged and names no index"),
    "bytes": (_written(b"\x00\xff"), "CURRENT is damaged and names no index"),
    "nowhere": (_written(b"generation-0007\n"), "CURRENT names generation-0007, which is not there"),
    "nowhere of two": (_written(b"generation-0007\ngeneration-0002\n"), "CURRENT names generation-0007"),
}


def uses(index: Index, source: Path) -> list[Callable[[], object]]:
    """Every way to use an index but `check`."""
    return [
        lambda: index.search("1003"), lambda: index.sync(source), lambda: index.add(source),
        lambda: index.rebuild(source), lambda: index.remove("03.md"), lambda: index.empty,
        lambda: next(iter(index.articles())), index.counts, index.sync, index.rebuild, index.rollback, index.info,
    ]  # fmt: skip


@pytest.mark.usefixtures("readable_vectors")
@pytest.mark.parametrize("name", POINTERS)
def test_a_lost_pointer_costs_no_generation_and_is_mended(built: Index, source: Path, name: str) -> None:
    built.rebuild()
    (source / "12.md").write_text(TEXT.format(n=1012))
    built.sync(source)
    built.close()
    lose, said = POINTERS[name]
    lose(built)
    before = sorted(path for path in built.folder.rglob("*") if "generation" in path.name)
    again = Index.open(built.folder, Settings(_env_file=None), WordEmbedder())
    for index in (built, again):
        for use in uses(index, source):
            with pytest.raises(StoreError, match=rf"^[^\n]*{said}[^\n]*rag check --repair$"):
                use()
        assert sorted(path for path in built.folder.rglob("*") if "generation" in path.name) == before
    assert [one.part for one in again.check()] == ["folder"]
    [mended] = again.check(repair=True)
    assert mended.mended and "it names generation-0002 again, the newest sound index" in mended.said
    assert again.check() == [] and built.counts()[0] == COUNT + 1
    assert built.rollback().startswith("generation-0001"), "the one before it is kept"
    again.close()


def test_a_lost_pointer_is_pointed_at_what_is_sound(built: Index) -> None:
    built.rebuild()
    built.close()
    newest = live(built)
    _halve(newest, "catalogue.sqlite")
    _no_current(built)
    [mended] = built.check(repair=True)
    assert "it names generation-0001 again" in mended.said
    assert built.check() == [] and newest.is_dir(), "what is damaged stays for whoever can use it"
    _no_current(built)
    _halve(live_at(built, 1), "catalogue.sqlite")
    built.close()
    with pytest.raises(StoreError, match=r"^no index in [^\n]* is sound; move [^\n]*rag sync SOURCE$"):
        built.check(repair=True)
    assert live_at(built, 1).is_dir() and newest.is_dir()


def test_a_lost_pointer_and_damage_are_mended_together(built: Index) -> None:
    DAMAGE["all vectors gone"][0](built)
    _no_current(built)
    found = built.check(repair=True)
    assert "the newest index whose articles can be read" in found[0].said
    assert len(found) > 1 and all(one.mended for one in found)
    assert built.check() == []


def test_a_rebuild_that_died_is_not_what_a_lost_pointer_is_pointed_at(built: Index, source: Path) -> None:
    dead = built.generations.folder.begin(Manifest.read(live(built)))
    shutil.copyfile(live(built) / "catalogue.sqlite", dead / "catalogue.sqlite")
    _no_current(built)
    [mended, left] = built.check(repair=True)
    assert "it names generation-0001 again" in mended.said and left.said.startswith("generation-0002 is left")
    assert built.check() == [] and not dead.exists()


def test_a_watch_and_a_page_say_that_the_pointer_is_lost(built: Index, tmp_path: Path) -> None:
    _no_current(built)
    ended = threading.Event()
    for change in watch(built, 60, ended):
        assert isinstance(change, StoreError) and str(change).endswith("rag check --repair")
        break
    job = Jobs(built, Settings(_env_file=None, index=built.folder)).add_path(str(tmp_path / "source"))
    job.wait(30)
    assert "rag check --repair" in job.error
    assert live_at(built, 1).is_dir()


def test_a_lost_catalogue_says_what_to_do(built: Index, source: Path) -> None:
    built.rebuild()
    built.close()
    path = live(built) / "catalogue.sqlite"
    for beside in path.parent.glob("catalogue.sqlite-*"):
        beside.unlink()
    content = path.read_bytes()
    path.write_bytes(b"\x00" * 4096 + content[4096:])
    with pytest.raises(StoreError, match="rag rollback, or build it anew with: rag sync --all SOURCE"):
        built.check(repair=True)
    assert built.rollback().startswith("generation-0001")
    assert built.check() == []
    path.write_bytes(content[:4096] + b"\x00" * (len(content) - 4096))
    built.rebuild(source)
    assert built.check() == []


def test_pages_of_a_damaged_catalogue_are_found(built: Index) -> None:
    path = live(built) / "catalogue.sqlite"
    content = bytearray(path.read_bytes())
    content[-4096:] = os.urandom(4096)
    path.write_bytes(bytes(content))
    found = built.check(repair=True)
    assert [one.part for one in found] == ["catalogue"] * len(found)
    assert not any(one.mended for one in found)
    assert all("rag rollback" in one.said for one in found)


def test_check_works_on_a_server(source: Path, tmp_path: Path) -> None:
    with chroma_server(tmp_path / "server") as url:
        index = Index.open(tmp_path / "remote", Settings(_env_file=None, chroma_url=url), WordEmbedder())
        index.sync(source)
        assert index.check() == []
        with index.generations.reading() as generation:
            generation.vectors.delete("03.md", generation.catalogue.known_articles()["03.md"].version)
            generation.vectors.collection.add(ids=["left"], embeddings=np.eye(64, dtype=np.float32)[:1])
        assert [one.part for one in index.check()] == ["vectors", "vectors"]
        assert all(one.mended for one in index.check(repair=True))
        assert index.check() == []
        index.close()


def test_check_needs_an_index_and_no_writer(built: Index, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        Index.open(tmp_path / "none", Settings(_env_file=None), WordEmbedder()).check()
    with IndexFolder(built.folder).writing(), pytest.raises(IndexLocked):
        built.check()


def test_uploads_are_left_alone(built: Index) -> None:
    uploads = built.folder / "uploads"
    uploads.mkdir()
    (uploads / "mine.md").write_text("# Mine\n\nThis is mine.\n")
    catalogue(built, "DELETE FROM listing")
    built.check(repair=True)
    assert [path.name for path in uploads.iterdir()] == ["mine.md"]


def test_findings_are_one_line() -> None:
    assert str(Finding("vectors", "3 belong to no article")) == "vectors: 3 belong to no article"
    assert str(Finding("words", "none stand", "a.md", mended=True)) == "mended: words: a.md: none stand"


def test_the_command(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.open_embedder", lambda *_: WordEmbedder())

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*words, "--index", str(tmp_path / "index")])
        return done.exit_code, done.output

    assert run("check")[0] == 1
    run("sync", str(folder))
    assert run("check") == (0, "the index is sound\n")
    current = IndexFolder(tmp_path / "index").current
    assert current is not None
    with sqlite3.connect(current / "catalogue.sqlite") as connection:
        connection.execute("UPDATE articles SET passages = 7 WHERE id = 'bridge.md'")
    connection.close()
    status, said = run("check")
    assert status == 1
    assert said.splitlines()[-1] == "wrong: 1; mend it with: rag check --repair"
    status, said = run("check", "--json")
    assert status == 1
    assert '"sound": false' in said
    status, said = run("check", "--repair")
    assert status == 0
    assert "mended: catalogue: bridge.md: it has" in said
    assert run("rollback")[0] == 1
    run("sync", "--all")
    status, said = run("rollback")
    assert status == 0
    assert said.startswith("generation-0001, built 2")
