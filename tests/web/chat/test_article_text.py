"""The text of an article as it is drawn: headings, lists and tables, every character once, and marks where they are."""

import re

import pytest

from rag.sources.formats.text_builder import TextBuilder
from rag.structure import STRUCTURE
from rag.types import Article
from rag.web.chat.article_text import Mark, render_text

CREWS = ["Crew: Tern; Place: 2; Time: 7:41", "Crew: <b>Gull</b>; Place: 1"]


def built() -> Article:
    builder = TextBuilder()
    builder.add_paragraph("It rained.\nStill they came.")
    builder.add_heading("Results & more", 1)
    builder.add_lines([("caption", "Table 1"), *(("row", crew) for crew in CREWS)])
    builder.add_item("Bring a coat")
    builder.add_item("1. and a hat", 2)
    builder.add_lines([("row", "Area: 48 km"), ("row", "Depth: 112 m")])
    builder.add_lines([("row", "Ann | Chair"), ("row", "Bo | Clerk")])
    builder.add_paragraph("The end.")
    text = builder.build()
    return Article("a.md", "Rowing", text.text, metadata={STRUCTURE: text.written})


def plain(html: str) -> str:
    return re.sub(r"&#(\d+);", lambda one: chr(int(one[1])), re.sub(r"<[^>]+>", "", html))


def test_blocks_are_drawn_as_what_they_are() -> None:
    html = re.sub(r"&#(\d+);", lambda one: chr(int(one[1])), render_text(built(), [], chosen=None))
    assert '<h3 dir="auto">Results & more</h3>' in html
    assert '<p class="caption" dir="auto">Table 1</p>' in html
    assert re.search(r"<ul><li dir=.auto. style=.--depth:0.>Bring a coat</li><li dir=.auto. class=.numbered.", html)
    assert re.findall(r'data-name="(\w+)"', html) == ["Crew", "Place", "Time"]
    assert html.count("<table") == 3
    assert "<h1" not in html


def test_every_character_is_drawn_once_and_in_order() -> None:
    article = built()
    assert plain(render_text(article, [], chosen=None)) == re.sub(r"\n(?!Still)", "", article.text)


def test_markup_of_an_article_stays_text() -> None:
    assert "<b>" not in render_text(built(), [], chosen=None)


@pytest.mark.parametrize("quoted", [*CREWS, "Bring a coat", "Results & more", "Depth: 112 m", "Ann | Chair", "Table 1"])
def test_marks_hold_exactly_what_is_cited(quoted: str) -> None:
    article = built()
    start = article.text.index(quoted)
    mark = Mark(start, start + len(quoted))
    html = render_text(article, [mark], chosen=mark)
    marked = re.findall(r'<mark class="cited chosen" data-mark="0">(.*?)</mark>', html)
    assert plain("".join(marked)) == quoted


def test_a_mark_over_blocks_is_marked_in_each() -> None:
    article = built()
    html = render_text(article, [Mark(0, len(article.text))], chosen=None)
    assert plain("".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL))) == plain(html)


def test_rows_of_many_columns_are_lines() -> None:
    row = "; ".join(f"Name {number}: {number}" for number in range(50))
    article = Article("a", "", row, metadata={STRUCTURE: f"{len(row)} r@0+{len(row)}"})
    html = render_text(article, [], chosen=None)
    assert "<table" not in html
    assert plain(html) == row
