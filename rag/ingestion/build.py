"""Chunk, embed and write articles, a window at a time."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from rag.errors import StoreError
from rag.failures import attempt, attempt_article
from rag.ingestion.prefetch import prefetch
from rag.ingestion.spool import SpooledArticle
from rag.protocols import Embedder, Engine, Matrix, Report
from rag.storage.generation import ChunkedArticle, Generation, Vectors, arithmetics_of
from rag.text.chunking import Chunker, embedded_texts
from rag.text.sentences import Spans
from rag.types import Article, Failure, Passage, Progress

WINDOW_PASSAGES = 256
"""Passages embedded and written together: enough to sort by length, few enough that nobody who stops waits long."""
PORTION_CHARS = 500_000
"""Characters of articles that are sent elsewhere together: about three windows."""
_READ_ARTICLES = 50
"""Pending articles that are looked up at once: about two windows."""


class LostArticle(NamedTuple):
    """An article that could not be cleaned, chunked, embedded or written, and why."""

    article: Article
    failure: Failure


class PendingArticle(NamedTuple):
    """An indexed article whose vectors are still to be made."""

    article: Article
    spans: Spans
    """Where its passages start and end; empty where that is not known."""


class Chunks(NamedTuple):
    """The passages of an article, and what the model reads of each."""

    passages: list[Passage]
    texts: list[str]


class ChunkedOrLost(NamedTuple):
    """An article with its passages, or why it could not be chunked."""

    article: Article
    root: str
    """The source it came from, as the index remembers it."""
    chunks: Chunks | Failure


@dataclass(slots=True)
class Window:
    """Articles that are written together, and those that were lost on the way."""

    articles: list[ChunkedArticle] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """What the model reads of each passage, in their order."""
    lost: list[LostArticle] = field(default_factory=list)

    @property
    def passages(self) -> list[Passage]:
        """The passages of all its articles, in their order."""
        return [passage for chunked in self.articles for passage in chunked.passages]


class PreparedWindow(NamedTuple):
    """A window before it is embedded, and the vectors that some of its texts have already."""

    window: Window
    known: Mapping[str, Matrix]


class VectorWindow(NamedTuple):
    """A window to be written, with the vectors of its passages, or of some of them."""

    window: Window
    vectors: Vectors
    arithmetics: tuple[str, ...] = ()
    """Numbers in which its vectors were computed, where they were just now and the embedder says so."""


def build(
    articles: Iterable[SpooledArticle],
    generation: Generation,
    *,
    total: int,
    chunker: Chunker,
    embedder: Embedder,
    engine: Engine | None = None,
    report: Report | None = None,
) -> list[LostArticle]:
    """Chunk and write articles, and return those that could not be; each window is found by its words once written.

    Only what fits one window is embedded too, so that few articles cost no more commits, unless an `engine` is to do it
    elsewhere. Else vectors are written that the index has already of a text, and articles that lack some are pending,
    for `embed_pending`. While a window is written the next one is chunked; an `engine` chunks elsewhere, in portions of
    the articles. `total` is what `report` is given as the number of articles.
    """
    lost: list[LostArticle] = []
    articles_done = 0
    passages_done = 0
    started = time.monotonic()
    with prepare_batches(articles, generation, chunker, engine=engine) as prepared:
        first = list(islice(prepared, 2 if engine is None else 0))
        windows = embed_windows(first, embedder) if len(first) == 1 else _with_known_vectors(chain(first, prepared))
        for window, vectors, arithmetics in windows:
            lost += window.lost
            generation.note_arithmetics(arithmetics)
            lost += write(window.articles, vectors, generation.put)
            articles_done += len(window.articles)
            passages_done += len(window.texts)
            if report is not None:
                report(Progress("indexing", articles_done, total, passages_done, time.monotonic() - started))
    return lost


def _with_known_vectors(prepared: Iterable[PreparedWindow]) -> Iterator[VectorWindow]:
    """Yield windows with the vectors that are known of their passages, and embed nothing."""
    for window, known in prepared:
        yield VectorWindow(window, _vectors_by_id(window, known))


def write(
    articles: Sequence[ChunkedArticle], vectors: Vectors, put: Callable[[Sequence[ChunkedArticle], Vectors], None]
) -> list[LostArticle]:
    """Write articles with the vectors of their passages; return those that the stores do not take.

    They are written together. Where that fails for a reason that lies in one of them, each is written alone.
    """
    if not articles or not isinstance(attempt("", lambda: put(articles, vectors)), Failure):
        return []
    lost: list[LostArticle] = []
    for chunked in articles:
        failure = attempt_article(chunked.article, partial(put, [chunked], vectors))
        if isinstance(failure, Failure):
            lost.append(LostArticle(chunked.article, failure))
    return lost


@contextmanager
def prepare_batches(
    articles: Iterable[SpooledArticle], generation: Generation, chunker: Chunker, *, engine: Engine | None
) -> Iterator[Iterator[PreparedWindow]]:
    """Yield an iterator of chunked windows, made ahead in a thread of this process, or else by the engine."""
    if engine is not None:
        # The vectors that are there already are not looked for: an engine is for what is mostly new.
        chunked = engine.spread(ChunkArticle(chunker), articles, heavy=False)
        yield (PreparedWindow(window, dict[str, Matrix]()) for window in fill_windows(chunked))
        return
    with prefetch(prepare_windows(articles, generation, chunker)) as prepared:
        yield prepared


@dataclass(frozen=True, slots=True)
class ChunkArticle:
    """Chunk an article, when called with it; an engine calls it in other processes."""

    chunker: Chunker

    def __call__(self, spooled: SpooledArticle) -> Iterator[ChunkedOrLost]:
        """Yield the article with its passages."""
        article = spooled.article
        yield ChunkedOrLost(article, spooled.root, attempt_article(article, partial(chunk, article, self.chunker)))


def embed_pending(
    generation: Generation,
    *,
    chunker: Chunker,
    embedder: Embedder,
    engine: Engine | None = None,
    report: Report | None = None,
) -> list[Failure]:
    """Embed the articles that are pending, the latest first, and return those that could not be, which stay pending.

    Each window is searched by meaning once written. While it is written the next one is embedded; an `engine` embeds
    elsewhere. `report` is called before the first too, with all that is to do.
    """
    if not (total := len(generation.catalogue.pending)):
        return []
    failures: list[Failure] = []
    articles_done = 0
    passages_done = 0
    started = time.monotonic()

    def note() -> None:
        if report is not None:
            report(Progress("embedding", articles_done, total, passages_done, time.monotonic() - started))

    note()
    articles = _read_pending(generation, failures)
    with embed_batches(articles, generation, EmbedArticles(chunker, embedder), engine=engine) as windows:
        for window, vectors, arithmetics in windows:
            generation.note_arithmetics(arithmetics)
            lost = [*window.lost, *write(window.articles, vectors, generation.put_vectors)]
            failures += (one.failure for one in lost)
            articles_done += len(window.articles)
            passages_done += len(window.texts)
            note()
    return [Failure(one.source, f"found by its words alone: {one.reason}") for one in failures]


def _read_pending(generation: Generation, failures: list[Failure]) -> Iterator[PendingArticle]:
    """Yield the pending articles from the text that the catalogue keeps; one that cannot be read becomes a failure."""
    ids = generation.catalogue.pending.newest_first()
    while some := list(islice(ids, _READ_ARTICLES)):
        articles: list[Article] = []
        for id in some:
            try:
                article = generation.catalogue.article(id)
            except StoreError as error:
                failures.append(Failure(id, str(error)))
                continue
            if article is not None:
                articles.append(article)
        for article, spans in zip(articles, generation.spans(articles), strict=True):
            yield PendingArticle(article, spans)


@dataclass(frozen=True, slots=True)
class EmbedArticles:
    """Embed pending articles, when called with them; an engine calls it in other processes."""

    chunker: Chunker
    embedder: Embedder

    def __call__(self, articles: Iterable[PendingArticle]) -> Iterator[VectorWindow]:
        """Yield the articles with their passages and the vector of each passage, a window at a time."""
        unknown = dict[str, Matrix]()
        prepared = (PreparedWindow(window, unknown) for window in cut_windows(articles, self.chunker))
        yield from embed_windows(prepared, self.embedder)


@contextmanager
def embed_batches(
    articles: Iterable[PendingArticle], generation: Generation, work: EmbedArticles, *, engine: Engine | None
) -> Iterator[Iterator[VectorWindow]]:
    """Yield an iterator of embedded windows, made ahead in threads of this process, or else by the engine."""
    if engine is not None:
        # The vectors that are there already are not sent along: an engine is for what is mostly new.
        yield engine.spread(work, portions(articles), heavy=True)
        return
    with (
        prefetch(_prepare_pending(articles, generation, work.chunker)) as prepared,
        prefetch(embed_windows(prepared, work.embedder)) as windows,
    ):
        yield windows


def prepare_windows(
    articles: Iterable[SpooledArticle], generation: Generation, chunker: Chunker
) -> Iterator[PreparedWindow]:
    """Chunk the articles into windows, each with the vectors that the index already has of some of its texts."""
    for window in fill_windows(chain.from_iterable(map(ChunkArticle(chunker), articles))):
        yield PreparedWindow(window, find_reusable_vectors(window, generation, chunker))


def _prepare_pending(
    articles: Iterable[PendingArticle], generation: Generation, chunker: Chunker
) -> Iterator[PreparedWindow]:
    """Cut pending articles into windows, each with the vectors that their passages have already."""
    none = not generation.has_vectors_of_pending
    for window in cut_windows(articles, chunker):
        ids = {passage.id: text for passage, text in zip(window.passages, window.texts, strict=True)}
        rows = generation.vectors.read_vectors([] if none else list(ids))
        yield PreparedWindow(window, {ids[id]: row for id, row in rows.items()})


def find_reusable_vectors(window: Window, generation: Generation, chunker: Chunker) -> dict[str, Matrix]:
    """Find the vectors, by text, that the index already has of texts in a window.

    They are those of the indexed versions of the window's own articles. The stores keep no text of passages, so it is
    cut again from the article in the catalogue.
    """
    texts = set(window.texts)
    found = [generation.catalogue.article(chunked.article.id) for chunked in window.articles]
    present = [article for article in found if article is not None]
    ids: dict[str, str] = {}
    for pending in map(PendingArticle, present, generation.spans(present)):
        chunks = attempt_article(pending.article, partial(cut, pending, chunker))
        if not isinstance(chunks, Failure):
            pairs = zip(chunks.passages, chunks.texts, strict=True)
            ids |= {text: passage.id for passage, text in pairs if text in texts}
    rows = generation.vectors.read_vectors(list(ids.values()))
    return {text: rows[id] for text, id in ids.items() if id in rows}


def embed_windows(prepared: Iterable[PreparedWindow], embedder: Embedder) -> Iterator[VectorWindow]:
    """Embed windows, one vector a passage; articles that cannot be embedded become lost ones of their window.

    Within a window a text is embedded once, and only if it has no known vector.
    """
    for window, known in prepared:
        vectors = attempt("", partial(_embed_texts, window.texts, known, embedder))
        if isinstance(vectors, Failure):
            window, vectors = _embed_one_by_one(window, known, embedder)
        yield VectorWindow(window, _vectors_by_id(window, vectors), arithmetics_of(embedder))


def _vectors_by_id(window: Window, vectors: Mapping[str, Matrix]) -> dict[str, Matrix]:
    """Return the vectors of passages by their ids, given those of texts; passages whose text has none are left out."""
    pairs = zip(window.passages, window.texts, strict=True)
    return {passage.id: vectors[text] for passage, text in pairs if text in vectors}


def _embed_texts(texts: Sequence[str], known: Mapping[str, Matrix], embedder: Embedder) -> dict[str, Matrix]:
    """Return the vector of each text: the known ones, and the others made now."""
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    return {**known, **dict(zip(missing, embedder.embed(missing), strict=True))}


def _embed_one_by_one(
    window: Window, known: Mapping[str, Matrix], embedder: Embedder
) -> tuple[Window, dict[str, Matrix]]:
    """Embed the articles of a window one by one; return the window, failed ones as lost, and the vectors by text."""
    kept = Window(lost=window.lost)
    vectors = dict(known)
    start = 0
    for chunked in window.articles:
        texts = window.texts[start : start + len(chunked.passages)]
        start += len(chunked.passages)
        more = attempt_article(chunked.article, partial(_embed_texts, texts, vectors, embedder))
        if isinstance(more, Failure):
            kept.lost.append(LostArticle(chunked.article, more))
            continue
        vectors = more
        kept.articles.append(chunked)
        kept.texts += texts
    return kept, vectors


def portions(articles: Iterable[PendingArticle]) -> Iterator[list[PendingArticle]]:
    """Group the articles into portions, each ended when its texts have PORTION_CHARS characters."""
    portion: list[PendingArticle] = []
    size = 0
    for pending in articles:
        portion.append(pending)
        size += len(pending.article.text)
        if size >= PORTION_CHARS:
            yield portion
            portion = []
            size = 0
    if portion:
        yield portion


def cut_windows(articles: Iterable[PendingArticle], chunker: Chunker) -> Iterator[Window]:
    """Cut pending articles into their passages and yield them in windows, as `fill_windows` does."""
    return fill_windows(
        ChunkedOrLost(pending.article, "", attempt_article(pending.article, partial(cut, pending, chunker)))
        for pending in articles
    )


def fill_windows(articles: Iterable[ChunkedOrLost]) -> Iterator[Window]:
    """Yield articles in windows, each ended when it has WINDOW_PASSAGES passages.

    An article that could not be chunked becomes a lost one of its window.
    """
    window = Window()
    for article, root, chunks in articles:
        if isinstance(chunks, Failure):
            window.lost.append(LostArticle(article, chunks))
            continue
        window.articles.append(ChunkedArticle(article, root, chunks.passages))
        window.texts += chunks.texts
        if len(window.texts) >= WINDOW_PASSAGES:
            yield window
            window = Window()
    if window.articles or window.lost:
        yield window


def chunk(article: Article, chunker: Chunker) -> Chunks:
    """Chunk an article into passages, with what the model reads of each."""
    passages = chunker.split(article)
    return Chunks(passages, embedded_texts(article.title, passages, chunker))


def cut(pending: PendingArticle, chunker: Chunker) -> Chunks:
    """Cut an indexed article into its passages, which are only chunked anew where it is not known where they stand."""
    article, spans = pending
    if not spans:
        return chunk(article, chunker)
    passages = article.passages(spans)
    return Chunks(passages, embedded_texts(article.title, passages, chunker))
