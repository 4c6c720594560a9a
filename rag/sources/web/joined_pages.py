"""Join the pages of one article that a site shows on several."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.formats.text_builder import TextBuilder
from rag.sources.web.bodies import ParsedPage, parse_page_in_sandbox
from rag.sources.web.onward_links import strip_page_number
from rag.structure import STRUCTURE, StructuredText
from rag.types import Article, Failure

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched

_MAX_PAGES = 30
"""Pages of one article that are read."""


def join_pages(
    first: ParsedPage, url: str, *, fetch: "Callable[[str], Fetched]", sandbox: "Sandbox"
) -> Iterator[Article | Failure]:
    """Yield the article of a page with the text of the pages that follow it; a Failure for one that cannot be read.

    A page with another title belongs to another article, and ends this one.
    """
    [article] = first.articles
    title = strip_page_number(article.title)
    pages = [article]
    seen = {url}
    address = first.next_page
    failure = None
    while address and address not in seen:
        if len(pages) == _MAX_PAGES:
            failure = Failure(address, f"only the first {_MAX_PAGES} pages of {url} were read")
            break
        seen.add(address)
        try:
            page = parse_page_in_sandbox(fetch(address), sandbox)
        except SourceError as error:
            failure = Failure(address, f"page {len(pages) + 1} of {url}, which is missing from it: {error}")
            break
        if len(page.articles) != 1 or not has_same_words(strip_page_number(page.articles[0].title), title):
            break
        pages.append(page.articles[0])
        address = page.next_page
    yield _join(pages, title) if len(pages) > 1 else article
    if failure:
        yield failure


def _join(pages: Sequence[Article], title: str) -> Article:
    """Join the texts of the pages, with their headings, lists and tables."""
    builder = TextBuilder()
    for page in pages:
        builder.add_text(StructuredText(page.text, page.structure))
    text = builder.build()
    return replace(pages[0], title=title, text=text.text, metadata={**pages[0].metadata, STRUCTURE: text.written})
