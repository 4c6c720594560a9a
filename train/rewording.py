"""Says a sentence, or a question and its answer, in other words by rule."""

import random
import re
from collections.abc import Callable, Iterable

PLAIN = 0.1
"""How many claims keep the wording of their text."""
FRAMED = 0.12
"""How many claims begin with words like “according to the text”."""


def pairs(table: str) -> list[tuple[str, str]]:
    """Parse a table of pairs: a space between the two, a bar between pairs, an underscore for a space in a phrase."""
    return [(a.replace("_", " "), b.replace("_", " ")) for a, b in (one.split() for one in table.split("|"))]


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


MONTHS = "January February March April May June July August September October November December".split()
NUMERALS = "two three four five six seven eight nine ten".split()
PAST = dict(
    pairs(
        "won win|wrote write|made make|led lead|became become|took take|gave give|began begin|went go|came come|"
        "left leave|received receive|built build|held hold|lost lose|sold sell|bought buy|said say|found find|"
        "grew grow|fell fall|brought bring|sent send|played play|died die|moved move|joined join|released release|"
        "published publish|opened open|returned return|signed sign|invaded invade|discovered discover|worked work|"
        "lived live"
    )
)
BASE = {base: past for past, base in PAST.items()}
_ALIKE = dict(
    pairs(
        "said stated|stated said|began started|started began|bought purchased|purchased bought|constructed built|film "
        "movie|movie film|located situated|situated located|passed_away died|in_order_to to|numerous many|such_as like|"
        "the_United_States the_US|largest biggest|biggest largest|approximately about|currently now|attempted tried|"
        "whilst while|toward towards|utilized used|assisted helped|commenced began|primarily mainly|mainly primarily|"
        "did_not didn't|is_not isn't|was_not wasn't|were_not weren't|are_not aren't|do_not don't|does_not doesn't|"
        "could_not couldn't|would_not wouldn't|cannot can't|didn't did_not|isn't is_not|wasn't was_not|don't do_not|"
        "doesn't does_not|couldn't could_not|wouldn't would_not|can't cannot|won't will_not|will_not won't|big large"
    )
)
_WORD = r"[A-Z](?:[a-zà-ɏ]+|[A-Z]+)(?:[A-Z-][a-zà-ɏ]+)*"
NAME = re.compile(
    rf"(?<![\w'’.&/-]){_WORD}(?: (?:of the |of |de |van |von )?(?:{_WORD}|[A-Z]\.(?= [A-Z])))*(?![.&/-]?\w)"
)
_DATED = re.compile(rf"(?:(?:{any_of(MONTHS)}) )?(?:\d{{1,2}},? )?\d{{4}}|(?:{any_of(MONTHS)}) \d{{1,2}}")
_ASKED = (
    (rf"who ((?:{any_of(PAST)}|\w+ed|(?!is|was|has|does|did)[a-z]+s|(?:is|was) the) [^?]*?\w{{3}})", "{a} {0}", NAME),
    (r"when (was|were) (.+) (\w+ed|born|built|held|made|found)((?: [^?]*\w)?)", "{1} {0} {2}{3} {at}", _DATED),
    (rf"when did (.+?) ({any_of(BASE)})((?: [^?]*\w)?)", "{0} {past}{2} {at}", _DATED),
    (
        r"what (is|was) (the [\w'’ -]+ (?:of|in) (?:(?!\w+ing\b)[\w'’. -])+)",
        "{1} {0} {a}",
        re.compile(r"(?!.*\d{4})[\w'’ ,%-]{2,60}"),
    ),
)
"""Questions of a few safe looks, the sentences they make with an answer, and the looks of the answers."""
_WHEN = r"^((?:In|On|During|After|Since) [^,]{3,40}), ((?:the|he|she|it|they|an?|his|her|we|[A-Z]\w+) [^,]+)\.$"
_OPENING = (
    "The|An?|He|She|It|They|His|Her|Its|Their|This|In|On|We|There|Some|With|Within|Where|When|While|By|At|After|One|"
    "Here|Most|Many|Until|Despite|During|For|From|As|If|[A-Z][a-z]+ly"
)
_FRAMES = ("According to the text, {}", "The article says that {}", "The text states that {}", "It is reported that {}")
_Way = tuple[str, str | Callable[[re.Match[str]], str]]
_CUTS: tuple[_Way, ...] = (
    (r"^(?:However|Also|Additionally|Meanwhile|Moreover|Furthermore|In addition|For example|In fact), ", ""),
    (_WHEN, r"\2."),
    (_WHEN, lambda m: f"{m[2]} {m[1][0].lower()}{m[1][1:]}."),
    (r" \([^()]*\)", ""),
    (
        r"(?<=\w), (?:who|which|an?|the|formerly|born)\b[^,;\"()]{4,80},"
        rf"(?= (?:is|was|are|were|has|had|have|will|can|{any_of(PAST)})\b)",
        "",
    ),
    (r"(?<!not) (?:also|eventually|officially|recently|finally|subsequently|then|soon|therefore|thus)\b(?= [a-z])", ""),
    (
        r"^((?:The|An?|He|She|It|They|His|Her|[A-Z]\w+) [^,]+) ((?:in|on|during|after|since) [A-Z\d][^,]*)\.$",
        lambda m: f"{m[2][0].upper()}{m[2][1:]}, {_lower_start(m[1])}.",
    ),
    (
        r"(?<=\w{3}), (?:which|where|who|whose|while|although|though|including|with|but|and (?:he|she|it|they|was|is))"
        r"\b[^,;\"()]*(?=\.$)",
        "",
    ),
)
"""Parts of a sentence that can be left out or moved."""
_FORMATS: tuple[_Way, ...] = (
    (r"(?<![\d,.])(\d{1,3}),(\d{3})(?![\d,])", r"\1\2"),
    (r"(?<![\w.,:/-])(\d{2,3})(\d{3})(?![\w:/-]|[.,]\d)", r"\1,\2"),
    (rf"\b(?:{any_of(NUMERALS)})\b(?= [a-z])", lambda m: str(NUMERALS.index(m[0]) + 2)),
    (r"(?<=[a-z] )(?:[2-9]|10)(?= [a-z]{4})(?! percent)", lambda m: NUMERALS[int(m[0]) - 2]),
    (r"(?<=\d) per ?cent\b", "%"),
    (r"(?<=\d)%", " percent"),
    (r"\b(\d+)\.(\d) million\b", r"\1,\g<2>00,000"),
    (rf"\b({any_of(MONTHS)}) (\d{{1,2}}), (\d{{4}})\b", r"\2 \1 \3"),
    (rf"\b(\d{{1,2}}) ({any_of(MONTHS)}) (\d{{4}})\b", r"\2 \1, \3"),
    (r"\b(Jan|Feb|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ust|tember|ober|ember) (?=\d)", r"\1. "),
    (r"\b(?:Jan|Feb|Aug|Oct|Nov|Dec)\. (?=\d)", lambda m: next(x for x in MONTHS if x[:3] == m[0][:3]) + " "),
)


def statement(question: str, answer: str) -> str | None:
    """A question of a few safe looks and its answer as a sentence."""
    for pattern, form, look in _ASKED:
        asked = re.fullmatch(pattern + r"\s?\??", question, re.IGNORECASE)
        if asked and look.fullmatch(answer):
            at = ("on " if re.search(r" \d{1,2}\b", answer) else "in ") + answer
            past = BASE[asked[2].lower()] if "{past}" in form else ""
            text = form.format(*asked.groups(), a=answer, at=at, past=past)
            return text[0].upper() + text[1:] + "."
    return None


def _cut(text: str, rng: random.Random) -> str:
    """Return the sentence with a part left out or moved, where it has one that the rest does not need."""
    ways = [way for way in _CUTS if re.search(way[0], text)]
    if not ways or re.match(r"(?:If|Unless|While|When|Although|Though|Because|As|Without|According|Not)\b", text):
        return text
    pattern, new = rng.choice(ways)
    cut = re.sub(pattern, new, text, count=1)
    return cut[0].upper() + cut[1:] if len(cut.split()) > 4 else text


def _paraphrase(text: str, rng: random.Random) -> str:
    """Return the sentence with some words, contractions, numbers and dates written in another way."""
    text = re.sub(rf"\b(?:{any_of(_ALIKE)})\b", lambda m: _ALIKE[m[0]] if rng.random() < 0.7 else m[0], text)
    for pattern, new in rng.sample(_FORMATS, 7):
        text = re.sub(pattern, new, text)
    if rng.random() < FRAMED:
        text = rng.choice(_FRAMES).format(_lower_start(text))
    return text


def _lower_start(text: str) -> str:
    """Return the sentence as it goes on after other words."""
    return re.sub(rf"^(?:{_OPENING})\b", lambda m: m[0].lower(), text)


def reword(text: str, other: str, rng: random.Random) -> tuple[str, str]:
    """Both sentences rephrased in the same way, what tells them apart kept."""
    if rng.random() < PLAIN:
        return text, other
    seed, cutting = rng.random(), rng.random() < 0.85
    cuts = [_cut(one, random.Random(seed)) if cutting else one for one in (text, other)]
    lost = [len(one.split()) - len(cut.split()) for one, cut in zip((text, other), cuts, strict=True)]
    if text != other and (lost[0] != lost[1] or cuts[0] == cuts[1]):
        cuts = [text, other]
    first, second = (_paraphrase(cut, random.Random(seed)) for cut in cuts)
    return (first, second) if text == other or first != second else (text, other)
