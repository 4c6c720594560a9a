"""LLMs: what a setting means, a real server that does well and badly, a model in this process."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import LLMError, SettingsError
from rag.models.llm import ModelName, open_llm, parse_model_name
from rag.models.llm.providers import ANY_KEY, PROVIDERS, describe_model
from rag.models.llm.remote import ServedLLM
from rag.models.llm.timeouts import limit_stream
from rag.settings import Settings
from tests.support.llm_server import LlmServer, Reply, failing, llm_server, said, said_in
from tests.support.tiny_chat import tiny_chat, transformers_serve

ROUTER = PROVIDERS["openrouter"].url
PIECES = ["The bridge ", "closed on ", "Friday „früh“ 橋."]


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server(said_in(PIECES)) as running:
        yield running


def served(server: LlmServer, **settings: object) -> ServedLLM:
    given = Settings(_env_file=None, llm=f"scripted@{server.url}", **settings)  # type: ignore[arg-type]
    opened = open_llm(given)
    assert isinstance(opened, ServedLLM)
    return opened


def written(llm: ServedLLM) -> list[str]:
    return [piece for piece in llm.stream("Be brief.", "Which bridge closed?", 50) if piece]


# What a setting means.


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("ollama/llama3.2:1b", ModelName("ollama", "llama3.2:1b", "http://127.0.0.1:11434/v1", ANY_KEY, 4096)),
        (
            "openai/gpt-5-mini",
            ModelName("openai", "gpt-5-mini", "https://api.openai.com/v1", "OPENAI_API_KEY", 128_000),
        ),
        ("openrouter/a/llama", ModelName("openrouter", "a/llama", ROUTER, "OPENROUTER_API_KEY", 32_000)),
        ("vllm/org/m@http://10.0.0.7:8000/v1/", ModelName("vllm", "org/m", "http://10.0.0.7:8000/v1", "VLLM_API_KEY")),
        ("mistral-7b@http://127.0.0.1:9/v1", ModelName("", "mistral-7b", "http://127.0.0.1:9/v1", ANY_KEY)),
        ("http://127.0.0.1:9/v1 org/mistral-7b", ModelName("", "org/mistral-7b", "http://127.0.0.1:9/v1", ANY_KEY)),
        ("hf/models/tiny", ModelName("hf", "models/tiny")),
    ],
)  # fmt: skip
def test_a_setting_is_read(setting: str, expected: ModelName) -> None:
    assert parse_model_name(setting) == expected


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("llama3.2", "is not provider/model or model@URL; providers: ollama"),
        ("nobody/llama", "is not provider/model"),
        ("openai/x@http://[", "names an address that cannot be read"),
        ("x@http://a:99999999", "names an address that cannot be read"),
        ("x@http://a:b/v1", "names an address that cannot be read"),
        ("ollama/", "is not provider/model"),
        ("http://127.0.0.1:8000/v1", "names no model"),
        ("m@http://user:secret@host/v1", "must not hold a key"),
        ("m@http://host/v1?key=1", "must not hold a key"),
        ("m@http:///v1", "names no host"),
    ],
)
def test_a_bad_setting_is_one_line(setting: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("?", "\\?")) as raised:
        parse_model_name(setting)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("openai/gpt@http://127.0.0.1:9/v1", ANY_KEY),
        ("openai/gpt@https://api.openai.com.evil.invalid/v1", ANY_KEY),
        ("openai/gpt@https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("anthropic/claude@http://10.0.0.1/v1", ANY_KEY),
    ],
)
def test_a_providers_key_goes_to_that_provider_alone(setting: str, key: str) -> None:
    assert parse_model_name(setting).key == key


def test_no_setting_is_no_llm() -> None:
    assert open_llm(Settings(_env_file=None)) is None


def test_it_is_said_where_an_llm_runs() -> None:
    assert describe_model("ollama/llama3.2") == "ollama/llama3.2 at http://127.0.0.1:11434/v1 (on this machine)"
    assert describe_model("openai/gpt").endswith("(not on this machine)")
    assert describe_model("hf/models/tiny") == "hf/models/tiny in this process"


# A server that does well.


def test_pieces_arrive_one_by_one(server: LlmServer) -> None:
    assert written(served(server)) == PIECES
    asked = server.requests[0]
    assert [one["role"] for one in asked["messages"]] == ["system", "user"]
    assert (asked["model"], asked["max_tokens"], asked["stream"], asked["temperature"]) == ("scripted", 50, True, 0.0)


def test_odd_chunks_change_nothing(server: LlmServer) -> None:
    server.reply = said_in(PIECES, split=True)
    assert written(served(server)) == PIECES


def test_the_window_is_the_servers_or_the_settings(server: LlmServer) -> None:
    assert served(server).window == 8192
    assert served(server, llm_context_tokens=2048).window == 2048
    server.models = None
    assert served(server).window == 8192
    assert ServedLLM(parse_model_name("ollama/m@http://127.0.0.1:9/v1"), Settings(_env_file=None)).window == 4096


def test_tokens_are_never_counted_too_few(server: LlmServer) -> None:
    exact = ServedLLM(parse_model_name("openai/gpt"), Settings(_env_file=None))
    for text in ("The bridge closed on Friday.", "„Früh“ um fünf", "橋は金曜日に閉鎖された", "a " * 50, ""):
        assert served(server).count_tokens(text) >= exact.count_tokens(text)


def test_only_what_is_ours_is_sent(server: LlmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "sk-not-for-you")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: secret")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    assert written(served(server)) == PIECES
    told = str(server.requests[0])
    assert "secret" not in told
    assert "sk-not-for-you" not in told
    assert "authorization" not in server.requests[0]["headers"]
    monkeypatch.setenv(ANY_KEY, "sk-for-you")
    assert written(served(server)) == PIECES
    assert server.requests[1]["headers"]["authorization"] == "Bearer sk-for-you"


def test_a_redirect_is_not_followed(server: LlmServer) -> None:
    with llm_server(said("stolen")) as elsewhere:
        server.reply = said_in((), raw=b"", status=307, headers={"location": f"{elsewhere.url}/chat/completions"})
        with pytest.raises(LLMError):
            written(served(server))
        assert elsewhere.requests == []


def test_leaving_the_stream_ends_it(server: LlmServer) -> None:
    server.reply = said_in(["word "], endless=True, pause=0.01)
    stream = served(server).stream("", "", 50)
    assert next(piece for piece in stream if piece) == "word "
    stream.close()
    until = time.monotonic() + 5
    while not server.left and time.monotonic() < until:
        time.sleep(0.02)
    assert server.left


# A server that does badly.


@pytest.mark.parametrize(
    ("reply", "said", "requests"),
    [
        (failing(401, "Incorrect API key provided: sk-for-you"), "refuses the key; set RAG_LLM_API_KEY", 1),
        (failing(403), "refuses the key", 1),
        (failing(404), "has no model 'scripted', or speaks another protocol", 1),
        (failing(400, "maximum context length is 4096"), "status 400: maximum context length is 4096", 1),
        (failing(429, headers={"retry-after": "3600"}), "at its limit", 1),
        (failing(429, code="insufficient_quota"), "at its limit", 1),
        (failing(429, headers={"retry-after": "0"}), "at its limit", 3),
        (failing(500), "failed with status 500", 3),
        (said_in(PIECES, cut_after=1), "broke off", 1),
        (said_in((), raw=b"data: {not json}\n\n"), "not OpenAI's protocol", 1),
        (said_in((), raw=b"data: \xff\xfe\x00garbage\n\n"), "not OpenAI's protocol", 1),
        (said_in((), raw=b"<html>Welcome</html>", kind="text/html"), "", 1),
    ],
)
def test_what_goes_wrong_is_one_line(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, reply: object, said: str, requests: int
) -> None:
    monkeypatch.setenv(ANY_KEY, "sk-for-you")
    server.reply = reply  # type: ignore[assignment]
    if not said:  # nothing is written, which whoever reads it will notice
        assert written(served(server)) == []
        return
    with pytest.raises(LLMError, match=said) as raised:
        written(served(server))
    assert str(raised.value).startswith(f"scripted@{server.url}: ")
    assert "sk-for-you" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(server.requests) == requests


def test_a_server_that_stumbles_is_asked_again(server: LlmServer) -> None:
    replies = iter([failing(503), failing(429, headers={"retry-after": "1"}), said_in(PIECES)])
    server.reply = lambda body: next(replies)(body)
    assert written(served(server)) == PIECES
    _, second, third = (one["at"] for one in server.requests)
    assert third - second >= 1.0


def test_nobody_there_is_said_at_once() -> None:
    with llm_server(said("")) as gone:
        pass
    started = time.monotonic()
    with pytest.raises(LLMError, match=r"cannot be reached at .*; start it, or change RAG_LLM"):
        written(served(gone))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("reply", [Reply(PIECES, before=60), Reply(pings=True, pause=0.05), Reply(PIECES, pause=60)])
def test_silence_ends(server: LlmServer, reply: Reply) -> None:
    server.reply = lambda body: reply
    with pytest.raises(LLMError, match=r"RAG_LLM_SILENCE_SECONDS|in time"):
        written(served(server, llm_silence_seconds=0.4))


def test_a_stream_without_end_ends(server: LlmServer) -> None:
    server.reply = said_in(["word "], endless=True, pause=0.01)
    with pytest.raises(LLMError, match="RAG_LLM_SECONDS"):
        written(served(server, llm_seconds=0.5))


def test_a_missing_key_is_said_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LLMError, match="openai/gpt needs its key in OPENAI_API_KEY"):
        written(ServedLLM(parse_model_name("openai/gpt"), Settings(_env_file=None)))


def test_several_may_ask_at_once(server: LlmServer) -> None:
    server.reply = lambda body: Reply([body["messages"][1]["content"]] * 20, pause=0.002)
    llm, found = served(server), dict[str, set[str]]()

    def ask(question: str) -> None:
        found[question] = set(filter(None, llm.stream("", question, 50)))

    threads = [threading.Thread(target=ask, args=(f"question {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {f"question {number}": {f"question {number}"} for number in range(8)}


# Waiting.


def test_what_a_source_raises_comes_through() -> None:
    def source() -> Iterator[str]:
        yield "a"
        raise LLMError("gone")

    pieces = limit_stream(source, 5, 5)  # type: ignore[arg-type]
    assert next(pieces) == "a"
    with pytest.raises(LLMError, match="gone"):
        next(pieces)


# Real models.


def test_transformers_own_server(tmp_path: Path) -> None:
    with transformers_serve(tiny_chat(tmp_path / "tiny")) as (url, name):
        llm = open_llm(Settings(_env_file=None, llm=f"{url} {name}"))
        assert llm is not None
        assert "".join(llm.stream("Be brief.", "Which bridge closed?", 12)).strip()


def test_a_model_in_this_process(tmp_path: Path) -> None:
    llm = open_llm(Settings(_env_file=None, llm=f"hf/{tiny_chat(tmp_path / 'tiny')}"))
    assert llm is not None
    llm.prepare()
    assert llm.window == 2048
    assert llm.count_tokens("The bridge closed.") > 2
    first = list(llm.stream("Be brief.", "Which bridge closed?", 12))
    assert "".join(first).strip()
    assert list(llm.stream("Be brief.", "Which bridge closed?", 12)) == first
    stream = llm.stream("Be brief.", "Which bridge closed?", 1500)
    next(stream)
    stream.close()
    started = time.monotonic()
    assert list(llm.stream("Be brief.", "Which bridge closed?", 4))
    assert time.monotonic() - started < 10


def test_a_model_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    llm = open_llm(Settings(_env_file=None, llm=f"hf/{tmp_path}/nothing"))
    assert llm is not None
    with pytest.raises(LLMError, match="neither a folder nor a model"):
        list(llm.stream("", "", 4))
