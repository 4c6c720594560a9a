"""The middleware: authentication, rate limits, upload limits and security headers."""

import base64
import math
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from ipaddress import IPv6Address, IPv6Network

from anyio import CapacityLimiter, to_thread
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import SettingsError
from rag.text.hosts import is_loopback, parse_address
from rag.web.server.auth import Users, parse_users
from rag.web.server.forwarding import Forwarding, client_host, host_name, trusted_networks
from rag.web.server.malformed_requests import Answering, JsonOnly, find_head_fault, refusal
from rag.web.server.rate_limits import peek
from rag.web.server.request_body import BoundedRequest

# Read by uvicorn, which otherwise lets anyone on this machine choose the address that it is counted under; the proxies
# that are believed are named in RAG_TRUSTED_PROXIES alone.
os.environ["FORWARDED_ALLOW_IPS"] = ""

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_MAX_BYTES = 8_000_000
"""Bytes of a request that is no upload."""
_DRAWING_FACTOR = 10
"""How many times as often the page may be drawn as work may be done."""
_CORS = ("access-control-allow-origin", "access-control-allow-credentials")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Gradio's page holds scripts and styles in its HTML, and makes functions from its templates; without eval it is blank.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'"
)


class _RateLimit:
    """A limit on how often each client may do something."""

    def __init__(self, rates: str, times: int = 1) -> None:
        parsed = parse_many(rates) if rates else []
        self._rates = [type(rate)(rate.amount * times, rate.multiples) for rate in parsed]
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, client: str) -> int:
        """Return the seconds until the client is allowed again, 0 if it is."""
        spent = [rate for rate in self._rates if not self._window.test(rate, client)]
        resets = [self._window.get_window_stats(rate, client).reset_time for rate in spent]
        return max(1, math.ceil(max(resets) - time.time())) if resets else 0

    def count(self, client: str) -> None:
        for rate in self._rates:
            self._window.hit(rate, client)


class AccessGuard:
    """Authenticate every request but Gradio's own at startup, by HTTP Basic or as `Bearer name:password`."""

    def __init__(self, app: ASGIApp, users: Users, tries: str = "10/minute") -> None:
        """Wrap `app` for `users`; `tries` is the rate of wrong passwords that one address may send."""
        self._app = app
        self._users = users
        self._tries = _RateLimit(tries)
        self._has_started = False
        self._turns = CapacityLimiter(2)
        self._threads = CapacityLimiter(2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 429, or pass the request on with `scope["state"]["user"]`."""
        if scope["type"] == "lifespan" or self._is_startup(scope):
            return await self._app(scope, receive, send)
        name, password = _credentials(Headers(scope=scope))
        if not self._users.remembers(name, password) and (refused := await self._refusal(scope, name, password)):
            return await refused(scope, receive, send)
        scope.setdefault("state", {})["user"] = name
        await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope, name: str, password: str) -> Response | None:
        if name or password:
            address = _address(scope)
            async with self._turns:
                if self._users.remembers(name, password):
                    return None
                if wait := self._tries.wait(address):
                    return refusal(429, f"too many wrong passwords; try again in {wait} s", {"Retry-After": str(wait)})
                if await to_thread.run_sync(self._users.check, name, password, limiter=self._threads):
                    return None
                self._tries.count(address)
        asks = {"WWW-Authenticate": 'Basic realm="Ask the Articles", charset="UTF-8"'}
        return refusal(401, "sign in with a name and its password", asks)

    def _is_startup(self, scope: Scope) -> bool:
        """Whether it is the call without credentials by which Gradio, on this machine, starts the page; only once."""
        if self._has_started or scope["path"] != "/gradio_api/startup-events" or scope.get("method") != "GET":
            return False
        # A machine that calls itself does so from the address that it calls.
        client, server = ((scope.get(side) or ("",))[0] for side in ("client", "server"))
        proxied = scope.get("state", {}).get("proxied", False)
        self._has_started = not proxied and (client == server or is_loopback(client))
        return self._has_started


class Limits:
    """Limit how often one user, or one address, may have work done, and how large a request may be."""

    def __init__(self, app: ASGIApp, rate: str, *, max_bytes: int, max_files: int) -> None:
        """Wrap `app`; `rate` is as in `60/minute`, several after commas, empty for none; drawing has ten times it.

        `max_bytes` bounds an upload, other requests have 8 MB at most; `max_files` bounds the files of one form.
        """
        self._app = app
        self._rate = _RateLimit(rate)
        self._drawing_rate = _RateLimit(rate, _DRAWING_FACTOR)
        self._max_bytes = max_bytes
        self._max_files = max_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429 or 413 over a limit; GET, HEAD and OPTIONS are not counted, drawing the page is counted apart."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if scope["method"] not in _SAFE_METHODS:
            client = scope.get("state", {}).get("user") or _address(scope)
            is_drawing, receive = await peek(scope, receive, min(self._max_bytes, _MAX_BYTES))
            rate = self._drawing_rate if is_drawing else self._rate
            if wait := rate.wait(client):
                refused = refusal(429, f"too many requests; try again in {wait} s", {"Retry-After": str(wait)})
                return await refused(scope, receive, send)
            rate.count(client)
        is_upload = scope["path"].startswith("/gradio_api/upload")
        max_bytes = self._max_bytes if is_upload else min(self._max_bytes, _MAX_BYTES)
        request = BoundedRequest(
            Headers(scope=scope), max_bytes=max_bytes, max_files=self._max_files, must_hold_files=is_upload
        )
        await request.run(self._app, scope, receive, send)


class Sealed:
    """Keep the page to its own site: security headers on every answer, no writes from other sites (CSRF)."""

    def __init__(self, app: ASGIApp, *, only_local: bool = False) -> None:
        """Wrap `app`; with `only_local`, only requests whose Host is a loopback address or localhost are answered."""
        self._app = app
        self._only_local = only_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 to a malformed address or Host, 403 to another site's page or a Host that is not allowed."""

        async def send_sealed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name in _CORS:
                    del headers[name]
                headers.update(_HEADERS)
                headers.append("Content-Security-Policy", _POLICY)
            await send(message)

        if scope["type"] != "lifespan" and (fault := find_head_fault(scope)):
            return await refusal(400, fault)(scope, receive, send_sealed)
        if scope["type"] != "lifespan" and self._only_local and not is_loopback(host_name(Headers(scope=scope))):
            # A name of another site that was made to mean this machine.
            return await refusal(403, "only http://127.0.0.1 is answered here")(scope, receive, send_sealed)
        if scope["type"] != "lifespan" and _is_cross_site(scope):
            refused = refusal(403, "a page of another site may not ask here; a proxy in between must pass on Host")
            return await refused(scope, receive, send_sealed)
        await self._app(scope, receive, send_sealed)


def build_middleware(
    auth: str, rate: str, *, max_bytes: int, max_files: int, only_local: bool = False, proxies: str = ""
) -> list[Middleware]:
    """Build the layers around the page, outermost first; SettingsError where a setting cannot be used."""
    try:
        parse_many(rate) if rate else []
    except ValueError:
        raise SettingsError(f"RAG_RATE_LIMIT: {rate!r} is no rate; write one such as 60/minute") from None
    guards = [Middleware(AccessGuard, users=parse_users(auth))] if auth else []
    outer = [
        Middleware(Forwarding, trusted_networks(proxies)),
        Middleware(Sealed, only_local=only_local),
        Middleware(Answering),
    ]
    return [*outer, *guards, Middleware(Limits, rate, max_bytes=max_bytes, max_files=max_files), Middleware(JsonOnly)]


def lifespan_with(layers: Sequence[Middleware]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Make a lifespan that puts layers around a whole application before it listens.

    Gradio would put layers given as `middleware` inside its own, one of which answers before AccessGuard.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        assert app.middleware_stack is not None
        for layer in reversed(layers):
            app.middleware_stack = layer.cls(app.middleware_stack, *layer.args, **layer.kwargs)
        yield

    return lifespan


def refuse_exposure(host: str, *, guarded: bool, insecure: bool) -> None:
    """Raise SettingsError where other machines could use the page without signing in, unless `insecure` allows it."""
    if not (guarded or insecure or is_loopback(host)):
        raise SettingsError(
            f"on {host or 'every address'} others can use the page without signing in; set RAG_AUTH, listen on "
            "127.0.0.1, or allow it with RAG_INSECURE=true"
        )


def _address(scope: Scope) -> str:
    """Return the address that a client is counted under; of IPv6 the network, as each client has many addresses."""
    host = client_host(scope)
    address = parse_address(host)
    return str(IPv6Network((int(address), 64), strict=False)) if isinstance(address, IPv6Address) else host


def _credentials(headers: Headers) -> tuple[str, str]:
    """Parse the name and password that a request gives, both empty where it gives none."""
    given = headers.getlist("authorization")
    scheme, _, value = given[0].strip().partition(" ") if len(given) == 1 else ("", "", "")
    raw = value.strip().encode("latin-1") if scheme.lower() in ("basic", "bearer") else b""
    with suppress(ValueError):
        raw = base64.b64decode(raw, validate=True) if scheme.lower() == "basic" else raw
    name, _, password = raw.decode("utf-8", "replace").partition(":")
    return name, password


def _is_cross_site(scope: Scope) -> bool:
    """Whether a page of another site sends a request that may change something.

    It may read, as its browser does not show it what comes back.
    """
    headers = Headers(scope=scope)
    site, origin, host = (headers.get(name, "") for name in ("sec-fetch-site", "origin", "host"))
    foreign = site not in ("same-origin", "none") if site else bool(origin) and origin.partition("://")[2] != host
    return foreign and scope.get("method") not in _SAFE_METHODS
