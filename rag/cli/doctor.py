"""Try every part that a question needs, and say what to do about each that fails."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index import Index
from rag.models.llm import open_llm
from rag.models.llm.providers import describe_model
from rag.models.reader import open_reader
from rag.models.reader.support_checker import SupportChecker
from rag.prompts import NO_LLM
from rag.settings import Settings
from rag.types import Passage

_T = TypeVar("_T")
_PACKAGES = ("chromadb", "gradio", "llama-index-core", "onnxruntime", "sentence-transformers", "tantivy", "torch")
_MIN_FREE_MB = 500
"""Megabytes on the disk below which a sync may not finish."""
_TEXT = "The bridge closed on Friday because its piers had cracks."


@dataclass(frozen=True, slots=True)
class Check:
    """The result of trying one part."""

    name: str
    works: bool
    detail: str
    """What was found, or what is wrong and what to do, in one line."""


def run_checks(settings: Settings) -> Iterator[Check]:
    """Try each part in turn and yield its check; an exception is yielded as a check that does not work."""
    for name, attempt in (
        ("program", _check_program),
        ("disk", _check_disk),
        ("embedding model", _check_embedding),
        ("reader", _check_reader),
        ("support model", _check_support),
        ("index", _check_index),
        ("question", _check_question),
        ("llm", _check_llm),
    ):
        yield _run_check(name, attempt, settings)


def _run_check(name: str, attempt: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, works=True, detail=attempt(settings))
    except RagError as error:
        return Check(name, works=False, detail=str(error))
    except Exception as error:  # a doctor reports unexpected errors too
        return Check(name, works=False, detail=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _check_program(_settings: Settings) -> str:
    parts = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"rag-articles {version('rag-articles')} on Python {platform.python_version()}, {parts}"


def _check_disk(settings: Settings) -> str:
    folder = next(path for path in (settings.index.absolute(), *settings.index.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e6
    if free < _MIN_FREE_MB:
        raise RagError(f"only {free:.0f} MB are free at {folder}; make room before the next sync")
    if not os.access(folder, os.W_OK):
        raise RagError(f"{folder} cannot be written to; give yourself the right, or set RAG_INDEX to another folder")
    return f"{free / 1000:.1f} GB free at {folder}"


def _check_embedding(settings: Settings) -> str:
    from rag.models.embedding import open_embedder

    embedder = open_embedder(settings.embedding_model, settings.device)
    seconds, vectors = _measure(lambda: embedder.embed([_TEXT]))
    return f"{embedder.identity.name}, {vectors.shape[1]} dimensions, ready in {seconds:.1f} s"


def _check_reader(settings: Settings) -> str:
    reader = open_reader(settings.reader_model, settings.device)
    passage = Passage(article_id="a", text=_TEXT, start=0, end=len(_TEXT))
    seconds, readings = _measure(lambda: reader.read("Why did the bridge close?", [passage]))
    best = readings[0].spans[0] if readings[0].spans else None
    found = passage.at(best.start, best.end) if best else "nothing"
    return f"{settings.reader_model or 'the one in the package'}, ready in {seconds:.1f} s, finds “{found}”"


def _check_support(_settings: Settings) -> str:
    seconds, scores = _measure(lambda: SupportChecker().support([("The bridge closed on Friday.", _TEXT)]))
    return f"the one in the package, ready in {seconds:.1f} s, sure to {scores[0]:.2f}"


def _check_index(settings: Settings) -> str:
    index = Index.open(settings.index, settings)
    try:
        if index.empty:
            raise RagError(f"there is none in {settings.index} yet; fill it with: rag sync FOLDER")
        articles, passages = index.counts()
        return f"{articles:,} articles, {passages:,} passages in {settings.index}"
    finally:
        index.close()


def _check_question(settings: Settings) -> str:
    index = Index.open(settings.index, settings)
    try:
        title = next((article.title for article in index.articles() if article.title), "this")
        # The LLM has a check of its own.
        assistant = Assistant(index, settings=settings.model_copy(update={"llm": ""}))
        seconds, answer = _measure(lambda: assistant.ask(f"What is said about “{title}”?"))
        return f"asked in {seconds:.1f} s, {len(answer.hits)} passages found"
    finally:
        index.close()


def _check_llm(settings: Settings) -> str:
    llm = open_llm(settings)
    if llm is None:
        return f"none ({NO_LLM}); set RAG_LLM, as in RAG_LLM=ollama/llama3.2, for answers in prose"
    seconds, _ = _measure(lambda: "".join(llm.stream("Answer with one word.", "Say yes.", 1)))
    return f"{describe_model(settings.llm)}, one token in {seconds:.1f} s, window {llm.window:,} tokens"


def _measure(call: Callable[[], _T]) -> tuple[float, _T]:
    """Call a function; return the seconds that it took, and its result."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result
