"""Take comparisons apart: ask for the value of each thing that a question compares (pure)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from rag.retrieval.value_questions import (
    WHICH,
    ValueQuestion,
    is_measure,
    quantify,
    read_choice,
    read_predicate,
    read_statement,
)
from rag.text.english import (
    DETERMINERS,
    ORDINALS,
    PREPOSITIONS,
    QUESTION_WORDS,
    SUBJECT_PRONOUNS,
    UNITS_OF_TIME,
    any_of,
)
from rag.text.inflection import find_past, find_singular, is_past, is_plural
from rag.text.question_clauses import OPENING_VERBS, as_question, is_grammatical

_BE = ("is", "are", "was", "were")
_MAX_THING_WORDS = 8
"""Words of a thing compared, at most."""
_PREFIXED = re.compile(r"(?:of|between|out of|among|comparing) (?P<things>[^,]+ (?:and|or) [^,]+), (?P<asked>.+)", re.I)
_AMONG = re.compile(r"(?P<which>which|who)(?: one)? of (?P<one>.+?) (?:and|or) (?P<rest>.+)", re.I)
_ENCLOSED = re.compile(r"(?P<which>which|who)(?: of[^,]+)?, (?P<things>[^,]+ or [^,]+), (?P<predicate>.+)", re.I)
_IT_WAS = re.compile(r"(?P<be>is|was) it (?P<one>.+?) or (?P<other>.+?) (?:that|who|which) (?P<predicate>.+)", re.I)
_THERE_OF_TWO = re.compile(
    rf"(?P<be>{any_of(_BE)}) there (?:more|fewer|less) (?P<one>[\w-]+(?: [\w-]+)?) (?:or|than) (?P<other>[\w-]+)"
    rf"(?P<tail> {any_of(PREPOSITIONS)} .+)?",
    re.I,
)
_MORE_DO = re.compile(
    r"(?P<auxiliary>do|did) (?:more|fewer|less) (?P<noun>[a-z]+) (?P<verb>[a-z]+)"
    rf"(?P<preposition> {any_of(PREPOSITIONS)})? (?P<one>.+?) (?:or|than) (?P<other>.+)",
    re.I,
)
_BOTH_WAYS = re.compile(
    r"\b(?P<one>(?:more |less )?\w+) or (?:(?:more|less) \w+|\w+er)(?= than\b)"
    r"|\b(?P<more>more|less|fewer) or (?:more|less|fewer)\b"
)
_STANDARDS = ("usual", "normal", "average", "ever", "before")
"""What a thing is compared with that is no other thing."""
_SETTING = re.compile(r" (?:in|at|on|during|for) .+$")
_OWNED = re.compile(r"['’]s? (?P<noun>.+)$|(?P<described>the .+?) of ")
_ELLIPTIC = re.compile(rf"(?P<kept>(?:the|a|an|this|that) (?:[\w-]+ )?)(?:ones?|(?P<ordinal>{any_of(ORDINALS)}))$")
_THERE = re.compile(
    rf"(?P<be>{any_of(_BE)}) there (?:more|fewer|less) (?P<noun>.+?) (?P<first>{any_of(PREPOSITIONS)}) (?P<one>.+?) "
    rf"(?:or|than) (?:(?P<second>{any_of(PREPOSITIONS)}) )?(?P<other>.+)",
    re.I,
)


def ask_for_values(question: str) -> tuple[str, ...]:
    """Ask for the value of each thing that a question compares; empty where it compares none."""
    asked = " ".join(question.split()).rstrip("?!. ")
    forms: tuple[Callable[[str], tuple[str, ...]], ...] = (
        _ask_of_choice,
        _ask_of_prefixed,
        _ask_of_named,
        _ask_of_amounts,
        _ask_of_subjects,
        _ask_of_than,
        _ask_of_or,
    )
    for form in forms:
        if values := tuple(dict.fromkeys(form(asked))):
            return values if len(values) > 1 else ()
    return ()


# The forms of comparisons.


def _ask_of_choice(asked: str) -> tuple[str, ...]:
    """“Which is faster, the ferry or the bus?”; also without the comma, where a name or “the” follows."""
    if not WHICH.match(asked) or " or " not in asked:
        return ()
    parted = re.search(r"\s*[,:;–—]\s+(?=\S.*?\bor\b)|\s+-\s+(?=\S.*?\bor\b)", asked)
    if parted:
        value = read_choice(asked[: parted.start()])
        return _ask_of(value, _split_things(asked[parted.end() :]))
    words = asked.split()
    for number in range(2, words.index("or")):
        if words[number][:1].isupper() or words[number] == "the":
            value = read_choice(" ".join(words[:number]))
            if value is not None and not value.tail:
                return _ask_of(value, _split_things(" ".join(words[number:])))
    return ()


def _ask_of_prefixed(asked: str) -> tuple[str, ...]:
    """“Of the ferry and the bus, which is faster?”"""
    match = _PREFIXED.fullmatch(asked)
    if match is None or not WHICH.match(match["asked"]):
        return ()
    return _ask_of(read_choice(match["asked"]), _split_things(re.sub(r" and ", " or ", match["things"])))


def _ask_of_named(asked: str) -> tuple[str, ...]:
    """“Which of the ferry and the bus is faster?”, “Was it the ferry or the bus that came first?”"""
    if match := _ENCLOSED.fullmatch(asked):
        return _ask_of(read_choice(f"{match['which']} {match['predicate']}"), _split_things(match["things"]))
    if match := _IT_WAS.fullmatch(asked):
        return _ask_of(read_predicate(match["predicate"].split()), [match["one"], match["other"]])
    if match := _AMONG.fullmatch(asked):
        words = match["rest"].split()
        for number in range(1, len(words)):
            value = read_predicate(words[number:])
            if value is not None and (words[number] in OPENING_VERBS or words[number - 1][:1].isupper()):
                return _ask_of(value, [match["one"], " ".join(words[:number])])
    return ()


def _ask_of_amounts(asked: str) -> tuple[str, ...]:
    """“Are there more beds in the old house or in the new one?”"""
    if (match := _THERE_OF_TWO.fullmatch(asked)) and is_plural(match["one"]) and is_plural(match["other"]):
        tail = match["tail"] or ""
        return tuple(
            as_question(f"How many {match[side]} {match['be'].lower()} there{tail}") for side in ("one", "other")
        )
    match = _THERE.fullmatch(asked)
    if match is None or not (_is_thing(match["one"]) and _is_thing(match["other"])):
        return ()
    opening = f"How {quantify(match['noun'])}"
    places = (f"{match['first']} {match['one']}", f"{match['second'] or match['first']} {match['other']}")
    return tuple(as_question(f"{opening} {match['be'].lower()} there {place}") for place in places)


def _ask_of_subjects(asked: str) -> tuple[str, ...]:
    """“Did more people visit the abbey or the mill?”"""
    match = _MORE_DO.fullmatch(asked)
    if match is None:
        return ()
    place = (match["preposition"] or "").strip()
    things = [match["one"], match["other"].removeprefix(f"{place} ")]
    if not all(_is_thing(thing) or (place and thing.isdecimal()) for thing in things):
        return ()
    verb = match["verb"] if match["auxiliary"].casefold() == "do" else find_past(match["verb"])
    opening = f"How {quantify(match['noun'])} {verb} {place}"
    return tuple(as_question(f"{opening} {thing}") for thing in things)


def _ask_of_than(asked: str) -> tuple[str, ...]:
    """“Is the ferry faster than the bus?”, “Did the port sell more fish in May than in June?”"""
    left, than, other = _BOTH_WAYS.sub(lambda match: match["one"] or match["more"], asked).partition(" than ")
    words = left.split()
    if not than or " than " in other or words[0].casefold() not in OPENING_VERBS:
        return ()
    # The last comparative is the one before “than”.
    for number in range(len(words) - 1, 1, -1):
        if is_measure(words[number]):
            one, value = read_statement(words, number)
            return _ask_of_pair(one, _resolve_ellipsis(one, other), value)
    return ()


def _ask_of_or(asked: str) -> tuple[str, ...]:
    """“Is the ferry or the bus faster?”, “Did the port sell more fish in May or in June?”"""
    words = asked.split()
    if words[:1] == [] or words[0].casefold() not in OPENING_VERBS or words.count("or") != 1:
        return ()
    place = words.index("or")
    for number in range(2, len(words)):
        if is_measure(words[number]):
            if number < place:
                one, value = read_statement(words[:place], number)
                other = " ".join(words[place + 1 :])
                return _ask_of_pair(one, other, value) if other.split()[:1] and _is_place(other) else ()
            one = re.sub(r"^either ", "", " ".join(words[1:place]))
            other, value = read_statement([words[0], *words[place + 1 :]], number - place)
            return _ask_of(value, [one, other])
    return ()


# What is asked of each thing.


def _ask_of(value: ValueQuestion | None, things: Iterable[str]) -> tuple[str, ...]:
    named = [thing.strip(" ,") for thing in things]
    return tuple(map(value.ask, named)) if value is not None and all(map(_is_thing, named)) else ()


def _ask_of_pair(one: str, other: str, value: ValueQuestion | None) -> tuple[str, ...]:
    """Ask of two things, or of one at two times or places: “in May”, “in June”."""
    if value is None or not (_is_thing(one) or _is_noun(one)):
        return ()
    if not _is_place(other):
        setting = _SETTING.search(other) if value.verb and not value.tail and not _SETTING.search(one) else None
        if setting:
            other, value = other[: setting.start()], replace(value, tail=setting[0].strip())
        return _ask_of(value, [one, other]) or (_ask_of_nouns(value, one, other))
    if not _is_place(value.tail) or is_grammatical(other.split()[-1]):
        return ()
    return value.ask(one), replace(value, tail=other).ask(one)


def _ask_of_nouns(value: ValueQuestion, one: str, other: str) -> tuple[str, ...]:
    """Ask of two things without a name or article, “gold” and “lead”."""
    return (value.ask(one), value.ask(other)) if _is_noun(one) and _is_noun(other) else ()


# Things and words.


def _split_things(text: str) -> list[str]:
    return [thing for thing in re.split(r",\s*(?:or\s+)?|\s+or\s+", text.strip()) if thing]


def _is_thing(text: str) -> bool:
    """Whether words can name a thing that has a value, rather than a time, an amount, or more of the question."""
    words = text.split()
    plain = [word.casefold().strip(",") for word in words]
    if not 0 < len(words) <= _MAX_THING_WORDS or plain[0] in SUBJECT_PRONOUNS or plain[0][:1].isdigit():
        return False
    if plain[-1] in PREPOSITIONS:
        return False
    if any(
        word in QUESTION_WORDS or (word in OPENING_VERBS and word == raw)
        for word, raw in zip(plain, words, strict=True)
    ):
        return False
    if words[0].islower() and plain[0] not in DETERMINERS:
        # “than planned”, “than before” name nothing, “bus 9” and “cats” do.
        return any(word[:1].isdigit() or word[:1].isupper() for word in words) or (
            not is_grammatical(words[0]) and (is_plural(words[-1]) or is_plural(words[0]))
        )
    if plain[0] not in DETERMINERS:
        return True
    start = next((number for number, word in enumerate(words) if not is_grammatical(word)), len(words))
    end = next((number for number, word in enumerate(words) if number > start and is_grammatical(word)), len(words))
    head = plain[end - 1]
    return start < len(words) and head not in UNITS_OF_TIME and find_singular(head) not in UNITS_OF_TIME


def _is_noun(text: str) -> bool:
    """Whether a text is one word that may be a noun, not “planned”, “usual” or “before”."""
    return text.isalpha() and text.islower() and not (is_past(text) or is_grammatical(text) or text in _STANDARDS)


def _is_place(text: str) -> bool:
    """Whether words say where or when: “in May”."""
    return text.split()[:1] != [] and text.split()[0].casefold() in PREPOSITIONS


def _resolve_ellipsis(one: str, other: str) -> str:
    """Name the second in full: “that of Orlow” behind “the budget of Skarn”, “Orlow's” behind “Skarn's budget”."""
    if elliptic := _ELLIPTIC.fullmatch(other):
        return f"{elliptic['kept']}{elliptic['ordinal'] or ''} {one.split()[-1]}".replace("  ", " ")
    owned = _OWNED.search(one)
    if owned is None:
        return other
    if re.match(r"(?:that|those) of ", other):
        return re.sub(r"^(?:that|those)", owned["described"] or f"the {owned['noun']}", other)
    return f"{other} {owned['noun']}" if re.search(r"['’]s?$", other) and owned["noun"] else other
