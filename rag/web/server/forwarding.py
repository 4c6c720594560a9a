"""Resolve the client behind trusted proxies, and decide who may name a path."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import urlsplit

import gradio as gr
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import SettingsError
from rag.settings import Settings
from rag.text.hosts import Address, is_loopback, parse_address

PATHS_REFUSED = (
    "files and folders of the server can be named only on a page that nobody signs in to, asked by this machine "
    "itself and through no proxy; upload them instead"
)
_PROXY_PREFIXES = ("x-forwarded-", "x-original-")
_PROXY_HEADERS = {
    "forwarded",
    "forwarded-for",
    "via",
    "x-real-ip",
    "x-client-ip",
    "client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-proxyuser-ip",
    "x-gradio-server",
}
"""Headers by which proxies tell whom they ask for; the last is Gradio's own."""
_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9._-]*)(?::(?P<port>[0-9]{0,5}))?")

Network = IPv4Network | IPv6Network


class Forwarding:
    """Resolves the client of each request, and removes the headers of proxies before the application sees them."""

    def __init__(self, app: ASGIApp, trusted: tuple[Network, ...] = ()) -> None:
        """Wrap `app`; `trusted` are the proxies whose X-Forwarded-For, -Proto and -Host are believed."""
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set client, scheme and Host as a trusted proxy says, note whether any proxy shows, remove proxy headers."""
        if scope["type"] != "lifespan":
            headers = Headers(scope=scope)
            scope.setdefault("state", {})["proxied"] = is_proxied(headers)
            if self._trusts(parse_address(client_host(scope))):
                self._believe(scope, headers)
            scope["headers"] = [
                (name, value) for name, value in scope["headers"] if not _is_proxy_header(name.decode("latin-1"))
            ]
        await self._app(scope, receive, send)

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)

    def _believe(self, scope: Scope, headers: Headers) -> None:
        hops = ",".join(headers.getlist("x-forwarded-for")).split(",")
        if (client := self._client(hops)) is not None:
            scope["client"] = (str(client), 0)
        proto = _first(headers, "x-forwarded-proto").lower()
        if proto in ("http", "https", "ws", "wss"):
            scope["scheme"] = proto.replace("http", "ws") if scope["type"] == "websocket" else proto
        if host := _first(headers, "x-forwarded-host"):
            MutableHeaders(scope=scope)["host"] = host

    def _client(self, hops: Iterable[str]) -> Address | None:
        """Return the last of the hops that is no trusted proxy, or the first one if all are trusted.

        Nothing from a hop that is no address, or before it, is believed; None where that is the last hop.
        """
        client = None
        for hop in reversed(list(hops)):
            address = parse_address(_without_port(hop.strip()))
            if address is None:
                break
            client = address
            if not self._trusts(address):
                break
        return client


def trusted_networks(setting: str) -> tuple[Network, ...]:
    """Parse RAG_TRUSTED_PROXIES; SettingsError names the entry that is no address or network."""
    networks = []
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            raise SettingsError(
                f"RAG_TRUSTED_PROXIES: {entry!r} is no address or network; write one such as 10.0.0.2 or 10.0.0.0/24"
            ) from None
    return tuple(networks)


def is_private(settings: Settings) -> bool:
    """Return whether the page is for this machine alone: on a loopback host, without users, RAG_INSECURE or proxies."""
    guarded = bool(settings.auth.get_secret_value())
    return is_loopback(settings.host) and not (guarded or settings.insecure or settings.trusted_proxies.strip())


def may_name_paths(request: gr.Request | HTTPConnection | None, settings: Settings) -> bool:
    """Return whether the client of a request may name paths of this machine: on a private page, from this machine.

    No proxy may be in between. One that sends no header of its own still shows: it speaks HTTP/1.0, or the Host or
    Origin is not this machine.
    """
    asked = request.request if isinstance(request, gr.Request) else request
    scope = getattr(asked, "scope", None)
    if scope is None or not is_private(settings):
        return False
    headers = Headers(scope=scope)
    state = scope.get("state") or {}
    if state.get("proxied") or state.get("user") or is_proxied(headers) or scope.get("http_version") == "1.0":
        return False
    origins = [_origin_host(value) for name in ("origin", "referer") for value in headers.getlist(name)]
    local = [client_host(scope), host_name(headers), *origins]
    return all(map(is_loopback, local))


def is_proxied(headers: Headers) -> bool:
    """Return whether a request came through a proxy, as far as its headers tell."""
    return any(map(_is_proxy_header, headers.keys()))


def is_host(value: str) -> bool:
    """Return whether a Host header is well formed."""
    match = _HOST.fullmatch(value)
    if match is None or int(match["port"] or 0) > 65535:
        return False
    return match["ipv6"] is None or isinstance(parse_address(match["ipv6"], unmap=False), IPv6Address)


def host_name(headers: Headers) -> str:
    """Return the host of a request's Host header, without its port; empty where it is missing or malformed."""
    host = headers.get("host", "")
    return (urlsplit(f"//{host}").hostname or "") if is_host(host) else ""


def client_host(scope: Scope) -> str:
    """Return the address that a request comes from; empty where it has none, as over a Unix socket."""
    return str((scope.get("client") or ("",))[0])


def _is_proxy_header(name: str) -> bool:
    return name.lower() in _PROXY_HEADERS or name.lower().startswith(_PROXY_PREFIXES)


def _origin_host(value: str) -> str:
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""


def _first(headers: Headers, name: str) -> str:
    return headers.get(name, "").split(",")[0].strip()


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
