"""Requests that nothing can read: 400 in one line, never a failure of the server, no traceback."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Assistant
from rag.text.characters import join_surrogates
from rag.web.server.middleware import build_middleware
from tests.support.page import Served, serving
from tests.web.server.test_middleware import reached

ENDLESS = ("queue/data", "heartbeat", "dev/reload", "upload_progress", "/mcp", "startup-events")
"""Routes that stream for as long as they are listened to."""
KEYS = ["data", "fn_index", "session_hash", "trigger_id", "event_id", "messages", "role", "content", "text", "type",
        "stream", "filters", "since", "model", "event_data", "hash", "path"]  # fmt: skip
NAMED = st.sampled_from(["", "user", "text", "x", "\ud800", "\0", "/etc/passwd", "http://["])
TEXTS = st.one_of(NAMED, st.text(max_size=9))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
)
BODIES = st.one_of(
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
    st.sampled_from([b"[" * 100_000, b'{"data":' * 100_000, b'"\xed\xa0\x80"', b"[" + b"9" * 5000 + b"]"]),
)
KINDS = st.sampled_from(
    ["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "text/plain", 'x; y="', ""]
)
PART = b'--b\r\nContent-Disposition: form-data; name="files"%s\r\n\r\nx\r\n--b--\r\n'


@pytest.fixture(scope="module")
def page(library: Assistant) -> Iterator[Served]:
    with serving(library, build_middleware("", "", max_bytes=1_000_000, max_files=5)) as served:
        yield served


def routes(served: Served) -> list[tuple[str, str]]:
    """Every method and path that answers and ends, the endpoints by their names."""
    pairs = set()
    for method, path in reached(list(served.page.app.routes)):
        pairs |= {(method, path), (method, path.replace("/run/x", "/run/ask").replace("/call/x", "/call/ask"))}
    return sorted(pair for pair in pairs if not any(part in pair[1] for part in ENDLESS))


def test_no_malformed_request_is_a_failure_of_the_server(page: Served, capfd: pytest.CaptureFixture[str]) -> None:
    known = routes(page)
    assert ("POST", "/v1/chat/completions") in known and ("POST", "/gradio_api/queue/join") in known
    with httpx.Client(base_url=page.address, timeout=20) as client:

        @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(known), BODIES, KINDS)
        def check(route: tuple[str, str], body: bytes, kind: str) -> None:
            answer = client.request(*route, content=body, headers={"content-type": kind})
            assert answer.status_code < 500, (route, body[:200], answer.text[:200])

        check()
        for route in known:
            for body in (b"[" * 100_000, b'{"data": [NaN, "\\ud800"], "messages": 5}'):
                accepted = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
                answer = client.request(*route, content=body, headers=accepted)
                assert answer.status_code < 500, (route, answer.text[:200])
    assert "Traceback" not in "".join(capfd.readouterr())


def test_what_is_no_json_never_reaches_the_tools(page: Served, capfd: pytest.CaptureFixture[str]) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b"", b"\xff", b"{"):
        answer = httpx.post(f"{page.address}gradio_api/mcp/", content=body, headers=headers)
        assert answer.status_code == 400, (body[:20], answer.text[:200])
    assert "Traceback" not in "".join(capfd.readouterr())


def status(served: Served, method: str, target: bytes, *headers: bytes) -> int:
    """The status of an answer to a request that no client library has tidied."""
    host, port = served.address.removeprefix("http://").rstrip("/").split(":")
    own = [] if any(line.startswith(b"Host:") for line in headers) else [f"Host: {host}:{port}".encode()]
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        lines = [method.encode() + b" " + target + b" HTTP/1.1", *own, *headers, b"Connection: close", b"", b""]
        opened.sendall(b"\r\n".join(lines))
        return int(opened.recv(100).split()[1])


@pytest.mark.parametrize("target", [b"/", b"/config", b"/gradio_api/info", b"/health", b"/v1/models"])
@pytest.mark.parametrize("host", [b"[", b"[::1", b"[x]", b"a b", b"a:x", b"a/b", b"@", b"a:99999", b"\xff"])
def test_a_malformed_host_is_refused(page: Served, target: bytes, host: bytes) -> None:
    assert status(page, "GET", target, b"Host: " + host) == 400


@pytest.mark.parametrize(
    "target",
    [
        b"/gradio_api/proxy=%00", b"/gradio_api/proxy=http://a%00b/", b"/gradio_api/proxy=http://[", b"/%ff", b"/\xff",
        b"/?a=%ff", b"/?a=%ed%a0%80", b"/config?deep_link=%00", b"/assets/%00", b"/gradio_api/file=%01", b"/%0a",
    ],
)  # fmt: skip
def test_a_malformed_head_is_refused_in_one_line(
    page: Served, target: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert status(page, "GET", target) == 400
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -1", b"Content-Length: x", b"Content-Length: \xb2", b"Content-Length: 1_0",
        b"Content-Length: 5\r\nContent-Length: 6", b"Transfer-Encoding: x", b"Content-Length: " + b"9" * 5000,
        b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Origin: http://[", b"Content-Type: \xff",
        b"X-Forwarded-Host: [", b"X-Gradio-Server: http://[", b"Cookie: \xff", b"Host: a\r\nHost: b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [b"/v1/chat/completions", b"/gradio_api/upload", b"/gradio_api/run/ask"])
def test_a_malformed_header_is_refused(page: Served, target: bytes, header: bytes) -> None:
    assert status(page, "POST", target, header) in (400, 403)


FORM = {"content-type": "multipart/form-data; boundary=b"}
NO_FILE = "the upload holds no file"
NO_NAME = "a file of the upload has no name"
CUT_OFF = "the form is cut off: the line that ends it is missing"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PART % b"", NO_FILE),
        (PART % b'; filename=""', NO_NAME),
        (PART % b"; filename=", NO_NAME),
        (PART % b'; filename="  "', NO_NAME),
        (PART % b'; filename=".."', NO_NAME),
        (PART % b'; filename="folder/.."', NO_NAME),
        (PART % b'; filename="a.txt"' + b"--b--", None),
        ((PART % b'; filename="a.txt"').replace(b"--b--\r\n", PART % b'; filename=""'), NO_NAME),
        (PART % b'; filename="a.txt"'[:-1], None),
        ((PART % b'; filename="a.txt"').removesuffix(b"--\r\n"), CUT_OFF),
        ((PART % b'; filename="a.txt"').removesuffix(b"\r\n--b--\r\n"), CUT_OFF),
        ((PART % b'; filename="a.txt"')[:40], CUT_OFF),
        (b"", CUT_OFF),
        (b"--b", CUT_OFF),
        (b"--b--\r\n", NO_FILE),
        (b'{"no": "form"}', "the form cannot be read: it is no multipart/form-data"),
        (b"--b\r\nno header\r\n\r\nx\r\n--b--\r\n", "the form cannot be read: it is no multipart/form-data"),
    ],
    ids=range(17),
)
def test_an_upload_is_whole_and_each_file_has_a_name(page: Served, body: bytes, said: str | None) -> None:
    # In one piece, and byte by byte, as the line that ends it may come in two pieces.
    for content in (body, (body[place : place + 1] for place in range(len(body)))):
        answer = httpx.post(f"{page.address}gradio_api/upload", content=content, headers=FORM)
        if said is None:
            assert (answer.status_code, len(answer.json())) == (200, 1)
        else:
            assert (answer.status_code, answer.json()["detail"]) == (400, said)


def test_an_upload_with_a_long_name_is_refused(page: Served, capfd: pytest.CaptureFixture[str]) -> None:
    content = PART % (b'; filename="' + b"a" * 5000 + b'"')
    answer = httpx.post(f"{page.address}gradio_api/upload", content=content, headers=FORM)
    assert answer.status_code in (400, 413)
    assert "Traceback" not in "".join(capfd.readouterr())


ASKED = {"role": "user", "content": "Which bridge closed?"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "a part of a message is said to be text"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]}, "a part of a message is said to"),
        ({"messages": [{"role": "user", "content": 5}]}, "the content of a message is neither a text nor a list"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "the content of a message is neither a text nor a list"),
        ({"messages": [{"role": "user", "content": "\ud800"}, ASKED]}, "a text holds half a character"),
        ({"messages": [ASKED | {"content": "Who \udfff?"}]}, "a text holds half a character"),
        ({"messages": [ASKED], "filters": {"publisher": "\ud800"}}, "a text holds half a character"),
        ({"messages": [ASKED], "filters": {"since": ["x"]}}, "filters.since is not a text"),
        ({"messages": [ASKED], "filters": 5}, "filters is not an object"),
        ({"messages": [ASKED], "stream": "yes"}, "stream is not true or false"),
        ({"messages": [ASKED | {"role": ["user"]}]}, "the last message is not a question"),
        ({"messages": 5}, "messages is not a list"),
        (b"[" * 100_000, "the request is nested too deeply"),
        (b'{"a":' * 100_000, "the request is nested too deeply"),
        (b'{"a": "\xff"}', "the request is not JSON"),
        (b"[]", "the request is not an object"),
    ],
    ids=range(16),
)
def test_openai_clients_are_told_what_is_wrong(page: Served, body: object, said: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    answer = httpx.post(f"{page.address}v1/chat/completions", content=content, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(said) and "\n" not in error["message"]


@pytest.mark.parametrize("path", ["gradio_api/file=", "gradio_api/run/", "gradio_api/proxy=", "static/", "assets/"])
def test_no_error_repeats_a_long_address(page: Served, path: str) -> None:
    answer = httpx.get(f"{page.address}{path}{'a' * 50_000}")
    assert 400 <= answer.status_code < 500
    assert len(answer.content) < 10_000


def test_halves_of_characters_are_replaced() -> None:
    assert join_surrogates("a\ud83d\ude00b") == "a😀b"
    assert join_surrogates("a\ud800b\udfff") == "a�b�"
