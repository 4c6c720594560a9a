"""The article view, what a browser keeps, exports and the trace: what they draw, and that nothing in them is live."""

import json
import re
from dataclasses import replace

import pytest

from rag.index import Index
from rag.types import Answer, Citation, Hit, Passage, Reading, Sentence, Span
from rag.web.chat import article_view, browser_storage
from rag.web.chat.article_text import Mark
from rag.web.chat.export import as_json, as_markdown
from rag.web.chat.trace import render_trace
from rag.web.chat.turns import Turn

TEXT = "One is here. Two is there.\n\nThree is *everywhere* <b>."
PASSAGE = Passage(
    article_id="a.md",
    title="A [title]",
    source="Harbor Review",
    url="https://example.org/a",
    date="2024-01-05",
    text=TEXT,
    start=10,
    end=10 + len(TEXT),
    version="v",
)


def turn(question: str = "Where is two?") -> Turn:
    citation = Citation(1, PASSAGE, 23, 36, "Two is there.")
    hit = Hit(PASSAGE, 0.9, 1, 2, reading=Reading(0.8, (Span(23, 26, 0.8),)))
    said = Sentence("Two is there.", (1,), "supported", 0.9, (0, 3))
    answer = Answer(question, question, (said,), (hit,), (citation,), True, confidence=0.7, timings={"read": 0.1})
    return Turn(answer, True, 3)


# The article.


@pytest.fixture
def read(seed_index: Index) -> str:
    article = seed_index.article("coalition-end.md")
    assert article is not None
    return article.text


def test_marks_hold_exactly_their_spans(seed_index: Index, read: str) -> None:
    marks = [Mark(0, 30), Mark(100, 140), Mark(120, 160)]
    html = article_view.render_article(seed_index, "coalition-end.md", marks, chosen=Mark(100, 140))
    shown = re.findall(r'<mark class="cited( chosen)?" data-mark="(\d)">(.*?)</mark>', html)
    assert [(chosen, number) for chosen, number, _ in shown] == [("", "0"), (" chosen", "1")]
    assert [_text(part) for _, _, part in shown] == [read[0:30], read[100:160]]
    assert _text(html[html.index('<div class="text">') :]) == read.replace("\n\n", "")


def test_a_mark_over_paragraphs_is_marked_in_each(seed_index: Index, read: str) -> None:
    gap = read.index("\n\n")
    html = article_view.render_article(seed_index, "coalition-end.md", [Mark(gap - 10, gap + 12)], chosen=None)
    parts = [_text(part) for part in re.findall(r"<mark[^>]*>(.*?)</mark>", html)]
    assert parts == [read[gap - 10 : gap], read[gap + 2 : gap + 12]]
    assert html.count('data-mark="0"') == 2


@pytest.mark.parametrize("marks", [[], [(-5, 0)], [(10**9, 10**9 + 5)], [(5, 5)], [(9, 2)], [(0, 5)] * 1000])
def test_odd_marks_do_no_harm(seed_index: Index, marks: list[tuple[int, int]]) -> None:
    assert '<div class="text">' in article_view.render_article(seed_index, "coalition-end.md", marks, chosen=None)


def test_an_unknown_article_is_one_line(seed_index: Index) -> None:
    assert article_view.render_article(seed_index, "../etc/passwd", [], chosen=None) == article_view.MISSING


def test_a_fragment_holds_a_short_quotation_and_the_ends_of_a_long_one() -> None:
    assert article_view.text_fragment("well-known, 5 % of it") == "well%2Dknown%2C%205%20%25%20of%20it"
    long = " ".join(str(number) for number in range(60))
    assert article_view.text_fragment(long) == "0%201%202%203%204%205%206%207,52%2053%2054%2055%2056%2057%2058%2059"
    assert article_view.original_link("javascript:x", "a") == ""
    assert "#:~:text=a%20b" in re.sub(
        r"&#(\d+);", lambda one: chr(int(one[1])), article_view.original_link("https://e.org/", "a b")
    )


def test_a_shared_address_names_article_and_place() -> None:
    odd = replace(PASSAGE, article_id="a&b=c/ü.md")
    assert article_view.citation_query(odd, 3, 9) == "?article=a%26b%3Dc%2F%C3%BC.md&start=3&end=9"


def _text(html: str) -> str:
    plain = re.sub(r"<[^>]+>", "", html)
    return re.sub(r"&#(\d+);", lambda one: chr(int(one[1])), plain)


# What a browser keeps.


def test_a_conversation_comes_back_as_it_was() -> None:
    known = browser_storage.with_turns(browser_storage.new_conversation(), (turn("And three?"), turn()))
    back = browser_storage.parse_record(browser_storage.to_record(known))
    assert back == known
    assert back.title == "And three?"
    assert back.turns[0].answer.citations[0].quote == "Two is there."


def test_it_keeps_its_title_and_marks_every_change() -> None:
    first = browser_storage.with_turns(browser_storage.new_conversation(), (turn(),))
    second = browser_storage.with_turns(first, (turn(), turn("And three?")))
    assert (second.id, second.title, len(second.turns)) == (first.id, "Where is two?", 2)
    assert second.mark != first.mark


def test_it_goes_on_in_a_new_one_where_more_follows() -> None:
    known = browser_storage.with_turns(browser_storage.new_conversation(), (turn(), turn("And three?")))
    assert browser_storage.branch(known, 1) == replace(known, turns=known.turns[:1])
    new = browser_storage.branch(known, 0)
    assert new.id != known.id
    assert new.turns == ()


@pytest.mark.parametrize(
    "record", [None, 1, "", "x", "1", "[]", "{}", "[1]", '{"id": 1}', '{"id": "a", "turns": [{}]}', "[" * 100_000]
)
def test_what_was_changed_in_the_browser_is_no_conversation(record: object) -> None:
    assert browser_storage.parse_record(record) is None


def test_a_record_holds_the_passages_that_are_shown_and_those_that_are_cited() -> None:
    others = tuple(Hit(replace(PASSAGE, start=100 * n, end=100 * n + 10), 1.0) for n in range(1, 40))
    known = browser_storage.with_turns(
        browser_storage.new_conversation(),
        (replace(turn(), answer=replace(turn().answer, hits=(*others, Hit(PASSAGE, 0.1)))),),
    )
    back = browser_storage.parse_record(browser_storage.to_record(known))
    assert back is not None
    assert [hit.passage for hit in back.turns[0].answer.hits] == [*(hit.passage for hit in others[:12]), PASSAGE]


# Exports and the trace.


def test_markdown_has_the_quotations_and_nothing_live() -> None:
    text = as_markdown((turn("Is [this](javascript:x) <b>?"),))
    assert text.startswith(r"## Is \[this\](javascript:x) \<b\>?")
    assert "Two is there. [1]" in text
    assert r"[1] A \[title\], Harbor Review, 2024-01-05, https://example.org/a" in text
    assert "> Two is there." in text


def test_json_has_every_citation() -> None:
    (told,) = json.loads(as_json((turn(),)))
    assert told["citations"][0]["quote"] == "Two is there."
    assert told["sentences"][0]["citations"] == [1]


def test_the_trace_says_what_was_asked_found_and_how_long_it_took() -> None:
    answer = replace(turn().answer, parts=("Is it <b>?",), sentences=(Sentence("X.", (), "weak", reason="no figure"),))
    html = render_trace(answer)
    for shown in (
        "Searched for “Where is two&#63;”",
        "70%",
        "Is it &#60;b&#62;&#63;",
        "weak, no figure",
        "cited",
        "read 100 ms",
    ):
        assert shown in html
    assert render_trace(Answer("Q?", "Q?")) == ""
