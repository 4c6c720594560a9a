"""Select the part of a page that is its article, so that nothing a reader sees of it is left out.

trafilatura tells where the article is, but passes over lists, answers of an FAQ, fact boxes, headings and more within
it. The smallest element around what it found is read whole instead, without what the page marks as furniture; what it
found elsewhere stays too. Why a block is left out is kept, for the measure of what is lost.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.sources.cleaning.disclosures import link_share
from rag.sources.cleaning.furniture import furniture_kind, is_read_more
from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.cleaning.unicode import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img input ins kbd label mark math nobr q "
    "rp rt ruby s samp small span strike strong sub sup time tt u var wbr".split()
)
UNSEEN_TAGS = frozenset("head script style template noscript iframe object svg".split())
_TOKEN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|\\w+")
_TOKEN_OR_LINE_END = re.compile(f"{_TOKEN.pattern}|\n")
_STRONG_KINDS = frozenset(("navigation", "sharing", "comments", "notice", "form", "subscription", "embedded"))
"""Kinds of furniture that trafilatura may have taken for text; of the others it knows better."""
_MAX_FURNITURE_SHARE = 0.2
"""The share of the text that furniture may hold; an element that holds more is named like furniture, but is none."""
_MIN_CORE_SHARE = 0.95
_MIN_WEIGHTY_TOKENS = 4
_MIN_LEADING_TOKENS = 5
_MIN_PROSE_TOKENS = 40
_MAX_STAMP_TOKENS = 14
_MAX_PROSE_LINK_SHARE = 0.3
_FOUND_SHARE = 0.7
_MAX_GAP = 20_000
"""Characters of what was extracted in which a long block is looked for behind the one before."""
_ARTICLE_TAGS = ("article", "main")
_LEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt", "dd", "li", "td", "th", "tr"))
_CELL_TAGS = frozenset(("td", "th"))
_COPYRIGHT = re.compile(r"©|\(c\) \d{4}|copyright|all rights reserved", re.IGNORECASE)


@dataclass(slots=True)
class PageBlock:
    """A block of a page with the text of its own, without that of blocks in it."""

    element: "HtmlElement"
    pieces: list[str] = field(default_factory=list)
    tokens: tuple[str, ...] = ()
    is_found: bool = False
    """Whether trafilatura has it."""
    reason: str = ""
    """Why it is left out; empty where it belongs to the article."""

    @property
    def text(self) -> str:
        """The text on one line."""
        return one_line("".join(self.pieces))


def copy_body(tree: "HtmlElement") -> "HtmlElement":
    """Copy the body of a page, or all of a page that has none."""
    return deepcopy(_body(tree))


def keep_article(body: "HtmlElement", blocks: Iterable[PageBlock]) -> None:
    """Remove from the body of a page all but those of its blocks that have no reason to be left out."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    own = {block.element for block in blocks if not block.reason}
    wanted: set[HtmlElement] = set()
    for element in own:
        while element is not None and element not in wanted:
            wanted.add(element)
            element = element.getparent()
    etree.strip_elements(body, *UNSEEN_TAGS, with_tail=False)
    _remove_unwanted(body, own, wanted, is_owned=body in own)


def judge_blocks(tree: "HtmlElement", extracted: str, title: str) -> list[PageBlock]:
    """Find the blocks of a page, each with the reason why it does not belong to the article that was `extracted`."""
    body = _body(tree)
    blocks = list(_find_blocks(body))
    _mark_found(blocks, extracted)
    weights = _weigh(body, blocks)
    total = max(1, weights.get(body, 0))
    core = _find_core(body, weights, total)
    reasons = _judge_elements(body, weights, total)
    for block in blocks:
        block.reason = reasons.get(block.element, "")
    found = [index for index, block in enumerate(blocks) if block.is_found and not block.reason]
    if not found:
        return blocks
    inside = set(core.iter())
    around = _Surroundings(weights)
    for index, block in enumerate(blocks):
        if block.reason or block.is_found:
            continue
        if block.element in inside:
            is_edge = not found[0] < index < found[-1]
            block.reason = _judge_inside(block, core, around, is_edge=is_edge, is_first=index < found[0], title=title)
        else:
            block.reason = _judge_outside(block, core, around)
    _mark_repeated(blocks)
    return blocks


def _body(tree: "HtmlElement") -> "HtmlElement":
    """Return the body of a page, or all of it where it has none."""
    body = tree.find("body")
    return tree if body is None else body


def is_block(element: "HtmlElement") -> bool:
    """Whether an element begins a line of its own."""
    return element.tag not in INLINE_TAGS


def _find_blocks(body: "HtmlElement") -> Iterator[PageBlock]:
    """Find the blocks with text of their own, in the order in which they begin."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    blocks: list[PageBlock] = []
    stack: list[PageBlock] = []
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "end":
            if stack and stack[-1].element is element:
                stack.pop()
            if stack and (tail := element.tail):
                stack[-1].pieces.append(tail if tag in INLINE_TAGS else f" {tail}")
        elif not isinstance(tag, str) or tag in UNSEEN_TAGS:
            walk.skip_subtree()
        else:
            if tag not in INLINE_TAGS or not stack:
                stack.append(PageBlock(element))
                blocks.append(stack[-1])
            if text := "\n" if tag == "br" else element.text:
                stack[-1].pieces.append(text)
    for block in blocks:
        block.tokens = tuple(_TOKEN.findall("".join(block.pieces).casefold()))
        if block.tokens:
            yield block


def _mark_found(blocks: Sequence[PageBlock], extracted: str) -> None:
    """Mark the blocks most of whose runs of three words, or of fewer where they are shorter, are in a text."""
    tokens = _TOKEN_OR_LINE_END.findall(extracted.casefold())
    left = _skip_whole(blocks, f" {' '.join(tokens)} ")
    wanted: dict[int, set[tuple[str, ...]]] = {}
    for block in left:
        size = min(3, len(block.tokens))
        wanted.setdefault(size, set()).update(_iter_runs(block.tokens, size))
    known = {size: runs.intersection(_iter_runs(tokens, size)) for size, runs in wanted.items()}
    for block in left:
        size = min(3, len(block.tokens))
        runs = [run in known[size] for run in _iter_runs(block.tokens, size)]
        block.is_found = sum(runs) >= _FOUND_SHARE * len(runs)


def _skip_whole(blocks: Sequence[PageBlock], joined: str) -> list[PageBlock]:
    """Mark the blocks with which a text goes on as a whole behind the one before, as it nearly always does.

    `joined` are the tokens of the text. Returns the blocks that are left to be looked up run by run.
    """
    left: list[PageBlock] = []
    end = 0
    for block in blocks:
        whole = f" {' '.join(block.tokens)} "
        while joined.startswith(" \n ", end):
            end += 2
        place = end if joined.startswith(whole, end) else -1
        if place < 0 and len(block.tokens) >= _MIN_PROSE_TOKENS:
            place = joined.find(whole, end, end + len(whole) + _MAX_GAP)
        if place < 0:
            left.append(block)
        else:
            block.is_found = True
            end = place + len(whole) - 1
    return left


def _iter_runs(tokens: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the runs of so many tokens."""
    return zip(*(tokens[start:] for start in range(size)), strict=False)


def _weigh(body: "HtmlElement", blocks: Sequence[PageBlock]) -> dict["HtmlElement", int]:
    """Count the words of each element that trafilatura found, in its longer blocks or else in all of them."""
    found = [block for block in blocks if block.is_found]
    weighty = [block for block in found if len(block.tokens) >= _MIN_WEIGHTY_TOKENS] or found
    weights: dict[HtmlElement, int] = {block.element: len(block.tokens) for block in weighty}
    for element in reversed(list(body.iterdescendants())):  # what is in an element before the element
        if weight := weights.get(element):
            above = element.getparent()
            weights[above] = weights.get(above, 0) + weight
    return weights


def _find_core(body: "HtmlElement", weights: dict["HtmlElement", int], total: int) -> "HtmlElement":
    """Find the smallest element with nearly all that was found, or the `article` or `main` around it."""
    core = body
    while (heaviest := max(core, key=lambda child: weights.get(child, 0), default=None)) is not None:
        if weights.get(heaviest, 0) < _MIN_CORE_SHARE * total or not is_block(heaviest):
            break
        core = heaviest
    for element in (core, *core.iterancestors()):
        if element is body:
            break
        if element.tag in _ARTICLE_TAGS or element.get("role") == "main" or element.get("itemprop") == "articleBody":
            return element
    above = core.getparent()
    is_line = core.tag in ("p", "li", "td", "tr", "h1", "h2", "h3", "dd", "blockquote", "pre")
    return above if is_line and core is not body and above is not None else core


def _judge_elements(body: "HtmlElement", weights: dict["HtmlElement", int], total: int) -> dict["HtmlElement", str]:
    """Give a reason to each element that is furniture, or lies in some."""
    reasons: dict[HtmlElement, str] = {}
    for element in body.iter():
        if element is body or not isinstance(element.tag, str):
            continue
        reason = reasons.get(element.getparent(), "")
        if not reason and is_block(element):
            kind = furniture_kind(element)
            weight = weights.get(element, 0)
            most = _MAX_FURNITURE_SHARE * total if kind in _STRONG_KINDS else 0
            if kind and weight <= most:
                reason = kind
            elif element.tag in ("p", "div", "li") and weight < total and is_read_more(element):
                reason = "related"
        if reason:
            reasons[element] = reason
    return reasons


@dataclass(frozen=True, slots=True)
class _Surrounding:
    """The outermost element around a block in which trafilatura found nothing."""

    tag: str
    links: int
    link_share: float
    tokens: int
    has_heading: bool
    has_copyright: bool


@dataclass(slots=True)
class _Surroundings:
    """Looks at each surrounding once, however many blocks it has."""

    weights: dict["HtmlElement", int]
    known: dict["HtmlElement", _Surrounding] = field(default_factory=dict)

    def of(self, element: "HtmlElement", within: "HtmlElement | None") -> _Surrounding:
        """Look at the outermost element around an element, below another, in which trafilatura found nothing."""
        top = element
        for above in element.iterancestors():
            if above is within or self.weights.get(above, 0) or above.tag in ("body", "html"):
                break
            top = above
        if top not in self.known:
            text = one_line(top.text_content())
            self.known[top] = _Surrounding(
                tag=top.tag,
                links=sum(1 for _ in top.iter("a")),
                link_share=link_share(top),
                tokens=len(_TOKEN.findall(text)),
                has_heading=next(top.iter("h2", "h3", "h4", "dt", "summary"), None) is not None,
                has_copyright=_COPYRIGHT.search(text) is not None,
            )
        return self.known[top]


def _judge_inside(
    block: PageBlock, core: "HtmlElement", around: _Surroundings, *, is_edge: bool, is_first: bool, title: str
) -> str:
    """Return why a block within the article does not belong to it; empty where it does."""
    if block.element.tag in ("h1", "h2") and has_same_words(block.text, title):
        return "title"
    if not is_edge or around.weights.get(block.element):
        return ""
    top = around.of(block.element, core)
    if top.links >= 2 and top.link_share >= 0.5:
        return "navigation"
    if _COPYRIGHT.search(block.text):
        return "margin"
    if not is_first or block.element.tag in _LEADING_TAGS:
        return ""
    is_stamp = len(block.tokens) <= _MAX_STAMP_TOKENS and next(block.element.iter("time"), None) is not None
    return "byline" if is_stamp or len(block.tokens) < _MIN_LEADING_TOKENS else ""


def _judge_outside(block: PageBlock, core: "HtmlElement", around: _Surroundings) -> str:
    """Return why a block outside of the article does not belong to it; empty where it goes on in a block beside it."""
    if core.tag in _ARTICLE_TAGS or core.get("role") == "main":
        return "outside"
    top = around.of(block.element, None)
    is_prose = top.has_heading or top.tokens >= _MIN_PROSE_TOKENS
    if not is_prose or top.tag in ("header", "aside", "footer") or top.has_copyright:
        return "outside"
    return "" if top.link_share <= _MAX_PROSE_LINK_SHARE else "navigation"


def _mark_repeated(blocks: Sequence[PageBlock]) -> None:
    """Mark blocks of five words or more whose words stand in another one, unless trafilatura has them."""
    seen = {block.tokens for block in blocks if block.is_found and not block.reason}
    for block in blocks:
        if block.reason or block.is_found or len(block.tokens) < _MIN_LEADING_TOKENS or block.element.tag in _CELL_TAGS:
            continue
        if block.tokens in seen:
            block.reason = "repeated"
        seen.add(block.tokens)


def _remove_unwanted(
    element: "HtmlElement", own: set["HtmlElement"], wanted: set["HtmlElement"], *, is_owned: bool
) -> None:
    """Remove the unwanted parts of an element; its own text too, unless it `is_owned` by a block that is kept."""
    if not is_owned:
        element.text = None
    for child in list(element):
        is_line = is_block(child)
        is_cell = child.tag in _CELL_TAGS  # an empty one stays, since the others are told by their place
        if is_cell or child in wanted or (is_owned and not is_line and not furniture_kind(child)):
            _remove_unwanted(child, own, wanted, is_owned=child in own if is_line else is_owned)
            if not is_owned:
                child.tail = None
        elif is_owned:
            child.drop_tree()
        else:
            element.remove(child)
