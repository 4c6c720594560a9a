"""Where pages lead on: a refresh is a redirect, further pages of an article belong to it, feeds may be whole."""

from collections.abc import Iterator

import pytest

from rag.errors import SourceError
from rag.sources.formats.html import parse_html
from rag.sources.web import WebLoader
from rag.sources.web.client import Client
from rag.sources.web.feeds import parse_feed_entries
from rag.sources.web.onward_links import find_next_page, find_refresh, strip_page_number
from rag.sources.web.pages import parse_article
from rag.types import Article, Failure
from tests.support.reading import read
from tests.support.web_server import Page, WebServer, web_server

FIRST = "The weir of Tarrow was first named in a deed of 1311, in which a miller was fined for drowning a meadow."
SECOND = "In the flood of 1862 the weir broke at four in the morning, and eleven houses were under water by five."
THIRD = "The weir of today was built of concrete in 1931 by eighty men, and nobody has quarrelled over it since."


def page(text: str, head: str = "", title: str = "The story of the weir", foot: str = "") -> str:
    start = f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>"
    return f"{start}<body><article><h1>{title}</h1><p>{text}</p>{foot}</article></body></html>"


def following(address: str) -> str:
    return f"<link rel=next href='{address}'>"


def refresh(content: str) -> str:
    return f'<html><head><meta http-equiv="refresh" content="{content}"></head><body>Moved.</body></html>'


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server({}) as running:
        yield running


def items(address: str) -> list[object]:
    with WebLoader(private=True, delay=0) as web:
        return list(read([address], web=web))


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        (refresh("0; url=/new"), "/new"),
        (refresh("0;URL='https://news.example.com/a?b=1&amp;c=2'"), "https://news.example.com/a?b=1&c=2"),
        ("<META content='3,url=new.html' HTTP-EQUIV=Refresh>", "new.html"),
        ("<META HTTP-EQUIV=Refresh content='3,url=new.html'>", "new.html"),
        (refresh("600"), ""),
        (refresh("300; url=/same"), ""),
        (f"<noscript>{refresh('0; url=/plain')}</noscript>", ""),
        (f"<!-- {refresh('0; url=/old')} -->", ""),
        ("<p>refresh</p>", ""),
        ("<meta http-equiv=refresh content=" * 20_000, ""),
    ],
)
def test_refreshes(markup: str, address: str) -> None:
    assert find_refresh(markup.encode()) == address


def test_a_refresh_is_followed_as_a_redirect_is(server: WebServer) -> None:
    server.routes |= {"/old": Page(refresh("0; url=new"), kind="text/html"), "/new": page(FIRST)}
    [article] = items(server.url("/old"))
    assert isinstance(article, Article)
    assert article.url == server.url("/new") and FIRST in article.text


def test_a_refresh_keeps_to_the_rules_of_redirects(server: WebServer) -> None:
    server.routes |= {
        "/a": Page(refresh("0; url=/b"), kind="text/html"),
        "/b": Page(refresh("0; url=/a"), kind="text/html"),
        "/self": Page(refresh("0; url=/self"), kind="text/html"),
        "/inside": Page(refresh("0; url=ftp://example.com/"), kind="text/html"),
    }
    with Client(private=True, delay=0) as client:
        with pytest.raises(SourceError, match="in a circle"):
            client.get(server.url("/a"))
        with pytest.raises(SourceError):
            client.get(server.url("/inside"))
        assert client.get(server.url("/self")).url == server.url("/self")


@pytest.mark.parametrize(
    ("own", "link", "found"),
    [
        ("/weir", following("/weir?page=2"), "/weir?page=2"),
        ("/weir/", following("/weir/2/"), "/weir/2/"),
        ("/weir/page/2", following("/weir/page/3"), "/weir/page/3"),
        ("/page1.html", following("page2.html"), "/page2.html"),
        ("/weir-2", "<a href='/weir-3'>3</a>", "/weir-3"),
        ("/weir", "<a rel='next' href='/weir?page=2#top'>Next</a>", "/weir?page=2"),
        ("/weir", following("/mill"), ""),
        ("/weir", following("/weir?page=3"), ""),
        ("/weir?page=2", following("/weir?page=2"), ""),
        ("/weir", following("https://elsewhere.example.com/weir?page=2"), ""),
        ("/weir", following("javascript:next()"), ""),
        ("/weir", following("http://[broken"), ""),
        ("/weir", "", ""),
    ],
)
def test_the_next_page_of_an_article(own: str, link: str, found: str) -> None:
    tree = parse_html(page(FIRST, link if "<link" in link else "", foot="" if "<link" in link else link))
    host = "https://news.example.com"
    assert find_next_page(tree, host + own) == (host + found if found else "")


@pytest.mark.parametrize(
    ("title", "bare"),
    [("The weir, page 2", "The weir"), ("The weir (Page 2 of 3)", "The weir"), ("Das Wehr - Seite 3", "Das Wehr"),
     ("The weir | 2", "The weir | 2"), ("Page 2", ""), ("Homepage 2", "Homepage 2")],
)  # fmt: skip
def test_titles_of_further_pages(title: str, bare: str) -> None:
    assert strip_page_number(title) == bare


def test_pages_of_one_article_are_joined(server: WebServer) -> None:
    server.routes |= {
        "/weir": page(FIRST, following("/weir/2")),
        "/weir/2": page(SECOND, following("/weir/3"), "The story of the weir, page 2"),
        "/weir/3": page(THIRD, "", "The story of the weir, page 3"),
    }
    [article] = items(server.url("/weir"))
    assert isinstance(article, Article)
    assert article.text == "\n\n".join((FIRST, SECOND, THIRD))
    assert (article.title, article.url) == ("The story of the weir", server.url("/weir"))


def test_a_page_that_is_missing_is_named(server: WebServer) -> None:
    server.routes["/weir"] = page(FIRST, following("/weir/2"))
    article, failure = items(server.url("/weir"))
    assert isinstance(article, Article) and article.text == FIRST
    assert isinstance(failure, Failure) and failure.source == server.url("/weir/2")
    assert "page 2" in failure.reason and "missing" in failure.reason


def test_another_article_is_not_joined(server: WebServer) -> None:
    server.routes |= {"/post-1": page(FIRST, following("/post-2")), "/post-2": page(SECOND, "", "Bees on the roof")}
    [article] = items(server.url("/post-1"))
    assert isinstance(article, Article) and article.text == FIRST


ITEMS = (
    "<item><title>Bees</title><guid isPermaLink='false'>b-1</guid><description>Two hives, one complaint.</description>"
    "</item><item><title>Bus 7</title><description>Every ten minutes from May.</description></item><item></item>"
)


def test_entries_without_a_link_are_their_own_articles(server: WebServer) -> None:
    feed = f"<rss version='2.0'><channel><title>Tarrow Gazette</title>{ITEMS}</channel></rss>"
    server.routes["/feed.xml"] = Page(feed, kind="text/xml")
    found = [item for item in items(server.url("/feed.xml")) if isinstance(item, Article)]
    assert {(one.title, one.text, one.source) for one in found} == {
        ("Bees", "Two hives, one complaint.", "Tarrow Gazette"),
        ("Bus 7", "Every ten minutes from May.", "Tarrow Gazette"),
    }
    assert len({one.id for one in found}) == 2
    assert {one.url for one in found} == {server.url("/feed.xml")}
    again = parse_feed_entries(feed.encode(), "text/xml", server.url("/feed.xml"))
    assert {entry.id for entry in again or ()} == {one.id for one in found}


def test_a_page_without_an_article_names_its_feed() -> None:
    head = "<link rel='alternate' type='application/rss+xml' href='/feed.xml'>"
    for body in ("<p>Welcome.</p>", "".join(f"<h2><a href='/{name}'>{name}</a></h2>" for name in "abcde")):
        with pytest.raises(SourceError, match=r"https://news\.example\.com/feed\.xml"):
            parse_article(
                f"<html><head>{head}</head><body>{body}</body></html>".encode(), "", "https://news.example.com/"
            )
