"""The page in a real browser: how it is started, asked and photographed."""

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from rag.assistant import Assistant
from tests.support.page import running_page

FACTS = re.compile(r"\d s · \d+ passages? read · ")
"""The line under an answer that is finished."""
SEED_QUESTION = "Why did Iraq call for ending the coalition?"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run"

# On a machine where tests run beside each other five seconds, the default, may not do.
expect.set_options(timeout=20_000)


def chromium_path() -> str:
    """Where a Chromium is; without one the tests are skipped, or fail where CI is set."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), "")
    if not found:
        missing = "no Chromium was found; install one or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    """One browser, which fetches nothing for itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_OPTIONS.split())
        yield browser
        browser.close()


@contextmanager
def served(assistant: Assistant, rate: str = "") -> Iterator[str]:
    """The address of a running page, started in a thread of its own: in this one the browser's event loop runs."""
    page = running_page(assistant, rate)
    with ThreadPoolExecutor(1) as apart:
        yield apart.submit(page.__enter__).result()
        apart.submit(page.__exit__, None, None, None).result()


@contextmanager
def opened(
    browser: Browser, address: str, query: str = "", expected: str = "", script: str = "", **context: object
) -> Iterator[Page]:
    """The page as a new user sees it; in the end it must have had no script error and asked nobody else.

    `expected` is part of what may go wrong; `script` runs before those of the page.
    """
    person = browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **context})
    person.set_default_timeout(10_000)
    if script:
        person.add_init_script(script)
    page, wrong = person.new_page(), list[str]()
    person.on("request", lambda one: None if _own(one.url, address) else wrong.append(f"asked {one.url}"))

    def complain(said: str) -> None:
        if not _left(said) and not (expected and expected in said):
            wrong.append(said)

    page.on("pageerror", lambda error: complain(f"script error {error}"))
    page.on("console", lambda said: complain(said.text) if said.type == "error" else None)
    visit(page, address + query)
    try:
        yield page
    finally:
        person.close()
    assert not wrong, wrong


def _left(said: str) -> bool:
    """Whether Gradio complains of no more than that the page was left while it was listening."""
    return "abort" in said.lower() or "Unexpected error" in said


def _own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", f"blob:{address}"))


def visit(page: Page, address: str) -> None:
    """Opens an address and waits until the page can be used."""
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    """Waits until the scripts of the page run and what is shown of the index has come."""
    expect(page.locator("#heading")).to_contain_text(re.compile(r"[1-9]\d* article"))
    page.wait_for_selector("#article .reader", state="attached")
    page.wait_for_selector("#tip", state="attached")


def send(page: Page, question: str) -> None:
    """Types a question and sends it."""
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def ask(page: Page, question: str) -> Locator:
    """Asks a question and waits for the whole answer, which is returned."""
    number = answers(page).count() + 1
    send(page, question)
    expect(answers(page)).to_have_count(number)
    return finished(page)


def finished(page: Page) -> Locator:
    """The last answer, once it is whole."""
    expect(answers(page).last).to_contain_text(FACTS)
    expect(page.locator("#question .submit-button")).to_be_visible()
    return answers(page).last


def answers(page: Page) -> Locator:
    """Everything that was said to questions."""
    return page.locator("#chat [data-testid=bot]")


def citations(page: Page) -> Locator:
    """The numbers in the last answer."""
    return answers(page).last.locator('a[href^="#passage-"]')


def card(page: Page, number: int, turn: int = 1) -> Locator:
    """The card of a citation."""
    return page.locator(f"#passage-{turn}-{number}")


def open_side(page: Page) -> None:
    """Shows the list of conversations."""
    page.get_by_role("button", name="Toggle Sidebar").click()
    expect(page.get_by_role("button", name="New conversation")).to_be_in_viewport()


def in_view(place: Locator) -> bool:
    """Whether the middle of something is not covered or scrolled away."""
    return bool(
        place.evaluate(
            """node => { const box = node.getClientRects()[0];
            const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return node === at || node.contains(at); }"""
        )
    )


def fits(page: Page) -> bool:
    """Whether nothing of the page must be scrolled sideways."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"))


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical, each with the places."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def screenshots(browser: Browser, address: str, folder: Path) -> dict[str, Path]:
    """The pictures of the README, by name, taken over the sample articles."""
    made = {}
    for name, size, scheme in (("desk", WIDE, "light"), ("phone", PHONE, "light"), ("dark", WIDE, "dark")):
        with opened(browser, address, viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
            ask(page, SEED_QUESTION)
            if name == "desk":
                citations(page).last.click()
                page.locator(".card.selected [data-open]").click()
                expect(page.locator("mark.chosen").first).to_be_in_viewport()
            page.evaluate("document.fonts.ready")
            made[name] = folder / f"{name}.png"
            page.screenshot(path=made[name], animations="disabled", caret="hide")
    return made
