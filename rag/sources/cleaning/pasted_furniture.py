"""Strip from a pasted page what only leads elsewhere: breadcrumbs, “Read more: …”, marks and edit links of wikis."""

import re
from collections.abc import Sequence

from rag.text.languages import EDIT_LINKS, HOME_WORDS, READ_MORE_LEADS

_CRUMB_SEPARATOR = re.compile(r"\s+[>›»→/]\s+")
_MAX_CRUMB_WORDS = 4
_MAX_LEAD_LINE_WORDS = 25
_MARK = re.compile(r"(?<=[^\W_]|[.,;:!?)\]”’\"'])\[(\d{1,3})\](?![\w(\[]*\])")
_NOTE_LINE = re.compile(r"[\^↑] +\S.*")
_SENTENCE_ENDS = tuple(".!?…。！？")


def strip_lines(paragraphs: Sequence[str]) -> list[str]:
    """Strip the lines of a page that are a breadcrumb or lead to another article; the first line left is no less so."""
    return [line for line in paragraphs if not (is_breadcrumb(line) or leads_elsewhere(line))]


def is_breadcrumb(line: str) -> bool:
    """Whether a line is the way to a page within its site, such as “Home > News > Local”."""
    parts = _CRUMB_SEPARATOR.split(line.strip())
    if len(parts) < 2 or any(not 1 <= len(part.split()) <= _MAX_CRUMB_WORDS for part in parts):
        return False
    if line.rstrip().endswith(_SENTENCE_ENDS) or any(character.isdigit() for character in line):
        return False
    return parts[0].casefold() in HOME_WORDS or (len(parts) > 2 and not re.search(r"\s[/→]\s", line))


def leads_elsewhere(line: str) -> bool:
    """Whether a line is nothing but a lead such as “Read more:” and the title of another article."""
    lead, colon, rest = line.partition(":")
    if not colon or lead.strip().casefold() not in READ_MORE_LEADS:
        return False
    return 0 < len(rest.split()) <= _MAX_LEAD_LINE_WORDS and not rest.rstrip().endswith(_SENTENCE_ENDS)


def strip_wiki_marks(text: str) -> str:
    """Strip what is copied with an article of a wiki: edit links behind headings, marks of notes, and the notes.

    Marks are taken for such where the numbers at which they first stand count up one by one, two at least, or where
    the text has edit links.
    """
    bare = EDIT_LINKS.sub("", text)
    firsts = list(dict.fromkeys(map(int, _MARK.findall(bare))))
    counts_up = len(firsts) >= 2 and all(number == firsts[0] + place for place, number in enumerate(firsts))
    if not counts_up and bare == text:
        return text
    lines = (line for line in bare.split("\n") if not _NOTE_LINE.fullmatch(line.strip()))
    return _MARK.sub("", "\n".join(lines))
