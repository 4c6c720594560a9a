"""An LLM server has limits in time, bytes and words, whatever it sends, and giving up closes the connection."""

import base64
import gc
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.answering.generative import write_answer
from rag.errors import LLMError
from rag.models.llm.providers import ANY_KEY, parse_model_name
from rag.models.llm.remote import ServedLLM
from rag.models.llm.secrets import redact_secret
from rag.models.llm.timeouts import join_split_characters, limit_stream
from rag.settings import Settings
from rag.testing import ScriptedLLM
from rag.text.printable import printable, printable_json, spell_out
from tests.answering.test_generative import CHECKER, given_to
from tests.support.llm_server import failing, llm_server, said, said_in
from tests.support.raw_server import Send, raw_server

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
SECONDS = 0.6
KEY = "sk-proj-4fT9xQ2mLw8ZrK7bNcV3yHs6Jd1GaPeU0oRiXtBq5WzMnEk"


def event(delta: object, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def forever(data: bytes, *, first: bytes = b"", pause: float = 0.0) -> Callable[[Send], None]:
    def sends(send: Send) -> None:
        send(first)
        while True:
            send(data)
            time.sleep(pause)

    return sends


def once(data: bytes, *, kind: str = "text/event-stream", more: str = "") -> Callable[[Send], None]:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n{more}\r\n".encode()
    return lambda send: send(head + data)


NESTED = b'data: {"choices":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n\n"
BOMB = gzip.compress(b"data: " + b"x" * 20_000_000)
CALL = {"tool_calls": [{"index": 10**9, "id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
HOSTILE = {
    "nothing": lambda send: time.sleep(5),
    "headers without end": forever(b"x-more: 1\r\n", first=b"HTTP/1.1 200 OK\r\n", pause=0.01),
    "headers byte by byte": forever(b"x", first=b"HTTP/1.1 200 OK\r\nx-more: ", pause=0.05),
    "1xx without end": forever(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
    "100 without end": forever(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01),
    "comments without end": forever(b": still here\n\n", first=STREAM, pause=0.01),
    "comments at full speed": forever(b": still here\n\n" * 1000, first=STREAM),
    "a line without end": forever(b"x" * 60_000, first=STREAM + b"data: "),
    "an event without end": forever(b"data: x\n" * 8_000, first=STREAM),
    "lines without end": forever(b"a\n" * 30_000, first=STREAM),
    "a stream byte by byte": forever(b"d", first=STREAM, pause=0.05),
    "usage without end": forever(b'data: {"choices": [], "usage": {"total_tokens": 1}}\n\n', first=STREAM, pause=0.01),
    "pieces without end": forever(event({"content": "a "}), first=STREAM),
    "empty pieces without end": forever(event({"content": ""}), first=STREAM, pause=0.01),
    "reasoning without end": forever(event({"reasoning_content": "hm "}), first=STREAM, pause=0.01),
    "a bomb": once(BOMB, more="content-encoding: gzip\r\n"),
    "a page": once(b"<html>" + b"Welcome" * 1000, kind="text/html"),
    "a picture": once(b"\x89PNG" * 1000, kind="image/png"),
    "deep JSON": once(NESTED),
    "a long number": once(b'data: {"choices": [{"index": ' + b"9" * 5000 + b"}]}\n\n"),
    "a far choice": once(event({"content": ""}, index=10**9)),
    "tool calls only": once(event(CALL) + b"data: [DONE]\n\n"),
    "choices that are none": once(b'data: {"choices": "many"}\n\ndata: [DONE]\n\n'),
    "no object": once(b"data: 7\n\ndata: null\n\ndata: []\n\ndata: [DONE]\n\n"),
    "a long wait": lambda send: send(
        b"HTTP/1.1 503 Busy\r\nretry-after: 1e9\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ),
    "a length without body": lambda send: send(STREAM.replace(b"\r\n\r\n", b"\r\ncontent-length: 10000000000\r\n\r\n")),
    "an error without end": forever(b"x" * 60_000, first=b"HTTP/1.1 400 Bad\r\n\r\n"),
}  # fmt: skip


def model(url: str, **settings: object) -> ServedLLM:
    given = {"llm_seconds": SECONDS, "llm_silence_seconds": 30.0, **settings}
    return ServedLLM(parse_model_name(f"m@{url}"), Settings(_env_file=None, **given))  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    model("http://127.0.0.1:9/v1").prepare()


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def takers() -> int:
    return sum("_take" in thread.name for thread in threading.enumerate())


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: a stream of another test that is closed deep in a recursion has no room to."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("sends", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_server_sends_ends_in_time_and_frees_its_connection(sends: Callable[[Send], None]) -> None:
    before = takers()
    with raw_server(lambda head, send: sends(send)) as server:
        started, wrote, said_ = time.monotonic(), [], ""
        try:
            wrote = [piece for piece in model(server.url).stream("", "", 50) if piece]
        except LLMError as error:
            said_ = str(error)
        assert "\n" not in said_ and len(said_) < 400
        assert wrote == [] or set(wrote) == {"a "}
        assert time.monotonic() - started < SECONDS + 1.5
        assert server.sent < 40_000_000
        assert eventually(lambda: takers() <= before)
        if sends is not HOSTILE["nothing"]:
            assert eventually(lambda: server.open == 0)


LISTS = {
    "byte by byte": forever(b" ", first=b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", pause=0.05),
    "without end": forever(b" " * 60_000, first=b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"),
    "headers without end": HOSTILE["headers without end"],
    "nothing": HOSTILE["nothing"],
    "deep": once(b'{"data":' + b"[" * 100_000, kind="application/json"),
    "a window beyond reason": once(
        b'{"data":[{"id":"m","max_model_len":' + b"9" * 4000 + b"}]}", kind="application/json"
    ),
    "a window below nothing": once(b'{"data":[{"id":"m","max_model_len":-5}]}', kind="application/json"),
    "a bomb": once(gzip.compress(b" " * 20_000_000), kind="application/json", more="content-encoding: gzip\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("sends", LISTS.values(), ids=LISTS.keys())
def test_a_list_of_models_has_the_same_limits(sends: Callable[[Send], None]) -> None:
    with raw_server(lambda head, send: sends(send)) as server:
        started = time.monotonic()
        assert model(server.url).window == 8192
        assert time.monotonic() - started < SECONDS + 1.5
        assert server.sent < 40_000_000


def test_giving_up_closes_the_connection_at_once() -> None:
    """Also while the server says nothing and may stay silent for long."""

    def handler(head: bytes, send: Send) -> None:
        send(STREAM + event({"content": "word "}))
        time.sleep(0.5)
        while True:  # whoever has hung up is noticed at the second write
            send(b":\n\n")
            time.sleep(0.02)

    with raw_server(handler) as server:
        stream = model(server.url, llm_seconds=60.0).stream("", "", 50)
        assert next(piece for piece in stream if piece) == "word "
        assert server.open == 1
        stream.close()
        assert eventually(lambda: server.open == 0, 2.0)
        assert eventually(lambda: takers() == 0, 1.0)


def test_a_source_that_is_not_taken_waits() -> None:
    made = 0

    def source():  # type: ignore[no-untyped-def]
        nonlocal made
        while True:
            made += 1
            yield "a"

    pieces = limit_stream(source, 5, 5)
    assert next(pieces) == "a"
    time.sleep(0.2)
    assert made < 1000
    pieces.close()
    assert eventually(lambda: takers() == 0, 2.0)


def test_an_error_of_a_source_keeps_its_cause() -> None:
    def source():  # type: ignore[no-untyped-def]
        yield "a"
        raise LLMError("it broke") from OSError("the line")

    with pytest.raises(LLMError, match="it broke") as raised:
        list(limit_stream(source, 5, 5))
    assert isinstance(raised.value.__cause__, OSError)


@pytest.mark.parametrize("burst", [["a"] * 12_000, ["a" * 12_000], ["a. "] * 4_000])
def test_a_burst_is_held_to_the_time_too(burst: list[str]) -> None:
    def source():  # type: ignore[no-untyped-def]
        yield from burst

    started = time.monotonic()

    def slowly() -> None:
        for _ in limit_stream(source, 5, 0.3):
            time.sleep(0.02)

    with pytest.raises(LLMError, match="RAG_LLM_SECONDS"):
        slowly()
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("text", ["x", "word ", "Mr. ", "橋", "[a", '("', "<"])
def test_the_work_grows_with_the_length_of_what_is_written(text: str) -> None:
    """Counted in what is looked at, not by the clock: four times as much gives at most six times the work."""

    def steps(length: int) -> int:
        llm = ScriptedLLM((text * length)[:length], size=1)
        seen = 0
        with suppress(LLMError):  # nothing of it is supported
            for prose in write_answer(given_to(llm), llm, CHECKER, max_tokens=length):
                seen += sum(len(one.text) for one in prose.sentences)
        return seen

    once_, four = steps(3_000), steps(12_000)
    assert four <= 6 * max(once_, 1_000)


def test_a_sentence_that_never_ends_is_ended() -> None:
    llm = ScriptedLLM("word " * 2_000, size=5)
    with pytest.raises(LLMError, match="the articles support nothing"):
        list(write_answer(given_to(llm), llm, CHECKER, max_tokens=4_000))


# Characters.


@given(st.lists(st.text(st.sampled_from("a\ud83d\ude00\ud800\udfff🙂"), max_size=4)))
@hypothesis_settings(max_examples=200, deadline=None)
def test_halves_of_a_character_join_or_are_replaced(pieces: list[str]) -> None:
    whole = "".join(join_split_characters(pieces))
    whole.encode()
    assert whole == "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [(["a \ud800 b"], "a \ufffd b"), (["\ud83d", "\ude00"], "😀"), (["\ude00\ud83d"], "\ufffd\ufffd")],
)
def test_half_a_character_from_a_server_raises_nothing(deltas: list[str], expected: str) -> None:
    raw = b"".join(event({"content": delta}) for delta in deltas) + b"data: [DONE]\n\n"
    with llm_server(said_in((), raw=raw)) as server:
        assert "".join(model(server.url, llm_seconds=20.0).stream("", "", 50)) == expected


# Words.

ECHOES = {
    "as it is": KEY,
    "in two": f"{KEY[:20]} {KEY[20:]}",
    "on two lines": f"{KEY[:9]}\n{KEY[9:]}",
    "in pieces": "-".join(KEY[start : start + 7] for start in range(0, len(KEY), 7)),
    "letter by letter": " ".join(KEY),
    "half of it": KEY[:30],
    "its end": KEY[-12:],
    "in capitals": KEY.upper(),
    "for an address": quote(KEY, safe=""),
    "percent by percent": "".join(f"%{ord(one):02X}" for one in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "basic": base64.b64encode(f":{KEY}".encode()).decode(),
    "basic with a name": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "JSON": "".join(f"\\u{ord(one):04x}" for one in KEY),
}


@pytest.mark.parametrize("filler", [0, 1, 100, 130, 150, 155, 159, 160, 300])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES.keys())
def test_no_part_of_the_key_is_in_an_error(echo: str, filler: int) -> None:
    shown = redact_secret(". " * filler + echo, KEY)
    assert not [part for part in _parts(echo) if part in shown]


@pytest.mark.parametrize("end", ["", "\n", " \r\n"])
@pytest.mark.parametrize("filler", [0, 130, 159])
def test_a_server_that_echoes_the_key_shows_none_of_it(monkeypatch: pytest.MonkeyPatch, filler: int, end: str) -> None:
    monkeypatch.setenv(ANY_KEY, KEY + end)
    for status in (418, 400, 503):
        with llm_server(failing(status, "." * filler + KEY, headers={"retry-after": "1e9"})) as server:
            with pytest.raises(LLMError, match=f"status {status}") as raised:
                list(model(server.url, llm_seconds=20.0).stream("", "", 50))
            assert not [part for part in _parts(KEY) if part in str(raised.value)]


def _parts(text: str) -> set[str]:
    return {text[start : start + 6] for start in range(len(text) - 5)}


def test_other_words_stay() -> None:
    said_ = "maximum context length is 4096"
    assert redact_secret(said_, KEY) == said_
    assert redact_secret(said_, "") == said_
    assert redact_secret("the key is no", "no") == "the key is …"


@pytest.mark.parametrize("orders", ["\x1b]0;owned\x07", "\x9b31m", "\u202egnp", "\ud800", "\r\x00", "\u2028"])
def test_an_error_gives_a_terminal_no_orders(orders: str) -> None:
    with llm_server(failing(400, f"no {orders} yes")) as server:
        with pytest.raises(LLMError, match="status 400: no") as raised:
            list(model(server.url, llm_seconds=20.0).stream("", "", 50))
        assert str(raised.value).isprintable()


@given(st.text(st.characters()))
@hypothesis_settings(max_examples=200, deadline=None)
def test_what_is_printable_gives_no_orders(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert not set(shown) & set("\x1b\x07\x9b\x7f\u202e\r\u2028\x00")
    assert spell_out(text).isprintable()
    assert "\n" not in printable(text, many_lines=False)
    assert json.loads(printable_json(json.dumps(text, ensure_ascii=False))) == text


def test_a_question_to_a_good_server_is_answered_within_the_limits() -> None:
    with llm_server(said("Fine.")) as server:
        assert "".join(model(server.url, llm_seconds=20.0).stream("", "", 50)) == "Fine."
