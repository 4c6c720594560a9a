"""Rewrite what note-taking programs and site generators add to Markdown as plain Markdown (pure).

Of a wiki link what is shown is kept, of a callout its title and text, of a shortcode what it encloses; embedded files,
comments, block ids and instructions to a program go. What stands in code stays as it is.
"""

import re
import textwrap
from collections.abc import Callable
from functools import partial

_Replacement = str | Callable[[re.Match[str]], str]

_CODE = re.compile(
    r"^(?P<margin>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<kind>[^\n`]*)\n.*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?P<ticks>(?<!`)`+(?!`))[^\n]+?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_QUERIES = ("dataview", "dataviewjs", "tasks", "query", "button", "meta-bind", "meta-bind-button", "base", "templater")
"""Code that a notes program shows the outcome of."""
_HELD = re.compile("\0(\\d+)\0")

_CALLOUT = re.compile(r"^((?:[ \t]*>)+)[ \t]*\[!([\w-]{1,40})(?:\|[^\]\n]{0,40})?\][+-]?[ \t]*(.*)$", re.MULTILINE)
_ADMONITION = re.compile(
    r"^(?P<margin>[ \t]*)(?:!!!|\?\?\?)\+?[ \t]+[\w -]{1,60}(?:[ \t]*\"(?P<title>[^\"\n]*)\")?[ \t]*\n"
    r"(?P<body>(?:(?P=margin)(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)*)",
    re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"^[ \t]*:{3,}[ \t]*(?:\{[^}\n]{0,200}\}|[\w-]*)[ \t]*(?:\[([^\]\n]*)\]|([^\n{]*))[^\n]*$", re.MULTILINE
)
_WIKI_LINK = re.compile(r"\[\[([^\[\]|\\\n]{1,300})(?:\\?\|([^\[\]\n]{0,300}))?\]\]")

_RULES: tuple[tuple[str, re.Pattern[str], _Replacement], ...] = (
    ("%%", re.compile(r"^[ \t]*%%[ \t]*$.*?^[ \t]*%%[ \t]*$", re.MULTILINE | re.DOTALL), ""),
    ("%%", re.compile(r"^[ \t]*%%[^%]{1,5000}%%[ \t]*$", re.MULTILINE), ""),
    ("%%", re.compile(r"(?<![\w%])%%(?=[^\s%])[^\n%]*(?:%(?!%)[^\n%]*)*%%(?![\w%])|%%[ \t][^\n%]+[ \t]%%"), ""),
    ("![[", re.compile(r"!\[\[[^\[\]\n]{1,500}\]\]"), ""),
    ("[toc]", re.compile(r"^[ \t]*\[toc\][ \t]*$", re.MULTILINE | re.IGNORECASE), ""),
    ("[_toc_]", re.compile(r"^[ \t]*\[\[_toc_\]\][ \t]*$", re.MULTILINE | re.IGNORECASE), ""),
    ("((", re.compile(r"!?\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)"), ""),
    ("^[", re.compile(r"(?<!\\)\^\[([^\[\]\n]{1,500})\]"), r" (\1)"),
    ("[^", re.compile(r"^[ \t]{0,3}\[\^[^\]\s]{1,60}\]:[ \t]*", re.MULTILINE), "\n"),
    ("[^", re.compile(r"(?<=\S)\[\^[^\]\s]{1,60}\]"), ""),
    ("==", re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,1000}?)(?<=[^\s=])==(?![=\w])"), r"\1"),
    (" ^", re.compile(r"(?<=[^\s\d)])[ \t]{1,9}\^(?!\d{1,3}\s)[A-Za-z0-9][A-Za-z0-9-]{1,60}[ \t]*$", re.MULTILINE), ""),
    ("^", re.compile(r"^\^[A-Za-z0-9][A-Za-z0-9-]{1,60}[ \t]*$", re.MULTILINE), ""),
    ("] ", re.compile(r"^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[ xX/>!?*-]\][ \t]+", re.MULTILINE), r"\1"),
    (
        "::",
        re.compile(
            r"^[ \t]*(?:[-*][ \t]+)?(?:id|collapsed|created-at|updated-at|ls-type|heading|background-color|"
            r"hl-[\w-]+|card-[\w-]+|logseq\.[\w.-]+|query-[\w-]+|template[\w-]*|icon|public|filters|exclude-[\w-]+)"
            r"::[^\n]*(?:\n|\Z)",
            re.MULTILINE,
        ),
        "",
    ),
    ("::", re.compile(r"\[([\w -]{1,40})::[ \t]*([^\[\]\n]{0,300})\]"), r"\1: \2"),
    ("{{", re.compile(r"\{\{[^{}\n]{0,500}\}\}"), ""),
    ("{%", re.compile(r"\{%[^\n]{0,500}?%\}"), ""),
    ("{:", re.compile(r"\{:[^{}\n]{0,200}\}"), ""),
    ("{", re.compile(r"\[([^\[\]\n]{1,500})\]\{[.#][^{}\n]{0,200}\}"), r"\1"),
    ("{", re.compile(r"(?<=\S)[ \t]*\{[.#][\w][^{}\n]{0,200}\}[ \t]*$", re.MULTILINE), ""),
)
"""What is replaced, where the text holds the mark before it."""
_MDX_RULES: tuple[tuple[str, re.Pattern[str], _Replacement], ...] = (
    ("{/*", re.compile(r"\{/\*.*?\*/\}", re.DOTALL), ""),
    ("import", re.compile(r"^import[ \t][^\n]*?from[ \t]*[\"'][^\n]*$|^import[ \t]*[\"'][^\n]*$", re.MULTILINE), ""),
    ("import", re.compile(r"^import[ \t]*\{[^{}]{0,2000}\}[ \t]*from[ \t]*[\"'][^\n]*$", re.MULTILINE), ""),
    ("export", re.compile(r"^export[ \t](?:[^\n]|\n(?![ \t]*\n))*", re.MULTILINE), ""),
    (
        "<",
        re.compile(
            r"</?[A-Z][\w.]{0,60}(?:[^<>{}\"']|\"[^\"\n]*\"|'[^'\n]*'|"
            r"\{(?:[^{}]|\{[^{}]*\}){0,500}\}){0,200}>"
        ),
        "",
    ),
)


def rewrite_notes(text: str, *, is_mdx: bool = False) -> str:
    """Rewrite the syntax of notes and site generators as Markdown; of MDX its imports and components, too."""
    held: list[str] = []
    if "`" in text or "~~~" in text:
        text = _CODE.sub(partial(_hold, held), text)
    for mark, pattern, replacement in _MDX_RULES if is_mdx else ():
        text = pattern.sub(replacement, text) if mark in text else text
    lower = text.lower()
    for mark, pattern, replacement in _RULES:
        if mark in text or (mark.startswith("[") and mark in lower):
            text = pattern.sub(replacement, text)
    if "[[" in text:
        text = _WIKI_LINK.sub(_show_link, text.replace("#[[", "[["))
    if "[!" in text:
        text = _CALLOUT.sub(_show_callout, text)
    if "!!!" in text or "???" in text:
        text = _ADMONITION.sub(_show_admonition, text)
    if ":::" in text:
        text = _DIRECTIVE.sub(lambda match: f"\n{match[1] or match[2] or ''}\n", text)
    return _HELD.sub(lambda match: held[int(match[1])], text) if held else text


def _hold(held: list[str], match: re.Match[str]) -> str:
    """Put code aside, or leave out code that a notes program shows the outcome of."""
    if match["kind"] and match["kind"].strip().lower().strip("{}").partition(" ")[0] in _QUERIES:
        return ""
    margin = match["margin"] or ""
    held.append(match[0][len(margin) :])
    return f"{margin}\0{len(held) - 1}\0"


def _show_link(match: re.Match[str]) -> str:
    """Return what is shown of a wiki link: its own words, else the page without folders, or the heading it leads to."""
    if words := (match[2] or "").strip():
        return words
    page, _, heading = match[1].partition("#")
    name = page.rpartition("/")[2].removesuffix(".md").strip()
    return name or ("" if heading.startswith("^") else heading.rpartition("#")[2].strip())


def _show_callout(match: re.Match[str]) -> str:
    """Return the title of a callout as a paragraph of its own; nothing where only its kind is named."""
    return f"{match[1]} {match[3]}\n{match[1]}" if match[3].strip() else match[1]


def _show_admonition(match: re.Match[str]) -> str:
    """Return the title and text of an admonition as paragraphs."""
    title = f"{match['margin']}{match['title']}\n\n" if match["title"] else ""
    return f"\n{title}{textwrap.indent(textwrap.dedent(match['body']), match['margin'])}\n"
