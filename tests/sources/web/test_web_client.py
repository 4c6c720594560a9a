"""The way onto the web: what may be contacted, what is refused in one line, and how servers are treated."""

import gzip
import json
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
import trustme

from rag.errors import SettingsError, SourceError
from rag.source_state import Visit
from rag.sources.formats.jsonl import JsonLines
from rag.sources.web.blocked_networks import is_allowed_ip
from rag.sources.web.client import Client, Gone
from rag.sources.web.robots import product_name
from rag.sources.web.ssrf_guard import GuardedBackend, RequestDeadline
from rag.sources.web.urls import article_id, article_id_as_written, normalise_url, resolve_redirect
from rag.types import Article
from tests.support.network import Wires
from tests.support.web_server import Page, Request, WebServer, moved, web_server

PUBLIC = "93.184.215.14"
TEXT = "<p>The bridge is open again.</p>"


class Time:
    """Seconds that only pass when someone sleeps, noted between the requests of a server."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@contextmanager
def outside(
    server: WebServer, names: dict[str, list[str]] | None = None, **how: object
) -> Iterator[tuple[Client, Wires]]:
    """A client under the rules for the public, on a network where news.example is a public host."""
    wires = Wires({PUBLIC: server.port})
    known = {"news.example": [PUBLIC], **(names or {})}

    def resolve(host: str, port: int) -> list[str]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return known[host]

    with Client(resolve=resolve, onward=wires, delay=0, seconds=5, **how) as client:  # type: ignore[arg-type]
        yield client, wires


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server({"/": TEXT}) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Client]:
    """One that may read from this machine and never really sleeps."""
    time = Time()
    with Client(private=True, delay=0, seconds=5, limit_mb=0.1, sleep=time.sleep) as opened:
        yield opened


def refused(client: Client, url: str) -> str:
    """Why an address is refused: one line without a name from a library."""
    with pytest.raises(SourceError) as caught:
        client.get(url)
    said = str(caught.value)
    assert said and "\n" not in said
    for name in ("httpx", "httpcore", "h11", "Error", "Exception", "Errno"):
        assert name not in said
    return said


# Addresses


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("HTTP://Www.Example.COM:80", "http://www.example.com/"),
        ("https://example.com:443/a?", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("https://example.com./a/", "https://example.com/a/"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://example.com/a/../b//c", "https://example.com/b//c"),
        ("https://example.com/~a/(b);c=1/@d/e+f%2Fg", "https://example.com/~a/(b);c=1/@d/e+f%2Fg"),
        ("https://example.com/?utm_source=x&utm_medium=y", "https://example.com/"),
        ("https://example.com/?id=7&fbclid=x&cid=9&ref=2", "https://example.com/?id=7&cid=9&ref=2"),
        ("https://example.com/?b=2&a=1&a=0&empty=&flag", "https://example.com/?b=2&a=1&a=0&empty=&flag"),
        ("https://example.com/?a;b&q=x+y%20z", "https://example.com/?a;b&q=x+y%20z"),
        ("https://example.com/?gclid=1&x=2&MC_CID=3", "https://example.com/?x=2"),
        ("https://example.com/?gclids=1&utmost=2", "https://example.com/?gclids=1&utmost=2"),
        ("http://[2606:4700:0:0::1111]:80/", "http://[2606:4700::1111]/"),
    ],
)
def test_an_address_has_one_spelling(written: str, found: str) -> None:
    assert normalise_url(written) == found
    assert normalise_url(found) == found


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", "begin with http"),
        ("file:///etc/passwd", "begin with http"),
        ("javascript:alert(1)", "begin with http"),
        ("gopher://example.com/", "begin with http"),
        ("example.com/a", "begin with http"),
        ("", "begin with http"),
        ("http:example.com", "no host"),
        ("http:///a", "no host"),
        ("https://", "no host"),
        ("http://user:secret@example.com/", "password"),
        ("http://user@example.com/", "password"),
        ("http://good.example\\@evil.example/", "password"),
        ("http://evil.example\\.good.example/", "not a name"),
        ("http://a..b/", "not a name"),
        ("http://%65xample.com/", "not a name"),
        (f"http://{'a' * 64}.com/", "not a name"),
        ("http://example.com/a b", "white space"),
        (" http://example.com/", "white space"),
        ("http://example.com/\r\nHost: x", "white space"),
        ("http://example.com/\x00", "control character"),
        ("http://example.com/\ud800", "control character"),
        ("http://example.com:0/", "no port"),
        ("http://example.com:99999/", "no port"),
        ("http://example.com:80a/", "port"),
        ("http://[::1/", "port"),
        ("http://[zz]/", "ipv6"),
        ("http://example.com/" + "a" * 2000, "2,000 characters"),
        ("http://example.com/" + "ä" * 1000, "2,000 characters"),
    ],
)
def test_what_is_no_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        normalise_url(url)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://www.example.com/a/b/", "http://example.com/a/b#c", "https://example.com", "https://example.com/?p=7"],
)
def test_an_article_has_the_id_that_json_lines_give_it(url: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"url": url, "text": "The bridge is open again."}))
    (article,) = JsonLines().load(str(tmp_path / "a.jsonl"))
    assert isinstance(article, Article) and article.id == article_id(url) == article_id_as_written(url)


def test_copies_of_an_address_are_one_article() -> None:
    spellings = ["http://Example.com:80/a/", "https://www.example.com/a?utm_source=x", "https://example.com/a#b"]
    assert {article_id(url) for url in spellings} == {"example.com/a"}


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://example.com/b"),
        ("?x=1", "https://example.com/a/?x=1"),
        ("c d", "https://example.com/a/c%20d"),
        ("//other.example/b", "https://other.example/b"),
        ("/b?utm_source=x#y", "https://example.com/b?utm_source=x"),
        ("/bücher", "https://example.com/b%C3%BCcher"),
    ],
)
def test_a_redirect_is_followed_as_it_is_meant(location: str, target: str) -> None:
    assert resolve_redirect("https://example.com/a/", location) == target


@pytest.mark.parametrize("location", ["", "  ", "ftp://example.com/", "http://[", "http://u:p@example.com/", "a\x00b"])
def test_a_redirect_to_nothing_is_refused(location: str) -> None:
    with pytest.raises(SourceError):
        resolve_redirect("https://example.com/", location)


# What may be contacted


PRIVATE = [
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "127.1.2.3",
    "127.255.255.255", "0.0.0.0", "0.1.2.3", "100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.169.254",
    "169.254.0.1", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "100::1",
    "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::",
    "2002:a00:1::1", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%1", "feb0::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
DISGUISED = [
    "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1", "127.1", "127.0.1",
    "127.0.0.01", "127.0.0.0x1", "1", "0", "0x", "10.1", "0xa.1", "3232235521", "2852039166", "0xa9fea9fe",
    "169.254.43518", "0251.0376.0251.0376", "0xA9.0xFE.0xA9.0xFE", "127。0。0。1", "１２７.0.0.1", "127.0.0.1.",
    "00000127.0.0.1", "256.0.0.1", "1.2.3.4.5", "127.0.0.1.0x7f", "%31%32%37.0.0.1", "①②⑦.0.0.1", "localhost",
    "LOCALHOST", "localhost.", "api.localhost", "[::1%25lo]", "[fe80::1%eth0]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_an_address_that_is_not_public_is_off_limits(ip: str) -> None:
    wires = Wires()
    host = f"[{ip}]" if ":" in ip else ip
    with Client(delay=0, onward=wires) as client:
        refused(client, f"http://{host}/")
    with Client(delay=0, onward=wires, resolve=lambda host, port: [PUBLIC, ip]) as client:
        assert "not on the public internet" in refused(client, "http://news.example/")
    assert wires.dialled == [] and not is_allowed_ip(ip)


@pytest.mark.parametrize("host", DISGUISED)
def test_a_disguise_does_not_help(host: str) -> None:
    wires = Wires()
    with Client(delay=0, onward=wires) as client:
        said = refused(client, f"http://{host}/")
    assert wires.dialled == []
    signs = ("not on the public", "a number", "not a name", "interface", "not a web address")
    assert any(sign in said for sign in signs)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "::ffff:127.0.0.1", "::1"]
)
def test_the_guard_needs_nobody_to_read_addresses_for_it(host: str) -> None:
    wires = Wires()
    with pytest.raises(SourceError, match="not on the public internet"):
        GuardedBackend(RequestDeadline(), onward=wires).connect_tcp(host, 80)
    assert wires.dialled == []


@pytest.mark.parametrize("ip", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2a00:1450::1"])
def test_public_addresses_may_be_contacted(ip: str) -> None:
    assert is_allowed_ip(ip)


@pytest.mark.parametrize("ip", ["169.254.169.254", "fe80::1", "fe80::1%1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1",
                                "::ffff:169.254.169.254", "100.100.100.200", "no address"])  # fmt: skip
def test_some_addresses_are_never_contacted(ip: str) -> None:
    assert not is_allowed_ip(ip, private=True, loopback=True)


def test_private_ranges_and_loopback_are_let_through_one_by_one() -> None:
    assert is_allowed_ip("10.0.0.1", private=True) and is_allowed_ip("fd00::1", private=True)
    assert not is_allowed_ip("127.0.0.1", private=True)
    assert is_allowed_ip("127.0.0.1", loopback=True) and is_allowed_ip("::1", loopback=True)
    assert not is_allowed_ip("10.0.0.1", loopback=True)


def test_metadata_is_refused_where_private_addresses_are_read() -> None:
    wires = Wires()
    with Client(private=True, delay=0, onward=wires) as client:
        assert "never read from" in refused(client, "http://169.254.169.254/latest/meta-data/")
    assert wires.dialled == []


@pytest.mark.parametrize("port", [22, 25, 6379, 9200, 11211, 7999, 9000])
def test_ports_of_other_services_are_refused(port: int, server: WebServer) -> None:
    with outside(server) as (client, wires):
        assert f"port {port} " in refused(client, f"http://news.example:{port}/")
    assert wires.dialled == []


@pytest.mark.parametrize("place", ["news.example", "news.example:443", "news.example:8000", "news.example:8999"])
def test_ports_of_web_servers_are_read_from(place: str, server: WebServer) -> None:
    with outside(server) as (client, _):
        assert client.get(f"http://{place}/").body == TEXT.encode()


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/",
                                    "http://localhost/", "http://2130706433/", "http://inside.example/",
                                    "//127.0.0.1:8080/", "ftp://news.example/", "file:///etc/passwd"])  # fmt: skip
def test_a_redirect_leads_to_nothing_that_may_not_be_read(target: str, server: WebServer) -> None:
    server.routes["/start"] = moved(target)
    with outside(server, {"inside.example": ["10.1.2.3"]}) as (client, wires):
        refused(client, "http://news.example/start")
    assert set(wires.dialled) == {PUBLIC} and server.paths == ["/start"]


def test_a_robots_txt_does_not_lead_inside(server: WebServer) -> None:
    server.routes["/robots.txt"] = moved("http://10.0.0.1/")
    with outside(server) as (client, wires):
        assert "not on the public internet" in refused(client, "http://news.example/")
    assert wires.dialled == [PUBLIC] and server.paths == []


def test_a_name_that_changes_its_address_is_looked_up_once_a_connection() -> None:
    """The second address is never dialled on the strength of the first, nor the first after the second is there."""
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["169.254.169.254"]])
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with web_server({"/": TEXT}) as server, Client(private=True, delay=0, resolve=resolve) as client:
        assert client.get(server.url(host="shifty.example")).body == TEXT.encode()
        assert asked == ["shifty.example"] * 2  # robots.txt, the page
        assert "never read from" in refused(client, server.url("/again", "shifty.example"))
        assert server.paths == ["/"]
    assert len(asked) == 3


def test_the_next_address_of_a_host_is_tried(server: WebServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = unused.getsockname()[1]
    wires = Wires({"8.8.4.4": closed, PUBLIC: server.port})
    with Client(delay=0, resolve=lambda host, port: ["8.8.4.4", PUBLIC], onward=wires) as client:
        assert client.get("http://news.example/").status == 200
    assert wires.dialled == ["8.8.4.4", PUBLIC] * 2


def test_no_proxy_of_the_environment_is_used(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with outside(server) as (client, _):
        assert client.get("http://news.example/").status == 200


# Redirects


def test_redirects_are_followed(server: WebServer, client: Client) -> None:
    server.routes |= {"/a": moved("/b", 301), "/b": moved("c?utm_source=x", 308), "/c": moved("/", 303)}
    fetched = client.get(server.url("/a"))
    assert fetched.url == server.url() and fetched.body == TEXT.encode()
    assert fetched.moved_permanently == server.url("/c")
    assert server.paths == ["/a", "/b", "/c?utm_source=x", "/"]


@pytest.mark.parametrize(("status", "for_good"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_a_move_for_good_is_told(status: int, for_good: bool, server: WebServer, client: Client) -> None:
    server.routes["/old"] = moved("/", status)
    assert client.get(server.url("/old")).moved_permanently == (server.url() if for_good else "")
    assert client.get(server.url()).moved_permanently == ""
    server.routes["/for-now"] = moved("/old")
    assert client.get(server.url("/for-now")).moved_permanently == ""


def test_a_circle_is_named(server: WebServer, client: Client) -> None:
    server.routes |= {"/a": moved("/b"), "/b": moved("/a")}
    a, b = server.url("/a"), server.url("/b")
    assert refused(client, a) == f"redirects in a circle: {a} → {b} → {a}"
    assert server.paths == ["/a", "/b"]


def test_five_redirects_are_followed_and_no_more(server: WebServer, client: Client) -> None:
    server.routes |= {f"/{number}": moved(f"/{number + 1}") for number in range(9)}
    server.routes["/6"] = TEXT
    assert client.get(server.url("/1")).url == server.url("/6")
    assert refused(client, server.url("/0")) == f"redirects more than 5 times, last to {server.url('/6')}"


@pytest.mark.parametrize("status", [300, 301, 302])
def test_a_redirect_without_an_address(status: int, server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page(status=status)
    assert refused(client, server.url("/a")) in ("redirects to nowhere", "answers without a page (300)")


def test_what_fails_behind_a_redirect_says_where(server: WebServer, client: Client) -> None:
    server.routes["/a"] = moved("/gone")
    with pytest.raises(Gone, match=r"redirects to http://127\.0\.0\.1:\d+/gone: not there any more"):
        client.get(server.url("/a"))


def test_cookies_live_for_one_chain(server: WebServer, client: Client) -> None:
    def wall(request: Request) -> Page:
        if request.headers["Cookie"]:
            return Page(TEXT)
        return moved("/wall", Set_Cookie="seen=yes; Path=/")

    server.routes["/wall"] = wall
    assert client.get(server.url("/wall")).body == TEXT.encode()
    assert client.get(server.url("/wall")).body == TEXT.encode()
    cookies = [request.headers["Cookie"] for request in server.requests if request.path == "/wall"]
    assert cookies == [None, "seen=yes", None, "seen=yes"]


def test_a_wall_that_never_opens_ends(server: WebServer, client: Client) -> None:
    server.routes["/wall"] = lambda request: moved("/wall", Set_Cookie=f"n={len(server.requests)}; Path=/")
    assert "redirects more than 5 times" in refused(client, server.url("/wall"))


def test_nothing_is_told_of_who_asks(server: WebServer, client: Client, tmp_path: Path,
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.routes["/a"] = moved("/")
    client.get(server.url("/a"))
    for request in server.requests:
        assert set(request.headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert request.headers["User-Agent"].startswith("rag-articles/")


@pytest.mark.parametrize("agent", ["a\r\nX: y", "ä", " a", "a" * 201])
def test_an_agent_that_cannot_be_sent_is_refused(agent: str) -> None:
    with pytest.raises(SettingsError, match="RAG_FETCH_USER_AGENT"):
        Client(agent=agent)


# Limits


def test_a_page_that_drips_ends_at_the_deadline(server: WebServer) -> None:
    server.routes["/body"] = lambda request: request.drip(bytes(Page("x" * 400)), 0.02)
    server.routes["/head"] = lambda request: request.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, 0.02)
    server.routes["/early"] = lambda request: request.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200, 0.01)
    server.routes["/silent"] = lambda request: request.drip(b"H", 60)
    with Client(private=True, delay=0, seconds=0.3) as client:
        for path in ("/body", "/head", "/early", "/silent"):
            assert refused(client, server.url(path)) == "took longer than 0.3 s (RAG_FETCH_SECONDS)"


def test_the_deadline_is_for_all_redirects_together(server: WebServer) -> None:
    def slow(request: Request) -> None:
        request.drip(b"H", 0.12)
        request.send(bytes(moved(f"/{int(request.path[1:]) + 1}"))[1:])

    server.routes |= {f"/{number}": slow for number in range(5)}
    with Client(private=True, delay=0, seconds=0.3) as client:
        assert "took longer than 0.3 s" in refused(client, server.url("/0"))
    assert len(server.paths) < 5


def test_a_resolver_that_hangs_ends_at_the_deadline(server: WebServer) -> None:
    def resolve(host: str, port: int) -> list[str]:
        server.stopping.wait(30)
        return []

    with Client(delay=0, seconds=0.1, resolve=resolve) as client:
        assert "took longer than 0.1 s" in refused(client, "http://news.example/")
    server.stopping.set()


def test_a_page_over_the_limit_is_refused(server: WebServer, client: Client) -> None:
    sent = []

    def endless(request: Request) -> None:
        request.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stopping.is_set():
            request.send(b"x" * 10_000)
            sent.append(10_000)

    server.routes |= {"/told": Page("x" * 100_001), "/endless": endless, "/most": Page("x" * 100_000)}
    server.routes["/huge"] = Page(headers={"Content-Length": "9" * 19})
    for path in ("/told", "/endless", "/huge"):
        assert refused(client, server.url(path)) == "over the limit of 0.1 MB for one page (RAG_MAX_ARTICLE_MB)"
    assert sum(sent) < 50_000_000
    assert len(client.get(server.url("/most")).body) == 100_000


def zeros(megabytes: int, wbits: int = 31) -> bytes:
    """So many megabytes of zeros packed into a thousandth of that, but for the end, which nobody should reach."""
    machine = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = machine.compress(b"\0" * 1_000_000) + machine.flush(zlib.Z_FULL_FLUSH)
    return first + (machine.compress(b"\0" * 1_000_000) + machine.flush(zlib.Z_FULL_FLUSH)) * (megabytes - 1)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", zeros(80)),
        ("deflate", zeros(80, 15)),
        ("x-gzip", zeros(1)),
        ("gzip", gzip.compress(b"", mtime=0) * 6000),
        ("gzip", gzip.compress(b"x" * 60_000, mtime=0) * 2),
    ],
    ids=["gzip", "zlib", "x-gzip", "empty members", "many members"],
)
def test_a_bomb_does_not_go_off(encoding: str, body: bytes, server: WebServer, client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding.encode() + b"\r\n\r\n"
    server.routes["/bomb"] = lambda request: request.send(head + body)
    assert "over the limit of 0.1 MB" in refused(client, server.url("/bomb"))


def test_a_gigabyte_in_a_megabyte_takes_no_memory(server: WebServer) -> None:
    bomb = zeros(1000)
    assert len(bomb) < 1_100_000
    server.routes["/bomb"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    with Client(private=True, delay=0, limit_mb=2) as client:
        tracemalloc.start()
        try:
            assert "over the limit of 2 MB" in refused(client, server.url("/bomb"))
            assert tracemalloc.get_traced_memory()[1] < 15_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate"])
@pytest.mark.parametrize("size", [0, 1, 257, 90_000])
def test_a_compressed_page_is_unpacked(encoding: str, size: int, server: WebServer, client: Client) -> None:
    text = bytes(number * 7919 % 251 for number in range(size))
    packed = gzip.compress(text) if encoding.lower() == "gzip" else zlib.compress(text)
    server.routes["/packed"] = Page(packed, headers={"Content-Encoding": encoding})
    server.routes["/padded"] = Page(packed + b"\0" * 9, headers={"Content-Encoding": encoding})
    assert client.get(server.url("/packed")).body == client.get(server.url("/padded")).body == text


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("gzip", gzip.compress(b"x" * 999, mtime=0)[:-9], "breaks off"),
        ("gzip", b"not compressed at all", "damaged"),
        ("gzip", gzip.compress(b"x" * 999, mtime=0)[:-8] + b"12345678", "damaged"),
        ("br", b"x", "not asked for"),
        ("zstd", b"x", "not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "not asked for"),
    ],
)
def test_a_damaged_page_is_refused(encoding: str, body: bytes, why: str, server: WebServer, client: Client) -> None:
    server.routes["/bad"] = Page(body, headers={"Content-Encoding": encoding})
    assert why in refused(client, server.url("/bad"))


# Servers that are bad at HTTP


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "hung up without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "hung up without an answer"),
        (OK + b"Content-Length: 99\r\n\r\nshort", "broke off before the end"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "broke off before the end"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", "not HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello, world\r\n0\r\n\r\n", "not HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"5;" + b"x" * 300_000, "too long"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "not HTTP"),
        (OK + b"Content-Length: -5\r\n\r\nhello", "not HTTP"),
        (OK + b"Content-Length: five\r\n\r\nhello", "not HTTP"),
        (OK + b"X: y\r\n" * 100_000, "too long"),
        (OK + b"X: " + b"y" * 300_000, "too long"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "hung up without an answer"),
        (b"220 mail.example ESMTP\r\n\r\n", "not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "not HTTP"),
        (b"HTTP/1.1 99999 OK\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "not HTTP"),
    ],
)
def test_bad_http_is_told_in_plain_words(raw: bytes, why: str, server: WebServer, client: Client) -> None:
    server.routes["/bad"] = lambda request: request.send(raw)
    assert why in refused(client, server.url("/bad"))
    assert client.get(server.url()).body == TEXT.encode()


def test_what_is_sent_beyond_the_end_is_not_the_next_answer(server: WebServer, client: Client) -> None:
    smuggled = OK + b"Content-Length: 5\r\n\r\nhello" + OK + b"Content-Length: 4\r\n\r\nevil"
    server.routes["/a"] = lambda request: request.send(smuggled)
    assert client.get(server.url("/a")).body == b"hello"
    assert client.get(server.url()).body == TEXT.encode()


def test_a_page_without_a_length_ends_with_the_connection(server: WebServer, client: Client) -> None:
    server.routes["/old"] = lambda request: request.send(b"HTTP/1.0 200 OK\r\n\r\nhello")
    fetched = client.get(server.url("/old"))
    assert (fetched.body, fetched.kind, fetched.charset) == (b"hello", "", "")


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        ("Text/HTML; Charset=ISO-8859-1", "text/html", "iso-8859-1"),
        ('text/html;charset="utf-8"', "text/html", "utf-8"),
        ("text/html, text/html", "text/html", ""),
        ("image/png", "image/png", ""),
        ("application/rss+xml;", "application/rss+xml", ""),
        ("nonsense", "", ""),
        ("", "", ""),
    ],
)
def test_the_kind_is_as_the_server_says(
    header: str, kind: str, charset: str, server: WebServer, client: Client
) -> None:
    server.routes["/a"] = Page(b"x", kind=header)
    fetched = client.get(server.url("/a"))
    assert (fetched.kind, fetched.charset, fetched.status) == (kind, charset, 200)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (400, "answers without a page (400)"),
        (401, "asks for a login (401)"),
        (402, "asks to be paid (402)"),
        (403, "the server refuses to give it (403)"),
        (418, "answers without a page (418)"),
        (451, "withheld for legal reasons (451)"),
        (500, "the server failed (500)"),
        (599, "the server failed (599)"),
        (204, "answers without a page (204)"),
        (206, "answers without a page (206)"),
        (304, "answers without a page (304)"),
        (799, "answers without a page (799)"),
    ],
)
def test_a_status_has_a_reason(status: int, why: str, server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page(status=status)
    assert refused(client, server.url("/a")) == why
    assert server.paths == ["/a"]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_told_apart(status: int, server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page("<p>Sorry</p>", status)
    with pytest.raises(Gone, match=rf"not there any more \({status}\)"):
        client.get(server.url("/a"))


# Names, connections, certificates


def test_a_host_that_does_not_exist(server: WebServer) -> None:
    with outside(server) as (client, _):
        assert "there is no host by the name of nowhere.example" in refused(client, "http://nowhere.example/")


def test_a_resolver_that_fails_is_asked_again() -> None:
    asked, time = [], Time()

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with Client(delay=0, resolve=resolve, sleep=time.sleep) as client:
        assert "is this machine online?" in refused(client, "http://news.example/")
    assert len(asked) == 3 and len(time.slept) == 2


def test_a_closed_port(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert f"127.0.0.1 takes no connections at port {port}" in refused(client, f"http://127.0.0.1:{port}/")


def test_a_host_that_answers_no_call() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        place = deaf.getsockname()
        callers = [socket.socket() for _ in range(8)]
        try:
            for caller in callers:  # they fill the queue, and nobody is let in
                caller.setblocking(False)
                caller.connect_ex(place)
            with Client(private=True, delay=0, seconds=0.2) as client:
                assert "127.0.0.1 does not answer" in refused(client, f"http://127.0.0.1:{place[1]}/")
        finally:
            for caller in callers:
                caller.close()


def _secured(name: str, believed: bool = True) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(served)
    trust = ssl.create_default_context()
    (authority if believed else trustme.CA()).configure_trust(trust)
    return served, trust


def test_a_certificate_is_checked_for_the_name_that_was_asked() -> None:
    served, trust = _secured("news.example")
    names = {"other.example": [PUBLIC]}
    with web_server({"/": TEXT}, tls=served) as server, outside(server, names, trust=trust) as (client, wires):
        assert client.get("https://news.example/").body == TEXT.encode()
        assert "the certificate of other.example cannot be trusted: hostname mismatch" in refused(
            client, "https://other.example/"
        )
        assert set(wires.dialled) == {PUBLIC}


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    served, trust = _secured("news.example", believed=False)
    with web_server({"/": TEXT}, tls=served) as server:
        for how in ({"trust": trust}, {}):
            with outside(server, **how) as (client, _):
                assert "the certificate of news.example cannot be trusted" in refused(client, "https://news.example/")
        assert server.requests == []


def test_a_server_that_speaks_no_tls(server: WebServer) -> None:
    with outside(server) as (client, _):
        assert "no secure connection to news.example; is it an http address?" in refused(
            client, "https://news.example/"
        )


def test_a_secure_page_does_not_lead_to_an_insecure_one() -> None:
    served, trust = _secured("news.example")
    with web_server(tls=served) as server, outside(server, trust=trust) as (client, _):
        server.routes["/a"] = moved("http://news.example/")
        assert "redirects from https to http" in refused(client, "https://news.example/a")
        assert server.paths == ["/a"]


# Asking again


def test_a_page_is_asked_only_for_what_has_changed(server: WebServer, client: Client) -> None:
    stamp = "Wed, 21 Oct 2015 07:28:00 GMT"

    def page(request: Request) -> Page:
        same = request.headers["If-None-Match"] == '"v1"' and request.headers["If-Modified-Since"] == stamp
        return Page(b"" if same else TEXT, 304 if same else 200, {"ETag": '"v1"', "Last-Modified": stamp})

    server.routes["/a"] = page
    first = client.get(server.url("/a"))
    assert first.visit == Visit('"v1"', stamp) and not first.unchanged
    again = client.get(server.url("/a"), Visit(first.visit.etag, first.visit.modified, "digest"))
    assert again.unchanged and again.status == 304 and again.body == b""
    assert again.visit == Visit('"v1"', stamp, "digest")
    changed = client.get(server.url("/a"), Visit('"v0"', stamp, "digest"))
    assert not changed.unchanged and changed.body == TEXT.encode()


def test_what_a_304_leaves_out_is_kept(server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page(status=304, headers={"ETag": 'W/"v2"'})
    assert client.get(server.url("/a"), Visit('"v1"', "then", "d")).visit == Visit('W/"v2"', "then", "d")


@pytest.mark.parametrize("etag", ["v1", '"' + "x" * 501 + '"', '"ä"', '"a"b"', "*"])
def test_a_mark_that_cannot_be_sent_back_is_forgotten(etag: str, server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page(TEXT, headers={"ETag": etag})
    assert client.get(server.url("/a")).visit == Visit()
    client.get(server.url("/a"), Visit(etag, "a\r\nX: y"))
    assert server.requests[-1].headers["If-None-Match"] is None
    assert server.requests[-1].headers["If-Modified-Since"] is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int, server: WebServer) -> None:
    time, answers = Time(), iter([Page(status=status), Page(status=status, headers={"Retry-After": "7"}), Page(TEXT)])
    server.routes["/a"] = lambda request: next(answers)
    with Client(private=True, delay=0, seconds=5, sleep=time.sleep, clock=time) as client:
        assert client.get(server.url("/a")).body == TEXT.encode()
    assert len(time.slept) == 2 and 1 <= time.slept[0] < 4 and time.slept[1] == 7


def test_a_server_that_stays_busy_is_left_after_three_times(server: WebServer, client: Client) -> None:
    server.routes["/a"] = Page(status=503)
    assert refused(client, server.url("/a")) == "the server is not available at the moment (503)"
    assert server.paths == ["/a"] * 3


def test_a_server_that_asks_for_a_long_wait_is_left_at_once(server: WebServer, client: Client) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    server.routes |= {"/a": Page(status=429, headers={"Retry-After": "3600"})}
    server.routes |= {"/b": Page(status=503, headers={"Retry-After": later})}
    assert refused(client, server.url("/a")) == "the server asks to be left alone for 3,600 s (429)"
    assert "left alone for 7," in refused(client, server.url("/b"))
    assert server.paths == ["/a", "/b"]


@pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "nan", "Wed, 21 Oct 2015 07:28:00 GMT", "", "²"])
def test_a_wait_that_makes_no_sense_is_a_short_one(asked: str, server: WebServer) -> None:
    time, answers = Time(), iter([Page(status=429, headers={"Retry-After": asked}), Page(TEXT)])
    server.routes["/a"] = lambda request: next(answers)
    with Client(private=True, delay=0, seconds=5, sleep=time.sleep, clock=time) as client:
        assert client.get(server.url("/a")).status == 200
    assert len(time.slept) == 1 and time.slept[0] < 5


# Manners


def robots(server: WebServer, text: str | Page) -> None:
    server.routes["/robots.txt"] = Page(text, kind="text/plain") if isinstance(text, str) else text


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /private", "/a", True),
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*?p=", "/a?p=1", False),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: rag-articles\nDisallow: /a\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-Agent : RAG-Articles/2.0 # us\nAllow: /\n\nuser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: rag-articles\nDisallow: /a", "/a", False),
        ("User-agent: other\nAllow: /\nUser-agent: *\nDisallow: /", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("<html>not found</html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_robots_txt_is_obeyed(rules: str, path: str, allowed: bool, server: WebServer, client: Client) -> None:
    robots(server, rules)
    server.routes |= {path: TEXT}
    if allowed:
        assert client.get(server.url(path)).body == TEXT.encode()
    else:
        assert refused(client, server.url(path)) == "robots.txt of 127.0.0.1 does not allow it"
        assert server.paths == []


def test_robots_txt_is_asked_once(server: WebServer, client: Client) -> None:
    client.get(server.url())
    client.get(server.url())
    assert [request.path for request in server.requests] == ["/robots.txt", "/", "/"]


def test_robots_txt_is_obeyed_behind_a_redirect(server: WebServer, client: Client) -> None:
    robots(server, "User-agent: *\nDisallow: /b")
    server.routes["/a"] = moved("/b")
    assert "robots.txt of 127.0.0.1 does not allow it" in refused(client, server.url("/a"))
    assert server.paths == ["/a"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_without_robots_txt_all_is_allowed(status: int, server: WebServer, client: Client) -> None:
    robots(server, Page("User-agent: *\nDisallow: /", status))
    assert client.get(server.url()).status == 200


def test_a_robots_txt_that_drips_does_not_take_all_the_time(server: WebServer) -> None:
    time = Time()

    def drip(request: Request) -> None:
        for _ in range(60):
            time.now += 1
            request.drip(b"x", 0.001)

    server.routes["/robots.txt"] = drip
    with Client(private=True, delay=0, seconds=300, clock=time, sleep=time.sleep) as client:
        assert "took longer than 10 s" in refused(client, server.url())


@pytest.mark.parametrize("status", [500, 503, 302])
def test_a_robots_txt_that_cannot_be_read_allows_nothing(status: int, server: WebServer, client: Client) -> None:
    robots(server, Page(status=status))
    assert "because robots.txt of 127.0.0.1 cannot be read: " in refused(client, server.url())
    asked = len(server.requests)
    refused(client, server.url("/b"))
    assert len(server.requests) == asked and server.paths == []


def test_robots_txt_may_be_elsewhere(server: WebServer, client: Client) -> None:
    robots(server, moved("/rules", 301))
    server.routes["/rules"] = Page("User-agent: *\nDisallow: /", kind="text/plain")
    assert "does not allow it" in refused(client, server.url())


def test_a_long_robots_txt_is_read_as_far_as_it_must(server: WebServer) -> None:
    rules = "User-agent: *\nDisallow: /a\n"
    robots(server, rules + "# \n" * 300_000 + "Disallow: /b\n")
    server.routes["/b"] = TEXT
    with Client(private=True, delay=0, limit_mb=0.01) as client:
        assert client.get(server.url("/b")).status == 200
        assert "does not allow it" in refused(client, server.url("/a"))


def test_a_robots_txt_with_thousands_of_names_fills_no_memory(server: WebServer, client: Client) -> None:
    names = "".join(f"user-agent:r{number}\n" for number in range(15_000))
    robots(server, names + "allow:/x\n" * 25_000 + "user-agent: *\ndisallow: /a")
    tracemalloc.start()
    try:
        assert "does not allow it" in refused(client, server.url("/a"))
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("rag-articles/0.1 (+https://example.com)", "rag-articles"),
        ("Mozilla/5.0 (compatible; Newsreader/1.0; +https://example.com)", "newsreader"),
        ("Reader", "reader"),
        ("7", "*"),
    ],
)
def test_robots_txt_knows_an_agent_by_its_product(agent: str, name: str) -> None:
    assert product_name(agent) == name


def test_a_host_is_given_time_between_requests(server: WebServer) -> None:
    time = Time()
    server.routes |= {"/a": moved("/b"), "/b": TEXT}
    with Client(private=True, delay=2, seconds=3, sleep=time.sleep, clock=time) as client:
        client.get(server.url("/a"))
        assert time.slept == [2]
        client.get(server.url("/"))
        assert time.slept == [2, 2]
        time.now += 1.5
        client.get(server.url("/"))
        assert time.slept == [2, 2, 0.5]
        client.get(server.url("/", "localhost"))
        assert time.slept == [2, 2, 0.5]
    assert server.paths == ["/a", "/b", "/", "/", "/"]


@pytest.mark.parametrize(("asked", "waited"), [("5", 5), ("0.1", 1), ("9999", 30), ("nan", 1), ("-3", 1), ("x", 1)])
def test_a_delay_that_robots_txt_asks_for_is_kept(asked: str, waited: float, server: WebServer) -> None:
    time = Time()
    robots(server, f"User-agent: *\nCrawl-delay: {asked}")
    with Client(private=True, delay=1, sleep=time.sleep, clock=time) as client:
        client.get(server.url())
        client.get(server.url())
    assert time.slept == [waited]


def test_the_transport_serves_httpx_too(server: WebServer) -> None:
    from rag.sources.web.ssrf_guard import GuardedTransport

    deadline = RequestDeadline()
    transport = GuardedTransport(GuardedBackend(deadline, private=True), deadline, httpx.create_ssl_context())
    with httpx.Client(transport=transport) as client:
        assert client.get(server.url()).text == TEXT
