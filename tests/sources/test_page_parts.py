"""Parts of pages that are no running text: entries of live blogs, captions; and the language nobody states."""

import json
from pathlib import Path

import pytest

from rag.sources.cleaning.language import add_language
from rag.sources.web.pages import parse_articles
from rag.types import Article
from tests.support.reading import read

PARAGRAPH = (
    "The old bridge over the river Lune closed on Friday after engineers found cracks in two of its piers, and drivers "
    "were told to take the northern tunnel until further notice."
)
FIRST = "<p>The water stood at four metres when the gates were shut on Friday evening.</p><p>Nobody was hurt.</p>"
SECOND = "The mayor asked the people of the lower town to leave their houses before midnight &amp; to take blankets."
URL = "https://news.example.org/live/flood"


def live(*updates: dict[str, object], kind: object = "LiveBlogPosting", body: str = "") -> str:
    node = {"@context": "https://schema.org", "@type": kind, "headline": "Flood in Lune", "liveBlogUpdate": updates,
            "datePublished": "2024-03-01T08:00:00Z"}  # fmt: skip
    graph = json.dumps({"@graph": [node]})
    shown = "".join(
        f"<section><h2>{one.get('headline', '')}</h2><p>{one.get('articleBody')}</p></section>" for one in updates
    )
    return (
        f'<html lang="en"><head><title>Flood in Lune</title><script type="application/ld+json">{graph}</script></head>'
        f"<body><article><h1>Flood in Lune</h1>{shown}{body}</article></body></html>"
    )


UPDATES: list[dict[str, object]] = [
    {"@type": "BlogPosting", "headline": "Lower town leaves", "datePublished": "2024-03-02T00:10:00+01:00",
     "articleBody": SECOND},
    {"@type": "BlogPosting", "headline": "Gates <b>shut</b>", "datePublished": "2024-03-01T20:00:00+01:00",
     "articleBody": FIRST},
]  # fmt: skip


def loaded(tmp_path: Path, markup: str) -> list[Article]:
    file = tmp_path / "page.html"
    file.write_text(markup)
    return [item for item in read([str(file)]) if isinstance(item, Article)]


def test_entries_of_a_live_blog(tmp_path: Path) -> None:
    one, two = loaded(tmp_path, live(*UPDATES, UPDATES[0]))
    assert (one.id, one.title, one.date) == ("page.html#1", "Gates shut", "2024-03-01")
    assert one.text.split("\n\n") == [
        "The water stood at four metres when the gates were shut on Friday evening.",
        "Nobody was hurt.",
    ]
    assert (two.id, two.title, two.date) == ("page.html#2", "Lower town leaves", "2024-03-02")
    assert two.text == SECOND.replace("&amp;", "&")
    assert two.metadata["live blog"] == "Flood in Lune"
    assert two.metadata["published"] == "2024-03-02T00:10:00+01:00"
    assert one.origin == two.origin


def test_entries_of_a_fetched_live_blog() -> None:
    found = parse_articles(live(*UPDATES).encode(), "utf-8", URL)
    assert [one.id for one in found] == ["news.example.org/live/flood#1", "news.example.org/live/flood#2"]
    assert {one.url for one in found} == {URL}
    assert {one.source for one in found} == {"news.example.org"}


def test_a_later_entry_changes_no_number(tmp_path: Path) -> None:
    before = {one.id: one.text for one in loaded(tmp_path, live(*UPDATES))}
    newest = {"headline": "Water falls", "datePublished": "2024-03-02T09:00:00+01:00", "articleBody": PARAGRAPH}
    after = {one.id: one.text for one in loaded(tmp_path, live(newest, *UPDATES))}
    assert before.items() < after.items() and len(after) == 3


@pytest.mark.parametrize(
    "markup",
    [
        live(UPDATES[0], body=f"<p>{PARAGRAPH}</p>"),
        live(*UPDATES, kind="NewsArticle"),
        live({"headline": "One"}, {"headline": "Two"}, body=f"<p>{PARAGRAPH}</p>" * 3),
        live({"articleBody": "Soon"}, {"articleBody": "More"}, body=f"<p>{PARAGRAPH}</p>" * 3),
        live({"articleBody": 7}, {"articleBody": None}, body=f"<p>{PARAGRAPH}</p>" * 3),
    ],
)
def test_other_pages_stay_whole(tmp_path: Path, markup: str) -> None:
    [found] = loaded(tmp_path, markup)
    assert found.id == "page.html"


def test_captions_are_kept_apart(tmp_path: Path) -> None:
    caption = "Workers look at the bridge from a boat. Photo: Ann Lee"
    said = "Workers look at the bridge\n from a boat. <i>Photo: Ann Lee</i>"
    figure = f"<figure><img src='a.jpg'><figcaption>{said}</figcaption></figure>"
    told = "".join(f"<p>{PARAGRAPH.replace('Friday', day)}</p>{figure}" for day in ("Monday", "Sunday"))
    body = f"<body><article><h1>Bridge</h1>{told}</article></body>"
    markup = f"<html lang='en'><head><title>Bridge</title></head>{body}</html>"
    [found] = loaded(tmp_path, markup)
    assert found.metadata["captions"] == caption
    assert "boat" not in found.text and "Sunday" in found.text
    [fetched] = parse_articles(markup.encode(), "utf-8", "https://news.example.org/bridge")
    assert fetched.metadata["captions"] == caption and "boat" not in fetched.text
    [short] = loaded(tmp_path, f"<body><p>Closed.</p>{figure}</body>")
    assert "boat" not in short.text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PARAGRAPH, "en"),
        ("Die alte Brücke über die Lune wurde am Freitag geschlossen, nachdem Ingenieure Risse in zwei ihrer Pfeiler "
         "gefunden hatten; die Bürgermeisterin rechnet mit neun Monaten.", "de"),
        ("Le vieux pont sur la Lune a été fermé vendredi après la découverte de fissures dans deux de ses piliers, a "
         "dit la maire, qui compte neuf mois de travaux.", "fr"),
        ("El viejo puente sobre el río Lune se cerró el viernes después de que los ingenieros encontraran grietas en "
         "dos de sus pilares, dijo la alcaldesa.", "es"),
        ("Closed on Friday.", ""),
        ("7 " * 100, ""),
    ],
)  # fmt: skip
def test_languages(text: str, language: str) -> None:
    assert add_language(Article("a", "T", text)).metadata.get("language", "") == language


def test_what_is_stated_is_not_guessed(tmp_path: Path) -> None:
    stated = Article("a", "T", PARAGRAPH, metadata={"language": "sco"})
    assert add_language(stated) is stated
    file = tmp_path / "a.txt"
    file.write_text(PARAGRAPH)
    [found] = read([str(file)])
    assert isinstance(found, Article) and found.metadata["language"] == "en"


@pytest.mark.parametrize("heading", ["Mill sold", "The mill of Oldhaven is sold to its neighbours"])
def test_a_heading_is_kept_where_the_page_states_another_title(tmp_path: Path, heading: str) -> None:
    page = tmp_path / "mill.html"
    paragraphs = "".join(
        f"<p>The council of Oldhaven met {number} times before it sold the mill.</p>" for number in range(9)
    )
    page.write_text(
        '<html><head><meta property="og:title" content="You will not believe this">'
        "<title>You will not believe this</title></head>"
        f"<body><article><h1>{heading}</h1>{paragraphs}</article></body></html>"
    )
    [article] = read([str(page)])
    assert isinstance(article, Article)
    assert article.title == "You will not believe this"
    assert article.text.startswith(f"{heading}\n\nThe council")


def test_a_saved_page_has_the_title_that_it_states_as_a_fetched_one_has(tmp_path: Path) -> None:
    page = tmp_path / "mill.html"
    paragraphs = "".join(
        f"<p>The council of Oldhaven met {number} times before it sold the mill.</p>" for number in range(9)
    )
    stated = json.dumps({"@type": "NewsArticle", "headline": "The mill of Oldhaven is sold to…"})
    page.write_text(
        f'<html><head><script type="application/ld+json">{stated}</script>'
        '<meta property="og:title" content="Unbelievable">'
        f"</head><body><article><h1>The mill of Oldhaven is sold to neighbours</h1>{paragraphs}</article></body></html>"
    )
    [article] = read([str(page)])
    assert isinstance(article, Article)
    assert article.title == "The mill of Oldhaven is sold to neighbours"
    assert article.text.startswith("The council")
