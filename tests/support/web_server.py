"""A real web server on loopback that does what a test says: good pages, and every way of being bad at HTTP.

    with web_server({"/": "<p>Hello</p>"}) as server:
        server.routes["/gone"] = Page(status=410)
        server.routes["/old"] = moved("/", 301)
        client.get(server.url("/old"))
        assert server.paths == ["/old", "/"]

A route is what is served at a path (its query is looked up first with, then without):

- text or bytes: an HTML page of status 200;
- a `Page`: status, headers, kind and body, with a true Content-Length unless `headers` has one of its own;
- a function from a `Request`: it returns one of the above, or writes to the connection itself with `request.send`,
  `request.drip` and `request.hang_up` and returns None.

What has no route is 404, robots.txt included. Requests are in `server.requests`, their paths without robots.txt in
`server.paths`. Every connection has its own thread and is closed after one answer. Errors of a route's own come up when
the block ends; a client that leaves early is none. With `tls`, an ssl.SSLContext for servers, it speaks https.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from io import BufferedIOBase, BufferedReader
from socketserver import StreamRequestHandler, ThreadingTCPServer

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """One answer as HTTP has it."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = HTML

    def __bytes__(self) -> bytes:
        """What goes over the wire."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        own = {"Content-Type": self.kind, "Content-Length": str(len(body)), "Connection": "close"}
        head = [f"{name}: {value}" for name, value in {**own, **self.headers}.items()]
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Odd"
        return "\r\n".join([f"HTTP/1.1 {self.status} {phrase}", *head, "", ""]).encode("latin-1") + body


def moved(location: str, status: int = 302, **headers: str) -> Page:
    """A redirect; `headers` with underscores for hyphens."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(status=status, headers={"Location": location, **more})


@dataclass
class Request:
    """What a client asked, and its connection."""

    method: str
    path: str
    """With its query."""
    headers: Message
    _connection: socket.socket
    _out: BufferedIOBase
    _stopping: threading.Event

    def send(self, data: bytes | Page) -> None:
        """Writes bytes as they are, or a whole page."""
        self._out.write(bytes(data))
        self._out.flush()

    def drip(self, data: bytes, pause: float) -> None:
        """Writes byte by byte, so many seconds apart, until the client leaves or the server ends."""
        for number in range(len(data)):
            if self._stopping.wait(pause):
                return
            self.send(data[number : number + 1])

    def hang_up(self) -> None:
        """Closes the connection at once."""
        self._connection.shutdown(socket.SHUT_RDWR)


Route = str | bytes | Page | Callable[[Request], "str | bytes | Page | None"]


class WebServer:
    """A running server; `routes` may be changed at any time."""

    def __init__(self, routes: Mapping[str, Route], scheme: str, port: int) -> None:
        """Speaks for a server that listens on a port of 127.0.0.1."""
        self.routes: dict[str, Route] = dict(routes)
        self.scheme, self.port = scheme, port
        self.requests: list[Request] = []
        self.errors: list[Exception] = []
        self.stopping = threading.Event()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of a path, at another host's name where one leads here."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, without robots.txt, in order."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def answer(self, request: Request) -> None:
        """Answers a request as its route says."""
        self.requests.append(request)
        route = self.routes.get(request.path, self.routes.get(request.path.partition("?")[0], Page(status=404)))
        said = route(request) if callable(route) else route
        if said is not None:
            request.send(said if isinstance(said, Page) else Page(said))


class _Handler(StreamRequestHandler):
    server: "_Server"
    rfile: BufferedReader

    def handle(self) -> None:
        if self.rfile.peek(1)[:1] == b"\x16":  # someone takes it for a TLS server
            self.rfile.read1(65_536)
            self.wfile.write(bytes(Page(status=400)))
            return
        first = self.rfile.readline(65_536).decode("latin-1").split()
        if len(first) != 3:
            return
        lines = iter(lambda: self.rfile.readline(65_536), b"")
        head = b"".join(iter(lambda: next(lines, b"\r\n"), b"\r\n"))
        headers = BytesParser().parsebytes(head)
        stopping = self.server.web.stopping
        self.server.web.answer(Request(first[0], first[1], headers, self.connection, self.wfile, stopping))


class _Server(ThreadingTCPServer):
    web: WebServer
    tls: ssl.SSLContext | None = None
    daemon_threads = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._open: set[socket.socket] = set()

    def finish_request(self, request: object, client_address: object) -> None:
        """In the connection's own thread, where a handshake may take as long as it likes."""
        assert isinstance(request, socket.socket)
        self._open.add(request)
        try:
            if self.tls is None:
                super().finish_request(request, client_address)
                return
            with self.tls.wrap_socket(request.dup(), server_side=True) as secured:
                self._open.add(secured)
                super().finish_request(secured, client_address)
        except (OSError, ssl.SSLError):
            pass  # the client left, or did not like the certificate
        except Exception as error:
            self.web.errors.append(error)
        finally:
            self._open.discard(request)

    def drop_all(self) -> None:
        """Ends what is still being said."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def web_server(routes: Mapping[str, Route] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """A server for as long as the block; the first error of a route comes up at its end."""
    with _Server() as server:
        server.tls = tls
        server.web = WebServer(routes or {}, "http" if tls is None else "https", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.web
        finally:
            server.web.stopping.set()
            server.shutdown()
            server.drop_all()
            thread.join()
    if server.web.errors:
        raise server.web.errors[0]
