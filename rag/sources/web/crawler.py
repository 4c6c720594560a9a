"""Crawl one source: a page, or a list and the pages it names."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from rag.errors import SourceError
from rag.failures import attempt, attempt_each
from rag.source_state import Source, Unchanged, Visit
from rag.sources.files import FileLoader
from rag.sources.web.bodies import listing_in
from rag.sources.web.documents import article_of, completed, document
from rag.sources.web.feeds import Entry
from rag.sources.web.listings import Listing
from rag.types import Article, Failure

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched

_MOST_LISTS = 50
"""Lists that one source may lead to, itself among them: a sitemap names others."""

Item = Article | Failure | Unchanged


class Web(Protocol):
    """The way to the web, and what is remembered of it."""

    most: int
    """Pages read of one list, unless the source says otherwise."""
    visits: Mapping[str, Visit]
    """What addresses gave when they were last read."""
    learnt: dict[str, Visit]
    """What they gave this time."""

    def get(self, address: str) -> "Fetched":
        """What is at an address; SourceError in one line where it cannot be had."""

    def ask(self, address: str) -> "Fetched":
        """The same, whether or not it has changed."""


@dataclass
class Crawl:
    """One source being read."""

    web: Web
    source: Source
    files: Sequence[FileLoader]
    apart: "Sandbox"
    """Parses what is fetched."""
    lists: set[str] = field(default_factory=set)
    """The feeds and other lists it has led to."""

    def address(self, address: str) -> Iterator[Item]:
        """What is at an address: articles, or a list of them."""
        answer = attempt(address, lambda: self._fetch(address))
        if isinstance(answer, Failure):
            yield answer
            return
        fetched, found = answer
        if fetched.unchanged:
            yield Unchanged(address)
        elif found is None:
            yield from attempt_each(address, lambda: self._document(fetched, address, None, fetched.visit))
        else:
            yield from self._list(address, fetched.visit, found)

    def _fetch(self, address: str) -> "tuple[Fetched, Listing | None]":
        """What is at an address, and what it lists where it is a list."""
        fetched = self.web.get(address)
        return fetched, None if fetched.unchanged else listing_in(fetched, self.apart)

    def _list(self, address: str, visit: Visit, found: Listing) -> Iterator[Item]:
        """The pages that a list names, the newest first; those it named before stay."""
        self.lists.add(address)
        entries, failed = self._gathered(found)
        if not (entries or failed):
            failed.append(Failure(address, "the list names no page that can be read"))
        wanted, left_out = self._wanted(entries)
        whole = not failed
        yield from failed
        for entry in wanted:
            for item in self._entry(entry):
                whole = whole and not isinstance(item, Failure)
                yield item
        if left_out:
            yield Failure(address, f"only the newest {len(wanted):,} of {left_out + len(wanted):,} pages were read; "
                                   "--limit reads more")  # fmt: skip
        elif whole:  # a list with failures is read again, whether or not it has changed
            self.web.learnt[address] = visit
        yield Unchanged(address)

    def _gathered(self, found: Listing) -> tuple[list[Entry], list[Failure]]:
        """The entries of a list and of the lists it names."""
        entries, failed, waiting = list(found.entries), list[Failure](), list(found.lists)
        while waiting:
            address = waiting.pop(0)
            if address in self.lists:
                continue
            if len(self.lists) >= _MOST_LISTS:
                failed.append(Failure(address, f"not read: the list names more than {_MOST_LISTS} others"))
                break
            self.lists.add(address)
            more = attempt(address, partial(self._read_list, address))
            if isinstance(more, Failure):
                failed.append(more)
                continue
            entries += more.entries
            waiting += more.lists
        return entries, failed

    def _read_list(self, address: str) -> Listing:
        """The list at an address; raises SourceError for anything else."""
        if (found := listing_in(self.web.ask(address), self.apart)) is None:
            raise SourceError("neither a feed nor a sitemap")
        return found

    def _wanted(self, entries: Sequence[Entry]) -> tuple[list[Entry], int]:
        """The newest entries that the source asks for, each address once, and how many are left out by the setting."""
        recent = {entry.url: entry for entry in entries if not entry.date or entry.date >= self.source.since}
        newest = sorted(recent.values(), key=lambda entry: entry.date, reverse=True)
        wanted = newest[: self.source.limit or self.web.most]
        return wanted, 0 if self.source.limit else len(newest) - len(wanted)

    def _entry(self, entry: Entry) -> Iterator[Item]:
        """The page of an entry; what the list carries of it where the page cannot be read."""
        digest = hashlib.sha256(entry.updated.encode()).hexdigest()[:16] if entry.updated else ""
        before = self.web.visits.get(entry.url)
        if before is not None and digest and before.digest == digest:
            yield Unchanged(entry.url)
            return
        items = attempt(entry.url, lambda: list(self._page(entry, digest)))
        if isinstance(items, Failure):
            yield article_of(entry) or items
        else:
            yield from items

    def _page(self, entry: Entry, digest: str) -> Iterator[Item]:
        """The page of an entry, or that it is as it was; `digest` is of what the list says of it."""
        fetched = self.web.get(entry.url)
        visit = replace(fetched.visit, digest=digest)
        if fetched.unchanged:
            yield Unchanged(entry.url)
            self.web.learnt[entry.url] = visit
        else:
            yield from self._document(fetched, entry.url, entry, visit)

    def _document(self, fetched: "Fetched", address: str, entry: Entry | None, visit: Visit) -> Iterator[Item]:
        """What was fetched, completed by what a list says of it; it is remembered as read if nothing failed."""
        items = list(document(fetched, address, self.files, self.apart))
        for item in items:
            yield completed(item, entry) if entry is not None and isinstance(item, Article) else item
        if not any(isinstance(item, Failure) for item in items):
            self.web.learnt[address] = visit
