"""What the tests in a real browser share: the browser, and a page over small articles."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from rag import Assistant, Index, Settings
from rag.testing import OverlapReader, WordEmbedder
from tests.conftest import ARTICLES
from tests.support.browser import opened, running_browser, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a file; while it runs, so does its event loop, and other files may want their own."""
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def articles() -> dict[str, str]:
    """The three small articles, by the names of their files; a file may have others."""
    return ARTICLES


@pytest.fixture(scope="module")
def library(articles: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The articles, on the fake."""
    home = tmp_path_factory.mktemp("browser")
    (home / "articles").mkdir()
    for name, text in articles.items():
        (home / "articles" / name).write_text(text)
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    index.sync(home / "articles")
    yield index
    index.close()


@pytest.fixture(scope="module")
def address(library: Index) -> Iterator[str]:
    """The small articles, served."""
    with served(Assistant(library, OverlapReader())) as shown:
        yield shown


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A new user's page over the small articles."""
    with opened(browser, address) as shown:
        yield shown
