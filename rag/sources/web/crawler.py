"""Crawl one source: a page, or a list and the pages it names."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rag.errors import SourceError
from rag.failures import attempt, attempt_each
from rag.source_state import Source, Unchanged, Visit
from rag.sources.files import FileLoader
from rag.sources.web.bodies import parse_listing_in_sandbox
from rag.sources.web.documents import (
    article_from_entry,
    complete_from_entry,
    complete_transcript,
    parse_document,
)
from rag.sources.web.feeds import Entry
from rag.sources.web.listings import Listing
from rag.types import Article, Failure

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched

_MAX_LISTS = 50
"""Lists that one source may lead to, itself among them: a sitemap names others."""

Item = Article | Failure | Unchanged


class Web(Protocol):
    """Fetches pages, and holds their validators of the last visit and of this one."""

    max_pages: int
    """Pages read of one list, unless the source says otherwise."""
    visits: Mapping[str, Visit]
    """The validators of addresses at their last visit."""
    learnt: dict[str, Visit]
    """The validators of this visit."""

    def get(self, address: str) -> "Fetched":
        """Fetch an address, or learn that it has not changed since the last visit; raises SourceError."""

    def ask(self, address: str) -> "Fetched":
        """Fetch an address, whether or not it has changed."""


class _Gathered(NamedTuple):
    """What a list and the lists in it name, and which of these lists could not be read."""

    entries: list[Entry]
    failures: list[Failure]


@dataclass
class Crawl:
    """The crawl of one source."""

    web: Web
    source: Source
    _: KW_ONLY
    loaders: Sequence[FileLoader]
    """Load the files that are fetched."""
    sandbox: "Sandbox"
    """Parses the pages that are fetched."""
    lists: set[str] = field(default_factory=set)
    """The feeds and other lists it has led to."""

    def load_address(self, address: str) -> Iterator[Item]:
        """Load the articles at an address, or those that the list there names."""
        answer = attempt(address, lambda: self._fetch(address))
        if isinstance(answer, Failure):
            yield answer
            return
        fetched, listing = answer
        if fetched.unchanged:
            yield Unchanged(address)
        elif listing is None:
            load = partial(self._load_document, fetched, address, visit=fetched.visit)
            yield from attempt_each(address, load)
        else:
            yield from self._load_list(address, fetched.visit, listing)

    def _fetch(self, address: str) -> "tuple[Fetched, Listing | None]":
        """Fetch an address, and parse what is there if it is a list; None takes the place of the list if it is not."""
        fetched = self.web.get(address)
        return fetched, None if fetched.unchanged else parse_listing_in_sandbox(fetched, self.sandbox)

    def _load_list(self, address: str, visit: Visit, listing: Listing) -> Iterator[Item]:
        """Load the pages that a list names, newest first, and yield Unchanged so that those it named before stay."""
        self.lists.add(address)
        gathered = self._gather_entries(listing)
        if not (gathered.entries or gathered.failures):
            gathered.failures.append(Failure(address, "the list names no page that can be read"))
        newest, left_out = self._select_newest(gathered.entries)
        is_complete = not gathered.failures
        yield from gathered.failures
        for entry in newest:
            for item in self._load_entry(entry):
                is_complete = is_complete and not isinstance(item, Failure)
                yield item
        if left_out:
            reason = (
                f"only the newest {len(newest):,} of {left_out + len(newest):,} pages were read; --limit reads more"
            )
            yield Failure(address, reason)
        elif is_complete:  # a list with failures is read again, whether or not it has changed
            self.web.learnt[address] = visit
        yield Unchanged(address)

    def _gather_entries(self, listing: Listing) -> _Gathered:
        """Gather the entries of a list and of the lists it leads to; a Failure for each that is not read.

        It stops at the first list beyond the limit of lists for one source.
        """
        gathered = _Gathered(list(listing.entries), [])
        waiting = list(listing.lists)
        while waiting:
            address = waiting.pop(0)
            if address in self.lists:
                continue
            if len(self.lists) >= _MAX_LISTS:
                gathered.failures.append(Failure(address, f"not read: the list names more than {_MAX_LISTS} others"))
                break
            self.lists.add(address)
            nested = attempt(address, partial(self._read_list, address))
            if isinstance(nested, Failure):
                gathered.failures.append(nested)
                continue
            gathered.entries.extend(nested.entries)
            waiting += nested.lists
        return gathered

    def _read_list(self, address: str) -> Listing:
        """Fetch and parse a list; raises SourceError for anything else."""
        if (listing := parse_listing_in_sandbox(self.web.ask(address), self.sandbox)) is None:
            raise SourceError("neither a feed nor a sitemap")
        return listing

    def _select_newest(self, entries: Sequence[Entry]) -> tuple[list[Entry], int]:
        """Select the newest entries, each address once, and count those that `max_pages` leaves out.

        Entries dated before `since` of the source are dropped and not counted. A `limit` of the source replaces
        `max_pages`; the count is 0 then.
        """
        recent = {
            (entry.url, entry.key, entry.transcript): entry
            for entry in entries
            if not entry.date or entry.date >= self.source.since
        }
        newest = sorted(recent.values(), key=lambda entry: entry.date, reverse=True)
        selected = newest[: self.source.limit or self.web.max_pages]
        return selected, 0 if self.source.limit else len(newest) - len(selected)

    def _load_entry(self, entry: Entry) -> Iterator[Item]:
        """Load what is said in an entry's recording, and the entry's page.

        The text that the list carries takes the place of a page that cannot be read, which is no failure where there
        is a transcript.
        """
        transcript = list(self._load_transcript(entry)) if entry.transcript else []
        yield from transcript
        if not entry.has_page:
            yield from filter(None, [article_from_entry(entry)])
            return
        for item in self._load_part(entry.url, entry, partial(complete_from_entry, entry=entry)):
            if not isinstance(item, Failure):
                yield item
            elif article := article_from_entry(entry):
                yield article
            elif not any(isinstance(one, Article | Unchanged) for one in transcript):
                yield item

    def _load_transcript(self, entry: Entry) -> Iterator[Item]:
        """Load what is said in an entry's recording."""
        yield from self._load_part(entry.transcript, entry, partial(complete_transcript, entry=entry))

    def _load_part(self, address: str, entry: Entry, complete: Callable[[Article], Article]) -> Iterator[Item]:
        """Load what an entry names at an address, a Failure alone if it cannot be read.

        It is not fetched, and is Unchanged, if the list states the same time of change as at the last visit.
        """
        digest = hashlib.sha256(entry.updated.encode()).hexdigest()[:16] if entry.updated else ""
        before = self.web.visits.get(address)
        if before is not None and digest and before.digest == digest:
            yield Unchanged(address)
            return
        items = attempt(address, lambda: list(self._fetch_part(address, digest, complete)))
        yield from [items] if isinstance(items, Failure) else items

    def _fetch_part(self, address: str, digest: str, complete: Callable[[Article], Article]) -> Iterator[Item]:
        """Load what is at an address if it has changed; `digest` is of what the list says of it."""
        fetched = self.web.get(address)
        visit = replace(fetched.visit, digest=digest)
        if fetched.unchanged:
            yield Unchanged(address)
            self.web.learnt[address] = visit
        else:
            yield from self._load_document(fetched, address, visit=visit, complete=complete)

    def _load_document(
        self, fetched: "Fetched", address: str, *, visit: Visit, complete: Callable[[Article], Article] | None = None
    ) -> Iterator[Item]:
        """Parse what was fetched, complete it from the list, and remember the visit if nothing failed."""
        items = list(parse_document(fetched, address, loaders=self.loaders, sandbox=self.sandbox, fetch=self.web.ask))
        for item in items:
            yield complete(item) if complete is not None and isinstance(item, Article) else item
        if not any(isinstance(item, Failure) for item in items):
            self.web.learnt[address] = visit
