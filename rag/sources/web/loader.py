"""Load a web address, or a file that lists addresses."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rag.source_state import Source, Unchanged, Visit
from rag.sources.files import MB, FileLoader

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Client, Fetched
    from rag.sources.web.crawler import Item

_LIST_FILES = (".txt", ".text", ".urls", ".opml")


def is_address(source: str) -> bool:
    """Whether a source is an address on the web and no file."""
    return source.lower().startswith(("http://", "https://"))


@dataclass
class WebLoader:
    """Reads addresses, with one client for all of them; asks a page only for what has changed since it was read."""

    limit_mb: float = 10.0
    private: bool = False
    """Whether addresses of this machine and of private networks may be asked."""
    delay: float = 1.0
    """Seconds between two requests to one host."""
    seconds: float = 30.0
    """The most one address may take."""
    agent: str = ""
    most: int = 1000
    """Pages read of one list, unless the source says otherwise."""
    visits: Mapping[str, Visit] = field(default_factory=dict)
    """What addresses gave when they were last read."""
    learnt: dict[str, Visit] = field(default_factory=dict)
    """What they gave this time."""

    def __enter__(self) -> "WebLoader":
        """Nothing is opened before the first address."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closes the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def load(self, source: Source, files: Sequence[FileLoader], apart: "Sandbox") -> "Iterator[Item]":
        """The articles at an address; what cannot be read comes as a Failure, what has not changed as Kept."""
        from rag.sources.web.crawler import Crawl

        yield from Crawl(self, source, files, apart).address(source.name)

    def load_list(self, source: Source, files: Sequence[FileLoader], apart: "Sandbox") -> "Iterator[Item]":
        """The articles at the addresses that a file lists."""
        from rag.sources.web.crawler import Crawl

        reading = Crawl(self, source, files, apart)
        for address in self._listed(source.name):
            yield from reading.address(address)
        if reading.lists:  # a feed forgets what it named before; that is no reason to forget it here
            yield Unchanged(os.path.abspath(source.name))

    def names_addresses(self, path: str) -> bool:
        """Whether a file is a list of addresses: nothing but one on each line, or an OPML outline of feeds."""
        return path.lower().endswith(_LIST_FILES) and os.path.isfile(path) and bool(self._listed(path))

    def get(self, address: str) -> "Fetched":
        """What is at the address; SourceError in one line where it cannot be had."""
        return self._client.get(address, self.visits.get(address))

    def ask(self, address: str) -> "Fetched":
        """The same, whether or not it has changed."""
        return self._client.get(address)

    def _listed(self, path: str) -> list[str]:
        from rag.sources.web.listings import listed_in

        with suppress(OSError):
            if os.path.getsize(path) <= self.limit_mb * MB:
                return listed_in(Path(path).read_bytes())
        return []

    @cached_property
    def _client(self) -> "Client":
        from rag.sources.web.client import Client

        return Client(self.private, self.delay, self.seconds, self.limit_mb, self.agent)
