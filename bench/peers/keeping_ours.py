"""This library, beside the peers of bench/peers.py."""

from pathlib import Path

from keeping import BEST, serve

from rag import Index, Settings
from rag.text.chunking import embedded_texts


class Ours:
    """An index of ours, without the reader: the peers have none."""

    def __init__(self, folder: Path, _size: int) -> None:
        if not (folder / "CURRENT").exists():
            # An index that is to be built imports what writes it when that is first needed, the peers when opened.
            import chromadb  # noqa: F401
            import tantivy  # noqa: F401

        self._index = Index.open(folder, Settings(_env_file=None))
        self._index.embedder.embed(["A text, so that the model is loaded and has run once."])

    def sync(self, articles: Path) -> None:
        self._index.sync(articles)

    def add(self, articles: Path) -> None:
        self._index.add(articles)

    def remove(self, id: str) -> None:
        self._index.remove(id)

    def search(self, question: str) -> list[str]:
        return [hit.passage.article_id for hit in self._index.search(question, BEST)]

    def count(self) -> int:
        return self._index.counts()[1]

    def texts(self, articles: Path) -> list[str]:
        splitter = self._index.chunker
        cut = [(one, splitter.split(one)) for one in self._index.articles()]
        return [text for one, passages in cut for text in embedded_texts(one.title, passages, splitter)]


if __name__ == "__main__":
    serve(Ours)
