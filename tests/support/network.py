"""A network for tests: public addresses lead to servers on loopback, or nowhere."""

from collections.abc import Iterable

import httpcore


class Wires(httpcore.SyncBackend):
    """Connects to the port of this machine that an address leads to, if any; it remembers what was dialled."""

    def __init__(self, lead: dict[str, int] | None = None) -> None:
        self.lead = lead or {}
        self.dialled: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Notes the host, whether or not it leads anywhere."""
        self.dialled.append(host)
        if host not in self.lead:
            raise httpcore.ConnectError(f"{host} leads nowhere")
        return super().connect_tcp("127.0.0.1", self.lead[host], timeout, local_address, socket_options)
