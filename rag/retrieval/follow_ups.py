"""Tell follow-up questions from those that stand alone, and complete them from the topic before them (pure)."""

import re
from collections.abc import Sequence
from typing import Literal

from rag.text.english import (
    CONNECTIVES,
    MODALS,
    OBJECT_PRONOUNS,
    POSSESSIVE_PRONOUNS,
    PREPOSITIONS,
    QUESTION_OPENING,
    QUESTION_VERBS,
    QUESTION_WORDS,
    SUBJECT_PRONOUNS,
    any_of,
)
from rag.text.inflection import is_plural
from rag.text.languages import CONNECTIVES as FOREIGN_CONNECTIVES
from rag.text.languages import PRONOUNS as FOREIGN_PRONOUNS
from rag.text.languages import any_word_of
from rag.text.lexical import content_words, find_names
from rag.text.question_clauses import find_object, find_subject, split_question
from rag.text.time_expressions import find_period_words
from rag.types import Message

Leaning = Literal["alone", "unsure", "leans"]
"""Whether a question needs what was said before: not, perhaps, or surely."""

MAX_TURNS = 6
"""Turns before a question that are looked at."""
MAX_TURN_CHARS = 500
"""Characters that are read of each."""
_PERSONAL = ("he", "she", "him", "her", "his")
_CONNECTIVE = re.compile(
    rf"^\W*(?:{any_of(CONNECTIVES)}\b|{any_word_of(FOREIGN_CONNECTIVES)})[\s,]*(?:{any_of(CONNECTIVES)}\b\s*)?", re.I
)
_PRONOUN = re.compile(rf"\b{any_of([*SUBJECT_PRONOUNS, *OBJECT_PRONOUNS, *POSSESSIVE_PRONOUNS])}\b", re.I)
_THERE = re.compile(
    r"(?<!is )(?<!are )(?<!was )(?<!were )(?<!been )\bthere\b(?! (?:is|are|was|were|has|have|will)\b)|\bthere\W*$", re.I
)
_DEMONSTRATIVE = re.compile(
    r"\b(?:this|that|these|those)(?=\W*$|\s+(?:is|was|are|were|did|do|does|has|have|had|will|would|can|could|mean)\b)"
    r"|\b(?:this|these|those) (?!(?:week|weekend|month|year|season|spring|summer|autumn|winter|morning|evening|who)\b)"
    r"[a-z]+",
    re.I,
)
_DUMMY = re.compile(r"\b(?:it)\b(?= (?:takes?|took|costs?|is|was|true)\b[^?]* to \w+| (?:true )?that\b)", re.I)
"""An “it” that stands for what follows in the same question: “How long did it take to clear the road?”"""
_FOREIGN_PRONOUN = re.compile(any_word_of(FOREIGN_PRONOUNS), re.I)
_OTHERS = re.compile(r"\b(?:else|other|others|another|more|also|too|instead|same|such|again)\b", re.I)
_QUESTION = re.compile(rf"^\W*(?:{any_of([*QUESTION_WORDS, *QUESTION_VERBS, *MODALS])}\b)", re.I)
_OPENING_WORDS = re.compile(rf"^(?:\W*{any_of([*QUESTION_WORDS, *QUESTION_VERBS, *MODALS])}\b)+\W*", re.I)
_ASKED_NOUN = re.compile(r"\b(how (?:many|much)|which|what) ([a-z]+)", re.I)
_DESCRIPTION = re.compile(r"\bthe [a-z]+(?: [a-z]+)?(?= (?:of|in|at|on|for|from|by|to|is|was|are|were|has|had)\b|\W*$)")
_CITATION = re.compile(r"\s*\[\d+\]")
_ENTITY_PHRASE = re.compile(
    r"(?:who|whom|which|what$|what (?!(?:time|year|day|date|month|percentage|share|number|price|amount|way)\b)[a-z]+)"
    r"\b",
    re.I,
)
"""Asks for somebody or something, whom a pronoun can mean."""
_PREPOSITION = re.compile(rf"\s{any_of(PREPOSITIONS)}\s")
_DONE_TO = re.compile(
    r"^who (?!is\b|was\b|are\b|were\b)(?:[a-z]+ ){1,2}?(?:the|an?) "
    rf"(?P<thing>[a-z]+(?: [a-z]+)? {any_of(PREPOSITIONS)} .+?)\W*$",
    re.I,
)
"""Asks who did something to a thing that more words tell from others: “Who wrote the report on the accident?”"""
_SAID = re.compile(r"^It is ((?:the|an?) [a-z]+(?: [a-z]+){0,3})\.$")
"""An answer that says no more than who or what it is."""
_HAPPENED = re.compile(r"^(?:happen(?:s|ed)?|took place)\b\s*", re.I)
_OBJECT = re.compile(r"(?<=\s)it\b")
_SETTING = re.compile(rf"(?:{any_of(PREPOSITIONS)}) \S", re.I)
"""Begins where or when something happened, which belongs to what is asked about it without more words."""
_POSSESSED = re.compile(
    rf"^what (?:is|was|are|were) (?:the )?(?:[A-Z][\w-]* )*(?:[A-Z][\w-]*|\w+)['’]s? (?P<noun>[a-z]+(?: [a-z]+)??)"
    rf"(?= {any_of(PREPOSITIONS)} |\W*$)",
    re.I,
)
"""Asks what somebody or something has: “what was the firm's revenue in May”."""
_DESCRIBED = re.compile(r"(?:the|its|their|his|her) (?P<noun>[a-z]+(?: [a-z]+)?)")
_OF = re.compile(r"\b(?:of|for|at) (?P<name>[^,?]+)$")
_MAX_ELLIPTIC_WORDS = 2
"""Content words of a question without a name that may leave out what it is about."""
_MAX_REST_WORDS = 6
"""Words behind “and” that may stand in the place of words of the question before."""


def classify(question: str) -> Leaning:
    """Tell whether a question, asked after others, stands alone."""
    connective = _CONNECTIVE.match(question)
    rest = question[connective.end() :] if connective else question
    names = _names(rest)
    words = content_words(rest)
    if connective and not (names and _QUESTION.match(rest)):
        return "leans"
    if _points_back(rest):
        # What names its own topic may go on with it: “How long has Ada Brook worked there?”
        return "unsure" if names and not _PRONOUN.search(rest) else "leans"
    if not _QUESTION.match(rest):
        return "alone" if len(words) > 1 or not question.rstrip().endswith("?") else "unsure"
    if names or len(words) > _MAX_ELLIPTIC_WORDS:
        return "alone"
    return "leans" if not words or (len(words) == 1 and _OTHERS.search(rest)) else "unsure"


def _points_back(text: str) -> bool:
    """Whether a pronoun points at something that is not named before it in the same question."""
    if _THERE.search(text) or _DEMONSTRATIVE.search(text):
        return True
    without = _DUMMY.sub("", text)
    pronoun = _PRONOUN.search(without) if without.isascii() else None
    if pronoun is not None:
        return not _names(without[: pronoun.start()])
    # A word of another language may be one of this: only questions without an English question word are looked at.
    return not _QUESTION.match(text) and bool(_FOREIGN_PRONOUN.search(text)) and not _names(text)


def _names(text: str) -> list[str]:
    """Find the names in a question, whose first words are capitalised for other reasons."""
    return find_names(f"a {_OPENING_WORDS.sub('', text)}")


def asks_about_answer(question: str, topic: str) -> bool:
    """Whether a pronoun of a question can mean the answer of the one before it: “Who won?”, “How old is she?”."""
    pronoun = _PRONOUN.search(_DUMMY.sub("", question))
    return pronoun is not None and _points_back(question) and _means_answer(pronoun[0].casefold(), topic)


def _means_answer(pronoun: str, topic: str) -> bool:
    """Whether a pronoun behind a question means who or which thing it asks for, not what it names or describes."""
    asked = split_question(topic)
    opening = _ENTITY_PHRASE.match(asked.phrase) if asked is not None else None
    if asked is None or opening is None or asked.rest.startswith("of "):
        return False
    if asked.phrase.casefold() == "what":
        # “What was stolen?” has nothing else that a pronoun could mean.
        return not (asked.is_inverted or _names(topic) or _DESCRIPTION.search(topic)) and pronoun not in _PERSONAL
    if asked.noun:
        return not is_plural(asked.noun.split()[0]) and not (asked.is_inverted and _names(topic))
    is_named = asked.is_inverted and find_subject(topic).removeprefix("the ")[:1].isupper()
    return pronoun not in ("it", "its") and not is_named


def is_follow_up(question: str, history: Sequence[Message]) -> bool:
    """Whether a question was asked before, and this one needs it or may need it."""
    return classify(question) != "alone" and any(message.role == "user" for message in history)


def complete(question: str, history: Sequence[Message]) -> str:
    """Complete a question, by rule, from the last topic of the conversation where it leans on it."""
    # Only the last few, so that a long conversation costs no more than a short one.
    turns = _pair_turns(history)[-MAX_TURNS:]
    topic = topic_answer = ""
    for asked, answer in turns:
        text = _join(asked, topic, topic_answer)
        if text is not None and (_QUESTION.match(text) or len(content_words(text)) > 1 or not text.isascii()):
            topic = text
        # What can only be put before its topic leaves that as it is: a topic holds one question.
        topic_answer = answer if topic else ""
    joined = _join(question, topic, topic_answer)
    return joined or _put_before(_resolve_pronouns(question, topic, topic_answer), topic)


def _pair_turns(history: Sequence[Message]) -> list[tuple[str, str]]:
    """Pair each question with the answer that was given to it, empty where there is none."""
    turns: list[tuple[str, str]] = []
    for message in history:
        text = message.text[:MAX_TURN_CHARS]
        if message.role == "user":
            turns.append((text, ""))
        elif turns:
            turns[-1] = (turns[-1][0], _CITATION.sub("", text))
    return turns


def _join(asked: str, topic: str, answer: str) -> str | None:
    """Complete a question from the topic and its answer: put its words into the topic, or the topic's into it.

    None where neither is known to fit. A question that stands alone, or has no topic before it, stays as it is.
    """
    if not topic or classify(asked) == "alone":
        return asked
    rest = _CONNECTIVE.sub("", asked, count=1) if _CONNECTIVE.match(asked) else asked
    if rest != asked and not _QUESTION.match(rest) and len(rest.split()) <= _MAX_REST_WORDS:
        exchanged = _exchange(topic, rest.strip(" ?.!"))
        if exchanged:
            return exchanged
    resolved = _resolve_pronouns(rest, topic, answer)
    if resolved != rest and content_words(_PRONOUN.sub("", rest)):
        return resolved
    return None


def _put_before(asked: str, topic: str) -> str:
    """Put a question before what its topic is about: “Why: the bridge closed?”."""
    about = _HAPPENED.sub("", QUESTION_OPENING.sub("", topic)).strip(" ?.!")
    if _SETTING.match(about) and content_words(asked):
        return f"{asked.strip(' ?')} {about}?"
    return f"{asked.strip(' ?')}: {about}?" if about else asked


def _exchange(topic: str, words: str) -> str:
    """Put other words in the place of those of the topic that are alike: a time, a name, what is counted."""
    times, new_times = find_period_words(topic), find_period_words(words)
    if new_times:
        return topic.replace(times[0], words, 1) if times else f"{topic.rstrip(' ?')} {words}?"
    names, new_names = _names(topic), _names(words)
    if new_names:
        return _exchange_name(topic, names[-1], words) if names else ""
    possessed, described = _POSSESSED.search(topic), _DESCRIBED.fullmatch(words)
    if possessed and described:
        return topic[: possessed.start("noun")] + described["noun"] + topic[possessed.end("noun") :]
    counted = _ASKED_NOUN.search(topic)
    if counted and words.isascii() and words.islower() and len(words.split()) == 1:
        return topic[: counted.start(2)] + words + topic[counted.end(2) :]
    return ""


def _exchange_name(topic: str, name: str, words: str) -> str:
    """Put words in the place of a name, and of the article before it where they bring their own."""
    pattern = rf"(?:\bthe )?{re.escape(name)}" if words.startswith("the ") else re.escape(name)
    return re.sub(pattern, lambda _: words, topic, count=1)


def _resolve_pronouns(text: str, topic: str, answer: str) -> str:
    """Put what they stand for in the place of the pronouns of a question; unchanged where that is not known."""
    pronoun = _PRONOUN.search(_DUMMY.sub("", text))
    if pronoun is None:
        return text
    meant = _find_referent(pronoun[0].casefold(), topic, answer)
    # “Who built it?” asks about what the last question had in the same place: not who did something, but to what.
    is_object = text[: pronoun.start()].split()[-1:] != [] and text[: pronoun.start()].split()[-1] not in QUESTION_VERBS
    if is_object and pronoun[0].casefold() == "it" and not _means_answer("it", topic):
        meant = find_object(topic) or meant
    if not meant:
        return text

    def put(match: re.Match[str]) -> str:
        is_possessive = match[0].casefold() in POSSESSIVE_PRONOUNS and (
            match[0].casefold() != "her" or bool(re.match(r"\s+[a-z]", text[match.end() :]))
        )
        return f"{meant}'s" if is_possessive else meant

    resolved = _PRONOUN.sub(put, text, count=1)
    possessed = _POSSESSED.match(topic)
    # “What did they pay for it?” after what they have: the first means the owner, the other what is owned.
    is_owner = possessed is not None and pronoun[0].casefold() not in ("it", "its")
    return _OBJECT.sub(f"the {possessed['noun']}", resolved) if possessed and is_owner else resolved


def _find_referent(pronoun: str, topic: str, answer: str) -> str:
    """Find the name or description that a pronoun stands for; empty where there is none."""
    if pronoun == "it" and (done := _DONE_TO.match(topic)):
        return f"the {done['thing']}"
    names = _names(topic)
    said = find_names(answer.split(". ")[0]) or _SAID.findall(answer)
    if _means_answer(pronoun, topic) or (said and pronoun in _PERSONAL and not names):
        return said[0] if said else ""
    if subject := _find_subject(pronoun, topic, names):
        return subject
    if names and (pronoun in _PERSONAL or not _may_be_person(names[-1], topic)):
        return f"the {names[-1]}" if f"the {names[-1]}" in topic else names[-1]
    description = _DESCRIPTION.search(topic)
    return description[0] if description else ""


def _find_subject(pronoun: str, topic: str, names: Sequence[str]) -> str:
    """Find the subject of a question where a pronoun fits it, or the things it counts; empty where neither does."""
    subject = find_subject(topic)
    head = _PREPOSITION.split(subject)[0].split()[-1] if subject else ""
    asked = split_question(topic)
    counted = asked.noun.split(" of ")[0] if asked is not None else ""
    if pronoun in ("they", "them", "their"):
        if head and (is_plural(head) or " and " in subject):
            return subject
        is_one = asked is not None and asked.rest.casefold().startswith(("is ", "was ", "does ", "has "))
        fits = bool(counted) and is_plural(counted) and (is_one or not subject or pronoun != "they")
        return f"the {counted}" if fits else ""
    if pronoun in _PERSONAL or not subject or is_plural(head) or (names and names[-1] not in subject):
        return ""
    if asked is not None and asked.phrase.casefold() in ("who", "whom", "what") and asked.rest.endswith(f" {subject}"):
        # Who somebody or what something is says what that belongs to, which “it” means: “the price of the boat”.
        owner = _OF.search(subject)
        if owner or asked.phrase.casefold() != "what":
            return owner["name"] if owner else ""
    return "" if subject[0].isupper() and _may_be_person(subject, topic) else subject


def _may_be_person(name: str, topic: str) -> bool:
    """Whether a name has the form of a person's, which “it” never stands for."""
    words = name.split()
    return len(words) == 2 and words[1][:1].isupper() and f"the {name}" not in topic
