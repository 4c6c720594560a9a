"""Answer the housekeeping prompts of chat clients, such as for a conversation's title (pure).

They are no questions to the articles. What they have in common is their structure, not their words: an order to write
something about a conversation, which stands in the prompt as a transcript or before it as the request's messages.
"""

import json
import re
from collections.abc import Sequence

from rag.types import Message

_MAX_TITLE_CHARS = 60
_ROLE = r"(?:user|human|assistant|ai|bot|model)"
_LABEL = r"^[ \t>*_-]*\[?{}\]?[ \t*_]*:"
_TURN = re.compile(
    _LABEL.format(f"(?P<role>{_ROLE})") + rf"[ \t*_]*(?P<text>.*?)(?={_LABEL.format(_ROLE)}|^[ \t]*</|\Z)",
    re.I | re.M | re.S,
)
"""One turn of a transcript, from its role to the next one's."""
_WRAPPED = re.compile(r"<(\w*(?:chat|history|conversation|messages|transcript)\w*)>(.*?)(?:</\1>|\Z)", re.I | re.S)
_HEADED = re.compile(r"^\s*#{1,4}\s*(?:task|instructions?|guidelines?)\b", re.I)
_TASK = re.compile(r"^\W*(?:your task is\b|you are an? [\w ]*(?:system|assistant|generator|summari[sz]er)\b)", re.I)
_ORDER = re.compile(
    r"^\W*(?:please\s+|(?:in|with|using)\s[^.,\n]{1,40},\s*)?"
    r"(?:generate|create|write|provide|suggest|give|summari[sz]e|name|produce|analy[sz]e|make|come up with|return|"
    r"determine|detect|propose)\b",
    re.I,
)
_CONVERSATION = re.compile(r"\b(?:conversation|chat|dialog(?:ue)?|discussion|messages?|exchange|history)\b", re.I)
_WRITTEN = re.compile(
    r"\b(?:titles?|headings?|names?|topics?|tags?|follow[- ]?ups?|quer(?:y|ies)|emojis?|keywords?|summar\w+|suggest\w+|"
    r"autocomplet\w+|questions?)\b",
    re.I,
)
_FIELD = re.compile(r"\{\s*\"(?P<name>\w+)\"\s*:\s*(?P<kind>\[|\")")
_COMPLETING = re.compile(r"\bautocomplet|\bcompletion\b", re.I)
_EMOJI = re.compile(r"\bemojis?\b", re.I)


def reply_to(prompt: str, history: Sequence[Message]) -> str | None:
    """Return the reply to a chat client's housekeeping prompt, such as for a title; None for any other prompt.

    No model writes it: a title is the user's first question, shortened. It is JSON where the prompt shows a field.
    """
    wrapped = _WRAPPED.search(prompt)
    turns = list(_TURN.finditer(wrapped[2] if wrapped else prompt))
    order = prompt[: wrapped.start()] + prompt[wrapped.end() :] if wrapped else _TURN.sub("", prompt)
    if not _is_order(order, history, has_transcript=bool(wrapped or turns)):
        return None
    asked = [turn["text"] for turn in turns if turn["role"].casefold() in ("user", "human")]
    asked = asked or [message.text for message in history if message.role == "user"]
    title = _shorten(asked[0] if asked else "")
    # An example of the form stands beside the order, or in the prompt's last lines behind the transcript.
    field = _FIELD.search(order) or _FIELD.search(prompt)
    if field is not None:
        return json.dumps({field["name"]: _value(field, order, title)}, ensure_ascii=False)
    return "💬" if _EMOJI.search(order) and not re.search(r"\btitle\b", order, re.I) else title or "Conversation"


def _is_order(order: str, history: Sequence[Message], *, has_transcript: bool) -> bool:
    """Whether the words around a transcript order something to be written about a conversation."""
    if not _WRITTEN.search(order):
        return False
    if _HEADED.search(order):
        return True
    ordered = any(_ORDER.search(line) for line in order.splitlines()) or bool(_TASK.search(order))
    if has_transcript:
        return ordered
    about = bool(_CONVERSATION.search(order))
    return about and bool(_TASK.search(order) or (history and _ORDER.search(order)))


def _value(field: re.Match[str], order: str, title: str) -> object:
    name = field["name"].casefold()
    if field["kind"] == "[":
        return [title] if "quer" in name and title else []
    return "" if _COMPLETING.search(order) and name != "title" else title or "Conversation"


def _shorten(question: str) -> str:
    """Return the question on one line, cut at a word where it is long for a title."""
    line = " ".join(question.split())
    if len(line) <= _MAX_TITLE_CHARS:
        return line
    cut = line[: _MAX_TITLE_CHARS - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
