"""The same for what comes from the web: addresses, connections, lists and pages."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from rag.errors import SourceError
from rag.sources.web.blocked_networks import is_allowed_ip
from rag.sources.web.feeds import Entry, parse_feed_entries
from rag.sources.web.pages import find_feeds, parse_article
from rag.sources.web.sitemaps import parse_address_list, parse_opml, parse_sitemap
from rag.sources.web.ssrf_guard import GuardedBackend, RequestDeadline
from rag.sources.web.urls import article_id, canonicalise_url, normalise_url, resolve_redirect
from tests.fuzz import samples
from tests.support.network import Wires

HOME = "https://news.example.com/town/locks"


def addresses(data: bytes) -> None:
    """An address has one spelling, hides no number in a name, and leads to nothing private, nor does a redirect."""
    first, _, second = data.decode("utf-8", "replace").partition("\n")
    for read in (lambda: normalise_url(first), lambda: resolve_redirect(HOME, second)):
        try:
            found = read()
        except SourceError as error:
            _one_line(error)
            continue
        parts = urlsplit(found)
        assert found == canonicalise_url(found)
        assert normalise_url(found) == normalise_url(normalise_url(found))
        assert found.isascii() and found.isprintable() and " " not in found
        assert parts.scheme in ("http", "https") and parts.hostname and parts.username is None is parts.password
        assert article_id(found)
        _goes_outside(parts.hostname, parts.port or 80)


def _goes_outside(host: str, port: int) -> None:
    """A guard lets nothing through to a host that a resolver could take for an inner address."""
    wires = Wires()
    try:
        GuardedBackend(RequestDeadline(), resolve=_numbers, onward=wires).connect_tcp(host, port)
    except SourceError as error:
        _one_line(error)
    assert all(map(_is_public, wires.dialled)), (host, wires.dialled)


def _numbers(host: str, port: int) -> list[str]:
    """What the system's resolver makes of a number, however it is spelt; nothing for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(place[0]) for *_, place in found]


def machines(data: bytes) -> None:
    """A host with an inner address among its addresses is not reached at all."""
    size = 4 if data[:1] < b"\x80" else 16
    pieces = [data[place : place + size] for place in range(1, min(len(data), 64), size)]
    hosts = [str(ip_address(piece)) for piece in pieces if len(piece) == size]
    wires = Wires()
    try:
        backend = GuardedBackend(RequestDeadline(), resolve=lambda host, port: hosts, onward=wires)
        backend.connect_tcp("host.example", 443)
    except SourceError as error:
        _one_line(error)
    assert all(map(_is_public, wires.dialled)), wires.dialled
    assert not wires.dialled or all(map(_is_public, hosts)), hosts
    assert [host for host in hosts if is_allowed_ip(host, private=True, loopback=True) and _is_metadata(host)] == []


def _is_public(host: str) -> bool:
    """Whether an address is public, decided without the code that is tried."""
    address = ip_address(host)
    inner: list[IPv4Address | IPv6Address | None] = [address]
    if isinstance(address, IPv6Address):
        wrapped = (
            IPv4Address(address.packed[-4:]) if address.packed[:12] == bytes.fromhex("0064ff9b") + bytes(8) else None
        )
        inner = [wrapped] if wrapped else [address, address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    return all(one.is_global and not one.is_multicast for one in inner if one is not None)


def _is_metadata(host: str) -> bool:
    return host in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")


def feeds(data: bytes) -> None:
    """Entries with addresses that can be fetched, or one line."""
    for kind in ("", "application/json", "application/rss+xml"):
        try:
            for entry in parse_feed_entries(data, kind, HOME) or ():
                _entry(entry)
        except SourceError as error:
            _one_line(error)


def lists(data: bytes) -> None:
    """The same for sitemaps, outlines and lists of addresses."""
    try:
        found, others = parse_sitemap(data, HOME) or ([], [])
        for entry in found:
            _entry(entry)
        for address in [
            *others,
            *(parse_opml(data) or ()),
            *(parse_address_list(data.decode("utf-8", "replace")) or ()),
        ]:
            _can_be_asked(address)
    except SourceError as error:
        _one_line(error)


def pages(data: bytes) -> None:
    """An article of this site that can be stored, or one line."""
    charset, body = ("", "utf-8", "latin1", "utf-16")[(data[:1] or b"\0")[0] % 4], data[1:]
    assert all(urlsplit(feed).scheme in ("http", "https") for feed in find_feeds(body, HOME))
    try:
        found = parse_article(body, charset, HOME)
    except SourceError as error:
        _one_line(error)
        return
    assert urlsplit(found.url).hostname in (None, "") or str(urlsplit(found.url).hostname).endswith("example.com")
    assert found.text.strip() and found.title
    assert "".join((found.id, found.title, found.text, found.author, found.source)).encode("utf-8")


def _entry(entry: Entry) -> None:
    _can_be_asked(entry.url)
    assert all("\n" not in line for line in (entry.title, entry.date, entry.author, entry.source))
    assert "".join((entry.url, entry.title, entry.author, entry.source, entry.text)).encode("utf-8")


def _can_be_asked(address: str) -> None:
    """On the web, and read as an address or refused in one line."""
    assert address.lower().startswith(("http://", "https://"))
    try:
        normalise_url(address)
    except SourceError as error:
        _one_line(error)


def _one_line(error: SourceError) -> None:
    assert str(error) and "\n" not in str(error) and len(str(error)) < 3_000


ONLINE: Sequence[tuple[str, Callable[[bytes], None], Sequence[bytes]]] = (
    ("addresses", addresses, samples.ADDRESSES),
    ("machines", machines, samples.MACHINES),
    ("feeds", feeds, samples.FEEDS),
    ("lists", lists, samples.LISTS),
    ("pages", pages, [b"\0" + one for one in samples.PAGES]),
)
