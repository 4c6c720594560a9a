"""The five doors through which a question is put: each returns what was wrong with the outcome, or an empty text."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client

from rag import Assistant, Index
from rag.errors import RagError

if TYPE_CHECKING:
    from tests.cases.probes import Workbench

_SECONDS = 120


def python(question: str, bench: "Workbench") -> str:
    """Ask the library in this process."""
    index = Index.open(bench.index)
    try:
        answer = Assistant(index).ask(question)
    except RagError as error:
        return _one_line(str(error))
    finally:
        index.close()
    return "" if answer.text.strip() else "an empty answer"


def command(question: str, bench: "Workbench") -> str:
    """Ask the command line."""
    # An argument holds no NUL, and what is no UTF-8 is given as bytes.
    argument = os.fsdecode(question.replace("\0", "").encode("utf-8", "surrogatepass"))
    done = bench.run("ask", "--", argument, seconds=_SECONDS)
    if done.returncode == 0:
        return "" if done.stdout.strip() else "an empty answer"
    if done.returncode not in (1, 2) or "Traceback" in done.stderr or "panicked" in done.stderr:
        return f"exit {done.returncode}: {done.stderr.strip()[-200:]}"
    return ""


def page(question: str, bench: "Workbench") -> str:
    """Ask the page over Gradio's API. A browser sends half a character as an escape, which Gradio's client cannot."""
    reply = httpx.post(
        f"{bench.address}/gradio_api/run/ask",
        content=json.dumps({"data": [question, "", "", ""]}),
        headers={"content-type": "application/json"},
        timeout=_SECONDS,
    )
    return "" if reply.is_success else _one_line(str(reply.json()["error"]))


def http(question: str, bench: "Workbench") -> str:
    """Ask `/v1` as OpenAI's clients do, at once and as a stream."""
    for stream in (False, True):
        body = {"model": "articles", "stream": stream, "messages": [{"role": "user", "content": question}]}
        headers = {"content-type": "application/json"}
        place = f"{bench.address}/v1/chat/completions"
        reply = httpx.post(place, content=json.dumps(body), headers=headers, timeout=_SECONDS)
        if reply.status_code not in (200, 400, 413, 422):
            return f"status {reply.status_code}: {reply.text[:200]}"
        if stream and reply.status_code == 200 and "[DONE]" not in reply.text:
            return f"the stream has no end: {reply.text[-200:]}"
    return ""


def mcp(question: str, bench: "Workbench") -> str:
    """Call the tool `ask` of the MCP server, whose client cannot send half a character."""
    question = question.encode("utf-8", "replace").decode()

    async def call() -> str:
        place = f"{bench.address}/gradio_api/mcp/"
        async with streamable_http_client(place) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            try:
                done = await asyncio.wait_for(session.call_tool("ask", {"question": question}), _SECONDS)
            except McpError as error:
                return _one_line(str(error))
            return "" if done.content else "an empty result"

    return asyncio.run(call())


def _one_line(said: str) -> str:
    return (
        "" if said.strip() and "Traceback" not in said and said.count("\n") < 2 else f"not one clear line: {said[:200]}"
    )


DOORS: dict[str, Callable[[str, "Workbench"], str]] = {
    "Python": python,
    "the command line": command,
    "the page": page,
    "HTTP": http,
    "MCP": mcp,
}
