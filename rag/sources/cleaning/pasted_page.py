"""Clean text that was pasted from a web page into title, author, date and paragraphs."""

import re
from itertools import pairwise

from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import normalise, one_line

__all__ = ["clean_page", "normalise", "one_line", "readable_name", "same_words"]

_HEAD_SENTENCES = 4
"""Bylines and times are looked for before this many sentences have passed."""

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[\W_]+")
_CLOSING = ".。．।۔"
_NO_TITLE = _CLOSING + ":;,：；，、"
_ABBREVIATION = re.compile(r"(?:\w\.){2,}$")
_BUTTON = re.compile(
    r"share|print|e-?mail|save|tweet|listen|comments?|advertisement|copy link|"
    r"(?:share|print|save|e-?mail) (?:this )?(?:article|story|page)|\d{1,2} min(?:ute)?s? read|"
    r"0?0:00(?: ?/ ?\d{1,2}:\d\d)?",
    re.IGNORECASE,
)
_STAMPED = r"(?:last |first )?(?:updated|published|posted|modified)(?: on| at)?\b *:? *"
_STAMP = re.compile(f"{_STAMPED}(.*)", re.IGNORECASE)
_AGAIN = re.compile(rf"\s[|•·–—-]\s|\b{_STAMPED}", re.IGNORECASE)
_TIME_WORD = re.compile(
    r"\W+|\W*(?:\d{1,4}(?:st|nd|rd|th)?|[\d:/.-]*\d|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?|(?:\d{1,2})?[ap]\.?m\.?|at|on|ago|an?|"
    r"hours?|minutes?|days?|yesterday|today|(?-i:[A-Z]{1,3}T)|utc)\W*",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[-*•–—▪◦·]|\d{1,3}[.)]) ")
_DURATION = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_BYLINE = re.compile(r"by:? +(.{3,80})", re.IGNORECASE)
_SMALL_WORDS = {"and", "&", "de", "da", "del", "di", "la", "le", "van", "von", "der", "den", "bin", "ibn", "el", "al"}


def clean_page(text: str) -> tuple[str, str, str, str]:
    """The title, author, date and body of a text copied from a web page; what is not found is empty.

    Hard-wrapped lines become paragraphs, one blank line apart. Buttons, bylines, time stamps and lines that are
    printed twice go; no other word is lost. `title + "\\n\\n" + body` is cleaned to the same title and body.
    """
    paragraphs, author, day = _paragraphs(normalise(text)), "", ""
    while True:  # what goes may bring other lines into the head of the page
        kept, found_author, found_day = _without_furniture(paragraphs)
        kept = _without_repeats(kept)
        author, day = author or found_author, day or found_day
        if len(kept) == len(paragraphs):
            break
        paragraphs = kept
    has_title = len(kept) > 1 and _is_title(kept[0])
    return kept[0] if has_title else "", author, day, "\n\n".join(kept[1:] if has_title else kept)


def readable_name(name: str) -> str:
    """A title made of a file name: folder and ending dropped, hyphens and underscores as spaces."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name.rsplit("/", 1)[-1]) or name
    title = one_line(re.sub(r"[-_]+", " ", stem)) or one_line(name)
    return title[:1].upper() + title[1:]


def same_words(one: str, other: str) -> bool:
    """Whether two lines have the same letters and digits, case and punctuation left aside."""
    return one == other or (_words(one) == _words(other) != "")


def _words(line: str) -> str:
    """The letters and digits of a line, a space behind each word."""
    return _BETWEEN.sub(" ", line.casefold() + " ").removeprefix(" ")


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, hard-wrapped lines joined."""
    found: list[str] = []
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        bare = line.strip()
        if bare and not _BUTTON.fullmatch(bare) and _stamp(bare) is None:
            block.append(line.rstrip())
            continue
        found += _unwrapped(block) + [bare] * bool(bare)
        block = []
    return found


def _unwrapped(block: list[str]) -> list[str]:
    """The paragraphs in lines that follow each other without a blank one."""
    lines = [line.strip() for line in block]
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or not 50 <= width <= 100:
        return lines
    joined = [_is_wrapped(*pair, width) for pair in pairwise(block)]
    running = sum(is_joined and _runs_on(*pair) for is_joined, pair in zip(joined, pairwise(lines), strict=True))
    if 2 * sum(joined) < len(joined) or running == 0 or 4 * running < sum(joined):
        return lines
    paragraphs = lines[:1]
    for is_joined, line in zip(joined, lines[1:], strict=True):
        if is_joined:
            paragraphs[-1] += _gap(paragraphs[-1], line) + line
        else:
            paragraphs.append(line)
    return paragraphs


def _is_wrapped(line: str, after: str, width: int) -> bool:
    """Whether a line may have been broken for its length alone; an indent or a bullet begins something new."""
    if after[0].isspace() or _BULLET.match(after):
        return False
    length = len(line.strip())
    # A wrapped line ends where the next word would not fit any more, give or take a ragged edge.
    return length + 1 + len(after.split()[0]) > width or (length > 0.7 * width and _runs_on(line, after))


def _gap(line: str, after: str) -> str:
    """What stands between two joined lines: a space, or nothing in scripts that write without."""
    spaceless = "\u2e80" <= line[-1] <= "\ua4cf" and "\u2e80" <= after[0] <= "\ua4cf"
    return "" if spaceless else " "


def _runs_on(line: str, after: str) -> bool:
    """Whether a sentence goes on in the line after, as far as its letters show."""
    first = next((character for character in after if character.isalpha()), "")
    if first.islower() or first.isupper():
        return first.islower()
    return bool(first) and not _is_sentence_end(line)


def _is_sentence_end(line: str) -> bool:
    return line.rstrip("\"'”’»)]").endswith(tuple(_CLOSING + "!?…؟！？"))


def _is_title(line: str) -> bool:
    """Whether a first line reads like a title: short and without a closing full stop."""
    bare = line.rstrip("\"'”’»)] ")
    closed = bare.endswith(tuple(_NO_TITLE)) and not _ABBREVIATION.search(bare)
    return len(line) <= 200 and 1 <= len(_WORD.findall(line)) <= 30 and not closed


def _without_repeats(paragraphs: list[str]) -> list[str]:
    """The paragraphs without those whose words are printed a second time, alone or at the head of a longer one.

    Of two with the same words the first stays. Lines under five words may repeat, except the title.
    """
    keys = [_words(paragraph) for paragraph in paragraphs]
    # In sorted order whatever begins with a line stands right behind it.
    heads = {key for key, after in pairwise(sorted(set(keys))) if after.startswith(key)}
    title = keys[0] if keys and _is_title(paragraphs[0]) else ""
    kept: list[str] = []
    seen: set[str] = set()
    for place, (key, paragraph) in enumerate(zip(keys, paragraphs, strict=True)):
        repeats = key.count(" ") >= 5 and (key in seen or key in heads)
        if place == 0 or not (repeats or (title and key == title)):
            kept.append(paragraph)
        seen.add(key)
    return kept


def _without_furniture(paragraphs: list[str]) -> tuple[list[str], str, str]:
    """The paragraphs without buttons, bylines and time stamps, and the author and day these told."""
    head = _head(paragraphs)
    stamps = [_stamp(line) for line in paragraphs]
    timed = [stamp is not None or _is_player(line) for stamp, line in zip(stamps, paragraphs, strict=True)]
    author, day, kept = "", "", []
    for place, line in enumerate(paragraphs):
        name = "" if place >= head or author else _byline(line)
        if not name and not author and 0 < place < head and any(timed[place - 1 : place + 2]) and _is_name(line):
            name = line
        if name:
            author = name
        elif stamps[place] is not None:
            day = day or stamps[place] or ""
        elif not (_BUTTON.fullmatch(line) or (0 < place < head and _is_player(line))):
            kept.append(line)
    return kept, author, day


def _head(paragraphs: list[str]) -> int:
    """How many paragraphs belong to the head of the page, where byline and times stand."""
    sentences = 0
    for place, line in enumerate(paragraphs):
        sentences += len(line.split()) >= 8 and _is_sentence_end(line)
        if sentences == _HEAD_SENTENCES:
            return place
    return len(paragraphs)


def _is_player(line: str) -> bool:
    return _DURATION.fullmatch(line) is not None


def _stamp(line: str) -> str | None:
    """The day told by a line such as "Updated: Jan. 5, 2024", or None for any other line."""
    found = _STAMP.fullmatch(line) if len(line) <= 120 else None
    times = _AGAIN.split(found[1]) if found else []
    if not times or not all(_TIME_WORD.fullmatch(word) for time in times for word in time.split()):
        return None
    day = next(filter(None, map(iso_day, times)), "")
    # A full date that cannot be read stays on the page, so nothing is lost.
    return None if not day and re.search(r"\d{4}", line) else day


def _byline(line: str) -> str:
    """The name in a line such as "By Jane Doe", or an empty string."""
    found = _BYLINE.fullmatch(line)
    return found[1].strip(" ,|-") if found and _is_name(found[1], 12) else ""


def _is_name(line: str, most: int = 4) -> bool:
    """Whether a line is nothing but two or more words with capitals, as names are."""
    words = line.split()
    if not 2 <= len(words) <= most or _is_sentence_end(line) or any(character.isdigit() for character in line):
        return False
    return words[0][0].isupper() and all(word[0].isupper() or word in _SMALL_WORDS for word in words)
