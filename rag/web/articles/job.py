"""One indexing job: its progress, its outcome, and how it is stopped."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.errors import RagError
from rag.protocols import Report
from rag.sources import is_address
from rag.types import Changes, Failure, Progress
from rag.web.escaping import inert_line

_MAX_FAILURES = 100
"""Failures that are shown one by one."""

Work = Callable[[Report], Changes]


class _Stop(Exception):
    """Raised out of a report, to end the work there."""


class Job:
    """One indexing job: its progress and its outcome, which any thread may read."""

    def __init__(
        self, name: str, work: Work, sources: Sequence[str] = (), *, keeps: bool = True, own: Sequence[str] = ()
    ) -> None:
        """Take the name to show, the work to do, and `sources`, which a retry reads again.

        `keeps` tells whether what is finished stays when the job is stopped; `own` are the files that it was begun
        for, where it reads more than those.
        """
        self.name = name
        self.work = work
        self.sources = tuple(sources)
        self.keeps = keeps
        self.own = tuple(own)
        self.progress: Progress | None = None
        self.changes: Changes | None = None
        self.error = ""
        self.stopped = False
        self.began = time.time()
        self.seconds = 0.0
        self._stopping = threading.Event()
        self._ended = threading.Event()

    @property
    def running(self) -> bool:
        """Whether it is not done yet."""
        return not self._ended.is_set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and is still at work."""
        return self.running and self._stopping.is_set()

    @property
    def failed(self) -> tuple[Failure, ...]:
        """The failures: what could not be read, and why."""
        return (*self.changes.failed, *self.changes.left_out) if self.changes is not None else ()

    @property
    def retry_label(self) -> str:
        """The label of the button that continues or retries the job; empty while it runs or if nothing is left."""
        if self.running:
            return ""
        return "Go on" if self.stopped else "Try again" if self.error or (self.failed and self.sources) else ""

    def stop(self) -> None:
        """Ask the job to end at its next report."""
        self._stopping.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end of the job, at most `seconds` if given; return whether it has ended."""
        return self._ended.wait(seconds)

    def run(self) -> None:
        """Do the work, and keep what comes of it: the changes, the text of an error, or that it was stopped."""
        try:
            self.changes = self.work(self._report)
        except _Stop:
            self.stopped = True
        except RagError as error:
            self.error = str(error)
        except Exception as error:  # the page goes on, and someone has to be told
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self.seconds = time.time() - self.began
            self._ended.set()

    def _report(self, progress: Progress) -> None:
        self.progress = progress
        if self._stopping.is_set():
            raise _Stop


def render_job(job: Job) -> str:
    """Render how far a job is, or what came of it, as HTML."""
    if not job.running:
        return f"<p>{inert_line(_outcome(job))}</p>"
    doing = "Stopping at the next pause" if job.stopping else job.name
    progress = job.progress
    if progress is None:
        return f"<p>{inert_line(doing)}: beginning…</p>"
    if progress.stage == "embedding":
        doing += ": every article answers by its words; meaning search follows"
    bar = f'<progress max="{progress.total}" value="{progress.articles}"></progress>' if progress.total else ""
    return f"<p>{inert_line(doing)}: {inert_line(format_pace(progress))}</p>{bar}"


def render_failures(job: Job) -> str:
    """Render what could not be read and why, as HTML, the first 100 one by one; empty where nothing failed."""
    rows = "".join(f"<li>{inert_line(_failure(job, failure))}</li>" for failure in job.failed[:_MAX_FAILURES])
    more = len(job.failed) - _MAX_FAILURES
    rest = f"<li>and {more:,} more</li>" if more > 0 else ""
    return f"<p>Could not be read:</p><ul>{rows}{rest}</ul>" if rows else ""


def _failure(job: Job, failure: Failure) -> str:
    """Name what could not be read, and why, without the folder of the server that it lies in."""
    origin = failure.source
    inside = [origin[len(root) :] for source in job.sources if origin.startswith(root := source.rstrip("/") + "/")]
    name = origin if is_address(origin) else min(inside, key=len, default="") or Path(origin).name or origin
    return f"{name}: {failure.reason.replace(origin, name) if origin else failure.reason}"


def format_pace(progress: Progress) -> str:
    """Format how far a job is, how fast it goes and how long it will take; while the total is unknown, only how far."""
    if progress.total is None:
        return f"{_count(progress.articles, 'article')} read"
    rate = progress.articles / max(progress.seconds, 1e-9)
    left = (progress.total - progress.articles) / max(rate, 1e-9)
    return ", ".join(
        [
            f"{progress.articles:,} of {_count(progress.total, 'article')}",
            _count(progress.passages, "passage"),
            f"{rate:,.1f} articles a second",
            f"about {format_duration(left)} left",
        ]
    )


def format_duration(seconds: float) -> str:
    """Format seconds in the units a person would say."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _outcome(job: Job) -> str:
    if job.error:
        return f"{job.name}: {job.error}"
    if job.changes is not None:
        return f"{job.name} is done after {format_duration(job.seconds)}: {job.changes}"
    done = job.progress if job.progress is not None and job.progress.stage in ("indexing", "embedding") else None
    if not job.keeps or done is None:
        return f"{job.name} was stopped; the index is as it was"
    if done.stage == "embedding":
        return f"{job.name} was stopped; every article answers by its words, and the next sync goes on"
    return f"{job.name} was stopped; {done.articles:,} of {_count(done.total or 0, 'article')} are done and stay"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
