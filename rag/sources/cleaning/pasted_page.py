"""Clean text that was pasted from a web page into title, author, date and paragraphs."""

import re
from itertools import pairwise
from typing import NamedTuple

from rag.sources.cleaning.datelines import Stamp, choose_stamp, find_dateline, read_stamp
from rag.sources.cleaning.pasted_furniture import strip_lines, strip_wiki_marks
from rag.sources.cleaning.unicode import normalise, one_line
from rag.text.words import split_parts

_MAX_HEAD_SENTENCES = 4
"""Bylines and times are looked for before this many sentences have passed."""

_FULL_STOPS = ".。．।۔"
_NO_TITLE_END = _FULL_STOPS + ":;,：；，、"
_ABBREVIATION = re.compile(r"(?:\w\.){2,}$")
_BUTTON = re.compile(
    r"share|print|e-?mail|save|tweet|listen|comments?|advertisement|copy link|"
    r"(?:share|print|save|e-?mail) (?:this )?(?:article|story|page)|\d{1,2} min(?:ute)?s? read|"
    r"0?0:00(?: ?/ ?\d{1,2}:\d\d)?",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[-*•–—▪◦·]|\d{1,3}[.)]) ")
_DAY_SEPARATOR = re.compile(r"\s*[|•·–—]\s*|\s/\s|,\s+")
_DURATION = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_BYLINE = re.compile(r"by:? +(.{3,80})", re.IGNORECASE)
_SMALL_WORDS = {"and", "&", "de", "da", "del", "di", "la", "le", "van", "von", "der", "den", "bin", "ibn", "el", "al"}


class CleanedPage(NamedTuple):
    """The parts of a pasted page; what is not found is empty."""

    title: str
    author: str
    day: str
    """The day of publication as it is printed, which may be one of several ways to write it."""
    body: str


class _StrippedPage(NamedTuple):
    """The paragraphs that are left of a page, and what the stripped ones stated."""

    paragraphs: list[str]
    author: str
    stamps: list[Stamp]


def clean_page(text: str) -> CleanedPage:
    """Clean a text copied from a web page, and split it into title, author, day and body.

    Hard-wrapped lines become paragraphs, one blank line apart. Buttons, time stamps, repeated paragraphs of five words
    or more, repeats of the title, breadcrumbs, lines that lead to other articles, marks and edit links of wikis and,
    near the top, bylines, durations and the line of the day are dropped; no other word is lost.
    `title + "\\n\\n" + body` is cleaned to the same title and body.
    """
    paragraphs = strip_lines(_split_paragraphs(strip_wiki_marks(normalise(text))))
    author = ""
    stamps: list[Stamp] = []
    while True:  # what goes may bring other lines into the head of the page
        stripped = _strip_furniture(paragraphs)
        kept = _drop_repeats(stripped.paragraphs)
        author = author or stripped.author
        stamps += stripped.stamps
        if len(kept) == len(paragraphs):
            break
        paragraphs = kept
    has_title = len(kept) > 1 and _is_title(kept[0])
    body = "\n\n".join(kept[1:] if has_title else kept)
    return CleanedPage(title=kept[0] if has_title else "", author=author, day=choose_stamp(stamps), body=body)


def is_button(line: str) -> bool:
    """Whether a line is nothing but the label of a button, or another sign of a page, such as “3 min read”."""
    return _BUTTON.fullmatch(line) is not None


def title_from_name(name: str) -> str:
    """Make a title of a file name: folder and suffix dropped, hyphens and underscores as spaces."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name.rsplit("/", 1)[-1]) or name
    title = one_line(re.sub(r"[-_]+", " ", stem)) or one_line(name)
    return title[:1].upper() + title[1:]


def has_same_words(one: str, other: str) -> bool:
    """Whether two lines have the same letters and digits, case and punctuation aside."""
    return one == other or (_word_key(one) == _word_key(other) != "")


def _word_key(line: str) -> str:
    """Return the letters and digits of a line, a space behind each word."""
    return " ".join([*split_parts(line), ""])


def _split_paragraphs(text: str) -> list[str]:
    """Split a text into paragraphs, hard-wrapped lines joined."""
    paragraphs: list[str] = []
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        bare = line.strip()
        if bare and not is_button(bare) and read_stamp(bare) is None:
            block.append(line.rstrip())
            continue
        paragraphs += _unwrap_lines(block) + [bare] * bool(bare)
        block = []
    return paragraphs


def _unwrap_lines(block: list[str]) -> list[str]:
    """Join the lines of a block into paragraphs if they seem hard-wrapped; else each line is a paragraph."""
    lines = [line.strip() for line in block]
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or not 50 <= width <= 100:
        return lines
    joined = [_is_soft_wrap(*pair, width) for pair in pairwise(block)]
    running = sum(is_joined and _runs_on(*pair) for is_joined, pair in zip(joined, pairwise(lines), strict=True))
    if 2 * sum(joined) < len(joined) or running == 0 or 4 * running < sum(joined):
        return lines
    paragraphs = lines[:1]
    for is_joined, line in zip(joined, lines[1:], strict=True):
        if is_joined:
            paragraphs[-1] += _joining_space(paragraphs[-1], line) + line
        else:
            paragraphs.append(line)
    return paragraphs


def _is_soft_wrap(line: str, after: str, width: int) -> bool:
    """Whether a line may have been broken for its length alone; an indent or a bullet begins something new."""
    if after[0].isspace() or _BULLET.match(after):
        return False
    length = len(line.strip())
    # A wrapped line ends where the next word would not fit any more, give or take a ragged edge.
    return length + 1 + len(after.split()[0]) > width or (length > 0.7 * width and _runs_on(line, after))


def _joining_space(line: str, after: str) -> str:
    """Return what goes between two joined lines: a space, or nothing in scripts that write without."""
    spaceless = "\u2e80" <= line[-1] <= "\ua4cf" and "\u2e80" <= after[0] <= "\ua4cf"
    return "" if spaceless else " "


def _runs_on(line: str, after: str) -> bool:
    """Whether a sentence goes on in the line after, as far as its letters show."""
    first = next((character for character in after if character.isalpha()), "")
    if first.islower() or first.isupper():
        return first.islower()
    return bool(first) and not _is_sentence_end(line)


def _is_sentence_end(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return line.rstrip("\"'”’»)]").endswith(tuple(_FULL_STOPS + "!?…؟！？"))


def _is_title(line: str) -> bool:
    """Whether a first line reads like a title: short, and not ending in a full stop, colon, semicolon or comma."""
    bare = line.rstrip("\"'”’»)] ")
    closed = bare.endswith(tuple(_NO_TITLE_END)) and not _ABBREVIATION.search(bare)
    return len(line) <= 200 and 1 <= len(split_parts(line)) <= 30 and not closed


def _drop_repeats(paragraphs: list[str]) -> list[str]:
    """Drop paragraphs whose words are printed a second time, alone or at the head of a longer one.

    Of two with the same words the first stays. Lines under five words may repeat, except the title.
    """
    keys = [_word_key(paragraph) for paragraph in paragraphs]
    # In sorted order whatever begins with a line stands right behind it.
    heads = {key for key, after in pairwise(sorted(set(keys))) if after.startswith(key)}
    title = keys[0] if keys and _is_title(paragraphs[0]) else ""
    kept: list[str] = []
    seen: set[str] = set()
    for index, (key, paragraph) in enumerate(zip(keys, paragraphs, strict=True)):
        repeats = key.count(" ") >= 5 and (key in seen or key in heads)
        if index == 0 or not (repeats or (title and key == title)):
            kept.append(paragraph)
        seen.add(key)
    return kept


def _strip_furniture(paragraphs: list[str]) -> _StrippedPage:
    """Strip buttons, bylines, time stamps and durations; return what is left, with the author and days stated."""
    head = _head_length(paragraphs)
    dated = find_dateline(paragraphs)
    stamps = [None if (stamp := read_stamp(line)) and stamp.is_bare else stamp for line in paragraphs]
    timed = [
        stamp is not None or index == dated.place or _is_player(line)
        for index, (stamp, line) in enumerate(zip(stamps, paragraphs, strict=True))
    ]
    author = ""
    found: list[Stamp] = []
    kept: list[str] = []
    for index, line in enumerate(paragraphs):
        parts = [line]
        if index == dated.place:
            found.append(dated.stamp)
            parts = _split_beside_day(dated.rest) or [line]
        names = [] if index >= head or author else [name for part in parts if (name := _parse_byline(part))]
        if not names and not author and 0 < index < head and any(timed[index - 1 : index + 2]):
            names = [part for part in parts if _is_name(part)]
        if names:
            author = names[0]
        elif (stamp := stamps[index]) is not None:
            found.append(stamp)
        elif index == dated.place and parts != [line]:
            continue
        elif not (is_button(line) or (0 < index < head and _is_player(line))):
            kept.append(line)
    return _StrippedPage(kept, author, found)


def _split_beside_day(rest: str) -> list[str]:
    """Split what stands beside a day into names and buttons; none where it says anything else."""
    parts = [part.strip(" .,:") for part in _DAY_SEPARATOR.split(rest)] if rest else [""]
    parts = [part for part in parts if part] or [""]
    fits = (not part or is_button(part) or _parse_byline(part) or _is_name(part) for part in parts)
    return parts if all(fits) else []


def _head_length(paragraphs: list[str]) -> int:
    """Count the paragraphs before the fourth long one that ends as a sentence: the head, where bylines stand."""
    sentences = 0
    for index, line in enumerate(paragraphs):
        sentences += len(line.split()) >= 8 and _is_sentence_end(line)
        if sentences == _MAX_HEAD_SENTENCES:
            return index
    return len(paragraphs)


def _is_player(line: str) -> bool:
    """Whether a line is nothing but the duration of a recording."""
    return _DURATION.fullmatch(line) is not None


def _parse_byline(line: str) -> str:
    """Parse the name in a line such as "By Jane Doe"; return an empty string for any other line."""
    byline = _BYLINE.fullmatch(line)
    return byline[1].strip(" ,|-") if byline and _is_name(byline[1], 12) else ""


def _is_name(line: str, max_words: int = 4) -> bool:
    """Whether a line is nothing but a name: two to `max_words` words with capitals, or small ones such as “van”."""
    words = line.split()
    if not 2 <= len(words) <= max_words or _is_sentence_end(line) or any(character.isdigit() for character in line):
        return False
    return words[0][0].isupper() and all(word[0].isupper() or word in _SMALL_WORDS for word in words)
