"""Recognise questions that want articles surveyed: which of them mention something, what happened at a time (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.text.english import MODALS, PREPOSITIONS, QUESTION_VERBS, any_of
from rag.text.time_expressions import Period

SurveyKind = Literal["mentions", "subjects", "events"]
"""Whether articles in which something is named are wanted, those that are about it, or what happened at a time."""

_VERB = any_of([*QUESTION_VERBS, *MODALS])
_ARTICLES = r"(?:news |newspaper )?(?:articles?|stories|story|reports?|pieces?|documents?|texts?)"
_WANTED = (
    r"(?:(?:please )?(?:list|show(?: me)?|find(?: me)?|give me|name)(?: (?:all|the|every|each|any|those|some))*"
    r"|(?:which|what|how many)(?: of (?:the|these|your))?|(?:is|are) there(?: (?:an?|any|some))?"
    r"|(?:do|does|did)(?: (?:any|some))(?: of (?:the|these|your))?|(?:have you|do you have)(?: (?:an?|any|some))?)"
)
_MENTION = r"(?:mention|name|refer to|quote|cite|speak of|contain|include)(?:s|ed|ing)?"
_BE_ABOUT = (
    r"(?:(?:talk|write|written|speak|report)(?:s|ing|ed)? (?:about|on)|deal(?:s|ing)? with"
    r"|(?:discuss|cover)(?:es|s|ed|ing)?|about|concerning|regarding|on)"
)
_ABOUT_ARTICLES = re.compile(
    rf"{_WANTED} {_ARTICLES}(?: (?:that|which|in which|there|you have|in the index|{_VERB}))*"
    rf"(?: (?P<mention>{_MENTION})| (?P<about>{_BE_ABOUT})) (?P<topic>.+)",
    re.I,
)
_EVENT = re.compile(
    r"what (?:else |all )?(?:has |have |had )?(?:happened|happens|took place|taken place|occurred|went on|was going on"
    r"|was in the news|was reported|was new|was the news)\b(?P<rest>.*)",
    re.I,
)
_PLACE = re.compile(r"(?:in|at|on|around|near|here) (?P<place>\S.*)", re.I)
_LINK = rf"(?:{any_of([*PREPOSITIONS, 'back'])}(?: the)? )*"


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """What articles are wanted: of which kind, and what they must name."""

    kind: SurveyKind
    topic: str = ""
    """What is to be named in them, without the time that the question names; empty where all of a time are wanted."""


def parse_survey(question: str, periods: Sequence[Period]) -> SurveyQuestion | None:
    """Parse a question that wants articles surveyed; None for any other. `periods` are those that it names.

    >>> parse_survey("Which articles mention the old mill?", [])
    SurveyQuestion(kind='mentions', topic='the old mill')
    """
    asked = " ".join(question.split()).strip(" ?.!")
    if match := _ABOUT_ARTICLES.fullmatch(asked):
        topic = _remove_periods(match["topic"], periods)
        return SurveyQuestion("mentions" if match["mention"] else "subjects", topic) if topic else None
    event = _EVENT.fullmatch(asked) if len(periods) == 1 and periods[0].days else None
    rest = _remove_periods(event["rest"], periods) if event else ""
    place = _PLACE.fullmatch(rest)
    if event is None or (rest and place is None):
        return None
    return SurveyQuestion("events", place["place"] if place else "")


def _remove_periods(text: str, periods: Sequence[Period]) -> str:
    for period in periods:
        text = re.sub(rf"\b{_LINK}{re.escape(period.words)}(?!\w)", "", text, flags=re.I)
    return " ".join(text.split()).strip(" ,")
