"""How many of the words of a source reach its articles is measured by a second reading, and what does not is named."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag import Article, Coverage, Failure, Settings, explain
from rag.cli import main
from rag.sources import read
from rag.sources.coverage.measure import SourceLine, coverage_from_json, coverage_to_json, measure
from tests.support import documents
from tests.support.known_pages import known
from tests.support.web_server import Page, web_server

TEXT = "The gates of the upper lock swung open on Friday morning for the first time in nine years."
MORE = "Forty boats went through before noon, and the keepers had oiled the new hinges by lamplight."
HIDDEN = "A line that nobody may see."
LAUGHS = "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>"


def reasons(found: Coverage) -> dict[str, int]:
    return {one.reason: one.words for one in found.left_out}


def explain_file(path: Path, content: str | bytes) -> Coverage:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    [found] = explain(path, Settings())
    assert isinstance(found, Coverage), found
    return found


def test_lines_without_a_reason_are_lost_and_named() -> None:
    lines = [SourceLine(TEXT), SourceLine("Nobody cheered."), SourceLine("Home World Sport", "navigation")]
    found = measure("a", lines, [TEXT], [])
    assert (found.words, found.read, found.lost) == (23, 18, 2)
    assert reasons(found) == {"navigation": 3, "lost": 2}
    assert [one.begins for one in found.left_out] == [("Home World Sport",), ("Nobody cheered.",)]
    assert coverage_from_json(json.loads(json.dumps(coverage_to_json(found)))) == found


@pytest.mark.parametrize(
    ("line", "text", "about", "expected"),
    [
        pytest.param("The re-\nturn of the lamp-\nlighter", "The return of the lamplighter", "", {}, id="parted"),
        pytest.param("a well-\nknown ferry", "a well-known ferry", "", {}, id="parted at its hyphen"),
        pytest.param("Ann Lee", "Boats", "author Ann Lee", {"metadata": 2}, id="author"),
        pytest.param("Friday, 5 January 2024", "Boats", "2024-01-05", {"metadata": 4}, id="day"),
        pytest.param("Friday, 5 January 2024", "Boats", "2024-01-06", {"lost": 4}, id="another day"),
        pytest.param("運河が開いた", "運河が開いた", "", {}, id="no spaces"),
        pytest.param("the ﬁrst", "the first", "", {}, id="ligature"),
    ],
)
def test_words_are_compared_as_they_are_read(line: str, text: str, about: str, expected: dict[str, int]) -> None:
    assert reasons(measure("a", [SourceLine(line)], [text], [about])) == expected


def test_a_menu_takes_no_words_from_the_text() -> None:
    found = measure("a", [SourceLine("the gates and more", "navigation"), SourceLine(TEXT)], [TEXT], [])
    assert reasons(found) == {"navigation": 4}


def test_a_second_print_is_a_repeat() -> None:
    assert reasons(measure("a", [SourceLine(TEXT), SourceLine(TEXT)], [TEXT], [])) == {"repeated": 18}


def test_a_source_without_words_lacks_nothing() -> None:
    assert measure("a", [], [], []).share == 1.0


def test_what_a_page_leaves_out_has_a_reason(tmp_path: Path) -> None:
    figure = "<figure><figcaption>The lock by night</figcaption></figure>"
    nav = "<nav><a href='/'>Home</a> <a href='/b'>Boats</a></nav>"
    article = f"<h1>Locks</h1><p>{TEXT}</p><p hidden>{HIDDEN}</p>{figure}<p>{MORE}</p>"
    page = f"<html><head><title>Locks</title></head><body>{nav}<article>{article}</article></body></html>"
    found = explain_file(tmp_path / "a.html", page)
    assert reasons(found) == {"hidden": 6, "caption": 4, "navigation": 2}
    assert found.lost == 0


NOTE = f"""---
title: Locks
author: Ann Lee
---
{TEXT} %%check this%% ![[lock.png]]

<!-- nobody sees this -->
| Crew | Time |
|------|------|
| Tern | 7:41 |

- [ ] *{MORE}*
"""
FEED = f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Canal Press</title><item><title>Locks</title><link>https://example.org/a</link>
<description>Boats go.</description>
<content:encoded><![CDATA[<p>{TEXT}</p><p>{MORE}</p>]]></content:encoded></item></channel></rss>"""
PASTED = f"Home > News > Canals\n\nLocks open again\n\nShare\n\n{TEXT}\n\n{MORE}\n\nRead more: Bridge closed\n"
HTML_MAIL = f"<html><body><p>{TEXT}</p><blockquote type='cite'>{HIDDEN}</blockquote></body></html>"
PLAIN_MAIL = f"{TEXT}\n\nOn Monday Bo wrote:\n> {HIDDEN}\n\n-- \nAnn Lee, keeper\n"
RTF = (
    r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}{\header Canal Press}" + TEXT + r"\par caf\'e9\par}"
)
PDF = documents.pdf([[TEXT, MORE], [documents.SECOND, documents.THIRD]], "Locks", head="The Canal Times")
ROW = {"id": 1, "headline": "Locks", "text": TEXT, "desk": "Local news"}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param("a.md", NOTE, {"front matter": 5, "comment": 5, "picture or embedded file": 2}, id="md"),
        pytest.param("a.txt", PASTED, {"navigation": 3, "related": 4, "button": 1}, id="txt"),
        pytest.param("a.rtf", RTF, {"running head": 2}, id="rtf"),
        pytest.param("a.eml", documents.eml(PLAIN_MAIL), {"quotation": 10, "signature": 3}, id="plain mail"),
        pytest.param("a.eml", documents.eml(html=HTML_MAIL), {"quotation or hidden": 6}, id="mail"),
        pytest.param("a.csv", documents.csv(), {"metadata": 7, "name of a column": 5}, id="csv"),
        pytest.param("a.json", json.dumps([ROW]), {"metadata": 2}, id="json"),
        pytest.param("a.jsonl", json.dumps(ROW), {"metadata": 2}, id="jsonl"),
        pytest.param("a.jsonl.gz", gzip.compress(json.dumps(ROW).encode()), {"metadata": 2}, id="packed"),
        pytest.param("a.xml", FEED, {"of the feed itself": 2, "summary": 2}, id="feed"),
        pytest.param("a.docx", documents.WHOLE["docx"], {"deleted": 1}, id="docx"),
        pytest.param("a.odt", documents.WHOLE["odt"], {"deleted": 1, "comment": 1}, id="odt"),
        pytest.param("a.epub", documents.WHOLE["epub"], {"navigation": 1}, id="epub"),
        pytest.param("a.mhtml", documents.WHOLE["mhtml"], {"navigation": 1}, id="mhtml"),
        pytest.param("a.pdf", PDF, {"running head": 6, "page number": 4}, id="pdf"),
    ],
)
def test_every_kind_of_file_is_measured(
    tmp_path: Path, name: str, content: str | bytes, expected: dict[str, int]
) -> None:
    found = explain_file(tmp_path / name, content)
    left_out = reasons(found)
    left_out.pop("header", None)
    left_out.pop("mark", None)
    if name == "a.json" or name.startswith("a.jsonl"):
        left_out.pop("number", None)
    assert left_out == expected
    assert found.read > 10


def test_entries_of_an_archive_and_files_of_a_folder_are_measured_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(documents.WHOLE["zip"])
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "c.py").write_text("import os\n\ndef main():\n    return os.getcwd()\n" * 5)
    found = list(explain(tmp_path, Settings()))
    names = [one.source.removeprefix(f"{tmp_path}/") for one in found]
    assert names == ["a.zip/a/one.txt", "a.zip/three.html", "a.zip/two.md", "b.txt", "c.py"]
    assert all(isinstance(one, Coverage) and not one.lost for one in found[:4])
    assert isinstance(found[4], Failure)


def test_pages_at_addresses_are_measured(tmp_path: Path) -> None:
    page = f"<html><head><title>Locks</title></head><body><nav>Home Boats</nav><p>{TEXT}</p><p>{MORE}</p></body></html>"
    first, second = (page.replace("<p>", f"<a rel=next href='/b'></a><h2>{name}</h2><p>", 1) for name in ("One", "Two"))
    routes = {"/": page, "/a": first, "/b": second.replace("rel=next", ""), "/c.txt": Page(TEXT, kind="text/plain")}
    with web_server(routes) as server:
        settings = Settings(fetch_private=True, fetch_delay=0)
        found = list(explain([server.url("/"), server.url("/c.txt")], settings))
    assert isinstance(found[0], Coverage)
    assert reasons(found[0]) == {"navigation": 2}
    assert isinstance(found[1], Failure) and "not measured" in found[1].reason


def hostile_files() -> Iterator[tuple[str, bytes]]:
    yield "laughs.docx", documents.docx(extra={"word/comments.xml": LAUGHS})
    yield "bomb.odt", documents.odt(extra={"styles.xml": b"<a>" + b" " * 300_000_000 + b"</a>"})


@pytest.mark.parametrize(
    ("name", "content"), list(hostile_files()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_second_reading_is_as_careful_as_the_first(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert all(isinstance(one, Failure) for one in explain(tmp_path / name, Settings()))


def test_known_pages_lose_less_than_a_word_in_a_hundred(tmp_path: Path) -> None:
    stories = {}
    for kind, story, markup in known():
        (tmp_path / f"{kind}.html").write_text(markup)
        stories[f"{kind}.html"] = Counter(f"{story.title} {story.body}".split())
    lost = [stories[one.id] - Counter(f"{one.title} {one.text}".split()) for one in read([str(tmp_path)])
            if isinstance(one, Article)]  # fmt: skip
    assert len(lost) == len(stories)
    assert sum(one.total() for one in lost) < 0.01 * sum(one.total() for one in stories.values())
    found = [one for one in explain(tmp_path, Settings()) if isinstance(one, Coverage)]
    assert len(found) == len(stories)
    assert sum(one.lost for one in found) < 0.01 * sum(one.words for one in found)


def test_the_command_explains_and_writes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_text(f"<html><body><nav>Home Boats</nav><article><p>{TEXT}</p><p>{MORE}</p></article></body></html>")
    (tmp_path / "b.txt").write_text(TEXT)
    index = tmp_path / "index"
    given = ["--index", str(index), "add", "--explain", str(source), str(tmp_path / "b.txt")]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        f"{source}: 34 of 36 words read (94.4%), 1 article",
        "        2  navigation",
        "           Home Boats",
        f"{tmp_path / 'b.txt'}: 18 of 18 words read (100.0%), 1 article",
        "in all: 52 of 54 words read (96.3%); lost without a reason: 0.00%",
    ]
    [one, _] = json.loads(CliRunner().invoke(main, [*given, "--json"]).output)
    assert (one["share"], one["lost"]) == (0.9444, 0)
    assert one["left_out"] == [{"reason": "navigation", "words": 2, "begins": ["Home Boats"]}]
    assert not index.exists()
