"""Load a web address, or a file that lists addresses."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rag.settings import Settings
from rag.source_state import Source, Unchanged, Visit
from rag.sources.files import MB, FileLoader
from rag.sources.formats.address_rows import ROW_SUFFIXES, read_address_rows
from rag.sources.formats.fields_file import FIELDS_FILE_SUFFIX

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Client, Fetched
    from rag.sources.web.crawler import Item

_LIST_SUFFIXES = (".txt", ".text", ".urls", ".opml", ".html", ".htm", ".url", ".webloc")


def is_address(source: str) -> bool:
    """Whether a source is an address on the web and no file."""
    return source.lower().startswith(("http://", "https://"))


@dataclass
class WebLoader:
    """Loads web addresses with one client; asks a page only for what has changed since it was read."""

    _: KW_ONLY
    limit_mb: float = 10.0
    private: bool = False
    """Whether addresses of this machine and of private networks may be asked."""
    delay: float = 1.0
    """Seconds between two requests to one host."""
    seconds: float = 30.0
    """The most time that one address may take, redirects and retries included."""
    agent: str = ""
    max_pages: int = 1000
    """Pages read of one list, unless the source says otherwise."""
    visits: Mapping[str, Visit] = field(default_factory=dict)
    """The validators of addresses at their last visit."""
    learnt: dict[str, Visit] = field(default_factory=dict)
    """The validators of this visit."""

    @classmethod
    def from_settings(cls, settings: Settings, visits: Mapping[str, Visit] | None = None) -> "WebLoader":
        """Make a loader that keeps to the settings for the web, and asks only for what changed since the `visits`."""
        return cls(
            limit_mb=settings.max_article_mb,
            private=settings.fetch_private,
            delay=settings.fetch_delay,
            seconds=settings.fetch_seconds,
            agent=settings.fetch_user_agent,
            max_pages=settings.fetch_pages,
            visits=visits or {},
        )

    def __enter__(self) -> "WebLoader":
        """Return the loader; nothing is opened before the first address."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def load(self, source: Source, loaders: Sequence[FileLoader], sandbox: "Sandbox") -> "Iterator[Item]":
        """Load the articles at an address; yield a Failure for what cannot be read, Unchanged for what is as it was."""
        from rag.sources.web.crawler import Crawl

        yield from Crawl(self, source, loaders=loaders, sandbox=sandbox).load_address(source.name)

    def load_list(self, source: Source, loaders: Sequence[FileLoader], sandbox: "Sandbox") -> "Iterator[Item]":
        """Load the articles at the addresses that a file lists; the file is Unchanged in the end if some are lists."""
        from rag.sources.web.crawler import Crawl

        crawl = Crawl(self, source, loaders=loaders, sandbox=sandbox)
        for address in self._read_addresses(source.name):
            yield from crawl.load_address(address)
        if crawl.lists:  # a feed forgets what it named before; that is no reason to forget it here
            yield Unchanged(os.path.abspath(source.name))

    def is_address_list(self, path: str) -> bool:
        """Whether a file lists addresses: as lines, bookmarks, an outline, or an export whose rows have no text."""
        is_export = path.lower().endswith(ROW_SUFFIXES) and not os.path.exists(path + FIELDS_FILE_SUFFIX)
        may_be = is_export or path.lower().endswith(_LIST_SUFFIXES)
        return may_be and os.path.isfile(path) and bool(self._read_addresses(path))

    def get(self, address: str) -> "Fetched":
        """Fetch an address, or learn that it has not changed since the last visit; raises SourceError."""
        return self._client.get(address, self.visits.get(address))

    def ask(self, address: str) -> "Fetched":
        """Fetch an address, whether or not it has changed."""
        return self._client.get(address)

    def _read_addresses(self, path: str) -> list[str]:
        """Read the addresses of a file; none if it is no list of addresses, over the limit or cannot be opened."""
        from rag.sources.web.saved_lists import parse_address_file

        with suppress(OSError):
            if os.path.getsize(path) <= self.limit_mb * MB:
                data = Path(path).read_bytes()
                return (
                    read_address_rows(data, path) if path.lower().endswith(ROW_SUFFIXES) else parse_address_file(data)
                )
        return []

    @cached_property
    def _client(self) -> "Client":
        from rag.sources.web.client import Client

        return Client(
            private=self.private, delay=self.delay, seconds=self.seconds, limit_mb=self.limit_mb, agent=self.agent
        )
