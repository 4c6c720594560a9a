from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Filters, Index
from rag.errors import FilterError
from rag.settings import Settings
from rag.storage.catalogue import Catalogue
from rag.storage.catalogue.edits import AS_READ, apply_edits, find_edits, restore_as_read
from rag.testing import WordEmbedder
from rag.text.dates import DATE_NOTE
from rag.types import Article

BRIDGE = (
    "---\ntitle: Old bridge\ndate: 03/04/2024\nsource: Town Post\n---\nThe bridge closed on Friday, the mayor said.\n"
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.md").write_text(BRIDGE)
    (tmp_path / "articles" / "mill.md").write_text("---\ntitle: Mill\n---\nThe mill burned down on Monday at noon.\n")
    opened = Index.open(tmp_path / "index", Settings(_env_file=None), WordEmbedder())
    opened.sync(tmp_path / "articles")
    yield opened
    opened.close()


def folder(index: Index) -> Path:
    return index.folder.parent / "articles"


def bridge(index: Index) -> Article:
    article = index.article("bridge.md")
    assert article is not None
    return article


def embedded(index: Index) -> int:
    assert isinstance(index.embedder, WordEmbedder)
    return index.embedder.embedded


def listed(index: Index) -> tuple[str, bool]:
    [row] = index.list_articles("bridge.md").articles
    return row.shown_date, row.is_edited


def test_an_edit_is_applied_wherever_the_article_is_used(index: Index) -> None:
    assert listed(index) == ("2024-03-04?", False)
    before = embedded(index)
    edited = index.edit(
        "bridge.md", date="2024-04-03", publisher="Varn Gazette", author="Ann Lee", url="https://a.example/"
    )
    assert embedded(index) == before
    assert edited == bridge(index)
    assert (edited.date, edited.source, edited.author, edited.url) == (
        *("2024-04-03", "Varn Gazette", "Ann Lee", "https://a.example/"),
    )
    assert listed(index) == ("2024-04-03", True)
    [hit] = index.search("bridge", filters=Filters(publisher="Varn Gazette", since="2024-04-01"))
    assert (hit.passage.date, hit.passage.source) == ("2024-04-03", "Varn Gazette")
    assert index.publishers() == ["Varn Gazette"]
    assert index.check() == []


def test_only_the_article_with_a_new_title_is_embedded(index: Index) -> None:
    before = embedded(index)
    index.edit("bridge.md", title="Iron bridge")
    assert embedded(index) == before + 1
    assert [hit.passage.title for hit in index.search("iron")][:1] == ["Iron bridge"]


def test_an_edit_survives_sync_update_and_rebuild(index: Index) -> None:
    index.edit("bridge.md", date="2024-04-03", title="Iron bridge")
    assert str(index.sync(folder(index))).startswith("0 added, 0 updated, 0 removed, 2 unchanged")
    (folder(index) / "bridge.md").write_text(BRIDGE.replace("Friday", "Sunday").replace("03/04/2024", "2023-01-01"))
    assert str(index.sync(folder(index))).startswith("0 added, 1 updated, 0 removed, 1 unchanged")
    for rebuild in (lambda: index.rebuild(), lambda: index.rebuild(folder(index)), lambda: index.refresh()):
        rebuild()
        article = bridge(index)
        assert (article.title, article.date) == ("Iron bridge", "2024-04-03")
        assert "Sunday" in article.text and index.check() == []
    assert index.edit("bridge.md", title="").title == "Old bridge"
    assert index.edit("bridge.md", undo=True).date == "2023-01-01"
    assert AS_READ not in bridge(index).metadata and listed(index) == ("2023-01-01", False)


def test_an_edit_waits_for_an_article_that_is_gone(index: Index) -> None:
    index.edit("bridge.md", publisher="Varn Gazette")
    (folder(index) / "bridge.md").rename(folder(index).parent / "kept.md")
    index.sync(folder(index), forget=True)
    assert index.article("bridge.md") is None
    index.rebuild(folder(index), forget=True)
    (folder(index).parent / "kept.md").rename(folder(index) / "bridge.md")
    index.sync(folder(index))
    assert bridge(index).source == "Varn Gazette"


def test_undoing_brings_back_all_that_was_read(index: Index) -> None:
    before = bridge(index)
    index.edit("bridge.md", date="2024-04-03", author="Ann Lee")
    index.edit("bridge.md", url="https://a.example/")
    assert sorted(find_edits(bridge(index))) == ["author", "date", "url"]
    index.edit("bridge.md", undo=True)
    assert bridge(index) == before and DATE_NOTE in before.metadata


@pytest.mark.parametrize(
    ("id", "day"), [("nothing.md", "2024-04-03"), ("bridge.md", "3 April"), ("bridge.md", "2024-02-31")]
)
def test_what_cannot_be_set_is_refused(index: Index, id: str, day: str) -> None:
    before = bridge(index)
    with pytest.raises(FilterError, match=r"no article has the id|is not a day"):
        index.edit(id, date=day)
    assert bridge(index) == before and index.check() == []


@pytest.mark.parametrize("point", ["announce", "confirm", "settle"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_writer_that_dies_leaves_the_old_or_the_new_article(
    index: Index, monkeypatch: pytest.MonkeyPatch, point: str, when: str
) -> None:
    old = bridge(index)
    whole = getattr(Catalogue, point)

    def die(self: Catalogue, *given: object) -> None:
        if when == "after":
            whole(self, *given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, point, die)
        with pytest.raises(KeyboardInterrupt):
            index.edit("bridge.md", date="2024-04-03", title="Iron bridge")
    index.close()
    assert bridge(index) in (old, apply_edits(old, {"date": "2024-04-03", "title": "Iron bridge"}))
    assert len(index.search("bridge closed Friday mayor", k=1)) == 1
    index.edit("bridge.md", date="2024-04-03", title="Iron bridge")
    assert bridge(index).title == "Iron bridge" and index.check() == []


def test_a_file_cannot_pass_for_an_edited_article(index: Index) -> None:
    (folder(index) / "mill.md").write_text(
        '---\ntitle: Mill\nas read: \'{"title": "Dam"}\'\n---\nThe mill burned again.\n'
    )
    index.sync(folder(index))
    mill = index.article("mill.md")
    assert mill is not None and AS_READ not in mill.metadata and find_edits(mill) == {}


def test_damaged_values_are_dropped() -> None:
    article = Article("a", "A", "Text.", metadata={AS_READ: "[1"})
    assert restore_as_read(article).metadata == {}
    assert apply_edits(article, {"title": "B"}).title == "B"
