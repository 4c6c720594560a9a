"""Fetch pages: redirects, limits, conditional requests and retries over guarded connections.

Imported where a page is about to be fetched and not before: httpx takes a while to load.
"""

import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import httpcore
import httpx

from rag.errors import SettingsError, SourceError
from rag.source_state import Visit
from rag.sources.files import MB
from rag.sources.web.decompression import over, unpacked
from rag.sources.web.responses import REDIRECTS, Gone, Reply, conditions, retrying
from rag.sources.web.robots import ROBOTS_BYTES, Politeness
from rag.sources.web.ssrf_guard import GuardedBackend, RequestDeadline, Resolve, Transport, resolve
from rag.sources.web.urls import normalised, redirected

__all__ = ["PAGES", "Client", "Fetched", "Gone"]

PAGES = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

_HOPS = 5
_ROBOTS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from an address."""

    url: str
    """Where it was found after redirects, as `normalised` spells it."""
    status: int
    kind: str
    """Its media type in lower case, empty if the server does not say."""
    charset: str
    """The encoding that the server says it has, as it says it in lower case; empty if it does not."""
    body: bytes
    visit: Visit
    """What to send along to be told whether it has changed since; the digest is that of the visit before."""
    unchanged: bool = False
    """Whether the server says it has not changed since the visit before; there is no body then."""
    moved_permanently: str = ""
    """Where the address has moved for good, empty if it has not."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What to ask for along the way of redirects, and how much of it to read."""

    headers: Mapping[str, str]
    limit: int
    robots: bool = False
    """Whether it is a robots.txt: nobody is asked whether that may be read, and no more is read than there is room."""


class Client:
    """Fetches pages one after the other, in one thread; whoever makes it closes it."""

    def __init__(
        self,
        private: bool = False,
        delay: float = 1.0,
        seconds: float = 30.0,
        limit_mb: float = 10.0,
        agent: str = "",
        *,
        resolve: Resolve = resolve,
        onward: httpcore.NetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is contacted yet; raises SettingsError for an agent that cannot be sent.

        `seconds` is for one page with its redirects and retries, without the waits between them; `limit_mb` for its
        bytes, packed or unpacked. `resolve` and `onward` stand in for the network, `clock` and `sleep` for the time.
        """
        self._agent = agent or f"rag-articles/{version('rag-articles')} (+https://pypi.org/project/rag-articles)"
        if not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?", self._agent):
            raise SettingsError("RAG_FETCH_USER_AGENT must be one line of up to 200 plain ASCII characters")
        self._seconds, self._limit, self._sleep = seconds, int(limit_mb * MB), sleep
        self._deadline = RequestDeadline(clock)
        guard = GuardedBackend(self._deadline, private, resolve, onward)
        self._transport = Transport(guard, self._deadline, trust or httpx.create_ssl_context())
        self._manners = Politeness(self._agent, delay, self._robots, clock, sleep)

    def __enter__(self) -> "Client":
        """The client itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Closes what is still open."""
        self._transport.close()

    def get(self, url: str, seen: Visit | None = None, accept: str = PAGES) -> Fetched:
        """The page at an address, or that it is as it was when it was `seen`; raises SourceError, or Gone for 404, 410.

        `accept` is the Accept header; whatever kind comes is returned.
        """
        self._deadline.start(self._seconds)
        wish = _Wish({"Accept": accept, **conditions(seen)}, self._limit)
        start = normalised(url)
        found, reply, moved = self._follow(start, wish)
        unchanged = reply.status == 304 and bool(conditions(seen))
        with _named(found, found != start):
            if not unchanged and reply.status not in (200, 203):
                raise reply.refusal
        return Fetched(
            url=normalised(found),
            status=reply.status,
            kind=reply.kind,
            charset=reply.charset,
            body=reply.body,
            visit=reply.visit(seen or Visit(), unchanged),
            unchanged=unchanged,
            moved_permanently=moved,
        )

    def _robots(self, url: str) -> bytes:
        """The robots.txt at an address: nothing where the server says there is none, as RFC 9309 has it."""
        with self._deadline.within(_ROBOTS_SECONDS):
            _, reply, _ = self._follow(url, _Wish({"Accept": "text/plain,*/*;q=0.5"}, ROBOTS_BYTES, robots=True))
        if reply.status != 200 and not 400 <= reply.status < 500:
            raise reply.refusal
        return reply.body

    def _follow(self, url: str, wish: _Wish) -> tuple[str, Reply, str]:
        """Where the redirects from an address end, what is there, and where it has moved for good.

        Cookies live from the first hop to the last: some pages only open to who brings back the one they set.
        """
        cookies, been, moved, for_good = httpx.Cookies(), [url], "", True
        states = {(url, "[]")}
        while True:
            with _named(url, len(been) > 1):
                if not wish.robots:
                    self._manners.check(url)
                reply = self._ask(url, wish, cookies)
                if reply.status not in REDIRECTS:
                    return url, reply, moved
                target = _target(url, reply)
            for_good = for_good and reply.for_good
            moved = normalised(target) if for_good else moved
            state = (target, str(sorted((one.name, one.value, one.domain) for one in cookies.jar)))
            if state in states:
                raise SourceError(f"redirects in a circle: {' → '.join(map(_short, [*been, target]))}")
            if len(been) > _HOPS:
                raise SourceError(f"redirects more than {_HOPS} times, last to {_short(target)}")
            states.add(state)
            been.append(target)
            url = target

    def _ask(self, url: str, wish: _Wish, cookies: httpx.Cookies) -> Reply:
        """What a server says, asked up to three times where it is busy or not to be reached."""
        reply: Reply = retrying(self._rest)(self._send, url, wish, cookies)
        return reply

    def _rest(self, seconds: float) -> None:
        self._sleep(seconds)
        self._deadline.pause(seconds)

    def _send(self, url: str, wish: _Wish, cookies: httpx.Cookies) -> Reply:
        """One request and its answer."""
        if not wish.robots:
            self._deadline.pause(self._manners.wait(url))
        self._deadline.left()
        always = {"User-Agent": self._agent, "Accept-Encoding": "gzip", "Connection": "close"}
        request = httpx.Request("GET", url, headers={**always, **wish.headers}, cookies=cookies)
        with closing(self._transport.handle_request(request)) as response:
            cookies.extract_cookies(response)
            body = _body(response, wish) if 200 <= response.status_code < 300 else b""
        return Reply(response.status_code, response.headers, body, response.charset_encoding or "")


def _body(response: httpx.Response, wish: _Wish) -> bytes:
    size = response.headers.get("content-length", "")
    if not wish.robots and size.isdecimal() and int(size[:20]) > wish.limit:
        raise over(wish.limit)
    body, whole = unpacked(response.iter_raw(), response.headers.get("content-encoding", ""), wish.limit)
    if not whole and not wish.robots:
        raise over(wish.limit)
    return body


def _target(url: str, reply: Reply) -> str:
    target = redirected(url, reply.location)
    if url.startswith("https:") and not target.startswith("https:"):
        raise SourceError(f"redirects from https to http, which anyone on the way could change: {_short(target)}")
    return target


@contextmanager
def _named(url: str, behind: bool) -> Iterator[None]:
    """Names an address where something goes wrong `behind` a redirect."""
    try:
        yield
    except SourceError as error:
        if not behind:
            raise
        raise type(error)(f"redirects to {_short(url)}: {error}") from error


def _short(url: str) -> str:
    return url if len(url) <= 100 else url[:99] + "…"
