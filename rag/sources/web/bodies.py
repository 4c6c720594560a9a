"""Parse fetched bodies in the sandbox."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from rag.sources.web.feeds import Entry
from rag.sources.web.listings import Listing, listing
from rag.sources.web.pages import articles
from rag.types import Article

if TYPE_CHECKING:
    from rag.sources.sandbox import Sandbox
    from rag.sources.web.client import Fetched


def articles_in(fetched: "Fetched", apart: "Sandbox") -> Iterator[Article]:
    """The article of a page, or the entries of a live blog; raises SourceError with the reason where there is none."""
    for reply in apart.ask({"url": fetched.url, "charset": fetched.charset}, fetched.body):
        yield Article(**cast(dict[str, Any], reply["article"]))


def listing_in(fetched: "Fetched", apart: "Sandbox") -> Listing | None:
    """What a list of articles names; None for anything else. Raises SourceError for a list that cannot be read."""
    for reply in apart.ask({"url": fetched.url, "kind": fetched.kind}, fetched.body):
        entries = (Entry(**entry) for entry in cast(list[dict[str, str]], reply["entries"]))
        return Listing(tuple(entries), tuple(cast(list[str], reply["lists"])))
    return None


def answers_about(asked: Mapping[str, object], body: bytes) -> Iterator[dict[str, object]]:
    """The answers to a question of the two above; raises SourceError."""
    url = str(asked["url"])
    if "charset" in asked:
        for article in articles(body, str(asked["charset"]), url):
            yield {"article": asdict(article)}
    elif (found := listing(body, str(asked["kind"]), url)) is not None:
        yield {"entries": list(map(asdict, found.entries)), "lists": found.lists}
