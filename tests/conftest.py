"""Shared fixtures; no test may reach beyond this machine."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.models.embedding import PackagedEmbedder
from rag.settings import Settings
from rag.testing import OverlapReader, WordEmbedder
from tests.support.chroma_server import chroma_server
from tests.support.reading import SANDBOX

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        ip = ipaddress.ip_address(host)
        return ip.is_loopback or ip.is_unspecified  # to connect to "every address" is to connect to loopback
    except ValueError:
        return host == "localhost"


LONGEST = [
    "web/chat/test_browser.py",
    "integrations/test_ray.py",
    "web/server/test_middleware.py",
    "web/chat/test_browser_kept.py",
    "storage/test_audit.py",
    "answering/test_llm_answers.py",
    "web/chat/test_browser_tabs.py",
    "ingestion/test_crash.py",
    "test_answers.py",
    "storage/test_chroma_server.py",
    "train/test_training.py",
]
"""The files that take longest. Each runs on one worker, so they begin first, and none ends alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    place = {str(ROOT / "tests" / name): number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(str(item.path), len(LONGEST)))


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere else fails by name."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        assert _is_local(address), f"a test tried to reach {address}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the person who runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shared_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync reads in the process that the tests of a worker share, and starts none of its own."""
    monkeypatch.setattr("rag.ingestion.sync.Sandbox", lambda *_: nullcontext(SANDBOX))


@pytest.fixture(scope="session")
def real_embedder() -> PackagedEmbedder:
    """The packaged model, loaded once."""
    return PackagedEmbedder()


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory, real_embedder: PackagedEmbedder) -> Iterator[Index]:
    """The sample articles under the packaged model; only for tests that do not change it."""
    index = Index.open(tmp_path_factory.mktemp("seeds") / "index", Settings(_env_file=None), real_embedder)
    index.sync(SEEDS)
    yield index
    index.close()


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Chroma server that all tests share."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Three small articles under the fakes."""
    home = tmp_path_factory.mktemp("library")
    (home / "articles").mkdir()
    for name, text in ARTICLES.items():
        (home / "articles" / name).write_text(text)
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    index.sync(home / "articles")
    yield Assistant(index, OverlapReader())
    index.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three small articles."""
    articles = tmp_path / "articles"
    articles.mkdir()
    for name, text in ARTICLES.items():
        (articles / name).write_text(text)
    return articles


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index on the word-counting fake."""
    opened = Index.open(tmp_path / "index", Settings(_env_file=None), WordEmbedder())
    yield opened
    opened.close()


ARTICLES = {
    "bridge.md": """---
title: Old bridge closes
source: Harbor Review
date: 2024-03-01
---
The old bridge over the river Lune closed on Friday after engineers found cracks in two of its piers.

Mayor Ada Fell said the repair would take nine months. She asked drivers to use the northern tunnel.
""",
    "orchard.md": """---
title: Frost in the orchards
source: Valley Post
date: 2024-04-20
---
A late frost destroyed a third of the apple blossom in the valley, growers said on Saturday.

The harvest is expected to be the smallest since 1997.
""",
    "library.md": """---
title: Library opens at night
source: Harbor Review
date: 2024-05-05
---
The town library will stay open until midnight because students asked for a quiet place to work.
""",
}
