"""Health and metrics: `GET /health` and `GET /metrics`."""

from contextlib import suppress
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import RagError
from rag.index import Index
from rag.storage.catalogue import IndexCounts
from rag.types import Answer

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)
"""Seconds that bound the buckets of the histogram of stages."""


class MetricsText(NamedTuple):
    """Metrics in a text format, and its content type."""

    body: bytes
    content_type: str


class Metrics:
    """Counts what is asked, for Prometheus; counts nothing where prometheus-client is not installed."""

    def __init__(self) -> None:
        """Begin with every counter at zero."""
        self._series: _Series | None = None
        with suppress(ImportError):
            self._series = _Series()

    def observe(self, answer: Answer) -> None:
        """Count a finished answer and the seconds of its stages."""
        if self._series is not None:
            self._series.questions.labels(answer.mode, "yes" if answer.answered else "no").inc()
            for stage, seconds in answer.timings.items():
                self._series.seconds.labels(stage).observe(seconds)

    def fail(self, error: Exception) -> None:
        """Count a question that ended in an error, by the error's kind."""
        if self._series is not None:
            self._series.failures.labels(type(error).__name__).inc()

    def render(self, counts: IndexCounts | None) -> MetricsText | None:
        """Render every counter in Prometheus' text format; None where prometheus-client is not installed.

        `counts` is None where the index cannot be read.
        """
        return None if self._series is None else self._series.render(counts)


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
            "rag_stage_seconds", "Seconds by stage.", ["stage"], registry=self._registry, buckets=_BUCKETS
        )
        self._readable = Gauge("rag_index_readable", "1 if the index can be read.", registry=self._registry)
        self._articles = Gauge("rag_articles", "Articles in the index.", registry=self._registry)
        self._passages = Gauge("rag_passages", "Passages in the index.", registry=self._registry)

    def render(self, counts: IndexCounts | None) -> MetricsText:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        self._readable.set(counts is not None)
        self._articles.set(counts.articles if counts is not None else 0)
        self._passages.set(counts.passages if counts is not None else 0)
        return MetricsText(generate_latest(self._registry), CONTENT_TYPE_LATEST)


def health_routes(index: Index, metrics: Metrics) -> list[Route]:
    """Make the routes of `/health` and `/metrics`."""

    async def health(_request: Request) -> Response:
        counts, fault = await run_in_threadpool(_counts, index)
        if counts is None:
            return JSONResponse({"status": "unavailable", "detail": fault}, 503)
        return JSONResponse({"status": "ok", "articles": counts.articles, "passages": counts.passages})

    async def render_metrics(_request: Request) -> Response:
        counts, _ = await run_in_threadpool(_counts, index)
        text = metrics.render(counts)
        if text is None:
            return PlainTextResponse("there are no metrics; install prometheus-client\n", 404)
        return Response(text.body, media_type=None, headers={"Content-Type": text.content_type})

    return [Route("/health", health, methods=["GET"]), Route("/metrics", render_metrics, methods=["GET"])]


def _counts(index: Index) -> tuple[IndexCounts | None, str]:
    """Count articles and passages; None and the reason where they cannot be counted."""
    try:
        return index.counts(), ""
    except RagError as error:
        return None, str(error)
    except Exception as error:  # monitoring must hear of what nobody expected, too
        return None, f"the index cannot be read ({type(error).__name__})"
