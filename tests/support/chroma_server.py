"""A real Chroma server on loopback, for as long as a test needs it, and a gateway before it that asks for a token."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChromaServer:
    """A server with an address of its own, which can be killed, stopped for a while, and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(self.folder)]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(f"{self.url}/api/v2/heartbeat")

    def send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

    def kill(self) -> None:
        """Ends it without giving it time for anything."""
        if self._process is not None:
            self.send(signal.SIGKILL)
            self._process.wait(10)
        self._process = None


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """Its URL; the server ends with the block."""
    server = ChromaServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


@contextmanager
def gateway(upstream: str, headers: dict[str, str], prefix: str = "/chroma") -> Iterator[str]:
    """The URL of a reverse proxy that passes on, below a path, only what carries all these headers."""
    port = int(upstream.rpartition(":")[2])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if any(self.headers.get(name) != value for name, value in headers.items()):
                return self._answer(401, b"<html>\n<h1>Who are you?</h1>\n</html>", "text/html")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request(
                    self.command, self.path.removeprefix(prefix), body, {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                self._answer(answer.status, answer.read(), "application/json")
            except OSError:
                self._answer(502, b"Bad gateway", "text/plain")
            finally:
                connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = handle_any

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)
