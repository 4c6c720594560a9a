"""How a build goes: what is embedded at all, what is made ahead, and what stops it."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.index import Index
from rag.ingestion import build
from rag.ingestion.prefetch import prefetch
from rag.protocols import Matrix
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.types import Progress

PARAGRAPHS = 60


class CountingEmbedder(WordEmbedder):
    """The fake, which remembers what it embedded, and fails where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.failing = ""

    def embed(self, texts: Sequence[str]) -> Matrix:
        if self.failing and any(self.failing in text for text in texts):
            raise MemoryError(self.failing)
        self.seen += texts
        return super().embed(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def counting(tmp_path: Path, embedder: CountingEmbedder) -> Iterator[Index]:
    """An empty index that counts, with short passages."""
    opened = Index.open(tmp_path / "index", Settings(_env_file=None, passage_tokens=64), embedder)
    yield opened
    opened.close()


def long_article(changed: int = -1, title: str = "The ferry") -> str:
    """Sixty paragraphs, one of them another one if wanted."""
    line = "In year {0} the ferry carried {1} people over the sound, and {0} cows went with it."
    lines = [line.format(year, year * 37) for year in range(PARAGRAPHS)]
    if changed >= 0:
        lines[changed] = "That year it did not sail at all, for the sound was frozen."
    return f"---\ntitle: {title}\n---\n" + "\n\n".join(lines)


def rows(index: Index) -> dict[str, Matrix]:
    """The vector of every passage by its text, as the store holds it."""
    with index.generations.reading() as generation:
        passages = [one for article in index.articles() for one in index.chunker.split(article)]
        held = generation.vectors.read_vectors([one.id for one in passages])
        assert len(held) == len(passages) == generation.vectors.count()
        return {one.text: held[one.id] for one in passages}


def test_an_edit_embeds_what_it_changed(tmp_path: Path, counting: Index, embedder: CountingEmbedder) -> None:
    article = tmp_path / "ferry.md"
    article.write_text(long_article())
    counting.sync(article)
    everything, before = len(embedder.seen), rows(counting)
    assert everything >= PARAGRAPHS / 4

    article.write_text(long_article(changed=30))
    embedder.seen.clear()
    assert counting.sync(article).updated == 1
    assert 1 <= len(embedder.seen) <= 4
    after = rows(counting)
    for text, row in after.items():
        expected = before[text] if text in before else WordEmbedder().embed([f"The ferry\n{text}"])[0]
        assert float(row @ expected) > 0.999, "each passage has the vector of its own text"
    assert any("frozen" in text for text in after)
    assert counting.search("frozen sound")[0].passage.text in after


def test_a_new_title_embeds_everything(tmp_path: Path, counting: Index, embedder: CountingEmbedder) -> None:
    article = tmp_path / "ferry.md"
    article.write_text(long_article())
    counting.sync(article)
    everything = len(embedder.seen)
    article.write_text(long_article(title="The steamer"))
    embedder.seen.clear()
    counting.sync(article)
    assert len(embedder.seen) == everything


def test_texts_move_within_an_article(tmp_path: Path, counting: Index, embedder: CountingEmbedder) -> None:
    """A new date changes every passage's id and none of its texts."""
    article = tmp_path / "ferry.md"
    article.write_text(long_article())
    counting.sync(article)
    before = rows(counting)
    article.write_text(long_article().replace("title: The ferry", "title: The ferry\ndate: 2024-05-01"))
    embedder.seen.clear()
    assert counting.sync(article).updated == 1
    assert embedder.seen == []
    after = rows(counting)
    assert after.keys() == before.keys()
    assert all(np.allclose(after[text], before[text], atol=1e-6) for text in after)


def test_equal_texts_are_embedded_once(tmp_path: Path, counting: Index, embedder: CountingEmbedder) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / "copies").mkdir(exist_ok=True)
        (tmp_path / "copies" / f"{name}.md").write_text(long_article())
    counting.sync(tmp_path / "copies")
    assert counting.counts()[1] == 3 * len(embedder.seen)
    assert len(set(embedder.seen)) == len(embedder.seen)


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 1)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Eight articles of one passage each."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.md").write_text(f"The harbour number {number} was dredged.\n")
    return folder


@pytest.mark.usefixtures("small_windows")
def test_an_error_keeps_the_windows_before_it(many: Path, counting: Index, embedder: CountingEmbedder) -> None:
    embedder.failing = "number 5"
    with pytest.raises(MemoryError, match="number 5"):
        counting.sync(many)
    assert counting.counts() == (8, 8)
    assert (counting.embedded_share(), len(embedder.seen)) == (2 / 8, 2)
    embedder.failing = ""
    assert counting.sync(many).unchanged == 8
    assert counting.embedded_share() == 1
    assert (len(rows(counting)), len(embedder.seen)) == (8, 8)


@pytest.mark.usefixtures("small_windows")
def test_a_report_that_raises_stops_the_build(many: Path, counting: Index, embedder: CountingEmbedder) -> None:
    """What was reported is in, nothing has been embedded by then, and no thread is left."""

    def report(progress: Progress) -> None:
        if progress.stage == "indexing" and progress.articles == 3:
            raise KeyboardInterrupt

    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        counting.sync(many, report)
    assert counting.counts() == (3, 3)
    assert not embedder.seen
    assert threading.active_count() == threads
    assert counting.sync(many).added == 5


def test_ahead_keeps_the_order_and_makes_one() -> None:
    made: list[int] = []
    stepped = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(1, 6):
            made.append(number)
            if number == 2:
                stepped.set()
            yield number

    with prefetch(numbers()) as items:
        assert next(items) == 1
        assert stepped.wait(10), "the second is made while the first is used"
        assert list(items) == [2, 3, 4, 5]
    assert made == [1, 2, 3, 4, 5]


def test_ahead_raises_in_its_place() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("two")

    with prefetch(numbers()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="two"):
            next(items)
