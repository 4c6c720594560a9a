"""Where a request comes from: who may name a path, and which proxies are believed."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from rag import Assistant, Settings
from rag.errors import SettingsError
from rag.sources.web.sitemaps import parse_address_list, parse_opml
from rag.web.server.forwarding import Forwarding, is_host, may_name_paths, trusted_networks
from rag.web.server.middleware import build_middleware
from tests.support.page import Served, asked_by, serving

ALONE = Settings(_env_file=None)
FORWARDING = {
    "x_forwarded_for": "127.0.0.1", "x_forwarded_host": "127.0.0.1", "x_forwarded_proto": "http",
    "x_forwarded_prefix": "/", "forwarded": "for=127.0.0.1", "x_real_ip": "127.0.0.1", "via": "1.1 proxy",
    "cf_connecting_ip": "127.0.0.1", "x_gradio_server": "http://127.0.0.1",
}  # fmt: skip
PATHS = ["/etc/hosts", "~/secret.txt", "../secret.txt", "file:///etc/hosts", "\\\\host\\share", "//host/share", "."]


@pytest.fixture(scope="module")
def behind(library: Assistant) -> Iterator[Served]:
    """A page of this machine alone, which some proxy passes on all the same."""
    with serving(library, build_middleware("", "", max_bytes=1_000_000, max_files=5)) as served:
        yield served


# Who may name a path.


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860"])
def test_this_machine_itself_may_name_paths(client: str, host: str) -> None:
    assert may_name_paths(asked_by(client, host=host), ALONE)
    assert may_name_paths(asked_by(client, host=host, origin=f"http://{host}"), ALONE)


@pytest.mark.parametrize(
    "given",
    [
        {"auth": "ann:hash"},
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "192.168.1.5"},
        {"insecure": True},
        {"trusted_proxies": "127.0.0.1"},
    ],
)
def test_a_page_that_others_reach_takes_no_path(given: dict[str, object]) -> None:
    assert not may_name_paths(asked_by(), Settings.load(_env_file=None, **given))


@pytest.mark.parametrize("name", FORWARDING)
def test_whoever_comes_through_a_proxy_names_no_path(name: str) -> None:
    assert not may_name_paths(asked_by(**{name: FORWARDING[name]}), ALONE)
    assert not may_name_paths(asked_by(**{name: ""}), ALONE)


@pytest.mark.parametrize(
    "request_",
    [
        None,
        gr.Request(),
        asked_by(""),
        asked_by("10.0.0.7"),
        asked_by("::ffff:10.0.0.7"),
        asked_by("testclient"),
        asked_by(user="ann"),
        asked_by(version="1.0"),
        asked_by(host="page.example.org"),
        asked_by(host="127.0.0.1.example.org"),
        asked_by(host="["),
        asked_by(host=""),
        asked_by(origin="https://page.example.org"),
        asked_by(origin="null"),
        asked_by(origin="http://["),
        asked_by(referer="https://page.example.org/"),
    ],
    ids=range(16),
)
def test_whoever_is_not_seen_to_be_this_machine_names_no_path(request_: gr.Request | None) -> None:
    assert not may_name_paths(request_, ALONE)


def named(served: Served, path: str, headers: dict[str, str]) -> str:
    """What the page answers to a path that is given to it as its own script would."""
    blocks = served.page.blocks.values()
    [box] = [one for one in blocks if getattr(one, "label", "") == "File or folder on this machine"]
    [fn] = [fn for fn in served.page.fns.values() if fn.inputs and fn.inputs[0] is box]
    joined = {"data": [path], "fn_index": fn._id, "session_hash": "s", "trigger_id": fn.targets[0][0]}
    with httpx.Client(base_url=served.address, headers=headers) as client:
        assert client.post("gradio_api/queue/join", json=joined).status_code == 200
        with client.stream("GET", "gradio_api/queue/data", params={"session_hash": "s"}) as stream:
            events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    [done] = [event for event in events if event["msg"] == "process_completed"]
    return str(done["output"]["data"])


@pytest.mark.parametrize("path", PATHS)
def test_a_page_behind_a_proxy_reads_no_file_of_the_server(
    library: Assistant, behind: Served, path: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("a secret")
    before = library.index.counts()
    said = named(behind, path, {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})
    assert "can be named only on a page that nobody signs in to" in said
    assert "name a file or folder first" in named(behind, " ", {})
    assert library.index.counts() == before


def test_no_program_syncs_through_a_proxy(behind: Served) -> None:
    run = f"{behind.address}gradio_api/run/sync"
    said = httpx.post(run, json={"data": []}, headers={"Via": "1.1 proxy"}).json()["error"]
    assert said == "only this machine itself may ask for a sync, and through no proxy"
    assert httpx.post(run, json={"data": []}).json()["data"][0]["unchanged"] == 3


def test_a_list_names_no_file() -> None:
    outlines = "".join(f'<outline xmlUrl="{path}"/>' for path in PATHS)
    assert parse_opml(f"<opml>{outlines}<outline xmlUrl='https://a.example/'/></opml>".encode()) == [
        "https://a.example/"
    ]
    for path in PATHS:
        assert parse_address_list(f"https://a.example/\n{path}\n") is None


# Which proxies are believed.


def seen(trusted: str, client: str, **headers: str) -> Scope:
    """A request as it is behind the layer."""
    found: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope)

    scope = dict(asked_by(client, **headers).request.scope)  # type: ignore[union-attr]
    asyncio.run(Forwarding(app, trusted_networks(trusted))(scope | {"scheme": "http"}, None, None))  # type: ignore[arg-type]
    return found[0]


def test_nothing_of_a_proxy_that_is_not_trusted_is_believed() -> None:
    for trusted in ("", "10.0.0.0/8", "::1"):
        scope = seen(
            trusted, "127.0.0.1", x_forwarded_proto="https", **{k: v for k, v in FORWARDING.items() if "proto" not in k}
        )
        assert (scope["client"][0], scope["scheme"]) == ("127.0.0.1", "http")
        assert scope["headers"] == [(b"host", b"127.0.0.1:7860")]
        assert scope["state"]["proxied"] is True


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("203.0.113.9:5000", "203.0.113.9"),
        ("[2001:db8::1]:5000", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, unknown", "10.0.0.2"),
        ("203.0.113.9, unknown, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.4, 10.0.0.3", "10.0.0.4"),
        ("", "10.0.0.2"),
    ],
)
def test_the_client_is_the_last_that_is_no_trusted_proxy(hops: str, client: str) -> None:
    assert seen("10.0.0.0/24", "10.0.0.2", x_forwarded_for=hops)["client"][0] == client
    assert seen("10.0.0.0/24", "::ffff:10.0.0.2", x_forwarded_for=hops)["client"][0] in (client, "::ffff:10.0.0.2")


def test_a_trusted_proxy_says_under_what_name_it_is_asked() -> None:
    scope = seen("127.0.0.1", "127.0.0.1", x_forwarded_host="page.example.org, inner", x_forwarded_proto="https")
    assert (scope["scheme"], scope["headers"]) == ("https", [(b"host", b"page.example.org")])


@pytest.mark.parametrize("entry", ["example.org", "10.0.0.0/99", "*", "10.0.0.1:80"])
def test_a_proxy_that_is_no_address_is_one_clear_line(entry: str) -> None:
    with pytest.raises(SettingsError, match=r"RAG_TRUSTED_PROXIES: .* is no address or network; write one such as"):
        build_middleware("", "", max_bytes=1, max_files=1, proxies=f"10.0.0.1,{entry}")


@pytest.mark.parametrize(
    ("trusted", "root"), [("", "http://127.0.0.1"), ("127.0.0.1", "https://page.example.org")], ids=["none", "trusted"]
)
def test_only_a_trusted_proxy_sets_the_root_of_the_page(library: Assistant, trusted: str, root: str) -> None:
    headers = {"X-Forwarded-Host": "page.example.org", "X-Forwarded-Proto": "https"}
    with serving(
        library, build_middleware("", "", max_bytes=1_000_000, max_files=5, proxies=trusted), trusted_proxies=trusted
    ) as served:
        told = httpx.get(f"{served.address}config", headers=headers).json()["root"]
        assert told.startswith(root)
        other = httpx.get(f"{served.address}config", headers={"X-Gradio-Server": "https://evil.example"}).json()["root"]
        assert "evil" not in other


def test_each_client_of_a_trusted_proxy_has_limits_of_its_own(library: Assistant) -> None:
    with serving(
        library, build_middleware("", "2/minute", max_bytes=1_000_000, max_files=5, proxies="127.0.0.1")
    ) as served:
        for client in ("203.0.113.1", "203.0.113.2"):
            asked = [
                httpx.post(f"{served.address}v1/chat/completions", headers={"X-Forwarded-For": f"{n}.1.1.1, {client}"})
                for n in range(1, 4)
            ]
            assert [one.status_code for one in asked] == [400, 400, 429]


@pytest.mark.parametrize("host", ["a.example", "a_b:80", "[::1]", "[::1]:7860", "127.0.0.1:1", ""])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", ["[", "[::1", "[a]", "[1.2.3.4]", "a:b", "a:99999", "a b", "a/b", "a@b", "ü", "a:1:2"])
def test_other_hosts_are_malformed(host: str) -> None:
    assert not is_host(host)
