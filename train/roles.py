"""Makes claims on who did what to whom by rule: passives, relative clauses, clauses within clauses.

The words are those of the texts (who is named, what “the …” did something), the sentences are built round them.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.text.sentences import split_sentences
from train.claims import Claim, tidy
from train.data import Example
from train.exchanging import names
from train.rewording import pairs

KIND = "who did what"
_DID = dict(
    pairs(
        "invited invited|criticised criticised|praised praised|arrested arrested|sued sued|defeated defeated|attacked "
        "attacked|accused accused|blamed blamed|followed followed|supported supported|visited visited|hired hired|"
        "replaced replaced|rescued rescued|helped helped|warned warned|thanked thanked|called called|admired admired|"
        "recommended recommended|encouraged encouraged|advised advised|stopped stopped|mentioned mentioned|influenced "
        "influenced|inspired inspired|taught taught|beat beaten|saw seen|chose chosen|shot shot|led led|found found|"
        "met met|fought fought|forgave forgiven|questioned questioned|interviewed interviewed|contacted contacted|"
        "paid paid|fined fined|robbed robbed|outran outrun|overtook overtaken|rammed rammed|cheated cheated|trusted "
        "trusted|betrayed betrayed|funded funded|bought bought|sold sold|founded founded|appointed appointed|dismissed "
        "dismissed|recognised recognised|avoided avoided|pursued pursued|injured injured|killed killed|married married"
    )
)
"""What somebody does to somebody: its past, and its participle."""
_MUTUAL = {"met", "married", "fought"}
"""What the other does too."""
_BASE = {
    "invited": "invite", "criticised": "criticise", "praised": "praise", "arrested": "arrest", "sued": "sue",
    "defeated": "defeat", "attacked": "attack", "blamed": "blame", "followed": "follow", "supported": "support",
    "visited": "visit", "hired": "hire", "replaced": "replace", "rescued": "rescue", "helped": "help", "warned": "warn",
    "thanked": "thank", "beat": "beat", "saw": "see", "chose": "choose", "paid": "pay", "fined": "fine",
    "stopped": "stop", "dismissed": "dismiss", "trusted": "trust",
}  # fmt: skip
_ALONE = "arrived left resigned waited slept won lost apologised returned escaped died laughed agreed retired".split()
"""What somebody does alone."""
_GOODS = "the boat|the house|a letter|the money|the painting|two horses|the company|an old map|the keys|a parcel".split(
    "|"
)
_WHO = re.compile(r"\bThe ([a-z]{4,12}) (?:was|were|had|has|said|took|gave|[a-z]{3,}ed)\b")
_NO_AGENT = re.compile(r".*(?:ing|ion|ity|ness|ment|ance|ence|ism|ure|age|year|day|time|name|same|first|last)$")
_COMMONEST = 150
_LONGEST_NEIGHBOUR = 250
_NOUN = r"(?!(?:has|have|had|is|was|were|are|be|also|not|who|that|which|of|and|or|only)\b)[a-z-]+"
_OBJECT = rf"(?:the|an?) {_NOUN}(?: {_NOUN})?"
_SIMPLE = re.compile(
    rf"(?P<who>(?:The|An?) {_NOUN}(?: {_NOUN})?|[A-Z]\w+(?: [A-Z]\w+)+) (?P<did>[a-z]{{3,}}ed|"
    rf"{'|'.join(_DID)}) (?P<whom>{_OBJECT}|[A-Z]\w+(?: [A-Z]\w+)*)"
    r"(?P<rest>(?:,? (?:in|on|at|during|after|before|for|from|near|when|while)\b[^;:“”\"]*)?\.)"
)
_NO_OBJECT = re.compile(r".* (?:year|day|week|month|hour|time|way|night|morning|first|last|same|most|more)s?$")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who does what in a made sentence."""

    one: str
    other: str
    third: str
    did: str
    did_too: str
    alone: str
    goods: str

    @property
    def by(self) -> str:
        """What was done, as a participle."""
        return _DID[self.did]


Scene = tuple[str, Sequence[str], Sequence[str]]
"""A sentence, what it says, and what it does not."""


def find_agents(contexts: Iterable[str]) -> list[str]:
    """Find who acts in the texts: names of two words, and what follows “The” before a verb."""
    said, named = Counter[str](), dict[str, None]()
    for context in contexts:
        text = tidy(context)
        said.update(word for word in _WHO.findall(text) if not _NO_AGENT.match(word))
        named |= {name: None for name in names(text) if name.count(" ") == 1 and " of " not in name}
    common = [f"the {word}" for word, _ in said.most_common(_COMMONEST)]
    return [*common, *list(named)[: 2 * _COMMONEST]]


def make_scene(example: Example, agents: Sequence[str], rng: random.Random) -> list[Claim]:
    """Make claims on one sentence that is built by rule, among a text's own; as many that hold as ones that do not."""
    context = tidy(example.context)
    texts = [context[start:end] for start, end in split_sentences(context, "en")]
    count = rng.choice((0, 0, 1, 2))
    first = rng.randint(0, max(0, len(texts) - count))
    neighbours = [text for text in texts[first : first + count] if len(text) < _LONGEST_NEIGHBOUR]
    one, other, third = rng.sample(agents, 3)
    did, did_too = rng.sample(sorted(_DID), 2)
    cast = Cast(one, other, third, did, did_too, rng.choice(_ALONE), rng.choice(_GOODS))
    text, said, unsaid = rng.choice(_SCENES)(cast, rng)
    count = min(len(said), len(unsaid), 2)
    at = rng.randint(0, len(neighbours))
    evidence = " ".join([*neighbours[:at], _write(text), *neighbours[at:]])
    chosen = [(claim, True) for claim in rng.sample(said, count)]
    chosen += [(claim, False) for claim in rng.sample(unsaid, count)]
    return [Claim(_write(claim), evidence, supported=supported, kind=KIND) for claim, supported in chosen]


def make_passive(example: Example, rng: random.Random) -> list[Claim]:
    """Make claims of a text's sentence by turning it into the passive, rightly and with its parts exchanged."""
    context = tidy(example.context)
    texts = [context[start:end] for start, end in split_sentences(context, "en")]
    found = [(place, match) for place, text in enumerate(texts) if (match := _SIMPLE.fullmatch(text))]
    found = [
        (place, match) for place, match in found if not _NO_OBJECT.match(match["whom"]) and match["did"] not in _MUTUAL
    ]
    if not found:
        return []
    place, match = rng.choice(found)
    who, whom, by = _lower(match["who"]), _lower(match["whom"]), _DID.get(match["did"], match["did"])
    rest = rng.choice((match["rest"], "."))
    told = f"{whom} {_be(whom)} {by} by {who}{rest}"
    other = rng.choice((f"{who} {_be(who)} {by} by {whom}{rest}", f"{whom} {match['did']} {who}{rest}"))
    low, high = max(0, place - rng.randint(0, 2)), place + 1 + rng.randint(0, 2)
    if rng.random() < 0.5:
        evidence = " ".join(texts[low:high])
        return [Claim(_write(told), evidence, supported=True, kind=KIND),
                Claim(_write(other), evidence, supported=False, kind=KIND)]  # fmt: skip
    evidence = " ".join([*texts[low:place], _write(told), *texts[place + 1 : high]])
    turned = f"{whom} {match['did']} {who}{rest}"
    return [Claim(match[0], evidence, supported=True, kind=KIND),
            Claim(_write(turned), evidence, supported=False, kind=KIND)]  # fmt: skip


def _lower(phrase: str) -> str:
    return re.sub(r"^(?:The|An?)\b", lambda match: match[0].lower(), phrase)


def _be(who: str) -> str:
    return "were" if who.startswith("the ") and re.search(r"[^s]s$|people$|police$|men$", who) else "was"


def _write(text: str) -> str:
    """Write a clause as a sentence."""
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def _act(who: str, did: str, whom: str) -> str:
    return f"{who} {did} {whom}"


def _suffer(who: str, did: str, whom: str) -> str:
    """Say in the passive what somebody did to somebody."""
    return f"{whom} {_be(whom)} {_DID[did]} by {who}"


def _both(who: str, did: str, whom: str) -> list[str]:
    return [_act(who, did, whom), _suffer(who, did, whom)]


def _turned(who: str, did: str, whom: str) -> list[str]:
    """Say that the other did it, which tells nothing false of what both do."""
    return [] if did in _MUTUAL else _both(whom, did, who)


def _plain(c: Cast, rng: random.Random) -> Scene:
    when = rng.choice(("", " on Friday", " last year", " in the end", " again", " after a long dispute"))
    said = _both(c.one, c.did, c.other)
    shown = rng.choice(said) + when
    return shown, said, _turned(c.one, c.did, c.other)


def _clause_on_subject(c: Cast, rng: random.Random) -> Scene:
    who = rng.choice(("who", "that"))
    text = rng.choice((
        f"{c.one}, {who.replace('that', 'who')} {c.did} {c.other}, {c.alone}",
        f"{c.one} {who} {c.did} {c.other} {c.alone}",
    ))  # fmt: skip
    said = [*_both(c.one, c.did, c.other), f"{c.one} {c.alone}"]
    return text, said, [*_turned(c.one, c.did, c.other), f"{c.other} {c.alone}", f"{c.other} {c.alone}"]


def _clause_on_object(c: Cast, rng: random.Random) -> Scene:
    text = rng.choice((
        f"{c.one}, whom {c.other} {c.did}, {c.alone}",
        f"{c.one} that {c.other} {c.did} {c.alone}",
        f"{c.one} {c.other} {c.did} {c.alone}",
        f"{c.one}, {c.by} by {c.other}, {c.alone}",
        f"{c.one}, who {_be(c.one)} {c.by} by {c.other}, {c.alone}",
    ))  # fmt: skip
    said = [*_both(c.other, c.did, c.one), f"{c.one} {c.alone}"]
    return text, said, [*_turned(c.other, c.did, c.one), f"{c.other} {c.alone}", f"{c.other} {c.alone}"]


def _two_acts(c: Cast, rng: random.Random) -> Scene:
    text = rng.choice((
        f"{c.one} {c.did} {c.other}, who {c.did_too} {c.third}",
        f"{c.one} {c.did} {c.other} before {c.other} {c.did_too} {c.third}",
        f"{c.third} {_be(c.third)} {_DID[c.did_too]} by {c.other}, whom {c.one} {c.did}",
    ))  # fmt: skip
    said = [*_both(c.one, c.did, c.other), *_both(c.other, c.did_too, c.third)]
    unsaid = [*_turned(c.one, c.did, c.other), *_both(c.one, c.did_too, c.third), *_both(c.one, c.did, c.third)]
    return text, said, unsaid


def _beside(c: Cast, rng: random.Random) -> Scene:
    beside = rng.choice(("near", "behind", "next to", "beside", "from the house of", "in the car of"))
    text = f"{c.one} {beside} {c.other} {c.did} {c.third}"
    said = [*_both(c.one, c.did, c.third)]
    return text, said, [*_both(c.other, c.did, c.third), *_turned(c.one, c.did, c.third), _act(c.one, c.did, c.other)]


def _joined(c: Cast, rng: random.Random) -> Scene:
    if rng.random() < 0.5:
        text = f"{c.one} and {c.other} {c.did} {c.third}"
        said = [_act(c.one, c.did, c.third), _act(c.other, c.did, c.third), _suffer(c.one, c.did, c.third)]
        return text, said, [_act(c.one, c.did, c.other), *_turned(c.one, c.did, c.third)]
    text = f"{c.one} {c.did} {c.other} and {c.third}"
    said = [*_both(c.one, c.did, c.other), *_both(c.one, c.did, c.third)]
    return text, said, [_act(c.other, c.did, c.third), *_turned(c.one, c.did, c.third)]


def _not_but(c: Cast, rng: random.Random) -> Scene:
    text = rng.choice((
        f"{c.one}, not {c.other}, {c.did} {c.third}",
        f"It was {c.one} and not {c.other} who {c.did} {c.third}",
        f"{c.third} {_be(c.third)} {c.by} by {c.one} rather than by {c.other}",
        f"{c.one} instead of {c.other} {c.did} {c.third}",
    ))  # fmt: skip
    said = _both(c.one, c.did, c.third)
    return text, said, [*_both(c.other, c.did, c.third), *_turned(c.one, c.did, c.third)]


def _cleft(c: Cast, rng: random.Random) -> Scene:
    if rng.random() < 0.5:
        return f"It was {c.one} who {c.did} {c.other}", _both(c.one, c.did, c.other), _turned(c.one, c.did, c.other)
    return f"It was {c.one} that {c.other} {c.did}", _both(c.other, c.did, c.one), _turned(c.other, c.did, c.one)


def _gave(c: Cast, rng: random.Random) -> Scene:
    past, by, back = rng.choice(
        (("gave", "given", "received"), ("sold", "sold", "bought"), ("lent", "lent", "borrowed"))
    )
    given = f"{c.one} {past} {c.goods} to {c.other}"
    got = f"{c.other} {back} {c.goods} from {c.one}"
    third = f"{c.goods} {'were' if re.search('keys|horses', c.goods) else 'was'} {by} to {c.other} by {c.one}"
    said = [given, got, third]
    unsaid = [
        f"{c.other} {past} {c.goods} to {c.one}",
        f"{c.one} {back} {c.goods} from {c.other}",
        f"{c.other} {past} {c.one} {c.goods}",
    ]
    return rng.choice(said), said, unsaid


def _did_and_did_not(c: Cast, rng: random.Random) -> Scene:
    did = c.did if c.did in _BASE else rng.choice(sorted(_BASE))
    base = _BASE[did]
    said = _both(c.one, did, c.other)
    if rng.random() < 0.4:
        how = rng.choice(("managed to", "was able to", "went on to", "remembered to", "dared to"))
        return f"{c.one} {how} {base} {c.other}", said, _turned(c.one, did, c.other)
    how = rng.choice((
        "refused to", "failed to", "tried in vain to", "promised to", "forgot to", "wanted to", "threatened to",
        f"told {c.third} to", f"asked {c.third} to", "was ready to", "was about to", "hoped to", "was expected to",
    ))  # fmt: skip
    alone = f"{c.one} {c.alone}"
    return f"{c.one} {how} {base} {c.other} and {c.alone}", [alone, alone], said


def _within(c: Cast, rng: random.Random) -> Scene:
    inner, outer = rng.choice(_both(c.one, c.did, c.other)), f"{c.third} {c.alone}"
    said = _both(c.one, c.did, c.other)
    if rng.random() < 0.5:
        text = rng.choice((
            f"after {inner}, {outer}", f"{outer} because {inner}", f"since {inner}, {outer}",
            f"{c.third} knew that {inner}", f"{c.third} noticed that {inner}", f"although {inner}, {outer}",
            f"it turned out that {inner}", f"{outer}, and {inner}", f"certainly {inner}",
            f"{c.third} proved that {inner}",
            f"{outer} while {inner}", f"as soon as {inner}, {outer}", f"{c.third} found out that {inner}",
        ))  # fmt: skip
        return (
            text,
            said,
            _turned(c.one, c.did, c.other) or [_act(c.third, c.did, c.other), _act(c.one, c.did, c.third)],
        )
    text = rng.choice((
        f"if {inner}, {c.third} will say so", f"unless {inner}, nothing changes", f"{outer}, or {inner}",
        f"{c.third} believed that {inner}", f"{c.third} feared that {inner}", f"{c.third} hoped that {inner}",
        f"perhaps {inner}", f"{c.third} denied that {inner}", f"it is not known whether {inner}",
        f"supposedly {inner}", f"{c.third} dreamt that {inner}", f"{c.third} doubts that {inner}",
        f"{c.third} claimed that {inner}", f"whether or not {inner}, {c.third} will speak",
        f"step two: write that {inner}", f"tell everybody that {inner}", f"always answer that {inner}",
        f"{c.third} wishes that {inner}", f"in {c.third}'s novel, {inner}", f"is it true that {inner}?",
        f"{c.third} told everybody that {inner}", f"it could be that {inner}", f"in case {inner}, {c.third} has a plan",
    ))  # fmt: skip
    return text, [text, text], said


def _told(c: Cast, rng: random.Random) -> Scene:
    inner = rng.choice(_both(c.one, c.did, c.other))
    whole = inner[0].upper() + inner[1:]
    forms = (f"“{whole},” said {c.third}", f"“{whole},” {c.third} said", f"{c.third} said that {inner}",
             f"according to {c.third}, {inner}", f"{inner}, {c.third} said")  # fmt: skip
    said = [form for form in forms if "“" not in form]
    return rng.choice(forms), said, [*_both(c.one, c.did, c.other), f"{c.one} said that {inner}"]


_SCENES: Sequence[Callable[[Cast, random.Random], Scene]] = (
    _plain, _plain, _clause_on_subject, _clause_on_object, _two_acts, _beside, _joined, _not_but, _cleft, _gave,
    _did_and_did_not, _within, _within, _told,
)  # fmt: skip
