"""What the page keeps of what a person did: in two tabs, without room, after an edit, a restart and a refusal."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from playwright.sync_api import Browser, Page, expect

from rag import Assistant, Index
from rag.testing import OverlapReader
from tests.conftest import ROOT
from tests.support.browser import (
    answers,
    ask,
    citations,
    finished,
    open_side,
    opened,
    ready,
    send,
    served,
    visit,
)
from tests.support.chroma_server import free_port

BRIDGE = "Which bridge over the river closed on Friday?"
LIBRARY = "Will the town library stay open until midnight?"
FROST = "Where did the frost damage the orchards?"
PUNCTUATION = "Which bridge? & &#63; &amp; <b>!\"#$%'()*+,-./:;=@[\\]^_`{|}~ «é» 橋 🌉"
REFUSING = "Object.defineProperty(window, '{}', {{ get() {{ throw new DOMException('denied', 'SecurityError'); }}, "
REFUSING += "configurable: true }});"


@pytest.fixture
def tabs(page: Page, address: str) -> tuple[Page, Page]:
    """Two tabs of one person."""
    other = page.context.new_page()
    visit(other, address)
    return page, other


def records(page: Page) -> list[dict[str, object]]:
    """The conversations that the browser has stored."""
    texts = page.evaluate("Object.entries(localStorage).filter(([key]) => key.startsWith('articles-conversation:'))")
    return [json.loads(text) for _, text in texts]


def questions(record: dict[str, object]) -> list[str]:
    """The questions of a conversation."""
    return [turn["answer"]["question"] for turn in record["turns"]]  # type: ignore[attr-defined]


def expect_kept(page: Page, *conversations: list[str]) -> None:
    """Waits until the browser has stored conversations with these questions, and no others."""
    page.wait_for_function(
        """wanted => { const kept = Object.entries(localStorage)
          .filter(([key]) => key.startsWith("articles-conversation:")).map(([, text]) => JSON.parse(text));
        const found = kept.map(({ turns }) => JSON.stringify(turns.map((turn) => turn.answer.question)));
        return JSON.stringify(found.sort()) === JSON.stringify(wanted.map((one) => JSON.stringify(one)).sort()); }""",
        arg=list(conversations),
    )


def shown(page: Page) -> list[str]:
    """The questions on screen."""
    return page.locator("#chat [data-testid=user]").all_inner_texts()


def listed(page: Page) -> list[str]:
    """The titles in the list."""
    return page.locator("#chats .open").all_text_contents()


def edit(page: Page, place: int, text: str | None = None) -> str:
    """Opens the editor of a question, types and submits; what was in it to begin with is returned."""
    page.get_by_role("button", name="Edit").nth(place).click()
    box = page.locator("#chat textarea.edit-textarea")
    expect(box).to_have_attribute("data-plain", "true")
    before = box.input_value()
    if text is not None:
        box.fill(text)
    page.get_by_role("button", name="Submit").click()
    return before


# Two tabs.


def test_two_tabs_keep_both_conversations(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    send(one, BRIDGE)
    send(other, LIBRARY)
    finished(one)
    finished(other)
    for tab in tabs:
        expect(tab.locator("#chats .open")).to_have_count(2)
        assert sorted(listed(tab)) == sorted([BRIDGE, LIBRARY])
    ask(one, FROST)
    expect(one.locator("#chats .open")).to_have_count(2)
    expect_kept(other, [BRIDGE, FROST], [LIBRARY])


def test_one_conversation_continued_in_two_tabs_becomes_two(page: Page, address: str) -> None:
    ask(page, BRIDGE)
    other = page.context.new_page()
    visit(other, address)
    open_side(other)
    other.locator("#chats .open").click()
    expect(answers(other)).to_have_count(1)
    ask(page, LIBRARY)
    ask(other, FROST)
    expect(other.locator("#said")).to_contain_text("changed in another tab")
    expect_kept(page, [BRIDGE, LIBRARY], [BRIDGE, FROST])
    ask(other, LIBRARY)
    expect_kept(page, [BRIDGE, LIBRARY], [BRIDGE, FROST, LIBRARY])


def test_a_rename_in_one_tab_and_a_deletion_in_the_other(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    ask(one, BRIDGE)
    ask(other, LIBRARY)
    open_side(one)
    open_side(other)
    one.once("dialog", lambda dialog: dialog.accept("Reading rooms"))
    one.get_by_role("button", name=f"Rename {LIBRARY}").click()
    expect(other.locator("#chats .open").first).to_have_text("Reading rooms")
    other.once("dialog", lambda dialog: dialog.accept())
    other.get_by_role("button", name=f"Delete {BRIDGE}").click()
    for tab in tabs:
        expect(tab.locator("#chats .open")).to_have_text(["Reading rooms"])
    ask(other, FROST)
    assert [(one["title"], questions(one)) for one in records(other)] == [("Reading rooms", [LIBRARY, FROST])]
    expect(answers(one)).to_have_count(1)


def test_a_conversation_deleted_while_it_is_renamed_stays_deleted(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    ask(one, BRIDGE)
    open_side(one)
    expect(other.locator("#chats .open")).to_have_count(1)
    one.evaluate(
        "window.prompt = () => { const [key] = Object.keys(localStorage).filter((key) => key.startsWith('articles-c'));"
        "localStorage.removeItem(key); return 'Back again'; }"
    )
    one.get_by_role("button", name=f"Rename {BRIDGE}").click()
    expect(one.locator("#chats .open")).to_have_count(0)
    assert records(one) == []


# No room, and no storage.


def test_a_full_browser_is_said_and_nothing_is_let_go(page: Page) -> None:
    ask(page, BRIDGE)
    page.evaluate(
        """() => { let size = 4_000_000;
        while (size >= 1) try { localStorage.setItem(`full-${size}-${Math.random()}`, "x".repeat(size)); }
        catch { size = Math.floor(size / 2); } }"""
    )
    ask(page, LIBRARY)
    expect(page.locator("#said")).to_contain_text("no room left")
    expect(page.locator("#said")).to_contain_text(f"“{BRIDGE}”")
    expect(page.locator("#chats .quiet")).to_contain_text("There was no room to keep all of these")
    expect_kept(page, [BRIDGE])
    open_side(page)
    page.get_by_role("button", name="New conversation").click()
    expect(answers(page)).to_have_count(0)
    ask(page, FROST)
    page.locator("#chats .open").filter(has_text=BRIDGE).click()
    expect(answers(page)).to_have_count(2)
    page.evaluate(
        "Object.keys(localStorage).filter(key => key.startsWith('full')).forEach(key => localStorage.removeItem(key))"
    )
    ask(page, FROST)
    expect(page.locator("#said")).to_have_count(0)
    expect_kept(page, [BRIDGE, LIBRARY, FROST])


def test_many_long_conversations_are_all_kept(page: Page) -> None:
    ask(page, BRIDGE)
    page.evaluate(
        """() => { const [key, text] = Object.entries(localStorage).find(([key]) => key.startsWith("articles-conv"));
        for (let number = 0; number < 30; number++) {
          const record = { ...JSON.parse(text), id: `old${number}`, title: `Old ${number} ${"x".repeat(100_000)}` };
          localStorage.setItem(`articles-conversation:old${number}`, JSON.stringify(record)); } }"""
    )
    ask(page, LIBRARY)
    expect(page.locator("#chats .open")).to_have_count(31)
    assert len(records(page)) == 31


@pytest.mark.parametrize("stores", [["localStorage"], ["localStorage", "sessionStorage"]])
def test_a_browser_without_storage_says_so(browser: Browser, address: str, stores: list[str]) -> None:
    with opened(browser, address, script="".join(map(REFUSING.format, stores))) as page:
        expect(page.locator("#chats .quiet")).to_contain_text("This browser keeps nothing")
        ask(page, BRIDGE)
        ask(page, LIBRARY)
        open_side(page)
        page.get_by_role("button", name="New conversation").click()
        expect(answers(page)).to_have_count(0)
        page.locator("#chats .open").click()
        expect(answers(page)).to_have_count(2)
        page.get_by_role("button", name="Light or dark").click()
        expect(page.locator("body.dark")).to_have_count(1)


def test_a_record_that_cannot_be_read_is_said_and_stays(page: Page) -> None:
    ask(page, BRIDGE)
    odd = ["{", '{"turns": [1], "title": "<img src=x>", "at": 1}', '{"turns": "none"}', "[" * 5_000]
    page.evaluate(
        "odd => odd.forEach((text, number) => localStorage.setItem(`articles-conversation:${number}`, text))", odd
    )
    page.reload()
    ready(page)
    expect(answers(page)).to_have_count(1)
    open_side(page)
    expect(page.locator("#chats .open")).to_have_count(5)
    for place in range(1, 5):
        page.locator("#chats .open").nth(place).click()
        expect(page.locator("#notice .trouble")).to_contain_text("cannot be read")
        page.locator("#chats .open").first.click()
        expect(answers(page)).to_have_count(1)
    assert page.evaluate("Object.keys(localStorage).length") >= 5


def scrambled(value: object) -> str:
    """A value as Gradio's BrowserState wrote it: AES by a passphrase, as OpenSSL derives its key."""
    passphrase, salt, made = hashlib.sha256(b"kept in this browser alone").hexdigest().encode(), bytes(8), b""
    while len(made) < 48:
        made += hashlib.md5(made[-16:] + passphrase + salt).digest()
    padder = PKCS7(128).padder()
    writer = Cipher(AES(made[:32]), CBC(made[32:48])).encryptor()
    text = writer.update(padder.update(json.dumps(value).encode()) + padder.finalize()) + writer.finalize()
    return ":".join(base64.b64encode(part).decode() for part in (bytes(16), b"Salted__" + salt + text))


def test_the_conversations_of_version_0_1_are_taken_over_once(page: Page) -> None:
    ask(page, BRIDGE)
    (one,) = records(page)
    former = [{"id": name, "title": name, "turns": one["turns"]} for name in ("Newer", "Older")]
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.evaluate("text => localStorage.setItem('articles-conversations', text)", scrambled(former))
    page.reload()
    ready(page)
    open_side(page)
    expect(page.locator("#chats .open")).to_have_text(["Newer", "Older"])
    page.locator("#chats .open").last.click()
    expect(citations(page)).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete Older").click()
    page.reload()
    ready(page)
    expect(page.locator("#chats .open")).to_have_text(["Newer"])


# Editing.


def test_an_edited_question_shows_no_entity_and_sends_what_was_typed(page: Page) -> None:
    ask(page, PUNCTUATION)
    assert edit(page, 0) == PUNCTUATION
    finished(page)
    expect(page.locator("#chat [data-testid=user]")).to_have_text(PUNCTUATION)
    expect_kept(page, [PUNCTUATION])
    changed = PUNCTUATION[::-1]
    assert edit(page, 0, changed) == PUNCTUATION
    finished(page)
    expect(page.locator("#chat [data-testid=user]")).to_have_text(changed)
    expect(page.locator("#chats .open")).to_have_count(1)
    expect_kept(page, [changed])


def test_every_character_survives_an_edit(page: Page) -> None:
    marks = "".join(map(chr, range(0x21, 0x7F))) + " &lt;&gt;&quot;&nbsp;&#x41;&#65; ﬁ ñ ß"
    ask(page, f"Which bridge {marks}")
    for _ in range(2):
        assert edit(page, 0) == f"Which bridge {marks}"
        finished(page)
    expect_kept(page, [f"Which bridge {marks}"])


def test_what_came_after_an_edited_question_stays_in_a_conversation_of_its_own(page: Page) -> None:
    for question in (BRIDGE, FROST, BRIDGE):
        ask(page, question)
    edit(page, 1, LIBRARY)
    expect(answers(page)).to_have_count(2)
    expect(finished(page)).to_contain_text("until midnight")
    expect(page.locator("#notice [role=status]")).to_contain_text("stays in the list")
    expect(page.locator("#chats .open")).to_have_count(2)
    expect_kept(page, [BRIDGE, LIBRARY], [BRIDGE, FROST, BRIDGE])
    ask(page, FROST)
    expect(page.locator("#notice [role=status]")).to_have_count(0)
    expect_kept(page, [BRIDGE, LIBRARY, FROST], [BRIDGE, FROST, BRIDGE])


# A restart of the server.


@contextmanager
def process(index: Path, port: int) -> Iterator[str]:
    """The address of a server of its own, killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.served_index", str(index), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def test_a_restarted_server_finds_the_conversation_as_it_was(browser: Browser, library: Index) -> None:
    port = free_port()
    with process(library.folder, port) as address:
        person = browser.new_context(viewport={"width": 1440, "height": 900})
        page = person.new_page()
        visit(page, address)
        ask(page, BRIDGE)
    send(page, LIBRARY)
    expect(page.locator("#said")).to_contain_text("The server does not answer")
    assert shown(page) == [BRIDGE]
    with process(library.folder, port):
        # Gradio's page loads itself again once the server answers.
        expect(page.locator("#said")).to_have_count(0)
        ready(page)
        expect(answers(page)).to_have_count(1)
        expect(page.locator("#question textarea")).to_have_value(LIBRARY)
        expect(page.locator("#heading")).to_contain_text("3 articles")
        page.locator("#question textarea").press("Enter")
        expect(page.locator("#chat [data-testid=user]")).to_have_text([BRIDGE, LIBRARY])
        finished(page)
        expect_kept(page, [BRIDGE, LIBRARY])
    with process(library.folder, port):
        ask(page, FROST)
        assert shown(page) == [BRIDGE, LIBRARY, FROST], "without having been loaded again"
        expect_kept(page, [BRIDGE, LIBRARY, FROST])
        page.reload()
        ready(page)
        expect(answers(page)).to_have_count(3)
        expect(citations(page)).not_to_have_count(0)
    person.close()


def test_the_heading_says_nothing_of_articles_before_it_knows(browser: Browser, address: str) -> None:
    with opened(browser, address, expected="ERR_FAILED") as page:
        page.route("**/queue/join*", lambda route: route.abort())
        page.reload()
        page.wait_for_selector("#tip", state="attached")
        expect(page.locator("#heading")).to_contain_text("Every sentence of an answer shows")
        expect(page.locator("#heading")).not_to_contain_text("No articles")
        page.unroute_all()


# Requests over the limit.


def test_a_question_costs_one_of_the_rate_and_a_refusal_hides_nothing(browser: Browser, library: Index) -> None:
    with (
        served(Assistant(library, OverlapReader()), rate="4/hour") as address,
        opened(browser, address, expected="429") as page,
    ):
        for question in (BRIDGE, LIBRARY, BRIDGE, LIBRARY):
            ask(page, question)
        send(page, FROST)
        expect(page.locator("#said")).to_contain_text("too many requests; try again in")
        expect(page.locator("#question textarea")).to_have_value(FROST)
        assert shown(page) == [BRIDGE, LIBRARY, BRIDGE, LIBRARY]
        expect(page.locator("#chat [data-testid=status-tracker]")).not_to_be_visible()
        citations(page).last.click()
        expect(page.locator(".card.selected")).to_have_count(1)
        edit(page, 0, FROST)
        expect(page.locator("#chat [data-testid=user]")).to_have_text([BRIDGE, LIBRARY, BRIDGE, LIBRARY])
        page.reload()
        ready(page)
        expect(answers(page)).to_have_count(4)
