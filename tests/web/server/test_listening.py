"""Where the page listens, what it says when it cannot, and the temporary folder it has meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rag import Assistant
from rag.errors import SettingsError
from rag.web.listening import free_port, page_url, url_host
from rag.web.server.middleware import build_middleware
from rag.web.temporary import make_temporary_folder
from tests.conftest import ROOT
from tests.support import chroma_server
from tests.support.page import serving

_HAS_IPV6 = socket.has_ipv6 and Path("/proc/net/if_inet6").exists()


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that is in use."""
    with socket.create_server((host, 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:7860/"),
        ("localhost", "http://localhost:7860/"),
        ("0.0.0.0", "http://localhost:7860/"),
        ("::1", "http://[::1]:7860/"),
        ("[::1]", "http://[::1]:7860/"),
        ("::", "http://[::1]:7860/"),
        ("0:0:0:0:0:0:0:0", "http://[::1]:7860/"),
        ("::ffff:127.0.0.1", "http://[::ffff:127.0.0.1]:7860/"),
        ("2001:db8::2", "http://[2001:db8::2]:7860/"),
    ],
)
def test_an_address_has_brackets_where_they_belong(host: str, expected: str) -> None:
    assert page_url(host, 7860) == expected
    assert httpx.URL(expected).port == 7860
    assert url_host(url_host(host)) == url_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1", "[::1]", "::"])
def test_the_page_answers_at_the_address_that_it_prints(library: Assistant, host: str) -> None:
    if ":" in host and not _HAS_IPV6:
        pytest.skip("this machine has no IPv6")
    with serving(library, build_middleware("", "", max_bytes=50_000_000, max_files=50), host=host) as served:
        assert httpx.get(served.address, trust_env=False).status_code == 200


def test_no_proxy_comes_between_the_page_and_itself(library: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as silent:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{silent}")
        with serving(library, build_middleware("", "", max_bytes=50_000_000, max_files=50)) as served:
            assert httpx.get(served.address, trust_env=False).status_code == 200
    assert "NO_PROXY" not in os.environ


# What cannot be listened on.


def _said(host: str, port: int) -> str:
    with pytest.raises(SettingsError) as caught:
        free_port(host, port)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_in_use_is_said(host: str) -> None:
    with listening() as port:
        expected = f"cannot listen on {host}:{port}: the port is in use; choose another with RAG_PORT"
        assert _said(host, port).startswith(expected)


@pytest.mark.skipif(not _HAS_IPV6, reason="this machine has no IPv6")
def test_a_port_in_use_on_ipv6_is_said() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        assert _said("::1", port).startswith(f"cannot listen on [::1]:{port}: the port is in use")


@pytest.mark.parametrize("host", ["192.0.2.1", "203.0.113.7"])
def test_an_address_of_another_machine_is_said(host: str) -> None:
    said = f"cannot listen on {host}:7869: it is no address of this machine; name one that is with RAG_HOST"
    assert _said(host, 7869) == said
    assert "no address of this machine" in _said(host, 0)


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "a\0b", "fe80::1%none", "::1::", "ü" * 70])
def test_what_is_no_host_is_said(host: str) -> None:
    assert _said(host, 7869).startswith(f"cannot listen on {host!r}: no address is known for it")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_port_that_needs_rights_is_said() -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) < 82:
        pytest.skip("everybody may use every port here")
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            os.setuid(65534)
            free_port("127.0.0.1", 81)
        except SettingsError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    said = os.read(reading, 1000).decode()
    os.close(reading)
    os.close(writing)
    assert (
        said == "cannot listen on 127.0.0.1:81: this user may not use that port; choose one from 1024 on with RAG_PORT"
    )


def test_the_first_free_port_is_taken_where_none_is_named() -> None:
    first = free_port("127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", first)):
        assert free_port("127.0.0.1", 0) > first


# The temporary folder.


def test_a_page_leaves_no_temporary_file(tmp_path: Path) -> None:
    temporary, port = tmp_path / "tmp", chroma_server.free_port()
    temporary.mkdir()
    # As if another user had been first to run something with Gradio.
    (temporary / "gradio").write_text("")
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port)]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment) as page:
        assert page.stderr
        assert f"http://127.0.0.1:{port}/" in page.stderr.readline()
        upload = {"files": ("mill.md", b"The mill closed.")}
        httpx.post(f"http://127.0.0.1:{port}/gradio_api/upload", files=upload, trust_env=False).raise_for_status()
        [folder] = temporary.glob("rag-page-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(folder.rglob("mill.md"))
        page.send_signal(signal.SIGTERM)
        _, said = page.communicate(timeout=60)
    # Nor does what it still worked on abort it.
    assert page.returncode != -signal.SIGABRT and "terminate called" not in said
    assert [path.name for path in temporary.iterdir()] == ["gradio"]


def test_where_no_temporary_folder_can_be_made_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"no temporary folder can be made.*TMPDIR"):
        make_temporary_folder()
