"""Where the seconds of a build go.

    python bench/profiling.py ARTICLES.jsonl.gz [--articles N] [--seed S] [--window P]

Draws N articles (100) and takes them through each stage of a build by itself, one after the other, P passages (256)
at a time as a build does; then builds an index of them, where the stages overlap. Prints wall and CPU seconds of each
stage, CPU counting all threads, and what share of the arithmetic limit embedding and building reach. The limit is
the floating-point operations of the model for these texts, by the shapes of its matrices and the square of each
text's tokens for attention, over the best rate that torch reaches on float32 products of the model's own shapes.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from common import sample, table, write

if TYPE_CHECKING:
    from rag.storage.catalogue import Catalogue, IndexedArticle

_T = TypeVar("_T")
_ROW = tuple[str, float, float]
LAYERS, WIDTH, INNER = 6, 384, 1536
ROWS = 4096
"""Rows of the products whose rate is measured; fewer are slower."""


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-profiling-") as name:
        folder = Path(name)
        articles = write(folder / "articles.jsonl", sample(given.file, given.articles, given.seed))
        rows, lengths = stages(articles, folder, given.window)
        table(
            ["stage", "wall s", "CPU s"], [*rows, ("all, one by one", *(sum(row[i] for row in rows) for i in (1, 2)))]
        )
        built = measure("build", lambda: build(articles, folder / "index"))[0]
    print(f"\nbuild, where they overlap: {built[1]:.1f} s, {built[2]:.1f} CPU s\n")
    show_limit(lengths, next(row for row in rows if row[0] == "embed"), built)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("--articles", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--window", type=int, default=256, metavar="P")
    return parser.parse_args()


def measure(name: str, work: Callable[[], _T]) -> tuple[_ROW, _T]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return (name, time.perf_counter() - wall, time.process_time() - cpu), result


def stages(file: Path, folder: Path, window: int) -> tuple[list[_ROW], list[int]]:
    """A row a stage, and how many tokens the model reads of each text."""
    from rag.models.embedding import open_embedder
    from rag.sources import read
    from rag.storage.bm25 import BM25Index
    from rag.storage.catalogue import Catalogue, IndexedArticle
    from rag.storage.vectors import VectorStore
    from rag.text.chunking import Chunker, embedded_texts
    from rag.types import Article

    embedder = open_embedder("", "auto")
    embedder.embed(["A text, so that the model is loaded and has run once."])
    splitter = Chunker(embedder.count_tokens, embedder.identity.window)
    rows: list[_ROW] = []

    def stage(name: str, work: Callable[[], _T]) -> _T:
        row, result = measure(name, work)
        rows.append(row)
        return result

    articles = stage("read", lambda: [one for one in read([str(file)], 10.0) if isinstance(one, Article)])
    split = stage("split, counting tokens", lambda: [splitter.split(article) for article in articles])
    pairs = list(zip(articles, split, strict=True))
    texts = [text for article, own in pairs for text in embedded_texts(article.title, own, splitter)]
    counts = stage("tokenise again", lambda: embedder.count_tokens(texts))
    embedded = stage("embed", lambda: [embedder.embed(texts[cut]) for cut in slices(len(texts), window)])
    passages = [passage for own in split for passage in own]
    vectors = VectorStore(str(folder / "vectors"), "articles", create=True)
    words, catalogue = BM25Index(folder / "words"), Catalogue(folder / "catalogue.sqlite")
    cuts = list(zip(slices(len(texts), window), embedded, strict=True))
    stage("write to Chroma", lambda: [vectors.add(passages[cut], rows) for cut, rows in cuts])
    stage("write to Tantivy", lambda: [(words.add(passages[cut]), words.commit()) for cut, _ in cuts])
    stage(
        "announce and confirm",
        lambda: confirm(catalogue, [IndexedArticle(article, "", len(own)) for article, own in pairs]),
    )
    for store in (vectors, words, catalogue):
        store.close()
    return rows, [count + 2 for count in counts]


def slices(count: int, window: int) -> Iterator[slice]:
    return (slice(start, start + window) for start in range(0, count, window))


def confirm(catalogue: "Catalogue", done: "list[IndexedArticle]") -> None:
    from rag.storage.records import ArticleVersion

    catalogue.announce(ArticleVersion(indexed.article.id, indexed.article.digest) for indexed in done)
    catalogue.confirm(done)


def build(articles: Path, folder: Path) -> None:
    from rag import Index

    index = Index.open(folder)
    index.embedder.embed(["A text, so that the model is loaded and has run once."])
    index.sync(articles)
    index.close()


def operations(tokens: int) -> int:
    """Floating-point operations that the model takes for a text, its products alone."""
    matrices = 4 * WIDTH * WIDTH + 2 * WIDTH * INNER
    return LAYERS * (2 * tokens * matrices + 4 * tokens * tokens * WIDTH)


def rates() -> list[float]:
    """Measure the most operations a wall second of all cores and a CPU second, in products of the model's shapes."""
    import torch

    best = [0.0, 0.0]
    for inputs, outputs in ((WIDTH, INNER), (INNER, WIDTH), (WIDTH, 3 * WIDTH)):
        rows, layer = torch.randn(ROWS, inputs), torch.nn.Linear(inputs, outputs)
        with torch.inference_mode():
            tries = [measure("", lambda rows=rows, layer=layer: layer(rows))[0][1:] for _ in range(40)]
        work = 2 * ROWS * inputs * outputs
        best = [max(most, work / min(own)) for most, own in zip(best, zip(*tries, strict=True), strict=True)]
    return best


def show_limit(lengths: list[int], embedded: _ROW, built: _ROW) -> None:
    """Print the shares by wall seconds, true on a quiet machine, and by CPU seconds, which leave out idle cores."""
    count, total, fastest = len(lengths), sum(map(operations, lengths)), rates()
    print(f"{count} passages, {sum(lengths) / count:.0f} tokens each, {total / count / 1e9:.2f} GFLOP each\n")
    rows: list[tuple[object, ...]] = []
    for place, unit in enumerate(("wall", "CPU")):
        limit = count * fastest[place] / total
        speeds = [count / row[place + 1] for row in (embedded, built)]
        rows.append((unit, fastest[place] / 1e9, limit, *speeds, *(speed / limit for speed in speeds)))
    columns = ["a second of", "GFLOP/s", "limit, passages/s", "embed", "build", "embed / limit", "build / limit"]
    table(columns, rows)


if __name__ == "__main__":
    main()
