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

LISTS = "a page that lists articles, not an article; name "
EMPTY = "no article on the page"

_SHORT = 200
"""Words from which on a page is no wall and no error, whatever it says."""
_STUB = 130
"""Words under which the open part of an article that is not free counts as its beginning."""
_MOST_SHOWN = 20_000
_MOST_LINKS = 400
_MARGINS = ("header", "footer", "nav", "aside", "form", "script", "style", "noscript", "title")
_TEASERS = 4

_SENTENCE = re.compile(r"[^\n.!?。！？]+[.!?。！？]*")
_PARTS = re.compile(r"\s+[|•·»–—-]+\s+")

_WALLS = {
    paywalls.SCRIPTS: paywalls.NEEDS_SCRIPTS,
    paywalls.CONSENT: paywalls.CONSENTING,
    paywalls.ROBOTS: paywalls.PROVING,
    paywalls.SIGN_IN: paywalls.SIGNING,
    paywalls.NOT_FOUND: paywalls.ERROR,
}


def refusal(tree: "HtmlElement", said: PageMetadata, text: str, feeds: Sequence[str], url: str) -> str:
    """Why the page is no article, in one line; empty if it may be one. `text` is what was extracted of it."""
    length = count_words(text)
    if length < _SHORT:
        shown = (text if length else extract_all_text(tree))[:_MOST_SHOWN]
        reason = _error(tree, said, length) or _wall(tree, shown) or _stub(tree, said, length)
        if reason:
            return reason
    if _lists(tree, said, text, url):
        return LISTS + (f"its feed {feeds[0]}, or the articles themselves" if feeds else "the articles themselves")
    if not _has_sentence(text):
        return paywalls.SCRIPTS if _is_shell(tree) else EMPTY
    return ""


def _error(tree: "HtmlElement", said: PageMetadata, length: int) -> str:
    """The reason if title or heading are nothing but an error, and no article is stated."""
    titles = [tree.findtext(".//title") or "", *(heading.text_content() for heading in tree.iter("h1"))]
    parts = [part for title in titles for part in _PARTS.split(one_line(title))]
    is_error = not said.published and length < _STUB and any(map(paywalls.ERROR_TITLES.fullmatch, parts))
    return paywalls.NOT_FOUND if is_error else ""


def _wall(tree: "HtmlElement", shown: str) -> str:
    """The wall whose phrases stand in sentences with a third of the words or more; of several, the one with most."""
    has_password = tree.find(".//input[@type='password']") is not None
    possible = {reason: phrases for reason, phrases in _WALLS.items() if reason != paywalls.SIGN_IN or has_password}
    shares = {reason: _share(shown, phrases) for reason, phrases in possible.items()}
    most = max(shares, key=lambda reason: shares[reason])
    return most if shares[most] >= 1 / 3 else ""


def _share(text: str, phrases: re.Pattern[str]) -> float:
    """The share of the words of a text that stand in sentences with one of the phrases."""
    counts = [(count_words(sentence), bool(phrases.search(sentence))) for sentence in _SENTENCE.findall(text)]
    return sum(count for count, found in counts if found) / max(1, sum(count for count, _ in counts))


def _stub(tree: "HtmlElement", said: PageMetadata, length: int) -> str:
    """The reason if the page states or says that the rest is for subscribers, and shows little."""
    if said.words and not said.is_free and length < said.words / 2:
        return paywalls.PAYWALL
    if length >= _STUB:
        return ""
    asks = any(paywalls.PAYING.search(block) and count_words(block) < 40 for block in _blocks(tree))
    return paywalls.PAYWALL if asks or not said.is_free else ""


def _blocks(tree: "HtmlElement") -> Iterator[str]:
    """The lines of a page outside its head, foot, margins and what opens only on a click."""
    for element in tree.iter("p", "div", "section", "h2", "h3", "h4", "span", "a", "button", "strong"):
        text = one_line((element.text_content() if element.tag == "p" else element.text) or "")
        if text and not any(map(_is_marginal, (element, *element.iterancestors()))):
            yield text


def _is_marginal(element: "HtmlElement") -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true" or "display:none" in style
    kinds = f"{element.get('class')} {element.get('role')}".lower()
    return element.tag in _MARGINS or hidden or any(kind in kinds for kind in ("modal", "popup", "dialog"))


def _lists(tree: "HtmlElement", said: PageMetadata, text: str, url: str) -> bool:
    """Whether most of the text is teasers: blocks around a headline that links to a page of its own."""
    if said.is_article:
        return False
    teasers = _teasers(tree, url)
    if len(teasers) < _TEASERS:
        return False
    if not _has_sentence(text):
        return True
    inside = [0] * len(teasers)
    outside = 0
    for paragraph in filter(None, map(_key, text.split("\n"))):
        place = next((place for place, teaser in enumerate(teasers) if paragraph in teaser), -1)
        if place < 0:
            outside += count_words(paragraph)
        else:
            inside[place] += count_words(paragraph)
    return sum(map(bool, inside)) >= _TEASERS and sum(inside) > 1.5 * outside


def _teasers(tree: "HtmlElement", url: str) -> list[str]:
    """The words of each block that holds one linked headline, in the order of the page."""
    links = list(islice(tree.iter("a"), 5 * _MOST_LINKS))
    lengths = {above: len(one_line(above.text_content())) for above in {_line_of(link) for link in links}}
    headlines = [link for link in links if _is_headline(link, lengths[_line_of(link)], url)][:_MOST_LINKS]
    within = Counter(above for link in headlines for above in (link, *link.iterancestors()))
    alone = [link for link in headlines if within[link] == 1]  # a broken page may have one link inside another
    blocks = ([above for above in (link, *link.iterancestors()) if within[above] == 1][-1] for link in alone)
    return [_key(" ".join(block.itertext())) for block in blocks]


def _line_of(link: "HtmlElement") -> "HtmlElement":
    """The block that a link stands in."""
    above = link.getparent()
    while above.tag in ("span", "b", "strong", "em", "i", "font"):
        above = above.getparent()
    return above


def _is_headline(link: "HtmlElement", line: int, url: str) -> bool:
    """Whether a link has some words, leads to another page and is about all there is in a line of that length."""
    text = one_line(link.text_content())
    target = link.get("href") or ""
    if count_words(text) < 3 or line > 2 * len(text) + 40 or target.startswith(("#", "javascript:", "mailto:")):
        return False
    try:
        return str(urldefrag(urljoin(url, target))[0]) != urldefrag(url)[0]
    except ValueError:
        return False


def _key(text: str) -> str:
    """Letters and digits of a text, to find one in another whatever stands between its words."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _has_sentence(text: str) -> bool:
    """Whether a line of the text is long enough for a sentence."""
    return any(count_words(line) >= 6 for line in text.split("\n"))


def _is_shell(tree: "HtmlElement") -> bool:
    """Whether the page leaves its text to scripts: it has some, and says so or is otherwise bare."""
    scripts = sum(1 for _ in tree.iter("script"))
    hints = " ".join(element.text_content() for element in tree.iter("noscript"))
    return bool(scripts) and (bool(paywalls.NEEDS_SCRIPTS.search(hints)) or not _has_sentence(extract_all_text(tree)))
