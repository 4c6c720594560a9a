"""Split text into sentences and headings, as spans of characters (pure)."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple, Protocol

import sentencex  # type: ignore[import-untyped]

from rag.structure import Block, iter_stretches
from rag.text.characters import replace_surrogates
from rag.text.english import (
    COUNTED_ABBREVIATIONS,
    DAY_ABBREVIATIONS,
    MONTHS,
    SENTENCE_OPENERS,
    TIME_ZONES,
    TITLE_ABBREVIATIONS,
    VERBS_OF_SAYING,
    WEEKDAYS,
    any_of,
)
from rag.text.sentence_ends import find_ends, is_abbreviated
from rag.text.sentence_language import find_block_language, find_sentence_language
from rag.types import Passage

Spans = list[tuple[int, int]]


class EndFinder(Protocol):
    """Finds where the sentences of a block end."""

    def __call__(self, text: str, *, inside_quotes: bool) -> list[int]:
        """Return the ends in order, the end of the text last; those in quotations too where that is wanted."""


_MAX_STRETCH_CHARS = 5_000
"""Characters of a line looked at together: the library's time grows with the square of open quotations."""
_MIN_STRETCH_CHARS = _MAX_STRETCH_CHARS // 4
"""Characters of these that are done with at once, so that none is read more than a few times."""
_LONG_SENTENCE_CHARS = 350
"""Characters above which a sentence may be cut inside its quotation too."""
_MAX_HEADINGS_IN_A_ROW = 3
"""Lines in a row above this are a list, not headings."""

_SHUT = "\"'”\u2019»)\\]"
_OPEN = "\"'“\u2018«(\\["
_QUOTE = "\"'”\u2019"
_LINE = re.compile(r"\S(?:[^\n\r\u2028\u2029]*\S)?")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_INK = re.compile(r"\S")
_LETTER = re.compile(r"[^\W_]")  # or a figure
_UNQUOTED = str.maketrans(dict.fromkeys('"“”«»()[]', " "))
_ITEM = re.compile(r"[-*•·●▪►\u2013—]|\(?(?:\d{1,3}|[A-Za-z])[.)]\s")
_LABEL = re.compile(r"\w:[^\W\d]")  # "More:Another story", a link's label run into its text
_FINAL = re.compile(rf"[.!?…。\uff01\uff1f؟।][{_SHUT}]*$")

# Where the library sees no end: after a closing quotation mark or bracket.
_CLOSED = re.compile(
    rf"[.!?…][{_QUOTE}]*(?P<bracket>[)\]])?[{_QUOTE}]*(?<=[{_SHUT}])(?:\s[{_QUOTE}]+)?(?=\s+[{_OPEN}]*[^\W_a-z])"
)
_TAIL = re.compile(rf"[{_SHUT}!?.…]*(?:\s[{_QUOTE}]+(?=\s|$))?")
# Where it sees one and there is none: what stands before, and what after.
_TITLE = re.compile(rf"\b{any_of(TITLE_ABBREVIATIONS)}\.$|\d [NSEW]\.$")
_PLACE = re.compile(r"\b[A-Z][a-z]{2,4}\.$")
_OPENING = re.compile(rf"{any_of(SENTENCE_OPENERS)}\s")
_CLOCK = re.compile(r"\b[ap]\.?m\.$", re.IGNORECASE)
_DAY = re.compile(
    rf"{any_of(WEEKDAYS)}s?\b|{any_of(MONTHS)}\b|{any_of(DAY_ABBREVIATIONS)}\."
    rf"|(?:[ECMP][SD]?T|GMT|UTC|[BI]ST|CES?T|AEST|{any_of(TIME_ZONES)})\b"
)
_COUNTED = re.compile(rf"\b{any_of(COUNTED_ABBREVIATIONS)}\.$")
_NUMERAL = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]")
_LOWER = re.compile(r"[a-z]+\b(?![.:/@])")
_PLAIN_END = re.compile(r"(?:[a-z]{5}|\d)\.$")
_ASKED = re.compile(rf"[?!][{_QUOTE}]+$")
_ATTRIBUTION = re.compile(rf"(?:[\w.{_QUOTE}-]+ ){{1,5}}{any_of(VERBS_OF_SAYING)}\b")
_GLUED = re.compile(rf"(?:[^\W\dA-Z]{{2}}|\d)[.!?]+[{_SHUT}]*$|[。\uff01\uff1f؟।][{_SHUT}]*$")


def split_sentences(text: str, language: str = "") -> Spans:
    """Split a text into sentences, as spans in order and trimmed that together hold every non-space character.

    `language` is a code such as “de”; without one it is found, and anew where a block is in another script.
    """
    text = replace_surrogates(text)  # half a character cannot cross into the library
    stated = find_sentence_language(text, language)
    spans: Spans = []
    for start, end in _find_blocks(text):
        if (code := find_block_language(text[start:end], stated)) == "en":
            spans += _join_abbreviated(text, _split_block(text, start, end, _find_english_ends))
        else:
            spans += _split_block(text, start, end, partial(find_ends, language=code))
    return spans


def split_as_indexed(text: str) -> Spans:
    """Split a text as the passages of every index were made: by the rules for English, whatever its language.

    Passages overlap by a sentence, so one that is cut at the end of a passage is whole in the next.
    """
    text = replace_surrogates(text)
    return [span for start, end in _find_blocks(text) for span in _split_block(text, start, end, _find_english_ends)]


def _find_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Find the lines, or lines that a page has wrapped, that no sentence crosses."""
    return (block for lines in _group_paragraphs(text) for block in _join_wrapped_lines(text, lines))


def _join_abbreviated(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Join English sentences between which the library takes an abbreviation for an end."""
    joined: Spans = []
    for start, end in spans:
        if joined and is_abbreviated(text, *joined[-1]):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def find_headings(text: str) -> Spans:
    """Find headings: lines that stand alone, read like one and lead to an ordinary paragraph."""
    paragraphs = list(_group_paragraphs(text))
    if len(paragraphs) == 1:  # a text without blank lines has a paragraph a line
        paragraphs = [[block] for block in _join_wrapped_lines(text, paragraphs[0])]
    found: Spans = []
    chain: Spans = []  # headings right above each other
    following = 0  # the length of the ordinary paragraph that comes after them, if one does
    for lines in reversed(paragraphs):
        start = lines[0][0]
        end = lines[-1][1]
        if len(lines) == 1 and end - start < min(following, 200) and _reads_as_heading(text[start:end]):
            chain.append((start, end))
        else:
            found += chain if len(chain) <= _MAX_HEADINGS_IN_A_ROW else []
            chain = []
            following = end - start if _FINAL.search(text, max(start, end - 8), end) else 0
    found += chain if len(chain) <= _MAX_HEADINGS_IN_A_ROW else []
    return found[::-1]


class Unit(NamedTuple):
    """A sentence, an item of a list or a row of a table; or what stands above such: a heading, a caption."""

    start: int
    end: int
    heads: bool


def split_units(text: str, blocks: Sequence[Block], split: Callable[[str], Spans] = split_as_indexed) -> list[Unit]:
    """Split a text into sentences, rows and items, in order; rows are never split, and items only where they are long.

    `split` splits what is none of these into sentences. Headings are those among the blocks, or where there are none
    among them, those that `find_headings` finds.
    """
    stated = any(block.kind == "heading" for block in blocks)
    heads = [] if stated else find_headings(text)
    starts = [start for start, _ in heads]
    units: list[Unit] = []
    for start, end, block in iter_stretches(len(text), blocks):
        if block is not None and not (block.kind == "item" and end - start > _LONG_SENTENCE_CHARS):
            units.append(Unit(start, end, _heads(text, block)))
            continue
        for first, last in split(text[start:end]):
            place = -1 if block else bisect_right(starts, start + first) - 1
            units.append(Unit(start + first, start + last, place >= 0 and start + last <= heads[place][1]))
    return units


def _heads(text: str, block: Block) -> bool:
    """Whether a block is a heading, or a caption that is no sentence."""
    is_label = block.kind == "caption" and not _FINAL.search(text, max(block.start, block.end - 8), block.end)
    return is_label or block.kind == "heading"


@lru_cache(1024)
def split_passage(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Split a passage into sentences, rows and items, without its headings, in the offsets of its article."""
    text = passage.text
    offset = passage.start
    split = partial(split_sentences, language=find_sentence_language(text, passage.language))
    if passage.blocks:
        blocks = [replace(one, start=one.start - offset, end=one.end - offset) for one in passage.blocks]
        spans = [(start, end) for start, end, heads in split_units(text, blocks, split) if not heads]
    else:
        headings = set(find_headings(text))
        spans = [span for span in split(text) if span not in headings]
    return tuple((offset + a, offset + b) for a, b in spans)


def find_sentence(passage: Passage, start: int, end: int) -> tuple[int, int] | None:
    """Find the sentence of a passage that holds most of a span; None where a heading or nothing holds it."""
    shared = {span: min(span[1], end) - max(span[0], start) for span in split_passage(passage)}
    best = max(shared, key=lambda span: (shared[span], -span[0]), default=None)
    return best if best is not None and shared[best] > 0 else None


def _reads_as_heading(line: str) -> bool:
    """Whether a line is short, begins like a title, does not end like a sentence and is no item of a list."""
    begins = line[0].isdigit() or (line[0].isalpha() and not line[0].islower())
    ends = line.rstrip(_SHUT)[-1:] not in set(".!…,;。\uff01-\u2013—।")
    return begins and ends and len(line.split()) <= 12 and not _ITEM.match(line) and not _LABEL.search(line)


def _group_paragraphs(text: str) -> Iterator[Spans]:
    """Group the trimmed lines of a text into paragraphs, which have no blank line inside."""
    run: Spans = []
    for line in _LINE.finditer(text):
        if run and len(_BREAK.findall(text, run[-1][1], line.start())) > 1:
            yield run
            run = []
        run.append(line.span())
    if run:
        yield run


def _join_wrapped_lines(text: str, lines: Spans) -> Iterator[tuple[int, int]]:
    """Join the lines of a paragraph where a line break is only the edge of a page."""
    wraps = [
        text[after[0]].islower() and not _FINAL.search(text, max(before[0], before[1] - 8), before[1])
        for before, after in pairwise(lines)
    ]
    if len(wraps) > 1 and 2 * sum(wraps) >= len(wraps):  # a hard-wrapped paragraph: a line may begin with a name too
        wraps = [not _ITEM.match(text, start) for start, _ in lines[1:]]
    first = 0
    for last, wrap in enumerate([*wraps, False]):
        if not wrap:
            yield lines[first][0], lines[last][1]
            first = last + 1


def _split_block(text: str, start: int, end: int, ends: EndFinder) -> Iterator[tuple[int, int]]:
    """Split a block into sentences; a very long one in stretches, each from the last sentence of the one before."""
    while end - start > _MAX_STRETCH_CHARS:
        *spans, (last, _) = _split_short_block(text[start : start + _MAX_STRETCH_CHARS], ends)
        stop = start + last
        if last < _MIN_STRETCH_CHARS:
            stop = max(text.rfind(" ", stop + 1, start + _MAX_STRETCH_CHARS), stop + 1)
            stop = stop if stop > start + last + 1 else start + _MAX_STRETCH_CHARS
            spans += [
                (last + a, last + b) for a, b in _trim_stretches(text[start + last : stop], [stop - start - last])
            ]
        yield from ((start + a, start + b) for a, b in spans)
        start = after_space(text, stop)
    yield from ((start + a, start + b) for a, b in _split_short_block(text[start:end], ends))


def _split_short_block(block: str, ends: EndFinder) -> Spans:
    """Split a short block into sentences, and long ones at the ends inside their quotations too."""
    spans: Spans = []
    for start, end in _trim_stretches(block, ends(block, inside_quotes=False)):
        part = block[start:end]
        inner = (
            _trim_stretches(part, ends(part, inside_quotes=True))
            if len(part) > _LONG_SENTENCE_CHARS
            else [(0, len(part))]
        )
        spans += [(start + a, start + b) for a, b in inner]
    return spans


def _trim_stretches(text: str, ends: Sequence[int]) -> Spans:
    """Return the stretches between the ends, without the space around them."""
    starts = [after_space(text, position) for position in (0, *ends)]
    return [(a, a + len(text[a:b].rstrip())) for a, b in zip(starts, ends, strict=False) if b > a]


def after_space(text: str, position: int) -> int:
    """Return the position of the next character that is not white space, or the end."""
    return _next(_INK, text, position)


def _next(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where a pattern fits next, or the end."""
    found = pattern.search(text, position)
    return found.start() if found else len(text)


def _find_english_ends(text: str, *, inside_quotes: bool) -> list[int]:
    """Find where the sentences of a text end: by the library, which splits no quotation, and by the rules above."""
    shown = text.translate(_UNQUOTED) if inside_quotes else text
    found = {_move_to_marks(text, boundary["end_index"]) for boundary in sentencex.get_sentence_boundaries("en", shown)}
    found |= {match.end() for match in _CLOSED.finditer(text) if not match["bracket"] or _stands_alone(text, match)}
    ends: list[int] = []
    start = 0
    first_word = _next(_LETTER, text, 0)
    for end in sorted(found - {0, len(text)}):
        if end > start and _is_end(text, start, end, has_words=first_word < end):
            ends.append(end)
            start = end
            first_word = _next(_LETTER, text, end)
    return [*ends, len(text)]


def _move_to_marks(text: str, end: int) -> int:
    """Move an end so that closing marks stay with what they close and opening marks with what they open."""
    inner = len(text[:end].rstrip(" \t\n\r\xa0" + _SHUT + _OPEN))
    tail = _TAIL.match(text, inner)
    return tail.end() if tail else end


def _stands_alone(text: str, closed: re.Match[str]) -> bool:
    """Whether a closed bracket holds a sentence of its own, not a remark within one."""
    opened = max(text.rfind("(", 0, closed.start()), text.rfind("[", 0, closed.start()))
    return opened <= 0 or bool(_FINAL.search(text[max(0, opened - 8) : opened].rstrip()))


def _is_end(text: str, start: int, end: int, *, has_words: bool) -> bool:
    """Whether a sentence that begins at `start` may end at `end`, judged by the words on both sides."""
    begin = after_space(text, end)
    before = text[max(start, end - 40) : end]
    after = text[begin : begin + 80]
    if not after or after[0] in ",;:.)]!?»”" or not has_words:
        return not after
    if begin == end:
        return bool(_GLUED.search(before)) and not after[0].islower() and (after[0].isalpha() or after[0] in _OPEN)
    if _NUMERAL.fullmatch(text[start:end].strip()):
        return False
    if _LOWER.match(after):
        return bool(_PLAIN_END.search(before))
    if after[0] in "-\u2013—" and _PLACE.search(before):
        return False
    if _TITLE.search(before):
        return bool(_OPENING.match(after))
    if _CLOCK.search(before):
        return not _DAY.match(after)
    if _COUNTED.search(before):
        return not after[0].isdigit()
    return not (_ASKED.search(before) and _ATTRIBUTION.match(after))
