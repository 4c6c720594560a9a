"""Tell requests that have work done from those that only draw the page, for rate limits."""

import json
from collections.abc import MutableSequence
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

DRAWING = "drawing"
"""The concurrency id of Gradio's functions that only draw what is known."""
_CALL_PATHS = ("/gradio_api/queue/join", "/gradio_api/run/predict")
_CANCEL_PATHS = ("/gradio_api/cancel", "/gradio_api/reset")


class Peeked(NamedTuple):
    """Whether a request only draws the page, and what receives it from its beginning."""

    is_drawing: bool
    receive: Receive


class ReadBody(NamedTuple):
    """The body of a request, and what receives it once more."""

    body: bytes
    receive: Receive


async def peek(scope: Scope, receive: Receive, max_bytes: int) -> Peeked:
    """Read as much of a request as shows whether it only draws the page."""
    if scope["path"] in _CANCEL_PATHS:
        return Peeked(is_drawing=True, receive=receive)
    announced = Headers(scope=scope).get("content-length") or ""
    if scope["path"] not in _CALL_PATHS or (announced.isdecimal() and int(announced) > max_bytes):
        return Peeked(is_drawing=False, receive=receive)
    body, receive = await read_body(receive, max_bytes)
    return Peeked(is_drawing=_is_drawing(scope, body), receive=receive)


async def read_body(receive: Receive, max_bytes: int) -> ReadBody:
    """Read a body, or little more than `max_bytes` of it."""
    messages: list[Message] = []
    body = bytearray()
    while len(body) <= max_bytes:
        messages.append(message := await receive())
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return ReadBody(bytes(body), _replay(messages, receive))


def _replay(messages: MutableSequence[Message], receive: Receive) -> Receive:
    async def receive_again() -> Message:
        return messages.pop(0) if messages else await receive()

    return receive_again


def _is_drawing(scope: Scope, body: bytes) -> bool:
    """Whether a call is of a function that only draws the page; what is not understood is work."""
    try:
        number = json.loads(body)["fn_index"]
        return type(number) is int and scope["app"].get_blocks().fns[number].concurrency_id == DRAWING
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return False
