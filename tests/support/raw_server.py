"""A server on loopback that sends bytes as a test says, and knows how many of its connections are open."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Send = Callable[[bytes], None]
Handler = Callable[[bytes, Send], None]
"""Takes the head of a request and what sends bytes; may go on for ever, since sending to who has gone raises."""


class RawServer:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.open = 0
        self.sent = 0
        self._lock = threading.Lock()

    def serve(self, connection: socket.socket, handler: Handler) -> None:
        with self._lock:
            self.open += 1
        try:
            with connection, suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                    head += data

                def send(data: bytes) -> None:
                    connection.sendall(data)
                    self.sent += len(data)

                handler(head, send)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        finally:
            with self._lock:
                self.open -= 1


@contextmanager
def raw_server(handler: Handler) -> Iterator[RawServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = RawServer(listening.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection = listening.accept()[0]
                    threading.Thread(target=server.serve, args=(connection, handler), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
