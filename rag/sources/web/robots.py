"""Obey robots.txt, and limit the rate of requests to a host."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import SourceError

if TYPE_CHECKING:
    from protego import Protego

MAX_ROBOTS_BYTES = 500 * 1024
"""How much of a robots.txt is read; RFC 9309 asks for no less."""

_MAX_DELAY_SECONDS = 30.0
"""The most seconds that a robots.txt can ask for between two requests."""
_AGENT_LINE = re.compile(r"^[ \t]*user[ -]?agent[ \t]*[: \t](?P<name>[^#\r\n]*).*$", re.IGNORECASE | re.MULTILINE)
_PRODUCT = re.compile(r"(?:.*compatible;\s*)?([A-Za-z_-]+)")


class Politeness:
    """What servers ask of crawlers, by robots.txt and rate limits, remembered for as long as it lives."""

    def __init__(
        self,
        agent: str,
        delay: float,
        *,
        fetch: Callable[[str], bytes],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """Make the rules for an agent, with at least `delay` seconds between two requests to a host.

        `fetch` gives the robots.txt at an address, empty where there is none, and raises SourceError for trouble;
        `clock` and `sleep` stand in for the time.
        """
        self._product = product_name(agent)
        self._delay = delay
        self._fetch = fetch
        self._clock = clock
        self._sleep = sleep
        self._rules: dict[str, Protego | SourceError] = {}
        self._free: dict[str, float] = {}

    def check(self, url: str) -> None:
        """Raise SourceError where robots.txt does not allow the address, or cannot be read."""
        rules = self._rules_for(url)
        host = urlsplit(url).hostname
        if isinstance(rules, SourceError):
            raise SourceError(f"nothing is read there because robots.txt of {host} cannot be read: {rules}") from rules
        if not rules.can_fetch(url, self._product):
            raise SourceError(f"robots.txt of {host} does not allow it")

    def wait(self, url: str) -> float:
        """Wait until the host of an address may be asked again, and return the seconds that took."""
        host = urlsplit(url).hostname or ""
        rest = max(self._free.get(host, 0.0) - self._clock(), 0.0) if host in self._free else 0.0
        if rest:
            self._sleep(rest)
        self._free[host] = self._clock() + self._delay_for(url)
        return rest

    def _delay_for(self, url: str) -> float:
        """Return the seconds between two requests: our own delay, or a longer one, up to 30, that robots.txt states."""
        rules = self._rules.get(_origin(url))
        asked = None if rules is None or isinstance(rules, SourceError) else rules.crawl_delay(self._product)
        return max(self._delay, min(asked or 0.0, _MAX_DELAY_SECONDS))

    def _rules_for(self, url: str) -> "Protego | SourceError":
        """Return the rules of the host of an address, fetched once, or the error that kept them from being read."""
        origin = _origin(url)
        if origin not in self._rules:
            try:
                self._rules[origin] = _parse_robots(self._fetch(f"{origin}/robots.txt"), self._product)
            except SourceError as error:
                self._rules[origin] = error
        return self._rules[origin]


def product_name(agent: str) -> str:
    """Return the name by which a robots.txt addresses an agent: `bot` of `bot/1.0` or `… (compatible; bot/1.0)`."""
    found = _PRODUCT.match(agent)
    return found[1].lower() if found else "*"


def _parse_robots(robots: bytes, name: str) -> "Protego":
    """Parse a robots.txt, with the rules for other agents all under one name.

    Otherwise each named agent would get rules of its own, and 500 KB with thousands of names fill the memory.
    """
    from protego import Protego

    def rename_agent(line: re.Match[str]) -> str:
        named = line["name"].strip().partition("/")[0].strip().lower()
        return f"User-agent: {named if named in (name, '*') else 'another-robot'}"

    return Protego.parse(_AGENT_LINE.sub(rename_agent, robots.decode("utf-8-sig", "replace")))


def _origin(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
