"""Connect to an LLM server within limits of time and bytes, closable from any thread.

The limits lie in the transport that httpx is given, so that no request can forget them.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from rag.errors import LLMError

_CONNECT_SECONDS = 5.0
"""Seconds to wait for a connection."""
_MAX_EVENT_BYTES = 256_000
"""Bytes of one event of a stream; no server of the kind sends a tenth."""


class Exchange:
    """Hold all connections of one request to a deadline and a limit of bytes."""

    def __init__(self, seconds: float, *, limit: int) -> None:
        """`seconds` is the time for the whole request; `limit` is the bytes that may be received, headers included."""
        self._until = time.monotonic() + seconds
        self._bytes = limit
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self.closed = threading.Event()

    def client(self, silence: float, *, verify: ssl.SSLContext, trust_env: bool, ask: Callable[..., None]) -> Any:
        """Return an httpx client whose connections all keep to these limits; `ask` is called on each request."""
        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [ask, _ask_uncompressed],
            "response": [_bound_events],
        }
        timeout = httpx.Timeout(silence, connect=_CONNECT_SECONDS)
        client = httpx.Client(timeout=timeout, trust_env=trust_env, event_hooks=hooks, verify=verify)
        for transport in (client._transport, *client._mounts.values()):
            if transport is not None:
                assert isinstance(transport, httpx.HTTPTransport)
                assert isinstance(transport._pool._network_backend, httpcore.SyncBackend)
                transport._pool._network_backend = _Backend(self)
        return client

    def close(self) -> None:
        """Shut down every connection at once, also those that other threads wait for; a later step raises LLMError."""
        self.closed.set()
        with self._lock:
            for handle in self._sockets:
                with suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def remaining(self, timeout: float | None) -> float:
        """Return the seconds that one step may take, at most `timeout`; LLMError when none are left or it is closed."""
        left = self._until - time.monotonic()
        if left <= 0 or self.closed.is_set():
            raise LLMError("it took too long (RAG_LLM_SECONDS)")
        return left if timeout is None else min(left, timeout)

    def count(self, data: bytes) -> bytes:
        """Count received bytes against the limit and return them; LLMError when they exceed it."""
        self._bytes -= len(data)
        if self._bytes < 0:
            raise LLMError("it sends more than an answer can have")
        return data

    def hold(self, connection: socket.socket) -> socket.socket:
        """Return a duplicate of a connection's socket, kept for `close`, since TLS detaches the first one."""
        handle = connection.dup()
        with self._lock:
            self._sockets.add(handle)
        return handle

    def release(self, handle: socket.socket) -> None:
        """Close and forget a duplicate that `hold` returned, once its connection is closed."""
        with self._lock:
            self._sockets.discard(handle)
        handle.close()


class _Backend(httpcore.NetworkBackend):
    """Open connections that keep to the limits of an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._onward = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._exchange.remaining(timeout)
        stream = self._onward.connect_tcp(host, port, seconds, local_address, socket_options)
        return _Stream(stream, self._exchange, self._exchange.hold(stream.get_extra_info("socket")))

    def sleep(self, seconds: float) -> None:
        self._exchange.closed.wait(seconds)


class _Stream(httpcore.NetworkStream):
    """One connection; every step asks the exchange how long it may take."""

    def __init__(self, stream: httpcore.NetworkStream, exchange: Exchange, handle: socket.socket) -> None:
        self._stream = stream
        self._exchange = exchange
        self._handle = handle

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._exchange.count(self._stream.read(max_bytes, self._exchange.remaining(timeout)))
        except httpcore.ReadTimeout:
            self._exchange.remaining(None)  # the whole time may be up, which is another error
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._exchange.remaining(timeout))

    def close(self) -> None:
        self._stream.close()
        self._exchange.release(self._handle)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._exchange.remaining(timeout))
        return _Stream(stream, self._exchange, self._handle)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Events(httpx.SyncByteStream):
    """The bytes of a stream of events; LLMError where one event is longer than the limit."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        tail = b""
        for chunk in self._stream:
            seen = tail + chunk
            end = max(seen.rfind(mark) for mark in (b"\n\n", b"\r\r", b"\r\n\r\n"))
            length = len(seen) - end if end >= 0 else length + len(chunk)
            tail = seen[-3:]
            if length > _MAX_EVENT_BYTES:
                raise LLMError("it sends a line without end")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _ask_uncompressed(request: httpx.Request) -> None:
    """Set the header that asks for an uncompressed response, since the size of a compressed one cannot be limited."""
    request.headers["Accept-Encoding"] = "identity"


def _bound_events(response: httpx.Response) -> None:
    """Raise LLMError for a compressed response, and limit the length of each event in the response to a POST."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise LLMError("it sends compressed bytes, which it was asked not to do")
    if response.request.method == "POST":
        response.stream = _Events(response.stream)
