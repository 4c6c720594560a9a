"""Check that the page can listen, so that each reason why not has its own line."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import SettingsError
from rag.text.hosts import parse_address

_FIRST_PORT = 7860
"""The first port that is tried where none is named."""
_PORTS = 100
_GRADIO_HOST = "127.0.0.1"
"""Where Gradio wants the port free, wherever it listens."""


def bare_host(host: str) -> str:
    """Return a host without the brackets that an IPv6 address has in a URL."""
    host = host.strip()
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def url_host(host: str) -> str:
    """Return a host as a URL has it: an IPv6 address in brackets."""
    bare = bare_host(host)
    return f"[{bare}]" if ":" in bare else bare


def page_url(host: str, port: int) -> str:
    """Return the URL of a page that listens on a host; where that is every address, the one of this machine."""
    bare = bare_host(host)
    address = parse_address(bare, unmap=False)
    if address is not None and address.is_unspecified:
        bare = "::1" if ":" in bare else "localhost"
    return f"http://{url_host(bare)}:{port}/"


def free_port(host: str, port: int) -> int:
    """Return `port` if it is free on a host, or for 0 the first free one from 7860 on; SettingsError says why not."""
    if port:
        _check_listening(host, port)
        return port
    for candidate in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        try:
            _check_listening(host, candidate)
            return candidate
        except SettingsError as error:
            if not _is_taken(error.__cause__):
                raise
    last = _FIRST_PORT + _PORTS - 1
    raise SettingsError(f"every port from {_FIRST_PORT} to {last} is in use; choose another with RAG_PORT")


def _check_listening(host: str, port: int) -> None:
    """Listen on a port of a host and of 127.0.0.1 for a moment; SettingsError says why one cannot."""
    bare = bare_host(host)
    try:
        addresses = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses += socket.getaddrinfo(_GRADIO_HOST, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in addresses:
            with socket.socket(family, kind, protocol) as listener:
                if os.name == "posix":  # elsewhere it would take the port from who listens there
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind(address)
                listener.listen(1)
    except (OSError, ValueError) as error:
        raise SettingsError(_reason(bare, port, error)) from error


def _reason(host: str, port: int, error: Exception) -> str:
    address = f"{url_host(host)}:{port}"
    if isinstance(error, socket.gaierror | ValueError):  # ValueError: what cannot be a name at all
        return f"cannot listen on {host!r}: no address is known for it; name one of this machine's with RAG_HOST"
    if _is_taken(error):
        return f"cannot listen on {address}: the port is in use; choose another with RAG_PORT (0 takes a free one)"
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EACCES:
        return f"cannot listen on {address}: this user may not use that port; choose one from 1024 on with RAG_PORT"
    if number == errno.EADDRNOTAVAIL:
        return f"cannot listen on {address}: it is no address of this machine; name one that is with RAG_HOST"
    if number == errno.EAFNOSUPPORT:
        return f"cannot listen on {address}: this machine has no IPv6; name another address with RAG_HOST"
    reason = os.strerror(number) if number else str(error)
    return f"cannot listen on {address}: {reason}; name another address with RAG_HOST or port with RAG_PORT"


def _is_taken(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE


@contextmanager
def without_proxies() -> Iterator[None]:
    """Let no proxy of the environment come between Gradio and its own page, which it asks once it listens."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update(dict.fromkeys(before, "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
