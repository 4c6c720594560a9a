"""Find who speaks each sentence of a passage, and whose word a question asks for (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.text.english import (
    AUXILIARIES,
    CONVERSATION_PRONOUNS,
    DEMONSTRATIVE_PRONOUNS,
    DETERMINERS,
    NEGATIONS,
    OPINION_VERBS,
    PREPOSITIONS,
    QUANTIFIED_SUBJECTS,
    QUESTION_WORDS,
    REPORTS,
    SPEECH_VERBS,
    STANCE_VERBS,
    SUBJECT_PRONOUNS,
    any_of,
)
from rag.text.lexical import NameMatcher, content_words, find_names, opening_names
from rag.text.quotation_marks import unify_quotation_marks
from rag.text.sentences import split_passage
from rag.text.words import split_parts
from rag.types import Passage

_QUOTE_MARK = re.compile(r"[“”\"]")
_MASK = "§"
"""Stands where a quotation was."""
_SAYS = any_of([*REPORTS, *STANCE_VERBS])
_ADVERBS = r"(?:(?:also|later|then|now|has|have|had|once|again|still|even|already|never|\w+ly) )*"
_PERSON = re.compile(r"(?<![\w’'-])[A-Z][\w’'-]+(?: (?:de|van|von|al|bin|[A-Z]\.))*(?: [A-Z][\w’'-]+){1,3}")
_INVERTED = re.compile(
    rf"[,{_MASK}?!]\s*{any_of(REPORTS)} (?P<speaker>(?!that\b)[^;:{_MASK}]{{2,80}}?)(?=[,.;:{_MASK}]|$)"
)
_NAMED_BEHIND = re.compile(rf", {_PERSON.pattern}")
_FINAL = re.compile(
    rf", (?P<speaker>[^,;{_MASK}]{{2,60}}?) {_ADVERBS}{any_of(REPORTS)}(?! that\b)"
    rf"(?: [^,;{_MASK}]{{0,40}})?\.?$(?P<owner>)"
)
"""Who said it, behind what was said."""
_DIRECT = re.compile(rf"(?<![\w’'-]){_ADVERBS}(?P<verb>{_SAYS})(?![\w’'-])")
_ACCORDING = re.compile(
    r"\b(?:[Aa]ccording to (?P<speaker>[^,;.]{2,80})|[Ii]n (?P<owner>[^,;.]{2,60})['’]s? (?:view|opinion|words)\b)"
)
_CLAUSE_START = re.compile(rf"[;{_MASK}]|, (?:and|but|while|as) |^(?:But|And|So|Yet) ")
_RELATIVE = re.compile(r"(?:who|which|and|but)\W*$")
_PRONOUN = re.compile(r"\W*(?:he|she|they)\W*$", re.I)
_SPEAKER = re.compile(rf"(?:[A-Z]|{any_of(DETERMINERS)} |(?:he|she|they)$)")
"""Opens the words that name somebody."""
_NAMING = re.compile(rf"[A-Z]|^(?:{any_of(DETERMINERS)}|he|she|they)\b")
"""Stands in the words that name somebody behind a verb."""
_MAX_SPEAKER_WORDS = 12
_NO_SUBJECT_END = frozenset((*AUXILIARIES, *PREPOSITIONS, *NEGATIONS, "it"))
"""What a subject never ends with: “it was put off” names nobody who puts."""
_APPOSITION = re.compile(rf"(?:{_PERSON.pattern}|[A-Z][\w’'-]+), [^,]+,$|[^,]+, {_PERSON.pattern},$")
"""A subject with what explains it between commas."""
_PREPOSITION = re.compile(rf" {any_of(PREPOSITIONS)} ")
_POSSESSIVE = re.compile(r"['’]s?$")
_WORD = re.compile(r"[^\W_][\w-]*")
_MIN_QUOTED_SHARE = 0.5
"""The share of a sentence that is quoted where it is a quotation."""

_NO_SPEAKERS = frozenset(
    ("it", "nobody", *CONVERSATION_PRONOUNS, *DEMONSTRATIVE_PRONOUNS, *QUANTIFIED_SUBJECTS, *NEGATIONS)
)
"""What stands before a verb of saying and names nobody."""

# Questions.

_NOBODY_ASKED = frozenset((*_NO_SPEAKERS, *SUBJECT_PRONOUNS, *AUXILIARIES, "article", "articles", "text"))
_SUBJECT = r"(?P<speaker>(?:(?!\b(?:and|or)\b)[^,;:?“”\"]){2,60}?)"
_ASKED = any_of(SPEECH_VERBS)
_LINK = r"(?: (?:that|whether|if|about|of|on|regarding|concerning|to)\b|:|,)?"
_BEFORE_VERB = r"(?:\w+ly |ever |also |first |then )?"
_OPENING = rf"(?:\w+ )?{any_of(QUESTION_WORDS)}\b[^,;:?]{{0,50}}?"
_PARTICIPLES = [verb for verb in REPORTS if verb.endswith(("d", "t"))]
_QUESTION = re.compile(
    rf"^(?:(?P<asked>{_OPENING}) )?(?:(?:did|does|do) {_SUBJECT} {_BEFORE_VERB}"
    rf"(?P<verb>{_ASKED}|have to say|make of)|(?:has|have|had) {_SUBJECT.replace('speaker', 'other')} {_BEFORE_VERB}"
    rf"{any_of(_PARTICIPLES)})\b{_LINK}(?P<topic>.*)$",
    re.I,
)
_ACCORDING_TO = r"(?:according to|in the (?:opinion|view|words) of)"
_ACCORDING_FIRST = re.compile(rf"^{_ACCORDING_TO} (?P<speaker>[^,?]{{2,60}}), (?P<topic>.+)$", re.I)
_ACCORDING_LAST = re.compile(rf"^(?P<topic>.+?),? {_ACCORDING_TO} (?P<speaker>[^,?]{{2,60}})$", re.I)
_VIEW = re.compile(
    r"^what (?:is|was|are|were) (?P<speaker>[^,?]{2,60}?)['’]s? (?:\w+ )?"
    r"(?:view|opinion|reaction|answer|position|argument|comment|verdict)s? "
    r"(?:of|on|about|to|regarding)\b(?P<topic>.*)$",
    re.I,
)
_SAID_BY = [
    *(verb for verb in REPORTS if not verb.startswith(("wr", "t", "add", "maintain"))),
    *("called", "denied", "rejected", "promised", "announced", "admitted", "explained", "doubted"),
]
"""Verbs of one who is asked for, none of them what is done without a word, as “who wrote the play”."""
_WHO_SAID = re.compile(
    rf"^who (?:(?:has|had|was it that) )?(?:\w+ly )?{any_of(_SAID_BY)}\b(?P<link> that\b|:|,)? "
    r"(?P<topic>.+)$",
    re.I,
)
_ACTS = ("when", "where", "why", "who", "whom", "to whom")
"""Words that ask about the saying, unless its verb is one of an opinion."""
_MIN_TOPIC_WORDS = 3
"""Content words of what was said, where a question does not say that it was: “who called the plan a waste of money”."""


@dataclass(frozen=True, slots=True)
class SpeechQuestion:
    """What a question asks about what somebody said."""

    speaker: str
    """Whose word it asks for; empty where it asks who said something."""
    topic: str
    """What was spoken of."""

    @property
    def is_named(self) -> bool:
        """Whether it names the speaker, rather than to describe one: “the mayor”."""
        return _find_head(self.speaker)[:1].isupper()

    @property
    def role(self) -> str:
        """What a description says the speaker is, “mayor” of “the mayor of Lune”; empty where it names somebody."""
        return "" if self.is_named else _find_head(self.speaker)


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence of a passage and who speaks it."""

    start: int
    """Where it begins in its article."""
    end: int
    text: str
    speaker: str = ""
    """The words that name who speaks; empty where nobody is said to."""
    named_at: int = -1
    """Where the sentence begins in which the speaker is named."""
    is_quoted: bool = False
    """Whether most of it stands in a quotation."""


@lru_cache(256)
def parse_speech_question(question: str) -> SpeechQuestion | None:
    """Parse whose word a question asks for, and on what; None for one that asks for nobody's.

    >>> parse_speech_question("What did Ada Brook say about the bridge?")
    SpeechQuestion(speaker='Ada Brook', topic='the bridge')
    >>> parse_speech_question("Who said that the bridge was safe?")
    SpeechQuestion(speaker='', topic='the bridge was safe')
    """
    asked = question.strip().rstrip("?!. ")
    if match := _WHO_SAID.match(asked):
        topic = match["topic"].strip()
        words = len(content_words(topic))
        is_saying = words >= _MIN_TOPIC_WORDS or (words and match["link"]) or topic[:1] in "“\"'"
        return SpeechQuestion("", topic) if is_saying else None
    for pattern in (_ACCORDING_FIRST, _ACCORDING_LAST, _VIEW, _QUESTION):
        match = pattern.match(asked)
        if match is None:
            continue
        speaker = (match["speaker"] or match.groupdict().get("other") or "").strip()
        head = _find_head(speaker)
        if not head or head.casefold() in _NOBODY_ASKED or speaker.split()[0].casefold() in _NOBODY_ASKED:
            return None
        return _make_question(speaker, match)
    return None


def _make_question(speaker: str, match: re.Match[str]) -> SpeechQuestion | None:
    """Make the question about what a speaker said; None where it asks when, where or why that was said."""
    parts = match.groupdict()
    before = parts.get("asked") or ""
    verb = (parts.get("verb") or "").casefold()
    if verb and before.casefold() in _ACTS and verb not in OPINION_VERBS:
        return None
    topic = " ".join(f"{before} {match['topic']}".split()).strip(" :,")
    # “What did she promise?” has its topic in its verb.
    is_about_verb = verb in SPEECH_VERBS and verb not in OPINION_VERBS and not content_words(topic)
    return SpeechQuestion(speaker, f"{topic} {verb}" if is_about_verb else topic)


@lru_cache(512)
def find_speakers(passage: Passage) -> tuple[SpokenSentence, ...]:
    """Find who speaks each sentence of a passage: by a verb of saying, a quotation that goes on, or a pronoun.

    What is quoted in an interview without a speaker is the answer of the person whom its title names.
    """
    places = split_passage(passage)
    people = frozenset(name.split()[-1] for name in _PERSON.findall(f"{passage.title}\n{passage.text}"))
    found: list[SpokenSentence] = []
    interviewee = _find_interviewee(passage)
    last = ("", -1)
    text = unify_quotation_marks(passage.text)
    is_open = False
    opens: list[bool] = []
    masked: list[str] = []
    for number, (start, end) in enumerate(places):
        if number and _begins_paragraph(passage, places[number - 1][1], start):
            is_open = False
        opens.append(is_open)
        own, is_open = _mask_quotations(text[start - passage.start : end - passage.start], is_open=is_open)
        masked.append(own)
        is_quoted = _is_quotation(own, start, end)
        speaker = _find_own_speaker(own)
        named_at = start
        if _PRONOUN.match(speaker):
            speaker, named_at = last
        elif not speaker and number and is_quoted and not is_open:
            speaker, named_at = _find_before(passage, found[-1], start, last)
            if interviewee and not found[-1].speaker:
                speaker, named_at = interviewee, start
        if speaker:
            last = (speaker, named_at)
        elif name := _find_person(own, people):
            last = (name, start)
        found.append(
            SpokenSentence(start, end, passage.at(start, end), speaker, named_at if speaker else -1, is_quoted)
        )
    return tuple(_speak_before(passage, found, masked, opens))


def _find_interviewee(passage: Passage) -> str:
    """Find the person whom the title of an interview names: of a passage that answers questions in quotations."""
    is_interview = bool(re.search(r"\?\s+[“\"]", passage.text))
    return next(iter(_PERSON.findall(passage.title)[-1:]), "") if is_interview else ""


def _begins_paragraph(passage: Passage, end: int, start: int) -> bool:
    return "\n" in passage.at(end, start)


def _mask_quotations(text: str, *, is_open: bool) -> tuple[str, bool]:
    """Replace what is quoted by a mark, and return whether the sentence ends within a quotation."""
    outside: list[str] = []
    at = 0
    for match in _QUOTE_MARK.finditer(text):
        opening = match[0] == "“" or (match[0] == '"' and not is_open)
        outside.append(_MASK if is_open else text[at : match.start()])
        at = match.end()
        is_open = opening
    outside.append(_MASK if is_open else text[at:])
    return " ".join("".join(outside).split()), is_open


def _is_quotation(masked: str, start: int, end: int) -> bool:
    """Whether most of a sentence is quoted."""
    return _MASK in masked and len(masked.replace(_MASK, "")) < (1 - _MIN_QUOTED_SHARE) * (end - start)


def _find_own_speaker(masked: str) -> str:
    """Find the words that name who speaks in a sentence whose quotations are masked; empty where none do."""
    if masked.endswith("?"):
        return ""
    match = _INVERTED.search(masked)
    if match and _NAMING.search(match["speaker"]) and not _APPOSITION.match(masked[: match.start() + 1]):
        named = _NAMED_BEHIND.match(masked, match.end())
        return f"{match['speaker']}{named[0] if named else ''}".strip()
    for pattern in (_ACCORDING, _FINAL):
        if match := pattern.search(masked):
            speaker = (match["speaker"] or match["owner"]).strip()
            if _names_speaker(speaker):
                return speaker
    for match in _DIRECT.finditer(masked):
        before = masked[: match.start()].strip()
        speaker = _find_subject(before)
        if _names_speaker(speaker):
            return speaker
    return ""


def _names_speaker(subject: str) -> bool:
    """Whether the words before a verb of saying name somebody, and do not end in the middle of a clause."""
    words = subject.casefold().split()
    is_name = bool(_SPEAKER.match(subject)) and 0 < len(words) <= _MAX_SPEAKER_WORDS
    return is_name and subject.casefold() not in _NO_SPEAKERS and words[-1] not in _NO_SUBJECT_END


def _find_subject(before: str) -> str:
    """Find the subject in the words before a verb: those of its clause, with what stands between commas."""
    starts = [match.end() for match in _CLAUSE_START.finditer(before)]
    clause = before[starts[-1] if starts else 0 :].strip(" ,") if not before.endswith(",") else before
    clause = _RELATIVE.sub("", clause).strip() or before
    if before.endswith(",") or ", " not in clause:
        return clause.strip(" ,")
    # “Asked about it, Brook said”: what stands before the last comma is no part of the subject.
    return clause.rsplit(", ", 1)[1].strip() or clause


def _find_person(masked: str, people: frozenset[str]) -> str:
    """Find the person with whom a sentence opens, or else the last one that it names in full; empty for none."""
    opening = next((name for name in opening_names(masked) if name in people and masked.startswith(name)), "")
    return opening or next(iter(_PERSON.findall(masked)[-1:]), "")


def _find_before(passage: Passage, before: SpokenSentence, start: int, last: tuple[str, int]) -> tuple[str, int]:
    """Find who speaks a quotation without a verb of saying: who spoke or was named right before it."""
    if _begins_paragraph(passage, before.end, start):
        return "", -1
    return (before.speaker, before.named_at) if before.speaker else (last if last[1] == before.start else ("", -1))


def _speak_before(
    passage: Passage, found: Sequence[SpokenSentence], masked: Sequence[str], opens: Sequence[bool]
) -> list[SpokenSentence]:
    """Give quotations without a speaker the one that is named behind them: “It was late. We left,” said Brook."""
    spoken = list(found)
    for number in range(len(spoken) - 2, -1, -1):
        one, behind = spoken[number], spoken[number + 1]
        is_quoted = _is_quotation(masked[number], one.start, one.end)
        if one.speaker or not behind.speaker or not is_quoted or _begins_paragraph(passage, one.end, behind.start):
            continue
        if opens[number + 1] or _is_quotation(masked[number + 1], behind.start, behind.end):
            spoken[number] = replace(one, speaker=behind.speaker, named_at=behind.named_at)
    return spoken


def is_same_speaker(asked: str, speaker: str, context: str = "") -> bool:
    """Whether words that name who speaks mean whom a question names or describes.

    A description, “the mayor”, means a name too that stands beside it in the context, the text around the sentence.

    >>> is_same_speaker("Ada Brook", "Brook, who runs the ferry")
    True
    >>> is_same_speaker("the captain of the ferry", "Brook", "The captain, Ada Brook, was asked.")
    True
    """
    head = _find_head(asked)
    if not head:
        return False
    if head[0].isupper():
        return not NameMatcher(speaker).explain_missing(" ".join(find_names(f"a {asked}")[-1:]) or head)
    said = split_parts(speaker)
    return head in said or not _find_names_beside(head, context).isdisjoint(said)


@lru_cache(256)
def _find_names_beside(head: str, context: str) -> frozenset[str]:
    """Find the surnames that stand beside a noun: “the captain, Ada Brook”, “Ada Brook, the captain”."""
    name = r"([A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?)"
    noun = re.escape(head)
    pattern = rf"\b(?i:{noun}),? {name}|{name}, (?:\d+, )?(?:(?:the|an?|its|who is) )?(?:[\w’'-]+ ){{0,3}}{noun}\b"
    return frozenset((one or other).split()[-1].casefold() for one, other in re.findall(pattern, context))


def _find_head(description: str) -> str:
    """Find the noun of a description: “spokesman” of “the spokesman of the company”."""
    phrase = _PREPOSITION.split(description)[0]
    words = [word for word in _WORD.findall(_POSSESSIVE.sub("", phrase)) if word.casefold() not in DETERMINERS]
    return words[-1] if words else ""


def names_speaker(asked: str, text: str) -> bool:
    """Whether a sentence has the name or the noun that a question has for a speaker."""
    return _find_head(asked).casefold() in split_parts(text)


def opens_with_speaker(asked: str, text: str) -> bool:
    """Whether a sentence opens with the name that a question has for a speaker, so that it tells of him or her.

    >>> opens_with_speaker("the Harbor Review", "The Review arrives at two million.")
    True
    """
    head = _find_head(asked)
    opening = re.match(r"(?:[Tt]he )?((?:[A-Z][\w’'-]+ ?){1,4})", text)
    return head[:1].isupper() and opening is not None and head in opening[1].split()


def cover_topic(topic: str, text: str, context: str = "") -> float:
    """Compute the share of the words of a topic that a text has; what only its context has counts half."""
    words = content_words(topic)
    if not words:
        return 1.0
    own = words & content_words(text)
    around = words & content_words(context) - own
    return (len(own) + len(around) / 2) / len(words)
