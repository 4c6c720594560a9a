"""A Chroma server that goes away, hangs, asks for a token, or is shared: one clear error, and never half a state."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import chromadb
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from rag.cli import main
from rag.errors import SettingsError, StoreError
from rag.index import Index
from rag.ingestion import build
from rag.settings import Settings
from rag.storage.vectors import Server
from rag.storage.vectors import client as chroma_client
from rag.testing import WordEmbedder
from rag.types import Changes, Progress
from tests.ingestion.test_concurrency import read_meanwhile, work, write
from tests.ingestion.test_kill import COUNT, NEW, OLD, check_stores, check_whole
from tests.ingestion.test_kill import write as write_lighthouses
from tests.support.chroma_server import ChromaServer, gateway

TOKEN = "s3cret-token.of=ours"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    """A server for one test alone, which may kill it."""
    started = ChromaServer(tmp_path / "chroma")
    started.start()
    yield started
    started.kill()


@contextlib.contextmanager
def opened(root: Path, url: str, token: str = "") -> Iterator[Index]:
    index = Index.open(root, Settings(_env_file=None, chroma_url=url, chroma_token=SecretStr(token)), WordEmbedder())
    yield index
    index.close()


def after_first_window(act: Callable[[], object]) -> Callable[[Progress], None]:
    """A report that acts once, when the first window of several is in."""
    acts = [act]

    def report(progress: Progress) -> None:
        if progress.stage == "indexing" and acts:
            acts.pop()()

    return report


@pytest.mark.parametrize("verb", ["sync", "rebuild"])
def test_a_server_killed_in_the_middle_of_writing(
    tmp_path: Path, server: ChromaServer, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 8)
    monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 0.3)
    source = tmp_path / "source"
    write_lighthouses(source, OLD)
    with opened(tmp_path / "index", server.url) as index:
        index.sync(source)
        write_lighthouses(source, NEW)
        with pytest.raises(StoreError) as caught:
            getattr(index, verb)(source, after_first_window(server.kill))
        assert str(caught.value).startswith(f"no Chroma server answers at {server.url} (")
        assert "\n" not in str(caught.value)
        for use in (lambda: index.search("lighthouse"), lambda: index.sync(source), lambda: index.remove("000.md")):
            with pytest.raises(StoreError, match="no Chroma server answers at"):
                use()
        server.start()
        check_whole(index)
        assert index.sync(source).added == 0
        assert check_whole(index) == {"blue"}
        check_stores(index)
        index.rebuild(source)
        index.sync(source)
    names = collections(server)
    assert len(names) == len(list((tmp_path / "index").glob("generation-*"))) <= 2, "no collection is left behind"


def collections(server: ChromaServer) -> list[str]:
    client = chromadb.HttpClient("127.0.0.1", server.port)
    names = [collection.name for collection in client.list_collections()]
    chroma_client.close_client(client)  # type: ignore[arg-type]
    return names


def test_a_server_killed_in_the_first_sync(
    tmp_path: Path, server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 8)
    monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 0.3)
    source = tmp_path / "source"
    write_lighthouses(source, OLD)
    with opened(tmp_path / "index", server.url) as index:
        with pytest.raises(StoreError, match="no Chroma server answers at"):
            index.sync(source, after_first_window(server.kill))
        server.start()
        changes = index.sync(source)
        assert changes.added + changes.unchanged == COUNT
        assert check_whole(index) == {"red"}
        check_stores(index)


def test_a_server_that_comes_back_soon_is_waited_for(
    tmp_path: Path, server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "WINDOW_PASSAGES", 8)
    monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 60.0)
    source, threads = tmp_path / "source", list[threading.Thread]()
    write_lighthouses(source, OLD)

    def restart() -> None:
        server.kill()
        threads.append(threading.Thread(target=server.start))
        threads[-1].start()

    with opened(tmp_path / "index", server.url) as index:
        assert index.sync(source, after_first_window(restart)) == Changes(added=COUNT)
        restart()
        assert check_whole(index) == {"red"}
        check_stores(index)
    for thread in threads:
        thread.join()
    assert len(threads) == 2


def test_a_server_that_hangs_is_given_up(
    tmp_path: Path, server: ChromaServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_client, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 0.1)
    with opened(tmp_path / "index", server.url) as index, opened(tmp_path / "index", server.url) as later:
        index.sync(folder)
        server.send(signal.SIGSTOP)
        try:
            for one in (index, later):
                with pytest.raises(StoreError, match=r"no Chroma server answers at .* \(ReadTimeout\)"):
                    one.search("old bridge")
        finally:
            server.send(signal.SIGCONT)
        for one in (index, later):
            assert one.search("old bridge")[0].passage.article_id == "bridge.md"


def test_a_server_that_lost_its_data_says_how_to_build_anew(tmp_path: Path, server: ChromaServer, folder: Path) -> None:
    with opened(tmp_path / "index", server.url) as index:
        index.sync(folder)
        server.kill()
        server.folder = tmp_path / "other"
        server.start()
        (folder / "bridge.md").write_text((folder / "bridge.md").read_text().replace("nine", "ten"))
        for use in (lambda: index.search("old bridge"), lambda: index.sync(folder)):
            with pytest.raises(StoreError, match="no vectors of this index; build it anew with: rag sync --all"):
                use()
        assert index.rebuild() == Changes(added=3)
        assert index.search("old bridge")[0].passage.article_id == "bridge.md"


@pytest.mark.parametrize("header", [("x-chroma-token", TOKEN), ("Authorization", f"Bearer {TOKEN}")])
def test_a_gateway_gets_the_token(tmp_path: Path, chroma: str, folder: Path, header: tuple[str, str]) -> None:
    with gateway(chroma, dict([header])) as url:
        with opened(tmp_path / "index", url, TOKEN) as index:
            assert index.sync(folder) == Changes(added=3)
            assert index.search("frost in the orchards")[0].passage.article_id == "orchard.md"
        for wrong in ("", "another"):
            with opened(tmp_path / "index", url, wrong) as index, pytest.raises(StoreError) as caught:
                index.search("frost")
            assert str(caught.value) == (
                f"the Chroma server at {url} refuses us (401); set RAG_CHROMA_TOKEN to a token it takes"
            )


def test_a_gateway_whose_server_is_away_is_asked_again(
    tmp_path: Path, server: ChromaServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 0.3)
    with gateway(server.url, {}) as url, opened(tmp_path / "index", url) as index:
        index.sync(folder)
        server.kill()
        with pytest.raises(StoreError, match=r"is not ready \(502\)"):
            index.search("frost")
        monkeypatch.setattr(chroma_client, "PATIENCE_SECONDS", 60.0)
        thread = threading.Thread(target=server.start)
        thread.start()
        assert index.search("frost in the orchards")[0].passage.article_id == "orchard.md"
        thread.join()


def test_the_token_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CHROMA_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RAG_CHROMA_TOKEN", TOKEN)
    for arguments in (["info"], ["info", "--json"]):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0
        assert "CHROMA_TOKEN" in done.output.upper()
        assert TOKEN not in done.output
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    done = CliRunner().invoke(main, ["sync", "a.md"])
    assert done.exit_code == 1
    assert "no Chroma server answers at http://127.0.0.1:9" in done.output
    assert TOKEN not in done.output + repr(Server("http://127.0.0.1:9", SecretStr(TOKEN)))


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", f"http://user:{TOKEN}@127.0.0.1", "http://a:b", "http://a/?k=v"],
)
def test_an_address_that_cannot_be_meant_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="RAG_CHROMA_URL") as caught, opened(tmp_path, url):
        pass
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("token", ["two\nlines", "a space", "naïve"])
def test_a_token_that_no_header_holds_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="RAG_CHROMA_TOKEN") as caught:
        Server("http://127.0.0.1:9", SecretStr(token))
    assert token not in str(caught.value)


def test_addresses_and_headers_are_those_of_chroma() -> None:
    assert Server("https://api.trychroma.com", SecretStr(TOKEN)).headers == {"x-chroma-token": TOKEN}
    assert Server("http://[::1]:8000").headers == {}
    assert set(Server("https://chroma.example.org:8443/x", SecretStr(TOKEN)).headers) == {
        "x-chroma-token",
        "Authorization",
    }


def test_tenants_keep_apart(tmp_path: Path, server: ChromaServer, folder: Path) -> None:
    client = chromadb.AdminClient(
        chromadb.Settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host="127.0.0.1",
            chroma_server_http_port=server.port,
            anonymized_telemetry=False,
        )
    )
    client.create_tenant("press")
    client.create_database("news", "press")
    chroma_client.close_connections(client)
    settings = Settings(_env_file=None, chroma_url=server.url, chroma_tenant="press", chroma_database="news")
    index = Index.open(tmp_path / "index", settings, WordEmbedder())
    index.sync(folder)
    assert index.search("frost in the orchards")[0].passage.article_id == "orchard.md"
    index.close()
    assert collections(server) == [], "nothing is in the default tenant"
    missing = Index.open(tmp_path / "index", settings.model_copy(update={"chroma_tenant": "nobody"}), WordEmbedder())
    with pytest.raises(StoreError, match="nobody"):
        missing.search("frost")


def test_processes_share_a_server_and_a_folder(tmp_path: Path, chroma: str) -> None:
    source, root, stop = tmp_path / "source", tmp_path / "index", tmp_path / "stop"
    write(source, "white.")
    with opened(root, chroma) as writer:
        writer.sync(source)
        read_meanwhile([str(root), str(stop), chroma], 2, lambda: work(writer, source), stop)


def test_https_is_spoken_to_https_addresses(tmp_path: Path, chroma: str, folder: Path) -> None:
    """A plain server cannot read the greeting of TLS; so nothing, a token least of all, goes in clear."""
    url = chroma.replace("http", "https")
    with opened(tmp_path / "index", url, TOKEN) as index, pytest.raises(StoreError, match=r"at https://.*ConnectError"):
        index.sync(folder)
