"""Addresses as sources of an index: pages, feeds, sitemaps and lists, on a real server of this machine."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.cli.watch import watch
from rag.errors import SourceError
from rag.index import Index
from rag.settings import Settings
from rag.source_state import Source
from rag.sources.web import WebLoader
from rag.testing import WordEmbedder
from rag.time_codes import second_at
from rag.types import Article, Changes, Failure
from tests.support.reading import read
from tests.support.web_server import Page, Request, WebServer, moved, web_server

pytestmark = pytest.mark.usefixtures("shared_sandbox")

BODIES = {
    "ferry": "The new ferry across the bay of Skerry began its runs on Monday, the harbour office said. It leaves "
    "every hour from the north pier and carries forty cars. Fishermen had asked for a later first crossing, since the "
    "early one disturbs the nets. The office said that it would listen, and decide in the autumn.",
    "mill": "The old mill at Tarn grinds rye again after nine years of silence. Its owner, Ada Holm, bought the two "
    "stones from a museum that had closed. Bakers in three villages have ordered flour. The wheel turns only while the "
    "beck is high, she said, so the summer will be quiet.",
    "comet": "A faint comet can be seen from the moor this week, low in the west after sunset. The club of watchers "
    "lends field glasses to whoever comes. It will be brightest on Thursday. Clouds are expected on Friday, said the "
    "club, and the moon will be too bright afterwards.",
}


def story(name: str, title: str = "", day: str = "2024-05-0{}", body: str = "", head: str = "") -> str:
    """A page as a small newspaper makes it."""
    number = list(BODIES).index(name) + 1
    text = "".join(f"<p>{one}.</p>" for one in (body or BODIES[name]).rstrip(".").split(". "))
    return (
        f"<!doctype html><html lang=en><head><title>{title or name.title()}</title>{head}"
        f'<meta property="article:published_time" content="{day.format(number)}T09:00:00+01:00">'
        '<meta property="og:site_name" content="Skerry Post"></head><body><nav><a href=/>Home</a></nav>'
        f"<article><h1>{title or name.title()}</h1>{text}</article><footer>Skerry Post</footer></body></html>"
    )


def tagged(content: Callable[[], str]) -> Callable[[Request], Page]:
    """A page that says when it has not changed."""

    def answer(request: Request) -> Page:
        tag = f'"{hash(content())}"'
        if request.headers["If-None-Match"] == tag:
            return Page(status=304, headers={"ETag": tag})
        return Page(content(), headers={"ETag": tag})

    return answer


def feed(server: WebServer, *names: str, text: str = "") -> Page:
    items = "".join(
        f"<item><title>{name.title()}</title><link>{server.url('/' + name)}</link>"
        f"<pubDate>0{list(BODIES).index(name) + 1} May 2024 08:00:00 GMT</pubDate>"
        f"<description>{text or 'More inside.'}</description></item>"
        for name in names
    )
    return Page(f"<rss version='2.0'><channel><title>Skerry Post</title>{items}</channel></rss>", kind="text/xml")


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A small newspaper."""
    with web_server({f"/{name}": story(name) for name in BODIES}) as running:
        yield running


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index that may read pages of this machine."""
    settings = Settings(_env_file=None, fetch_private=True, fetch_delay=0, fetch_seconds=10)
    opened = Index.open(tmp_path / "index", settings, WordEmbedder())
    yield opened
    opened.close()


def web() -> WebLoader:
    return WebLoader(private=True, delay=0)


def ids(index: Index) -> set[str]:
    return {article.id for article in index.articles()}


def place(server: WebServer, name: str) -> str:
    return server.url(name).removeprefix("http://")


def test_a_page_is_an_article_with_all_that_it_says_of_itself(index: Index, server: WebServer) -> None:
    assert index.add(server.url("/ferry")) == Changes(added=1)
    [article] = index.articles()
    assert article.id == place(server, "/ferry")
    assert (article.title, article.source, article.date) == ("Ferry", "Skerry Post", "2024-05-01")
    assert article.url == article.origin == server.url("/ferry")
    assert "forty cars" in article.text
    assert "Home" not in article.text
    assert "forty cars" in index.search("How many cars does the ferry carry?")[0].passage.text


def test_a_page_that_has_not_changed_is_not_read_again(index: Index, server: WebServer) -> None:
    said = [story("ferry")]
    server.routes["/ferry"] = tagged(lambda: said[0])
    index.sync(server.url("/ferry"))
    assert index.sync() == Changes(unchanged=1)
    assert server.requests[-1].headers["If-None-Match"]
    said[0] = story("ferry", title="Ferry, again")
    assert index.sync() == Changes(updated=1)
    assert next(index.articles()).title == "Ferry, again"
    index.remove(place(server, "/ferry"))
    assert index.sync() == Changes(added=1)


def test_a_page_that_is_gone_stays_in_the_index_and_is_named(index: Index, server: WebServer) -> None:
    index.add([server.url("/ferry"), server.url("/mill")])
    server.routes["/ferry"] = Page("Gone", 410)
    changes = index.sync()
    assert (changes.removed, changes.unchanged, len(changes.failed)) == (0, 1, 1)
    assert "410" in changes.failed[0].reason
    assert len(ids(index)) == 2
    assert index.sync(server.url("/mill")) == Changes(removed=1, unchanged=1)


def test_nothing_is_lost_when_the_only_page_cannot_be_read(index: Index, server: WebServer) -> None:
    index.add(server.url("/ferry"))
    server.routes["/ferry"] = Page("Wrong", 500)
    with pytest.raises(SourceError, match="500"):
        index.sync()
    assert len(ids(index)) == 1


def test_one_page_by_two_addresses_is_one_article(index: Index, server: WebServer) -> None:
    canonical = f'<link rel=canonical href="{server.url("/ferry")}">'
    server.routes["/print/ferry"] = story("ferry", head=canonical)
    server.routes["/old"] = moved("/ferry", 301)
    changes = index.add([server.url(path) for path in ("/ferry?utm_source=mail", "/print/ferry", "/old", "/ferry#top")])
    assert changes == Changes(added=1)
    assert ids(index) == {place(server, "/ferry")}
    assert index.sync() == Changes(unchanged=1)


def test_a_page_does_not_take_the_place_of_another_site(index: Index, server: WebServer) -> None:
    server.routes["/ferry"] = story("ferry", head='<link rel=canonical href="https://example.org/famous">')
    index.add(server.url("/ferry"))
    assert ids(index) == {place(server, "/ferry")}


def test_a_feed_is_the_articles_it_names(index: Index, server: WebServer) -> None:
    server.routes["/feed"] = feed(server, "ferry", "mill")
    assert index.sync(server.url("/feed")) == Changes(added=2)
    assert {article.source for article in index.articles()} == {"Skerry Post"}
    server.routes["/feed"] = feed(server, "mill", "comet")
    changes = index.sync()
    assert (changes.added, changes.removed, changes.unchanged) == (1, 0, 2)
    assert len(ids(index)) == 3


PODCAST = "xmlns:podcast='https://podcastindex.org/namespace/1.0'"
SUBTITLES = (
    "1\n00:00:02,000 --> 00:00:05,000\nKarl: The beck has\n\n2\n00:01:05,100 --> 00:01:08,000\nrun dry at Tarn.\n"
)


def podcast(*items: str) -> Page:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return Page(
        f"<rss version='2.0' {PODCAST}><channel><title>Mill Talk</title>{inner}</channel></rss>", kind="text/xml"
    )


def episode(number: int, *, link: str = "", kinds: tuple[str, ...] = ("application/srt",)) -> str:
    transcripts = "".join(f"<podcast:transcript url='/{number}.{kind[-3:]}' type='{kind}'/>" for kind in kinds)
    return (
        f"<title>Episode {number}</title><guid isPermaLink='false'>e{number}</guid>{link and f'<link>{link}</link>'}"
        f"<pubDate>0{number} May 2024 08:00:00 GMT</pubDate>"
        f"<enclosure url='/{number}.mp3' type='audio/mpeg' length='9'/>{transcripts}"
    )


def test_what_is_said_in_a_podcast_is_read_and_opens_at_its_second(index: Index, server: WebServer) -> None:
    server.routes["/1.srt"] = Page(SUBTITLES, kind="text/plain")
    server.routes["/2.vtt"] = Page("WEBVTT\n\n00:03.000 --> 00:04.000\n<v Ida>Rain fell at last.", kind="text/vtt")
    server.routes["/podcast"] = podcast(
        episode(1, link="/mill"), episode(2, kinds=("text/html", "application/srt", "text/vtt"))
    )
    changes = index.add(server.url("/podcast"))
    assert not changes.failed
    articles = {article.title: article for article in index.articles()}
    assert sorted(articles) == ["Episode 1", "Episode 2", "Mill"]
    first = articles["Episode 1"]
    assert first.text == "Karl: The beck has run dry at Tarn."
    assert (first.url, first.date, first.source) == (server.url("/1.mp3"), "2024-05-01", "Mill Talk")
    assert articles["Episode 2"].text == "Ida: Rain fell at last."
    hit = index.search("run dry at Tarn", 1)[0].passage
    assert second_at(hit.times, hit.text.index("run dry")) == 65
    again = index.sync()
    assert (again.added, again.updated, again.removed) == (0, 0, 0)


def test_a_transcript_that_cannot_be_read_is_named_and_the_page_is_read(index: Index, server: WebServer) -> None:
    server.routes["/podcast"] = podcast(episode(1, link="/mill"))
    changes = index.add(server.url("/podcast"))
    assert [failure.source for failure in changes.failed] == [server.url("/1.srt")]
    assert [article.title for article in index.articles()] == ["Mill"]


def test_a_list_that_names_nothing_is_named_and_costs_no_article(index: Index, server: WebServer) -> None:
    server.routes |= {"/feed": feed(server, "ferry"), "/empty": feed(server)}
    changes = index.sync([server.url("/feed"), server.url("/empty")])
    assert changes.added == 1
    assert changes.failed == (Failure(server.url("/empty"), "the list names no page that can be read"),)
    server.routes["/feed"] = feed(server)
    changes = index.sync()
    assert (changes.unchanged, changes.removed, len(changes.failed)) == (1, 0, 2)
    assert "names no page" in changes.failed[0].reason


def test_an_article_and_its_entry_in_a_feed_are_one(index: Index, server: WebServer) -> None:
    server.routes["/feed"] = feed(server, "ferry", "mill")
    index.add([server.url("/ferry"), server.url("/feed")])
    assert len(ids(index)) == 2
    assert index.sync() == Changes(unchanged=2)


def test_what_cannot_be_read_of_a_feed_is_named_and_tried_again(index: Index, server: WebServer) -> None:
    body = feed(server, "ferry", "mill")
    server.routes["/feed"] = tagged(lambda: str(body.body))
    server.routes["/mill"] = Page(status=403)
    changes = index.sync(server.url("/feed"))
    assert (changes.added, len(changes.failed)) == (1, 1)
    assert changes.failed[0].source == server.url("/mill")
    server.routes["/mill"] = story("mill")
    assert index.sync().added == 1
    asked = len(server.paths)
    assert index.sync() == Changes(unchanged=2)
    assert server.paths[asked:] == ["/feed"]


def test_a_whole_text_in_a_feed_stands_in_for_a_page_that_cannot_be_read(index: Index, server: WebServer) -> None:
    server.routes["/feed"] = feed(server, "ferry", text=BODIES["ferry"] + " " + BODIES["mill"] + " " + BODIES["comet"])
    server.routes["/ferry"] = Page(status=402)
    assert index.add(server.url("/feed")) == Changes(added=1)
    [article] = index.articles()
    assert (article.id, article.title, article.date) == (place(server, "/ferry"), "Ferry", "2024-05-01")
    assert "forty cars" in article.text
    server.routes["/ferry"] = story("ferry")
    assert index.sync() == Changes(updated=1)


def test_only_the_newest_of_a_feed_and_that_is_remembered(index: Index, server: WebServer) -> None:
    server.routes["/feed"] = feed(server, "ferry", "mill", "comet")
    assert index.add(server.url("/feed"), limit=1) == Changes(added=1)
    assert ids(index) == {place(server, "/comet")}
    assert index.sync() == Changes(unchanged=1)
    assert index.add(server.url("/feed"), since="2024-05-02").added == 1
    assert place(server, "/ferry") not in ids(index)


def test_more_pages_than_the_settings_allow_are_told(index: Index, server: WebServer) -> None:
    server.routes["/feed"] = feed(server, "ferry", "mill", "comet")
    index.settings = index.settings.model_copy(update={"fetch_pages": 2})
    changes = index.add(server.url("/feed"))
    assert changes.added == 2
    assert "only the newest 2 of 3 pages were read" in changes.failed[0].reason


def test_a_sitemap_leads_to_others_and_is_asked_only_for_what_changed(index: Index, server: WebServer) -> None:
    def urls(day: str) -> str:
        entries = "".join(
            f"<url><loc>{server.url('/' + name)}</loc><lastmod>{day}</lastmod></url>" for name in ("ferry", "mill")
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'

    nested = (
        f"<sitemap><loc>{server.url('/one.xml')}</loc></sitemap><sitemap><loc>{server.url('/two.xml')}</loc></sitemap>"
    )
    server.routes["/sitemap.xml"] = Page(f"<sitemapindex>{nested}</sitemapindex>", kind="application/xml")
    server.routes["/one.xml"] = Page(urls("2024-05-05"), kind="application/xml")
    changes = index.sync(server.url("/sitemap.xml"))
    assert (changes.added, [failure.source for failure in changes.failed]) == (2, [server.url("/two.xml")])
    asked = len(server.paths)
    assert index.sync().unchanged == 2
    assert server.paths[asked:] == ["/sitemap.xml", "/one.xml", "/two.xml"]
    server.routes["/one.xml"] = Page(urls("2024-05-06"), kind="application/xml")
    server.routes["/ferry"] = story("ferry", title="Ferry, again")
    changes = index.sync()
    assert (changes.updated, changes.unchanged) == (1, 1)


def test_a_file_lists_addresses(index: Index, server: WebServer, tmp_path: Path) -> None:
    listed = tmp_path / "to read.txt"
    listed.write_text(f"# to read\n{server.url('/ferry')}\n\n{server.url('/mill')}\n")
    assert index.sync(listed) == Changes(added=2)
    listed.write_text(f"{server.url('/mill')}\n")
    assert index.sync() == Changes(removed=1, unchanged=1)
    outline = tmp_path / "feeds.opml"
    outline.write_text(f'<opml version="2.0"><body><outline xmlUrl="{server.url("/feed")}"/></body></opml>')
    server.routes["/feed"] = feed(server, "ferry")
    assert index.add(outline) == Changes(added=1)
    server.routes["/feed"] = feed(server, "comet")
    assert index.sync() == Changes(added=1, unchanged=2)
    broken = tmp_path / "broken.opml"
    broken.write_text("<opml><body><outline")
    assert index.add([listed, broken]).failed[0].source == str(broken)


def test_files_on_the_web_are_read_as_from_disk(server: WebServer) -> None:
    lines = "".join(json.dumps({"id": name, "title": name, "text": BODIES[name]}) + "\n" for name in BODIES)
    server.routes["/all.jsonl"] = Page(lines, kind="application/octet-stream")
    server.routes["/note.md"] = Page("---\ntitle: A note\n---\nThe pier is shut.\n", kind="text/markdown")
    server.routes["/plain"] = Page("Ferry\n\n" + BODIES["ferry"], kind="text/plain; charset=utf-8")
    server.routes["/raw.csv"] = Page("id,title,text\nraw,Raw,The beck is dry.\n", kind="text/plain")
    server.routes["/picture"] = Page(b"\x89PNG", kind="image/png")
    paths = ("/all.jsonl", "/raw.csv", "/note.md", "/plain", "/picture")
    with web() as online:
        found = list(read([server.url(path) for path in paths], web=online))
    articles = [item for item in found if isinstance(item, Article)]
    assert [article.id for article in articles] == [
        *BODIES,
        "raw.csv#raw",
        place(server, "/note.md"),
        place(server, "/plain"),
    ]
    assert [article.title for article in articles[3:]] == ["Raw", "A note", "Ferry"]
    assert {article.origin for article in articles[:3]} == {server.url("/all.jsonl")}
    assert [item for item in found if isinstance(item, Failure)] == [
        Failure(server.url("/picture"), "not an article but image/png")
    ]


def test_an_address_of_this_machine_is_refused_unless_it_is_allowed(server: WebServer) -> None:
    found = list(read([server.url("/ferry")]))
    assert [type(item) for item in found] == [Failure]
    assert not server.requests


def test_a_rebuild_keeps_the_sources_and_what_is_known_of_them(index: Index, server: WebServer) -> None:
    server.routes["/ferry"] = tagged(lambda: story("ferry"))
    index.add(server.url("/ferry"))
    assert index.rebuild() == Changes(added=1)
    assert index.sync() == Changes(unchanged=1)
    assert server.requests[-1].headers["If-None-Match"]


def test_sources_tell_what_came_of_them(index: Index, server: WebServer, tmp_path: Path) -> None:
    server.routes["/feed"] = feed(server, "ferry", "mill")
    server.routes["/mill"] = Page(status=404)
    index.sync(server.url("/feed"), since="2024-01-01")
    [(source, articles, outcome)] = index.sources()
    assert (source, articles) == (Source(server.url("/feed"), "2024-01-01"), 1)
    assert (outcome.read, outcome.failed) == (1, 1)
    assert server.url("/mill") in outcome.reason
    assert outcome.at > 0


def test_the_command_adds_an_address_and_lists_it(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_FETCH_PRIVATE", "true")
    monkeypatch.setenv("RAG_FETCH_DELAY", "0")
    server.routes["/feed"] = feed(server, "ferry", "mill")
    home = ["--index", str(tmp_path / "i")]
    done = CliRunner().invoke(main, ["add", server.url("/feed"), "--limit", "1", "--json", *home])
    assert json.loads(done.stdout)["added"] == 1
    [row] = json.loads(CliRunner().invoke(main, ["sources", "--json", *home]).stdout)
    assert (row["source"], row["articles"], row["limit"]) == (server.url("/feed"), 1, 1)
    assert row["result"] == "1 read, 0 failed"
    assert server.url("/feed") in CliRunner().invoke(main, ["sources", *home]).stdout
    bad = CliRunner().invoke(main, ["add", server.url("/feed"), "--since", "soon", *home])
    assert (bad.exit_code, bad.stderr.count("\n")) == (1, 1)


def test_watching_reads_folders_when_they_change_and_the_web_when_it_is_due(
    index: Index, folder: Path, server: WebServer
) -> None:
    ended = threading.Event()
    index.add([folder, server.url("/ferry")])
    refreshes = watch(index, 2.5, ended)
    assert next(refreshes) == Changes(unchanged=4)
    asked = len(server.paths)
    timer = threading.Timer(0.5, lambda: (folder / "new.md").write_text("# New\n\nA new mill opened.\n"))
    timer.start()
    assert next(refreshes) == Changes(added=1, unchanged=3)
    assert len(server.paths) == asked
    assert next(refreshes) == Changes(unchanged=5)
    assert len(server.paths) > asked
    ended.set()
    assert list(refreshes) == []
