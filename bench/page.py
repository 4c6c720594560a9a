"""The page in a real browser and under many users: first paint, first words of an answer, errors.

    python bench/page.py QUESTIONS.jsonl INDEX_DIR [--questions N] [--users N] [--seconds S]

Opens the page over an index in Chromium and asks N questions (20), a new conversation each: milliseconds from opening
the page until the question box shows, and from pressing Enter until the first number of an answer, or the first words
of a refusal, can be seen. Then N users (20) ask over the page's API without pause for S seconds (120): how many
answers, how long they took, and how many errors there were. Prints each beside its limit.
"""

import argparse
import logging
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from common import ROOT, table
from gradio_client import Client
from playwright.sync_api import Browser, sync_playwright

from rag import Assistant, Index, Settings
from rag.evaluation.questions import read_questions
from rag.web import build
from rag.web.serve import start

sys.path.insert(0, str(ROOT))
from tests.support.browser import chromium_path

PAINT, WORDS = 2.0, 0.5
"""The limits, in seconds."""
_OPTIONS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
_SAID = """() => document.querySelector("#chat .bot a[href^='#passage-']")?.getClientRects().length
    || [...document.querySelectorAll("#chat .bot p")].some(one => one.innerText.includes("do not answer"))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("index", type=Path, metavar="INDEX_DIR")
    parser.add_argument("--questions", type=int, default=20, metavar="N", dest="count")
    parser.add_argument("--users", type=int, default=20, metavar="N")
    parser.add_argument("--seconds", type=float, default=120, metavar="S")
    given = parser.parse_args()
    asked = [one.question for one in read_questions(given.questions)]
    settings = Settings(_env_file=None, index=given.index, port=free_port())
    index = Index.open(settings.index, settings)
    assistant = Assistant(index, settings=settings)
    page = build(assistant, index, settings)
    address = start(page, settings)
    assistant.ask(asked[0])  # the server is up
    print(f"{index.counts()[0]:,} articles\n")
    paints, words = in_browser(address, asked[: given.count])
    answers, errors = together(address, asked, given.users, given.seconds)
    rows = [row("first paint", paints, PAINT), row("first words", words, WORDS)]
    rows.append(row(f"answer, {given.users} users at once", answers, None))
    table(("what", "times", "p50 ms", "p95 ms", "limit ms", "p50 / limit"), rows)
    print(f"\n{len(errors)} errors in {len(answers) + len(errors)} questions", *sorted(set(errors))[:5], sep="\n")
    page.close(verbose=False)
    index.close()


def in_browser(address: str, asked: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds of the first paint and of the first words, a page for each question."""
    paints, words = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_OPTIONS.split())
        for question in asked:
            paint, first = time_answer(browser, address, question)
            paints.append(paint)
            words.append(first)
        browser.close()
    return paints, words


def time_answer(browser: Browser, address: str, question: str) -> tuple[float, float]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("#question textarea")
    paint = time.perf_counter() - started
    page.wait_for_function("!document.querySelector('#heading').innerText.includes('No articles')")
    page.fill("#question textarea", question)
    started = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_function(_SAID, polling="raf")  # waiting for a selector looks but every half second in the end
    first = time.perf_counter() - started
    page.close()
    return paint, first


def together(address: str, asked: Sequence[str], users: int, seconds: float) -> tuple[list[float], list[str]]:
    """Seconds of every answer, and every error, of users who ask without pause."""
    answers, errors = list[float](), list[str]()
    until = time.monotonic() + seconds

    def user(number: int) -> None:
        client = Client(address, verbose=False, analytics_enabled=False)
        place = number * 7
        while time.monotonic() < until:
            started = time.perf_counter()
            question = asked[place % len(asked)]
            try:
                told = client.predict(question, api_name="/ask")
                if told["question"] != question:
                    errors.append("an answer to another question")
                answers.append(time.perf_counter() - started)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}"[:200])
            place += 1
        client.close()

    threads = [threading.Thread(target=user, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, errors


def row(what: str, seconds: Sequence[float], limit: float | None) -> list[object]:
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    shown = [limit * 1000, median(seconds) / limit] if limit else ["", ""]
    return [what, len(seconds), median(seconds) * 1000, p95 * 1000, *shown]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
