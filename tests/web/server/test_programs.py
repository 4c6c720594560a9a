"""The page as programs use it: its endpoints over Gradio's client, and its tools over an MCP client."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
import httpx
import pytest
from click.testing import CliRunner
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from rag import Assistant, Index, Settings
from rag.cli import main
from rag.testing import OverlapReader, WordEmbedder
from rag.web.server.gradio_api import ProgramAPI
from rag.web.server.mcp_tools import MCP_PATH
from tests.conftest import ARTICLES
from tests.support.page import asked_by, running_page

QUESTION = "Which bridge over the river closed on Friday?"
ENDPOINTS = {"/ask", "/search", "/articles", "/sync"}
TOO_LONG = "question may have 2,000 characters, this one has 10,000"
_T = TypeVar("_T")


def _run(address: str, endpoint: str, *values: object) -> httpx.Response:
    """What Gradio answers to a request that no client has tidied."""
    given = json.dumps({"data": values})
    headers = {"content-type": "application/json"}
    return httpx.post(f"{address}gradio_api/run/{endpoint}", content=given, headers=headers)


def _over_mcp(address: str, use: Callable[[ClientSession], Awaitable[_T]]) -> _T:
    async def session() -> _T:
        place = f"{address.rstrip('/')}{MCP_PATH}/"
        async with streamable_http_client(place) as (read, write, _), ClientSession(read, write) as opened:
            await opened.initialize()
            return await use(opened)

    return asyncio.run(session())


def _call(address: str, tool: str, **given: object) -> CallToolResult:
    return _over_mcp(address, lambda session: session.call_tool(tool, given))


def _said(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


# Gradio's own API.


def test_the_endpoints_have_names_and_types(client: Client) -> None:
    known: Any = client.view_api(return_format="dict", print_info=False)
    assert set(known["named_endpoints"]) >= ENDPOINTS
    types = {
        name: [f"{one['parameter_name']}: {one['python_type']['type']}" for one in about["parameters"]]
        for name, about in known["named_endpoints"].items()
    }
    filters = ["publisher: str", "since: str", "until: str"]
    assert types["/ask"] == ["question: str", *filters]
    assert types["/search"] == ["query: str", "k: int", *filters]
    assert types["/articles"] == ["words: str", "start: int", "most: int"]
    assert types["/sync"] == []


def test_ask_cites_words_that_stand_in_the_article(client: Client, library: Assistant) -> None:
    answer = client.predict(QUESTION, api_name="/ask")
    assert answer["answered"] is True
    (citation,) = answer["citations"]
    article = library.index.article(citation["article_id"])
    assert article is not None
    assert article.text[citation["start"] : citation["end"]] == citation["quote"]
    assert {number for sentence in answer["sentences"] for number in sentence["citations"]} == {1}


def test_search_gives_what_the_command_line_prints(
    client: Client, library: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.cli.ask_commands.open_index", lambda **_: library.index)
    printed = CliRunner().invoke(main, ["search", "bridge", "-k", "2", "--json"])
    assert client.predict("bridge", 2, api_name="/search") == json.loads(printed.stdout)
    orchards = client.predict("bridge", publisher="valley", api_name="/search")
    assert {row["article_id"] for row in orchards} == {"orchard.md"}


def test_sync_gives_what_the_command_line_prints(
    client: Client, library: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.cli.index_commands.open_index", lambda **_: library.index)
    printed = json.loads(CliRunner().invoke(main, ["sync", "--json"]).stdout)
    assert client.predict(api_name="/sync") == printed
    counts = {"added": 0, "updated": 0, "removed": 0, "unchanged": 3}
    assert printed == {**counts, "failed": [], "left_out": [], "columns": []}


def test_articles_come_a_page_at_a_time(client: Client) -> None:
    page = client.predict(api_name="/articles")
    assert (page["total"], page["start"]) == (3, 0)
    assert {one["id"] for one in page["articles"]} == set(ARTICLES)
    assert set(page["articles"][0]) == {"id", "title", "source", "date", "url"}
    pages = [client.predict(start=start, most=1, api_name="/articles")["articles"] for start in range(4)]
    assert [*pages[0], *pages[1], *pages[2]] == page["articles"]
    assert pages[3] == []
    found = client.predict(words="harbor LIBRARY", api_name="/articles")
    assert (found["total"], found["articles"][0]["id"]) == (1, "library.md")


WRONG = [
    ("ask", ["x" * 10_000, "", "", ""], TOO_LONG),
    ("ask", [" \n\x00", "", "", ""], "question is empty"),
    ("ask", [5, "", "", ""], "question is not a text"),
    ("ask", [None, "", "", ""], "question is not a text"),
    ("ask", ["Why?", "p" * 201, "", ""], "publisher may have 200 characters, this one has 201"),
    ("ask", ["Why?", "", "yes\x1b\nterday", ""], "'yes terday' is not a day; write it as YYYY-MM-DD"),
    ("search", ["bridge", 0, "", "", ""], "k is not a whole number from 1 to 50"),
    ("search", ["bridge", 51, "", "", ""], "k is not a whole number from 1 to 50"),
    ("search", ["bridge", True, "", "", ""], "k is not a whole number from 1 to 50"),
    ("search", ["bridge", 2, "no\nbody", "", ""], "no article is from 'no body'; publishers: Harbor Review, Valley"),
    ("articles", ["", -1, 50], "start is not a whole number from 0 to 1,000,000,000"),
    ("articles", ["", 0, 201], "most is not a whole number from 1 to 200"),
]


@pytest.mark.parametrize(("endpoint", "values", "line"), WRONG)
def test_what_is_wrong_is_said_in_one_line(address: str, endpoint: str, values: list[object], line: str) -> None:
    answer = _run(address, endpoint, *values)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(line)
    assert answer.json()["error"].isprintable()


def test_a_client_gets_the_same_line(client: Client) -> None:
    with pytest.raises(AppError, match=TOO_LONG):
        client.predict("x" * 10_000, api_name="/ask")


def test_a_question_with_control_characters_is_asked_as_one_line(address: str) -> None:
    hostile = "\ud800\x00Which bridge\x1b[31m over\r\n\u202ethe river closed on Friday?"
    (answer,) = _run(address, "ask", hostile, "", "", "").json()["data"]
    assert answer["question"].isprintable()
    assert answer["citations"][0]["article_id"] == "bridge.md"


def test_a_missing_index_is_one_line(library: Assistant, tmp_path: Path) -> None:
    index = Index.open(tmp_path / "none", Settings(_env_file=None), WordEmbedder())
    programs = ProgramAPI(Assistant(index, OverlapReader()), index, Settings(_env_file=None))
    request = asked_by()
    for asked in (programs.ask(request, "Why?"), programs.articles(request), programs.sync(request)):
        with pytest.raises(gr.Error) as caught:
            asyncio.run(asked)
        assert "rag sync" in caught.value.message
        assert caught.value.message.isprintable()


def test_only_a_local_page_can_be_told_to_sync(library: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    for host, expected in (("127.0.0.1", ENDPOINTS), ("0.0.0.0", ENDPOINTS - {"/sync"})):
        offered: list[str] = []
        monkeypatch.setattr(
            "rag.web.server.gradio_api.api",
            lambda _, api_name, offered=offered, **given: offered.append(f"/{api_name}"),
        )
        ProgramAPI(library, library.index, Settings(_env_file=None, host=host)).register()
        assert set(offered) == expected


# MCP.


def test_the_tools_are_ask_and_search(address: str) -> None:
    tools = {tool.name: tool for tool in _over_mcp(address, lambda session: session.list_tools()).tools}
    assert set(tools) == {"ask", "search"}
    assert "verbatim" in str(tools["ask"].description)
    assert tools["ask"].inputSchema["required"] == ["question"]
    assert tools["search"].inputSchema["properties"]["k"]["default"] == 10
    for tool in tools.values():
        assert all(one["description"] for one in tool.inputSchema["properties"].values())
    listed = httpx.get(f"{address.rstrip('/')}{MCP_PATH}/schema").json()
    assert {tool["name"] for tool in listed} == set(tools)


def test_a_model_asks_and_gets_citations(address: str, client: Client) -> None:
    result = _call(address, "ask", question=QUESTION)
    assert not result.isError
    answer = json.loads(_said(result))
    assert answer["answer"].endswith("[1]")
    assert answer["citations"] == client.predict(QUESTION, api_name="/ask")["citations"]


def test_a_model_searches(address: str, client: Client) -> None:
    rows = json.loads(_said(_call(address, "search", query="bridge", k=2)))
    assert rows == client.predict("bridge", 2, api_name="/search")


HOSTILE = [({"question": "\x1b\n" * 5_000}, TOO_LONG), ({"question": "Why?", "since": "\n7"}, "'7' is not a day")]


@pytest.mark.parametrize(("given", "line"), HOSTILE)
def test_a_model_is_told_in_one_line_what_is_wrong(address: str, given: dict[str, object], line: str) -> None:
    result = _call(address, "ask", **given)
    assert result.isError
    assert line in _said(result)
    assert _said(result).isprintable()


@pytest.mark.parametrize("name", ["sync", "articles"])
def test_what_is_no_tool_cannot_be_called(address: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        result = _call(address, name)
    assert result.isError
    assert _said(result) == f"Unknown tool for this Gradio app: {name}"


def test_there_is_nothing_but_tools(address: str) -> None:
    async def refused(session: ClientSession) -> None:
        for listing in (session.list_prompts, session.list_resources, session.list_resource_templates):
            with pytest.raises(McpError, match="Method not found"):
                await listing()

    _over_mcp(address, refused)


def test_without_the_package_there_is_a_page_without_mcp(library: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with running_page(library) as served:
        assert httpx.get(served).status_code == 200
        assert httpx.get(f"{served.rstrip('/')}{MCP_PATH}/").status_code == 404
        assert _run(served, "ask", QUESTION, "", "", "").status_code == 200


def test_opening_the_page_says_nothing_on_stdout(library: Assistant, capfd: pytest.CaptureFixture[str]) -> None:
    with running_page(library):
        assert capfd.readouterr().out == ""
