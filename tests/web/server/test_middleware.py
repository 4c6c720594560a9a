"""The served page behind its layers: who gets in, how often, with how much, and what browsers are told."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import httpx
import pytest
from gradio_client import Client
from openai import AuthenticationError, OpenAI, RateLimitError
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from rag import Answer, Assistant
from rag.errors import SettingsError
from rag.storage.catalogue import IndexCounts
from rag.web.server.auth import hash_password, parse_users
from rag.web.server.health import Metrics
from rag.web.server.middleware import Limits, build_middleware, refuse_exposure
from rag.web.server.openai_api import MODEL
from tests.support.page import Served, serving

QUESTION = "Which bridge over the river closed on Friday?"
ANN = ("ann", "grüße: a secret")
HASH = bcrypt.hashpw(ANN[1].encode(), bcrypt.gensalt(4)).decode()
OTHER = bcrypt.hashpw(b"another", bcrypt.gensalt(4)).decode()


@pytest.fixture(scope="module")
def guarded(library: Assistant) -> Iterator[Served]:
    """Nearly without a limit on requests, a small one on bodies."""
    with serving(
        library, build_middleware(f"ann:{HASH},bob:{OTHER}", "10000/minute", max_bytes=200_000, max_files=3)
    ) as served:
        yield served


@pytest.fixture
def page(library: Assistant) -> Iterator[Served]:
    """A page of its own, since wrong passwords are counted; each may ask three times in two seconds."""
    with serving(
        library, build_middleware(f"ann:{HASH},bob:{OTHER}", "3/2 second", max_bytes=200_000, max_files=3)
    ) as served:
        yield served


@pytest.fixture(scope="module")
def open_page(library: Assistant) -> Iterator[Served]:
    """A page that nobody signs in to."""
    with serving(library, build_middleware("", "3/2 second", max_bytes=200_000, max_files=3)) as served:
        yield served


def reached(found: list[BaseRoute], prefix: str = "") -> set[tuple[str, str]]:
    """Every method and path of a route table, with something in place of the parameters."""
    pairs = set()
    for route in found:
        path = prefix + re.sub(r"\{[^}]*\}", "x", getattr(route, "path", ""))
        if isinstance(route, Mount):
            pairs |= reached(list(route.routes), path) | {("GET", f"{path}/x")}
        elif inner := getattr(route, "original_router", None):
            pairs |= reached(list(inner.routes), prefix)
        else:
            pairs |= {(method, path) for method in getattr(route, "methods", None) or ("GET",)}
    return pairs


# Signing in.


def test_every_route_asks_for_a_name_and_its_password(guarded: Served) -> None:
    pairs = reached(list(guarded.page.app.routes))
    paths = {path for _, path in pairs}
    known = {"/", "/config", "/gradio_api/queue/join", "/gradio_api/file=x", "/gradio_api/upload", "/assets/x"}
    assert known | {"/v1/chat/completions", "/health", "/metrics", "/gradio_api/startup-events"} <= paths
    extra = {("GET", "/gradio_api/mcp"), ("POST", "/gradio_api/mcp/"), ("GET", "/none"), ("PUT", "/"), ("OPTIONS", "/")}
    with httpx.Client(base_url=guarded.address) as client:
        for method, path in sorted(pairs | extra):
            answer = client.request(method, path)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == 'Basic realm="Ask the Articles", charset="UTF-8"'


def test_a_preflight_from_elsewhere_learns_nothing(guarded: Served) -> None:
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(guarded.address, headers=asks)
    assert answer.status_code == 401
    assert "access-control-allow-origin" not in answer.headers


def test_the_right_password_opens_everything(guarded: Served) -> None:
    for path in ("", "config", "health", "metrics", "v1/models", "gradio_api/info", "theme.css"):
        assert httpx.get(guarded.address + path, auth=ANN).status_code == 200, path


@pytest.mark.parametrize("name", ["ann", "bob", "eve", ""])
def test_a_wrong_password_and_an_unknown_user_read_the_same(page: Served, name: str) -> None:
    refused = httpx.get(page.address, auth=(name, "wrong"))
    missing = httpx.get(page.address)
    assert refused.status_code == missing.status_code == 401
    assert refused.content == missing.content
    assert set(refused.headers) == set(missing.headers)


@pytest.mark.parametrize(
    "given", ["Basic", "Basic !!!", "Basic YW5u", "Bearer ann", "Digest ann:x", "Basic \xff", "x" * 9000]
)
def test_malformed_credentials_are_none(guarded: Served, given: str) -> None:
    answer = httpx.get(guarded.address, headers={"Authorization": given.encode("latin-1")})
    assert answer.status_code in (401, 429)


def test_two_headers_are_none(guarded: Served) -> None:
    right = httpx.BasicAuth(*ANN)._auth_header
    assert httpx.get(guarded.address, headers=[("Authorization", right)]).status_code == 200
    twice = [("Authorization", "Bearer x:y"), ("Authorization", right)]
    assert httpx.get(guarded.address, headers=twice).status_code == 401


def test_gradio_and_openai_clients_sign_in(guarded: Served) -> None:
    headers = {"Authorization": httpx.BasicAuth(*ANN)._auth_header}
    client = Client(guarded.address, verbose=False, analytics_enabled=False, headers=headers)
    assert client.predict(QUESTION, api_name="/ask")["answered"] is True
    client.close()
    with OpenAI(base_url=guarded.address + "v1", api_key="bob:another", max_retries=0) as openai:
        told = openai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])
        assert (told.choices[0].message.content or "").endswith("[1]")
    wrong = OpenAI(base_url=guarded.address + "v1", api_key="bob:wrong", max_retries=0)
    with wrong, pytest.raises(AuthenticationError, match="sign in with a name and its password"):
        wrong.models.list()


def test_websockets_are_refused_without_credentials(guarded: Served) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        connect(guarded.address.replace("http", "ws") + "queue/join")


def test_the_call_that_starts_the_page_is_free_only_once(guarded: Served) -> None:
    assert httpx.get(guarded.address + "gradio_api/startup-events").status_code == 401


def test_wrong_passwords_run_out_but_who_is_in_stays(page: Served) -> None:
    assert httpx.get(page.address + "health", auth=ANN).status_code == 200
    answers = [httpx.get(page.address, auth=("ann", f"wrong{number}")) for number in range(12)]
    assert [one.status_code for one in answers] == [401] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert httpx.get(page.address, auth=("bob", "another")).status_code == 429
    assert httpx.get(page.address + "health", auth=ANN).status_code == 200


def test_a_forwarded_address_is_not_believed(page: Served) -> None:
    for number in range(11):
        spoofed = {"X-Forwarded-For": f"198.51.100.{number}"}
        last = httpx.get(page.address, auth=("ann", "wrong"), headers=spoofed)
    assert last.status_code == 429


# Users.


def test_an_unknown_user_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = parse_users("ann:" + bcrypt.hashpw(b"secret", bcrypt.gensalt(8)).decode())
    costs, check = list[bytes](), bcrypt.checkpw

    def spied(password: bytes, hashed: bytes) -> bool:
        costs.append(hashed[:7])
        return check(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", spied)
    assert not known.check("ann", "wrong")
    assert not known.check("eve", "wrong")
    assert costs == [b"$2b$08$", b"$2b$08$"]


def test_a_right_password_is_remembered_and_no_other() -> None:
    known = parse_users(f"ann:{HASH},bob:{OTHER}")
    assert not known.remembers(*ANN)
    assert known.check(*ANN)
    assert known.remembers(*ANN)
    assert not known.remembers("ann", "another") and not known.remembers("bob", ANN[1])
    assert not known.check("eve", "another") and not known.check("eve", ANN[1])


def test_users_come_from_a_file_as_htpasswd_writes_it(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"# people\nann:{HASH.replace('$2b$', '$2y$')}\n\nbob:{OTHER}\n")
    known = parse_users(str(tmp_path / "users"))
    assert known.check(*ANN) and known.check("bob", "another")


def test_a_password_is_hashed_for_the_setting() -> None:
    value = hash_password("correct horse")
    assert parse_users(f"zoë:{value}").check("zoë", "correct horse")
    for password in ("", "x" * 73, "ü" * 37):
        with pytest.raises(SettingsError, match="1 to 72 bytes"):
            hash_password(password)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("ann:hunter2", "entry 1: the password is plain text"),
        (f"ann:{HASH},bob:hunter2", "entry 2: the password is plain text"),
        ("ann:$apr1$hunter2$x", "the hash is not one of bcrypt"),
        ("ann:{SHA}hunter2", "the hash is not one of bcrypt"),
        ("ann:" + HASH.replace("$04$", "$31$"), "the hash is not one of bcrypt"),
        (f"ann:{HASH[:-1]}", "the hash is not one of bcrypt"),
        (f"ann:{HASH},ann:{OTHER}", "entry 2: the name was there before"),
        (f":{HASH}", "entry 1: it is not name:hash"),
        (f"ann:{HASH},", "entry 2: it is not name:hash"),
        ("hunter2", "cannot be read"),
        ("/", "cannot be read"),
        ("hunter2\0", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ],
    ids=map(str, range(13)),
)
def test_a_bad_setting_is_one_line_that_gives_nothing_away(setting: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)) as caught:
        parse_users(setting)
    line = str(caught.value)
    assert line.startswith("RAG_AUTH") and "\n" not in line
    assert not any(secret in line for secret in ("hunter2", HASH, HASH[:-1], OTHER))


def test_files_that_name_nobody_or_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n# nobody\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0a")
    for name, said in (("empty", "names nobody"), ("binary", "it is not text")):
        with pytest.raises(SettingsError, match=said):
            parse_users(str(tmp_path / name))


# Limits.


def test_requests_run_out_for_each_user_and_come_back(page: Served) -> None:
    join = page.address + "gradio_api/call/ask"
    first = [httpx.post(join, json={"data": [QUESTION, "", "", ""]}, auth=ANN) for _ in range(4)]
    assert [one.status_code for one in first] == [200, 200, 200, 429]
    wait = int(first[-1].headers["retry-after"])
    assert first[-1].json()["detail"] == f"too many requests; try again in {wait} s"
    assert [httpx.get(page.address + path, auth=ANN).status_code for path in ("", "theme.css", "config")] == [200] * 3
    assert httpx.post(join, json={"data": [QUESTION, "", "", ""]}, auth=("bob", "another")).status_code == 200
    time.sleep(wait)
    assert httpx.post(join, json={"data": [QUESTION, "", "", ""]}, auth=ANN).status_code == 200


PAID = "queue/join call/ask call/v2/ask run/ask api/ask upload mcp mcp/sse".split()


@pytest.mark.parametrize("path", ["v1/chat/completions", *(f"gradio_api/{path}" for path in PAID)])
def test_everything_that_costs_is_counted(open_page: Served, path: str) -> None:
    time.sleep(2)
    asked = [httpx.post(open_page.address + path).status_code for _ in range(4)]
    assert 429 not in asked[:3] and asked[3] == 429


def called(page: Served, path: str, called: object, more: str = "") -> int:
    """The status of a call of one of the page's functions."""
    body = f'{{"data": [], "session_hash": "x", "fn_index": {json.dumps(called)}{more}}}'
    return httpx.post(f"{page.address}gradio_api/{path}", content=body, headers={"Content-Type": JSON}).status_code


JSON = "application/json"
DRAWING = ("_open", "_stop_answer", "_restore_conversation", "_begin_conversation", "look")


@pytest.mark.parametrize("path", ["queue/join", "run/predict"])
@pytest.mark.parametrize("name", DRAWING)
def test_what_only_draws_the_page_is_counted_apart(open_page: Served, path: str, name: str) -> None:
    time.sleep(2)
    draws = next(number for number, one in open_page.page.fns.items() if one.name == name)
    asks = next(number for number, one in open_page.page.fns.items() if one.name == "_answer")
    drawn = [called(open_page, path, draws) for _ in range(6)]
    assert 429 not in drawn
    asked = [called(open_page, path, asks) for _ in range(4)]
    assert 429 not in asked[:3] and asked[3] == 429


def test_the_page_is_drawn_ten_times_as_often_as_work_is_done() -> None:
    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await Response()(_scope, _receive, send)

    async def asked() -> list[list[int]]:
        transport = httpx.ASGITransport(Limits(answer, "2/hour", max_bytes=200_000, max_files=3))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            paths = {"gradio_api/reset": 21, "gradio_api/call/ask": 3}
            return [[(await client.post(path)).status_code for _ in range(times)] for path, times in paths.items()]

    assert asyncio.run(asked()) == [[200] * 20 + [429], [200, 200, 429]]


@pytest.mark.parametrize("odd", [-1, 10**30, 1.0, True, None, "0", [], {}])
def test_a_call_that_is_not_understood_is_counted_as_work(open_page: Served, odd: object) -> None:
    time.sleep(2)
    assert [called(open_page, "queue/join", odd) for _ in range(4)][3] == 429


def test_the_last_of_two_functions_is_the_one_that_is_counted(open_page: Served) -> None:
    time.sleep(2)
    fns = {one.name: number for number, one in open_page.page.fns.items()}
    more = f', "fn_index": {fns["_answer"]}'
    assert [called(open_page, "queue/join", fns["_open"], more) for _ in range(4)][3] == 429


def test_openai_clients_hear_of_the_limit(open_page: Served) -> None:
    with OpenAI(base_url=open_page.address + "v1", api_key="none", max_retries=0) as openai:
        for _ in range(3):
            httpx.post(open_page.address + "v1/chat/completions")
        with pytest.raises(RateLimitError, match="too many requests"):
            openai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])


FILE = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'


def pieces(size: int) -> Iterator[bytes]:
    yield FILE
    for _ in range(size // 10_000):
        yield b" " * 10_000


@pytest.mark.parametrize("path", ["v1/chat/completions", "gradio_api/queue/join", "gradio_api/upload"])
def test_a_body_is_bounded_however_it_comes(guarded: Served, path: str) -> None:
    kind = "multipart/form-data; boundary=b" if path.endswith("upload") else "application/json"
    for content in (FILE + b" " * 200_001, pieces(210_000)):
        answer = httpx.post(guarded.address + path, content=content, headers={"Content-Type": kind}, auth=ANN)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "a request may have 200000 bytes"


def test_an_announced_body_is_refused_before_it_comes(guarded: Served) -> None:
    host, port = guarded.address.removeprefix("http://").rstrip("/").split(":")
    lines = ["POST /gradio_api/upload HTTP/1.1", "Host: x", f"Authorization: {httpx.BasicAuth(*ANN)._auth_header}"]
    lines += ["Content-Type: multipart/form-data; boundary=b", "Content-Length: 900000000", "", "--b"]
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        opened.sendall("\r\n".join(lines).encode())
        assert opened.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(("files", "status"), [(3, 200), (4, 413)])
def test_an_upload_has_only_so_many_files(guarded: Served, files: int, status: int) -> None:
    given = [("files", (f"{number}.txt", b"text")) for number in range(files)]
    assert httpx.post(guarded.address + "gradio_api/upload", files=given, auth=ANN).status_code == status


def test_a_bad_rate_is_one_clear_line() -> None:
    with pytest.raises(SettingsError, match="RAG_RATE_LIMIT: 'often' is no rate; write one such as 60/minute"):
        build_middleware("", "often", max_bytes=1, max_files=1)


# Browsers.


def test_every_answer_tells_browsers_to_keep_it_here(guarded: Served) -> None:
    answers = [
        httpx.get(guarded.address + path, auth=ANN) for path in ("", "none", "health", "gradio_api/file=/etc/passwd")
    ]
    answers.append(httpx.get(guarded.address))
    answers.append(httpx.post(guarded.address + "v1/chat/completions", json=" " * 200_001, auth=ANN))
    answers.append(httpx.post(guarded.address + "config", headers={"Sec-Fetch-Site": "cross-site"}, auth=ANN))
    assert [one.status_code for one in answers] == [200, 404, 200, 403, 401, 413, 403]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "connect-src 'self'" in policy
        assert not re.search(r"\*|https?:", policy)


def test_pages_of_other_sites_may_not_ask(guarded: Served) -> None:
    own = guarded.address.rstrip("/")
    for headers, refused in (
        ({"Origin": "https://example.org"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": own, "Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": own}, False),
        ({"Origin": "https://proxy.example.org", "Sec-Fetch-Site": "same-origin"}, False),
        ({}, False),
    ):
        answer = httpx.post(
            f"{own}/gradio_api/call/ask", json={"data": [QUESTION, "", "", ""]}, headers=headers, auth=ANN
        )
        assert (answer.status_code == 403) is refused, headers
        assert "access-control-allow-origin" not in answer.headers


# Files.


def test_no_file_outside_the_page_is_given_out(guarded: Served, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not for everyone")
    upload = httpx.post(guarded.address + "gradio_api/upload", files={"files": ("a.txt", b"mine")}, auth=ANN).json()[0]
    link = Path(upload).parent / f"{tmp_path.name}.txt"
    link.symlink_to(secret)
    catalogue = next(guarded.index.folder.rglob("catalogue.sqlite"))
    home, up = Path(upload).parent, "../" * 12
    tried = ["/etc/passwd", up + "etc/passwd", "/" + up + "etc/passwd", "..%2f" * 12 + "etc%2fpasswd", str(secret)]
    tried += ["%2e%2e/" * 12 + "etc/passwd", "....//etc/passwd", "%2Fetc%2Fpasswd", "/etc/passwd%00.png"]
    tried += ["/proc/self/environ", "file:///etc/passwd", str(link), f"{upload}/{up}etc/passwd"]
    tried += [__file__, "rag/web/page.py", "./.env", "\\etc\\passwd", f"{home}/{up}etc/passwd", str(catalogue)]
    kinds = ("gradio_api/file=", "gradio_api/file/", "static/", "assets/", "svelte/", "gradio_api/proxy=")
    try:
        for path in (f"/{kind}{place}" for place in tried for kind in kinds):
            status, body = raw_get(guarded.address, path)
            assert status != 200, path
            assert b"root:" not in body and b"everyone" not in body
    finally:
        link.unlink()
    assert httpx.get(guarded.address + f"gradio_api/file={upload}", auth=ANN).text == "mine"


def raw_get(address: str, path: str) -> tuple[int, bytes]:
    """The status and body for a path that no client library has tidied."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    asks = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        opened.sendall(f"{asks}Authorization: {httpx.BasicAuth(*ANN)._auth_header}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: opened.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


# Exposure.


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_this_machine_alone_needs_no_passwords(host: str) -> None:
    refuse_exposure(host, guarded=False, insecure=False)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "[::]",
        "",
        "192.168.1.5",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "example.org",
        "localhost.example.org",
        "0",
    ],
)
def test_other_machines_need_passwords(host: str) -> None:
    with pytest.raises(SettingsError, match="set RAG_AUTH"):
        refuse_exposure(host, guarded=False, insecure=False)
    refuse_exposure(host, guarded=True, insecure=False)
    refuse_exposure(host, guarded=False, insecure=True)


# Health.


def test_health_counts_what_is_in_the_index(guarded: Served) -> None:
    told = httpx.get(guarded.address + "health", auth=ANN).json()
    assert (told["status"], told["articles"]) == ("ok", 3)
    assert told["passages"] >= 3


@pytest.mark.parametrize(
    ("error", "said"),
    [(RuntimeError("hidden"), "the index cannot be read (RuntimeError)"), (SettingsError("no"), "no")],
)
def test_an_index_that_cannot_be_read_is_said(
    guarded: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def counts() -> tuple[int, int]:
        raise error

    monkeypatch.setattr(guarded.index, "counts", counts)
    answer = httpx.get(guarded.address + "health", auth=ANN)
    assert (answer.status_code, answer.json()["detail"]) == (503, said)
    assert "rag_index_readable 0.0" in httpx.get(guarded.address + "metrics", auth=ANN).text


def test_metrics_count_answers_stages_and_failures(guarded: Served) -> None:
    guarded.metrics.observe(Answer("Q?", "Q?", answered=True, mode="llm", timings={"search": 0.02, "total": 0.3}))
    guarded.metrics.fail(SettingsError("no"))
    answer = httpx.get(guarded.address + "metrics", auth=ANN)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'rag_questions_total{answered="yes",mode="llm"} 1.0',
        'rag_stage_seconds_count{stage="search"} 1.0',
        'rag_failures_total{kind="SettingsError"} 1.0',
        "rag_articles 3.0",
    ):
        assert line in answer.text


def test_without_the_library_there_are_no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "prometheus_client", None)
    metrics = Metrics()
    metrics.observe(Answer("Q?", "Q?"))
    metrics.fail(SettingsError("no"))
    assert metrics.render(IndexCounts(1, 2)) is None


def test_a_name_that_was_made_to_mean_this_machine_is_not_answered(library: Assistant) -> None:
    with serving(library, build_middleware("", "", max_bytes=1_000_000, max_files=5, only_local=True)) as served:
        for host, status in (("evil.invalid", 403), ("127.0.0.1.evil.invalid:80", 403), ("localhost:80", 200)):
            assert httpx.get(served.address, headers={"host": host}).status_code == status
        assert httpx.get(served.address).status_code == 200
