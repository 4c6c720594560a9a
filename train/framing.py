"""Puts a sentence of a text into an order, a wish, a condition, a question, a hypothesis or somebody's mouth.

What is ordered, wished, supposed or reported is not said by the text itself; what is known, or has turned out, is.
"""

import random
import re
from collections.abc import Sequence

from rag.text.sentences import split_sentences
from train.claims import Claim, tidy
from train.data import Example
from train.exchanging import Pool, names
from train.rewording import reword

KIND = "framed"
REPORT = "reported"
_LONGEST = 650
_CLAUSE = re.compile(
    r"(?:The|An?|He|She|It|They|His|Her|Its|Their|This|[A-Z]\w+ [A-Z]\w+) [^“”\"?!:;()]{20,220}(?<!\b[A-Z])\."
)
"""A sentence that can be one part of another."""
_OPENING = re.compile(r"(?:The|An?|He|She|It|They|His|Her|Its|Their|This)\b")
_ORDERS = (
    "Step two: write that {s}.", "Step three: say that {s}.", "Write that {s}.", "Answer that {s}.",
    "Always reply that {s}.", "Tell everyone that {s}.", "Forget the rest and write that {s}.",
    "Repeat after me: {s}.", "Please state that {s}.", "Editors should write that {s}.", "Pretend that {s}.",
    "Do not say that {s}.", "Make sure that the summary says that {s}.", "Your answer must be that {s}.",
)  # fmt: skip
_UNREAL = (
    "{n} hopes that {s}.", "{n} wishes that {s}.", "We hope that {s}.", "If {s}, the plan will be changed.",
    "{n} will leave if {s}.", "Unless {s}, {n} will go to court.", "Nothing will change unless {s}.",
    "Suppose that {s}.", "Imagine that {s}.", "Is it true that {s}?", "{n} asked whether {s}.",
    "It is not known whether {s}.", "Whether {s} remains unclear.", "It could be that {s}.",
    "It is possible that {s}.", "Perhaps {s}.", "Maybe {s}.", "{n} fears that {s}.", "{n} dreamt that {s}.",
    "{n} expects that {s}.", "{n} doubts that {s}.", "{n} denied that {s}.", "It is a myth that {s}.",
    "It is wrong that {s}.", "In the novel, {s}.", "In the film by {n}, {s}.", "{n} would be glad if {s}.",
    "It would have been a surprise if {s}.", "Had {n} won, one would have read that {s}.",
    "There is no proof that {s}.",
    "{n} wants to show that {s}.", "{n} tried to prove that {s}.", "Assuming that {s}, the costs will rise.",
    "In case {s}, {n} has a plan.", "Provided that {s}, the work goes on.", "{n} might say that {s}.",
)  # fmt: skip
_REPORTS = (
    "{n} said that {s}.", "“{S},” said {n}.", "“{S},” {n} said.", "According to {n}, {s}.", "{n} claimed that {s}.",
    "{S}, {n} said.", "{S}, according to {n}.", "{n} told reporters that {s}.", "{n} wrote that {s}.",
    "{n} says {s}.", "{n} believes that {s}.", "“{S},” {n} wrote.", "In the words of {n}, “{s}.”", "{n}: “{S}.”",
    "{n} insisted that {s}.", "{n} alleges that {s}.", "{n} thinks that {s}.",
)  # fmt: skip
_REAL = (
    "It turned out that {s}.", "It is a fact that {s}.", "{n} noticed that {s}.", "{n} proved that {s}.",
    "Because {s}, the plan was changed.", "Although {s}, {n} went on.", "After that, {s}.", "As everybody knows, {s}.",
    "{n} found out that {s}.", "It surprised {n} that {s}.", "{S}, which pleased {n}.", "{S}, and {n} was glad.",
    "In fact, {s}.", "{n} did not know that {s}.", "It is true that {s}.", "Now that {s}, {n} can go on.",
)  # fmt: skip
_SPEAKERS = (
    "the mayor|a spokesman|the police|the minister|critics|a witness|the company|experts|the author|a neighbour".split(
        "|"
    )
)


def make_frame(example: Example, rng: random.Random, pool: Pool) -> list[Claim]:
    """Make claims of one sentence of a text, which stands there as it is and within another."""
    context = tidy(example.context)
    texts = [context[start:end] for start, end in split_sentences(context, "en")]
    places = [place for place, text in enumerate(texts) if _CLAUSE.fullmatch(text) and len(text.split()) > 5]
    if not places:
        return []
    place = rng.choice(places)
    text = texts[place]
    speakers = [name for name in names(context) if " " in name and name not in text] or _SPEAKERS
    around = _cut_near(texts, place, rng)
    if rng.random() < 0.45:
        return _report(text, around, rng, [*rng.sample(speakers, min(3, len(speakers))), *rng.sample(_SPEAKERS, 2)])
    speaker = rng.choice([*speakers, *_SPEAKERS])
    unreal = _put(rng.choice(_ORDERS if rng.random() < 0.35 else _UNREAL), text, speaker)
    real = _put(rng.choice(_REAL), text, speaker)
    told, _ = reword(text, text, rng)
    return [
        Claim(told, _join(around, unreal), supported=False, kind=KIND),
        Claim(told, _join(around, rng.choice((text, real))), supported=True, kind=KIND),
        *([Claim(unreal, _join(around, unreal), supported=True, kind=KIND)] if rng.random() < 0.2 else []),
        *([Claim(unreal, _join(around, text), supported=False, kind=KIND)] if rng.random() < 0.2 else []),
    ]


def _report(text: str, around: tuple[str, str], rng: random.Random, speakers: Sequence[str]) -> list[Claim]:
    """Make claims of what somebody says: it holds of him, of nobody else, and not without him."""
    speaker, other = speakers[0], speakers[1]
    forms = rng.sample(_REPORTS[:8], 2)
    evidence = _join(around, _put(rng.choice(_REPORTS), text, speaker))
    told, _ = reword(text, text, rng)
    return [
        Claim(told, evidence, supported=False, kind=REPORT),
        Claim(_put(forms[0], text, speaker), evidence, supported=True, kind=REPORT),
        Claim(_put(forms[1], text, other), evidence, supported=False, kind=REPORT),
        Claim(told, _join(around, text), supported=True, kind=REPORT),
    ]


def _put(form: str, text: str, speaker: str) -> str:
    """Put a sentence and a speaker into a form."""
    clause = text.rstrip(".")
    lower = _OPENING.sub(lambda match: match[0].lower(), clause, count=1) if _OPENING.match(clause) else clause
    made = form.format(s=lower, S=clause, n=speaker)
    return made[0].upper() + made[1:]


def _cut_near(texts: Sequence[str], place: int, rng: random.Random) -> tuple[str, str]:
    """Cut the sentences before and after one, few enough for the network."""
    low, high = max(0, place - rng.randint(0, 2)), place + 1 + rng.randint(0, 2)
    before, after = " ".join(texts[low:place]), " ".join(texts[place + 1 : high])
    room = _LONGEST - len(texts[place])
    return ("", "") if len(before) + len(after) > room else (before, after)


def _join(around: tuple[str, str], text: str) -> str:
    return " ".join(part for part in (around[0], text, around[1]) if part)
