"""Read what a comparison asks of each thing: how large, how many of what, how much, when (pure)."""

import re
from dataclasses import dataclass, replace

from rag.text.english import (
    NEUTRAL_ADJECTIVES,
    PARTICLES,
    PRICE_ADJECTIVES,
)
from rag.text.inflection import agree, find_adjective, is_past, is_plural, put_article, split_verb
from rag.text.question_clauses import OPENING_VERBS, as_question, is_grammatical

_BE = ("is", "are", "was", "were")
_DO_AND_BASE = {"has": ("does", "have"), "have": ("do", "have"), "had": ("did", "have")}
_DO = {"is": "does", "are": "do", "was": "did", "were": "did"}
_MORE = ("more", "less", "fewer", "most", "least", "fewest")
_TIMES = ("first", "last", "earlier", "later", "sooner", "earliest", "soonest")
_ADVERBS = {"good": "well", "bad": "badly"}
_MAX_NOUNS = 4
"""Words between “which” and its verb, at most."""
_MAX_OBJECT_WORDS = 2
"""Words of an object between “who”, its verb and the comparative: “pays coffee growers more”."""
WHICH = re.compile(
    r"(?:which|who|what)(?: one)?(?: of (?:the|these|those|them)(?: (?:two|three|four|both|\d))?)?\b\s*", re.I
)


@dataclass(frozen=True, slots=True)
class ValueQuestion:
    """What is asked of each thing: “How many passengers” “does” … “carry” “in summer”."""

    opening: str
    auxiliary: str
    verb: str = ""
    tail: str = ""
    attribute: str = ""
    """What stands before the thing: “the population of”."""

    def ask(self, thing: str) -> str:
        """Ask it of one thing."""
        auxiliary = self.auxiliary if self.attribute else agree(self.auxiliary, thing)
        words = (self.opening, auxiliary, self.attribute, thing, self.verb, self.tail)
        return as_question(" ".join(filter(None, words)))


def read_choice(asked: str) -> ValueQuestion | None:
    """Read what “which …” asks: a predicate, behind the noun that the things are, if any."""
    opening = WHICH.match(asked)
    words = asked[opening.end() :].split() if opening else []
    is_who = opening is not None and opening[0].casefold().startswith("who")
    for number in range(min(1 if is_who else _MAX_NOUNS, len(words))):
        if number and is_grammatical(words[number - 1]) and words[0] != "of":
            break
        # Behind “which” the first word may be a noun, and what follows its verb.
        value = read_predicate(
            words[number:],
            is_plural_subject=bool(number) and is_plural(words[number - 1]),
            max_object_words=_MAX_OBJECT_WORDS if is_who or number else 1,
        )
        if value is not None:
            return value
    return None


def read_statement(words: list[str], number: int) -> tuple[str, ValueQuestion | None]:
    """Read “is the ferry fast…” or “does the ferry carry more …”: the thing, and what is asked of it.

    `number` is that of the comparative among the words.
    """
    auxiliary = words[0].casefold()
    article = words[number - 1 : number] if words[number - 1] in ("the", "a", "an") else []
    inner = words[1 : number - len(article)]
    size = 0
    if len(inner) > 1 and (is_past(inner[-1]) if auxiliary in _BE else inner[-1].islower()):
        size = 2 if inner[-1] in PARTICLES and len(inner) > 2 else 1
    if size == 0 and auxiliary not in _BE and auxiliary not in _DO_AND_BASE:
        return "", None
    thing = inner[: len(inner) - size]
    return " ".join(thing), read_predicate([auxiliary, *inner[len(thing) :], *article, *words[number:]])


def read_predicate(
    words: list[str], *, is_plural_subject: bool = False, max_object_words: int = 0
) -> ValueQuestion | None:
    """Read “is faster”, “was built first”, “carries more passengers in summer”, “has the longer bridge”.

    So many words may stand between the verb and the comparative, a plural: “pays coffee growers more”.
    """
    auxiliary = words[0].casefold() if words and words[0].casefold() in OPENING_VERBS else ""
    rest = words[1:] if auxiliary else words
    number = next((number for number, word in enumerate(rest[:4]) if is_measure(word)), -1)
    if number < 0 or not (auxiliary or number):
        return None
    article = rest[number - 1] if number and rest[number - 1] in ("the", "a", "an") else ""
    verb = rest[: number - bool(article)]
    if verb and not (verb[0].islower() and _is_verb(verb, max_object_words)):
        return None
    behind = rest[number + 1 :]
    size = next((place for place, word in enumerate(behind) if is_grammatical(word)), len(behind))
    nouns = [word for word in behind[:size] if word != "one"]
    value = _find_value(
        rest[number].casefold(), auxiliary, nouns, has_verb=bool(verb), article=rest[number - 1] if article else ""
    )
    if value is None:
        return None
    tail = re.sub(r"^of (?:the|these|those) (?:two|three|four)\b ?", "", " ".join(behind[size:]))
    if find_adjective(rest[number]) in ("near", "close"):
        tail = re.sub(r"^to\b", "from", tail)
    if value.opening == "When" and nouns:
        return None
    return _conjugate(replace(value, tail=tail), auxiliary, verb, is_plural_subject=is_plural_subject)


def _is_verb(words: list[str], max_object_words: int) -> bool:
    """Whether words may be a verb, with a particle or with an object of so many words."""
    if len(words) == 1 or (len(words) == 2 and words[1] in PARTICLES):
        return True
    has_object = len(words) <= max_object_words + 1 and all(map(str.islower, words)) and is_plural(words[-1])
    return has_object and bool(split_verb(words[0])[1])


def _find_value(
    measure: str, auxiliary: str, nouns: list[str], *, has_verb: bool, article: str
) -> ValueQuestion | None:
    """Find what a comparative asks for: how large, how many of what, how much, when."""
    is_be = auxiliary in _BE and not has_verb
    noun = " ".join(nouns)
    if measure in _TIMES:
        return ValueQuestion("When", auxiliary) if has_verb or (is_be and measure not in ("first", "last")) else None
    if measure in _MORE:
        if not nouns:
            return None if is_be else ValueQuestion("How much", auxiliary)
        if is_be:
            return _ask_for_degree(nouns[0], auxiliary) if article == "the" or len(nouns) == 1 else None
        if nouns[0].endswith("ly") or nouns[0] == "often":
            return ValueQuestion(f"How {nouns[0]}", auxiliary)
        if article and len(nouns) > 2:
            return None
        if article and len(nouns) == 2:
            return ValueQuestion(f"How {nouns[0]} {put_article(' '.join(nouns[1:]))}", auxiliary)
        return ValueQuestion(f"How {quantify(noun)}", auxiliary)
    adjective = find_adjective(measure)
    neutral = NEUTRAL_ADJECTIVES.get(adjective, adjective)
    if is_be:
        return _ask_for_degree(adjective, auxiliary) if article == "the" or not nouns else None
    if not nouns:
        return ValueQuestion(f"How {_ADVERBS.get(neutral, neutral)}", auxiliary)
    if not article:
        return None
    if auxiliary in _DO_AND_BASE and not has_verb:
        be = ("was" if auxiliary == "had" else "is") if not is_plural(noun) else "were" if auxiliary == "had" else "are"
        return ValueQuestion(f"How {neutral}", be, attribute=f"the {noun} of")
    return None if is_plural(noun) else ValueQuestion(f"How {neutral} {put_article(noun)}", auxiliary)


def _ask_for_degree(adjective: str, auxiliary: str) -> ValueQuestion:
    if adjective in PRICE_ADJECTIVES:
        return ValueQuestion("How much", _DO[auxiliary], "cost")
    if adjective == "quick":
        return ValueQuestion("How long", _DO[auxiliary], "take")
    return ValueQuestion(f"How {NEUTRAL_ADJECTIVES.get(adjective, adjective)}", auxiliary)


def _conjugate(
    value: ValueQuestion, auxiliary: str, verb: list[str], *, is_plural_subject: bool
) -> ValueQuestion | None:
    """Put the verb where a question has it: “carries” is “does … carry”."""
    if value.attribute or value.verb or (auxiliary in _BE and not verb):
        return value
    if auxiliary:
        if verb:
            return replace(value, verb=" ".join(verb))
        do, base = _DO_AND_BASE.get(auxiliary, ("", ""))
        return replace(value, auxiliary=do, verb=base) if base else None
    do, base = split_verb(verb[0])
    if not base and is_plural_subject:
        do, base = "do", verb[0]
    if base == "come" and value.opening == "When":
        return replace(value, auxiliary="was")
    if base:
        return replace(value, auxiliary=do, verb=" ".join([base, *verb[1:]]))
    is_sure = value.opening == "When" and is_past(verb[0])
    return replace(value, opening="When was it that", verb=" ".join(verb)) if is_sure else None


def quantify(noun: str) -> str:
    """Put “many” or “much” before a noun."""
    return f"{'many' if is_plural(noun.split()[-1]) else 'much'} {noun}"


def is_measure(word: str) -> bool:
    """Whether a word is a comparative or superlative, or says which comes first."""
    plain = word.strip(",")
    return plain in _MORE or plain in _TIMES or (plain.islower() and bool(find_adjective(plain)))
