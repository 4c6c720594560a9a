"""The tabs of the articles and of the evaluation as people use them, in a real browser."""

import json
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import rag.ingestion.build
from rag import Assistant, Index, Settings
from rag.protocols import Matrix
from rag.testing import OverlapReader, WordEmbedder
from tests.support.browser import ask, fits, opened, served
from tests.support.web_server import Page as WebPage
from tests.support.web_server import web_server

BRIDGE = "Which bridge over the river closed on Friday?"
LIBRARY = "Will the town library stay open until midnight?"


class GatedEmbedder(WordEmbedder):
    """Waits before it embeds, while its gate is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.gate.wait(30)
        return super().embed(texts)


@pytest.fixture
def embedder() -> Iterator[GatedEmbedder]:
    """A gate that is open, whatever happens, in the end."""
    made = GatedEmbedder()
    yield made
    made.gate.set()


@pytest.fixture
def shelf(browser: Browser, embedder: GatedEmbedder, folder: Path, tmp_path: Path) -> Iterator[Page]:
    """The tab of the articles, over an index that may be changed, and that may read pages of this machine."""
    settings = Settings(_env_file=None, fetch_private=True, fetch_delay=0)
    index = Index.open(tmp_path / "index", settings, embedder)
    index.sync(folder)
    with served(Assistant(index, OverlapReader())) as place, opened(browser, place) as shown:
        shown.get_by_role("tab", name="Articles").click()
        expect(shown.locator("#articles-place")).to_have_text("rows 1–3 of 3")
        yield shown
    index.close()


def test_an_article_is_looked_up_and_opened(shelf: Page) -> None:
    shelf.locator("#articles-filters input").first.press_sequentially("orchard")
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–1 of 1")
    shelf.get_by_text("orchard.md").last.click()
    expect(shelf.locator("#articles-selected")).to_contain_text("Frost in the orchards")
    shelf.get_by_role("button", name="Open", exact=True).click()
    expect(shelf.locator("#article h2")).to_have_text("Frost in the orchards")
    expect(shelf.locator("#article h2")).to_be_in_viewport()


def test_a_pasted_word_is_looked_up(shelf: Page) -> None:
    shelf.locator("#articles-filters input").first.fill("orchard")
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–1 of 1", timeout=2_000)


def test_a_text_is_added_found_and_removed(shelf: Page) -> None:
    shelf.get_by_role("button", name="Add articles").click()
    shelf.get_by_label("Title").fill("Ferry")
    shelf.get_by_label("Text", exact=True).fill("The new ferry crosses the bay of Skerry every hour.")
    shelf.get_by_role("button", name="Add text").click()
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–4 of 4")
    expect(shelf.locator("#heading")).to_contain_text("4 articles")
    shelf.get_by_role("tab", name="Ask").click()
    expect(ask(shelf, "Which ferry crosses the bay of Skerry?")).to_contain_text("every hour")
    shelf.get_by_role("tab", name="Articles").click()
    shelf.locator("#articles-table").get_by_text("Ferry").last.click()
    shelf.get_by_role("button", name="Remove").click()
    expect(shelf.locator("#articles-question")).to_contain_text("Remove “Ferry”")
    shelf.get_by_role("button", name="Yes").click()
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–3 of 3")


def test_files_are_added_and_what_cannot_be_read_is_named(shelf: Page, tmp_path: Path) -> None:
    (tmp_path / "mill.md").write_text("---\ntitle: The mill\n---\nThe old mill grinds rye on the second of May.\n")
    (tmp_path / "empty.txt").write_text("\n")
    shelf.get_by_role("button", name="Add articles").click()
    shelf.locator("input[type=file][multiple]").last.set_input_files([tmp_path / "mill.md", tmp_path / "empty.txt"])
    expect(shelf.get_by_role("button", name="Remove this file")).to_have_count(2)
    shelf.get_by_role("button", name="Add files").click()
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–4 of 4")
    expect(shelf.locator("#articles-failures")).to_contain_text("empty.txt")
    shelf.get_by_role("button", name="Try again").click()
    expect(shelf.locator("#articles-failures")).to_contain_text("empty.txt")
    shelf.get_by_role("button", name="Forget uploads that cannot be read").click()
    expect(shelf.locator("#articles-failures")).not_to_contain_text("empty.txt")


def test_an_address_that_cannot_be_read_is_named(shelf: Page) -> None:
    shelf.get_by_role("button", name="Add articles").click()
    shelf.get_by_label("Address").fill("http://127.0.0.1:9/news.html")
    shelf.get_by_role("button", name="Add address").click()
    expect(shelf.locator("#articles-failures")).to_contain_text("http://127.0.0.1:9/news.html")


def test_an_address_and_a_feed_are_added(shelf: Page) -> None:
    story = "".join(
        f"<p>The new ferry crosses the bay of Skerry every hour, said captain {name}.</p>" for name in "ABCD"
    )
    with web_server({"/ferry": f"<title>The ferry</title><article><h1>The ferry</h1>{story * 4}</article>"}) as web:
        item = f"<item><title>Ferry</title><link>{web.url('/ferry')}</link></item>"
        lost = f"<item><title>Lost</title><link>{web.url('/lost')}</link></item>"
        web.routes["/feed"] = WebPage(f"<rss version='2.0'><channel>{item}{lost}</channel></rss>", kind="text/xml")
        shelf.get_by_role("button", name="Add articles").click()
        shelf.get_by_label("Address").fill(web.url("/ferry"))
        shelf.get_by_role("button", name="Add address").click()
        expect(shelf.locator("#articles-status")).to_contain_text("1 added")
        expect(shelf.locator("#articles-place")).to_have_text("rows 1–4 of 4")
        shelf.get_by_label("Address").fill(web.url("/feed"))
        shelf.keyboard.press("Enter")
        expect(shelf.locator("#articles-failures")).to_contain_text(web.url("/lost"))
        expect(shelf.locator("#articles-failures")).to_contain_text("404")
        web.routes["/lost"] = f"<title>Found</title><article><h1>Found again</h1>{story * 4}</article>"
        shelf.get_by_role("button", name="Try again").click()
        expect(shelf.locator("#articles-place")).to_have_text("rows 1–5 of 5")
        shelf.get_by_role("tab", name="Ask").click()
        expect(ask(shelf, "Which ferry crosses the bay of Skerry?")).to_contain_text("every hour")
        expect(shelf.locator("#passages").get_by_role("link", name="Original").first).to_have_attribute(
            "href", re.compile(re.escape(web.url("/ferry")) + "#:~:text=")
        )


def test_the_old_index_answers_while_a_new_one_is_built(shelf: Page) -> None:
    shelf.get_by_role("button", name="Rebuild").click()
    expect(shelf.locator("#articles-question")).to_be_visible()
    shelf.get_by_role("button", name="Yes").click()
    shelf.get_by_role("tab", name="Ask").click()
    expect(ask(shelf, LIBRARY)).to_contain_text("library")
    shelf.get_by_role("tab", name="Articles").click()
    expect(shelf.locator("#articles-status")).to_contain_text("Rebuild")
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–3 of 3")


def confirmed(page: Page, button: str, question: str) -> None:
    """Presses a button and says yes to what it asks."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#articles-question")).to_contain_text(question)
    page.get_by_role("button", name="Yes").click()


def test_an_article_is_refreshed_and_all_sources_are_synced(shelf: Page, folder: Path) -> None:
    (folder / "orchard.md").write_text("---\ntitle: Frost again\n---\nThe frost came back to the orchards in May.\n")
    shelf.get_by_text("orchard.md").last.click()
    confirmed(shelf, "Refresh", "Read")
    expect(shelf.locator("#articles-status")).to_contain_text("1 updated")
    expect(shelf.locator("#articles-table")).to_contain_text("Frost again")
    (folder / "orchard.md").unlink()
    (folder / "mill.md").write_text("---\ntitle: The mill\n---\nThe old mill grinds rye.\n")
    confirmed(shelf, "Sync all sources", "Read all 1 sources again")
    expect(shelf.locator("#articles-status")).to_contain_text("1 added, 0 updated, 1 removed")
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–3 of 3")
    expect(shelf.locator("#articles-table")).not_to_contain_text("Frost again")


def test_a_sync_is_stopped_and_gone_on_with(
    shelf: Page, folder: Path, embedder: GatedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.ingestion.build, "WINDOW_PASSAGES", 1)
    for number in range(12):
        (folder / f"barge-{number}.md").write_text(f"---\ntitle: Barge {number}\n---\nBarge {number} carries coal.\n")
    embedder.gate.clear()
    confirmed(shelf, "Sync all sources", "again")
    expect(shelf.locator("#articles-status")).to_contain_text("Sync of all sources:")
    shelf.get_by_role("button", name="Stop", exact=True).click()
    expect(shelf.locator("#articles-status")).to_contain_text("Stopping")
    embedder.gate.set()
    expect(shelf.locator("#articles-status")).to_contain_text("was stopped")
    shelf.get_by_role("tab", name="Ask").click()
    expect(ask(shelf, LIBRARY)).to_contain_text("midnight")
    shelf.get_by_role("tab", name="Articles").click()
    shelf.get_by_role("button", name="Go on").click()
    expect(shelf.locator("#articles-status")).to_contain_text("is done")
    expect(shelf.locator("#articles-place")).to_have_text("rows 1–15 of 15")


@pytest.fixture
def page(browser: Browser, index: Index, folder: Path) -> Iterator[Page]:
    """A page over the small articles."""
    index.sync(folder)
    with served(Assistant(index, OverlapReader())) as place, opened(browser, place) as shown:
        yield shown


def test_questions_are_scored_and_one_of_them_asked(page: Page) -> None:
    page.get_by_role("tab", name="Evaluation").click()
    page.get_by_label("pasted lines").check()
    lines = page.locator("#scoring-lines textarea")
    lines.fill("no JSON")
    page.locator("#scoring-run").click()
    expect(page.locator("#scoring-progress .trouble")).to_be_visible()
    asked = {"question": BRIDGE, "answers": ["a tunnel"], "gold_articles": ["library.md"]}
    lines.fill(json.dumps(asked))
    page.locator("#scoring-run").click()
    expect(page.locator("#scoring-headlines")).to_contain_text("1 question")
    assert fits(page)
    page.get_by_text(BRIDGE).last.click()
    page.locator("#scoring-ask").click()
    expect(page.locator("#question textarea")).to_have_value(BRIDGE)
    expect(page.locator("#question textarea")).to_be_visible()


def test_questions_come_from_a_file_and_from_votes(page: Page, tmp_path: Path) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="Like", exact=True).click()
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    page.get_by_role("tab", name="Evaluation").click()
    asked = [
        {"question": BRIDGE, "gold_articles": ["bridge.md"]},
        {"question": LIBRARY, "gold_articles": ["library.md"]},
    ]
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked))
    page.locator("#scoring-run").click()
    expect(page.locator("#scoring-progress .trouble")).to_be_visible()
    page.locator("input[type=file]:not([multiple])").last.set_input_files(tmp_path / "asked.jsonl")
    expect(page.get_by_role("cell", name="asked.jsonl")).to_be_visible()
    page.locator("#scoring-run").click()
    expect(page.locator("#scoring-headlines")).to_contain_text("2 questions")
    page.get_by_label("votes").check()
    expect(page.locator("#scoring-progress")).to_contain_text("1 answer has been voted on")
    page.locator("#scoring-run").click()
    expect(page.locator("#scoring-headlines")).to_contain_text("1 question")
