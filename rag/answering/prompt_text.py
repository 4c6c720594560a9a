"""Sanitise article text for a prompt: no invisible characters, no markup, no prompt injection (pure).

It cannot know every attack; what gets through still cannot name a passage or end its quotation, and every sentence that
the LLM writes is checked.
"""

import html
import re

from rag.text.characters import strip_invisible
from rag.text.prompt_injection import find_possible_injections

LEFT_OUT = "[…]"

_IMAGE = re.compile(r"!?\[([^\[\]\n]*)\]\s?(?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s[^()\n]*)?\)|\[[^\[\]\n]*\])")
_DEFINITION = re.compile(r"^\s*\[[^\]\n]+\]:\s*\S.*$", re.M)
_MARKUP = re.compile(
    r"<!--.*?(?:-->|$)|<\s*[/!?|\uff5c]?\s*[A-Za-z|\uff5c][^<>\n]*>|<<\s*/?\s*\w+\s*>>|<[^\s<>]*$"
    r"|<[/!?|]?[A-Za-z][^\n<>]*(?=\n|$)|\[/?INST\]|`{3,}|~{3,}",
    re.S | re.I,
)
_RULE = re.compile(r"[-=_*#]{3,}")
_MARKER = re.compile(r"[\[【［〔]\s*\^?((?=[a-z]*\d)[a-z0-9]{1,8}(?:\s*[,;]\s*[a-z0-9]{1,8})*)\s*[\]】］〕]", re.I)
_HEADER = re.compile(r"^(\W*(?:question|answer|rules?|passages?|today))\s*:", re.I | re.M)


def sanitize(text: str) -> str:
    """Sanitise a text for a prompt: replace possible injections by “[…]”, and strip invisible characters and markup."""
    kept = []
    last = 0
    for start, end in find_possible_injections(text):
        kept += [strip_invisible(text[last:start]), LEFT_OUT]
        last = end
    return _strip_markup("".join([*kept, strip_invisible(text[last:])])).strip()


def _strip_markup(text: str) -> str:
    """Strip or rewrite the markup, citation markers and labels, as “Answer:”, that a model could take for its own."""
    text = html.unescape(text)
    text = _IMAGE.sub(r"\1", _DEFINITION.sub("", text))
    for _ in range(3):
        text = _MARKUP.sub(" ", text)
    text = _RULE.sub("—", text.replace("<", "‹").replace(">", "›"))
    return _HEADER.sub(r"\1 –", _MARKER.sub(r"(\1)", text))
