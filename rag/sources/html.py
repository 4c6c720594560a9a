"""Saved web pages: the article without menus and scripts, and what the page says about itself."""

import re
from collections.abc import Iterator
from typing import Any

from rag.errors import SourceError
from rag.sources.cleaning import normalise, readable_name, same_words
from rag.sources.decoding import decode
from rag.sources.files import FileLoader, origin_of, read_bytes
from rag.sources.records import article
from rag.types import Article, Failure

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"),
    *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
}
_UNSEEN = ("head", "script", "style", "template", "noscript", "iframe", "object", "svg")


class Html(FileLoader):
    """Reads .html files with trafilatura, and with lxml alone where that finds no article."""

    suffixes = (".html", ".htm", ".xhtml")

    def articles(self, path: str, name: str) -> Iterator[Article | Failure]:
        """The one article of the page."""
        data = read_bytes(path, self.limit_mb)
        declared = _CHARSET.search(data[:4096])
        page, note = decode(data, declared[1].decode() if declared else "")
        record = _extracted(page) if page.strip() else {}
        text = _without_title(str(record.pop("text", "")), str(record.get("title") or ""))
        yield article({**record, "encoding": note}, text, origin_of(path), name, readable_name(name))


def _extracted(page: str) -> dict[str, object]:
    """The fields of the article on a page."""
    from trafilatura import bare_extraction
    from trafilatura.metadata import Document

    # Only dates the page states: the extensive search takes the year of a copyright line for a day.
    dates = {"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"}
    tree = _tree(page)
    if tree is None:
        return {}
    try:
        found = bare_extraction(tree, with_metadata=True, include_comments=False, date_extraction_params=dates)
    except Exception:  # a page can break a parser of pages in any way; its plain text is still there
        found = None
    if not isinstance(found, Document) or not (found.text or "").strip():
        return {"title": tree.findtext(".//title"), "text": _plain(tree)}
    return {
        "title": found.title,
        "text": _paragraphs(found.text or ""),
        "author": found.author,
        "date": found.date,
        "source": found.sitename or found.hostname,
        "url": found.url,
    }


def _tree(page: str) -> Any:
    """The page as lxml reads it, or None if there is nothing in it; raises SourceError if it is nested too deeply."""
    from lxml import etree, html  # type: ignore[import-untyped, unused-ignore]

    parser = html.HTMLParser(remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(_DECLARATION.sub("", page, count=1), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    # The parser goes on without what is too deep or too long for it; an article cut short must not pass for whole.
    fatal = [entry for entry in parser.error_log if entry.level_name == "FATAL"]
    if fatal:
        raise SourceError(f"its HTML cannot be read: {fatal[0].message}")
    return tree


def _plain(tree: Any) -> str:
    """The text of a page without scripts and styles, a paragraph for each block."""
    from lxml import etree

    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    for element in tree.iter():
        if element.tag not in _INLINE:
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    return _paragraphs(tree.text_content())


def _paragraphs(text: str) -> str:
    """The lines of a text that hold something, one blank line apart."""
    lines = (line.strip() for line in normalise(text).split("\n"))
    return "\n\n".join(filter(None, lines))


def _without_title(text: str, title: str) -> str:
    """The text without a first paragraph that only repeats the title."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and same_words(first, title) else text
