"""Web servers that mean harm, on loopback; `told` has an index read them all and counts what comes of it."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypedDict
from unittest import mock

import trustme

from rag.index import Index
from rag.settings import Settings
from rag.source_state import SourceStatus
from rag.testing import WordEmbedder
from tests.support import documents
from tests.support.web_server import Page, Request, Route, WebServer, moved, web_server

SECONDS = 0.7
"""That one address may take."""
INSIDE = "http://169.254.169.254/latest/meta-data/"
"""What no setting lets be read."""
GOOD = documents.page()
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
_RAW = {
    "no-answer": b"",
    "half-head": OK + b"Content-Le",
    "short-body": OK + b"Content-Length: 99\r\n\r\nshort",
    "no-last-chunk": CHUNKED + b"5\r\nhello\r\n",
    "bad-chunk": CHUNKED + b"zz\r\nhello\r\n",
    "long-chunk": CHUNKED + b"5\r\nhello, world\r\n0\r\n\r\n",
    "long-chunk-head": CHUNKED + b"5;" + b"x" * 300_000,
    "two-lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length-below-nothing": OK + b"Content-Length: -5\r\n\r\nhello",
    "many-headers": OK + b"X: y\r\n" * 100_000,
    "long-header": OK + b"X: " + b"y" * 300_000,
    "another-protocol": b"220 mail.example ESMTP\r\n\r\n",
    "odd-status": b"HTTP/1.1 99999 OK\r\n\r\n",
    "upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "second-answer": bytes(Page(GOOD)) + bytes(Page("<p>smuggled</p>")),
}
"""Answers that are bad HTTP, byte by byte."""
_STATUSES = {"login": 401, "paid": 402, "gone": 410, "failed": 500, "part": 206, "nothing": 204, "unasked-304": 304,
             "busy": 503}  # fmt: skip
_LEADING = {
    "to-inside": INSIDE,
    "to-inside-disguised": "http://2852039166/",
    "to-a-file": "file:///etc/passwd",
    "to-a-password": "http://user:secret@127.0.0.1/",
    "to-nowhere": "",
    "to-itself": "to-itself",
    "to-one-who-drips": "drips-body",
}


def _entity_feed() -> str:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE rss [<!ENTITY e0 "lock">{levels}]><rss><channel><title>&e8;</title></channel></rss>'


def _feed(*links: str) -> Page:
    items = "".join(f"<item><title>Lock</title><link>{link}</link></item>" for link in links)
    return Page(f"<rss version='2.0'><channel><title>Canal</title>{items}</channel></rss>", kind="text/xml")


def _zeros(megabytes: int, wbits: int) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return machine.compress(bytes(megabytes * 1_000_000)) + machine.flush()


def _lying() -> dict[str, Route]:
    """Pages that are not what they are said to be."""
    packed = gzip.compress(GOOD.encode())
    return {
        "bomb": Page(_zeros(80, 31), headers={"Content-Encoding": "gzip"}),
        "flat-bomb": Page(_zeros(80, 15), headers={"Content-Encoding": "deflate"}),
        "cut-pack": Page(packed[:-9], headers={"Content-Encoding": "gzip"}),
        "not-packed": Page(GOOD, headers={"Content-Encoding": "gzip"}),
        "twice-packed": Page(gzip.compress(packed), headers={"Content-Encoding": "gzip, gzip"}),
        "unasked-packing": Page(GOOD, headers={"Content-Encoding": "br"}),
        "huge-by-its-word": Page(headers={"Content-Length": "9" * 19}),
        "picture-as-page": Page(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
        "page-as-picture": Page(GOOD, kind="image/png"),
        "page-as-document": Page(GOOD, kind="application/pdf"),
        "broken-document": Page(documents.WHOLE["pdf"][:900], kind="application/pdf"),
        "bomb-archive": Page(documents.zipped({"a.txt": bytes(5_000_000)}), kind="application/zip"),
        "wrong-charset": Page(GOOD, kind="text/html; charset=utf-16"),
        "unknown-charset": Page(GOOD, kind="text/html; charset=klingon"),
        "deep-page": Page("<div>" * 20_000 + documents.FIRST),
        "empty-page": Page(""),
        "wait-for-ever": Page(status=429, headers={"Retry-After": "86400"}),
        "other-address": Page(GOOD.replace("<head>", f"<head><link rel=canonical href='{INSIDE}'>")),
    }


def _lists() -> dict[str, Route]:
    """Feeds and sitemaps that lead astray, or nowhere."""
    sitemaps = "<sitemapindex><sitemap><loc>/{}</loc></sitemap></sitemapindex>"
    deep = '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 100_000
    return {
        "entity-feed": Page(_entity_feed(), kind="application/rss+xml"),
        "feed-to-inside": _feed(INSIDE, "http://[::ffff:169.254.169.254]/", "file:///etc/passwd"),
        "feed-of-files": _feed("file:///etc/passwd", "javascript:alert(1)"),
        "feed-of-itself": _feed("feed-of-itself"),
        "feed-of-the-dead": _feed(*(f"none-{place}" for place in range(1_000))),
        "empty-feed": _feed(),
        "deep-feed": Page(deep, kind="application/feed+json"),
        "sitemap-circle": Page(sitemaps.format("sitemap-back"), kind="text/xml"),
        "sitemap-back": Page(sitemaps.format("sitemap-circle"), kind="text/xml"),
        "sitemap-bomb.xml.gz": Page(_zeros(80, 31), kind="application/gzip"),
    }


def _slow() -> dict[str, Route]:
    """Servers that never come to an end."""

    def endless(request: Request) -> None:
        request.send(OK + b"\r\n")
        while True:
            request.send(b"lock " * 2_000)

    def on_and_on(request: Request) -> Page:
        return moved(f"/goes-on?{int(request.path.partition('?')[2] or 0) + 1}")

    def wall(request: Request) -> Page:
        return moved("/wall", Set_Cookie=f"n={time.monotonic()}; Path=/")

    return {
        "says-nothing": lambda request: request.drip(b"H", 60),
        "drips-head": lambda request: request.drip(OK + b"X: y\r\n" * 2_000, 0.02),
        "drips-body": lambda request: request.drip(bytes(Page("x" * 4_000)), 0.02),
        "early-hints": lambda request: request.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200, 0.01),
        "endless": endless,
        "goes-on": on_and_on,
        "wall": wall,
    }


_ROBOTS: Mapping[str, Route] = {
    "robots-forbid": Page("User-agent: *\nDisallow: /", kind="text/plain"),
    "robots-fail": Page(status=500),
    "robots-lead-inside": moved(INSIDE),
    "robots-drip": lambda request: request.drip(bytes(Page("x" * 4_000)), 0.02),
    "robots-bomb": Page(_zeros(20, 31), kind="text/plain", headers={"Content-Encoding": "gzip"}),
}
"""What servers give as their robots.txt."""


def _sent(data: bytes) -> Callable[[Request], None]:
    return lambda request: request.send(data)


def routes() -> dict[str, Route]:
    """What one server does, each under a path of its own."""
    found: dict[str, Route] = {name: _sent(data) for name, data in _RAW.items()}
    found |= {name: Page(GOOD, status) for name, status in _STATUSES.items()}
    found |= {name: moved(place) for name, place in _LEADING.items()}
    return found | _lying() | _lists() | _slow()


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """All of them, each by its name with the address that it can be read at; none reaches beyond this machine."""
    with ExitStack() as stack:
        main = stack.enter_context(web_server({f"/{name}": route for name, route in routes().items()}))
        places = {name: main.url(f"/{name}") for name in routes()}
        for name, route in _ROBOTS.items():
            places[name] = stack.enter_context(web_server({"/robots.txt": route, "/": GOOD})).url()
        unknown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(unknown)
        places["unknown-authority"] = stack.enter_context(web_server({"/": GOOD}, tls=unknown)).url()
        places["no-tls"] = main.url().replace("http:", "https:")
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        places["no-handshake"] = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        with socket.create_server(("127.0.0.1", 0)) as closed:
            places["closed"] = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        stack.enter_context(_names(main))
        places |= {name: main.url("/", f"{name}.example") for name in ("switching", "half-inside", "unknown-name")}
        places["slow-name"] = main.url("/", "slow-name.example")
        yield places


@contextmanager
def _names(server: WebServer) -> Iterator[None]:
    """Has this machine's resolver know names that change their address, lead inside as well, or are never found."""
    real, asked, ended = socket.getaddrinfo, [0], threading.Event()

    def look_up(host: str, port: int, *more: int, **how: int) -> object:
        if host == "switching.example":
            asked[0] += 1
            return real("127.0.0.1" if asked[0] == 1 else "169.254.169.254", port, *more, **how)
        if host == "half-inside.example":
            return real("127.0.0.1", port, *more, **how) + real("169.254.169.254", port, *more, **how)
        if host == "slow-name.example":
            ended.wait(60)
        if host.endswith(".example"):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return real(host, port, *more, **how)

    server.routes["/"] = GOOD
    with mock.patch("socket.getaddrinfo", look_up):
        try:
            yield
        finally:
            ended.set()


class Told(TypedDict):
    """What came of them."""

    servers: int
    articles: int
    failures: int
    silent: list[str]
    """Those that gave neither."""
    read: list[str]
    """Those that gave an article."""
    reasons: dict[str, str]
    """The first failure of each that gave one."""
    addresses: list[str]
    """What the articles say of where they are."""
    good: int
    """How many articles the good one gave."""
    seconds: float


def told(folder: Path) -> Told:
    """What comes of a sync of all of them with a good one at the end, in an index made in a folder."""
    settings = Settings(
        _env_file=None, fetch_private=True, fetch_delay=0, fetch_seconds=SECONDS, fetch_pages=5, max_article_mb=1
    )
    index = Index.open(folder, settings, WordEmbedder())
    # A busy server is asked again as often as ever, but sooner.
    sooner = mock.patch("rag.sources.web.responses.BACKOFF", return_value=0.05)
    with closing(index), running() as places, web_server({"/": GOOD}) as good, sooner:
        started = time.monotonic()
        changes = index.sync([*places.values(), good.url()])
        seconds = time.monotonic() - started
        outcomes = {source.name: outcome for source, _, outcome in index.sources()}
        addresses = sorted({place for article in index.articles() for place in (article.url, article.origin)})
    results = {name: outcomes.get(place, SourceStatus()) for name, place in places.items()}
    return {
        "servers": len(places),
        "articles": sum(one.read for one in results.values()),
        "failures": len(changes.failed),
        "silent": [name for name, one in results.items() if not one.read + one.failed],
        "read": [name for name, one in results.items() if one.read],
        "reasons": {name: one.reason for name, one in results.items() if one.reason},
        "addresses": addresses,
        "good": outcomes[good.url()].read,
        "seconds": round(seconds, 1),
    }
