"""Words first, vectors later: what answers in between, what goes on where it ended, and that nothing finds fault."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.ingestion import build
from rag.protocols import Matrix
from rag.settings import Settings
from rag.storage.generation import Generation
from rag.storage.records import ArticleVersion
from rag.testing import OverlapReader, WordEmbedder
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Progress

COUNT = 10


class RecordingEmbedder(WordEmbedder):
    """The fake, which remembers what it embedded, and cannot embed a text that holds `refused`."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.refused = ""

    def embed(self, texts: Sequence[str]) -> Matrix:
        if self.refused and any(self.refused in text for text in texts):
            raise ValueError(f"no vector for {self.refused}")
        self.seen += texts
        return super().embed(texts)


class Ended(Exception):
    """Raised out of a report, as by one who stops waiting."""


@pytest.fixture
def embedder() -> RecordingEmbedder:
    return RecordingEmbedder()


@pytest.fixture
def harbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten articles of one passage, each of a day later than the one before, that come in windows of two."""
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 2)
    folder = tmp_path / "harbours"
    folder.mkdir()
    for number in range(COUNT):
        write(folder, number, "dredged")
    return folder


def write(folder: Path, number: int, done: str) -> None:
    head = f"---\ntitle: Harbour {number}\ndate: 2024-03-{number + 1:02}\n---\n"
    (folder / f"{number}.md").write_text(f"{head}The harbour of quay {100 + number} was {done} in spring.\n")


@pytest.fixture
def index(tmp_path: Path, embedder: RecordingEmbedder) -> Iterator[Index]:
    opened = Index.open(tmp_path / "index", Settings(_env_file=None), embedder)
    yield opened
    opened.close()


def end_after(windows: int) -> Callable[[Progress], None]:
    """A report that ends the work once so many windows are embedded."""

    def report(progress: Progress) -> None:
        if progress.stage == "embedding" and progress.articles >= 2 * windows:
            raise Ended

    return report


def sync_until(index: Index, source: Path, windows: int) -> None:
    with pytest.raises(Ended):
        index.sync(source, end_after(windows))


def found(index: Index, number: int) -> str:
    """The id of the first article found for a harbour."""
    hits = index.search(f"quay {100 + number}")
    return hits[0].passage.article_id


def test_every_article_answers_before_anything_is_embedded(
    harbours: Path, index: Index, embedder: RecordingEmbedder
) -> None:
    sync_until(index, harbours, 0)
    assert not embedder.seen
    assert index.embedded_share() == 0
    assert [found(index, number) for number in range(COUNT)] == [f"{number}.md" for number in range(COUNT)]
    assert index.info()["articles"] == COUNT
    assert index.info()["embedded"] == 0
    assert index.check() == []


def test_the_latest_articles_are_embedded_first(harbours: Path, index: Index, embedder: RecordingEmbedder) -> None:
    sync_until(index, harbours, 1)
    assert index.embedded_share() == 2 / COUNT
    assert {text.split("\n")[0] for text in embedder.seen[:2]} == {"Harbour 9", "Harbour 8"}
    assert index.check() == []
    with index.generations.reading() as generation:
        assert list(generation.catalogue.pending.newest_first()) == [f"{number}.md" for number in reversed(range(8))]


@pytest.mark.parametrize("resume", [Index.embed, Index.sync, Index.refresh])
def test_what_was_ended_goes_on_and_embeds_nothing_twice(
    harbours: Path, index: Index, embedder: RecordingEmbedder, resume: Callable[[Index], object]
) -> None:
    sync_until(index, harbours, 2)
    embedder.seen.clear()
    resume(index)
    assert index.embedded_share() == 1
    assert len(embedder.seen) == COUNT - 4
    assert index.check() == []
    assert [found(index, number) for number in range(COUNT)] == [f"{number}.md" for number in range(COUNT)]


def test_few_articles_are_embedded_before_they_are_written(
    harbours: Path, index: Index, embedder: RecordingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "WINDOW_PASSAGES", COUNT + 1)
    stages = set[str]()
    index.sync(harbours, lambda progress: stages.add(progress.stage))
    assert stages == {"reading", "indexing"}
    assert index.embedded_share() == 1
    assert len(embedder.seen) == COUNT


def test_a_passage_whose_text_stays_keeps_its_vector(harbours: Path, index: Index, embedder: RecordingEmbedder) -> None:
    index.sync(harbours)
    for path in harbours.iterdir():
        path.write_text(path.read_text().replace("date: 2024", "date: 2023"))
    embedder.seen.clear()
    assert index.sync(harbours).updated == COUNT
    assert embedder.seen == []
    assert index.embedded_share() == 1
    assert index.check() == []


def test_what_is_pending_may_change_and_go(harbours: Path, index: Index) -> None:
    sync_until(index, harbours, 1)
    write(harbours, 0, "closed")
    (harbours / "1.md").unlink()
    (harbours / "9.md").unlink()
    sync_until(index, harbours, 0)
    assert index.check() == []
    assert "closed" in index.search("quay 100")[0].passage.text
    index.remove("2.md")
    index.edit("3.md", title="The old harbour")
    assert index.check() == []
    index.embed()
    assert index.embedded_share() == 1
    assert index.counts() == (COUNT - 3, COUNT - 3)
    assert index.check() == []


def test_an_index_with_pending_articles_is_rebuilt_and_gone_back_to(harbours: Path, index: Index) -> None:
    sync_until(index, harbours, 1)
    index.rebuild()
    assert index.embedded_share() == 1
    assert "is live" in index.rollback()
    assert index.embedded_share() == 2 / COUNT
    assert found(index, 0) == "0.md"
    index.embed()
    assert index.embedded_share() == 1
    assert index.check() == []


def test_a_repair_leaves_what_is_pending_and_mends_the_rest(harbours: Path, index: Index) -> None:
    sync_until(index, harbours, 1)
    with index.generations.reading() as generation:
        generation.vectors.delete_ids([index.search("quay 109")[0].passage.id])
    [finding] = index.check()
    assert (finding.part, finding.article) == ("vectors", "9.md")
    assert all(one.mended for one in index.check(repair=True))
    assert index.embedded_share() == 2 / COUNT
    assert index.check() == []


def test_an_article_that_cannot_be_embedded_is_named_and_tried_again(
    harbours: Path, index: Index, embedder: RecordingEmbedder
) -> None:
    embedder.refused = "quay 104"
    changes = index.sync(harbours)
    assert changes.added == COUNT
    [failure] = changes.failed
    assert failure.source.endswith("4.md")
    assert failure.reason.startswith("found by its words alone: ")
    assert index.embedded_share() == (COUNT - 1) / COUNT
    embedder.refused = ""
    assert index.sync(harbours).failed == ()
    assert index.embedded_share() == 1


@pytest.fixture
def varied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Articles of many passages: with headings and tables, pages, in several languages, empty of words, and long."""
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 4)
    folder = tmp_path / "varied"
    folder.mkdir()
    rows = "\n".join(f"| Quay {number} | {number * 7} boats | dredged in {1990 + number} |" for number in range(24))
    parts = "\n\n".join(f"## Basin {number}\n\n{'The pilot waited there. ' * 9}" for number in range(4))
    (folder / "table.md").write_text(f"# Harbours\n\n{parts}\n\n| Quay | Boats | Dredged |\n|---|---|---|\n{rows}\n")
    texts = {
        "de": "Der Hafen wurde im Frühjahr ausgebaggert. Dr. Maier und z. B. die Lotsen waren zufrieden. " * 8,
        "el": "Το λιμάνι καθαρίστηκε την άνοιξη. Οι πλοηγοί ήταν ικανοποιημένοι; Ναι, όλοι. " * 8,
        "ja": "港は春に浚渫された。水先案内人は満足した。船は夜に出た。" * 12,
        "ar": "تم تجريف الميناء في الربيع. كان المرشدون راضين؟ نعم. " * 10,
        "run": "harbour" * 300,
        "signs": "§§ — … " * 40,
    }
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2024-01-0{len(name)}\n---\n{text}\n")
    pages = "\f".join(f"Page {number} of the pilot book. " + "Mind the shoal. " * 20 for number in range(3))
    (folder / "pages.txt").write_text(pages)
    return folder


def check_vectors(index: Index, embedder: RecordingEmbedder) -> None:
    """Every passage has a vector, and the model read what it would of freshly chunked articles."""
    chunked = {article.id: index.chunker.split(article) for article in index.articles()}
    texts = [
        text
        for article in index.articles()
        for text in embedded_texts(article.title, chunked[article.id], index.chunker)
    ]
    ids = {passage.id for passages in chunked.values() for passage in passages}
    with index.generations.reading() as generation:
        assert generation.vectors.read_vectors(sorted(ids)).keys() == ids
        assert generation.vectors.count() == len(ids)
    assert set(embedder.seen) == set(texts)
    assert index.check() == []


def test_what_was_chunked_for_its_words_is_not_chunked_again(
    varied: Path, index: Index, embedder: RecordingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_until(index, varied, 0)
    assert index.counts().passages > 20
    with monkeypatch.context() as patch:
        patch.delattr(Chunker, "split")
        index.embed()
    assert index.embedded_share() == 1
    check_vectors(index, embedder)


def lose_words(generation: Generation, version: ArticleVersion) -> None:
    """Delete the words of an article."""
    generation.words.delete(*version)


def double_words(generation: Generation, version: ArticleVersion) -> None:
    """Write the words of one of its passages twice, and those of another one not at all."""
    article = generation.catalogue.article(version.article_id)
    assert article is not None
    spans = generation.words.spans([version])[version]
    generation.words.delete(*version)
    generation.words.commit()
    generation.words.add(article.passages([spans[0], *spans[:-1]]))


@pytest.mark.parametrize("damage", [lose_words, double_words])
def test_articles_whose_words_are_damaged_are_chunked_again(
    varied: Path, index: Index, embedder: RecordingEmbedder, damage: Callable[[Generation, ArticleVersion], None]
) -> None:
    sync_until(index, varied, 0)
    with index.generations.reading() as generation:
        damage(generation, ArticleVersion("table.md", generation.catalogue.known_articles()["table.md"].version))
        generation.words.commit()
        generation.words.close_writer()
    index.embed()
    assert any(finding.part == "words" for finding in index.check(repair=True))
    check_vectors(index, embedder)


def test_a_text_that_stays_in_a_pending_article_is_not_embedded_again(
    varied: Path, index: Index, embedder: RecordingEmbedder
) -> None:
    index.sync(varied)
    for path in varied.glob("*.md"):
        path.write_text(path.read_text() + "\nThe last ferry left at nine.\n")
    embedder.seen.clear()
    assert index.sync(varied).updated == 7
    assert 7 <= len(embedder.seen) < index.counts().passages / 2
    assert index.check() == []


def test_an_answer_says_how_much_is_searched_by_meaning(harbours: Path, index: Index) -> None:
    assistant = Assistant(index, reader=OverlapReader())
    sync_until(index, harbours, 3)
    answer = assistant.ask("Which quay was dredged in spring?")
    assert "meaning search: 60 %" in answer.note
    index.embed()
    assert "meaning search" not in assistant.ask("Which quay was dredged in spring?").note


def test_an_older_program_that_writes_leaves_the_table_true(harbours: Path, index: Index) -> None:
    """It knows nothing of the table: it writes articles with their vectors, and removes them."""
    sync_until(index, harbours, 0)
    with index.generations.reading() as generation:
        database = generation.folder / "catalogue.sqlite"
    index.close()
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM articles WHERE id = '0.md'")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(articles)")]
        row = connection.execute("SELECT * FROM articles WHERE id = '1.md'").fetchone()
        marks = ", ".join("?" * len(columns))
        connection.execute(f"INSERT OR REPLACE INTO articles VALUES ({marks})", row)
        left = {id for (id,) in connection.execute("SELECT id FROM pending")}
    connection.close()
    assert left == {f"{number}.md" for number in range(2, COUNT)}


def test_an_index_of_before_opens(harbours: Path, index: Index) -> None:
    index.sync(harbours)
    with index.generations.reading() as generation:
        database = generation.folder / "catalogue.sqlite"
    index.close()
    with sqlite3.connect(database) as connection:
        for what in ("TRIGGER embedded", "TRIGGER not_pending", "TABLE pending"):
            connection.execute(f"DROP {what}")
        connection.execute("PRAGMA user_version = 6")
    connection.close()
    assert index.embedded_share() == 1
    assert found(index, 4) == "4.md"
    assert index.check() == []
