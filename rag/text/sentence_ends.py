"""Find where sentences end in languages other than English, by the words on both sides of each mark (pure)."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from rag.text.abbreviations import (
    LETTERED_WORDS,
    NAME_PARTICLES,
    UNIT_SYMBOLS,
    SentenceWords,
    find_sentence_words,
)
from rag.text.languages import ORDINAL_ARTICLES

_REACH = 48
"""Characters before a mark that are looked at."""
_MAX_ORDINAL = 31
"""Numbers above which a full stop behind one ends a sentence rather than make it an ordinal, unless an article stands
before it."""

_STOPS = r".!?…‼⁇⁈⁉‽"
_OWN_STOPS = r"؟۔।॥。！？｡։።။៕"
"""Marks that end a sentence and nothing else, whatever follows."""
_SHUT = "\"'”’»›)\\]」』】》）"
_OPEN = "\"'“‘„‚«‹»(\\[「『【《（¿¡"
_TAIL = rf"(?:[{_SHUT}!?.…。！？]|[“‘«‹](?!\w))*(?:[ \xa0\u202f][»](?!\w))?"
_MARK = rf"[{_STOPS}{_OWN_STOPS}%s]+{_TAIL}"
_WHOLE_WORD = re.compile(r"(?<![\w./@:-])(?:[^\W\d_]*[^\W\dA-Z_]{2})$")
_RUN_ON = re.compile(r"(?![a-z])[^\W\d_]+(?![\w./@:-])")
"""What stands on both sides of a mark that ends a sentence although no space follows it, and is in no address."""
_QUOTES = re.compile('["“”„«»()\\[\\]「」『』【】《》（）]')
_PAIRS = {")": "(", "]": "[", "」": "「", "』": "『", "】": "【", "》": "《", "）": "（"}
_BEFORE_OPENING = frozenset(" \t\n\xa0\u202f\u3000([{（「『—–-:：/")
_AFTER_CLOSING = frozenset(" \t\n\xa0\u202f\u3000.,;:!?…)]}»”’，。、；：！？）」』")

_NEXT = re.compile(rf"[\s{_OPEN}]*(?P<dash>[-\u2013\u2014]\s?[{_OPEN}]*)?")
_WORD = re.compile(r"[^\W\d_]+[’']?")
_ELIDED = re.compile(r"['’‘][a-z]\s[A-Z]")
"""A Dutch sentence that begins with an article of which only the end is left, in lower case."""
_INITIALED = re.compile(r"[^\W\d_]\.")
_LAST = re.compile(rf"[^\s{_SHUT}{_OPEN}]+$")
_SHORTS = re.compile(r"(?:(?<!\w)[^\W\d_]{1,2}\.[ \xa0\u202f]?){1,5}[^\W\d_]{1,3}$")
_NUMERAL = re.compile(r"\(?(?:\d{1,3}|[^\W\d_]|[ivx]{1,4})[.)]")
_LETTER = re.compile(r"[^\W_]")
_ROMAN = re.compile(r"[IVXLC]+")
_CYRILLIC_OR_LATIN = re.compile(r"[a-zß-ɏа-џḀ-ỿ]+")
_VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿāăąēęěĩīįıōőœũūůűųẽếềệộốồơớưаеёиоуыэюяіїєѣ]")
_LABEL = re.compile(r"(\w+)\s+\w$")
_COUNTED = re.compile(r"(\w+)\s+\(?\d+$")
_DETERMINERS = frozenset(
    f"{' '.join(ORDINAL_ARTICLES)} ein eine einen einem einer eines sein seine seinen seinem seiner ihr ihre ihren "
    "ihrem ihrer mein unser kein jeder jede jedes jeden jedem dieser diese dieses diesen und oder bis seit ab".split()
)
"""German words before an ordinal."""
_ATTRIBUTION = re.compile(
    r"(?:قال|قالت|قالوا|سأل|سألت|أضاف|أضافت|صاح|صاحت|أجاب|أجابت|رد|ردت|هتف|كتب|كتبت|أكد|أكدت|أوضح|أوضحت|صرخ|صرخت|تساءل)\b"
    r"|[^।॥?!\n]{0,60}?(?:कहा|पूछा|बोला|बोली|बोले|चिल्लाया|चिल्लाई|बताया|लिखा|(?:उत्तर|जवाब) दिया)(?=[\s,।])"
    r"|(?![^，。]{0,6}[没沒不无無])[^，。！？…；：“「『\n]{0,14}?(?:说|說|问|問|道|喊|叫|答|指出|认为|認為|强调|強調|补充|補充|解释|解釋|回应|表示)"
    r"|[^，。！？…；：“「『\n]{1,14}[，：]\s?[“「]"
    r"|と(?!ころ|ても|きどき|もあれ|りわけ|もかく|にかく)|って|など|という|を|が(?!ん)|は(?!い|じめ|るか|たして)"
)
"""Behind a quotation, says who spoke it, so that the sentence goes on."""


_MAX_SHORT_LETTERS = (("\u0590", "\u08ff", 1), ("\u0900", "\u0dff", 2), ("\u0e00", "\u0e7f", 3))
"""Letters that an abbreviation has at most in Hebrew and Arabic, in the scripts of India and in Thai."""


def find_ends(text: str, *, language: str, inside_quotes: bool) -> list[int]:
    """Find where the sentences of a block end; those within quotation marks and brackets where it is wanted."""
    words = find_sentence_words(language)
    marks = [match for match in _compile_mark(words.ends).finditer(text) if _is_possible(text, match)]
    if not marks:
        return [len(text)]
    quotes = [] if inside_quotes else list(_find_quotes(text))
    starts = [start for start, _ in quotes]
    ends: list[int] = []
    start = 0
    for mark in marks:
        end = mark.end()
        place = bisect_left(starts, end) - 1
        if place >= 0 and quotes[place][1] >= end:
            continue
        opened = quotes[place][0] if place >= 0 and quotes[place][1] == end - 1 else -1
        if _is_end(text, start, mark, words, opened=opened):
            ends.append(end)
            start = end
    return [*ends, len(text)]


@lru_cache(maxsize=8)
def _compile_mark(ends: str) -> re.Pattern[str]:
    """Compile what stands at the end of a sentence, in a language in which `ends` do so too."""
    return re.compile(_MARK % re.escape(ends))


def _is_possible(text: str, mark: re.Match[str]) -> bool:
    """Whether a space follows a mark, or a letter behind one that needs no space."""
    after = text[mark.end() : mark.end() + 1]
    if not after or after.isspace():
        return bool(after)
    if text[mark.start()] in _OWN_STOPS:
        return True
    return bool(
        _RUN_ON.match(text, mark.end()) and _WHOLE_WORD.search(text, max(0, mark.start() - _REACH), mark.start())
    )


def is_abbreviated(text: str, start: int, end: int) -> bool:
    """Whether an English sentence from `start` on goes on at `end`, behind an abbreviation of the table."""
    if text[end - 1] != ".":
        return False
    words = find_sentence_words("en")
    token = text[max(start, end - _REACH) : end - 1].rpartition(" ")[2].lstrip(_OPEN).lower()
    if token in words.inner:
        following = _NEXT.match(text, end)
        return not _opens_sentence(text, following.end() if following else end, words)
    return token in words.titles


def _find_quotes(text: str) -> Iterator[tuple[int, int]]:
    """Find the outermost quotations and brackets that are opened and closed, by the places of their marks."""
    opened: list[tuple[str, int]] = []
    depths = Counter[str]()
    spans: list[tuple[int, int]] = []
    for match in _QUOTES.finditer(text):
        place = match.start()
        kind, opens = _classify_mark(text, place, is_open=depths['"'] > 0)
        if opens:
            opened.append((kind, place))
            depths[kind] += 1
        elif depths[kind]:
            other = ""
            while other != kind:
                other, start = opened.pop()
                depths[other] -= 1
            spans.append((start, place))
    last = -1
    for start, end in sorted(spans):
        if start > last:
            yield start, end
            last = end


def _classify_mark(text: str, place: int, *, is_open: bool) -> tuple[str, bool]:
    """Tell which kind of quotation or bracket a mark belongs to, and whether it opens one; a `"` may be open before."""
    mark = text[place]
    after_space = (text[place - 1 : place] or " ") in _BEFORE_OPENING
    before_space = (text[place + 1 : place + 2] or " ") in _AFTER_CLOSING
    if mark in "«»":  # they point inwards in German
        return "«", after_space and (mark == "«" or not before_space)
    if mark == "„":
        return '"', True
    if mark == "“":
        return '"', not before_space
    if mark in '"”':
        return '"', after_space and not is_open
    return _PAIRS.get(mark, mark), mark not in _PAIRS


def _is_end(text: str, start: int, mark: re.Match[str], words: SentenceWords, *, opened: int) -> bool:
    """Whether a sentence from `start` on ends with a mark; `opened` is where what it closes opens, or -1."""
    end = mark.end()
    following = _NEXT.match(text, end)
    begin = following.end() if following else end
    after = text[begin : begin + 1]
    if not after or after in ",;:.!?)…，、；：" or not _has_word(text, start, mark.start()):
        return not after
    if after.islower() and not _ELIDED.match(text, begin - 1):
        return False
    full = mark.group().rstrip()
    if opened >= 0:
        if text[opened] in "([（" and not (opened <= start + 1 or text[:opened].rstrip()[-1:] in ".!?…。！？।؟"):
            return False
        if _is_uncased(after) and _ATTRIBUTION.match(text, begin):
            return False
    if _NUMERAL.fullmatch(text[start : mark.end()].strip()):
        return False
    first = full[0]
    if first == "…" or full.startswith(".."):
        return after.isupper() or opened >= 0
    if first != ".":
        return True
    return not _goes_on(text, start, mark.start(), begin, words)


def _has_word(text: str, start: int, end: int) -> bool:
    return bool(_LETTER.search(text, start, end))


def _is_uncased(character: str) -> bool:
    """Whether a character is a letter of a script without capitals."""
    return character.isalpha() and character.lower() == character.upper()


def _goes_on(text: str, start: int, stop: int, begin: int, words: SentenceWords) -> bool:
    """Whether a full stop at `stop` is that of an abbreviation, initial or ordinal, as what begins at `begin` shows."""
    before = text[max(start, stop - _REACH) : stop]
    last = _LAST.search(before)
    if not last:
        return False
    token = last[0].strip("-–—/")
    lowered = token.lower()
    if lowered in words.plain:
        return False
    if token.isdecimal():
        return _is_ordinal(before, token, text, begin, words)
    shorts = _SHORTS.search(before)
    compact = re.sub(r"[ \xa0\u202f]", "", shorts[0]).lower() if shorts else lowered
    if compact in words.final or lowered in words.final:
        return text[begin : begin + 1].isdecimal()
    if lowered in words.titles and not (len(token) == 1 and token.islower() and before[-2:-1].isdecimal()):
        return not _is_counted_unit(before, token)
    if _is_counted_unit(before, token):
        return text[begin : begin + 1].isdecimal()
    if _is_uncased(token[:1]):
        return _is_short_uncased(lowered, words)
    if len(token) == 1:
        return _is_initial(before, token, text, begin, words)
    if compact in words.inner or lowered in words.inner or _looks_abbreviated(token, words):
        return not _opens_sentence(text, begin, words)
    return False


def _is_ordinal(before: str, token: str, text: str, begin: int, words: SentenceWords) -> bool:
    """Whether a number with a full stop is an ordinal: “am 3. Mai”, “2. Liga”."""
    if not words.has_ordinals or len(token) > 3 or text[begin : begin + 1].isdecimal():
        return False
    if _opens_sentence(text, begin, words):
        return False
    counted = _COUNTED.search(before)
    return int(token) <= _MAX_ORDINAL or bool(counted and counted[1].lower() in _DETERMINERS)


def _is_counted_unit(before: str, token: str) -> bool:
    """Whether the last word is the symbol of a unit behind a number: “4 km”."""
    return token.lower() in UNIT_SYMBOLS and before[: -len(token)].rstrip()[-1:].isdecimal()


def _is_short_uncased(token: str, words: SentenceWords) -> bool:
    """Whether a word of a script without capitals is abbreviated: it is a letter or syllable, or has stops inside."""
    if "." in token or token in words.titles or token in words.inner:
        return True
    letters = sum(character.isalpha() for character in token)
    return letters <= next((most for first, last, most in _MAX_SHORT_LETTERS if first <= token[0] <= last), 0)


def _is_initial(before: str, token: str, text: str, begin: int, words: SentenceWords) -> bool:
    """Whether a single letter is the initial of a name, or an abbreviation that is not at the end of its sentence."""
    label = _LABEL.search(before)
    if label and token.isupper() and label[1].lower() in LETTERED_WORDS:
        return False
    word = _WORD.match(text, begin)
    if token.isupper() and word and word[0].rstrip("’'").lower() in NAME_PARTICLES:
        return True
    return not _opens_sentence(text, begin, words)


def _looks_abbreviated(token: str, words: SentenceWords) -> bool:
    """Whether a word is abbreviated by its letters: it has stops inside, or no vowel."""
    if "." in token:
        return len(token) <= 12 and all(len(part) <= 3 for part in token.split("."))
    if _ROMAN.fullmatch(token):
        return words.has_ordinals
    if words.has_vowelless_words or len(token) < 2 or (len(token) > 2 and token.isupper()):
        return False
    lowered = token.lower()
    return bool(_CYRILLIC_OR_LATIN.fullmatch(lowered)) and not _VOWEL.search(lowered)


def _opens_sentence(text: str, begin: int, words: SentenceWords) -> bool:
    """Whether a word that opens sentences stands at `begin`, and not an initial."""
    if _INITIALED.match(text, begin):
        return False
    word = _WORD.match(text, begin)
    return bool(word and word[0][0].isupper() and word[0].rstrip("’'").lower() in words.openers)
