import json
from pathlib import Path

import pytest

from rag.sources.cleaning.datelines import find_publication_line
from rag.sources.cleaning.publication_date import (
    day_in_address,
    day_in_name,
    order_by_examples,
    order_by_language,
    read_day,
)
from rag.sources.formats.html import extract_page
from rag.sources.web.feeds import parse_feed_entries
from rag.text.dates import DATE_NOTE
from rag.types import Article
from tests.support.reading import read

ENGLISH = "The dam at Varn was drained on Monday to look for cracks, and the mayor said that it is old. "
GERMAN = "Der Damm von Varn wurde am Montag geleert, um nach Rissen zu suchen, und er ist seit langem alt. "
EITHER = "03/04/2024 may also be 2024-04-03"


def articles(path: Path, content: str) -> list[Article]:
    path.write_text(content, encoding="utf-8")
    items = list(read([str(path)]))
    assert all(isinstance(item, Article) for item in items), items
    return [item for item in items if isinstance(item, Article)]


def days(path: Path, content: str) -> list[tuple[str, str]]:
    return [(article.date, article.metadata.get(DATE_NOTE, "")) for article in articles(path, content)]


def test_a_day_that_may_be_another_is_noted() -> None:
    assert read_day("03/04/2024") == ("2024-03-04", EITHER)
    assert read_day("03/04/2024", lambda: "day") == ("2024-04-03", "")
    assert read_day("March 2024") == ("", "")


@pytest.mark.parametrize(
    ("language", "url", "order"),
    [
        *[("de", "", "day"), ("pt-BR", "", "day"), ("en-US", "", "month"), ("en_GB", "", "day"), ("en", "", "")],
        *[
            ("en", "https://a.example.co.uk/x", "day"),
            ("", "https://a.gov/x", "month"),
            ("", "", ""),
            ("ja", "", "year"),
        ],
    ],
)
def test_the_language_says_what_stands_first(language: str, url: str, order: str) -> None:
    assert order_by_language(language, url) == order


def test_other_days_of_a_file_say_what_stands_first() -> None:
    assert order_by_examples([b"a;03/04/2024;b\nc;25/04/2024;d"]) == "day"
    assert order_by_examples([b'{"date": "03/25/2024"}']) == "month"
    assert order_by_examples([b"a,25/04/2024\nb,04/25/2024"]) == ""
    assert order_by_examples([b"on 25/04/2024 they met"]) == ""


def test_an_address_or_a_name_alone_is_not_certain() -> None:
    assert day_in_address("https://a.example/news/2024/03/05/dam") == ("2024-03-05", "only the address says so")
    assert day_in_address("https://a.example/20240305-dam.html").day == "2024-03-05"
    assert day_in_address("https://a.example/2024/13/45/dam") == ("", "")
    assert day_in_name("posts/2024-03-05-dam.md") == ("2024-03-05", "only the name of the file says so")


def test_rows_of_a_table_decide_together(tmp_path: Path) -> None:
    rows = f"date,text\n03/04/2024,{ENGLISH.replace(',', '')}\n{{}},{ENGLISH.replace(',', '')} Again."
    assert days(tmp_path / "a.csv", rows.format("25/04/2024")) == [("2024-04-03", ""), ("2024-04-25", "")]
    assert days(tmp_path / "b.csv", rows.format("05/06/2024"))[0] == ("2024-03-04", EITHER)


def test_lines_of_json_decide_together(tmp_path: Path) -> None:
    lines = [{"id": str(n), "text": ENGLISH, "date": day} for n, day in enumerate(("03/04/2024", "04/25/2024"))]
    content = "\n".join(map(json.dumps, lines))
    assert days(tmp_path / "a.jsonl", content) == [("2024-03-04", ""), ("2024-04-25", "")]


@pytest.mark.parametrize(
    ("content", "day"),
    [
        (f"---\ndate: 03/04/2024\n---\n{ENGLISH}", ("2024-03-04", EITHER)),
        (f"---\ndate: 03/04/2024\n---\n{GERMAN}", ("2024-04-03", "")),
        (f"---\ndate: 5 mars 2024 à 10h00\n---\n{ENGLISH}", ("2024-03-05", "")),
        (f"---\ndate: '2024-03-05T23:30:00-08:00'\n---\n{ENGLISH}", ("2024-03-05", "")),
        (f"---\nurl: https://a.example/2024/03/05/dam\n---\n{ENGLISH}", ("2024-03-05", "only the address says so")),
        (f"# Dam drained\n\n*Published on March 5, 2024 by Li Wu*\n\n{ENGLISH}", ("2024-03-05", "")),
        (f"# Dam drained\n\n{ENGLISH}\n\nBorn on March 5, 2024.", ("", "")),
    ],
)
def test_days_of_notes(tmp_path: Path, content: str, day: tuple[str, str]) -> None:
    assert days(tmp_path / "a.md", content) == [day]


@pytest.mark.parametrize(
    ("head", "day", "left"),
    [
        ("Dam drained\n\nBy Li Wu\nMarch 5, 2024 10:00 am ET\n\n", ("2024-03-05", ""), ""),
        ("Damm geleert\nAnna Weber, 05.03.2024\n\n", ("2024-03-05", ""), ""),
        ("Dam drained\n\nPublished 03/04/2024\n\n", ("2024-03-04", EITHER), ""),
        ("Dam drained\n\nUpdated March 6, 2024\nPublished March 5, 2024\n\n", ("2024-03-05", ""), ""),
        (
            "Dam drained\n\nTown Post of Varn | March 5, 2024\n\n",
            ("2024-03-05", ""),
            "Town Post of Varn | March 5, 2024\n\n",
        ),
        ("Dam drained\n\nBorn 5 March 1961\n\n", ("", ""), "Born 5 March 1961\n\n"),
    ],
)
def test_the_day_under_the_title_of_a_pasted_page(tmp_path: Path, head: str, day: tuple[str, str], left: str) -> None:
    [article] = articles(tmp_path / "a.txt", head + ENGLISH)
    assert (article.date, article.metadata.get(DATE_NOTE, "")) == day
    assert article.text.strip() == f"{left}{ENGLISH}".strip()


def test_the_days_of_a_diary_stay() -> None:
    diary = f"March 5, 2024\n\n{ENGLISH}\n\nMarch 6, 2024\n\n{ENGLISH} Again."
    assert find_publication_line(diary) == ""
    assert find_publication_line(f"Dam drained\n\nMarch 5, 2024\n\n{ENGLISH}") == "March 5, 2024"


@pytest.mark.parametrize(
    ("head", "line", "day"),
    [
        ("", "<p>March 5, 2024 10:00 am ET</p>", "March 5, 2024 10:00 am ET"),
        ('<meta name="dcterms.created" content="2019-01-01">', "<p>5 mars 2024</p>", "5 mars 2024"),
        ('<meta name="created" content="2019-01-01T10:00:00">', "", ""),
        (
            '<meta property="article:published_time" content="2024-03-05T23:30:00-08:00">',
            "",
            "2024-03-05T23:30:00-08:00",
        ),
        ("", '<span itemprop="datePublished" content="2024-03-05">Tuesday</span>', "2024-03-05"),
    ],
)
def test_the_day_of_a_page(head: str, line: str, day: str) -> None:
    page = (
        f"<html><head><title>Dam</title>{head}</head><body><article><h1>Dam drained</h1>{line}"
        f"<p>{ENGLISH}</p><p>{ENGLISH} It is old.</p><p>{ENGLISH} It is high.</p></article></body></html>"
    )
    assert extract_page(page).fields["date"] == day


def test_the_day_of_a_feed_is_that_of_its_own_time_zone() -> None:
    feed = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Town Post</title><item><title>Dam</title>'
        "<link>https://a.example/dam</link><pubDate>Tue, 05 Mar 2024 23:30:00 -0800</pubDate></item></channel></rss>"
    )
    [entry] = parse_feed_entries(feed.encode(), "application/rss+xml", "https://a.example/feed") or []
    assert entry.date == "2024-03-05"
    item = {"url": "https://a.example/dam", "title": "Dam", "date_published": "2024-03-05T23:30:00-08:00"}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Town Post", "items": [item]})
    [entry] = parse_feed_entries(body.encode(), "application/feed+json", "https://a.example/feed") or []
    assert entry.date == "2024-03-05"
