"""What holds no article is left out and named, feeds and lists are read as such; what may be an article is read."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag import Article, Changes, Index
from rag.errors import NothingRead
from rag.failures import LeftOut
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.types import Failure
from tests.support.kinds_of_text import ARTICLES, NO_ARTICLES, PYTHON, SYSTEM_LOG
from tests.support.reading import read

LIST = "a list of addresses; give it alone, and what is there is read"
FEED = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Mill Gazette</title><link>https://m.example</link>
<item><title>Dam drained</title><link>https://m.example/dam</link><pubDate>Tue, 05 Mar 2024 10:00:00 GMT</pubDate>
<description>&lt;p&gt;The dam was drained.&lt;/p&gt;
&lt;ul&gt;&lt;li&gt;On Monday.&lt;/li&gt;&lt;li&gt;By hand.&lt;/li&gt;&lt;/ul&gt;</description></item>
<item><title>Mill</title><description>A summary.</description>
<content:encoded><![CDATA[<p>The mill burned in the night.</p>
<p>Nobody was hurt.</p>]]></content:encoded></item>
<item><title>photo</title><link>https://m.example/photo</link><wp:post_type>attachment</wp:post_type>
<content:encoded><![CDATA[A photo of the mill.]]></content:encoded></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Mill Gazette</title><entry><title>Dam drained</title>
<link href="https://m.example/dam"/><updated>2024-03-05T10:00:00Z</updated><content type="html">The dam was drained.
</content></entry></feed>"""
LISTS = {
    "subs.opml": (
        "<?xml version='1.0'?><opml version='2.0'><body><outline text='News' "
        "xmlUrl='https://m.example/feed'/></body></opml>"
    ),
    "links.txt": "https://m.example/one\n# a remark\nhttps://m.example/two\n",
    "titled.txt": (
        "Reading list\n\nhttps://m.example/one Dam drained\n- Mill: https://m.example/two\n3. "
        "[Ferry](https://m.example/3)\n"
    ),
    "plain": "<https://m.example/one>\n<https://m.example/two>\n",
    "bookmarks.html": "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>\n<DL><p>\n"
    "<DT><A HREF='https://m.example/one' ADD_DATE='17'>Dam drained</A>\n<DD>A remark on the dam that was "
    "drained on Monday, said the county in a letter\n"
    "</DL><p>",
    "export.html": "<!DOCTYPE html><html><head><title>Export</title></head><body><h1>Unread</h1><ul><li><a "
    "href='https://m.example/one' time_added='17'>Dam drained</a></li><li><a href='https://m.example/two'>Mill</a></li></ul></body></html>",
    "page.url": "[InternetShortcut]\nURL=https://m.example/one\n",
    "sitemap.xml": "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://m.example/1"
    "</loc></url></urlset>",
}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def texts(items: Sequence[object]) -> list[str]:
    return [item.text for item in items if isinstance(item, Article)]


@pytest.mark.parametrize("name", NO_ARTICLES)
def test_what_is_no_article_is_left_out_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    for ending in (".txt", "", ".dat"):
        path = put(tmp_path / f"file{ending}", NO_ARTICLES[name])
        (item,) = read(str(path))
        assert isinstance(item, LeftOut), item
        assert item.source == str(path)
        (item,) = read(str(path), all_text=True)
        assert isinstance(item, Article)


@pytest.mark.parametrize("name", ARTICLES)
def test_what_may_be_an_article_is_read(name: str, tmp_path: Path) -> None:
    for ending in (".txt", "", ".log", ".cfg"):
        (item,) = read(str(put(tmp_path / f"file{ending}", ARTICLES[name])))
        assert isinstance(item, Article), (ending, item)


def test_the_items_of_a_saved_feed_are_read(tmp_path: Path) -> None:
    for name in ("feed.xml", "feed.rss", "feed", "feed.txt"):
        first, second = read(str(put(tmp_path / name, FEED)))
        assert isinstance(first, Article)
        assert isinstance(second, Article)
        assert (first.id, first.title, first.date) == (f"{name}#m.example/dam", "Dam drained", "2024-03-05")
        assert (first.text, first.source, first.url) == (
            "The dam was drained.\n\nOn Monday.\n\nBy hand.",
            "Mill Gazette",
            "https://m.example/dam",
        )
        assert (second.title, second.text) == ("Mill", "The mill burned in the night.\n\nNobody was hurt.")
        assert second.id.startswith(f"{name}#")
    assert texts(list(read(str(put(tmp_path / "feed.atom", ATOM))))) == ["The dam was drained."]


def test_more_items_than_a_fetched_feed_may_have_are_read(tmp_path: Path) -> None:
    items = "".join(
        f"<item><title>Item {i}</title><description>Boat {i} came in.</description></item>" for i in range(1_200)
    )
    path = put(tmp_path / "feed.xml", f"<rss version='2.0'><channel><title>Boats</title>{items}</channel></rss>")
    assert len(texts(list(read(str(path))))) == 1_200


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_addresses_in_a_folder_is_named(name: str, tmp_path: Path) -> None:
    put(tmp_path / name, LISTS[name])
    put(tmp_path / "z.txt", ARTICLES["news"])
    left_out, article = read(str(tmp_path))
    assert left_out == LeftOut(str(tmp_path / name), LIST)
    assert isinstance(article, Article)


@pytest.mark.parametrize(
    "text",
    [
        "Dam drained\n\nThe county says so: https://m.example/one\n",
        "Read https://m.example/one first\nand then https://m.example/two if there is still time left tonight\n",
        "“Nothing is lost.”\nhttps://m.example/one\n“We go on.”\nhttps://m.example/two\n",
    ],
)
def test_a_text_with_addresses_is_an_article(text: str, tmp_path: Path) -> None:
    assert len(texts(list(read(str(put(tmp_path / "a.txt", text)))))) == 1


def test_the_folder_beside_a_saved_page_is_left_out(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Dam</title></head><body><p>The dam was drained on Monday, said the "
        "county.</p></body></html>"
    )
    for ending in ("_files", "-Dateien"):
        folder = tmp_path / ending
        put(folder / "Dam.html", page)
        put(folder / f"Dam{ending}" / "frame.html", page)
        put(folder / "Mill_files" / "note.txt", ARTICLES["news"])
        items = [*read(str(folder))]
        assert LeftOut(str(folder / f"Dam{ending}"), "the parts of the saved page beside it") in items
        assert sorted(item.id for item in items if isinstance(item, Article)) == ["Dam.html", "Mill_files/note.txt"]
        assert len(texts([*read(str(folder), all_text=True)])) == 3


@pytest.mark.parametrize("name", ["minutes.doc", "minutes.txt", "minutes"])
@pytest.mark.parametrize("text", ["<html><body><h1>Minutes</h1><p>The board meets on Mondays.</p></body></html>",
                                  r"{\rtf1\ansi The board meets on Mondays.\par}"])  # fmt: skip
def test_a_page_or_rich_text_by_another_name_is_read(text: str, name: str, tmp_path: Path) -> None:
    (text,) = texts([*read(str(put(tmp_path / name, text)))])
    assert "The board meets on Mondays." in text
    assert "<" not in text
    assert "rtf" not in text


def test_a_sync_names_what_it_leaves_out(tmp_path: Path) -> None:
    put(tmp_path / "pile" / "a.txt", ARTICLES["news"])
    put(tmp_path / "pile" / "count.py", PYTHON)
    index = Index.open(tmp_path / "index", Settings(), WordEmbedder())
    changes = index.sync(tmp_path / "pile")
    assert changes == Changes(added=1, left_out=(LeftOut(str(tmp_path / "pile" / "count.py"), "a script or program"),))
    assert str(changes) == "1 added, 0 updated, 0 removed, 0 unchanged, 0 failed, 1 left out"
    assert index.sync().left_out == changes.left_out
    with pytest.raises(NothingRead, match="left out, since it is no article: a script or program; --all-text takes it"):
        index.add(tmp_path / "pile" / "count.py")


def test_what_was_indexed_stays_until_it_is_asked_to_go(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    put(pile / "a.txt", ARTICLES["news"])
    put(pile / "harbour.log", SYSTEM_LOG)
    everything = Index.open(tmp_path / "index", Settings(all_text=True), WordEmbedder())
    assert everything.sync(pile) == Changes(added=2)
    everything.close()
    index = Index.open(tmp_path / "index", Settings(), WordEmbedder())
    changes = index.sync(pile)
    assert (changes.unchanged, changes.removed, len(changes.left_out)) == (1, 0, 1)
    assert index.counts()[0] == 2
    assert index.sync(pile, forget=True).removed == 1
    assert not [item for item in changes.failed if isinstance(item, Failure)]
