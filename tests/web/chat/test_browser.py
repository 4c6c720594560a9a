"""The page as people use it, in a real browser."""

import json
import os
import re
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, expect

import rag.web.chat.tab
from rag import Answer, Assistant, Index, Settings
from rag.prompts import NOT_FOUND
from rag.testing import OverlapReader, ScriptedLLM, WordEmbedder
from rag.web.chat.turns import Turns, stream_turns
from tests.conftest import ARTICLES, ROOT
from tests.support.browser import (
    PHONE,
    SEED_QUESTION,
    WIDE,
    answers,
    ask,
    card,
    citations,
    finished,
    fits,
    in_view,
    open_side,
    opened,
    ready,
    screenshots,
    send,
    served,
    violations,
    visit,
)
from tests.support.payloads import PAYLOADS

BRIDGE = "Which bridge over the river closed on Friday?"
LIBRARY = "Will the town library stay open until midnight?"
NOWHERE = "Which quantum telescope photographed Neptune yesterday?"
LONG = [f"Paragraph {number} tells of barge {number}. " + "The water was calm. " * 25 for number in range(200)]
"""The paragraphs of an article of more than 20,000 words."""
ACTIVE = "document.activeElement"


@pytest.fixture(scope="module")
def articles() -> dict[str, str]:
    """The three small articles and a long one."""
    return {**ARTICLES, "long.txt": "Barges\n\n" + "\n\n".join(LONG)}


@pytest.fixture(scope="module")
def seeds(seed_index: Index) -> Assistant:
    """The assistant over the sample articles, with its real models."""
    return Assistant(seed_index)


@pytest.fixture(scope="module")
def seeds_address(seeds: Assistant) -> Iterator[str]:
    """The sample articles, served."""
    with served(seeds) as shown:
        yield shown


@pytest.fixture(scope="module")
def told(seeds: Assistant) -> Answer:
    """What the assistant says to the seed question, without a page."""
    answer = seeds.ask(SEED_QUESTION)
    assert len(answer.citations) >= 2
    return answer


@pytest.fixture
def answered(browser: Browser, seeds_address: str) -> Iterator[Page]:
    """A page on which the seed question was answered."""
    with opened(browser, seeds_address) as shown:
        ask(shown, SEED_QUESTION)
        yield shown


class WaitingLLM(ScriptedLLM):
    """Writes its first sentence, then waits until it is let go."""

    def __init__(self) -> None:
        super().__init__("The old bridge over the river Lune closed on Friday {1}. Mayor Ada Fell said more. {1}")
        self.go = threading.Event()

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        for piece in super().stream(instructions, prompt, longest):
            yield piece
            if "." in piece:
                self.go.wait(30)


@pytest.fixture
def waiting() -> Iterator[WaitingLLM]:
    """A slow LLM, let go in the end whatever happens."""
    llm = WaitingLLM()
    yield llm
    llm.go.set()


@pytest.fixture
def slow(browser: Browser, library: Index, waiting: WaitingLLM) -> Iterator[Page]:
    """A page whose LLM waits in the middle of its answer."""
    with (
        served(Assistant(library, OverlapReader(), llm=waiting)) as place,
        opened(browser, place) as shown,
    ):
        send(shown, BRIDGE)
        expect(answers(shown).last).to_contain_text("closed on Friday")
        yield shown
        waiting.go.set()


# An answer and its evidence.


def test_a_citation_selects_its_card_with_the_exact_quote(answered: Page, told: Answer) -> None:
    for citation in told.citations:
        answered.locator(f'#chat a[href="#passage-1-{citation.number}"]').first.click()
        chosen = card(answered, citation.number)
        expect(chosen).to_have_class(re.compile("selected"))
        expect(answered.locator(".card.selected")).to_have_count(1)
        marks = citation.marks or ((citation.start, citation.end),)
        quotes = [citation.passage.at(start, end) for start, end in marks]
        assert chosen.locator("mark").all_text_contents() == quotes
        assert in_view(chosen.locator("mark").first)


def test_hovering_a_citation_shows_what_it_cites(answered: Page, told: Answer) -> None:
    tip, second = answered.locator("#tip"), next(one for one in told.citations if one.number == 2)
    answered.locator('#chat a[href="#passage-1-2"]').first.hover()
    expect(tip).to_be_visible()
    for part in (second.passage.title, second.passage.source, second.passage.date, second.quote[:80]):
        expect(tip).to_contain_text(part)
    answered.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_the_facts_and_the_trace_stand_by_the_answer(answered: Page, told: Answer) -> None:
    expect(answers(answered).last).to_contain_text("quoted from your articles")
    expect(answers(answered).last).to_contain_text(re.compile(r"\d\.\d\d s · \d+ passages read · 16 articles"))
    answered.get_by_text("Why this answer").click()
    expect(answered.locator(".trace table")).to_be_visible()
    expect(answered.locator(".trace")).to_contain_text(f"Searched for “{told.query}”")


def test_an_abstention_shows_what_is_near_and_is_no_error(page: Page) -> None:
    answer = ask(page, NOWHERE)
    expect(answer).to_contain_text(NOT_FOUND)
    expect(page.get_by_role("heading", name="Nearest passages")).to_be_visible()
    expect(page.locator("#passages .card")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#passages mark")).to_have_count(0)


def test_a_bad_date_is_one_line_and_the_question_stays(page: Page) -> None:
    page.get_by_label("Since").fill("yesterday")
    send(page, BRIDGE)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("'yesterday' is not a day; write it as YYYY-MM-DD")
    assert alert.evaluate("node => node.getClientRects().length") == 1
    expect(page.locator("#question textarea")).to_have_value(BRIDGE)
    page.get_by_label("Since").fill("")
    page.locator("#question textarea").press("Enter")
    finished(page)
    expect(alert).to_have_count(0)


def test_a_publisher_narrows_the_search(page: Page) -> None:
    page.get_by_label("Publisher").click()
    page.get_by_role("option", name="Valley Post").click()
    ask(page, BRIDGE)
    expect(page.locator("#passages .card").first).to_be_visible()
    assert set(page.locator("#passages .card").evaluate_all("all => all.map(one => one.dataset.article)")) == {
        "orchard.md"
    }


def test_an_example_is_asked_by_a_click(browser: Browser, seeds_address: str) -> None:
    with opened(browser, seeds_address) as page:
        page.locator("#chat .example").filter(has_text="Shackleton").click()
        expect(finished(page)).to_contain_text("[1]")


# The whole article.


def test_an_article_opens_with_everything_that_is_cited_of_it(answered: Page, told: Answer) -> None:
    chosen = told.citations[0]
    id = chosen.passage.article_id
    card(answered, chosen.number).get_by_role("button", name="Open article").click()
    strong = answered.locator("#article mark.chosen")
    expect(strong.first).to_be_in_viewport()
    start, end = (chosen.marks or ((chosen.start, chosen.end),))[0]
    assert "".join(strong.all_text_contents()) in chosen.passage.at(start, end)
    cited = [one for one in told.citations if one.passage.article_id == id]
    marks = " ".join(answered.locator("#article mark.cited").all_text_contents())
    for one in cited:
        for start, end in one.marks or ((one.start, one.end),):
            assert _words(one.passage.at(start, end)) in _words(marks)
    expect(answered.locator("#passages")).to_be_hidden()
    colours = answered.locator("#article mark").evaluate_all("all => all.map(one => getComputedStyle(one).background)")
    plain = answered.locator("#article mark:not(.chosen)").count()
    assert len(set(colours)) == (2 if plain else 1)


def test_the_whole_text_of_an_article_is_shown(answered: Page, told: Answer, seed_index: Index) -> None:
    first = told.citations[0]
    card(answered, first.number).get_by_role("button", name="Open article").click()
    article = seed_index.article(first.passage.article_id)
    assert article is not None
    expect(answered.locator("#article h2")).to_have_text(article.title)
    shown = answered.locator("#article .text").evaluate("node => [...node.children].map(p => p.textContent).join(' ')")
    assert _words(shown) == _words(article.text)


def test_the_citations_of_an_article_are_stepped_through(page: Page, address: str, library: Index) -> None:
    ask(page, BRIDGE)
    page.locator(".card[data-marks]").evaluate("card => card.dataset.marks = '0-8 20-26 30-40'")
    page.locator("[data-open]").first.click()
    article = library.article("bridge.md")
    assert article is not None
    strong, count = page.locator("#article mark.chosen"), page.locator("#article .count")
    for button, place, (start, end) in (
        (None, "1 of 3", (0, 8)),
        ("Next citation", "2 of 3", (20, 26)),
        ("Next citation", "3 of 3", (30, 40)),
        ("Next citation", "1 of 3", (0, 8)),
        ("Previous citation", "3 of 3", (30, 40)),
    ):
        if button:
            page.get_by_role("button", name=button).click()
        expect(count).to_have_text(place)
        expect(strong).to_have_text(article.text[start:end])
    page.keyboard.press("n")
    expect(count).to_have_text("1 of 3")
    page.keyboard.press("p")
    expect(count).to_have_text("3 of 3")


@pytest.mark.parametrize("way", ["Escape", "← Sources"])
def test_the_sources_come_back_and_so_does_the_focus(page: Page, way: str) -> None:
    ask(page, BRIDGE)
    button = card(page, 1).get_by_role("button", name="Open article")
    button.click()
    expect(page.locator("#article h2")).to_be_focused()
    if way == "Escape":
        page.keyboard.press(way)
    else:
        page.get_by_role("button", name=way).click()
    expect(card(page, 1)).to_be_visible()
    expect(page.locator("#article")).to_be_hidden()
    expect(button).to_be_focused()


def test_an_address_opens_an_article_at_its_words(browser: Browser, address: str, library: Index) -> None:
    article = library.article("bridge.md")
    assert article is not None
    start = article.text.index("Mayor")
    with opened(browser, address, f"?article=bridge.md&start={start}&end={start + 20}") as page:
        expect(page.locator("#article mark")).to_have_text(article.text[start : start + 20])
        expect(page.locator("#article mark")).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.locator("#passages")).to_be_visible()
        assert "article" not in page.url


def test_a_copied_link_opens_what_it_was_copied_from(browser: Browser, address: str) -> None:
    with opened(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page, BRIDGE)
        quote = card(page, 1).locator("mark").text_content()
        page.get_by_role("button", name="Copy link").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        visit(page, page.evaluate("navigator.clipboard.readText()"))
        expect(page.locator("#article mark.chosen")).to_have_text(str(quote))


def test_a_long_article_opens_at_its_words_and_scrolls(browser: Browser, address: str, library: Index) -> None:
    article = library.article("long.txt")
    assert article is not None and len(article.text.split()) > 20_000
    start = article.text.index("barge 150.")
    with opened(browser, address, f"?article=long.txt&start={start}&end={start + 9}") as page:
        expect(page.locator("#article mark")).to_have_text("barge 150")
        expect(page.locator("#article mark")).to_be_in_viewport()
        assert in_view(page.locator("#article mark"))
        page.locator("#article .text p").last.scroll_into_view_if_needed()
        expect(page.get_by_role("button", name="← Sources")).to_be_in_viewport()


@pytest.mark.parametrize("query", ["?article=gone.md", "?article=../..%2F&start=-5&end=x"])
def test_an_article_that_is_not_there_is_one_calm_line(browser: Browser, address: str, query: str) -> None:
    with opened(browser, address, query) as page:
        expect(page.locator("#article .quiet")).to_have_text(re.compile("not in the index"))
        page.get_by_role("button", name="← Sources").click()
        expect(page.locator("#passages")).to_be_visible()


@pytest.mark.parametrize("marks", ["start=9&end=3", "start=5&end=1e10"])
def test_odd_places_in_an_address_still_open_the_article(browser: Browser, address: str, marks: str) -> None:
    with opened(browser, address, f"?article=bridge.md&{marks}") as page:
        expect(page.locator("#article h2")).to_have_text("Old bridge closes")
        expect(page.locator("#article .text")).to_contain_text("northern tunnel")


# While an answer is written, and after.


def test_the_box_works_at_once_after_a_stop(slow: Page) -> None:
    slow.locator("#question .stop-button").click()
    expect(answers(slow).last).to_contain_text("Stopped.")
    send(slow, LIBRARY)
    expect(answers(slow)).to_have_count(2, timeout=2_000)


def test_a_stopped_answer_stays_as_far_as_it_came(slow: Page, waiting: WaitingLLM) -> None:
    with slow.expect_response(re.compile("/reset")):
        slow.locator("#question .stop-button").click()
        expect(answers(slow).last).to_contain_text("Stopped.")
        expect(answers(slow).last).to_contain_text("closed on Friday")
        waiting.go.set()
        expect(slow.locator("#question .submit-button")).to_be_visible()
    ask(slow, LIBRARY)
    expect(answers(slow)).to_have_count(2)
    expect(answers(slow).first).to_contain_text("Stopped.")


def test_the_question_box_stays_where_it_is_while_an_answer_comes(slow: Page, waiting: WaitingLLM) -> None:
    box = slow.locator("#question textarea")
    place = box.bounding_box()
    expect(box).to_have_value("")
    slow.keyboard.type("My next question")
    waiting.go.set()
    finished(slow)
    expect(box).to_have_value("My next question")
    assert box.bounding_box() == place


def test_the_box_does_not_move_between_start_and_answer(page: Page) -> None:
    box = page.locator("#question")
    place = box.bounding_box()
    ask(page, BRIDGE)
    assert box.bounding_box() == place
    ask(page, LIBRARY)
    assert box.bounding_box() == place


def test_a_new_conversation_is_not_overrun_by_the_answer_before(slow: Page, waiting: WaitingLLM) -> None:
    open_side(slow)
    slow.get_by_role("button", name="New conversation").click()
    expect(answers(slow)).to_have_count(0)
    waiting.go.set()
    ask(slow, LIBRARY)
    expect(answers(slow)).to_have_count(1, timeout=2_000)
    expect(slow.locator("#chat [data-testid=user]")).to_have_text(LIBRARY, timeout=2_000)


def test_an_answer_is_asked_for_again(page: Page) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="Retry").click()
    finished(page)
    expect(answers(page)).to_have_count(1)
    expect(answers(page).last).to_contain_text("The old bridge")


def test_an_edited_question_is_asked_and_what_came_after_is_let_go(page: Page) -> None:
    ask(page, BRIDGE)
    ask(page, NOWHERE)
    page.get_by_role("button", name="Edit").first.click()
    page.locator("#chat textarea").fill(LIBRARY)
    page.get_by_role("button", name="Submit").click()
    expect(answers(page)).to_have_count(1)
    expect(finished(page)).to_contain_text("until midnight")
    expect(page.locator("#chat [data-testid=user]")).to_have_text(LIBRARY)


def test_a_vote_can_be_explained(page: Page, tmp_path: Path) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="Dislike").click()
    page.locator("#remark textarea, #remark input").fill("It names no day.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#notice [role=status]")).to_have_text("Kept. Thank you.")


# Conversations.


def test_a_reload_keeps_the_conversation_and_its_citations(page: Page) -> None:
    ask(page, BRIDGE)
    quote = card(page, 1).locator("mark").text_content()
    expect(page.locator("#chats li")).to_have_count(1)
    page.reload()
    ready(page)
    open_side(page)
    page.locator("#chats .open").click()
    expect(answers(page)).to_have_count(1)
    citations(page).first.click()
    expect(card(page, 1)).to_have_class(re.compile("selected"))
    expect(card(page, 1).locator("mark")).to_have_text(str(quote))
    expect(page.locator("#chats li")).to_have_count(1)
    ask(page, LIBRARY)
    expect(page.locator("#chats li")).to_have_count(1)


def test_two_conversations_are_kept_apart_renamed_and_deleted(page: Page) -> None:
    ask(page, BRIDGE)
    open_side(page)
    names = page.locator("#chats .open")
    page.get_by_role("button", name="New conversation").click()
    expect(answers(page)).to_have_count(0)
    ask(page, LIBRARY)
    expect(names).to_have_text([LIBRARY, BRIDGE])
    names.last.click()
    expect(page.locator("#chat [data-testid=user]")).to_have_text(BRIDGE)
    page.once("dialog", lambda dialog: dialog.accept("Crossings"))
    page.get_by_role("button", name=f"Rename {BRIDGE}").click()
    expect(names).to_have_text([LIBRARY, "Crossings"])
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete Crossings").click()
    expect(names).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete Crossings").click()
    expect(names).to_have_text([LIBRARY])
    page.reload()
    ready(page)
    expect(page.locator("#chats .open")).to_have_text([LIBRARY])


def test_a_deleted_conversation_leaves_the_page(page: Page) -> None:
    ask(page, BRIDGE)
    open_side(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"Delete {BRIDGE}").click()
    expect(page.locator("#chats li")).to_have_count(0)
    expect(answers(page)).to_have_count(0, timeout=2_000)


def test_a_conversation_is_saved_as_markdown_and_json(answered: Page, told: Answer, tmp_path: Path) -> None:
    open_side(answered)
    saved = {}
    for name in ("Markdown", "JSON"):
        with answered.expect_download() as download:
            answered.get_by_role("button", name=f"Export {name}").click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    assert [path.name for path in saved.values()] == ["conversation.md", "conversation.json"]
    (turn,) = json.loads(saved["JSON"].read_text())
    assert [one["quote"] for one in turn["citations"]] == [one.quote for one in told.citations]
    markdown = _words(re.sub(r"\\(.)", r"\1", saved["Markdown"].read_text()))
    assert f"## {SEED_QUESTION}" in markdown
    for citation in told.citations:
        assert _words(citation.quote) in markdown


def test_an_answer_is_copied_with_its_sources(browser: Browser, seeds_address: str, told: Answer) -> None:
    with opened(browser, seeds_address, permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page, SEED_QUESTION)
        page.get_by_role("button", name="Copy answer with sources").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = _words(re.sub(r"\\(.)", r"\1", page.evaluate("navigator.clipboard.readText()")))
    for citation in told.citations:
        assert _words(citation.quote) in copied
        assert f"[{citation.number}] {citation.passage.title}" in copied


# The keyboard.


def test_the_page_is_used_by_keys_alone(answered: Page) -> None:
    answered.keyboard.press("Escape")
    answered.evaluate(f"{ACTIVE}.blur()")
    answered.keyboard.press("/")
    expect(answered.locator("#question textarea")).to_be_focused()
    expect(answered.locator("#question textarea")).to_have_value("")
    reached = _tabbed(answered, back=True)
    assert reached == list(reversed([str(one.get_attribute("href")) for one in citations(answered).all()]))
    citations(answered).first.focus()
    answered.keyboard.press("Tab")
    second = citations(answered).nth(1)
    expect(second).to_be_focused()
    ring = second.evaluate("node => getComputedStyle(node).outlineStyle + getComputedStyle(node).outlineWidth")
    assert ring == "solid2px"
    answered.keyboard.press("Enter")
    chosen = answered.locator(".card.selected")
    expect(chosen).to_be_focused()
    answered.keyboard.press("Tab")
    expect(chosen.get_by_role("button", name="Open article")).to_be_focused()
    answered.keyboard.press("Enter")
    expect(answered.locator("#article h2")).to_be_focused()
    answered.keyboard.press("Escape")
    expect(chosen.get_by_role("button", name="Open article")).to_be_focused()
    answered.keyboard.press("Escape")
    expect(second).to_be_focused()


def test_whatever_the_keyboard_reaches_can_be_seen(page: Page) -> None:
    ask(page, BRIDGE)
    page.evaluate(f"{ACTIVE}.blur()")
    hidden = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        lost = page.evaluate(
            f"""() => {{ const node = {ACTIVE}, box = node.getBoundingClientRect();
            return node !== document.body && (box.right <= 0 || box.left >= innerWidth || !box.width || !box.height)
            ? node.outerHTML.slice(0, 120) : ""; }}"""
        )
        hidden |= {lost} - {""}
    assert not hidden


def _tabbed(page: Page, back: bool) -> list[str]:
    """The citations that the Tab key comes to until it has left the chat."""
    found = []
    for _ in range(30):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        place = page.evaluate(f"[{ACTIVE}.closest('#chat') !== null, {ACTIVE}.getAttribute('href') ?? '']")
        if not place[0]:
            break
        found += [place[1]] if place[1].startswith("#passage-") else []
    return found


# How it looks.


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_system_decides_between_light_and_dark(browser: Browser, address: str, scheme: str) -> None:
    with opened(browser, address, color_scheme=scheme) as page:
        _looks(page, scheme)


def test_the_button_turns_it_dark_and_that_is_kept(page: Page) -> None:
    button = page.get_by_role("button", name="Light or dark")
    button.click()
    _looks(page, "dark")
    page.reload()
    ready(page)
    _looks(page, "dark")
    button.click()
    _looks(page, "light")
    page.reload()
    ready(page)
    _looks(page, "light")


def _looks(page: Page, scheme: str) -> None:
    """Waits until the page is light or dark."""
    page.wait_for_function(
        """dark => { const { backgroundColor } = getComputedStyle(document.querySelector("gradio-app"));
        const [red, green, blue] = backgroundColor.match(/[\\d.]+/g);
        return dark ? +red + +green + +blue < 200 : +red + +green + +blue > 600; }""",
        arg=scheme == "dark",
    )


def test_nothing_is_scrolled_sideways(browser: Browser, seeds_address: str) -> None:
    """The last two sizes are 1440 and 1024 at twice the size."""
    sizes = [(390, 844), (1024, 768), (1440, 900), (720, 450), (512, 384)]
    with opened(browser, seeds_address) as page:
        _each_fits(page, sizes)
        ask(page, SEED_QUESTION)
        citations(page).first.click()
        page.get_by_text("Why this answer").click()
        _each_fits(page, sizes)
        page.locator(".card.selected [data-open]").click()
        expect(page.locator("mark.chosen").first).to_be_in_viewport()
        _each_fits(page, sizes)


def _each_fits(page: Page, sizes: list[tuple[int, int]]) -> None:
    """Nothing is wider than the window, and only a wide one has two columns."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        assert fits(page), width
        talk, evidence = page.locator("#talk").bounding_box(), page.locator("#evidence").bounding_box()
        assert talk and evidence
        assert (talk["x"] + talk["width"] <= evidence["x"]) == (width > 860)


def test_a_tip_stays_on_a_narrow_screen(browser: Browser, seeds_address: str) -> None:
    with opened(browser, seeds_address, viewport=PHONE) as page:
        ask(page, SEED_QUESTION)
        for link in citations(page).all():
            link.hover()
            box = page.locator("#tip").bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
            assert box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]


# Several people, and long conversations.


def test_two_people_at_once_get_their_own_answers(browser: Browser, address: str) -> None:
    with opened(browser, address) as one, opened(browser, address) as other:
        send(one, BRIDGE)
        send(other, LIBRARY)
        expect(finished(one)).to_contain_text("old bridge")
        expect(finished(other)).to_contain_text("until midnight")
        for person, question in ((one, BRIDGE), (other, LIBRARY)):
            expect(person.locator("#chat [data-testid=user]")).to_have_text(question)


def test_a_question_asked_as_soon_as_the_button_is_back_is_answered(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_late(*given: Any, **named: Any) -> Iterator[Turns | None]:
        yield from stream_turns(*given, **named)
        time.sleep(1)

    monkeypatch.setattr(rag.web.chat.tab, "stream_turns", end_late)
    ask(page, BRIDGE)
    ask(page, LIBRARY)
    expect(answers(page)).to_have_count(2)


def test_twenty_turns_stay_quick(page: Page) -> None:
    seconds = []
    for number in range(20):
        started = time.monotonic()
        ask(page, LIBRARY if number % 2 else BRIDGE)
        seconds.append(time.monotonic() - started)
    assert sorted(seconds[-5:])[2] < 3
    expect(answers(page)).to_have_count(20)
    assert page.locator("#chat").locator("a").last.is_visible()
    page.locator('#chat a[href="#passage-1-1"]').click()
    expect(card(page, 1, turn=1)).to_have_class(re.compile("selected"))
    assert in_view(card(page, 1, turn=1).locator("mark"))


# Hostile texts.


PAIRS = list(zip(PAYLOADS[::2], PAYLOADS[1::2], strict=True))


class Parrot(ScriptedLLM):
    """Says one hostile text after the other, whatever it is asked."""

    def __init__(self) -> None:
        super().__init__(*(f"The payload is {one} {{1}}. And {{2}} {other}" for one, other in PAIRS), name=PAYLOADS[0])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Articles whose text, title, publisher, address and id are all hostile, and files with such names."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "articles").mkdir()
    lines = []
    for number, text in enumerate(PAYLOADS):
        record = {"id": f"{number} {text}"[:200], "title": text, "source": text, "url": text, "date": "2024-01-05"}
        lines.append(json.dumps({**record, "text": f"Payload number {number} is {text} and no more.\n\n{text}"}))
        name = re.sub(r"[/\0]", "∕", text)[:50]
        (home / "articles" / f"{name} {number}.txt").write_text(f"{number} {text}\n\nFile {number} holds {text} too.")
    (home / "articles" / "all.jsonl").write_text("\n".join(lines))
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    assert len(index.sync(home / "articles").failed) <= 2
    yield index
    index.close()


@pytest.fixture
def attacked(browser: Browser, hostile: Index) -> Iterator[Page]:
    """A page over hostile articles with a hostile LLM, on which nothing may come alive."""
    with served(Assistant(hostile, OverlapReader(), llm=Parrot())) as place, opened(browser, place) as shown:
        shown.on("dialog", _no_alert)
        yield shown
        assert shown.evaluate("typeof window.pwned") == "undefined"
        assert shown.locator(":is(.prose, .card, .reader, #chats) :is(img, iframe, script, svg, style)").count() == 0


def _no_alert(dialog: Dialog) -> None:
    """Only the page's own questions are answered, by a hostile text where one is asked for."""
    assert dialog.type in ("prompt", "confirm"), dialog.message
    dialog.accept(PAYLOADS[11] if dialog.type == "prompt" else "")


@pytest.mark.parametrize("part", range(2))
def test_nothing_hostile_comes_alive(attacked: Page, part: int) -> None:
    mine = list(enumerate(PAIRS))[part::2]
    for number, (one, other) in mine:
        question = f"Payload number {2 * number} is {one} or {other}"
        ask(attacked, question)
        shown = attacked.locator("#chat [data-testid=user]").last.text_content()
        assert _visible(str(shown)) == _visible(question)
        links = answers(attacked).last.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert all(re.fullmatch(r"#passage-\d+-\d+", link) for link in links)
    assert fits(attacked)
    for link in citations(attacked).all():
        link.hover()
        link.click()
    attacked.locator(".trace summary").first.click()
    for button in attacked.locator("#passages section [data-open]").all()[:3]:
        button.click()
        expect(attacked.locator("#article .text")).to_be_visible()
        attacked.keyboard.press("Escape")
    open_side(attacked)
    attacked.locator("[data-rename]").first.click()
    expect(attacked.locator("#chats .open").first).to_contain_text("<img src=x")
    attacked.reload()
    ready(attacked)
    open_side(attacked)
    attacked.locator("#chats .open").first.click()
    expect(answers(attacked)).to_have_count(len(mine))


def _visible(text: str) -> str:
    """The text as a page shows it: blanks evened out, and without NUL, which cannot be typed."""
    return " ".join(text.replace("\0", "").split())


# The other tabs.


@pytest.mark.parametrize("tab", ["Articles", "Evaluation"])
def test_the_other_tabs_fit_and_are_for_everyone(browser: Browser, address: str, tab: str) -> None:
    for size, scheme in ((WIDE, "dark"), (PHONE, "light")):
        with opened(browser, address, viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
            page.get_by_role("tab", name=tab).click()
            expect(page.locator("#scoring-run" if tab == "Evaluation" else "#articles-table")).to_be_visible()
            assert fits(page)
            assert not violations(page)


def test_hostile_articles_are_only_listed(attacked: Page) -> None:
    attacked.get_by_role("tab", name="Articles").click()
    expect(attacked.locator("#articles-place")).to_contain_text("rows 1–50")
    expect(attacked.locator("#articles-table :is(img, iframe, script, object, video)")).to_have_count(0)
    attacked.locator("#articles-table").get_by_text("<script>").last.click()
    expect(attacked.locator("#articles-selected")).to_contain_text("<script>")
    attacked.get_by_role("button", name="Remove").click()
    expect(attacked.locator("#articles-question")).to_contain_text("<script>")
    attacked.get_by_role("button", name="Cancel").click()
    attacked.get_by_role("tab", name="Evaluation").click()
    attacked.get_by_label("pasted lines").check()
    asked = [{"question": text, "answers": [f"zebra {text}"]} for text in PAYLOADS[:8]]
    attacked.locator("#scoring-lines textarea").fill("\n".join(map(json.dumps, asked)))
    attacked.locator("#scoring-run").click()
    expect(attacked.locator("#scoring-headlines")).to_contain_text("8 questions")
    expect(attacked.locator("#scoring-results :is(img, iframe, script, object, video)")).to_have_count(0)
    attacked.locator("#scoring-results").get_by_text("<script>").last.click()
    expect(attacked.locator("#scoring-case h3").first).to_contain_text("<")


# For everyone.


@pytest.mark.parametrize("look", ["wide", "dark", "phone"])
def test_axe_finds_nothing_serious(browser: Browser, seeds_address: str, look: str) -> None:
    size, scheme = PHONE if look == "phone" else WIDE, "dark" if look == "dark" else "light"
    with opened(browser, seeds_address, viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
        found = {"start": violations(page)}
        ask(page, SEED_QUESTION)
        found["answer"] = violations(page)
        page.locator("[data-open]").first.click()
        expect(page.locator("mark.chosen").first).to_be_in_viewport()
        found["article"] = violations(page)
        open_side(page)
        found["conversations"] = violations(page)
    assert not [line for lines in found.values() for line in lines]


def test_the_pictures_of_the_readme_can_be_made(browser: Browser, seeds_address: str, tmp_path: Path) -> None:
    folder = ROOT / "docs" / "images" if os.environ.get("SCREENSHOTS") else tmp_path / "images"
    made = screenshots(browser, seeds_address, folder)
    sizes = {}
    for name, path in made.items():
        with Image.open(path) as picture:
            sizes[name] = picture.size
            assert picture.entropy() > 0.5
    assert sizes == {"desk": (1440, 900), "phone": (390, 844), "dark": (1440, 900)}


def _words(text: str) -> str:
    """The text with its blanks evened out; the page and a quotation break lines in their own ways."""
    return " ".join(re.sub(r"^> ", "", text, flags=re.M).split())
