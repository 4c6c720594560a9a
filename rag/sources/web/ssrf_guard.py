"""SSRF (server-side request forgery) protection: connect to public addresses only, within a deadline.

An address that somebody else wrote, in a feed, a redirect or a list, must not make this machine ask what only it can
reach: itself, the network behind it, or the service at which a cloud hands out its credentials. Which networks are
blocked, and why, stands with the RFC of each in `blocked_networks.py`. What is checked is the IP address, not the name:
a host is looked up once a connection, refused if any of its addresses is blocked, and connected to by that address, so
that no second look-up can give another one (DNS rebinding). Each redirect is a connection of its own, and no proxy is
used.

Imported where a page is about to be fetched and not before: httpcore and httpx take a while to load.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

import httpcore
import httpx

from rag.errors import SourceError
from rag.sources.web.blocked_networks import is_allowed_ip

Resolve = Callable[[str, int], Sequence[str]]
"""From host and port to the IP addresses of the host; raises OSError where it has none."""

_MAX_SECONDS_PER_ADDRESS = 5.0
"""Seconds for one address of a host that has others to try."""
_DEFAULT_SECONDS = 3600.0
_UNKNOWN_HOST_ERRORS = {socket.EAI_NONAME, socket.EAI_FAIL, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_PROTOCOL_ERRORS = (
    ("without sending a response", "the server hung up without an answer"),
    ("incomplete chunked read", "the connection broke off before the end"),
    ("without sending complete message body", "the connection broke off before the end"),
    ("Receive buffer too long", "the headers of its answer are too long"),
)


class Unreachable(SourceError):
    """Raised where there is no connection to a host now; there may be one later."""


class RequestDeadline:
    """The deadline of a request with its redirects and retries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Make a deadline an hour from now, until it is started; `clock` gives seconds."""
        self._clock = clock
        self.start(_DEFAULT_SECONDS)

    def start(self, seconds: float) -> None:
        """Set the deadline to so many seconds from now."""
        self._limit = f"{seconds:g} s (RAG_FETCH_SECONDS)"
        self._until = self._clock() + seconds

    def remaining(self) -> float:
        """Return the seconds that remain; raises SourceError when there are none."""
        remaining = self._until - self._clock()
        if remaining <= 0:
            raise self.timeout_error()
        return remaining

    def timeout_error(self) -> SourceError:
        """Make the error for what was not done in time."""
        return SourceError(f"took longer than {self._limit}")

    def postpone(self, seconds: float) -> None:
        """Postpone the deadline by a wait that is our own choice."""
        self._until += seconds

    @contextmanager
    def shortened_to(self, seconds: float) -> Iterator[None]:
        """Set the deadline to so many seconds from now during a block, if it is later than that.

        The old deadline comes back after the block, postponed by as much as was postponed within it.
        """
        outer_limit = self._limit
        outer_until = self._until
        until = self._clock() + seconds
        if until < self._until:
            self._limit = f"{seconds:g} s"
            self._until = until
        inner_until = self._until
        try:
            yield
        finally:
            self._limit = outer_limit
            self._until = outer_until + self._until - inner_until


def resolve(host: str, port: int) -> list[str]:
    """Resolve a host to the IP addresses that this machine's resolver has for it, in its order."""
    records = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in records))


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host once a connection, refuses it if any of its addresses is blocked, else connects to one."""

    def __init__(
        self,
        deadline: RequestDeadline,
        *,
        private: bool = False,
        resolve: Resolve = resolve,
        onward: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Make a backend of httpcore; `private` lets this machine, private networks and every port through.

        `resolve` looks up a host, `onward` opens the connections; both stand in for the network in tests.
        """
        self._deadline = deadline
        self._private = private
        self._resolve = resolve
        self._onward = onward if onward is not None else httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that accepts.

        Raises SourceError for a host or port that is blocked, a host that does not exist and a timeout, and
        Unreachable, a kind of it, where a connection may succeed later.
        """
        self._check_host_and_port(host, port)
        addresses = self._allowed_addresses(host, port)
        for number, address in enumerate(addresses, 1):
            remaining = self._deadline.remaining()
            seconds = remaining if number == len(addresses) else min(remaining, _MAX_SECONDS_PER_ADDRESS)
            try:
                # An address, so that nobody looks the name up a second time and finds another one.
                stream = self._onward.connect_tcp(address, port, seconds, local_address, socket_options)
                return _DeadlineStream(stream, self._deadline, host)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                if number == len(addresses):
                    raise _connect_error(host, port, error) from error
        raise Unreachable(f"there is no host by the name of {host}")

    def _check_host_and_port(self, host: str, port: int) -> None:
        """Raise SourceError for names of this machine and ports that pages are not read from, unless `private`."""
        if self._private:
            return
        if host == "localhost" or host.endswith(".localhost"):
            raise self._refusal(host)
        if port not in (80, 443) and not 8000 <= port < 9000:
            raise SourceError(f"port {port} is not one that pages are read from (80, 443, 8000 to 8999)")

    def _allowed_addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host; raises SourceError if even one of them is blocked."""
        addresses = [host] if _is_ip(host) else self._look_up(host, port)
        if not all(is_allowed_ip(address, private=self._private, loopback=self._private) for address in addresses):
            raise self._refusal(host)
        return addresses

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """Look up the addresses of a host, until the deadline; raises SourceError where there are none.

        The resolver knows no deadline, and so runs in a thread of its own, which is not waited for any longer.
        """
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except Exception as error:  # it is raised again in the thread that waits
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.remaining())
        except queue.Empty:
            raise self._deadline.timeout_error() from None
        if isinstance(answer, UnicodeError) or (
            isinstance(answer, socket.gaierror) and answer.errno in _UNKNOWN_HOST_ERRORS
        ):
            raise SourceError(f"there is no host by the name of {host}")
        if isinstance(answer, OSError):
            raise Unreachable(f"the name {host} cannot be looked up now; is this machine online?")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _refusal(self, host: str) -> SourceError:
        """Make the error for a host that is blocked."""
        # Its address is not given: anyone who may add sources could map the network behind this machine by asking.
        if self._private:
            return SourceError(f"{host} is at an address that is never read from")
        return SourceError(f"{host} is not on the public internet; RAG_FETCH_PRIVATE=true reads private addresses")


class _DeadlineStream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, however long each may take by itself."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: RequestDeadline, host: str) -> None:
        self._inner = inner
        self._deadline = deadline
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._inner.start_tls(ssl_context, server_hostname, self._remaining())
        except httpcore.ConnectTimeout as error:
            raise self._deadline.timeout_error() from error
        except httpcore.ConnectError as error:
            raise _tls_error(self._host, error.__cause__) from error
        return _DeadlineStream(stream, self._deadline, self._host)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)

    def _remaining(self) -> float:
        """Return the seconds that remain; raises SourceError when there are none.

        It then closes the connection first, which httpcore does only on errors of its own.
        """
        try:
            return self._deadline.remaining()
        except SourceError:
            self.close()
            raise


class GuardedTransport(httpx.BaseTransport):
    """Sends each request of httpx through a guard, on a connection of its own; failures become SourceError."""

    def __init__(self, guard: GuardedBackend, deadline: RequestDeadline, trust: ssl.SSLContext) -> None:
        """Make a transport; `trust` says whose certificates are believed.

        No proxy is used: what lies behind one cannot be checked.
        """
        self._deadline = deadline
        # What a server sends beyond the end of an answer must not be taken for the next one: no connection is kept.
        self._pool = httpcore.ConnectionPool(ssl_context=trust, max_keepalive_connections=0, network_backend=guard)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without its body, and return the response, whose body is still to be read.

        The caller closes the response. Raises SourceError.
        """
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with _explain_errors(self._deadline):
            answer = self._pool.handle_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, content=b"")
            )
        body = _DeadlineBody(answer, self._deadline)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, request=request)

    def close(self) -> None:
        """Close what is still open."""
        self._pool.close()


class _DeadlineBody(httpx.SyncByteStream):
    """The body of a response as it comes in, until the deadline."""

    def __init__(self, answer: httpcore.Response, deadline: RequestDeadline) -> None:
        self._answer = answer
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        with _explain_errors(self._deadline):
            for part in self._answer.iter_stream():
                self._deadline.remaining()
                yield part

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _explain_errors(deadline: RequestDeadline) -> Iterator[None]:
    """Translate the errors of httpcore to SourceError in plain words."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise deadline.timeout_error() from error
    except httpcore.ProtocolError as error:
        known = (words for sign, words in _PROTOCOL_ERRORS if sign in str(error))
        raise SourceError(next(known, "what the server sends is not HTTP")) from error
    except httpcore.NetworkError as error:
        raise SourceError("the connection broke off") from error


def _connect_error(host: str, port: int, error: Exception) -> SourceError:
    """Make the error for a connection that could not be opened."""
    cause = error.__cause__
    if isinstance(cause, ConnectionRefusedError):
        return Unreachable(f"{host} takes no connections at port {port}")
    if isinstance(error, httpcore.ConnectTimeout):  # it had all the time there was
        return SourceError(f"{host} does not answer")
    reason = cause.strerror if isinstance(cause, OSError) else ""
    return Unreachable(f"{host} cannot be reached{': ' + reason.lower() if reason else ''}")


def _tls_error(host: str, cause: BaseException | None) -> SourceError:
    """Make the error for a connection that could not be encrypted."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceError(f"the certificate of {host} cannot be trusted: {cause.verify_message.rstrip('.').lower()}")
    if isinstance(cause, ssl.SSLError):
        return SourceError(f"there is no secure connection to {host}; is it an http address?")
    return Unreachable(f"{host} broke off while a secure connection was made")


def _is_ip(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
