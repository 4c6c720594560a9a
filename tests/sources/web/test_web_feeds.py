"""Feeds, sitemaps, outlines and lists of addresses name articles, and hostile ones do no harm."""

import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.sources.web.feeds import Entry, parse_feed_entries
from rag.sources.web.sitemaps import parse_address_list, parse_opml, parse_sitemap

URL = "https://news.example.com/town/feed.xml"
LONG = " ".join(f"Boat number {number} passed the upper lock before noon." for number in range(12))
SHORT = "Forty boats went through before noon."
CONTENT = "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'"


def rss(*items: str, head: str = "<title>Canal Press</title>") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    channel = f"<channel>{head}{inner}</channel>"
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' {CONTENT}>{channel}</rss>".encode()


def atom(*items: str, head: str = "") -> bytes:
    inner = "".join(f"<entry>{item}</entry>" for item in items)
    return f"<feed xmlns='http://www.w3.org/2005/Atom' {head}><title>Canal Press</title>{inner}</feed>".encode()


def told(read: Callable[[], object]) -> str:
    """The reason for which something is not read, or an empty string if it is."""
    try:
        read()
    except SourceError as error:
        return str(error)
    return ""


def found(body: bytes, kind: str = "application/xml") -> list[Entry]:
    listed = parse_feed_entries(body, kind, URL)
    assert listed is not None
    return listed


def one(body: bytes, kind: str = "") -> Entry:
    [entry] = found(body, kind)
    return entry


def test_rss() -> None:
    entry = one(rss(
        "<title>Locks &amp;amp; &lt;b&gt;boats&lt;/b&gt;</title><link>/locks</link><guid>no-address</guid>"
        "<dc:creator>Ann Lee</dc:creator><pubDate>Fri, 05 Jan 2024 23:30:00 -0800</pubDate>"
        f"<description>{SHORT}</description><content:encoded><![CDATA[<p>{LONG}</p><p>The end.</p><script>x()</script>"
        "<p>The post Locks appeared first on Canal Press.</p>]]></content:encoded>"))  # fmt: skip
    assert entry == Entry(
        "https://news.example.com/locks", "Locks & boats", "2024-01-05", "2024-01-06T07:30:00+00:00", "Ann Lee",
        "Canal Press", f"{LONG}\n\nThe end.", SHORT)  # fmt: skip


def test_atom() -> None:
    entry = one(atom(
        "<title type='html'>Locks &amp;lt; boats</title><link rel='self' href='/no'/><link rel='alternate' "
        "href='locks'/>"
        "<id>tag:x</id><author><name>Ann Lee</name></author><author><name>Tom Rask</name></author>"
        "<published>2024-01-05T10:00:00+01:00</published><updated>2024-01-07T10:00:00Z</updated>"
        f"<summary>{SHORT}</summary><content type='html'>&lt;p&gt;{LONG}&lt;/p&gt;</content>",
        head="xml:base='https://canal.example.org/a/'"))  # fmt: skip
    assert (entry.url, entry.title, entry.author) == (
        "https://canal.example.org/a/locks",
        "Locks < boats",
        "Ann Lee; Tom Rask",
    )
    assert (entry.date, entry.published) == ("2024-01-05", "2024-01-05T09:00:00+00:00")
    assert (entry.updated, entry.text) == ("2024-01-07T10:00:00+00:00", LONG)


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='0.91'><channel><title>Canal Press</title><item><title>Locks</title><link>{}</link></item>"
        "</channel></rss>",
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.example/rss-0.91.dtd">'
        "<rss version='0.91'><channel><title>Canal Press</title><item><title>Locks</title><link>{}</link></item>"
        "</channel></rss>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel><title>"
        "Canal Press</title></channel><item rdf:about='{0}'><title>Locks</title><link>{0}</link></item></rdf:RDF>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>"
        "<channel><title>Canal Press</title></channel><item><title>Locks</title><link>{}</link></item></rdf:RDF>",
        "\ufeff<!-- made by hand -->\n<?xml-stylesheet href='a.xsl'?><rss version='2.0'><channel><title>Canal "
        "Press</title>"
        "<item><title>Locks</title><guid>{}</guid></item></channel></rss>",
        "<rss version='2.0'><channel><title>Canal Press</title><item><title>Locks</title><link>"
        "javascript:alert(1)</link>"
        "<guid isPermaLink='false'>{}</guid></item></channel></rss>",
    ],
)  # fmt: skip
def test_other_kinds_of_xml(body: str) -> None:
    address = "https://news.example.com/locks"
    entry = one(body.replace("{0}", address).replace("{}", address).encode())
    assert entry == Entry(address, "Locks", source="Canal Press")


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feed(version: str) -> None:
    people = (
        {"author": {"name": "Ann Lee"}} if version == "1" else {"authors": [{"name": "Ann Lee"}, {"name": "Tom Rask"}]}
    )
    feed = {
        "version": f"https://jsonfeed.org/version/{version}", "title": "Canal Press", **people,
        "items": [
            {"id": 1, "url": "/locks", "title": "Locks", "content_html": f"<p>{LONG}</p>", "summary": SHORT,
             "date_published": "2024-01-05T10:00:00+01:00", "date_modified": "2024-01-06T10:00:00Z"},
            {"id": "https://news.example.com/boats", "content_text": SHORT, "date_published": "2024-01-07T00:00:00Z"},
            {"id": "no-address", "content_text": SHORT}, "junk", None, {"url": ["x"]}, {"url": "javascript:x"},
        ],
    }  # fmt: skip
    boats, locks, bare = found(json.dumps(feed).encode(), "application/feed+json")
    names = "Ann Lee" if version == "1" else "Ann Lee; Tom Rask"
    assert locks == Entry(
        "https://news.example.com/locks", "Locks", "2024-01-05", "2024-01-05T09:00:00+00:00", names, "Canal Press",
        LONG, SHORT, "2024-01-06T10:00:00+00:00")  # fmt: skip
    assert (boats.url, boats.text, boats.title) == ("https://news.example.com/boats", SHORT, "")
    assert (bare.url, bare.has_page, bare.text) == (URL, False, SHORT)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (f"<description>{LONG}</description>", LONG),
        (f"<description>{SHORT}</description>", ""),
        (f"<description>{LONG} […]</description>", ""),
        (f"<description>{LONG}...</description>", ""),
        (f"<description>{LONG} &lt;a href='/x'&gt;Continue reading Locks&lt;/a&gt;</description>", ""),
        (f"<content:encoded>{SHORT}</content:encoded>", SHORT),
        (f"<content:encoded>{LONG} Read more</content:encoded>", ""),
        (
            "<description>" + "新的运河闸门于星期二重新开放。" * 12 + "</description>",
            "新的运河闸门于星期二重新开放。" * 12,
        ),
        ("", ""),
    ],
)
def test_a_text_counts_only_if_it_is_all_of_it(item: str, text: str) -> None:
    assert one(rss(f"<link>/locks</link>{item}")).text == text


def test_a_feed_that_breaks_off_is_not_believed_to_its_last_word() -> None:
    item = f"<link>/a</link><pubDate>Fri, 05 Jan 2024 10:00:00 GMT</pubDate><content:encoded>{LONG}</content:encoded>"
    body = rss(item, item.replace("/a", "/b"))
    cut = body[: body.rindex(b"number 9")]
    assert [entry.text for entry in found(body)] == [LONG, LONG]
    assert {entry.url[-1]: entry.text for entry in found(cut)} == {"a": LONG, "b": ""}


def test_newest_first_and_a_thousand_at_most() -> None:
    def item(number: int) -> str:
        hours = f"<pubDate>{number % 28 + 1:02d} Jan 2024 {number // 1000:02d}:{number % 60:02d}:00 GMT</pubDate>"
        return f"<link>/{number}</link>{hours if number % 2 else ''}"

    listed = found(rss(*map(item, range(2_400))))
    assert len(listed) == 1_000
    assert [entry.published for entry in listed] == sorted((entry.published for entry in listed), reverse=True)
    assert all(entry.published for entry in listed)
    undated = found(rss("<link>/0</link>", item(1), "<link>/2</link>"))
    assert [entry.url[-1] for entry in undated] == ["1", "0", "2"]


def test_an_entry_may_name_its_publisher_and_its_first_address() -> None:
    entry = one(rss("<link>https://proxy.example/1</link><source url='https://canal.example'>Canal Press</source>"
                    "<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>https://canal."
                    "example/locks</feedburner:origLink>", head="<title>All papers</title>"))  # fmt: skip
    assert (entry.source, entry.url) == ("Canal Press", "https://canal.example/locks")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "koi8-r", "iso-8859-5"])
def test_feeds_in_any_encoding(encoding: str) -> None:
    body = rss("<title>Ворота открыты</title><link>/a</link>").decode().replace("utf-8", encoding)
    assert one(body.encode(encoding)).title == "Ворота открыты"


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"\0" * 100, b"%PDF-1.7", b"<html><body><rss></rss></body></html>", b"<!DOCTYPE html><p>rss",
        b"plain text", b"{}", b"[1]", b'{"version": "1"}', b'{"version": "https://jsonfeed.org/version/1"',
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<urlset/>", b"<", b"<!DOCTY"
                                                                          b"PE " + b"[]" * 100_000, b"<!--" * 100_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_feed(body: bytes) -> None:
    assert parse_feed_entries(body, "application/rss+xml", URL) is None
    assert parse_feed_entries(body, "application/json", URL) is None


LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
BOMBS = [
    f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    f'<!DOCTYPE x [<!ENTITY l11 "{"a" * 50_000}">]>',
    '<!DOCTYPE x [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x [<!ENTITY % l11 SYSTEM "http://127.0.0.1:9/x.dtd"> %l11;]>',
    '<!-- --><!doctype x [ <!entity l11 "x"> ]>',
]


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(bomb: str, encoding: str) -> None:
    text = "&l11;" * 1_000
    feed = f"{bomb}<rss version='2.0'><channel><item><title>{text}</title><link>/a</link></item></channel></rss>"
    mapped = f"{bomb}<urlset><url><loc>{text}</loc></url></urlset>"
    outline = f"{bomb}<opml><body><outline xmlUrl='{text}'/></body></opml>"
    for read, body in (
        (lambda data: parse_feed_entries(data, "", URL), feed),
        (lambda data: parse_sitemap(data, URL), mapped),
        (parse_opml, outline),
    ):  # fmt: skip
        with pytest.raises(SourceError, match=r"entities|document type"):
            read(body.encode(encoding))


def test_a_feed_about_entities_is_read() -> None:
    entry = one(
        rss(f"<link>/a</link><content:encoded><![CDATA[<pre>&lt;!ENTITY a 'b'></pre><p>{LONG}</p>]]></content:encoded>")
    )
    assert entry.text.endswith(LONG)
    assert one(rss("<link>/a</link><title><![CDATA[What <!ENTITY means]]></title>")).url


def test_hostile_feeds_end() -> None:
    deep = "<a>" * 100_000
    with pytest.raises(SourceError, match="too deeply"):
        parse_feed_entries(rss(deep), "", URL)
    with pytest.raises(SourceError, match="too deeply"):
        parse_feed_entries(rss(deep + "</a>" * 100_000), "", URL)
    assert one(rss(f"<link>/a</link><description>{'&lt;div&gt;' * 20_000}x</description>")).text == ""
    assert one(rss(f"<link>/a</link><description>{'x' * 3_000_000}</description>")).text == ""
    assert found(rss("<" * 50_000)) == []
    assert one(rss(f"<link>/a</link><title>{'…' * 200_000}</title>")).url


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.c", "http://", "http://[x", "", " "],
)
def test_links_that_cannot_be_fetched_are_dropped(link: str) -> None:
    assert found(rss(f"<title>x</title><link>{link}</link>")) == []
    assert parse_sitemap(f"<urlset><url><loc>{link}</loc></url></urlset>".encode(), URL) == ([], [])
    assert parse_opml(f"<opml><body><outline xmlUrl='{link}'/></body></opml>".encode()) == []


def test_html_in_a_feed_runs_nowhere() -> None:
    page = f"<p onclick='x()'>{LONG}</p><iframe src='//x'></iframe><style>p{{}}</style><img src=x onerror='x()'>"
    assert one(rss(f"<link>/a</link><content:encoded><![CDATA[{page}]]></content:encoded>")).text == LONG


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_list_cut_or_damaged_anywhere_ends_in_entries_or_one_line(data: st.DataObject) -> None:
    item = f"<title>Locks</title><link>/a</link><description>{LONG}</description>"
    body = data.draw(st.sampled_from([rss(item, item), atom("<link href='/a'/>"), NEWS, OUTLINE]))
    place = data.draw(st.integers(0, len(body)))
    body = body[:place] + data.draw(st.binary(max_size=8)) + (body[place:] if data.draw(st.booleans()) else b"")
    for read in (lambda: parse_feed_entries(body, "", URL), lambda: parse_sitemap(body, URL), lambda: parse_opml(body)):
        assert "\n" not in told(read)


NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example.com/old</loc><lastmod>2023-02-01</lastmod></url>
<url><loc> https://news.example.com/locks </loc><lastmod>2024-01-07T10:00:00Z</lastmod>
<image:image><image:loc>https://news.example.com/a.jpg</image:loc><image:title>A picture</image:title></image:image>
<news:news><news:publication><news:name>Canal Press</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2024-01-05T23:30:00-08:00</news:publication_date>
<news:title>Locks &amp; boats</news:title></news:news></url>
<url><lastmod>2024-01-01</lastmod></url>
</urlset>"""
OUTLINE = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body><outline text="Town">
<outline type="rss" text="Canal" xmlUrl="https://canal.example/feed"/><outline XMLURL="http://harbour.example/rss"/></outline>
<outline xmlUrl="https://canal.example/feed"/><outline text="no feed" htmlUrl="https://x.example"/></body></opml>"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_sitemap(pack: type[bytes]) -> None:
    listed = parse_sitemap(pack(NEWS), "https://news.example.com/sitemap.xml")
    assert listed == ([
        Entry("https://news.example.com/locks", "Locks & boats", "2024-01-05", "2024-01-05T23:30:00-08:00", "",
              "Canal Press", updated="2024-01-07T10:00:00+00:00"),
        Entry("https://news.example.com/old", updated="2023-02-01"),
    ], [])  # fmt: skip


def test_a_sitemap_of_sitemaps() -> None:
    body = (b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>/a.xml.gz</loc></sitemap>"
            b"<sitemap><loc>https://news.example.com/b.xml</loc><lastmod>2024-01-01</lastmod></sitemap><sitemap/>"
            b"<sitemap><loc>/a.xml.gz</loc></sitemap></sitemapindex>")  # fmt: skip
    assert parse_sitemap(body, URL) == ([], ["https://news.example.com/a.xml.gz", "https://news.example.com/b.xml"])


def test_outlines() -> None:
    assert parse_opml(OUTLINE) == ["https://canal.example/feed", "http://harbour.example/rss"]
    assert parse_opml(b"<opml/>") == []


@pytest.mark.parametrize(
    "body", [b"", b"\0\1\2" * 50, b"https://a.example/", b"<html></html>", rss(), b"{}", b"\x1f\x8b"[:1]]
)
def test_what_is_no_sitemap_and_no_outline(body: bytes) -> None:
    assert parse_sitemap(body, URL) is None
    assert parse_opml(body) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<urlset><url><loc>https://a.example/</loc></url>", "cannot be read"),
        (b"<urlset>" + b"<a>" * 10_000, "cannot be read"),
        (b"<urlset>" + b"<url/>" * 50_001 + b"</urlset>", "50,001 addresses"),
        (gzip.compress(b" " * 60_000_000, mtime=0), "over 50 MiB"),
        (gzip.compress(NEWS, mtime=0)[:-20], "compressed data"),
        (b"\x1f\x8b" + b"x" * 100, "compressed data"),
    ],
)
def test_sitemaps_that_cannot_be_read(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        parse_sitemap(body, URL)


def test_a_sitemap_of_many_pages() -> None:
    rows = "".join(f"<url><loc>https://a.example/{number}</loc></url>" for number in range(20_000))
    listed = parse_sitemap(f"<urlset>{rows}</urlset>".encode(), URL)
    assert listed is not None and len(listed[0]) == 20_000
    assert listed[0][-1].url == "https://a.example/19999"


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("https://a.example/1\nhttp://b.example/2\n", ["https://a.example/1", "http://b.example/2"]),
        ("\ufeff# my list\r\n\r\n  https://a.example/1 \r\nhttps://a.example/1\r\n", ["https://a.example/1"]),
        ("https://a.example/1,23.html?q=a;b", ["https://a.example/1,23.html?q=a;b"]),
        ("HTTPS://A.example/ü", ["HTTPS://A.example/ü"]),
        ("", None),
        ("# nothing\n\n", None),
        ("https://a.example/1\nand a line of text", None),
        ("See https://a.example/1", None),
        ("https://a.example/1 https://a.example/2", None),
        ("https://a.example/1,https://a.example/2", None),
        ("https://a.example/1,2024-01-05", None),
        ("https://a.example/1;", None),
        ('"https://a.example/1"', None),
        ("<https://a.example/1>", None),
        ("ftp://a.example/1", None),
        ("a.example/1", None),
        ("https://", None),
    ],
)
def test_lists_of_addresses(text: str, listed: list[str] | None) -> None:
    assert parse_address_list(text) == listed
