"""Tell by its content what kind of text a file holds that is no article: code, a log, a licence, configuration, data.

An article that is left out is lost, and a script that is read is only noise. So each kind wants evidence in most of the
lines, which prose does not give in any language; what only lacks sentences, as poems and lists do, is an article.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from rag.sources.cleaning.text_kind_marks import (
    ASSIGNMENT,
    BLOB,
    CODE_MARKS,
    CODE_SUFFIXES,
    CODE_SYMBOLS,
    COMMENT,
    CONFIG_SUFFIXES,
    KEY_VALUE,
    LICENCE_PHRASES,
    LICENCE_TITLE,
    LICENCE_WORD,
    LOG_LEVEL,
    MACHINE_SHAPES,
    MACHINE_WORDS,
    OPENING_COMMENT,
    PLAIN_WORD,
    PUNCTUATION,
    SECTION,
    SIGNATURES,
    SPACELESS_LETTERS,
    SYMBOLS,
    TEX_COMMAND,
    TEX_SUFFIXES,
    TIME_STAMP,
)

_SAMPLE_CHARS = 8_000
_MOSTLY_PROSE = 0.6
"""The share of prose from which on a text is looked at no further, unless its ending says that it is none."""
_MAX_LINE_CHARS = 300
"""Characters of a line that its shape is looked for in."""
_MAX_CODE_SYMBOLS = 0.05
"""Of the characters of a line of prose, those that are symbols of code; a pair of brackets is half of that."""
_MIN_LINES = 4
"""Lines under which no share of them is telling."""
_TELLING_SUFFIXES = CODE_SUFFIXES | CONFIG_SUFFIXES | TEX_SUFFIXES


def find_kind(text: str, suffix: str) -> str:
    """Return what a text is instead of an article, as in “a script”; empty where it may be an article.

    `suffix` is that of its file, in lower case: of code, configuration or a log less evidence is enough. Of a long text
    the beginning and a part of the middle are looked at.
    """
    text = text.strip("\ufeff\n\r\t ")
    kind = next((kind for kind, signature in SIGNATURES.items() if signature.match(text)), "")
    if kind or (kind := _find_data(text)):
        return kind
    lines = _sample_lines(text)
    if not lines:
        return ""
    prose = _prose_share(lines)
    if kind := _find_licence(text) or _find_log(lines, is_named=suffix == ".log" and prose < _MOSTLY_PROSE):
        return kind
    if prose >= _MOSTLY_PROSE and suffix not in _TELLING_SUFFIXES:
        return ""
    return (
        _find_blob(lines)
        or _find_code(lines, prose, suffix)
        or _find_configuration(lines, prose, suffix)
        or _find_figures(lines)
    )


def _sample_lines(text: str) -> list[str]:
    """Return the lines that are not blank of the beginning of a text, and of its middle where it is long."""
    middle = len(text) // 2
    samples = (text[:_SAMPLE_CHARS], text[max(middle, _SAMPLE_CHARS) :][: _SAMPLE_CHARS // 2])
    return [line for sample in samples for line in sample.splitlines() if line.strip()]


def _prose_share(lines: Sequence[str]) -> float:
    """Return the share of the characters that stand in lines of five words or more, or eight spaceless letters."""
    return sum(len(line) for line in lines if _is_prose(line)) / sum(map(len, lines))


def _is_prose(line: str) -> bool:
    spaceless = 0 if line.isascii() else len(SPACELESS_LETTERS.findall(line))
    if spaceless >= 8:
        return spaceless > len(line) / 2
    words = [word.strip(PUNCTUATION) for word in line.split()]
    if len(words) < 5 or len(CODE_SYMBOLS.findall(line)) > _MAX_CODE_SYMBOLS * len(line):
        return False
    letters = sum(word.isalpha() for word in words)
    if letters >= max(3, 0.75 * len(words)):
        return True
    others = sum(PLAIN_WORD.fullmatch(word) is not None for word in words if word and not word.isalpha())
    return letters >= 3 and letters + others >= 0.75 * len(words)


def _find_data(text: str) -> str:
    """Return “JSON data” or “XML data” for what is marked up as that from its beginning to its end."""
    if text[:1] + text[-1:] in ("{}", "[]"):
        with suppress(ValueError, RecursionError):
            return "JSON data" if isinstance(json.loads(text), dict | list) else ""
        lines = [line for line in text.splitlines() if line.strip()]
        if all(line.lstrip().startswith("{") and line.rstrip(", \t\r").endswith("}") for line in lines):
            return "JSON data"
    return "XML data" if text.startswith("<?xml") else ""


def _find_licence(text: str) -> str:
    """Return “a licence” for a text that opens with the words of one, and has them all along."""
    head = " ".join(OPENING_COMMENT.sub("", text[: 2 * _SAMPLE_CHARS], count=1).split())
    if LICENCE_WORD.search(head) is None:
        return ""
    found = [match.start() for phrase in LICENCE_PHRASES if (match := phrase.search(head)) is not None]
    is_titled = LICENCE_TITLE.search(head, 0, 200) is not None
    if len(found) < 2 or min(found) > 2_500:
        return ""
    rest = len(head) - max(found)
    return "a licence" if is_titled or rest < max(600, 0.4 * len(head)) else ""


def _find_log(lines: Sequence[str], *, is_named: bool) -> str:
    """Return “a log” where most lines begin with a time or a level, and what follows is said by a machine."""
    if len(lines) < (2 if is_named else _MIN_LINES):
        return ""
    lines = [line[:_MAX_LINE_CHARS] for line in lines]
    stamps = [TIME_STAMP.match(line) or LOG_LEVEL.match(line) for line in lines]
    said = [line[stamp.end() :] if stamp else line for stamp, line in zip(stamps, lines, strict=True)]
    if is_named and sum(map(bool, map(MACHINE_SHAPES.search, said))) >= 0.5 * len(lines):
        return "a log"
    timed = [line for stamp, line in zip(stamps, said, strict=True) if stamp]
    if len(timed) < (0.3 if is_named else 0.6) * len(lines):
        return ""
    leveled = sum(LOG_LEVEL.match(line) is not None for line in lines)
    return "a log" if leveled + sum(map(bool, map(MACHINE_WORDS.search, timed))) >= 0.5 * len(timed) else ""


def _find_blob(lines: Sequence[str]) -> str:
    """Return “minified code” or “encoded data” where very long lines, or words of hundreds of characters, prevail."""
    length = sum(map(len, lines))
    if sum(len(blob) for line in lines for blob in BLOB.findall(line)) > 0.6 * length:
        return "encoded data"
    dense = (line for line in lines if len(line) >= 500 and len(SYMBOLS.findall(line)) > 0.1 * len(line))
    return "minified code" if sum(map(len, dense)) > 0.5 * length else ""


def _find_code(lines: Sequence[str], prose: float, suffix: str) -> str:
    """Return “LaTeX source” or “a script or program” where half of the lines are code, and few are prose."""
    if suffix in TEX_SUFFIXES and any(map(TEX_COMMAND.search, lines)):
        return "LaTeX source"
    statements = [line for line in lines if not COMMENT.match(line)]
    if not statements:
        return "a script or program" if suffix in CODE_SUFFIXES else ""
    code = sum(map(_is_code, statements)) / len(statements)
    if suffix in CODE_SUFFIXES and code >= 0.05:
        return "a script or program"
    return "a script or program" if len(lines) >= _MIN_LINES and code >= 0.5 and prose < 0.3 else ""


def _is_code(line: str) -> bool:
    line = line[:_MAX_LINE_CHARS]
    return any(mark.search(line) for mark in CODE_MARKS)


def _find_configuration(lines: Sequence[str], prose: float, suffix: str) -> str:
    """Return “configuration” where nearly all lines are settings or sections; half of them, if its ending says so."""
    is_named = suffix in CONFIG_SUFFIXES
    settings = [line for line in lines if not COMMENT.match(line)]
    if not settings:
        return "configuration" if is_named else ""
    if (_prose_share(settings) if is_named else prose) >= 0.3:
        return ""
    values = sum(1 for line in settings if ASSIGNMENT.match(line) or SECTION.fullmatch(line.strip()))
    keys = sum(1 for line in settings if KEY_VALUE.match(line)) if is_named or _is_nested(settings) else 0
    wanted = 0.5 if is_named else 0.8
    is_long = is_named or len(settings) >= _MIN_LINES
    return "configuration" if is_long and values + keys >= wanted * len(settings) else ""


def _is_nested(lines: Sequence[str]) -> bool:
    """Whether keys stand below a key that has no value of its own, as in YAML."""
    pairs = pairwise(lines)
    return any(one.rstrip().endswith(":") and KEY_VALUE.match(two) and two[0] in " \t-" for one, two in pairs)


def _find_figures(lines: Sequence[str]) -> str:
    """Return what a long text without sentences is: “figures”, or “a list of words” with one on each of many lines."""
    text = "".join(lines)
    if len(text) > 500 and sum(map(str.isdecimal, text)) > 0.5 * len("".join(text.split())):
        return "figures"
    alone = sum(len(line.split()) == 1 and line.strip().isalpha() for line in lines)
    return "a list of words" if len(lines) >= 200 and alone >= 0.95 * len(lines) else ""
