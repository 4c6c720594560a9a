"""Rules that say a sentence in other words, lightly, as one who retells a passage does."""

import random
import re

from changing import NUMBERS, Names

_QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"")
_NAMED = r"[A-Z]\w+(?: [A-Z]\w+)+"
_FINITE = r"(?=(?:is|are|was|were|has|have|had|will|would|said|says|told|wrote|\w+ed)\b)"
_ASIDES = (
    (rf"(?<=[\w”)]), (?:who|which|where|whose) [^,“”\"]+, {_FINITE}", " "),
    (rf"(?<=[A-Z][a-z]{{2}}), (?:an?|the) [^,“”\"]{{3,70}}, {_FINITE}", " "),
    (r"(?<=[\w”)]), (?:who|which|where|whose) [^,“”\"]+(?=\.$)", ""),
)
_LEADING = re.compile(
    r"(?P<when>(?!At least)(?:On|In|At|During|Since|Last|Earlier|By|Over|Throughout|Following|After) [^,“”\"]{3,60}), "
    r"(?P<rest>(?!(?:and|but|which|who|when|including|according)\b)(?:[\w’'-]+ ){3}[^,“”\";:]+(?:, [^,“”\";:]+)?)\."
)
_REPORTS = re.compile(r"\b(?:said|says|told|announced|reported|believes?|that|but)\b")
_SPEAKER = r"(?P<who>(?:[\w’'.-]+ ){0,5}[\w’'-]+) (?P<verb>said|says|added)\."
_CLAIMED = re.compile(rf"(?P<body>[^“”\"]+), {_SPEAKER}")
_QUOTED = re.compile(rf"(?P<body>“[^“”]+),” {_SPEAKER}")
_ACCORDING = re.compile(r"(?P<body>[^“”\"]+), according to (?P<who>[^,“”\"]+)\.")
_PASSIVE = re.compile(
    rf"(?P<whom>(?:The|A|An|His|Her|Its|Their) [^,“”\"]{{3,40}}?|{_NAMED}) (?:was|were) "
    rf"(?P<verb>\w+ed|led|made|won|held|built|found|sold) by (?P<who>the (?!end|time|start)[^,“”\"]{{3,40}}?|{_NAMED})"
    r"(?P<rest> (?:in|on|at) [^,“”\"]+)?\."
)
_FULL = "is are was were do does did has have had would could should".split()
_WORDS = [(rf"(?<=[a-z] )\b{verb} not(?= [a-z])", f"{verb}n’t") for verb in _FULL] + [
    (rf"\b({'|'.join(_FULL)})n[’']t\b", r"\1 not"),
    (r"\b([Ww])on[’']t\b", r"\1ill not"),
    (r"\b([Cc])an[’']t\b", r"\1annot"),
    (r"\b([Tt]hey|[Ww]e|[Yy]ou)[’']re\b", r"\1 are"),
    (r"\b([Ii]t|[Hh]e|[Ss]he|[Tt]hat)[’']s (?=an?\b|the\b|not\b|\w+ing\b)", r"\1 is "),
    (r"\bsaid (?=that|it|he|she|they|the)\b", "stated "),
    (r"\babout (?=[$\d])", "around "),
    (r"(?<!its )(?<!the )\b(?:roughly|approximately) (?=[$\d])", "about "),
    (r"\bmore than (?=[$\d])", "over "),
    (r"\bnearly (?=[$\d])", "almost "),
    (r"(?<!s )(?<!are )\bbecause (?!of\b)", "since "),
    (r"\bbecause of\b", "due to"),
    (r"\bin order to\b", "to"),
    (r"\bsuch as\b", "like"),
    (r"\b(began|started) (?=to\b|\w+ing\b)", lambda found: {"began": "started", "started": "began"}[found[1]] + " "),
    (r"\bfilm\b(?! [A-Z])", "movie"),
    (r"\bchildren\b(?!['’])", "kids"),
    (r"\bis expected to\b", "is likely to"),
    (r"\battempted to\b", "tried to"),
    (r"\binjured\b", "hurt"),
    (r"\bcurrently\b", "now"),
    (r"\bmultiple\b", "several"),
    (r"\bfollowing (?=the\b|an?\b|his\b|her\b|its\b)", "after "),
    (r"(?<=\d)%", " percent"),
    (r"(?<=\d) percent\b", "%"),
    (r"\bthe U(?:S|\.S\.)(?=[,.]| (?:in|on|and|is|was|has|will|to|for|since|after|from)\b)", "the United States"),
    (r"\balso (\w+ed(?: [\w’-]+){1,4})\.$", r"\1 as well."),
    (r"\blarge\b", "big"),
]

_LITTLE = (
    "the a an he she it they we his her its their this that these those there in on at some "
    "many more after before while as if".split()
)
_SPELT = {str(value): word for word, value in NUMBERS.items()}
_RECOUNT = re.compile(
    rf"(?P<before>\b(?!the\b)[a-z]+ )(?P<num>{'|'.join([*NUMBERS, *_SPELT])})"
    r"(?= (?!a\.m|p\.m|percent|of\b|to\b|and\b|or\b|[mb]illion)[a-z])"
)


def reword(told: str, following: str, passage: str, names: Names, chance: random.Random) -> str:
    """A sentence of a passage in other words, or an empty text where no rule fits; quotations stay as they are."""
    text = told
    for rule in chance.sample(_RULES, len(_RULES)):
        text = rule(text, names)
    if text == told:
        text = join(told, following, names)
    for pattern, new in chance.sample(_WORDS, len(_WORDS)):
        text = re.sub(pattern, new, text, count=1)
    text = _RECOUNT.sub(lambda found: found["before"] + (_SPELT.get(found["num"]) or str(NUMBERS[found["num"]])), text)
    kept = sorted(_QUOTATION.findall(text)) == sorted(_QUOTATION.findall(told))
    return text if kept and text != told and text not in passage and 6 <= len(text.split()) <= 45 else ""


def lower_start(text: str, names: Names) -> str:
    """Return the text as it reads within a sentence."""
    first, following = re.split(r"[ -]", text)[:2]
    small = not following[0].isupper() and names.small[first.lower()] > 2 * names.seen[first]
    return text[0].lower() + text[1:] if first.lower() in _LITTLE or (small and first != "I") else text


def capitalize(text: str) -> str:
    return text[0].upper() + text[1:]


def later(text: str, names: Names) -> str:
    """A leading clause moved to the end."""
    found = _LEADING.fullmatch(text)
    if not found or _REPORTS.search(found["rest"]) or len(found["rest"].split()) > 18:
        return text
    return f"{capitalize(found['rest'])} {found['when'][0].lower()}{found['when'][1:]}."


def first_said(text: str, names: Names) -> str:
    """Who said it moved to the beginning."""
    if found := _CLAIMED.fullmatch(text):
        return f"{capitalize(found['who'])} {found['verb']} that {lower_start(found['body'], names)}."
    if found := _QUOTED.fullmatch(text):
        return f"{capitalize(found['who'])} {found['verb']}: {found['body']}.”"
    if found := _ACCORDING.fullmatch(text):
        return f"According to {found['who']}, {lower_start(found['body'], names)}."
    return text


def unsaid(text: str, names: Names) -> str:
    """Without who said it."""
    found = _CLAIMED.fullmatch(text) or _ACCORDING.fullmatch(text)
    return f"{found['body']}." if found else text


def without_asides(text: str, names: Names) -> str:
    """A relative clause or an apposition dropped."""
    for pattern, new in _ASIDES:
        text = re.sub(pattern, new, text, count=1)
    return text


def active(text: str, names: Names) -> str:
    """A simple passive turned round."""
    found = _PASSIVE.fullmatch(text)
    if not found:
        return text
    return f"{capitalize(found['who'])} {found['verb']} {lower_start(found['whom'], names)}{found['rest'] or ''}."


def join(told: str, following: str, names: Names) -> str:
    """Two short sentences as one."""
    both = (told, following)
    if not following or any(len(text.split()) > 16 or re.search(r"[“”\":;!]", text) for text in both):
        return told
    if re.match(r"(?:But|And|So|However|Meanwhile)\b", following):
        return told
    return f"{told[:-1]}, and {lower_start(following, names)}"


_RULES = (active, later, first_said, unsaid, without_asides)
