"""Find the line of a text in which its day of publication is printed."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rag.text.printed_days import read_dateline

_MAX_CHARS = 120
_MAX_HEAD_CHARS = 20_000
_MAX_HEAD_PARAGRAPHS = 40
_MAX_REST_WORDS = 8
"""Words that may stand beside a day: a name, a place, a publisher."""
_MIN_SENTENCE_CHARS = 40
_MIN_UNSPACED_CHARS = 15
_UNSPACED = re.compile("[\u0e00-\u0eff\u2e80-\u9fff]")
SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"'”’»)\]]*\Z")
"""Matches how a sentence ends, at the end of a line."""
_SEPARATED = re.compile(r"\s[|•·–—/-]\s?|,\s|\bby\b|،\s|[:：](?!\d)|　", re.IGNORECASE)
"""What parts a day from a name or a place; in “Born 5 March 1961” nothing does."""
_STAMPED = r"(?:last |first )?(?:updated|published|posted|modified)(?: on| at)?\b *:? *"
_STAMP = re.compile(f"{_STAMPED}(.*)", re.IGNORECASE)
_STAMP_SEPARATOR = re.compile(rf"\s[|•·–—-]\s|\b{_STAMPED}", re.IGNORECASE)
_TIME_WORD = re.compile(
    r"\W+|\W*(?:\d{1,4}(?:st|nd|rd|th)?|[\d:/.-]*\d|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?|(?:\d{1,2})?[ap]\.?m\.?|at|on|ago|an?|"
    r"hours?|minutes?|days?|yesterday|today|(?-i:[A-Z]{1,3}T)|utc)\W*",
    re.IGNORECASE,
)


class Stamp(NamedTuple):
    """A line that says nothing but when a text was published or changed."""

    written: str
    """The day as it is printed; empty for “Updated 2 hours ago”."""
    is_bare: bool = False
    """Whether no word such as “published” stands beside the day."""
    is_updated: bool = False


class FoundDateline(NamedTuple):
    """The line under a title in which the day is printed, by its place among the paragraphs; -1 where there is none."""

    place: int = -1
    stamp: Stamp = Stamp("")
    rest: str = ""
    """What else the line says."""


def read_stamp(line: str) -> Stamp | None:
    """Read a line such as "Updated: Jan. 5, 2024" in any language; None for a line that is no time stamp."""
    if len(line) > _MAX_CHARS:
        return None
    dateline = read_dateline(line)
    if dateline is not None and not dateline.rest:
        return Stamp(line, not dateline.is_stamped, dateline.is_updated)
    return _read_relative_stamp(line)


def _read_relative_stamp(line: str) -> Stamp | None:
    """Read a stamp without a day, such as “Updated 2 hours ago”; a date that cannot be read stays on the page."""
    stamp = _STAMP.fullmatch(line)
    times = _STAMP_SEPARATOR.split(stamp[1]) if stamp else []
    if not times or re.search(r"\d{4}", line):
        return None
    return Stamp("") if all(_TIME_WORD.fullmatch(word) for time in times for word in time.split()) else None


def choose_stamp(stamps: Sequence[Stamp]) -> str:
    """Choose the day of publication among stamps as it is printed: one of a change only where there is no other."""
    days = [stamp for stamp in stamps if stamp.written]
    return min(days, key=lambda stamp: stamp.is_updated).written if days else ""


def find_dateline(paragraphs: Sequence[str]) -> FoundDateline:
    """Find the line of the day among the paragraphs of a text: before its first sentence, and short.

    There is none in a diary, where further days stand above further texts.
    """
    top = next((index for index, line in enumerate(paragraphs) if is_sentence(line)), len(paragraphs))
    found = next(filter(None, (_read_line(index, paragraphs[index]) for index in range(top))), FoundDateline())
    if found.place >= 0 and len(paragraphs) > 1 and not _is_diary(paragraphs[top:]):
        return found
    return FoundDateline()


def is_sentence(line: str) -> bool:
    """Whether a line is a whole sentence of some length rather than a title, a name or a day."""
    least = _MIN_UNSPACED_CHARS if _UNSPACED.search(line) else _MIN_SENTENCE_CHARS
    return len(line) >= least and SENTENCE_END.search(line) is not None


def _read_line(index: int, line: str) -> FoundDateline | None:
    """Read a line that states the day with at most a few other words, such as a name; None for any other."""
    dateline = read_dateline(line) if len(line) <= _MAX_CHARS else None
    if dateline is None or dateline.is_updated or len(re.findall(r"\w+", dateline.rest)) > _MAX_REST_WORDS:
        return None
    if dateline.rest and not dateline.is_stamped and not _SEPARATED.search(line):
        return None
    return FoundDateline(index, Stamp(line, is_bare=not dateline.is_stamped), dateline.rest)


def _is_diary(paragraphs: Sequence[str]) -> bool:
    """Whether days stand alone above texts."""
    lines = pairwise(paragraphs)
    return any(is_sentence(after) and (stamp := read_stamp(line)) and stamp.is_bare for line, after in lines)


def find_publication_line(text: str) -> str:
    """Find the line under the title of a text that states its day of publication, and return it; else an empty string.

    The text is one whose paragraphs are parted by blank lines.
    """
    paragraphs = text[:_MAX_HEAD_CHARS].split("\n\n")[:_MAX_HEAD_PARAGRAPHS]
    return find_dateline([" ".join(paragraph.split()) for paragraph in paragraphs]).stamp.written
