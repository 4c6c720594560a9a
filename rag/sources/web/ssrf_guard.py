"""Guard against SSRF: connect to public addresses only, within a deadline.

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
from rag.sources.web.urls import reachable

Resolve = Callable[[str, int], Sequence[str]]
"""From host and port to the IP addresses of the host; raises OSError where it has none."""

_ONE_OF_MANY = 5.0
"""Seconds for one address of a host that has others to try."""
_HOUR = 3600.0
_UNKNOWN = {socket.EAI_NONAME, socket.EAI_FAIL, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_PROTOCOL = (
    ("without sending a response", "the server hung up without an answer"),
    ("incomplete chunked read", "the connection broke off before the end"),
    ("without sending complete message body", "the connection broke off before the end"),
    ("Receive buffer too long", "the headers of its answer are too long"),
)


class Unreachable(SourceError):
    """There is no connection to a host now; there may be one later."""


class RequestDeadline:
    """The moment by which everything must be done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; before the start there is an hour."""
        self._clock = clock
        self.start(_HOUR)

    def start(self, seconds: float) -> None:
        """Sets the moment to so many seconds from now."""
        self._told, self._until = f"{seconds:g} s (RAG_FETCH_SECONDS)", self._clock() + seconds

    def left(self) -> float:
        """The seconds that remain; raises SourceError when there are none."""
        left = self._until - self._clock()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> SourceError:
        """The error for what was not done in time."""
        return SourceError(f"took longer than {self._told}")

    def pause(self, seconds: float) -> None:
        """Puts the moment off by a wait that is our own choice."""
        self._until += seconds

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """A nearer moment for a part of the work."""
        before, until = (self._told, self._until), self._clock() + seconds
        if until < self._until:
            self._told, self._until = f"{seconds:g} s", until
        nearer = self._until
        try:
            yield
        finally:
            self._told, self._until = before[0], before[1] + self._until - nearer


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses that this machine's resolver has for a host, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Looks a host up once a connection, refuses it if one of its addresses is off limits, and connects to those."""

    def __init__(
        self,
        deadline: RequestDeadline,
        private: bool = False,
        resolve: Resolve = resolve,
        onward: httpcore.NetworkBackend | None = None,
    ) -> None:
        """`private` lets this machine, private networks and every port through; `onward` opens the connections."""
        self._deadline, self._private, self._resolve = deadline, private, resolve
        self._onward = onward if onward is not None else httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one; raises SourceError, or Unreachable where none does."""
        self._check_name(host, port)
        addresses = self._checked(host, port)
        for number, address in enumerate(addresses, 1):
            left = self._deadline.left()
            seconds = left if number == len(addresses) else min(left, _ONE_OF_MANY)
            try:
                # An address, so that nobody looks the name up a second time and finds another one.
                stream = self._onward.connect_tcp(address, port, seconds, local_address, socket_options)
                return _Stream(stream, self._deadline, host)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                if number == len(addresses):
                    raise _unreachable(host, port, error) from error
        raise Unreachable(f"there is no host by the name of {host}")

    def _check_name(self, host: str, port: int) -> None:
        if self._private:
            return
        if host == "localhost" or host.endswith(".localhost"):
            raise self._refused(host)
        if port not in (80, 443) and not 8000 <= port < 9000:
            raise SourceError(f"port {port} is not one that pages are read from (80, 443, 8000 to 8999)")

    def _checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host; one that must not be contacted spoils them all."""
        addresses = [host] if _is_ip(host) else self._looked_up(host, port)
        if not all(reachable(address, self._private, self._private) for address in addresses):
            raise self._refused(host)
        return addresses

    def _looked_up(self, host: str, port: int) -> Sequence[str]:
        """What the resolver says, asked in a thread of its own because it cannot be told to hurry."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except Exception as error:  # it is raised again by whoever waits
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left())
        except queue.Empty:
            raise self._deadline.missed() from None
        if isinstance(answer, UnicodeError) or (isinstance(answer, socket.gaierror) and answer.errno in _UNKNOWN):
            raise SourceError(f"there is no host by the name of {host}")
        if isinstance(answer, OSError):
            raise Unreachable(f"the name {host} cannot be looked up now; is this machine online?")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _refused(self, host: str) -> SourceError:
        # Its address is not told: whoever may add sources could map the network behind this machine by asking.
        if self._private:
            return SourceError(f"{host} is at an address that is never read from")
        return SourceError(f"{host} is not on the public internet; RAG_FETCH_PRIVATE=true reads private addresses")


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, whatever time each may take by itself."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: RequestDeadline, host: str) -> None:
        self._inner, self._deadline, self._host = inner, deadline, host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._inner.start_tls(ssl_context, server_hostname, self._left())
        except httpcore.ConnectTimeout as error:
            raise self._deadline.missed() from error
        except httpcore.ConnectError as error:
            raise _insecure(self._host, error.__cause__) from error
        return _Stream(stream, self._deadline, self._host)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)

    def _left(self) -> float:
        """The seconds that remain; httpcore does not close a connection on an error that is not its own."""
        try:
            return self._deadline.left()
        except SourceError:
            self.close()
            raise


class Transport(httpx.BaseTransport):
    """Sends requests through a guard, each on a connection of its own, and raises SourceError for what goes wrong."""

    def __init__(self, guard: GuardedBackend, deadline: RequestDeadline, trust: ssl.SSLContext) -> None:
        """`trust` says whose certificates are believed. No proxy is used: what lies behind one cannot be checked."""
        self._deadline = deadline
        # What a server sends beyond the end of an answer must not be taken for the next one: no connection is kept.
        self._pool = httpcore.ConnectionPool(ssl_context=trust, max_keepalive_connections=0, network_backend=guard)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to come; whoever asks closes it."""
        url = request.url
        place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with _explained(self._deadline):
            answer = self._pool.handle_request(
                httpcore.Request(request.method, place, headers=request.headers.raw, content=b"")
            )
        body = _Body(answer, self._deadline)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, request=request)

    def close(self) -> None:
        """Closes what is still open."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body of an answer as it comes in."""

    def __init__(self, answer: httpcore.Response, deadline: RequestDeadline) -> None:
        self._answer, self._deadline = answer, deadline

    def __iter__(self) -> Iterator[bytes]:
        with _explained(self._deadline):
            for part in self._answer.iter_stream():
                self._deadline.left()
                yield part

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _explained(deadline: RequestDeadline) -> Iterator[None]:
    """Says in plain words what httpcore raises."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise deadline.missed() from error
    except httpcore.ProtocolError as error:
        known = (words for sign, words in _PROTOCOL if sign in str(error))
        raise SourceError(next(known, "what the server sends is not HTTP")) from error
    except httpcore.NetworkError as error:
        raise SourceError("the connection broke off") from error


def _unreachable(host: str, port: int, error: Exception) -> SourceError:
    cause = error.__cause__
    if isinstance(cause, ConnectionRefusedError):
        return Unreachable(f"{host} takes no connections at port {port}")
    if isinstance(error, httpcore.ConnectTimeout):  # it had all the time there was
        return SourceError(f"{host} does not answer")
    said = cause.strerror if isinstance(cause, OSError) else ""
    return Unreachable(f"{host} cannot be reached{': ' + said.lower() if said else ''}")


def _insecure(host: str, cause: BaseException | None) -> SourceError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceError(f"the certificate of {host} cannot be trusted: {cause.verify_message.rstrip('.').lower()}")
    if isinstance(cause, ssl.SSLError):
        return SourceError(f"there is no secure connection to {host}; is it an http address?")
    return Unreachable(f"{host} broke off while a secure connection was made")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
