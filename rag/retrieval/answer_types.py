"""Parse which type of answer a question wants, and tell whether a text holds one (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, takewhile
from typing import Literal, get_args

from rag.text import languages
from rag.text.calendar_names import names_hour, names_time, names_year, remove_times
from rag.text.english import ACCOUNT_FIGURES, CONNECTIVES, FUNCTION_WORDS, MODALS, QUESTION_VERBS, SCALES, any_of
from rag.text.english import QUESTION_WORDS as ENGLISH_QUESTION_WORDS
from rag.text.figures import has_number, remove_numbers, write_digits
from rag.text.inflection import find_singular, is_plural
from rag.text.languages import UNSPACED, common_words, find_language, fold
from rag.text.question_words import MONEY_WORDS, QUESTION_WORDS, TOPIC_WORDS
from rag.text.units import Unit, find_units, remove_measures, remove_units
from rag.text.words import split_parts

AnswerKind = Literal[
    "person",
    "place",
    "time",
    "duration",
    "amount",
    "count",
    "reason",
    "comparison",
    "list",
    "definition",
    "explanation",
    "other",
    "yes or no",
]
"""What a question wants; “other” where its words do not say."""
AskedUnit = Unit | Literal["age", "frequency", "tally", "hour", "day", "month", "year"]
"""What an amount measures, how it is put (a tally sets two numbers side by side), or how fine a time is asked for."""

_KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
_VERB_FIRST = ("en", "de", "nl")
"""Languages in which a question for yes or no begins with its verb."""
_CLAUSE_END = re.compile(r"[.,:;?!…] *$")
_VAGUE = ("comparison", "list", "definition", "explanation", "other")
"""Kinds that give way, in this order, to those whose question word stands at the same place."""
_INDIRECT = re.compile(
    r"^.*\b(?:(?:tell|show|explain to) (?:me|us)|know|wonder|wondering|namely|find out|any idea)\b"
    rf"(?=[^?]{{0,30}}?\b{any_of(ENGLISH_QUESTION_WORDS)}\b)",
    re.I | re.S,
)
"""What asks to be told, before the question itself, however long it is."""
_TELL = "…"
"""Stands for “tell me”, so that what follows is not the beginning of a question."""
_CONNECTIVE = re.compile(rf"^\W*(?:{any_of(CONNECTIVES)})\b[\s,]*", re.I)
_FOREIGN_CONNECTIVE = re.compile(rf"^\W*{languages.any_word_of(languages.CONNECTIVES)}[\s,]*", re.I)
_PUNCTUATION = re.compile(r"[^\w\s'-]")
_VERBS = frozenset([*QUESTION_VERBS, *MODALS, "may", "might", "must"])
_BEFORE_NOUN = re.compile(r"how (?:many|few|much)\b|(?:in |on |at |by )?which\b|number of\b|list\b|name\b")
_MOST_KEYWORDS = 6
"""Words of the longest text without a question word that is taken for keywords."""
_MAX_NOUN_WORDS = 3
_LINKS = ("the", "a", "an", "of")
_PLURAL = re.compile(r"\w\w+s|people|men|women|children|police|staff|sheep|fish")
_PLURAL_UNIT = re.compile(r"(?:square|cubic|nautical) \w+s?\b|\w+s\b|feet\b")
"""A unit that is counted, unlike that of “second homes” and “foot passengers”."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED_WORD = re.compile(r"[^\W\d_]")
_COUNTED = re.compile(r"\d[\d.,]*[ -]([a-z]{2,})")
_AGE = re.compile(r"(?<![\w.,$£€-])(\d{1,3})(?:(?:st|nd|rd|th) birthday|(?![\w%]|[.,]\d)(?:[ -]([a-z]{2,}))?)")
"""A figure that may be an age, and the word right behind it, which it may count."""
_MAX_AGE = 125
_STRETCH_OF_YEARS = re.compile(r"\b(?:for|within|during|every)\s+(?:[\w-]+\s+){1,4}?years?\b(?!\s+old)", re.I)
"""How long something lasted, which is no age."""
_TALLY = re.compile(r"\d (?:votes? |goals? |points? )?(?:to|against) \d|\d ?[-–:] ?\d|\b(?:by|of) \d")
_DECADE_OF_LIFE = re.compile(r"\b(?:teens|teenager|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)\b")
_STRETCH = re.compile(
    r"\b(?:since|until|till|to|through|from|between|by|all|overnight|indefinitely|permanently|forever|never|still|after)\b"
    r"|[–-]",
    re.I,
)
_FREQUENCY = re.compile(r"\b(?:rarely|often|regularly|frequently|seldom|occasionally|usually|constantly)\b", re.I)


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What a question wants, as far as its words say it."""

    kind: AnswerKind = "other"
    units: tuple[AskedUnit, ...] = ()
    """What an amount may measure, or how fine a time must be; empty where any will do."""
    noun: str = ""
    """What is counted or chosen from: “passengers” of “how many passengers”, “team” of “which team”."""
    language: str = "en"
    """The language of the question, as a code such as “de”."""

    @property
    def is_quantity(self) -> bool:
        """Whether a figure or a time is wanted."""
        return self.kind in ("time", "duration", "amount", "count")

    @property
    def is_open(self) -> bool:
        """Whether a few sentences that explain are wanted."""
        return self.kind in ("reason", "explanation")


@lru_cache(1024)
def parse_answer_type(question: str) -> AnswerType:
    """Parse what a question wants by its question words, in one of twelve languages.

    >>> parse_answer_type("How many passengers can the ferry carry?")
    AnswerType(kind='count', units=(), noun='passengers', language='en')
    >>> parse_answer_type("Wie schwer ist die Glocke?").units
    ('weight',)
    """
    language = find_language(question)
    folded = _fold_question(question, language)
    found = min(_find_question_words(folded, language), default=None)
    is_statement = question.rstrip().endswith((".", "!"))
    if found is None and language == "en" and not is_statement and len(folded.split()) <= _MOST_KEYWORDS:
        found = max(_find_topics(folded), default=None)
    if found is None:
        return AnswerType(language=language)
    label, end = found.label, found.end
    kind = next(kind for kind in _KINDS if label.startswith(kind))
    units: tuple[AskedUnit, ...] = tuple(label.removeprefix(kind).split())  # type: ignore[arg-type]
    noun = "" if language in UNSPACED else _find_noun(folded[end:], language)
    measured = find_units(f"2 {noun}", language) - {"percent"} if kind == "count" else frozenset()
    if measured and (language != "en" or _PLURAL_UNIT.match(noun)):
        if measured == {"duration"}:
            return AnswerType("duration", noun=noun, language=language)
        return AnswerType("amount", tuple(sorted(measured)), noun, language)
    if kind == "list" and language == "en":
        units = _find_listed_units(folded[end:])
    has_noun = kind == "list" or (kind in ("count", "other", "amount") and not units)
    if language == "en" and not _BEFORE_NOUN.match(folded, found.start):
        has_noun = False
    return AnswerType(kind, units, noun if has_noun else "", language)


def remove_question_words(question: str, language: str) -> str:
    """Return a question without the words that say what it asks for."""
    folded = fold(question)
    # Folding leaves as many characters where none is of two, and the case of what is left is needed.
    text = question if len(folded) == len(question) else folded
    kept = list(text)
    for label, pattern in _compile(language):
        for match in pattern.finditer(folded) if label != "yes or no" else ():
            kept[match.start() : match.end()] = " " * (match.end() - match.start())
    return "".join(kept)


def has_reason_word(question: str) -> bool:
    """Whether a question asks why anywhere in it, as in “Who resigned and why?”."""
    language = find_language(question)
    return any(found.label == "reason" for found in _find_question_words(_fold_question(question, language), language))


def _fold_question(question: str, language: str) -> str:
    """Fold a question from its question word on, without what joins it to the one before or asks to be told."""
    if language == "en":
        question = _CONNECTIVE.sub("", _INDIRECT.sub(_TELL, question))
    else:
        question = _FOREIGN_CONNECTIVE.sub("", question)
    return fold(question).strip(" ¿¡«»„“”\"'")


@dataclass(frozen=True, order=True, slots=True)
class _Match:
    """A question word: the first one goes before the others, then the plainer kind, the longer one, the first named."""

    start: int
    vagueness: int
    shortness: int
    place: int
    label: str
    end: int


def _find_question_words(folded: str, language: str) -> Iterator[_Match]:
    for place, (label, pattern) in enumerate(_compile(language)):
        for match in pattern.finditer(folded):
            vagueness = _VAGUE.index(label) + 1 if label in _VAGUE else 0
            start = match.start()
            if label == "yes or no" and start:
                if language in _VERB_FIRST and not _CLAUSE_END.search(folded[:start]):
                    continue
                start = len(folded)
            yield _Match(start, vagueness, -len(match[0]), place, label, match.end())


def _find_topics(folded: str) -> Iterator[_Match]:
    """Find what keywords look for: the last of such words, since those before it say of what."""
    for place, (label, pattern) in enumerate(TOPIC_WORDS.items()):
        for match in re.finditer(rf"\b(?:{pattern})\b(?! (?:rise|cut|hike)s?\b)", folded):
            yield _Match(match.start(), 0, 0, -place, label, match.end())


def _find_listed_units(rest: str) -> tuple[AskedUnit, ...]:
    """Find what the things that are to be listed measure: money of “all the ticket prices”, days of “the dates”."""
    plural = re.sub(r"(?<=[a-rt-z])s\b", "", rest)
    topic = max(_find_topics(plural), default=None)
    if topic is None:
        return ()
    kind, *units = topic.label.split()
    if kind == "time":
        return ("day",)
    return tuple(units) if kind == "amount" else ()  # type: ignore[arg-type]


@lru_cache(maxsize=16)
def _compile(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = QUESTION_WORDS[language].items()
    if language == "en":
        return tuple((label, re.compile(rf"\b(?:{pattern})(?!\w)")) for label, pattern in rows)
    if language in UNSPACED:
        return tuple((label, re.compile(fold(pattern))) for label, pattern in rows)
    return tuple((label, re.compile(rf"(?<!\w)(?:{fold(pattern)})(?:(?!\w)|(?<='))")) for label, pattern in rows)


def _find_noun(rest: str, language: str) -> str:
    """Find the noun behind a question word: the words up to a verb or a plural, or else the first one.

    Of other languages it is the first word, unless that says nothing.
    """
    words = rest[: end.start()].split() if (end := _PUNCTUATION.search(rest)) else rest.split()
    if language != "en":
        return next((word for word in words[:1] if word not in common_words(language)), "")
    words = list(takewhile(lambda word: word not in FUNCTION_WORDS, dropwhile(_LINKS.__contains__, words)))
    before = list(takewhile(lambda word: word not in _VERBS, words[: _MAX_NOUN_WORDS + 1]))
    if len(before) < len(words[: _MAX_NOUN_WORDS + 1]):
        return " ".join(before)
    plural = next((place for place, word in enumerate(before) if _PLURAL.fullmatch(word)), 0)
    return " ".join(before[: plural + 1])


@lru_cache(8192)
def holds(wanted: AnswerType, text: str) -> bool:
    """Whether a text, a span or a sentence, may hold an answer of a type; False only where a rule is sure that not.

    True of any text for a reason, “other” and whatever else has no form.

    >>> holds(parse_answer_type("How many people came?"), "in March 2024")
    False
    >>> holds(parse_answer_type("How many people died?"), "Nobody was hurt.")
    True
    """
    found = find_language(text)
    # A short text in characters that both share is taken for Chinese.
    languages_of_text = {wanted.language} if wanted.language == "ja" and found == "zh" else {wanted.language, found}
    return any(_holds_in(language, wanted, text) for language in languages_of_text)


def names_wanted(wanted: AnswerType, text: str) -> bool:
    """Whether a text surely names what is wanted: the unit asked for, or a number right before what is counted."""
    language = wanted.language
    if wanted.kind == "count":
        root = re.escape(fold(wanted.noun)[: max(4, len(wanted.noun) - 2)])
        if not root:
            return has_number(text, language)
        near = re.search(rf"(?<!\w)([\w.,]+ (?:\w+ ){{0,2}}?){root}", fold(text))
        return near is not None and has_number(near[1], language)
    if wanted.kind == "amount" and wanted.units:
        return bool(find_units(text, language) & set(wanted.units))
    if wanted.kind == "duration":
        return "duration" in find_units(text, language)
    return holds(wanted, text)


def _holds_in(language: str, wanted: AnswerType, text: str) -> bool:
    match wanted.kind:
        case "time":
            return _holds_time(wanted, text, language)
        case "duration":
            return _holds_duration(wanted, text, language)
        case "amount":
            return _holds_amount(wanted, text, language)
        case "count":
            return has_number(_remove_measured(text, language), language)
        case "person" | "place":
            return _names_something(text, language)
        case "list" if wanted.units:
            return (
                names_time(text, language)
                if "day" in wanted.units
                else bool(find_units(text, language) & set(wanted.units))
            )
        case _:
            return True


def _holds_duration(wanted: AnswerType, text: str, language: str) -> bool:
    """Whether a text has a unit of time or names a stretch of it, or a figure where the question names the unit."""
    if "duration" in find_units(text, language):
        return True
    if wanted.noun:
        return has_number(_remove_measured(text, language), language)
    return names_time(text, language) and (language != "en" or bool(_STRETCH.search(text)))


def _holds_time(wanted: AnswerType, text: str, language: str) -> bool:
    if "hour" in wanted.units:
        return names_hour(text, language)
    if "year" in wanted.units:
        return names_year(text) or "duration" in find_units(text, language)
    return names_time(text, language)


def _holds_amount(wanted: AnswerType, text: str, language: str) -> bool:
    """Whether a text has a unit that is asked for, or a figure that may lack its unit."""
    found = find_units(text, language)
    if found & set(wanted.units) or (found and not wanted.units):
        return True
    if "tally" in wanted.units:
        return "percent" in found or bool(_TALLY.search(write_digits(fold(text), language)))
    if "frequency" in wanted.units:
        is_said = has_number(text, language) or names_time(text, language)
        return language != "en" or is_said or bool(_FREQUENCY.search(text))
    if "age" in wanted.units and "duration" in find_units(_STRETCH_OF_YEARS.sub(" ", text), language):
        return True
    left = _remove_measured(text, language)
    if language != "en" and found:
        return any(character.isdigit() for character in left)
    if language != "en" or not wanted.units:
        return has_number(left, language)
    if "age" in wanted.units:
        ages = (age for age in _AGE.finditer(left) if 0 < int(age[1]) < _MAX_AGE and not _is_counted(age[2]))
        return any(ages) or bool(_DECADE_OF_LIFE.search(left))
    if "money" in wanted.units and MONEY_WORDS.search(text):
        return has_number(left, language)
    counted = _COUNTED.search(left)
    return has_number(left, language) and (counted is None or not _is_counted(counted[1]))


def counts_another(question: str, wanted: AnswerType, text: str) -> bool:
    """Whether a question asks for a number of things, and the numbers of a text count others that it goes on to name.

    >>> question = "How many pots does a kiln hold?"
    >>> counts_another(question, parse_answer_type(question), "Twelve kilns were built.")
    True
    """
    if wanted.kind != "count" or not wanted.noun or wanted.language != "en" or names_wanted(wanted, text):
        return False
    digits = write_digits(fold(text), "en")
    counted = [noun for noun in re.findall(r"\d[\d.,]*\s+([a-z]+)", digits) if is_plural(noun)]
    rest = fold(question).partition(wanted.noun)[2].split()
    beside = split_parts(" ".join(dropwhile(lambda word: word not in _VERBS, rest)))
    return bool(counted) and all(noun in beside or find_singular(noun) in beside for noun in counted)


def find_account_figures(text: str) -> frozenset[str]:
    """Find which figures of accounts a text names: “profit”, “revenue”."""
    return frozenset(name for name, words in ACCOUNT_FIGURES.items() if words.search(text))


def measures_another(question: str, text: str) -> bool:
    """Whether a text gives another figure of accounts than the one that a question names, and not that one.

    >>> measures_another("What profit did the mill make?", "Its revenue was 4 million.")
    True
    """
    asked, given = find_account_figures(question), find_account_figures(text)
    return bool(asked and given) and asked.isdisjoint(given)


def _is_counted(word: str | None) -> bool:
    """Whether a word behind a figure is what the figure counts, or empty."""
    return bool(word) and word not in FUNCTION_WORDS and word not in SCALES


def _remove_measured(text: str, language: str) -> str:
    """Return a text, folded and its numbers in digits, without the figures of times and measures."""
    left = remove_measures(fold(text), language)
    return remove_times(remove_measures(write_digits(left, language), language), language)


def _names_something(text: str, language: str) -> bool:
    """Whether a text has a word beside its times, figures and units, which may be a name or a description."""
    left = remove_numbers(remove_units(remove_times(fold(text), language), language), language)
    words = _UNSPACED_WORD if language in UNSPACED else _WORD
    return any(word not in common_words(language) for word in words.findall(left))
