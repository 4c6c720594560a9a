"""Read all text nodes of a page, each with the reason for which its loader leaves it out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.sources.cleaning.captions import remove_captions
from rag.sources.cleaning.furniture import furniture_kind, remove_marks
from rag.sources.cleaning.hidden_html import strip_hidden
from rag.sources.coverage.measure import SourceLine
from rag.sources.formats.article_body import INLINE_TAGS, UNSEEN_TAGS, judge_blocks
from rag.sources.formats.html import extract_article, parse_html
from rag.sources.formats.layout_tables import unwrap_layout_tables

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

Step = tuple[str, Callable[["HtmlElement"], object]]
"""What is removed from a page, and how."""
_STEPS: tuple[Step, ...] = (
    ("hidden", strip_hidden),
    ("caption", remove_captions),
    ("note mark or link to edit", remove_marks),
)


@dataclass(slots=True)
class _Node:
    """A piece of text of a page."""

    text: str
    holder: "HtmlElement"
    """The innermost element around it."""
    block: "HtmlElement"
    """The innermost element around it that begins a line."""
    reason: str = ""


def read_page(page: str, url: str = "") -> Iterator[SourceLine]:
    """Read all text nodes of a page, with the reasons of the judgement of its blocks."""
    if (tree := parse_html(page)) is None:
        return
    nodes = _find_nodes(tree)
    _note_removed(nodes, tree, _STEPS)
    unwrap_layout_tables(tree)
    fields = extract_article(tree, url)
    blocks = judge_blocks(tree, str(fields.get("text") or ""), str(fields.get("title") or ""))
    reasons = {block.element: block.reason for block in blocks}
    for node in nodes:
        node.reason = node.reason or reasons.get(node.block, "") or _inline_furniture(node)
    yield from _join(nodes)


def read_markup(page: str, steps: Sequence[Step] = ()) -> Iterator[SourceLine]:
    """Read all text nodes of HTML that is read whole but for what some steps remove."""
    if (tree := parse_html(page)) is None:
        return
    nodes = _find_nodes(tree)
    _note_removed(nodes, tree, steps)
    yield from _join(nodes)


def _find_nodes(tree: "HtmlElement") -> list[_Node]:
    """Find the text nodes of a page that are not in its head, its scripts or its styles."""
    nodes: list[_Node] = []
    stack: list[tuple[HtmlElement, HtmlElement, bool]] = [(tree, tree, False)]
    while stack:
        element, block, is_tail = stack.pop()
        if is_tail:
            nodes.append(_Node(element.tail, element.getparent(), block))
            continue
        above = block
        if element.tail:
            stack.append((element, above, True))
        if not isinstance(element.tag, str) or element.tag in UNSEEN_TAGS:
            continue
        block = element if element.tag not in INLINE_TAGS else block
        if element.text:
            nodes.append(_Node(element.text, element, block))
        stack += [(child, block, False) for child in reversed(element)]
    return nodes


def _note_removed(nodes: Sequence[_Node], tree: "HtmlElement", steps: Iterable[Step]) -> None:
    """Note at each piece of text which of the steps removes it from the page."""
    for reason, remove in steps:
        remove(tree)
        left = set(tree.iter())
        for node in nodes:
            if not node.reason and node.holder not in left:
                node.reason = reason


def _inline_furniture(node: _Node) -> str:
    """Return what kind of furniture there is around a text within its block; empty where there is none."""
    for element in (node.holder, *node.holder.iterancestors()):
        if element is node.block:
            return ""
        if kind := furniture_kind(element):
            return kind
    return ""


def _join(nodes: Iterable[_Node]) -> Iterator[SourceLine]:
    """Join the pieces that stand together in a block, and have one reason."""
    pieces: list[str] = []
    last: tuple[object, str] = (None, "")
    for node in nodes:
        if (node.block, node.reason) != last and pieces:
            yield SourceLine("".join(pieces), last[1])
            pieces = []
        last = (node.block, node.reason)
        pieces.append("\n" if node.holder.tag == "br" else node.text)
    if pieces:
        yield SourceLine("".join(pieces), last[1])
