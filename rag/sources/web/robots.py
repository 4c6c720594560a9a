"""Obey robots.txt, and limit the rate of requests to a host."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import SourceError

if TYPE_CHECKING:
    from protego import Protego

ROBOTS_BYTES = 500 * 1024
"""How much of a robots.txt is read; RFC 9309 asks for no less."""

_LONGEST_DELAY = 30.0
"""The most seconds that a robots.txt can ask for between two requests."""
_AGENT_LINE = re.compile(r"^[ \t]*user[ -]?agent[ \t]*[: \t](?P<name>[^#\r\n]*).*$", re.IGNORECASE | re.MULTILINE)
_PRODUCT = re.compile(r"(?:.*compatible;\s*)?([A-Za-z_-]+)")


class Politeness:
    """What servers have asked of programs like this one, remembered for as long as it lives."""

    def __init__(
        self,
        agent: str,
        delay: float,
        fetch: Callable[[str], bytes],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """`fetch` gives the robots.txt at an address, empty where there is none, and raises SourceError for trouble."""
        self._product, self._delay, self._fetch = product(agent), delay, fetch
        self._clock, self._sleep = clock, sleep
        self._rules: dict[str, Protego | SourceError] = {}
        self._free: dict[str, float] = {}

    def check(self, url: str) -> None:
        """Raises SourceError where robots.txt does not allow the address, or cannot be read."""
        rules = self._rules_of(url)
        host = urlsplit(url).hostname
        if isinstance(rules, SourceError):
            raise SourceError(f"nothing is read there because robots.txt of {host} cannot be read: {rules}") from rules
        if not rules.can_fetch(url, self._product):
            raise SourceError(f"robots.txt of {host} does not allow it")

    def wait(self, url: str) -> float:
        """Waits until the host of an address may be asked again, and returns the seconds that took."""
        host = urlsplit(url).hostname or ""
        rest = max(self._free.get(host, 0.0) - self._clock(), 0.0) if host in self._free else 0.0
        if rest:
            self._sleep(rest)
        self._free[host] = self._clock() + self._pause(url)
        return rest

    def _pause(self, url: str) -> float:
        rules = self._rules.get(_origin(url))
        asked = None if rules is None or isinstance(rules, SourceError) else rules.crawl_delay(self._product)
        return max(self._delay, min(asked or 0.0, _LONGEST_DELAY))

    def _rules_of(self, url: str) -> "Protego | SourceError":
        origin = _origin(url)
        if origin not in self._rules:
            try:
                self._rules[origin] = _parsed(self._fetch(f"{origin}/robots.txt"), self._product)
            except SourceError as error:
                self._rules[origin] = error
        return self._rules[origin]


def product(agent: str) -> str:
    """The name by which a robots.txt addresses a user agent: `bot` of `bot/1.0 (…)` or `… (compatible; bot/1.0)`."""
    found = _PRODUCT.match(agent)
    return found[1].lower() if found else "*"


def _parsed(robots: bytes, name: str) -> "Protego":
    """The rules of a robots.txt, those for others all under one name.

    Each named agent gets rules of its own, so that 500 KB with thousands of names would fill any memory.
    """
    from protego import Protego

    def renamed(line: re.Match[str]) -> str:
        named = line["name"].strip().partition("/")[0].strip().lower()
        return f"User-agent: {named if named in (name, '*') else 'another-robot'}"

    return Protego.parse(_AGENT_LINE.sub(renamed, robots.decode("utf-8-sig", "replace")))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
