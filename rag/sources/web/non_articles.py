"""Refuse pages that are no articles: walls, errors, lists and pages built by scripts.

A refused article is lost and an admitted wall is only noise, so every rule wants most of what the page says to be of
that kind. An article about cookies or missing pages speaks of them in a few of its sentences; a wall, in nearly all.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html import count_words, extract_all_text
from rag.sources.formats.html_metadata import PageMetadata
from rag.sources.web import paywalls

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

LIST_REFUSAL = "a page that lists articles, not an article; name "
EMPTY_REFUSAL = "no article on the page"

_MAX_WALL_WORDS = 200
"""Words from which on a page is no wall and no error, whatever it says."""
_MAX_STUB_WORDS = 130
"""Words under which the open part of an article that is not free counts as its beginning."""
_MAX_SHOWN_CHARS = 20_000
_MAX_LINKS = 400
_MARGINS = ("header", "footer", "nav", "aside", "form", "script", "style", "noscript", "title")
_MIN_TEASERS = 4
_MIN_HEADLINE_WORDS = 3

_SENTENCE = re.compile(r"[^\n.!?。！？]+[.!?。！？]*")
_TITLE_SEPARATOR = re.compile(r"\s+[|•·»–—-]+\s+")

_WALL_PHRASES = {
    paywalls.SCRIPTS: paywalls.SCRIPT_PHRASES,
    paywalls.CONSENT: paywalls.CONSENT_PHRASES,
    paywalls.ROBOTS: paywalls.ROBOT_PHRASES,
    paywalls.SIGN_IN: paywalls.SIGN_IN_PHRASES,
    paywalls.NOT_FOUND: paywalls.ERROR_PHRASES,
}


def explain_refusal(tree: "HtmlElement", metadata: PageMetadata, text: str, *, feeds: Sequence[str], url: str) -> str:
    """Return why a page is no article, in one line; empty if it may be one. `text` is what was extracted of it."""
    length = count_words(text)
    if length < _MAX_WALL_WORDS:
        shown = (text if length else extract_all_text(tree))[:_MAX_SHOWN_CHARS]
        reason = _find_error(tree, metadata, length) or _find_wall(tree, shown) or _find_paywall(tree, metadata, length)
        if reason:
            return reason
    if _is_list_page(tree, metadata, text, url=url):
        return LIST_REFUSAL + (
            f"its feed {feeds[0]}, or the articles themselves" if feeds else "the articles themselves"
        )
    if not _has_sentence(text):
        if _is_shell(tree):
            return paywalls.SCRIPTS
        return f"{EMPTY_REFUSAL}; it names a feed: {feeds[0]}" if feeds else EMPTY_REFUSAL
    return ""


def _find_error(tree: "HtmlElement", metadata: PageMetadata, length: int) -> str:
    """Return the reason if a title or heading, or a part of one, is nothing but an error; else empty.

    A page that states a time of publication or has 130 words is none.
    """
    titles = [tree.findtext(".//title") or "", *(heading.text_content() for heading in tree.iter("h1"))]
    parts = [part for title in titles for part in _TITLE_SEPARATOR.split(one_line(title))]
    is_error = not metadata.published and length < _MAX_STUB_WORDS and any(map(paywalls.ERROR_TITLES.fullmatch, parts))
    return paywalls.NOT_FOUND if is_error else ""


def _find_wall(tree: "HtmlElement", shown: str) -> str:
    """Return the reason whose phrases stand in the sentences with most of the words, a third at least; else empty.

    Only a page with a password field counts as asking to sign in.
    """
    has_password = tree.find(".//input[@type='password']") is not None
    possible = {
        reason: phrases for reason, phrases in _WALL_PHRASES.items() if reason != paywalls.SIGN_IN or has_password
    }
    shares = {reason: _phrase_share(shown, phrases) for reason, phrases in possible.items()}
    most = max(shares, key=lambda reason: shares[reason])
    return most if shares[most] >= 1 / 3 else ""


def _phrase_share(text: str, phrases: re.Pattern[str]) -> float:
    """Return the share of the words of a text that stand in sentences with one of the phrases."""
    counts = [(count_words(sentence), bool(phrases.search(sentence))) for sentence in _SENTENCE.findall(text)]
    return sum(count for count, has_phrase in counts if has_phrase) / max(1, sum(count for count, _ in counts))


def _find_paywall(tree: "HtmlElement", metadata: PageMetadata, length: int) -> str:
    """Return the reason if metadata or text say that the page is for subscribers, and little is shown; else empty."""
    if metadata.words and not metadata.is_free and length < metadata.words / 2:
        return paywalls.PAYWALL
    if length >= _MAX_STUB_WORDS:
        return ""
    asks = any(paywalls.SUBSCRIBE_PHRASES.search(block) and count_words(block) < 40 for block in _iter_blocks(tree))
    return paywalls.PAYWALL if asks or not metadata.is_free else ""


def _iter_blocks(tree: "HtmlElement") -> Iterator[str]:
    """Yield the lines of a page outside its head, foot, margins and what opens only on a click."""
    for element in tree.iter("p", "div", "section", "h2", "h3", "h4", "span", "a", "button", "strong"):
        text = one_line((element.text_content() if element.tag == "p" else element.text) or "")
        if text and not any(map(_is_marginal, (element, *element.iterancestors()))):
            yield text


def _is_marginal(element: "HtmlElement") -> bool:
    """Whether an element is a margin of the page, hidden, or opens only on a click."""
    style = (element.get("style") or "").replace(" ", "").lower()
    is_hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true" or "display:none" in style
    kinds = f"{element.get('class')} {element.get('role')}".lower()
    return element.tag in _MARGINS or is_hidden or any(kind in kinds for kind in ("modal", "popup", "dialog"))


def _is_list_page(tree: "HtmlElement", metadata: PageMetadata, text: str, *, url: str) -> bool:
    """Whether most of the text is teasers: blocks around a headline that links to a page of its own."""
    if metadata.is_article:
        return False
    teasers = _find_teasers(tree, url)
    if len(teasers) < _MIN_TEASERS:
        return False
    if not _has_sentence(text):
        return True
    inside = [0] * len(teasers)
    outside = 0
    for paragraph in filter(None, map(_squeeze, text.split("\n"))):
        number = next((number for number, teaser in enumerate(teasers) if paragraph in teaser), -1)
        if number < 0:
            outside += count_words(paragraph)
        else:
            inside[number] += count_words(paragraph)
    return sum(map(bool, inside)) >= _MIN_TEASERS and sum(inside) > 1.5 * outside


def _find_teasers(tree: "HtmlElement", url: str) -> list[str]:
    """Return the letters and digits of each block with exactly one linked headline, in the order of the page."""
    links = list(islice(tree.iter("a"), 5 * _MAX_LINKS))
    lengths = {above: len(one_line(above.text_content())) for above in {_containing_block(link) for link in links}}
    headlines = [link for link in links if _is_headline(link, lengths[_containing_block(link)], url)][:_MAX_LINKS]
    within = Counter(above for link in headlines for above in (link, *link.iterancestors()))
    alone = [link for link in headlines if within[link] == 1]  # a broken page may have one link inside another
    blocks = ([above for above in (link, *link.iterancestors()) if within[above] == 1][-1] for link in alone)
    return [_squeeze(" ".join(block.itertext())) for block in blocks]


def _containing_block(link: "HtmlElement") -> "HtmlElement":
    """Return the block that a link stands in."""
    above = link.getparent()
    while above.tag in ("span", "b", "strong", "em", "i", "font"):
        above = above.getparent()
    return above


def _is_headline(link: "HtmlElement", line: int, url: str) -> bool:
    """Whether a link has some words, leads to another page and is about all there is in a line of that length."""
    text = one_line(link.text_content())
    target = link.get("href") or ""
    least = 1 if _is_in_heading(link) else _MIN_HEADLINE_WORDS
    if count_words(text) < least or line > 2 * len(text) + 40 or target.startswith(("#", "javascript:", "mailto:")):
        return False
    try:
        return str(urldefrag(urljoin(url, target))[0]) != urldefrag(url)[0]
    except ValueError:
        return False


def _is_in_heading(link: "HtmlElement") -> bool:
    """Whether a link is all of a heading, or holds one."""
    return any(node.tag in ("h2", "h3", "h4") for node in (link.getparent(), *link.iterchildren()))


def _squeeze(text: str) -> str:
    """Reduce a text to letters and digits, to find one in another despite anything between its words."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _has_sentence(text: str) -> bool:
    """Whether a line of the text is long enough for a sentence."""
    return any(count_words(line) >= 6 for line in text.split("\n"))


def _is_shell(tree: "HtmlElement") -> bool:
    """Whether scripts make the text of a page: it has some, and asks for JavaScript in noscript or has no sentence."""
    scripts = sum(1 for _ in tree.iter("script"))
    hints = " ".join(element.text_content() for element in tree.iter("noscript"))
    return bool(scripts) and (bool(paywalls.SCRIPT_PHRASES.search(hints)) or not _has_sentence(extract_all_text(tree)))
