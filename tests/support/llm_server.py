"""A scripted server on loopback that speaks OpenAI's chat interface, for as long as a test needs it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

Body = dict[str, Any]

_ODD = 7  # bytes; a flush that ends within a character of three
_KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


@dataclass(frozen=True)
class Reply:
    """What the server does with one question; a stream's status line goes out before any waiting."""

    pieces: Sequence[str] = ()
    pause: float = 0.0  # seconds between two pieces
    before: float = 0.0  # seconds before the first
    finish: str = "stop"  # the finish_reason
    status: int = 200
    message: str = "The script says so."
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # pieces, then the connection drops
    endless: bool = False  # the pieces again and again
    pings: bool = False  # comments and never a piece
    raw: bytes | None = None  # the body as it is
    kind: str = "text/event-stream"  # the content type of a stream or of `raw`
    split: bool = False  # flushed in parts that cut through events and characters


Script = Callable[[Body], Reply]


def said(text: str, **how: Any) -> Script:
    """One piece."""
    return said_in([text], **how)


def said_in(pieces: Sequence[str], **how: Any) -> Script:
    """Several pieces, with any other field of `Reply`."""
    reply = Reply(pieces, **how)
    return lambda body: reply


def failing(status: int, message: str = "The script says so.", **how: Any) -> Script:
    """A failure in the shape that OpenAI gives it."""
    return said_in((), status=status, message=message, **how)


class LlmServer:
    """What a running server heard and did; `reply` and `models` may be exchanged between questions."""

    def __init__(self, reply: Script, port: int) -> None:
        """Speaks for a server that listens on a port."""
        self.reply = reply
        self.url = f"http://127.0.0.1:{port}/v1"
        self.models: list[Body] | None = [{"id": "scripted", "object": "model", "max_model_len": 8192}]
        self.requests: list[Body] = []
        self.sent: list[float] = []  # when each piece was handed to the transport
        self.left: list[float] = []  # when a client went before its answer's end
        self.errors: list[Exception] = []  # what the script itself raised

    async def chat(self, request: Request) -> Response:
        """Answers a question as the script says."""
        came = time.perf_counter()
        body: Body = await request.json()
        self.requests.append({**body, "headers": dict(request.headers), "at": came})
        try:
            reply = self.reply(body)
        except Exception as error:
            self.errors.append(error)
            raise
        return _Answer(self, body, reply)

    async def list_models(self, request: Request) -> Response:
        """The scripted models, or 404 for None as servers without the list say."""
        if self.models is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        return JSONResponse({"object": "list", "data": self.models})


class _Answer(Response):
    """One reply on its way to one client."""

    def __init__(self, server: LlmServer, body: Body, reply: Reply) -> None:
        super().__init__()
        self._server, self._body, self._reply = server, body, reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._to_client = send
        self._gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await self._answer(self._reply)
        finally:
            self._gone.cancel()

    async def _answer(self, reply: Reply) -> None:
        if reply.raw is not None:
            await self._as_it_is(reply.raw)
        elif reply.status != 200:
            await self._whole(_failure(reply))
        elif self._body.get("stream"):
            await self._stream()
        else:
            await self._whole(_completion(self._body, "".join(reply.pieces), reply.finish))

    async def _whole(self, content: Body) -> None:
        reply, data = self._reply, json.dumps(content).encode()
        never = reply.endless or reply.pings
        if await self._leaves(None if never else reply.before + reply.pause * max(0, len(reply.pieces) - 1)):
            return
        await self._start("application/json", {"content-length": str(len(data))})
        cut = reply.cut_after is not None
        await self._write(data[: len(data) // 2] if cut else data, last=not cut)

    async def _as_it_is(self, raw: bytes) -> None:
        if not await self._leaves(self._reply.before):
            await self._start(self._reply.kind, {})
            await self._write(raw, last=self._reply.cut_after is None)

    async def _stream(self) -> None:
        """Returns early when the client leaves, and without an end when the script cuts."""
        reply = self._reply
        await self._start(reply.kind, {"cache-control": "no-cache"})
        if await self._leaves(reply.before):
            return
        while reply.pings:
            await self._write(b": ping\n\n")
            if await self._leaves(reply.pause):
                return
        pieces = cycle(reply.pieces) if reply.endless else reply.pieces
        for number, piece in enumerate(islice(pieces, reply.cut_after)):
            if number and await self._leaves(reply.pause):
                return
            await self._write(_event(self._body, {"role": "assistant", "content": piece}), piece=True)
        if reply.cut_after is None:
            await self._write(_event(self._body, {}, reply.finish) + b"data: [DONE]\n\n", last=True)
        else:
            await self._write(_event(self._body, {"content": "never"})[:40])

    async def _start(self, kind: str, headers: Mapping[str, str]) -> None:
        every = {"content-type": kind, **headers, **self._reply.headers}
        pairs = [(name.lower().encode(), value.encode()) for name, value in every.items()]
        await self._to_client({"type": "http.response.start", "status": self._reply.status, "headers": pairs})

    async def _write(self, data: bytes, last: bool = False, piece: bool = False) -> None:
        size = _ODD if self._reply.split else len(data) or 1
        parts = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
        for part in parts[:-1]:
            await self._to_client(_part(part, more=True))
        if piece:
            self._server.sent.append(time.perf_counter())
        await self._to_client(_part(parts[-1], more=not last))

    async def _leaves(self, seconds: float | None) -> bool:
        """Waits, and says whether the client went meanwhile."""
        gone, _ = await asyncio.wait({self._gone}, timeout=seconds)
        if gone:
            self._server.left.append(time.perf_counter())
        return bool(gone)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _part(data: bytes, more: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def _event(body: Body, delta: Body, finish: str | None = None) -> bytes:
    chunk = _object(body, "chat.completion.chunk", {"delta": delta, "finish_reason": finish})
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


def _completion(body: Body, text: str, finish: str) -> Body:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {**_object(body, "chat.completion", choice), "usage": usage}


def _object(body: Body, kind: str, choice: Body) -> Body:
    named = {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": body.get("model", "scripted")}
    return {**named, "choices": [{"index": 0, **choice}]}


def _failure(reply: Reply) -> Body:
    kind = _KINDS.get(reply.status, "invalid_request_error" if reply.status < 500 else "server_error")
    return {"error": {"message": reply.message, "type": kind, "code": reply.code or _CODES.get(reply.status)}}


class _Uvicorn(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drops every connection first, or an endless stream would hold up the end."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


@contextmanager
def llm_server(reply: Script) -> Iterator[LlmServer]:
    """A server that does what `reply` says to each body; an error of the script's own comes up at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = LlmServer(reply, listening.getsockname()[1])
        with _running(server, listening):
            yield server
    if server.errors:
        raise server.errors[0]


@contextmanager
def _running(server: LlmServer, listening: socket.socket) -> Iterator[None]:
    chat = Route("/v1/chat/completions", server.chat, methods=["POST"])
    app = Starlette(routes=[chat, Route("/v1/models", server.list_models)])
    quiet: dict[str, Any] = {"log_config": None, "log_level": "critical", "access_log": False}
    plain: dict[str, Any] = {"loop": "asyncio", "http": "h11", "ws": "none", "lifespan": "off"}
    running = _Uvicorn(uvicorn.Config(app, timeout_graceful_shutdown=1, **plain, **quiet))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield
    finally:
        running.should_exit = True
        thread.join(1.5)
        running.force_exit = True
        thread.join(0.5)
