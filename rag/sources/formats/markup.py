"""Convert the HTML in a field of a record to plain text."""

import html
import re

from rag.sources.cleaning.unicode import normalise
from rag.sources.formats.html import extract_all_text, parse_html

_MARKUP = re.compile(r"</(?:p|div|li|h[1-6]|span|a|b|i|em|strong)>|<(?:br|p)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|em|i|mark|q|s|small|span|strong|sub|sup|u)\b[^<>]{0,500}>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d?);", re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Whether a text is HTML, as far as the tags of paragraphs and of what stands in them show."""
    return _MARKUP.search(text) is not None


def strip_markup(text: str) -> str:
    """Return a text as it is read: one that is HTML as its paragraphs, any other with named characters resolved."""
    if not has_markup(text):
        return normalise(html.unescape(text) if _ENTITY.search(text) else text)
    tree = parse_html(text)
    return "" if tree is None else extract_all_text(tree)


def strip_inline_markup(line: str) -> str:
    """Return a title or name without tags and with its named characters resolved."""
    bare = _INLINE.sub("", line) if "<" in line else line
    return html.unescape(bare) if _ENTITY.search(bare) else bare
