"""Load web pages, and extract the article without menus and scripts."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.errors import SourceError
from rag.sources.cleaning.captions import take_captions
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.hidden_html import strip_hidden
from rag.sources.cleaning.pasted_page import normalise, readable_name, same_words
from rag.sources.cleaning.unicode import concealed
from rag.sources.files import FileLoader
from rag.sources.formats.live_blog import entries
from rag.sources.formats.records import article
from rag.types import Article, Failure

if TYPE_CHECKING:
    from configparser import ConfigParser

    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"),
    *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
}
_WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_UNSEEN = ("head", "script", "style", "template", "noscript", "iframe", "object", "svg")


class Html(FileLoader):
    """Reads .html files with trafilatura, and with lxml alone where that finds no article."""

    suffixes = (".html", ".htm", ".xhtml")
    is_risky = True

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The article of the page, or the entries of a live blog."""
        page, note = decode(data, declared_charset(data))
        tree = parsed(page)
        record, text = _told(page, tree)
        made = article({**record, "encoding": note}, text, origin, name, readable_name(name))
        yield from [made] if tree is None else entries(made, tree)


def told(page: str, url: str = "") -> tuple[dict[str, object], str]:
    """The fields and the text of the article on a page, without what it hides, which `flagged` tells."""
    return _told(page, parsed(page), url)


def _told(page: str, tree: "HtmlElement | None", url: str = "") -> tuple[dict[str, object], str]:
    hidden, captions = ("", "") if tree is None else (strip_hidden(tree), take_captions(tree))
    record = {} if tree is None else extracted(tree, url)
    text = without_title(str(record.pop("text", "")), str(record.get("title") or ""))
    flags = "; ".join(filter(None, [concealed(page), hidden]))
    return {**record, "captions": captions, "flagged": flags}, text


def declared_charset(data: bytes) -> str:
    """The encoding that the head of a page names for itself, or an empty string."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode() if found else ""


def extracted(tree: "HtmlElement", url: str = "") -> dict[str, object]:
    """The fields and the text of the article on a page, fetched from `url` or saved; `tree` stays as it is."""
    from trafilatura import bare_extraction
    from trafilatura.metadata import Document

    # Only dates the page states: the extensive search takes the year of a copyright line for a day.
    dates = {"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"}
    try:
        found = bare_extraction(
            tree,
            url or None,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=dates,
            config=_settings(is_wide=_is_wide(tree)),
        )
    except MemoryError:  # a process that has too little is to end, and to say so
        raise
    except Exception:  # a page can break a parser of pages in any way; its plain text is still there
        found = None
    if not isinstance(found, Document) or not (found.text or "").strip():
        return {"title": tree.findtext(".//title"), "text": whole_text(tree)}
    return {
        "title": found.title,
        "text": paragraphs(found.text or ""),
        "author": found.author,
        "date": found.date,
        "source": found.sitename or found.hostname,
        "url": found.url,
    }


def _is_wide(tree: "HtmlElement") -> bool:
    """Whether a quarter of the words of a page or more are in a script that writes without spaces."""
    text = whole_text(tree)
    return word_count(_WIDE.sub("", text)) < 0.75 * word_count(text)


@lru_cache
def _settings(is_wide: bool) -> "ConfigParser":
    """The settings of trafilatura; a text in a script without spaces is whole with fewer characters than it expects."""
    from trafilatura.settings import use_config

    settings = use_config()
    if is_wide:
        settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    return settings


def parsed(page: str) -> "HtmlElement | None":
    """The page as lxml reads it, or None if there is nothing in it.

    Raises SourceError if it is nested too deeply, MemoryError where there is too little for it.
    """
    from lxml import etree, html  # type: ignore[import-untyped, unused-ignore]

    if not page.strip():
        return None
    parser = html.HTMLParser(remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(_DECLARATION.sub("", page, count=1), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    # The parser goes on without what is too deep or too long for it; an article cut short must not pass for whole.
    fatal = [entry for entry in parser.error_log if entry.level_name == "FATAL"]
    if any(entry.type_name == "ERR_NO_MEMORY" for entry in fatal):
        raise MemoryError
    if fatal:
        raise SourceError(f"its HTML cannot be read: {fatal[0].message}")
    if tree is not None:
        etree.strip_elements(tree, "template", with_tail=False)
    return tree


def whole_text(tree: "HtmlElement") -> str:
    """All the text of a page without scripts and styles, a paragraph for each block."""
    from lxml import etree

    pieces: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        gap = "" if element.tag in _INLINE else "\n"
        if event == "end":
            pieces += (gap, element.tail or "")
        elif element.tag in _UNSEEN:
            walk.skip_subtree()
        else:
            pieces += (gap, element.text or "")
    return paragraphs("".join(pieces))


def word_count(text: str) -> int:
    """How many words a text has; in scripts without spaces two characters are taken for one."""
    wide = len(_WIDE.findall(text))
    return len(_WIDE.sub(" ", text).split()) + (wide + 1) // 2 if wide else len(text.split())


def paragraphs(text: str) -> str:
    """The lines of a text that hold something, one blank line apart."""
    lines = (line.strip() for line in normalise(text).split("\n"))
    return "\n\n".join(filter(None, lines))


def without_title(text: str, title: str) -> str:
    """The text without a first paragraph that only repeats the title."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and same_words(first, title) else text
