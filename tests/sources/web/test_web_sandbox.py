"""What is fetched is parsed sandbox: a hostile page, feed or list costs its own time, and the rest is read as ever."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import Settings
from rag.source_state import Unchanged
from rag.sources import Sandbox, read
from rag.sources.web import WebLoader
from rag.sources.web.bodies import parse_listing_in_sandbox, parse_page_in_sandbox
from rag.sources.web.listings import parse_listing
from rag.sources.web.pages import parse_articles
from rag.testing import WordEmbedder
from rag.types import Article, Failure
from tests.sources.web.test_web_feeds import LONG, atom, rss
from tests.sources.web.test_web_sources import feed, story
from tests.support.known_pages import known
from tests.support.non_articles import NO_ARTICLES
from tests.support.web_server import Page, Request, WebServer, web_server

LINKS = f"<title>Links</title><article><h1>Links</h1><p>{'<a href=/x>a word</a> ' * 100_000}</p></article>"
"""A page over which trafilatura sits for minutes."""
ANGLES = Page(rss("<" * 10_000_000)[:9_999_000], kind="application/rss+xml")
"""A feed over which feedparser sits for half a minute."""
KNOWN = list(known())
WALLS = NO_ARTICLES[::5]
LISTS = (
    rss(f"<title>Boats</title><link>/a</link><description>{LONG}</description>", "<link>/b</link>"),
    atom("<title>Locks</title><link href='/a'/><updated>2024-01-05T10:00:00Z</updated>"),
    b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/a","content_text":"All of it."}]}',
    b"<urlset><url><loc>https://a.org/x</loc><lastmod>2024-01-05</lastmod></url></urlset>",
    b"<sitemapindex><sitemap><loc>https://a.org/one.xml</loc></sitemap></sitemapindex>",
    b"<opml><body><outline xmlUrl='https://a.org/feed'/></body></opml>",
    b"https://a.org/x\nhttps://a.org/y\n",
)
SLOW = "its parser took more than 3 s (RAG_PARSER_SECONDS)"


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A small newspaper, and a page and a feed that stall a parser."""
    pages = {f"/{name}": story(name) for name in ("ferry", "mill", "comet")}
    with web_server({**pages, "/links": LINKS, "/angles": ANGLES}) as running:
        running.routes["/feed"] = feed(running, "ferry", "mill")
        yield running


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index that may read pages of this machine, and has little patience with parsers."""
    settings = Settings(_env_file=None, fetch_private=True, fetch_delay=0, parser_seconds=3)
    opened = Index.open(tmp_path / "index", settings, WordEmbedder())
    yield opened
    opened.close()


def web() -> WebLoader:
    return WebLoader(private=True, delay=0)


def test_pages_and_feeds_that_stall_a_parser_are_named_and_the_others_read(index: Index, server: WebServer) -> None:
    began = time.monotonic()
    changes = index.sync([server.url(path) for path in ("/ferry", "/links", "/mill", "/angles", "/comet")])
    assert time.monotonic() - began < 30
    assert changes.failed == (Failure(server.url("/links"), SLOW), Failure(server.url("/angles"), SLOW))
    assert changes.added == 3


def test_a_page_of_a_feed_that_stalls_a_parser_is_named_and_the_others_read(index: Index, server: WebServer) -> None:
    server.routes["/mill"] = LINKS
    changes = index.sync(server.url("/feed"))
    assert changes.failed == (Failure(server.url("/mill"), SLOW),)
    assert [article.title for article in index.articles()] == ["Ferry"]


def test_pages_of_every_kind_of_site_are_read_apart_as_they_are_here(server: WebServer) -> None:
    server.routes.update({f"/{name}": markup for name, _, markup in KNOWN})
    with Sandbox() as sandbox, web() as online:
        for name, _, _ in KNOWN:
            fetched = online.ask(server.url(f"/{name}"))
            assert parse_listing_in_sandbox(fetched, sandbox) is None
            page = parse_page_in_sandbox(fetched, sandbox)
            assert list(page.articles) == list(parse_articles(fetched.body, fetched.charset, fetched.url))


@pytest.mark.parametrize(("name", "reason", "markup"), [(name, reason, markup) for name, reason, _, markup in WALLS])
def test_what_is_no_article_is_refused_with_its_reason(name: str, reason: str, markup: str, server: WebServer) -> None:
    server.routes["/wall"] = markup
    with web() as online:
        [failure] = read([server.url("/wall")], web=online)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith(reason)


@pytest.mark.parametrize("body", LISTS)
def test_lists_are_read_apart_as_they_are_here(body: bytes, server: WebServer) -> None:
    server.routes["/list"] = Page(body, kind="text/plain")
    with Sandbox() as sandbox, web() as online:
        fetched = online.ask(server.url("/list"))
        found = parse_listing_in_sandbox(fetched, sandbox)
    assert found is not None
    assert found.entries or found.lists
    assert found == parse_listing(fetched.body, fetched.kind, fetched.url)


def test_a_list_that_cannot_be_read_says_why(server: WebServer) -> None:
    server.routes["/feed"] = Page('<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>', kind="text/xml")
    with web() as online:
        [failure] = read([server.url("/feed")], web=online)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("its XML declares entities")


def test_one_process_reads_files_and_pages(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "saved.html").write_text(story("comet"))
    seen = set()
    with Sandbox() as sandbox, web() as online:
        for source in (str(tmp_path / "saved.html"), server.url("/feed")):
            assert all(isinstance(item, Article | Unchanged) for item in read([source], web=online, sandbox=sandbox))
            assert sandbox.child is not None
            seen.add(sandbox.child.pid)
    assert len(seen) == 1


def test_a_page_that_ends_its_parser_is_named_and_the_next_one_read(server: WebServer) -> None:
    with Sandbox() as sandbox, web() as online:

        def ended(_: Request) -> str:
            assert sandbox.child is not None
            os.kill(sandbox.child.pid, signal.SIGKILL)
            return story("mill")

        server.routes["/mill"] = ended
        first, bad, good = read(
            [server.url(path) for path in ("/ferry", "/mill", "/comet")], web=online, sandbox=sandbox
        )
    assert bad == Failure(server.url("/mill"), "its parser ended unexpectedly")
    assert isinstance(first, Article)
    assert isinstance(good, Article)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process for a while")
def test_a_parser_that_does_not_listen_is_not_waited_for(server: WebServer) -> None:
    with Sandbox(seconds=3) as sandbox, web() as online:

        def stopped(_: Request) -> str:
            assert sandbox.child is not None
            os.kill(sandbox.child.pid, signal.SIGSTOP)
            return story("mill", body="A boat came in. " * 300_000)

        server.routes["/mill"] = stopped
        _, bad, good = read([server.url(path) for path in ("/ferry", "/mill", "/comet")], web=online, sandbox=sandbox)
    assert bad == Failure(server.url("/mill"), SLOW)
    assert isinstance(good, Article)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process so")
def test_pages_and_feeds_that_take_too_much_memory_are_named_and_the_next_one_read(server: WebServer) -> None:
    server.routes["/links"] = LINKS * 4
    with Sandbox(memory_mb=100) as sandbox, web() as online:
        links, angles, good = read(
            [server.url(path) for path in ("/links", "/angles", "/comet")], web=online, sandbox=sandbox
        )
    full = "its parser took more than 100 MB of memory (RAG_PARSER_MEMORY_MB)"
    assert links == Failure(server.url("/links"), full)
    assert angles == Failure(server.url("/angles"), full)
    assert isinstance(good, Article)
