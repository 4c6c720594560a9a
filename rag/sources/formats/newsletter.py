"""Read newsletters: the post without what the sender's service puts around it, its publisher and its address."""

import re
from email.message import EmailMessage
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from rag.sources.cleaning.disclosures import link_share
from rag.sources.cleaning.furniture import remove_marks
from rag.sources.cleaning.hidden_html import hides
from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.article_body import is_block
from rag.sources.formats.html_text import write_html
from rag.sources.formats.layout_tables import unwrap_layout_tables
from rag.sources.formats.text_builder import TextBuilder
from rag.structure import StructuredText
from rag.text.languages import NEWSLETTER_PHRASES

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_HEADERS = ("List-Unsubscribe", "List-Id", "List-Post")
_MAX_FEET = 20
_MAX_FOOT_WORDS = 120
_MAX_FOOT_SHARE = 0.3
_MAX_NOTICE_WORDS = 45
_MAX_BUTTON_WORDS = 5
_MAX_HEAD_PARAGRAPHS = 8
_HEADINGS = ("h1", "h2", "h3")
_SENDER = re.compile(r"(.{2,60}?)\s+(?:from|at|via)\s+(.{2,60})|(.{2,60}?)\s+[|·•—–]\s+(.{2,60})")
_LIST_NAME = re.compile(r"(?!.*\blist\b)[^\W\d_][^\d_@<>]*(?: [^\d_@<>]+)+", re.IGNORECASE)
_ADDRESS_IN_TEXT = re.compile(
    r"(?:view|read|voir|lire|ansehen|lesen|ver|leer)[^\n]{0,60}?(https?://\S+)", re.IGNORECASE
)
_DAY_LINE = re.compile(r"(?:[^\W\d]{3,10}\.?,? )?(?:[^\W\d]{3,10}\.? \d{1,2}|\d{1,2}\.? [^\W\d]{3,10}\.?)(?:,? \d{4})?")
_TRACKING = re.compile(r"utm_\w+|ref|source|publication_id|post_id|isFreemail|r|token|triedRedirect|mc_[ce]id")


class Sender(NamedTuple):
    """Who wrote a newsletter, and who publishes it."""

    author: str
    publisher: str


def is_newsletter(mail: EmailMessage) -> bool:
    """Whether an e-mail was sent to a list."""
    return any(name in mail for name in _HEADERS)


def split_sender(name: str, list_name: str) -> Sender:
    """Split the name of a sender, such as “Ann Lee from Canal Notes”, into author and publisher.

    `list_name` is what the mail calls its list, and counts where it reads like a name.
    """
    match = _SENDER.fullmatch(name)
    if match is None:
        return Sender(name, list_name if _LIST_NAME.fullmatch(list_name) else name)
    author, publisher = filter(None, match.groups())
    return Sender(author, publisher)


def find_address(tree: "HtmlElement", plain: str, title: str) -> str:
    """Find the address of the post on the web: in the plain text, or behind the title; empty if there is none."""
    if match := _ADDRESS_IN_TEXT.search(plain[:2_000]):
        return _strip_tracking(match[1].rstrip(">).,"))
    for heading in tree.iter(*_HEADINGS):
        link = heading.find(".//a[@href]") if heading.getparent().tag != "a" else heading.getparent()
        if link is not None and has_same_words(one_line(heading.text_content()), title):
            return _strip_tracking(link.get("href") or "")
    return ""


def extract_post(tree: "HtmlElement", title: str, author: str) -> StructuredText:
    """Extract the text of the post with its headings, lists and tables; changes `tree`.

    Left out are hidden text, buttons, notices about the subscription, the foot with the link to unsubscribe, and at the
    top repeats of the title, the author's name and the day.
    """
    for element in [node for node in tree.iter() if hides(node.get("style") or "")]:
        _drop(element)
    remove_marks(tree)
    unwrap_layout_tables(tree)
    words = len(tree.text_content().split())
    for link in [link for link in tree.iter("a") if _unsubscribes(link)][:_MAX_FEET]:
        _drop(_find_foot(link, words))
    for element in [node for node in tree.iter() if isinstance(node.tag, str)]:
        if _is_notice(element) or _is_button(element):
            _drop(element)
    return _strip_head(write_html(tree), title, author)


def _unsubscribes(link: "HtmlElement") -> bool:
    """Whether a link is there to end the subscription."""
    said = f"{one_line(link.text_content())} {link.get('href') or ''}"
    return NEWSLETTER_PHRASES["unsubscribe"].search(said) is not None


def _drop(element: "HtmlElement") -> None:
    """Drop an element that is not the whole tree."""
    if element.getparent() is not None and element.tag not in ("body", "html"):
        element.drop_tree()


def _find_foot(link: "HtmlElement", words: int) -> "HtmlElement":
    """Find the largest element around a link that is short beside the whole mail and holds no heading."""
    foot = link
    for above in link.iterancestors():
        size = len(above.text_content().split())
        holds_heading = next(above.iter(*_HEADINGS), None) is not None
        if size > min(_MAX_FOOT_WORDS, _MAX_FOOT_SHARE * words) or holds_heading or above.tag in ("body", "html"):
            break
        foot = above
    return foot


def _is_notice(element: "HtmlElement") -> bool:
    """Whether an element is a short block that speaks of the subscription or of how to read the mail."""
    if not is_block(element) or element.tag in _HEADINGS or any(map(is_block, element.iterdescendants())):
        return False
    text = one_line(element.text_content())
    return 0 < len(text.split()) <= _MAX_NOTICE_WORDS and bool(NEWSLETTER_PHRASES["notice"].search(text))


def _is_button(element: "HtmlElement") -> bool:
    """Whether an element is a block of a few words that are all a link, as a button is; no heading and no item."""
    if not is_block(element) or any(
        node.tag in (*_HEADINGS, "li", "td") for node in (element, *element.iterancestors(), *element.iterdescendants())
    ):
        return False
    text = one_line(element.text_content())
    return 0 < len(text.split()) <= _MAX_BUTTON_WORDS and link_share(element) >= 0.9


def _strip_head(post: StructuredText, title: str, author: str) -> StructuredText:
    """Strip repeats of the title, the author and the day among the first paragraphs."""
    builder = TextBuilder()
    start = 0
    for paragraph in post.text.split("\n\n")[:_MAX_HEAD_PARAGRAPHS]:
        end = start + len(paragraph)
        repeats = has_same_words(paragraph, title) or has_same_words(paragraph, author)
        if not (repeats or _DAY_LINE.fullmatch(paragraph)):
            builder.add_text(post.cut_out(start, end))
        start = end + len("\n\n")
    builder.add_text(post.cut_out(start, len(post.text)))
    return builder.build()


def _strip_tracking(address: str) -> str:
    """Strip the query of an address where it only tracks who follows it; empty for what is no address on the web."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    tracks = all(_TRACKING.fullmatch(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query="" if tracks else parts.query, fragment=""))
