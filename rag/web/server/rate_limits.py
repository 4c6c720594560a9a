"""Tell requests that have work done from those that only draw the page, for rate limits."""

import json
from collections.abc import MutableSequence

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

DRAWING = "drawing"
"""The concurrency id of Gradio's functions that only draw what is known."""
_CALLS = ("/gradio_api/queue/join", "/gradio_api/run/predict")
_RELEASES = ("/gradio_api/cancel", "/gradio_api/reset")


async def peek(scope: Scope, receive: Receive, most_bytes: int) -> tuple[bool, Receive]:
    """Tells whether a request only draws the page; what was read for that is received again."""
    if scope["path"] in _RELEASES:
        return True, receive
    announced = Headers(scope=scope).get("content-length") or ""
    if scope["path"] not in _CALLS or (announced.isdecimal() and int(announced) > most_bytes):
        return False, receive
    body, receive = await read_body(receive, most_bytes)
    return _draws(scope, body), receive


async def read_body(receive: Receive, most_bytes: int) -> tuple[bytes, Receive]:
    """Read a body, or little more than `most_bytes` of it; what was read is received again from what is returned."""
    messages: list[Message] = []
    body = bytearray()
    while len(body) <= most_bytes:
        messages.append(message := await receive())
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body), _again(messages, receive)


def _again(messages: MutableSequence[Message], receive: Receive) -> Receive:
    async def received() -> Message:
        return messages.pop(0) if messages else await receive()

    return received


def _draws(scope: Scope, body: bytes) -> bool:
    """Whether the function that is called is one of those; what is not understood is work."""
    try:
        functions, called = scope["app"].get_blocks().fns, json.loads(body)["fn_index"]
        return type(called) is int and functions[called].concurrency_id == DRAWING
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return False
