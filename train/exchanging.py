"""Exchanges in a sentence what makes it true by rule: names, figures, dates, roles, a “not”, opposites."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from train.rewording import BASE, MONTHS, NAME, NUMERALS, PAST, any_of, pairs

Pool = Mapping[str, Sequence[str]]
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_OPPOSITES = pairs(
    "before after|older younger|oldest newest|largest smallest|larger smaller|biggest smallest|highest lowest|higher "
    "lower|longest shortest|best worst|better worse|increase decrease|increased decreased|rose fell|rising falling|"
    "north south|east west|northern southern|eastern western|male female|men women|father mother|son daughter|brother "
    "sister|husband wife|earliest latest|earlier later|bought sold|good bad|always never|above below|"
    "many few|inside outside|major minor|allowed banned|accepted rejected|approved rejected|hot cold|warm cool|"
    "summer winter|morning evening|cheap expensive|easy difficult|public private|rich poor|strong weak|most_of few_of|"
    "successful unsuccessful|supported opposed|more_than fewer_than|often rarely|usually rarely|"
    "large small|high low|long short|positive negative|upper lower|majority minority|different identical|common rare|"
    "popular unpopular|possible impossible|able unable|likely unlikely|includes excludes|including excluding|opened "
    "closed|arrived departed|modern ancient|internal external|maximum minimum|all_of none_of|fast slow"
)
_OPPOSITES += [(b, a) for a, b in _OPPOSITES]
_STRONGER = pairs(
    "may will|might will|some_of all_of|often always|usually always|sometimes always|many_of all_of|most_of all_of|"
    "probably certainly|partly entirely|suggests proves|mostly only|mainly only|can_sometimes will"
)
_YEAR = re.compile(r"(?<![\w,.$£€–-])(?:1[1-9]\d\d|20[0-4]\d)(?=s?\b)(?![–-]|\d|[,.]\d| [a-z]+s\b)")
_DATES = (
    re.compile(rf"\b(?:{any_of(set(MONTHS) - {'May'})})\b|\bMay(?= \d)|(?<=\d )May\b|(?<=[Ii]n )May\b"),
    re.compile(rf"\b(?:{any_of(_DAYS)})\b"),
    _YEAR,
)
_NUMBER = re.compile(
    rf"(?<![\w.,:/–-])\d[\d,]*(?:\.\d+)?(?![\w:/–-]|[.,]\d)|\b(?:{any_of(NUMERALS)})\b(?=(?: [a-z]|,))"
)
_BOUND = re.compile(r"\b(?:over|than|least|most|under|below|above|to|nearly|almost|about|around|No\.) [$£€]?$", re.I)
_NO_NAME = re.compile(
    rf"(?:{any_of([*MONTHS, *_DAYS])}|The|An?|In|On|At|By|From|For|With|As|It|Its|He|She|His|Her|They|Their|We|Our|I|"
    r"You|Your|My|This|That|These|Those|There|When|While|After|Before|During|Since|Some|Many|Most|All|Both|Each|Other|"
    r"Another|However|Although|Though|Because|If|But|And|Or|So|To|Of|Not|No|One|Two|Three|First|Under|Upon|Among|"
    r"Between|According|Also|Following|Today|Later|Early|Despite|Like|Unlike|What|Who|How|Why|Where|Which|Mr|Mrs|Ms|"
    r"Dr|St|Sir|Jr|UTC|AM|PM|BC|AD|CE|OK|II|III|IV|VI|Yes|Then|Thus|Such|Several|Once|Only|Just|Now)\b"
)
_PEOPLE = re.compile(r"(?:[ai]an|ican|ese|ish|erman|French|Dutch|Greek)$")
_VERB = re.compile(rf"\b(?:[a-z]{{2,}}ed|{any_of(PAST)}|beat|told|saw|shot|taught|owns)\b")
_MUTUAL = re.compile(
    r"\b(?:and|or|with|married|met|between|both|born|lived|moved|based)\b|;|\b(?:to|from|of|as|in|on|at|for) (?:the )?$"
)
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|will|would|should|must|could|can|(?:has|have|had)(?= \w+e[dn]\b))\b(?! to\b)"
)
_NEGATED = re.compile(r"\b(?:not|never|no|nor|neither|none|nothing|any|until|without|hardly)\b|n't\b", re.IGNORECASE)
_NOT = re.compile(r"\b(is|are|was|were|will|would|should|could|has|have|had|can|did)(?: not|n't|not) (?!only)(\w+)")
_PAST_OF = re.compile(rf"((?:[A-Z]\w+|\b[Hh]e|\b[Ss]he|\b[Tt]hey|\b[Ii]t|\bwho) )({any_of(PAST)})\b(?! by\b)")


@lru_cache(1000)
def names(text: str) -> tuple[str, ...]:
    """Return the proper names in a text; a single word counts where it stands inside a sentence."""
    found = [m for m in NAME.finditer(text) if not _NO_NAME.match(m[0])]
    return tuple({m[0]: None for m in found if " " in m[0] or re.search("[a-z,] $", text[: m.start()][-2:])})


def look_of(name: str, text: str) -> str:
    """Return what a name must share with another to take its place: length, capitals, “of”, being a place or people."""
    placed = any(f" {word} {name}" in text for word in ("in", "near", "from", "at"))
    return f"{min(3, name.count(' '))} {name.isupper()} {' of ' in name} {placed} {_PEOPLE.search(name) is not None}"


def _put(text: str, match: re.Match[str], new: str) -> str:
    """Return the text with a match exchanged, the article and the capital before it put right."""
    before, vowel = text[: match.start()], new[0] in "AEIOUaeio"
    before = re.sub(r"\b([Aa])n? $", lambda m: m[1] + ("n " if vowel else " "), before)
    return before + (new[0].upper() + new[1:] if match[0][0].isupper() else new) + text[match.end() :]


def _figure(text: str, context: str, rng: random.Random, _pool: Pool) -> str | None:
    found = [m for m in _NUMBER.finditer(text) if m[0] != "1" and not _YEAR.match(text, m.start())]
    found = [m for m in found if not _BOUND.search(text[: m.start()])]
    if not found:
        return None
    match = rng.choice(found)
    near = [
        m[0] for m in _NUMBER.finditer(context) if len(m[0]) == len(match[0]) and not _YEAR.match(context, m.start())
    ]
    near = [one for one in near if one[0].isdigit() == match[0][0].isdigit() and one not in text]
    if near and rng.random() < 0.6:
        new = rng.choice(near)
    elif (old := match[0]) in NUMERALS:
        new = rng.choice(NUMERALS)
    elif old.isdigit() and int(old) < 32:
        new = str(rng.randint(2, 30))
    else:
        at = rng.choice([0, rng.choice([m.start() for m in re.finditer(r"\d", old)])])
        new = old[:at] + rng.choice("123456789") + old[at + 1 :]
    return None if re.search(rf"\b{new}\b", text) else _put(text, match, new)


def _date(text: str, context: str, rng: random.Random, _pool: Pool) -> str | None:
    found = [(m, i) for i, pattern in enumerate(_DATES) for m in pattern.finditer(text)]
    if not found:
        return None
    match, i = rng.choice(found)
    near = [one for one in _DATES[i].findall(context) if one not in text]
    if near and rng.random() < 0.6:
        new = rng.choice(near)
    elif i == 2:
        new = str(int(match[0]) + rng.choice((-30, -11, -4, -2, -1, 1, 2, 3, 7, 20)))
    else:
        new = rng.choice((MONTHS, _DAYS)[i])
    if text[match.end() : match.end() + 1] == "s":  # decades
        new = new[:3] + "0"
    return None if new in text else _put(text, match, new)


def _name(text: str, context: str, rng: random.Random, pool: Pool) -> str | None:
    known = names(context)
    found = [
        m
        for m in NAME.finditer(text)
        if m[0] in known and text.count(m[0]) == 1 and not re.match(" [A-Z]?[\\d]|\\.\\w", text[m.end() :])
    ]
    if not found:
        return None
    match = rng.choice(found)
    look = look_of(match[0], context)
    near = [one for one in known if look_of(one, context) == look]
    others = pool.get(look, ())
    far = [one for one in rng.sample(others, min(5, len(others))) if one not in context]
    parts = set(match[0].split()) | set(text.split())
    fit = [[one for one in group if not parts & set(one.split()) and one not in text] for group in (near, far)]
    chosen = fit[0] if fit[0] and rng.random() < 0.9 else fit[1]
    return _put(text, match, rng.choice(chosen)) if chosen else None


def _roles(text: str, context: str, _rng: random.Random, _pool: Pool) -> str | None:
    found = [m for m in NAME.finditer(text) if m[0] in names(context) and not _PEOPLE.search(m[0])]
    for first, match in pairwise(found[:2] if found and found[0].start() < 5 else []):
        between = text[first.end() : match.start()]
        if _VERB.search(between) and not _MUTUAL.search(between) and not set(first[0].split()) & set(match[0].split()):
            return text[: first.start()] + match[0] + between + first[0] + text[match.end() :]
    return None


def _negation(text: str, _context: str, rng: random.Random, _pool: Pool) -> str | None:
    if match := _NOT.search(text):
        aux, word = match.groups()
        return _put(text, match, BASE[word] if aux == "did" and word in BASE else f"{aux} {word}")
    found = [*_AUXILIARY.finditer(text), *_PAST_OF.finditer(text)]
    if not found or _NEGATED.search(text):
        return None
    match = rng.choice(found)
    if match.re is _PAST_OF:
        return _put(text, match, f"{match[1]}did not {PAST[match[2]]}")
    return _put(text, match, "cannot" if match[0] == "can" else match[0] + " not")


def _invert(pairs: Iterable[tuple[str, str]]) -> Callable[[str, str, random.Random, Pool], str | None]:
    table: dict[str, list[str]] = defaultdict(list)
    for old, new in pairs:
        table[old].append(new)
    pattern = re.compile(rf"\b(?<!the )(?<!as )(?<!how )(?:{any_of(table)})\b(?! school| not\b| or\b)")

    def turn(text: str, _context: str, rng: random.Random, _pool: Pool) -> str | None:
        found = list(pattern.finditer(text))
        if not found:
            return None
        match = rng.choice(found)
        new = rng.choice(table[match[0]])
        return None if new in text else _put(text, match, new)

    return turn


_opposite, _strong = _invert(_OPPOSITES), _invert(_STRONGER)


def _stronger(text: str, context: str, rng: random.Random, pool: Pool) -> str | None:
    return (
        None if _NEGATED.search(text) else _strong(text, context, rng, pool)
    )  # after “not” the stronger is the weaker


CHANGES: Mapping[str, Callable[[str, str, random.Random, Pool], str | None]] = {
    "figure": _figure,
    "date": _date,
    "name": _name,
    "roles": _roles,
    "negation": _negation,
    "opposite": _opposite,
    "stronger": _stronger,
}
