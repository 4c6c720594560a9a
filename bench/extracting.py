"""How well articles are read off web pages, by pages of ten kinds of sites whose article is known.

    python bench/extracting.py

Compares what fetched pages give (`rag.sources.web.pages`) with trafilatura alone, as saved pages are read. Title,
author and body are compared by words (by characters in Chinese): precision, recall and F1, averaged over the pages; of
the day it is counted how often it is right. The second table counts pages that are no articles and are refused.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

from common import table, time_call

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag.errors import SourceError
from rag.sources.formats.html import extract_article, parse_html, strip_repeated_title
from rag.sources.web.pages import parse_article
from tests.support.known_pages import Story, known
from tests.support.non_articles import NO_ARTICLES

Fields = dict[str, str]


def scores(found: str, truth: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of a text."""
    one, other = Counter(_tokens(found)), Counter(_tokens(truth))
    shared = (one & other).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / one.total(), shared / other.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def _tokens(text: str) -> list[str]:
    spaced = "".join(f" {char} " if "\u2e80" <= char <= "\u9fff" else char if char.isalnum() else " " for char in text)
    return spaced.casefold().split()


def ours(markup: str, url: str) -> Fields:
    """Return the fields of the article as it is fetched; none if the page is refused."""
    try:
        article = parse_article(markup.encode(), "", url)
    except SourceError:
        return {}
    return {"title": article.title, "author": article.author, "date": article.date, "source": article.source,
            "body": article.text}  # fmt: skip


def alone(markup: str, url: str) -> Fields:
    """Return the fields that trafilatura finds by itself."""
    tree = parse_html(markup)
    found = {} if tree is None else {key: str(value or "") for key, value in extract_article(tree, url).items()}
    body = strip_repeated_title(found.get("text", ""), found.get("title", ""))
    return {**found, "body": body}


def row(name: str, read: Callable[[str, str], Fields], pages: Sequence[tuple[str, Story, str]]) -> list[object]:
    """Return the measures of one way to read pages."""
    seconds, results = time_call(lambda: [(read(markup, story.url), story) for _, story, markup in pages])
    bodies = [scores(found.get("body", ""), story.body) for found, story in results]
    return [
        name,
        mean(scores(found.get("title", ""), story.title)[2] for found, story in results),
        mean(scores(found.get("author", ""), " ".join(story.authors))[2] for found, story in results),
        mean(found.get("date") == story.day for found, story in results),
        *(mean(score) for score in zip(*bodies, strict=True)),
        1000 * seconds / len(pages),
    ]


def main() -> None:
    pages = list(known())
    print(f"{len(pages)} pages\n")
    columns = ["", "title F1", "author F1", "day right", "body precision", "body recall", "body F1", "ms a page"]
    alone(pages[0][2], pages[0][1].url)  # the libraries are loaded before the clock starts
    table(columns, [row("as fetched", ours, pages), row("trafilatura alone", alone, pages)])
    admitted = sum(bool(ours(markup, story.url)) for _, story, markup in pages)
    refused = sum(not ours(markup, url) for _, _, url, markup in NO_ARTICLES)
    print()
    table(["", "pages", "admitted"], [["articles", len(pages), admitted],
                                      ["no articles", len(NO_ARTICLES), len(NO_ARTICLES) - refused]])  # fmt: skip


if __name__ == "__main__":
    main()
