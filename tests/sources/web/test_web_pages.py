"""Fetched pages become articles with the fields they state, and what is no article is refused with its reason."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.sources.web import paywalls
from rag.sources.web.pages import find_feeds, parse_article
from rag.types import Article
from tests.support.known_pages import STORIES, WITHOUT_SITE, Story, known
from tests.support.non_articles import ARTICLES, HOST, NO_ARTICLES

URL = f"{HOST}/town/locks"
TEXT = "The gates of the upper lock swung open on Friday morning for the first time in nine years."
MORE = "Forty boats went through before noon, and nobody had expected so many of them."
KNOWN = list(known())


def read(markup: str, url: str = URL, charset: str = "") -> Article:
    return parse_article(markup.encode(), charset, url)


def made(head: str = "", body: str = "") -> str:
    return f"<html><head>{head}</head><body><h1>Locks open</h1>{body}<p>{TEXT}</p><p>{MORE}</p></body></html>"


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def refused(body: bytes | str, charset: str = "", url: str = URL) -> str:
    with pytest.raises(SourceError) as error:
        parse_article(body.encode() if isinstance(body, str) else body, charset, url)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("name", "story", "markup"), KNOWN, ids=[name for name, _, _ in KNOWN])
def test_pages_of_every_kind_of_site(name: str, story: Story, markup: str) -> None:
    article = read(markup, f"{story.url}?utm_source=feed")
    host = story.url.split("/")[2].removeprefix("www.")
    site = host if name.split("-")[0] in WITHOUT_SITE else story.site
    assert (article.title, article.author, article.date) == (story.title, "; ".join(story.authors), story.day)
    assert (article.source, article.url, article.id) == (site, story.url, story.url.removeprefix("https://www."))
    assert article.metadata["language"] == story.language
    missing = [part for part in story.paragraphs if part not in article.text.split("\n\n")]
    assert not missing
    # A menu of three words or a line of day and author may stay, no more.
    assert len(article.text) <= len(story.body) + 90


@pytest.mark.parametrize(("name", "reason", "url", "markup"), NO_ARTICLES, ids=[name for name, *_ in NO_ARTICLES])
def test_what_is_no_article_is_refused(name: str, reason: str, url: str, markup: str) -> None:
    assert refused(markup, url=url).startswith(reason)


@pytest.mark.parametrize(("name", "words", "markup"), ARTICLES, ids=[name for name, *_ in ARTICLES])
def test_what_only_looks_like_it_is_read(name: str, words: str, markup: str) -> None:
    assert words in read(markup).text


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        (f"{HOST}/2024/locks", f"{HOST}/2024/locks"),
        ("/2024/locks?page=1&utm_medium=x#top", f"{HOST}/2024/locks?page=1"),
        ("//example.com/locks", "https://example.com/locks"),
        ("https://elsewhere.org/famous-article", URL),
        ("https://example.org/locks", URL),
        ("https://notexample.com/locks", URL),
        (f"{HOST}/", URL),
        (f"{HOST}", URL),
        ("javascript:alert(1)", URL),
        ("file:///etc/passwd", URL),
        ("https://user:secret@news.example.com/locks", URL),
        ("http://[broken", URL),
        ("https://", URL),
        ("", URL),
    ],
)
def test_a_page_may_name_its_address_on_its_own_site_only(canonical: str, url: str) -> None:
    for head in (f'<link rel="canonical" href="{canonical}">', f'<meta property="og:url" content="{canonical}">'):
        article = read(made(head))
        assert (article.url, article.id, article.origin) == (url, url.partition("://")[2].rstrip("/"), URL)


@pytest.mark.parametrize(
    ("fetched", "canonical"),
    [
        ("https://ann.github.io/locks", "https://jane.github.io/locks"),
        ("https://one.co.uk/locks", "https://two.co.uk/locks"),
        ("http://127.0.0.1:8001/locks", "http://127.0.0.1:8002/locks"),
        ("http://localhost/locks", "http://intranet/locks"),
    ],
)
def test_neighbours_on_a_shared_domain_are_other_sites(fetched: str, canonical: str) -> None:
    assert read(made(f'<link rel="canonical" href="{canonical}">'), fetched).url == fetched


def test_a_stamp_keeps_its_zone_and_the_day_is_the_one_there() -> None:
    late = made('<meta property="article:published_time" content="2024-01-05T23:30:00-08:00">'
                '<meta property="article:modified_time" content="2024-01-07T08:00:00Z">')  # fmt: skip
    article = read(late)
    assert (article.date, article.metadata["published"]) == ("2024-01-05", "2024-01-05T23:30:00-08:00")
    assert article.metadata["updated"] == "2024-01-07"
    same_day = read(late.replace("2024-01-07T08:00:00Z", "2024-01-05T23:50:00-08:00"))
    assert "updated" not in same_day.metadata
    day_only = read(made('<meta property="article:published_time" content="2024-01-05">'))
    assert (day_only.date, day_only.metadata) == ("2024-01-05", {})


def test_a_copyright_line_is_no_date() -> None:
    assert read(made(body="<footer>Copyright 2019</footer>")).date == ""


@pytest.mark.parametrize(
    ("json", "author"),
    [
        ('{"@type":"NewsArticle","author":{"@type":"Person","name":"Ann Lee"}}', "Ann Lee"),
        ('{"@type":["Article","Thing"],"author":[{"name":"Ann Lee"},"Tom Rask",{"name":"Ann Lee"}]}', "Ann Lee; Tom "
                                                                                                      "Rask"),
        ('{"@graph":[{"@type":"Article","author":{"@id":"#a"}},{"@type":"Person","@id":"#a","name":"Ann Lee"},'
         '{"@type":"Person","name":"The Founder"}]}', "Ann Lee"),
        ('{"@type":"WebPage","mainEntity":{"@type":"Report","author":"By Ann Lee"}}', "Ann Lee"),
        ('<!-- {"@type":"Article","author":"Ann Lee",} -->', "Ann Lee"),
        ('{"@type":"Article","author":"Ann Lee"};', "Ann Lee"),
        ('{"@type":"Article","description":"two\nlines","author":"Ann\tLee"}', "Ann Lee"),
        ("{&quot;@type&quot;:&quot;Article&quot;,&quot;author&quot;:&quot;Ann Lee&quot;}", "Ann Lee"),
        ('{"@type":"Article","author":{"@type":"Person","name":"https://example.com/ann"}}', ""),
        ('{"@type":"Article","author":{"@type":"Organization","name":"News Desk"}}', "News Desk"),
        ('{"@type":"Article","author":"Canal Press","publisher":{"name":"Canal Press"}}', ""),
        ('[{"@type":"Article","url":"/x","author":"No One"},{"@type":"Article","mainEntityOfPage":{"@id":"' + URL +
         '"},"author":"Ann Lee"}]', "Ann Lee"),
        ('{"@type":"Article","author":' + "[" * 5000, ""),
        ("[" * 100_000, ""),
        ('{"@type":7,"author":[[1,{"name":{"a":1}}]],"headline":["x"]}', ""),
        ("null", ""),
        ("not json", ""),
    ],
)  # fmt: skip
def test_json_ld(json: str, author: str) -> None:
    article = read(made(ld(json)))
    assert (article.author, article.title) == (author, "Locks open")
    assert article.text == f"{TEXT}\n\n{MORE}"


@pytest.mark.parametrize(
    ("head", "source"),
    [
        ('<meta property="og:site_name" content="Canal &amp; Press">', "Canal & Press"),
        ('<meta property="og:site_name" content="https://canal.example">', "news.example.com"),
        (ld('{"@type":"Article","publisher":{"name":"Canal Press"}}'), "Canal Press"),
        (ld('{"@type":"Article","publisher":"Canal Press"}'), "Canal Press"),
        (ld('{"@type":"Article","publisher":{"name":"The Very Long Publishing Company"}}')
         + '<meta property="og:site_name" content="Canal Press">', "Canal Press"),
        ("", "news.example.com"),
    ],
)  # fmt: skip
def test_publisher(head: str, source: str) -> None:
    assert read(made(head)).source == source


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Locks open | Canal Press</title><meta property='og:site_name' content='Canal Press'>", "", "Locks "
                                                                                                            "open"),
        ("<title>Canal Press: live</title><meta property='og:site_name' content='Canal Press'>", "", "Canal Press: "
                                                                                                     "live"),
        (ld('{"@type":"Article","headline":"Locks open aft…"}'), "Locks open after nine years", "Locks open after "
                                                                                                "nine years"),
        (ld('{"@type":"Article","headline":"Locks open again"}'), "Locks", "Locks open again"),
        (ld('{"@type":"Article","headline":"Locks &amp; &lt;b&gt;boats&lt;/b&gt;"}'), "", "Locks & boats"),
        ("<title></title>", "", "Locks"),
    ],
)  # fmt: skip
def test_title(head: str, heading: str, title: str) -> None:
    markup = made(head).replace("<h1>Locks open</h1>", f"<h1>{heading}</h1>" if heading else "")
    assert read(markup).title == title


@pytest.mark.parametrize(
    ("written", "header", "meta"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", "iso-8859-1"),
        ("utf-16", "", ""),
        ("utf-8-sig", "windows-1251", ""),
        ("windows-1252", "iso-8859-1", ""),
        ("windows-1252", "", "latin1"),
        ("windows-1252", "no-such-thing", "windows-1252"),
        ("windows-1252", "hex", ""),
        ("windows-1252", "utf-8", "utf-8"),
    ],
)
def test_encodings(written: str, header: str, meta: str) -> None:
    text = "“Die Schleusentore öffneten sich am Freitag zum ersten Mal nach neun Jahren“, sagte Jörg Weißmann."
    markup = (
        f"<html><head><meta charset='{meta}'></head><body><h1>Schleusen</h1><p>{text}</p><p>{text} Größe</p></body>"
    )
    article = parse_article(markup.encode(written), header, URL)
    assert article.text.split("\n\n")[0] == text


def test_the_header_counts_more_than_the_page() -> None:
    text = "Ворота верхнего шлюза открылись в пятницу впервые за девять лет, сообщила мэрия."
    markup = f"<html><meta charset='koi8-r'><body><h1>Шлюзы</h1><p>{text}</p><p>{text} Да.</p>"
    assert text in parse_article(markup.encode("windows-1251"), "windows-1251", URL).text


def test_stray_nulls_are_dropped_and_binaries_refused() -> None:
    assert TEXT in parse_article(made().replace("upper", "up\0per").encode(), "", URL).text
    assert refused(b"%PDF-1.7 " + b"x" * 500) == "looks binary, not text"
    assert refused(random.Random(1).randbytes(5_000))
    assert refused(b"") == refused(b" \n ") == "the page is empty"


def test_scripts_styles_and_descriptions_are_not_in_the_text() -> None:
    head = "<meta name='description' content='A teaser.'><style>p{}</style>"
    article = read(made(head, "<script>var gates = 1</script><template><p>Nothing of this.</p></template>"))
    assert article.text == f"{TEXT}\n\n{MORE}"
    assert article.metadata == {}


def test_deep_huge_and_endless_pages_are_refused_or_read() -> None:
    assert "depth" in refused("<div>" * 100_000)
    table = "<tr><td>1904</td><td>40</td><td>cars</td></tr>" * 15_000 + "<tr><td>1905</td><td>41</td><td>cars</td></tr>"
    assert "1905" in read(f"<title>x</title><p>{TEXT}</p><table>{table}</table>").text
    assert refused("<" * 1_000_000)
    assert refused("<p " + "a=1 " * 200_000)
    assert "it is only said once" in read(f"<title>x</title><p>{TEXT * 2_000} it is only said once</p>").text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_page_cut_or_damaged_anywhere_is_read_or_refused_in_one_line(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(KNOWN))[2].encode()
    place = data.draw(st.integers(0, len(body)))
    body = body[:place] + data.draw(st.binary(max_size=8)) + (body[place:] if data.draw(st.booleans()) else b"")
    charset = data.draw(st.sampled_from(["", "utf-8", "latin1"]))
    try:
        article = parse_article(body, charset, URL)
    except SourceError:
        assert refused(body, charset)
    else:
        assert article.text.strip() and article.title
        assert article.digest


def test_feeds_of_a_page() -> None:
    link = '<link rel="{}" type="{}" href="{}" title="{}">'.format
    head = (link("alternate", "application/rss+xml", "/comments/feed/", "Comments") +
            link("alternate", "application/rss+xml", "feed.xml", "") +
            link("ALTERNATE home", "Application/Atom+XML; charset=utf-8", "//example.com/atom", "") +
            link("alternate", "application/feed+json", "https://news.example.com/feed.json", "") +
            link("alternate", "application/rss+xml", "feed.xml", "") +
            link("alternate", "application/rss+xml", "javascript:feed()", "") +
            link("alternate", "application/rss+xml", "file:///feed.xml", "") +
            link("alternate", "text/html", "/de/", "") + link("stylesheet", "application/rss+"
                                                                            "xml", "/no", ""))  # fmt: skip
    assert find_feeds(made(head).encode(), URL) == [
        f"{HOST}/town/feed.xml", "https://example.com/atom", f"{HOST}/feed.json", f"{HOST}/comments/feed/",
    ]  # fmt: skip
    based = made("<base href='https://feeds.example.com/a/'>" + head)
    assert find_feeds(based.encode(), URL)[0] == "https://feeds.example.com/a/feed.xml"
    assert find_feeds(b"", URL) == find_feeds(b"\x00\x01" * 500, URL) == find_feeds(made().encode(), URL) == []


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: text.replace(".</p>", ". </p>\n\n")])
def test_walls_are_told_whatever_their_spelling(change: Callable[[str], str]) -> None:
    [wall] = [markup for name, _, _, markup in NO_ARTICLES if name == "consent"]
    assert refused(change(wall)) == paywalls.CONSENT


def test_stories_are_as_different_as_they_should_be() -> None:
    assert len(KNOWN) >= 40
    assert {story.language for story in STORIES} == {"en", "de", "fr", "ar", "zh"}
    assert min(len(story.body.split()) for story in STORIES if story.language == "en") <= 60
