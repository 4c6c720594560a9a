"""Run indexing jobs, one at a time, in a thread."""

import os
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import NothingRead, RagError, SourceError
from rag.index import Index
from rag.protocols import Report
from rag.settings import Settings
from rag.sources import is_address
from rag.storage.layout import UPLOADS
from rag.types import Changes, Failure
from rag.web.articles.job import Job
from rag.web.articles.uploads import Uploads


class Busy(RagError):
    """Another piece of work is not done yet."""


class Jobs:
    """All that the page does to one index, for all who have it open."""

    def __init__(self, index: Index, settings: Settings) -> None:
        """Nothing is running, nothing has been."""
        self.uploads = Uploads(settings.index / UPLOADS)
        self.last: Job | None = None
        self._started = 0
        self._index = index
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    # What can be done.

    def add(self, name: str, sources: Sequence[str | Path], own: Sequence[str | Path] = ()) -> Job:
        """Adds the articles of the sources; of failures only those of its own files are reported, where some are."""
        given = [str(source) for source in sources]
        files = [str(file) for file in own]
        return self._start(Job(name, lambda report: _only(self._add(given, report), files), given, own=files))

    def add_kept(self, name: str, files: Sequence[Path] = ()) -> Job:
        """Adds what was put in the folder of uploads, and reports failures of these files, or of all."""
        return self.add(name, [self.uploads.folder], files)

    def add_address(self, address: str) -> Job:
        """Adds what is at a web address, which is never taken for a file of this machine."""
        if not address.strip().lower().startswith(("http://", "https://")):
            raise SourceError("an address begins with http:// or https://")
        return self.add("Adding an address", [address.strip()])

    def add_path(self, path: str) -> Job:
        """Adds a file or folder of this machine."""
        if not path.strip():
            raise SourceError("name a file or folder first")
        return self.add("Adding a path", [os.path.abspath(os.path.expanduser(path.strip()))])

    def sync(self) -> Job:
        """Makes the index equal to its sources, the uploads among them."""
        sources = [*self.sources(), *([] if self.uploads.empty else [str(self.uploads.folder)])]
        return self._start(Job("Sync of all sources", self._sync, list(dict.fromkeys(sources))))

    def rebuild(self) -> Job:
        """Builds everything anew from the texts the index keeps."""
        return self._start(Job("Rebuild", lambda report: self._index.rebuild(report=report), keeps=False))

    def remove(self, id: str) -> Job:
        """Takes an article out, with the file of its own that was uploaded for it."""
        return self._start(Job("Removal", lambda _: self._remove(id)))

    def refresh(self, id: str) -> Job:
        """Reads the source of an article again; SourceError where it cannot be read from there."""
        source = self.source_of(id)
        return self._start(Job("Refresh", lambda report: self._index.refresh([source], report), [source]))

    def again(self) -> Job | None:
        """Goes on with what was stopped, or adds what could not be read."""
        job = self.last
        if job is None or not job.again:
            return None
        if job.stopped or job.error:
            return self._start(Job(job.name, job.work, job.sources, job.keeps, job.own))
        return self.add("Second try", _covering(job.sources, [failure.source for failure in job.failed]), job.own)

    def discard(self) -> None:
        """Deletes the uploads that could not be read, so that no sync names them again."""
        job = self.last
        if job is not None and job.changes is not None:
            lost = self._lost_uploads()
            for path in lost.values():
                self.uploads.discard(str(path))
            job.changes = replace(job.changes, failed=tuple(one for one in job.failed if one not in lost))

    def stop(self) -> None:
        """Asks what is running to stop."""
        if self.last is not None:
            self.last.stop()

    # What is known.

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        return self.last is not None and self.last.running

    @property
    def finished(self) -> int:
        """How many jobs have come to an end."""
        return self._started - self.running

    @property
    def discardable(self) -> bool:
        """Whether there are uploads that could not be read."""
        return bool(self._lost_uploads())

    def _lost_uploads(self) -> dict[Failure, Path]:
        """The failures of the last job that name an upload of which nothing is in the index."""
        failed = self.last.failed if self.last is not None else ()
        named = {failure: path for failure in failed if (path := self.uploads.file_of(failure.source)) is not None}
        return {
            failure: path for failure, path in named.items() if self._index.empty or not self._index.count_from(path)
        }

    def check_free(self) -> None:
        """Busy says what is being done, if something is."""
        if self.last is not None and self.last.running:
            since = time.strftime("%H:%M", time.localtime(self.last.began))
            raise Busy(f"{self.last.name} has been at work since {since}; wait for its end, or stop it first")

    def sources(self) -> list[str]:
        """The sources that the index remembers."""
        return [] if self._index.empty else [source.name for source, _, _ in self._index.sources()]

    def source_of(self, id: str) -> str:
        """The remembered source that an article came from."""
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
            self.last, self._started = job, self._started + 1
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
        """Takes in uploads that a stopped job left unremembered, then refreshes what is remembered."""
        before = Changes()
        if not self.uploads.empty and str(self.uploads.folder) not in self.sources():
            before = self._add([str(self.uploads.folder)], report)
        changes = self._index.sync(report=report)
        return replace(changes, added=changes.added + before.added, unchanged=changes.unchanged - before.added)

    def _remove(self, id: str) -> Changes:
        article = self._index.article(id)
        changes = self._index.remove(id)
        if article is not None:
            self.uploads.discard(article.origin)
        return changes


def _only(changes: Changes, files: Sequence[str]) -> Changes:
    """The changes with the failures of some files; with all failures where no files are given."""
    failed = tuple(one for one in changes.failed if any(_covers(file, one.source) for file in files))
    return replace(changes, failed=failed) if files else changes


def _covering(sources: Sequence[str], failed: Sequence[str]) -> list[str]:
    """The sources in which something failed: an article keeps its id only when it is read with its whole source.

    Which list on the web led to an address is not known; reading all of them again costs little.
    """
    lost = any(is_address(one) for one in failed)
    return [one for one in sources if (lost and is_address(one)) or any(_covers(one, failure) for failure in failed)]


def _covers(source: str, origin: str) -> bool:
    """Whether an origin is the source, a line of it, or a file in it."""
    if is_address(source) or is_address(origin):
        return source == origin
    place, there = str(Path(source).resolve()), str(Path(origin).resolve())
    return bool(origin) and (place == there or there.startswith((place + ":", place.rstrip("/") + "/")))
