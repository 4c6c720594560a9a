"""Split text into sentences and headings, as spans of characters (pure)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import sentencex  # type: ignore[import-untyped]

from rag.types import Passage

Spans = list[tuple[int, int]]

_REACH = 5_000  # characters of a line looked at together: the library's time grows with the square of open quotations
_LEAST = _REACH // 4  # characters of these that are done with at once, so that none is read more than a few times
_LONG = 350  # characters above which a sentence may be cut inside its quotation too
_CHAIN = 3  # lines in a row above this are a list, not headings

_SHUT, _OPEN = "\"'”\u2019»)\\]", "\"'“\u2018«(\\["
_QUOTE = "\"'”\u2019"
_LINE = re.compile(r"\S(?:[^\n\r\u2028\u2029]*\S)?")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_INK = re.compile(r"\S")
_LETTER = re.compile(r"[^\W_]")  # or a figure
_SURROGATE = re.compile("[\ud800-\udfff]")
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
_TITLE = re.compile(
    r"\b(?:Dr|Mrs?|Ms|Mx|Messrs|Prof|Gen|Lt|Col|Maj|Capt|Cmdr|Sgt|Spc|Cpl|Pvt|Pfc|Adm|Brig|Sens?|Reps?|Govs?|Rev"
    r"|Hon|Supt|Det|Insp|Amb|Pres|Atty|St)\.$|\d [NSEW]\.$"
)
_PLACE = re.compile(r"\b[A-Z][a-z]{2,4}\.$")
_OPENING = re.compile(r"(?:The|An?|He|She|It|They|We|You|I|In|On|At|But|And|This|That|His|Her|Their|There)\s")
_CLOCK = re.compile(r"\b[ap]\.?m\.$", re.IGNORECASE)
_DAY = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\."
    r"|(?:[ECMP][SD]?T|GMT|UTC|[BI]ST|CES?T|AEST|Eastern|Central|Mountain|Pacific|Greenwich)\b"
)
_COUNTED = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Nos?|Vol|Art|Fig|Sec|pp?|[Aa]pprox|[Ee]st)\.$"
)
_NUMERAL = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]")
_LOWER = re.compile(r"[a-z]+\b(?![.:/@])")
_PLAIN_END = re.compile(r"(?:[a-z]{5}|\d)\.$")
_ASKED = re.compile(rf"[?!][{_QUOTE}]+$")
_SAID = re.compile(
    rf"(?:[\w.{_QUOTE}-]+ ){{1,5}}(?:said|says|asked|asks|replied|added|wrote|writes|tweeted|told|yelled|joked)\b"
)
_GLUED = re.compile(rf"(?:[^\W\dA-Z]{{2}}|\d)[.!?]+[{_SHUT}]*$|[。\uff01\uff1f؟।][{_SHUT}]*$")


def sentences(text: str) -> Spans:
    """The spans of the sentences in characters: in order, trimmed, together holding every non-space character."""
    text = _SURROGATE.sub("\ufffd", text)  # half a character cannot cross into the library
    blocks = (block for lines in _paragraphs(text) for block in _blocks(text, lines))
    return [span for start, end in blocks for span in _block_sentences(text, start, end)]


def headings(text: str) -> Spans:
    """The spans of the lines that stand alone, read like a heading and lead to an ordinary paragraph."""
    paragraphs = list(_paragraphs(text))
    if len(paragraphs) == 1:  # a text without blank lines has a paragraph a line
        paragraphs = [[block] for block in _blocks(text, paragraphs[0])]
    found: Spans = []
    chain: Spans = []  # headings right above each other
    room = 0  # the length of the ordinary paragraph that comes after them, if one does
    for lines in reversed(paragraphs):
        start, end = lines[0][0], lines[-1][1]
        if len(lines) == 1 and end - start < min(room, 200) and _reads_as_heading(text[start:end]):
            chain.append((start, end))
        else:
            found += chain if len(chain) <= _CHAIN else []
            chain = []
            room = end - start if _FINAL.search(text, max(start, end - 8), end) else 0
    found += chain if len(chain) <= _CHAIN else []
    return found[::-1]


@lru_cache(1024)
def sentences_of(passage: Passage) -> tuple[tuple[int, int], ...]:
    """The sentences of a passage without its headings, in the offsets of its article."""
    heads = set(headings(passage.text))
    return tuple((passage.start + a, passage.start + b) for a, b in sentences(passage.text) if (a, b) not in heads)


def sentence_at(passage: Passage, start: int, end: int) -> tuple[int, int] | None:
    """The sentence of the passage that holds most of a span, None where a heading or nothing holds it."""
    shared = {place: min(place[1], end) - max(place[0], start) for place in sentences_of(passage)}
    best = max(shared, key=lambda place: (shared[place], -place[0]), default=None)
    return best if best is not None and shared[best] > 0 else None


def _reads_as_heading(line: str) -> bool:
    begins = line[0].isdigit() or (line[0].isalpha() and not line[0].islower())
    ends = line.rstrip(_SHUT)[-1:] not in set(".!…,;。\uff01-\u2013—।")
    return begins and ends and len(line.split()) <= 12 and not _ITEM.match(line) and not _LABEL.search(line)


def _paragraphs(text: str) -> Iterator[Spans]:
    """The trimmed lines, in runs that have no blank line inside."""
    run: Spans = []
    for line in _LINE.finditer(text):
        if run and len(_BREAK.findall(text, run[-1][1], line.start())) > 1:
            yield run
            run = []
        run.append(line.span())
    if run:
        yield run


def _blocks(text: str, lines: Spans) -> Iterator[tuple[int, int]]:
    """The lines, joined where a line break is only the edge of a page."""
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


def _block_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a block; a very long one is read in stretches, each from the last sentence of the one before."""
    while end - start > _REACH:
        *spans, (last, _) = _sentences_within(text[start : start + _REACH])
        stop = start + last
        if last < _LEAST:
            stop = max(text.rfind(" ", stop + 1, start + _REACH), stop + 1)
            stop = stop if stop > start + last + 1 else start + _REACH
            spans += [(last + a, last + b) for a, b in _trimmed(text[start + last : stop], [stop - start - last])]
        yield from ((start + a, start + b) for a, b in spans)
        start = after_space(text, stop)
    yield from ((start + a, start + b) for a, b in _sentences_within(text[start:end]))


def _sentences_within(block: str) -> Spans:
    spans: Spans = []
    for start, end in _trimmed(block, _ends(block, block)):
        part = block[start:end]
        inner = _trimmed(part, _ends(part, part.translate(_UNQUOTED))) if len(part) > _LONG else [(0, len(part))]
        spans += [(start + a, start + b) for a, b in inner]
    return spans


def _trimmed(text: str, ends: Sequence[int]) -> Spans:
    """The stretches between the ends, without the space around them."""
    starts = [after_space(text, position) for position in (0, *ends)]
    return [(a, a + len(text[a:b].rstrip())) for a, b in zip(starts, ends, strict=False) if b > a]


def after_space(text: str, position: int) -> int:
    """Where the next character that is not white space stands, or the end."""
    return _next(_INK, text, position)


def _next(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.search(text, position)
    return found.start() if found else len(text)


def _ends(text: str, shown: str) -> list[int]:
    """Where the sentences of `text` end, judged by the library on `shown` and by the rules above on `text`."""
    found = {_settled(text, boundary["end_index"]) for boundary in sentencex.get_sentence_boundaries("en", shown)}
    found |= {match.end() for match in _CLOSED.finditer(text) if not match["bracket"] or _stands_alone(text, match)}
    ends: list[int] = []
    start, said = 0, _next(_LETTER, text, 0)
    for end in sorted(found - {0, len(text)}):
        if end > start and _is_end(text, start, end, said < end):
            ends.append(end)
            start, said = end, _next(_LETTER, text, end)
    return [*ends, len(text)]


def _settled(text: str, end: int) -> int:
    """The end moved so that closing marks stay with what they close and opening marks with what they open."""
    inner = len(text[:end].rstrip(" \t\n\r\xa0" + _SHUT + _OPEN))
    tail = _TAIL.match(text, inner)
    return tail.end() if tail else end


def _stands_alone(text: str, closed: re.Match[str]) -> bool:
    """Whether a closed bracket holds a sentence of its own, not a remark within one."""
    opened = max(text.rfind("(", 0, closed.start()), text.rfind("[", 0, closed.start()))
    return opened <= 0 or bool(_FINAL.search(text[max(0, opened - 8) : opened].rstrip()))


def _is_end(text: str, start: int, end: int, has_words: bool) -> bool:
    """Whether a sentence that begins at `start` may end at `end`, judged by the words on both sides."""
    begin = after_space(text, end)
    before, after = text[max(start, end - 40) : end], text[begin : begin + 80]
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
    return not (_ASKED.search(before) and _SAID.match(after))
