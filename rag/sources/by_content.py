"""Load a file whose name does not tell what it holds by its content: a page, rich text, a feed, or text."""

import os
import re
from collections.abc import Iterator

from rag.errors import NoArticle
from rag.sources.files import MB, FileLoader, check_regular_file, suffix_of
from rag.sources.formats.html import Html
from rag.sources.formats.link_pages import LIST_OF_ADDRESSES
from rag.sources.formats.rtf import Rtf
from rag.sources.formats.text import Text
from rag.sources.web.saved_feed import SavedFeed
from rag.sources.web.saved_lists import parse_links
from rag.types import Article, Failure

_HEAD_BYTES = 2_000
_ADDRESS = b"://"
_WORD_SUFFIXES = (".doc", ".dot", ".wps")
"""Files of old word processors, which other programs give to web pages and rich text."""
_RTF = re.compile(rb"\s*\{\\rtf\d")
_PROLOG = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,300}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*"
_PAGE = re.compile(_PROLOG + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|opml|urlset|sitemapindex|rdf:RDF)\b")


class ByContent(Text):
    """Loads any file by what it holds; text that is no article and lists of addresses are left out."""

    def check(self, path: str) -> None:
        """Check a file; one of an old word processor may hold a page or rich text."""
        if suffix_of(path) in _WORD_SUFFIXES:
            check_regular_file(path)
            if os.path.getsize(path) <= self.limit_mb * MB and find_loader(_read_head(path)) is not None:
                return
        Text.check(self, path)

    def is_harmless(self, path: str) -> bool:
        """Whether a small file is parsed by nothing that could end the process: not where it holds markup."""
        return find_loader(_read_head(path)) is None

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the file into articles; raises NoArticle for what is none, and SourceError."""
        if (kind := find_loader(data)) is not None:
            yield from kind(*self.limits).parse_bytes(data, origin, name)
            return
        if not self.all_text and _ADDRESS in data and parse_links(data.decode("utf-8", "replace")):
            raise NoArticle(LIST_OF_ADDRESSES)
        yield from Text.parse_bytes(self, data, origin, name)


def _read_head(path: str) -> bytes:
    """Read the beginning of a file."""
    with open(path, "rb") as file:
        return file.read(_HEAD_BYTES)


def find_loader(data: bytes) -> type[FileLoader] | None:
    """Return the loader of what begins as markup: a page, rich text, a feed or other XML; None for anything else."""
    head = data[:_HEAD_BYTES].replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if _RTF.match(head):
        return Rtf
    if _PAGE.match(head):
        return Html
    return SavedFeed if _XML.match(head) else None
