"""Each kind of source becomes articles with the right fields, and the rest becomes failures by name."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.sources import LOADERS
from rag.types import Article, Failure
from tests.conftest import ROOT
from tests.support.reading import read

TEXT = "The lock gates of the old canal were opened again on Tuesday, and forty boats went through before noon."
MORE = "Nobody had expected so many of them, the mayor said in the evening, and the harbour stayed open for a month."
MARKDOWN = f"""---
id: canal-1
title: "The canal: open"
source: Canal Press
url: https://example.org/canal
date: 2024-01-05
author: [Ann Lee, Jane Doe]
edition: 007
draft:
---

# The Canal — open

{TEXT} See [the *map*](map.html) and `lock.py`.
It goes on \\*here\\* &amp; there.<br>New line ![picture](a.png)

<div>raw</div>

## Gates

- one
- two with **bold**
  1. inner
- three

> quoted

| gate | boats |
|------|-------|
| up   | 40    |

```
code  here
```
"""
HTML = f"""<html><head><title>Canal open | Canal Press</title>
<meta property="og:site_name" content="Canal Press"><meta name="author" content="Ann Lee">
<meta property="article:published_time" content="2024-01-05T10:00:00Z">
<link rel="canonical" href="https://example.org/canal"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Canal open</h1><p>{TEXT}</p><p>{MORE}</p></article>
<footer>Copyright 2019</footer></body></html>"""


def only(source: Path | str, limit_mb: float = 10.0) -> Article:
    [item] = read([str(source)], limit_mb)
    assert isinstance(item, Article), item
    return item


def failure(source: Path | str, limit_mb: float = 10.0) -> Failure:
    [item] = read([str(source)], limit_mb)
    assert isinstance(item, Failure), item
    return item


def blocks_of(article: Article) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, article.text[block.start : block.end]) for block in article.structure]


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_text(tmp_path: Path) -> None:
    article = only(put(tmp_path / "old-canal.txt", f"Canal open\n\nBy Ann Lee\nPublished: Jan. 5, 2024\n\n{TEXT}\n"))
    assert article == Article(
        "old-canal.txt", "Canal open", TEXT, date="2024-01-05", author="Ann Lee", metadata={"language": "en"},
        origin=str(tmp_path / "old-canal.txt"),
    )  # fmt: skip


def test_text_without_a_title_is_named_after_its_file(tmp_path: Path) -> None:
    assert only(put(tmp_path / "old-canal", TEXT)).title == "Old canal"


def test_markdown(tmp_path: Path) -> None:
    article = only(put(tmp_path / "canal.md", MARKDOWN))
    assert (article.id, article.title, article.source) == ("canal-1", "The canal: open", "Canal Press")
    assert (article.url, article.date) == ("https://example.org/canal", "2024-01-05")
    assert article.author == "Ann Lee, Jane Doe"
    assert {**article.metadata, "structure": ""} == {"edition": "007", "language": "en", "structure": ""}
    assert blocks_of(article) == [
        ("heading", 2, "Gates"),
        ("item", 1, "one"),
        ("item", 1, "two with bold"),
        ("item", 2, "1. inner"),
        ("item", 1, "three"),
        ("row", 0, "gate: up; boats: 40"),
    ]
    assert article.text == (
        f"{TEXT} See the map and lock.py. It goes on *here* & there.\nNew line\n\nraw\n\nGates\n\n"
        "one\ntwo with bold\n1. inner\nthree\n\nquoted\n\ngate: up; boats: 40\n\ncode  here"
    )


def test_markdown_is_titled_by_its_first_heading_then_by_its_file(tmp_path: Path) -> None:
    headed = only(put(tmp_path / "a.md", f"Canal *open*\n===\n\n{TEXT}"))
    assert (headed.title, headed.text) == ("Canal open", TEXT)
    assert only(put(tmp_path / "old-canal.markdown", TEXT)).title == "Old canal"


def test_markdown_with_a_ruled_line_on_top_loses_nothing(tmp_path: Path) -> None:
    text = only(put(tmp_path / "a.md", f"---\n\n{TEXT}\n\n---\n\nA note: with a colon: here.")).text
    assert text == f"{TEXT}\n\nA note: with a colon: here."


def test_html(tmp_path: Path) -> None:
    article = only(put(tmp_path / "canal.html", HTML))
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "2024-01-05")
    assert (article.source, article.url) == ("Canal Press", "https://example.org/canal")
    assert article.text == f"{TEXT}\n\n{MORE}"


def test_html_takes_no_day_from_a_copyright_line(tmp_path: Path) -> None:
    page = HTML.replace('<meta property="article:published_time" content="2024-01-05T10:00:00Z">', "")
    assert only(put(tmp_path / "canal.html", page)).date == ""


@pytest.mark.parametrize("content", [b"", b"\n \n", gzip.compress(b"")], ids=["empty", "blank", "packed"])
def test_lines_without_a_record_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ("a.jsonl.gz" if content[:2] == b"\x1f\x8b" else "a.jsonl")
    path.write_bytes(content)
    assert list(read([str(path)])) == [Failure(str(path), "no text in it")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "A.JSONL"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    records = [
        {"id": "a", "title": "One", "text": " kept  as\u00a0it is\r\n", "date": "2022/06/12", "likes": 3, "no": ["x"]},
        {"id": 7, "text": TEXT, "source": "Canal Press", "date": "last week", "draft": False, "none": None},
        {"url": "http://www.example.org/b?id=5#top", "text": TEXT, "author": ["Ann", "Jane"]},
        {"title": "Two", "text": TEXT},
    ]
    content = "\ufeff" + "\n\n".join(map(json.dumps, records))
    path = put(tmp_path / name, gzip.compress(content.encode()) if name.endswith("gz") else content)
    one, seven, address, made = (item for item in read([str(path)]) if isinstance(item, Article))
    assert (one.id, one.title, one.text, one.date) == ("a", "One", " kept  as it is\n", "2022-06-12")
    assert one.metadata == {"likes": "3"}
    assert one.origin == str(path)
    assert (seven.id, seven.title, seven.date) == ("7", "", "")
    assert seven.metadata == {"date": "last week", "draft": "false", "language": "en"}
    assert (address.id, address.author) == ("example.org/b?id=5", "Ann, Jane")
    assert made.id.startswith(f"{name}#")
    assert len(made.id) == len(name) + 13


def test_a_bad_line_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    content = '{"id": "a", "text": "One."}\nnonsense\n{"id": "a", "text": "Two."}\n{"text": "Three."}'
    path = put(tmp_path / "a.jsonl", content)
    first, second, third, fourth = read([str(path)])
    assert isinstance(first, Article)
    assert isinstance(fourth, Article)
    assert second == Failure(f"{path}:2", "not JSON: Expecting value at character 1")
    assert third == Failure(f"{path}:3", "line 1 has the id “a” already")


def test_questions_are_no_articles(tmp_path: Path) -> None:
    path = put(tmp_path / "questions.jsonl", '{"question": "When?", "answers": ["Tuesday"]}\n')
    put(tmp_path / "a.txt", TEXT)
    assert "rag eval" in failure(path).reason
    assert only(tmp_path).id == "a.txt"


def test_a_folder(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/cafe\u0301.txt", ".git/config", "a/.hidden.txt", "c.html/page.txt"):
        put(tmp_path / name, f"{TEXT} {name}")
    put(tmp_path / "named.md", f"---\nid: own\n---\n{TEXT}")
    put(tmp_path / "lines.jsonl", '{"id": "line", "text": "One."}')
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    (tmp_path / "empty").mkdir()
    ids = [item.id for item in read([str(tmp_path)]) if isinstance(item, Article)]
    assert ids == ["a/café.txt", "a/z.txt", "b.txt", "c.html/page.txt", "line", "own"]
    assert list(read([str(tmp_path / "empty")])) == []


def test_a_linked_folder_is_read_once_and_under_its_real_path(tmp_path: Path) -> None:
    put(tmp_path / "outside" / "o.txt", TEXT)
    put(tmp_path / "in" / "real" / "r.txt", TEXT)
    (tmp_path / "in" / "a-link").symlink_to("real")
    (tmp_path / "in" / "b-link").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "c-link").symlink_to(tmp_path / "outside")
    ids = [item.id for item in read([str(tmp_path / "in")]) if isinstance(item, Article)]
    assert ids == ["b-link/o.txt", "real/r.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path / "shut" / "a.txt", TEXT)
    (tmp_path / "shut").chmod(0)
    try:
        assert failure(tmp_path) == Failure(str(tmp_path / "shut"), "no permission to read it")
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_ids_do_not_depend_on_where_a_folder_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "one" / "a.txt", TEXT)
    put(tmp_path / "two" / "a.txt", TEXT)
    monkeypatch.chdir(tmp_path / "two")
    first, second = only(tmp_path / "one"), only(".")
    assert first.digest == second.digest
    assert second.origin == str(tmp_path / "two" / "a.txt")


@pytest.mark.parametrize("suffix", ["", "a.txt"], ids=["folders", "files"])
def test_the_later_folder_comes_in_front_of_a_name_that_is_taken(suffix: str, tmp_path: Path) -> None:
    folders = ["2023", "2024", "old/2024", "more/2024"]
    for number, folder in enumerate(folders):
        put(tmp_path / folder / "a.txt", f"Article {number}\n\nText number {number} is here.\n")
    put(tmp_path / "2024" / "b.txt", TEXT)
    articles = [*read([str(tmp_path / folder / suffix) for folder in folders])]
    assert all(isinstance(article, Article) for article in articles)
    ids = [article.id for article in articles if isinstance(article, Article)]
    others = ["b.txt"] if not suffix else []
    assert ids == ["a.txt", "2024/a.txt", *others, "old/2024/a.txt", "more/2024/a.txt"]


def test_an_id_that_is_stated_and_taken_is_refused_and_says_by_whom(tmp_path: Path) -> None:
    one, two = (put(tmp_path / name / "a.md", f"---\nid: own\n---\n{TEXT}") for name in ("one", "two"))
    first, second = read([str(one), str(two)])
    assert isinstance(first, Article)
    assert isinstance(second, Failure)
    assert second.source == str(two)
    assert second.reason.startswith(f"{one} has the id “own” already; give one of them an `id` of its own")


def test_what_is_given_twice_is_read_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", TEXT)
    assert len(list(read([str(path), str(tmp_path), str(path)]))) == 1


def test_a_single_string_is_one_source(tmp_path: Path) -> None:
    assert len(list(read(str(put(tmp_path / "a.txt", TEXT))))) == 1


@pytest.mark.parametrize("source", ["nowhere.txt", "", "a\0b", "\ud800", "x" * 5_000])
def test_what_is_not_there(source: str) -> None:
    assert failure(source).reason == "no such file or folder"


def test_an_article_over_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with open(path, "wb") as file:
        file.truncate(52_000_000)
    assert failure(path).reason == "52 MB is over the limit of 10 MB for one article (RAG_MAX_ARTICLE_MB)"
    put(path, TEXT)
    assert failure(path, limit_mb=0.0001).reason.endswith("for one article (RAG_MAX_ARTICLE_MB)")
    assert only(path, limit_mb=0.001).text == TEXT


def test_a_line_over_the_limit_is_refused_alone(tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(number), "text": "word " * count}) for number, count in enumerate([10, 1_000, 10])]
    first, second, third = read([str(put(tmp_path / "a.jsonl", "\n".join(lines)))], 0.001)
    assert isinstance(first, Article)
    assert isinstance(third, Article)
    assert isinstance(second, Failure)
    assert second.source.endswith("a.jsonl:2")


def test_binary_files_are_named_by_their_kind(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 20
    assert failure(put(tmp_path / "a.png", noise)).reason == "not a kind of file that can be read: .png"
    assert failure(put(tmp_path / "a.xyz", noise)).reason == "not a kind of file that can be read: .xyz"
    assert failure(put(tmp_path / "a.txt", noise)).reason == "looks binary, not text"


def test_names_that_are_no_utf8_stay_apart(tmp_path: Path) -> None:
    names = [os.fsdecode(b"caf\xe9.txt"), os.fsdecode(b"caf\xe8.txt")]
    try:
        for name in names:
            (tmp_path / name).write_text(TEXT + ascii(name))
    except OSError:
        pytest.skip("this disk takes only UTF-8 names")
    ids = [item.id for item in read([str(tmp_path)]) if isinstance(item, Article)]
    assert ids == ["caf\\udce8.txt", "caf\\udce9.txt"]


class Piped:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_standard_input_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(f"\n\nCanal open\n\n{TEXT}\n".encode()))
    article = only("-")
    assert (article.title, article.text, article.origin) == ("Canal open", TEXT, "-")
    assert article.id.startswith("stdin-")
    assert len(article.id) == 18


def test_standard_input_as_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(b'\n{"id": "a", "text": "One."}\nnonsense\n{"text": "Two."}\n'))
    first, second, third = read(["-"])
    assert isinstance(first, Article)
    assert first.id == "a"
    assert isinstance(second, Failure)
    assert second.source == "-:3"
    assert isinstance(third, Article)
    assert third.id.startswith("stdin#")


@pytest.mark.parametrize("data", [b"", b" \n ", b"\x00\x01\x02", b"word " * 100_000])
def test_standard_input_that_is_no_article(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(data))
    assert failure("-", limit_mb=0.1).source == "-"


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert failure("-") == Failure("-", "standard input is closed")


def test_loaders_take_what_is_theirs(tmp_path: Path) -> None:
    names = ["-", str(tmp_path), "a.jsonl.gz", "a.HTM", "a.markdown", "a.whatever"]
    takers = [next(type(loader).__name__ for loader in LOADERS if loader.accepts(name)) for name in names]
    assert takers == ["StandardInput", "FolderLoader", "JsonLines", "Html", "Markdown", "ByContent"]


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    heavy = ["trafilatura", "lxml", "markdown_it", "frontmatter", "yaml", "charset_normalizer", "dateparser", "babel"]
    code = f"import sys, rag.sources; before = set({heavy}) & set(sys.modules); assert not before, before"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
