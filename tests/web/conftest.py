"""What the tests of the page share: it runs over small articles, and a program asks it."""

from collections.abc import Iterator

import pytest
from gradio_client import Client

from rag import Assistant
from tests.support.page import running_page


@pytest.fixture(scope="module")
def address(library: Assistant) -> Iterator[str]:
    """The real page on a free port."""
    with running_page(library) as served:
        yield served


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    """Gradio's own client of that page."""
    opened = Client(address, verbose=False, analytics_enabled=False)
    yield opened
    opened.close()
