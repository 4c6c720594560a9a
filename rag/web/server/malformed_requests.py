"""Answer malformed requests with 400 and one line."""

import errno
import json
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

import gradio as gr
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.sources.cleaning.unicode import one_line
from rag.text.characters import join_surrogates
from rag.text.printable import spell_out
from rag.web.server.forwarding import is_host
from rag.web.server.mcp_tools import MCP_PATH
from rag.web.server.rate_limits import read_body

_MISREAD = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the code of a route raises where a request has another shape than it takes for granted."""
_OURS = ("/v1/", "/health", "/metrics")
"""Routes that check what they are sent, so that what they raise is no fault of the request."""
_MAX_MCP_BYTES = 8_000_000
_FAILURES = (422, 500)
"""The statuses that Gradio gives what it fails at, instead of which the cause is said."""
_MAX_ERROR_BYTES = 8000
"""Of an answer that says what is wrong with a request; Gradio's repeat what they were given."""
_log = logging.getLogger("rag.web")


class JsonOnly:
    """Refuse what is no JSON before the MCP server reads it, which would answer 500 and log a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`; authentication and rate limits belong outside of it."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 to a POST to the MCP server that is no JSON; pass on every other request, with its body."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(MCP_PATH):
            body, receive = await read_body(receive, _MAX_MCP_BYTES)
            if not _is_json(body):
                return await refusal(400, "the request is no JSON that can be read")(scope, receive, send)
        await self._app(scope, receive, send)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


class Answering:
    """Turn what the application raises into an answer, so that no request leaves a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; answer 400 where a request was not understood, 500 where the server failed.

        Where the application answers 500, a status in `scope["state"]["refused"]` replaces it.
        """
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        await _Exchange(scope, send).run(self._app, receive)


class _Exchange:
    """One request and its answer, of which a failure is held back until its cause is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._pass_on = send
        self._held: list[Message] = []
        self._started = False
        self._ended = False

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._send)
        except Exception as error:
            _log.warning("%s", _log_line(f"{self._scope['path']}: {type(error).__name__}: {error}"))
            if not self._held or self._held[0]["status"] in _FAILURES:
                await self._answer(error, receive)
                return
        if self._held and self._held[0]["status"] == 422:
            self._held.clear()
            await refusal(400, "the request has another shape than is wanted here")(self._scope, receive, self._pass_on)
        await self._release(receive)

    async def _release(self, receive: Receive) -> None:
        """Send the error answer that was held back, if any; in place of a long one, its status and one line."""
        held = self._held
        self._held = []
        if sum(len(message.get("body", b"")) for message in held) <= _MAX_ERROR_BYTES:
            for message in held:
                await self._pass_on(message)
            return
        line = "the request is refused, for a reason that is too long to repeat"
        await refusal(held[0]["status"], line)(self._scope, receive, self._pass_on)

    async def _send(self, message: Message) -> None:
        if self._ended:
            return
        if message["type"] == "http.response.start":
            refused = self._scope.get("state", {}).get("refused")
            if message["status"] == 500 and refused:
                message = {**message, "status": refused}
            self._started = message["status"] < 400
        if not self._started:
            self._held.append(message)
            return
        self._ended = message["type"] == "http.response.body" and not message.get("more_body")
        await self._pass_on(message)

    async def _answer(self, error: Exception, receive: Receive) -> None:
        if self._started:
            if not self._ended:
                await self._pass_on({"type": "http.response.body", "body": b"", "more_body": False})
            return
        blamed = _is_misread(error) or not isinstance(error, OSError | MemoryError)
        misread = blamed and not self._scope["path"].startswith(_OURS)
        answer = (
            refusal(400, f"the request is not understood ({type(error).__name__})")
            if misread
            else refusal(500, f"this failed unforeseen ({type(error).__name__}); the page's log says more")
        )
        await answer(self._scope, receive, self._pass_on)


class Blocks(gr.Blocks):
    """A Gradio page whose events fail with one line, whatever a program sends them."""

    async def preprocess_data(self, block_fn: Any, inputs: Any, *args: Any, **given: Any) -> Any:
        """Preprocess the inputs of an event as Gradio does; lone surrogates are replaced in those of text boxes."""
        values = await super().preprocess_data(block_fn, inputs, *args, **given)
        return [_clean_input(block, value) for block, value in zip(block_fn.inputs, values, strict=False)]

    async def process_api(self, *args: Any, **given: Any) -> Any:
        """Run an event; any error becomes a gr.Error of one line; one that was no gr.Error is logged in a line."""
        try:
            return await super().process_api(*args, **given)
        except gr.Error as error:
            _note_status(given.get("request"), 400)
            error.print_exception = False
            raise
        except Exception as error:
            misread = _is_misread(error)
            _note_status(given.get("request"), 400 if misread else 500)
            _log.warning("%s", _log_line(f"an event: {type(error).__name__}: {error}"))
            line = "the request is not understood" if misread else "this failed unforeseen"
            raise gr.Error(f"{line} ({type(error).__name__})", print_exception=False) from None


def find_head_fault(scope: Scope) -> str:
    """Return what is wrong with the Host or the address of a request; empty where nothing is."""
    headers = Headers(scope=scope)
    if len(headers.getlist("host")) > 1 or not is_host(headers.get("host", "")):
        return "the Host of the request is malformed"
    try:
        path = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()).decode()
        query = unquote_to_bytes(scope.get("query_string", b"")).decode()
    except UnicodeError:
        return "the address of the request is not UTF-8"
    if any(ord(mark) < 32 or ord(mark) == 127 for mark in path) or "\0" in query:
        return "the address of the request holds a control character"
    return ""


def refusal(status: int, line: str, headers: dict[str, str] | None = None) -> Response:
    """Build a JSON error response with a line, both where Gradio's page and where OpenAI's clients look for it."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"detail": line, "error": {"message": line, "type": kind, "code": status}}, status, headers)


def _is_misread(error: Exception) -> bool:
    named = isinstance(error, OSError) and error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)
    return named or isinstance(error, _MISREAD)


def _clean_input(block: Any, value: Any) -> Any:
    """Return the value of a text box as text without lone surrogates; values of other components as they are."""
    if not isinstance(block, gr.Textbox):
        return value
    return join_surrogates(value) if isinstance(value, str) else "" if value is None else str(value)


def _note_status(request: gr.Request | Sequence[gr.Request] | None, status: int) -> None:
    """Note the status that a failed event is answered with, unless one is noted already."""
    asked = getattr(request, "request", None)
    if (scope := getattr(asked, "scope", None)) is not None:
        scope.setdefault("state", {}).setdefault("refused", status)


def _log_line(text: str) -> str:
    return spell_out(one_line(join_surrogates(text)))[:300]
