"""Take apart what a question asks of two things at once: both, the same, a difference, “compare …” (pure)."""

import re

from rag.text.english import (
    MODALS,
    MONTHS,
    PREPOSITIONS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    any_of,
)
from rag.text.inflection import agree, find_singular, is_past, is_plural, put_article
from rag.text.question_clauses import QUESTION_PHRASE_OPENING, as_question, ask_directly, ask_what, split_question

_VERBS = any_of([*QUESTION_VERBS, *MODALS])
_WORDS = any_of(QUESTION_WORDS)
_PREPOSITION = any_of(PREPOSITIONS)
_INNER = r"(?:of|from|in|on|for|to|and the|the|de|la|al|bin|von|van)"
_CAPITAL = r"(?:[A-Z0-9][\w'’.&-]*|\([^)]*\))"
_NAME = rf"(?!(?i:{_VERBS}|{_WORDS}|between)\b)(?:[Tt]he )?{_CAPITAL}(?:\s+(?:{_INNER}\s+){{0,2}}{_CAPITAL})*"
_PAIR = re.compile(rf"(?<![\w-])(?P<one>{_NAME}),? and (?P<other>{_NAME})")
_EACH = re.compile(r"\b(?:both|each(?! other))\b,?\s*", re.I)
_HOW_ARE = re.compile(rf"(?P<opening>(?i:how \w+|where)) (?P<be>(?i:are|were)) (?P<one>{_NAME}) and (?P<other>{_NAME})")
_SAME = re.compile(
    r"(?P<auxiliary>are|were|is|was|do|does|did) (?P<one>.+?) and (?P<other>.+?)"
    rf"(?P<verb> (?!{_PREPOSITION}\b)(?-i:[a-z]+))?(?P<preposition> {_PREPOSITION})? "
    r"the same (?P<noun>[a-z]+(?: [a-z]+)?)",
    re.I,
)
_AGREE = re.compile(
    rf"(?:do|did) (?P<one>.+?) and (?P<other>.+?) (?:agree|disagree|differ) (?:on|about|over|in) "
    rf"(?P<clause>{QUESTION_PHRASE_OPENING}.+)",
    re.I,
)
_DIFFERENCE = re.compile(
    r"what (?P<be>is|was) the difference in (?P<noun>.+?) between (?P<one>.+?) and (?P<other>.+)", re.I
)
_COMPARE = re.compile(r"(?:please )?compare (?P<rest>.+)", re.I)
_TWO_PLACES = re.compile(
    rf"(?P<stem>.+?) (?P<first>{_PREPOSITION}) (?P<one>(?:(?!{_PREPOSITION}\b)\S+ ){{1,4}}?)(?:and|with|to) "
    rf"(?:(?:that|those) )?(?:(?P<second>{_PREPOSITION}) )?(?P<other>(?:(?!{_PREPOSITION}\b)\S+ ?){{1,5}})",
    re.I,
)
_TWO_OWNERS = re.compile(r"(?P<one>.+?['’]s?) (?P<noun>.+?) (?:and|with|to) (?P<other>.+?['’]s?)(?: (?P=noun))?", re.I)
_SIDES = ("one", "other")
_YEAR = re.compile(r" \d{4}$")


def ask_of_each(question: str) -> tuple[str, ...]:
    """Ask of each of two things what a question asks of both; empty where it does not say that it means each."""
    asked = " ".join(question.split()).rstrip("?!. ")
    for form in (_ask_by_agreement, _ask_by_difference, _ask_by_comparing, _ask_for_same, _ask_of_each, _ask_how):
        if parts := tuple(dict.fromkeys(form(asked))):
            return parts if len(parts) > 1 else ()
    return ()


def _ask_by_agreement(asked: str) -> tuple[str, ...]:
    """“Do the Post and the Mail agree on how many came?”: according to each, how many came?"""
    match = _AGREE.fullmatch(asked)
    if match is None:
        return ()
    clause = ask_directly(match["clause"])
    return tuple(f"According to {match[side]}, {clause[:1].lower()}{clause[1:]}" for side in _SIDES)


def _ask_by_difference(asked: str) -> tuple[str, ...]:
    """“What is the difference in height between the abbey and the mill?”"""
    match = _DIFFERENCE.fullmatch(asked)
    if match is None:
        return ()
    return tuple(as_question(f"What {match['be'].lower()} the {match['noun']} of {match[side]}") for side in _SIDES)


def _ask_by_comparing(asked: str) -> tuple[str, ...]:
    """“Compare the ticket prices of the ferry and the bus.”, “Compare what Orr said in May and in June.”"""
    match = _COMPARE.fullmatch(asked)
    if match is None:
        return ()
    rest = match["rest"]
    is_clause = re.match(QUESTION_PHRASE_OPENING, rest, re.I) is not None
    if owned := None if is_clause else _TWO_OWNERS.fullmatch(rest):
        return tuple(ask_what(f"{owned[side]} {owned['noun']}") for side in _SIDES)
    if is_clause and (pair := _PAIR.search(rest)) and not _is_period(pair["one"]):
        return tuple(ask_directly(f"{rest[: pair.start()]}{pair[side]}{rest[pair.end() :]}") for side in _SIDES)
    places = _TWO_PLACES.fullmatch(rest)
    if places is None:
        return ()
    one = places["one"].strip()
    if _is_period(one) and not _YEAR.search(one) and (year := _YEAR.search(places["other"])):
        one += year[0]
    ask = ask_directly if is_clause else ask_what
    return (
        ask(f"{places['stem']} {places['first']} {one}"),
        ask(f"{places['stem']} {places['second'] or places['first']} {places['other']}"),
    )


def _ask_for_same(asked: str) -> tuple[str, ...]:
    """“Were Orr and Falk born in the same town?”, “Do the abbey and the mill have the same owner?”"""
    match = _SAME.fullmatch(re.sub(r"\bboth ", "", asked, flags=re.I))
    if match is None:
        return ()
    auxiliary = match["auxiliary"].lower()
    verb = (match["verb"] or "").strip()
    preposition = (match["preposition"] or "").strip()
    asks = []
    for side in _SIDES:
        thing = match[side]
        singular = agree(auxiliary, thing)
        if auxiliary in ("are", "were", "is", "was"):
            if verb and not is_past(verb) and verb != "born":
                if not is_plural(verb):
                    return ()
                asks.append(f"What {match['noun']} {singular} {thing} {put_article(find_singular(verb))} {preposition}")
            elif preposition == "of" and not verb:
                asks.append(f"What {singular} the {match['noun']} of {thing}")
            else:
                asks.append(f"{preposition} what {match['noun']} {singular} {thing} {verb}")
        elif verb == "have":
            asks.append(f"What {'was' if auxiliary == 'did' else 'is'} the {match['noun']} of {thing}")
        else:
            asks.append(f"{preposition} what {match['noun']} {singular} {thing} {verb}")
    return tuple(map(as_question, asks))


def _ask_of_each(asked: str) -> tuple[str, ...]:
    """“Are Ada Fell and Orrin Bask both engineers?”, “Which school did both Orr and Falk attend?”"""
    pair = _PAIR.search(asked)
    around = f"{asked[: pair.start()]}\0{asked[pair.end() :]}" if pair else ""
    if pair is None or not _EACH.search(around):
        return ()
    before, after = (text.strip() for text in _EACH.sub("", around).split("\0"))
    words = before.split()
    is_question = split_question(before) is not None
    if not is_question or not words or words[-1].casefold() not in (*QUESTION_VERBS, *MODALS):
        return ()
    *opening, auxiliary = words
    asks = []
    for side in _SIDES:
        verb = agree(auxiliary.casefold(), pair[side])
        rest = _singularise(after) if verb in ("is", "was") else after
        asks.append(as_question(" ".join([*opening, verb, pair[side], rest])))
    return tuple(asks)


def _ask_how(asked: str) -> tuple[str, ...]:
    """“How old are Ada Fell and Orrin Bask?”"""
    match = _HOW_ARE.fullmatch(asked)
    # “The Lune and Orm Bridges” share their noun.
    if match is None or (is_plural(match["other"].split()[-1]) and not is_plural(match["one"].split()[-1])):
        return ()
    opening, be = match["opening"], match["be"].lower()
    return tuple(as_question(f"{opening} {agree(be, match[side])} {match[side]}") for side in _SIDES)


def _singularise(complement: str) -> str:
    """Say of one thing what is said of two: “American directors” becomes “an American director”."""
    words = complement.split()
    end = next((number for number, word in enumerate(words) if word in PREPOSITIONS), len(words))
    if not end or not is_plural(words[end - 1]):
        return complement
    singular = [*words[: end - 1], find_singular(words[end - 1])]
    return " ".join([put_article(" ".join(singular)), *words[end:]])


def _is_period(text: str) -> bool:
    return bool(re.fullmatch(rf"(?:{any_of(MONTHS)})?(?: ?\d{{4}})?", text))
