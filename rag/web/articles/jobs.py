"""Run indexing jobs, one at a time, in a thread."""

import os
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import IndexLocked, IndexReadOnly, NothingRead, RagError, SourceError
from rag.index import Index
from rag.protocols import Report
from rag.settings import Settings
from rag.sources import is_address
from rag.storage.layout import UPLOADS
from rag.types import Changes, Failure
from rag.web.articles.job import Job
from rag.web.articles.uploads import Uploads


class Busy(RagError):
    """Another job is still running."""


class Jobs:
    """Runs the jobs of the page on one index, one at a time, for all who have it open; a second raises Busy."""

    def __init__(self, index: Index, settings: Settings) -> None:
        """Work on `index`, whose uploads lie in the folder that `settings` name."""
        self.uploads = Uploads(settings.index / UPLOADS)
        self.last: Job | None = None
        self._started = 0
        self._index = index
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    # What can be done.

    def add(self, name: str, sources: Sequence[str | Path], own: Sequence[str | Path] = ()) -> Job:
        """Start a job that adds the articles of sources; if `own` names files, only failures of those are reported."""
        given = [str(source) for source in sources]
        files = [str(file) for file in own]
        return self._start(
            Job(name, lambda report: _with_failures_of(self._add(given, report), files), given, own=files)
        )

    def add_kept(self, name: str, files: Sequence[Path] = ()) -> Job:
        """Start a job that adds the folder of uploads; where `files` are given, only their failures are reported."""
        return self.add(name, [self.uploads.folder], files)

    def add_address(self, address: str) -> Job:
        """Start a job that adds what is at a web address; SourceError for anything but http:// and https://."""
        if not address.strip().lower().startswith(("http://", "https://")):
            raise SourceError("an address begins with http:// or https://")
        return self.add("Adding an address", [address.strip()])

    def add_path(self, path: str) -> Job:
        """Start a job that adds a file or folder of this machine; SourceError for an empty path."""
        if not path.strip():
            raise SourceError("name a file or folder first")
        return self.add("Adding a path", [os.path.abspath(os.path.expanduser(path.strip()))])

    def sync(self) -> Job:
        """Start a job that makes the index equal to its sources, the uploads among them."""
        sources = [*self.sources(), *([] if self.uploads.empty else [str(self.uploads.folder)])]
        return self._start(Job("Sync of all sources", self._sync, list(dict.fromkeys(sources))))

    def resume(self) -> Job | None:
        """Start a job that embeds the articles that a sync which was ended has left so; None where there are none.

        Where another process is writing, which embeds them itself, the job ends without doing anything.
        """
        try:
            if self._index.empty or self._index.embedded_share() == 1:
                return None
        except RagError:  # the page says what is wrong
            return None
        return self._start(Job("Meaning search", self._embed))

    def rebuild(self) -> Job:
        """Start a job that rebuilds the index from the texts that it keeps."""
        return self._start(Job("Rebuild", lambda report: self._index.rebuild(report=report), keeps=False))

    def remove(self, id: str) -> Job:
        """Start a job that removes an article, and the file that was uploaded for it alone."""
        return self._start(Job("Removal", lambda _: self._remove(id)))

    def refresh(self, id: str) -> Job:
        """Start a job that reads the source of an article again; SourceError where none is remembered."""
        source = self.source_of(id)
        return self._start(Job("Refresh", lambda report: self._index.refresh([source], report), [source]))

    def retry(self) -> Job | None:
        """Start the last job again where it was stopped or broke off, or add the sources in which something failed.

        None where neither is so.
        """
        job = self.last
        if job is None or not job.retry_label:
            return None
        if job.stopped or job.error:
            return self._start(Job(job.name, job.work, job.sources, keeps=job.keeps, own=job.own))
        return self.add("Second try", _covering(job.sources, [failure.source for failure in job.failed]), job.own)

    def discard(self) -> None:
        """Delete the uploads that the last job could not read and no article came from, lest a sync name them again."""
        job = self.last
        if job is not None and job.changes is not None:
            lost = self._lost_uploads()
            for path in lost.values():
                self.uploads.discard(str(path))
            failed, left_out = (
                tuple(one for one in named if one not in lost) for named in (job.changes.failed, job.changes.left_out)
            )
            job.changes = replace(job.changes, failed=failed, left_out=left_out)

    def stop(self) -> None:
        """Ask the running job to stop."""
        if self.last is not None:
            self.last.stop()

    # What is known.

    @property
    def running(self) -> bool:
        """Whether a job is running."""
        return self.last is not None and self.last.running

    @property
    def finished(self) -> int:
        """The number of jobs that have ended."""
        return self._started - self.running

    @property
    def discardable(self) -> bool:
        """Whether there are uploads that the last job could not read and no article came from."""
        return bool(self._lost_uploads())

    def _lost_uploads(self) -> dict[Failure, Path]:
        """Return the failures of the last job that name an upload with no article in the index, and the files."""
        failed = self.last.failed if self.last is not None else ()
        named = {failure: path for failure in failed if (path := self.uploads.find_file(failure.source)) is not None}
        return {
            failure: path for failure, path in named.items() if self._index.empty or not self._index.count_from(path)
        }

    def check_free(self) -> None:
        """Raise Busy while a job is running."""
        if self.last is not None and self.last.running:
            since = time.strftime("%H:%M", time.localtime(self.last.began))
            raise Busy(f"{self.last.name} has been at work since {since}; wait for its end, or stop it first")

    def sources(self) -> list[str]:
        """Return the names of the sources that the index remembers."""
        return [] if self._index.empty else [source.name for source, _, _ in self._index.sources()]

    def source_of(self, id: str) -> str:
        """Return the remembered source that an article came from; SourceError where none is known."""
        source = self._index.source_of(id)
        if source not in self.sources():
            raise SourceError(f"it is not known where {id!r} came from; add its source again")
        return source

    # How it is done.

    def _start(self, job: Job) -> Job:
        with self._lock:
            self.check_free()
            if self._thread is None:
                # One thread for all, as each thread has its own connection to the catalogue; it ends with the process.
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()
            self.last = job
            self._started += 1
            self._waiting.put(job)
        return job

    def _run(self) -> None:
        while True:
            self._waiting.get().run()

    def _add(self, sources: list[str], report: Report) -> Changes:
        try:
            return self._index.add(sources, report)
        except NothingRead as error:
            if not error.reasons:
                raise
            return Changes(failed=tuple(Failure(*reason) for reason in error.reasons))

    def _sync(self, report: Report) -> Changes:
        """Add uploads that a stopped job left unremembered, then refresh what is remembered."""
        before = Changes()
        if not self.uploads.empty and str(self.uploads.folder) not in self.sources():
            before = self._add([str(self.uploads.folder)], report)
        changes = self._index.sync(report=report)
        return replace(changes, added=changes.added + before.added, unchanged=changes.unchanged - before.added)

    def _embed(self, report: Report) -> Changes:
        try:
            return Changes(failed=tuple(self._index.embed(report)))
        except (IndexLocked, IndexReadOnly):
            return Changes()

    def _remove(self, id: str) -> Changes:
        article = self._index.article(id)
        changes = self._index.remove(id)
        if article is not None:
            self.uploads.discard(article.origin)
        return changes


def _with_failures_of(changes: Changes, files: Sequence[str]) -> Changes:
    """Keep only the failures of some files; all failures where no files are given."""
    if not files:
        return changes
    failed, left_out = (
        tuple(one for one in named if any(_covers(file, one.source) for file in files))
        for named in (changes.failed, changes.left_out)
    )
    return replace(changes, failed=failed, left_out=left_out)


def _covering(sources: Sequence[str], failed: Sequence[str]) -> list[str]:
    """Return the sources in which something failed, and all web addresses if an address failed.

    An article keeps its id only when it is read with its whole source. Which list on the web led to an address is
    not known; reading all of them again costs little.
    """
    has_address = any(map(is_address, failed))
    return [
        source
        for source in sources
        if (has_address and is_address(source)) or any(_covers(source, origin) for origin in failed)
    ]


def _covers(source: str, origin: str) -> bool:
    """Whether an origin is the source, a line of it, or a file in it."""
    if is_address(source) or is_address(origin):
        return source == origin
    parent = str(Path(source).resolve())
    path = str(Path(origin).resolve())
    return bool(origin) and (path == parent or path.startswith((parent + ":", parent.rstrip("/") + "/")))
