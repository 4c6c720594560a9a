"""Indexes articles with this library and prints one line of JSON; a child of bench/indexing.py.

    python bench/ours.py ARTICLES.jsonl NEW_FOLDER

`load` is the seconds of imports and of loading the model, `seconds` those from the file to the finished index, `words`
those until every article answers by its words, `cpu` and `words_cpu` those of all threads, `memory` the peak in
megabytes, `tokens` the mean length of the embedded texts.
"""

import json
import sys
import time
from pathlib import Path
from statistics import mean

from common import peak_mb, time_call


def main(articles: Path, folder: Path) -> None:
    started = time.perf_counter()
    import chromadb  # noqa: F401
    import tantivy  # noqa: F401

    from rag import Index
    from rag.text.chunking import embedded_texts
    from rag.types import Progress

    index = Index.open(folder)
    index.embedder.embed(["A text, so that the model is loaded and has run once."])
    load = time.perf_counter() - started
    before = time.process_time()
    began = time.perf_counter()
    answering: list[tuple[float, float]] = []

    def report(progress: Progress) -> None:
        if progress.stage == "embedding" and not answering:
            answering.append((time.perf_counter() - began, time.process_time() - before))

    seconds, changes = time_call(lambda: index.sync(articles, report))
    cpu, memory = time.process_time() - before, peak_mb()
    splitter = index.chunker
    articles = index.articles()
    texts = [text for one in articles for text in embedded_texts(one.title, splitter.split(one), splitter)]
    counted = mean(index.embedder.count_tokens(texts))
    words, words_cpu = [*answering, (seconds, cpu)][0]
    told = {"passages": len(texts), "articles": changes.added, "tokens": counted, "words": words}
    print(json.dumps({"load": load, "seconds": seconds, "cpu": cpu, "words_cpu": words_cpu, "memory": memory, **told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
