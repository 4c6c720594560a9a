"""Health and metrics: `GET /health` and `GET /metrics`."""

from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import RagError
from rag.index import Index
from rag.types import Answer

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)
"""Bounds of the stages' histogram."""


class Metrics:
    """Counts what is asked, for Prometheus; counts nothing where prometheus-client is not installed."""

    def __init__(self) -> None:
        """From zero."""
        self._series: _Series | None = None
        with suppress(ImportError):
            self._series = _Series()

    def observe(self, answer: Answer) -> None:
        """Counts a finished answer and the seconds of its stages."""
        if self._series is not None:
            self._series.questions.labels(answer.mode, "yes" if answer.answered else "no").inc()
            for stage, seconds in answer.timings.items():
                self._series.seconds.labels(stage).observe(seconds)

    def fail(self, error: Exception) -> None:
        """Counts a question that ended in an error, by the error's kind."""
        if self._series is not None:
            self._series.failures.labels(type(error).__name__).inc()

    def told(self, counts: tuple[int, int] | None) -> tuple[bytes, str] | None:
        """Everything in Prometheus' text format and that format's name, or None where it is not installed.

        `counts` are the index's articles and passages, None where it cannot be read.
        """
        return None if self._series is None else self._series.told(counts)


class _Series:
    """The counters, in a registry of their own."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = CollectorRegistry()
        self.questions = Counter(
            "rag_questions", "Questions that got an answer or a refusal.", ["mode", "answered"], registry=self._registry
        )
        self.failures = Counter("rag_failures", "Questions that ended in an error.", ["kind"], registry=self._registry)
        self.seconds = Histogram(
            "rag_stage_seconds", "Seconds by stage.", ["stage"], registry=self._registry, buckets=_SECONDS
        )
        self._readable = Gauge("rag_index_readable", "1 if the index can be read.", registry=self._registry)
        self._articles = Gauge("rag_articles", "Articles in the index.", registry=self._registry)
        self._passages = Gauge("rag_passages", "Passages in the index.", registry=self._registry)

    def told(self, counts: tuple[int, int] | None) -> tuple[bytes, str]:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        articles, passages = counts or (0, 0)
        self._readable.set(counts is not None)
        self._articles.set(articles)
        self._passages.set(passages)
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def routes(index: Index, metrics: Metrics) -> list[Route]:
    """What a server must route here."""

    async def health(_request: Request) -> Response:
        counts, trouble = await run_in_threadpool(_counts, index)
        if counts is None:
            return JSONResponse({"status": "unavailable", "detail": trouble}, 503)
        return JSONResponse({"status": "ok", "articles": counts[0], "passages": counts[1]})

    async def measured(_request: Request) -> Response:
        counts, _ = await run_in_threadpool(_counts, index)
        told = metrics.told(counts)
        if told is None:
            return PlainTextResponse("there are no metrics; install prometheus-client\n", 404)
        return Response(told[0], media_type=None, headers={"Content-Type": told[1]})

    return [Route("/health", health, methods=["GET"]), Route("/metrics", measured, methods=["GET"])]


def _counts(index: Index) -> tuple[tuple[int, int] | None, str]:
    """The articles and passages, or None and why they cannot be counted."""
    try:
        return index.counts(), ""
    except RagError as error:
        return None, str(error)
    except Exception as error:  # whoever watches is to hear of what nobody expected too
        return None, f"the index cannot be read ({type(error).__name__})"
