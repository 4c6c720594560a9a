"""The servers that other tests ask, as OpenAI's own client sees them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import APIError, AuthenticationError, OpenAI, RateLimitError, Stream
from openai.types.chat import ChatCompletionChunk

from tests.support.llm_server import LlmServer, Reply, failing, llm_server, said, said_in
from tests.support.tiny_chat import tiny_chat, transformers_serve

QUESTION: list[Any] = [{"role": "user", "content": "Who closed the bridge?"}]
PIECES = ["The mayor ", "closed ", "the „naïve“ 橋 ", "👩\u200d✈️."]


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server(said_in(PIECES)) as running:
        yield running


@pytest.fixture
def client(server: LlmServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.url, api_key="sk-test", max_retries=0, timeout=10) as opened:
        yield opened


def ask(client: OpenAI, model: str = "scripted", **more: Any) -> Stream[ChatCompletionChunk]:
    stream: Stream[ChatCompletionChunk] = client.chat.completions.create(
        model=model, messages=QUESTION, stream=True, **more
    )
    return stream


def pieces(stream: Stream[ChatCompletionChunk]) -> Iterator[str]:
    with stream:
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


def test_pieces_arrive_as_they_were_sent(server: LlmServer, client: OpenAI) -> None:
    assert list(pieces(ask(client, temperature=0.1))) == PIECES
    assert server.requests[0]["messages"] == QUESTION
    assert server.requests[0]["temperature"] == 0.1
    assert server.requests[0]["headers"]["authorization"] == "Bearer sk-test"
    assert server.requests[0]["at"] <= server.sent[0] <= server.sent[-1] <= time.perf_counter()
    assert len(server.sent) == len(PIECES)


def test_odd_flushes_change_nothing(server: LlmServer, client: OpenAI) -> None:
    server.reply = said_in(PIECES, split=True)
    assert list(pieces(ask(client))) == PIECES


def test_a_pause_delays_what_follows(server: LlmServer, client: OpenAI) -> None:
    server.reply = said_in(["a", "b"], before=0.1, pause=0.2)
    assert list(pieces(ask(client))) == ["a", "b"]
    assert server.sent[0] - server.requests[0]["at"] >= 0.1
    assert server.sent[1] - server.sent[0] >= 0.19


def test_a_reply_is_made_from_the_question(server: LlmServer, client: OpenAI) -> None:
    server.reply = lambda body: Reply([body["messages"][-1]["content"].upper()])
    assert list(pieces(ask(client))) == ["WHO CLOSED THE BRIDGE?"]


def test_an_answer_comes_whole_when_no_stream_is_asked_for(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="scripted", messages=QUESTION)
    assert answer.choices[0].message.content == "".join(PIECES)


def test_the_models_are_listed(server: LlmServer, client: OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.model_dump()["max_model_len"]) == ("scripted", 8192)
    server.models = None
    with pytest.raises(APIError):
        client.models.list()


def test_a_connection_is_kept(server: LlmServer) -> None:
    with httpx.Client() as client:
        answers = [client.post(f"{server.url}/chat/completions", json={"stream": True}) for _ in range(2)]
        ports = {answer.extensions["network_stream"].get_extra_info("client_addr")[1] for answer in answers}
    assert len(ports) == 1


def test_failures_have_their_own_names(server: LlmServer, client: OpenAI) -> None:
    server.reply = failing(401, "Incorrect API key provided.")
    with pytest.raises(AuthenticationError, match="Incorrect API key") as refused:
        ask(client)
    assert refused.value.code == "invalid_api_key"
    server.reply = failing(429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimitError) as limited:
        ask(client)
    assert limited.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize("endless", [False, True])
def test_a_drop_in_mid_stream_raises(server: LlmServer, client: OpenAI, endless: bool) -> None:
    server.reply = said_in(PIECES, cut_after=2, endless=endless)
    stream = pieces(ask(client))
    assert [next(stream), next(stream)] == PIECES[:2]
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        next(stream)


def test_a_drop_in_a_whole_answer_raises(server: LlmServer, client: OpenAI) -> None:
    server.reply = said_in(PIECES, cut_after=0)
    with pytest.raises(APIError):
        client.chat.completions.create(model="scripted", messages=QUESTION)


def test_a_never_ending_stream_can_be_left(server: LlmServer, client: OpenAI) -> None:
    server.reply = said_in(PIECES, endless=True, pause=0.01)
    stream = ask(client)
    for _, piece in zip(range(10), pieces(stream), strict=False):
        assert piece in PIECES
    stream.close()
    until = time.perf_counter() + 2
    while not server.left and time.perf_counter() < until:
        time.sleep(0.01)
    assert server.left


@pytest.mark.parametrize("reply", [Reply(PIECES, endless=True), Reply(pings=True, pause=0.01), Reply(before=60)])
def test_the_server_ends_while_it_answers(reply: Reply) -> None:
    with httpx.Client() as client:
        with llm_server(lambda body: reply) as server:
            question = client.build_request("POST", f"{server.url}/chat/completions", json={"stream": True})
            stream = client.send(question, stream=True)
            time.sleep(0.2)
            ends = time.perf_counter()
        assert time.perf_counter() - ends < 1
        stream.close()


def test_pings_say_nothing(server: LlmServer) -> None:
    server.reply = said_in((), pings=True, pause=0.05)
    with httpx.stream("POST", f"{server.url}/chat/completions", json={"stream": True}) as stream:
        lines = stream.iter_lines()
        assert [next(lines) for _ in range(4)] == [": ping", ""] * 2


def test_garbage_is_passed_on(server: LlmServer, client: OpenAI) -> None:
    server.reply = said_in((), raw=b"data: {not json\n\n")
    with pytest.raises(ValueError, match="property name"):
        list(pieces(ask(client)))
    server.reply = said_in((), raw=b"<html>502 Bad Gateway</html>", kind="text/html")
    assert list(pieces(ask(client))) == []


def test_an_error_in_a_script_comes_up() -> None:
    def script(body: Any) -> Reply:
        raise KeyError("passages")

    with pytest.raises(KeyError, match="passages"), llm_server(script) as server:
        assert httpx.post(f"{server.url}/chat/completions", json={}).status_code == 500
    with llm_server(said("Again.")) as server:
        assert httpx.post(f"{server.url}/chat/completions", json={}).is_success


def test_transformers_serves_the_tiny_model(tmp_path: Path) -> None:
    with transformers_serve(tiny_chat(tmp_path / "model")) as (url, name), OpenAI(base_url=url, api_key="-") as client:
        first = "".join(pieces(ask(client, name, max_tokens=8)))
        assert first
        assert "".join(pieces(ask(client, name, max_tokens=8))) == first
        assert client.models.list()
