"""Parse fetched bodies in the sandbox, and answer for them on its other side."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from rag.sources.web.feeds import Entry
from rag.sources.web.listings import Listing, parse_listing
from rag.sources.web.pages import parse_page
from rag.types import Article

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """What a page holds."""

    articles: tuple[Article, ...]
    """Its article, or the entries of a live blog."""
    next_page: str = ""
    """The address of the next page of the article, empty where there is none."""


def parse_page_in_sandbox(fetched: "Fetched", sandbox: "Sandbox") -> ParsedPage:
    """Parse a page in the sandbox; raises SourceError where it holds no article."""
    replies = sandbox.parse_body({"url": fetched.url, "charset": fetched.charset}, fetched.body)
    articles = tuple(Article(**cast(dict[str, Any], reply["article"])) for reply in replies)
    return ParsedPage(articles, str(replies[-1]["next"]) if replies else "")


def parse_listing_in_sandbox(fetched: "Fetched", sandbox: "Sandbox") -> Listing | None:
    """Parse a list of articles in the sandbox; return None for anything else, raise SourceError for a broken list."""
    for reply in sandbox.parse_body({"url": fetched.url, "kind": fetched.kind}, fetched.body):
        entries = (Entry(**entry) for entry in cast(list[dict[str, Any]], reply["entries"]))
        return Listing(tuple(entries), tuple(cast(list[str], reply["lists"])))
    return None


def answer_request(request: Mapping[str, object], body: bytes) -> Iterator[dict[str, object]]:
    """Answer, in the sandbox, what `parse_page_in_sandbox` or `parse_listing_in_sandbox` asks; raises SourceError."""
    url = str(request["url"])
    if "charset" in request:
        articles, next_page = parse_page(body, str(request["charset"]), url)
        for article in articles:
            yield {"article": asdict(article), "next": next_page}
    elif (listing := parse_listing(body, str(request["kind"]), url)) is not None:
        yield {"entries": list(map(asdict, listing.entries)), "lists": listing.lists}
