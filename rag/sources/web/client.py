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
from typing import NamedTuple

import httpcore
import httpx

from rag.errors import SettingsError, SourceError
from rag.source_state import Visit
from rag.sources.files import MB
from rag.sources.web.decompression import decompress, too_large
from rag.sources.web.onward_links import find_refresh
from rag.sources.web.responses import REDIRECT_STATUSES, Gone, Reply, conditional_headers, make_retrying
from rag.sources.web.robots import MAX_ROBOTS_BYTES, Politeness
from rag.sources.web.ssrf_guard import GuardedBackend, GuardedTransport, RequestDeadline, Resolve, resolve
from rag.sources.web.urls import canonicalise_url, normalise_url, resolve_redirect

__all__ = ["ACCEPT_PAGES", "Client", "Fetched", "Gone"]

ACCEPT_PAGES = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

_MAX_REDIRECTS = 5
_MAX_ROBOTS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched from an address."""

    url: str
    """Where it was found after redirects, as `normalise_url` spells it."""
    status: int
    kind: str
    """Its media type in lower case, empty if the server does not say."""
    charset: str
    """The encoding that the server says it has, as it says it in lower case; empty if it does not."""
    body: bytes
    visit: Visit
    """What to send along to learn whether it has changed since; the digest is that of the visit before."""
    unchanged: bool = False
    """Whether the server says it has not changed since the visit before; there is no body then."""
    moved_permanently: str = ""
    """Where the address has moved for good, empty if it has not."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What to ask for along the way of redirects, and how much of it to read."""

    headers: Mapping[str, str]
    limit: int
    is_robots: bool = False
    """Whether it is a robots.txt, which is fetched without asking robots.txt and may be cut off at the limit."""


class _RedirectEnd(NamedTuple):
    """Where the redirects from an address end."""

    url: str
    reply: Reply
    moved_permanently: str
    """Where the address has moved for good, or an empty string."""


class Client:
    """Fetches pages one after the other, in one thread; its maker closes it."""

    def __init__(
        self,
        *,
        private: bool = False,
        delay: float = 1.0,
        seconds: float = 30.0,
        limit_mb: float = 10.0,
        agent: str = "",
        resolve: Resolve = resolve,
        onward: httpcore.NetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a client that contacts nothing yet; raises SettingsError for an agent that cannot be sent.

        `seconds` is for one page with its redirects and retries, without the waits between them; `limit_mb` for its
        bytes, packed or unpacked. `resolve` and `onward` stand in for the network, `clock` and `sleep` for the time.
        """
        self._agent = agent or f"rag-articles/{version('rag-articles')} (+https://pypi.org/project/rag-articles)"
        if not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?", self._agent):
            raise SettingsError("RAG_FETCH_USER_AGENT must be one line of up to 200 plain ASCII characters")
        self._seconds = seconds
        self._limit = int(limit_mb * MB)
        self._sleep = sleep
        self._deadline = RequestDeadline(clock)
        guard = GuardedBackend(self._deadline, private=private, resolve=resolve, onward=onward)
        self._transport = GuardedTransport(guard, self._deadline, trust or httpx.create_ssl_context())
        self._politeness = Politeness(self._agent, delay, fetch=self._fetch_robots, clock=clock, sleep=sleep)

    def __enter__(self) -> "Client":
        """Return the client itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Close what is still open."""
        self._transport.close()

    def get(self, url: str, seen: Visit | None = None, accept: str = ACCEPT_PAGES) -> Fetched:
        """Fetch a page, or learn that it is as it was when it was `seen`; raises SourceError, or Gone for 404, 410.

        `accept` is the Accept header; a page of any media type is returned.
        """
        self._deadline.start(self._seconds)
        request = _Request({"Accept": accept, **conditional_headers(seen)}, self._limit)
        start = normalise_url(url)
        end = self._follow_redirects(start, request)
        reply = end.reply
        is_unchanged = reply.status == 304 and bool(conditional_headers(seen))
        with _name_redirect(end.url, is_redirected=end.url != start):
            if not is_unchanged and reply.status not in (200, 203):
                raise reply.refusal
        return Fetched(
            url=normalise_url(end.url),
            status=reply.status,
            kind=reply.kind,
            charset=reply.charset,
            body=reply.body,
            visit=reply.to_visit(seen or Visit(), is_unchanged=is_unchanged),
            unchanged=is_unchanged,
            moved_permanently=end.moved_permanently,
        )

    def _fetch_robots(self, url: str) -> bytes:
        """Fetch a robots.txt: empty for statuses 400 to 499, as RFC 9309 has it; raises SourceError for trouble."""
        with self._deadline.shortened_to(_MAX_ROBOTS_SECONDS):
            request = _Request({"Accept": "text/plain,*/*;q=0.5"}, MAX_ROBOTS_BYTES, is_robots=True)
            reply = self._follow_redirects(url, request).reply
        if reply.status != 200 and not 400 <= reply.status < 500:
            raise reply.refusal
        return reply.body

    def _follow_redirects(self, url: str, request: _Request) -> _RedirectEnd:
        """Request an address and follow its redirects to their end; raises SourceError for a circle or more than five.

        Cookies are kept along the way: some pages open only to a client that sends back the cookie they set.
        """
        cookies = httpx.Cookies()
        visited = [url]
        moved = ""
        is_permanent = True
        states = {(url, "[]")}
        while True:
            with _name_redirect(url, is_redirected=len(visited) > 1):
                if not request.is_robots:
                    self._politeness.check(url)
                reply = self._send_with_retries(url, request, cookies)
                target = _redirect_target(url, reply, follows_refresh=not request.is_robots)
                if not target:
                    return _RedirectEnd(url, reply, moved)
            is_permanent = is_permanent and reply.is_permanent
            moved = normalise_url(target) if is_permanent else moved
            state = (target, str(sorted((cookie.name, cookie.value, cookie.domain) for cookie in cookies.jar)))
            if state in states:
                raise SourceError(f"redirects in a circle: {' → '.join(map(_shorten, [*visited, target]))}")
            if len(visited) > _MAX_REDIRECTS:
                raise SourceError(f"redirects more than {_MAX_REDIRECTS} times, last to {_shorten(target)}")
            states.add(state)
            visited.append(target)
            url = target

    def _send_with_retries(self, url: str, request: _Request, cookies: httpx.Cookies) -> Reply:
        """Send a request up to three times where the server is busy or cannot be reached."""
        reply: Reply = make_retrying(self._sleep_off_the_clock)(self._send, url, request, cookies)
        return reply

    def _sleep_off_the_clock(self, seconds: float) -> None:
        """Sleep, and postpone the deadline by as much."""
        self._sleep(seconds)
        self._deadline.postpone(seconds)

    def _send(self, url: str, request: _Request, cookies: httpx.Cookies) -> Reply:
        """Send one request and read the reply, after waiting for the rate limit of the host, but for a robots.txt."""
        if not request.is_robots:
            self._deadline.postpone(self._politeness.wait(url))
        self._deadline.remaining()
        always = {"User-Agent": self._agent, "Accept-Encoding": "gzip", "Connection": "close"}
        http_request = httpx.Request("GET", url, headers={**always, **request.headers}, cookies=cookies)
        with closing(self._transport.handle_request(http_request)) as response:
            cookies.extract_cookies(response)
            body = _read_body(response, request) if 200 <= response.status_code < 300 else b""
        return Reply(response.status_code, response.headers, body, response.charset_encoding or "")


def _read_body(response: httpx.Response, request: _Request) -> bytes:
    """Read and decompress the body of a response; raises SourceError where it is over the limit, packed or unpacked.

    Of a robots.txt that is over the limit only unpacked, the beginning is returned.
    """
    size = response.headers.get("content-length", "")
    if not request.is_robots and size.isdecimal() and int(size[:20]) > request.limit:
        raise too_large(request.limit)
    encoding = response.headers.get("content-encoding", "")
    body = decompress(response.iter_raw(), encoding, request.limit)
    if not body.is_complete and not request.is_robots:
        raise too_large(request.limit)
    return body.data


def _redirect_target(url: str, reply: Reply, *, follows_refresh: bool) -> str:
    """Return the address that a redirect or a refresh at once leads to; empty where the reply is none.

    Raises SourceError for an address that is invalid, or if it goes from https to http.
    """
    if reply.status in REDIRECT_STATUSES:
        target = resolve_redirect(url, reply.location)
    elif follows_refresh and reply.status == 200 and "html" in reply.kind and (location := find_refresh(reply.body)):
        target = resolve_redirect(url, location)
        if target == canonicalise_url(url):  # it only reloads itself
            return ""
    else:
        return ""
    if url.startswith("https:") and not target.startswith("https:"):
        raise SourceError(f"redirects from https to http, which anyone on the way could change: {_shorten(target)}")
    return target


@contextmanager
def _name_redirect(url: str, *, is_redirected: bool) -> Iterator[None]:
    """Put the address in front of a SourceError that is raised in the block, if it was redirected to."""
    try:
        yield
    except SourceError as error:
        if not is_redirected:
            raise
        raise type(error)(f"redirects to {_shorten(url)}: {error}") from error


def _shorten(url: str) -> str:
    """Shorten an address to 100 characters."""
    return url if len(url) <= 100 else url[:99] + "…"
