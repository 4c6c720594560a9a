"""Read the lines of Markdown and of plain text, with the reasons for which some are no text."""

import html
import re
from collections.abc import Iterator

from rag.sources.cleaning.datelines import read_stamp
from rag.sources.cleaning.pasted_furniture import is_breadcrumb, leads_elsewhere
from rag.sources.cleaning.pasted_page import is_button
from rag.sources.coverage.measure import SourceLine

_FRONT_MATTER = re.compile(r"\A\ufeff?\s*(---|\+\+\+)[ \t]*\n.*?\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~).*?^[ \t>]*(?:```|~~~)[ \t]*$", re.MULTILINE | re.DOTALL)
_RULES = (
    ("comment", re.compile(r"<!--.*?-->|%%.*?%%|\{/\*.*?\*/\}", re.DOTALL)),
    ("", re.compile(r"<(script|style|template)\b.*?</\1>", re.DOTALL | re.IGNORECASE)),
    ("picture or embedded file", re.compile(r"!\[\[[^\]]*\]\]|!\[[^\]]*\]\([^)]*\)|!\[[^\]]*\]\[[^\]]*\]")),
    ("code of a program", re.compile(r"\{\{.*?\}\}|\{%.*?%\}|^(?:import|export)[ \t].*$", re.MULTILINE)),
    ("code of a program", re.compile(r"^[ \t]*[-*]?[ \t]*[\w.-]+:: .*$|\{[:.#][^{}\n]*\}", re.MULTILINE)),
    ("mark", re.compile(r"\[\^[^\]]+\]:?|^[ \t>]*\[![\w|-]+\][+-]?|[ \t]\^[\w-]+[ \t]*$", re.MULTILINE)),
    ("mark", re.compile(r"^[ \t>]*(?:[-*+][ \t]+)?\d{1,9}[.)][ \t]", re.MULTILINE)),
    ("mark", re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t]*\[[ xX/>!?*-]\][ \t]", re.MULTILINE)),
    ("", re.compile(r"^[ \t]{0,3}\[[^\]\n]+\]:[ \t]*\S+.*$", re.MULTILINE)),
    ("", re.compile(r"\]\([^()]*(?:\([^()]*\)[^()]*)*\)|\]\[[^\]]*\]|(?<=\[\[)[^\]|\n]*\|")),
    ("", re.compile(r"</?[A-Za-z][^<>]*>|^[ \t]*(?:```|~~~).*$", re.MULTILINE)),
)
"""What is taken out of Markdown one after the other, and why; empty for what no reader sees."""
_SUBTITLE_NOTE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)\b")
_SUBTITLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_WIKI_NOTE = re.compile(r"[\^↑] +\S.*")
_REFERENCE_TAG = re.compile(r"([A-Z][A-Z0-9])  ?- ?|\s*,?\s*([A-Za-z][\w-]*)\s*=\s*")
_TEX = re.compile(r"\\[A-Za-z]+|\\.|[{}\"]")
_EDIT = re.compile(r"\[\s*(?:edit|edit source|bearbeiten|modifier|editar|modifica|bewerken)[^\[\]]*\]", re.IGNORECASE)


def read_markdown(text: str) -> Iterator[SourceLine]:
    """Read the lines of Markdown without its syntax."""
    text = text.replace("\r\n", "\n")
    if front := _FRONT_MATTER.match(text):
        yield from (SourceLine(line, "front matter") for line in front[0].split("\n"))
        text = text[front.end() :]
    held: list[str] = []

    def hold(fence: re.Match[str]) -> str:
        held.append(re.sub(r"^[ \t>]*(?:```|~~~).*$", "", fence[0], flags=re.MULTILINE))
        return "\n"

    text = _FENCE.sub(hold, text)
    for reason, pattern in _RULES:
        if reason:
            yield from (SourceLine(match[0], reason) for match in pattern.finditer(text))
        text = pattern.sub(" ", text)
    yield from (SourceLine(html.unescape(line)) for line in text.split("\n"))
    yield from (SourceLine(line) for code in held for line in code.split("\n"))


def read_text(text: str) -> Iterator[SourceLine]:
    """Read the lines of a plain text, perhaps one that was copied from a page."""
    for line in text.splitlines():
        yield from (SourceLine(edit[0], "note mark or link to edit") for edit in _EDIT.finditer(line))
        bare = _EDIT.sub(" ", line).strip()
        if is_button(bare):
            reason = "button"
        elif is_breadcrumb(bare):
            reason = "navigation"
        elif leads_elsewhere(bare):
            reason = "related"
        elif _WIKI_NOTE.fullmatch(bare):
            reason = "note mark or link to edit"
        else:
            reason = "byline" if read_stamp(bare) is not None else ""
        yield SourceLine(bare, reason)


def read_references(text: str) -> Iterator[SourceLine]:
    """Read the lines of a bibliography; those that begin with a name other than of a title or abstract are metadata."""
    reason = ""
    for line in text.splitlines():
        tag = _REFERENCE_TAG.match(line)
        if tag:
            name = (tag[1] or tag[2] or "").lower()
            reason = "" if name in ("ti", "t1", "ab", "n2", "title", "abstract") else "metadata"
        bare = _TEX.sub("", line[tag.end() :] if tag else line)
        yield SourceLine(bare, "metadata" if line.lstrip().startswith("@") else reason)


def read_subtitles(text: str) -> Iterator[SourceLine]:
    """Read the lines of subtitles without their marks; times, numbers, styles and notes are no text."""
    is_note = False
    for line in text.splitlines():
        is_note = bool(line.strip()) and (is_note or _SUBTITLE_NOTE.match(line) is not None)
        if "-->" in line or line.strip().isdecimal():
            yield SourceLine(line, "time")
        else:
            yield SourceLine(html.unescape(_SUBTITLE_TAG.sub("", line)), "comment" if is_note else "")
