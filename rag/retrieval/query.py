"""Make the `Query` of a question: what it wants, of which publishers and times, parsed once (pure but for an LLM)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.protocols import LLM
from rag.retrieval.answer_types import AnswerType, has_reason_word, parse_answer_type
from rag.retrieval.attribution import find_attribution
from rag.retrieval.follow_ups import asks_about_answer, complete
from rag.retrieval.rewriting import rewrite
from rag.retrieval.survey_questions import SurveyQuestion, parse_survey
from rag.text.dates import find_days, parse_day_number
from rag.text.english import (
    CHOICE_QUESTION,
    COORDINATION,
    EARLIER_STATE,
    LATEST_STATE,
    OPEN_QUESTION,
    PRESENT_TIME,
)
from rag.text.speakers import SpeechQuestion, parse_speech_question
from rag.text.time_expressions import Period, parse_periods
from rag.types import Message

Moment = Literal["latest", "stated", "any"]
"""Which of several values that changed over time a question means: the last, that of a time which it states, or not
said."""
QueryKind = Literal["fact", "open", "yes or no"]
"""What a question wants: one fact, a few sentences that explain, or what speaks for and against."""

_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]*(?:\s+(?:of |the |al-|de )?[A-Z][\w'’-]*)*")


@dataclass(frozen=True, slots=True)
class Query:
    """A question with all that search, ranking and composing need to know of it, so that its text is parsed once."""

    text: str
    """The question understandable by itself: completed from the conversation where it leaned on it."""
    kind: QueryKind
    answer_type: AnswerType
    """What its question words ask for."""
    wants_reason: bool
    """Whether it asks why."""
    wants_quantity: bool
    """Whether a figure or a day is asked for."""
    moment: Moment
    """Which of several values that changed over time it means."""
    sides: tuple[str, ...]
    """The names that it puts beside each other, at least two; empty where it does not."""
    publishers: frozenset[str]
    """The publishers of the index that it names."""
    attributed_to: str
    """The one of them whose word it asks for, as in “according to the Post”; empty where there is none, or several."""
    speech: SpeechQuestion | None
    """Whose word it asks for, of those who speak in the articles, and on what; None where it asks for nobody's."""
    days: frozenset[str]
    """The days that it names, as the end of YYYY-MM-DD: `-06-12` where it leaves the year out."""
    periods: tuple[Period, ...]
    """The stretches of time that it names, seen from `today`."""
    as_of: date | None
    """The day on which it is asked, where the filters state one: articles of that time go before others."""
    today: date
    """That day, or else the current one."""
    means_present: bool
    """Whether it speaks of the stated day on which it is asked, as in “this week”."""
    survey: SurveyQuestion | None = None
    """The articles that it wants, where it asks which there are of something, or what happened at a time."""
    plain: "Query | None" = None
    """The question as asked, where it is not sure that it had to be completed or taken apart: the surer is answered."""
    parts: tuple["Query", ...] = ()
    """The questions that it is decomposed into; empty where it is one."""
    other_sides: tuple[str, ...] = ()
    """The names beside its own in the question of which it is a part: what is said of them does not answer it."""
    leans: bool = False
    """Whether it asks about the answer of the part before it, with which it is completed when that is known."""
    llm_error: str = ""
    """Why the LLM did not help to understand it; empty where it did or was not needed."""

    @property
    def subqueries(self) -> tuple["Query", ...]:
        """Return the queries that are put to the index: its parts, or itself."""
        return self.parts or (self,)

    @property
    def is_particular(self) -> bool:
        """Whether it means some articles more than others."""
        return bool(self.publishers or self.days or self.as_of or self.periods)

    def names_day(self, day: str) -> bool:
        """Whether it names a day, YYYY-MM-DD."""
        return any(day.endswith(named) for named in self.days)


def make_query(
    question: str,
    *,
    history: Sequence[Message] = (),
    as_of: str = "",
    publishers: Iterable[str] = (),
    llm: LLM | None = None,
) -> Query:
    """Make the query of a question in a conversation: rewrite it to stand alone, decompose it, parse each text once.

    `as_of` is the day on which it is asked, YYYY-MM-DD (FilterError for what is no day); `publishers` are those of the
    index. An LLM helps to rewrite where rules see that it may be needed.
    """
    known = tuple(publishers)
    rewritten = rewrite(question, history, llm)
    parts = [parse_query(text, as_of=as_of, publishers=known) for text in rewritten.parts]
    whole = parse_query(rewritten.text, as_of=as_of, publishers=known)
    for number, part in enumerate(parts):
        leans = number > 0 and asks_about_answer(part.text, parts[number - 1].text)
        # What is asked of one side alone has that side still, of which something must be said.
        sides = part.sides or tuple(name for name in whole.sides if name in part.text)
        others = tuple(name for name in whole.sides if name not in part.text) if sides else ()
        parts[number] = replace(part, leans=leans, sides=sides, other_sides=others)
    plain = whole if rewritten.plain == rewritten.text else None
    if rewritten.plain and plain is None:
        plain = parse_query(rewritten.plain, as_of=as_of, publishers=known)
    return replace(whole, plain=plain, parts=tuple(parts), llm_error=rewritten.llm_error)


def complete_query(query: Query, before: Query, answer: str, *, publishers: Iterable[str] = ()) -> Query:
    """Complete a query that asks about the answer of the one before it; from that question where it has none."""
    said = [Message("assistant", f"It is {answer}.")] if answer else []
    text = complete(query.text, [Message("user", before.text), *said])
    return parse_query(text, as_of=query.as_of.isoformat() if query.as_of else "", publishers=publishers)


def parse_query(text: str, *, as_of: str = "", publishers: Iterable[str] = ()) -> Query:
    """Parse one question that stands alone, as it is, without decomposing it; FilterError for a bad `as_of`."""
    stated = date.fromisoformat(as_of) if parse_day_number(as_of) else None
    today = stated or date.today()
    wanted = parse_answer_type(text)
    known = tuple(publishers)
    days = frozenset(map(str, find_days(text)))
    periods = tuple(parse_periods(text, today))
    return Query(
        text=text,
        kind=_kind(text, wanted),
        answer_type=wanted,
        wants_reason=has_reason_word(text),
        wants_quantity=wanted.is_quantity,
        moment=_moment(text, is_timed=bool(days or periods)),
        sides=_sides(text),
        publishers=frozenset(name for name in known if name and _occurs_as_words(name, text)),
        attributed_to=find_attribution(text, known),
        speech=parse_speech_question(text),
        days=days,
        periods=periods,
        as_of=stated,
        today=today,
        means_present=stated is not None and bool(PRESENT_TIME.search(text)),
        survey=parse_survey(text, periods),
    )


def _kind(text: str, wanted: AnswerType) -> QueryKind:
    is_english = wanted.language == "en"
    is_particular = wanted.is_quantity or wanted.kind in ("person", "place")
    if wanted.kind == "yes or no" or (is_english and not is_particular and CHOICE_QUESTION.search(text.strip())):
        return "yes or no"
    return "open" if wanted.is_open or has_reason_word(text) or (is_english and OPEN_QUESTION.search(text)) else "fact"


def _moment(text: str, *, is_timed: bool) -> Moment:
    if LATEST_STATE.search(text):
        return "latest"
    return "stated" if is_timed or EARLIER_STATE.search(text) else "any"


def _sides(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(_NAME.findall(text))) if COORDINATION.search(text) else ()
    return names if len(names) > 1 else ()


def _occurs_as_words(publisher: str, text: str) -> bool:
    """Whether a text names a publisher as it is written, as whole words."""
    # Most publishers are not there at all, and a pattern for each costs more than the look.
    return publisher in text and bool(re.search(rf"(?<!\w){re.escape(publisher)}(?!\w)", text))
