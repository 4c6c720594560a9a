"""Load web pages, and extract the article without menus and scripts."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from rag.errors import NoArticle, SourceError
from rag.sources.cleaning.captions import remove_captions
from rag.sources.cleaning.encodings import decode, replace_control_references
from rag.sources.cleaning.furniture import remove_marks
from rag.sources.cleaning.hidden_html import strip_hidden
from rag.sources.cleaning.pasted_page import has_same_words, title_from_name
from rag.sources.cleaning.unicode import find_concealment, normalise, one_line
from rag.sources.files import FileLoader
from rag.sources.formats.article_body import copy_body, judge_blocks, keep_article
from rag.sources.formats.html_metadata import read_metadata
from rag.sources.formats.html_text import write_html
from rag.sources.formats.layout_tables import unwrap_layout_tables
from rag.sources.formats.link_pages import LIST_OF_ADDRESSES, find_page_links
from rag.sources.formats.live_blog import split_live_blog
from rag.sources.formats.page_day import find_page_day
from rag.sources.formats.page_title import choose_title
from rag.sources.formats.records import ParsedDocument, build_article
from rag.sources.formats.text_builder import strip_repeated_heading
from rag.structure import STRUCTURE, StructuredText
from rag.types import Article, Failure

if TYPE_CHECKING:
    from configparser import ConfigParser

    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://[^\s>]+)\s*-->", re.IGNORECASE)
"""What browsers write above a page that they save."""
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_INLINE_TAGS = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"),
    *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
}
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_UNSEEN_TAGS = ("head", "script", "style", "template", "noscript", "iframe", "object", "svg")


class Html(FileLoader):
    """Loads .html files with trafilatura, and with lxml alone where that finds no article."""

    suffixes = (".html", ".htm", ".xhtml")
    is_risky = True

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse a page into its article, or a live blog into its entries."""
        page, note = decode(data, find_declared_charset(data))
        if not self.all_text and find_page_links(page):
            raise NoArticle(LIST_OF_ADDRESSES)
        tree = parse_html(page)
        fields, text = _extract_page(page, tree, find_saved_address(page))
        title = title_from_name(name)
        article = build_article({**fields, "encoding": note}, text, origin=origin, name=name, title=title)
        yield from [article] if tree is None else split_live_blog(article, tree)


def extract_page(page: str, url: str = "") -> ParsedDocument:
    """Extract the fields and the text of the article on a page, without the elements that `strip_hidden` strips.

    The field `captions` holds the captions of pictures, which are not in the text. `flagged` says why where hidden
    text gives orders to a model or invisible characters conceal words; else it is empty.
    """
    return _extract_page(page, parse_html(page), url)


def _extract_page(page: str, tree: "HtmlElement | None", url: str = "") -> ParsedDocument:
    """Extract as `extract_page` does from a parsed page; removes hidden elements and captions from `tree`."""
    if tree is None:
        return ParsedDocument({"captions": "", "flagged": find_concealment(page)}, "")
    metadata = read_metadata(tree, url)
    hidden = strip_hidden(tree)
    captions = remove_captions(tree)
    remove_marks(tree)
    unwrap_layout_tables(tree)
    fields = extract_article(tree, url)
    address = url or str(fields.get("url") or "")
    read_text = partial(extract_all_text, tree)
    fields |= find_page_day(tree, read_text, stated=metadata.published, extracted=fields.get("date"), url=address)
    extracted = one_line(str(fields.get("title") or ""))
    title = choose_title(tree, metadata, extracted)
    text = complete_text(tree, str(fields.pop("text", "")), title=extracted)
    text = strip_repeated_heading(text, title)
    flags = "; ".join(filter(None, [find_concealment(page), hidden]))
    fields |= {"title": title, "url": fields.get("url") or url}
    return ParsedDocument({**fields, "captions": captions, "flagged": flags, STRUCTURE: text.written}, text.text)


def find_declared_charset(data: bytes) -> str:
    """Return the encoding that the head of a page declares, or an empty string."""
    charset = _CHARSET.search(data[:4096])
    return charset[1].decode() if charset else ""


def find_saved_address(page: str) -> str:
    """Find the address from which a browser says that it saved a page; empty where it does not."""
    saved = _SAVED_FROM.search(page[:4096])
    return saved[1] if saved else ""


def extract_article(tree: "HtmlElement", url: str = "") -> dict[str, object]:
    """Extract the fields of the article on a page, its text as `text`; `tree` stays as it is.

    Where no article is found, they are the page's title and all its text. `url` is the page's address, if known.
    """
    from trafilatura import bare_extraction
    from trafilatura.metadata import Document

    # Only dates the page states: the extensive search takes the year of a copyright line for a day.
    dates = {"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"}
    try:
        document = bare_extraction(
            tree,
            url or None,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=dates,
            config=_trafilatura_config(is_spaceless=_is_spaceless(tree)),
        )
    except MemoryError:  # a process that has too little is to end, and to say so
        raise
    except Exception:  # a page can break a parser of pages in any way; its plain text is still there
        document = None
    if not isinstance(document, Document) or not (document.text or "").strip():
        return {"title": tree.findtext(".//title"), "text": extract_all_text(tree)}
    return {
        "title": document.title,
        "text": join_paragraphs(document.text or ""),
        "author": document.author,
        "date": document.date,
        "source": document.sitename or document.hostname,
        "url": document.url,
    }


def complete_text(tree: "HtmlElement", extracted: str, *, title: str) -> StructuredText:
    """Complete the text that was extracted from a page with all else that belongs to the article, and its structure."""
    body = copy_body(tree)
    keep_article(body, judge_blocks(body, extracted, title))
    written = write_html(body)
    return written if written.text else StructuredText(extracted)


def _is_spaceless(tree: "HtmlElement") -> bool:
    """Whether more than a quarter of the words of a page are in a script that writes without spaces."""
    if not _SPACELESS.search(tree.text_content()):  # as in nearly all pages, and soon seen
        return False
    text = extract_all_text(tree)
    return count_words(_SPACELESS.sub("", text)) < 0.75 * count_words(text)


@lru_cache
def _trafilatura_config(*, is_spaceless: bool) -> "ConfigParser":
    """Return the settings of trafilatura; in scripts without spaces it accepts a shorter text as an article."""
    from trafilatura.settings import use_config

    settings = use_config()
    if is_spaceless:
        settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    return settings


def parse_html(page: str) -> "HtmlElement | None":
    """Parse a page with lxml, without comments and templates; return None if there is nothing in it.

    Raises SourceError if lxml cannot read the whole page, as when it is nested too deeply, and MemoryError if memory
    runs out.
    """
    from lxml import etree, html  # type: ignore[import-untyped, unused-ignore]

    if not page.strip():
        return None
    parser = html.HTMLParser(remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))  # the same for all tags
    try:
        markup = replace_control_references(_XML_DECLARATION.sub("", page, count=1))
        tree = html.document_fromstring(markup, parser=parser)
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


def extract_all_text(tree: "HtmlElement") -> str:
    """Extract all text of a page without its head, scripts, styles and embedded pages, a paragraph for each block."""
    from lxml import etree

    pieces: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        gap = "" if element.tag in _INLINE_TAGS else "\n"
        if event == "end":
            pieces += (gap, element.tail or "")
        elif element.tag in _UNSEEN_TAGS:
            walk.skip_subtree()
        else:
            pieces += (gap, element.text or "")
    return join_paragraphs("".join(pieces))


def count_words(text: str) -> int:
    """Count the words of a text; in scripts without spaces two characters count as one."""
    spaceless = len(_SPACELESS.findall(text))
    return len(_SPACELESS.sub(" ", text).split()) + (spaceless + 1) // 2 if spaceless else len(text.split())


def join_paragraphs(text: str) -> str:
    """Normalise a text and make each line that is not blank a paragraph, one blank line apart."""
    lines = (line.strip() for line in normalise(text).split("\n"))
    return "\n\n".join(filter(None, lines))


def strip_repeated_title(text: str, title: str) -> str:
    """Strip a first paragraph that only repeats the title."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and has_same_words(first, title) else text
