"""Decompose questions into those that they put together (pure)."""

import re

from rag.retrieval.answer_types import parse_answer_type
from rag.retrieval.comparisons import ask_for_values
from rag.retrieval.follow_ups import asks_about_answer, classify, complete
from rag.retrieval.foreign_parts import split_foreign
from rag.retrieval.pairs import ask_of_each
from rag.text.english import (
    CONNECTIVES,
    MODALS,
    PREPOSITIONS,
    QUANTIFIED_SUBJECTS,
    QUESTION_WORDS,
    SUBJECT_PRONOUNS,
    any_of,
)
from rag.text.inflection import is_past, is_plural, split_verb
from rag.text.question_clauses import (
    OPENING_VERBS,
    QUESTION_PHRASE_OPENING,
    QuestionClause,
    as_question,
    begins_subject,
    find_subject,
    split_question,
)
from rag.types import Message

MAX_PARTS = 4
"""Questions that one is decomposed into at most."""
_WORDS = any_of(QUESTION_WORDS)
_VERBS = any_of(OPENING_VERBS)
_SURE_SUBJECTS = (*SUBJECT_PRONOUNS, *QUANTIFIED_SUBJECTS)
_SUBJECT = (
    rf"(?:he|she|it|they|this|that|these|those|the|an?|his|her|its|their|any|some|all|{any_of(QUANTIFIED_SUBJECTS)}"
    r"|(?-i:[A-Z]\w+))\b"
)
# A word with a capital in the middle is one of a name: “Where Eagles Dare and When We Were Young”.
_CLAUSE = (
    rf"(?:{QUESTION_PHRASE_OPENING}|(?:{_VERBS})\s+(?i:{_SUBJECT})"
    rf"|(?:do|does|did|{any_of(MODALS)})\s+(?!sometimes|always|perhaps)[a-z]{{3,}}(?<![suio])s\s+[a-z])"
)
_PREDICATE = re.compile(rf"(?:has|have|had)\b|(?:is|was|are|were)\s+(?!(?:{any_of(_SURE_SUBJECTS)})\b)")
"""What goes on with what the subject of the clause before is or has, unless that is a question for yes or no."""
_AND = re.compile(rf"[,;]?\s+(?:and|but|while)(?:,?\s+(?:also|if\s+so))?,?\s+(?={_CLAUSE})")
_COMMA = re.compile(rf",\s+(?={_CLAUSE})")
_TWO_PHRASES = re.compile(rf"(?P<one>.+?),? and (?P<other>{QUESTION_PHRASE_OPENING}.*)", re.I)
_ORDER = re.compile(
    rf"^(?P<verb>{_VERBS})\s+(?P<one>.+?)\s+(?:before or after|earlier or later than|after or before)\s+(?P<other>.+)$",
    re.I,
)
_QUESTION_END = re.compile(r"(?<=\?)\s+(?=\S)")
_CONNECTIVE = re.compile(rf"^{any_of(CONNECTIVES)}\b,?\s+(?={_CLAUSE}|{_WORDS}$)", re.I)
_ELLIPTIC_NOUN = re.compile(r"(?P<before>\b(?:how (?:many|much)|which)(?: (?!of\b)[a-z]+)?) ones?\b", re.I)
_ONE = re.compile(r"\b(?P<before>the|a|an|this|that) (?P<adjective>[a-z]+) (?P<one>ones?)\b")
_PAIR_OF_ADJECTIVE = re.compile(r"\b(?:the|a|an|this|that) [a-z]+ (?P<noun>[a-z]+)")
_SETTING = re.compile(r" (?:in|at|on|for|from|during) .+$")
_RELATIVE = re.compile(r"\s(?P<word>who|which|whose|where|when|that)\s")


def decompose(question: str) -> tuple[str, ...]:
    """Decompose a question into those that it puts together, by rule; empty where it is one.

    A part that asks about the answer of the one before it is left as it is: “Who resigned?”, “Why did they resign?”.
    """
    asked = " ".join(question.split()).rstrip("? ")
    sentences = [_CONNECTIVE.sub("", one.rstrip("? ")) for one in _QUESTION_END.split(asked)]
    clauses = [clause for sentence in sentences for clause in _split_clauses(sentence)]
    if not _is_question(clauses[0]) or not all(split_question(clause) for clause in clauses):
        clauses = _split_clauses(asked)
    parts = list[str]()
    for number, clause in enumerate(clauses):
        if asked_apart := _ask_order(clause) or _ask_phrases(clause) or compare(clause):
            first, *others = asked_apart
            parts += [first, *(_complete(one, first) if classify(one) == "leans" else one for one in others)]
        elif number:
            topic = parts[-1] if classify(parts[-1]) == "alone" else parts[0]
            before = next(one for one in reversed(clauses[:number]) if _is_question(one) or one == clauses[0])
            parts += _complete_clause(clause, before, topic)
        else:
            parts.append(as_question(clause))
    kept = tuple(dict.fromkeys(parts))
    return kept if 1 < len(kept) <= MAX_PARTS else split_foreign(asked)


def compare(question: str) -> tuple[str, ...]:
    """Ask for what a question compares, each by itself; empty where it compares nothing."""
    return ask_of_each(question) or ask_for_values(question)


# Clauses: “when did it open, and who built it?”


def _split_clauses(asked: str) -> list[str]:
    """Split a question where a further one begins; a list of one where none does."""
    boundaries = list(_AND.finditer(asked))
    if not boundaries or not _is_question(asked):
        return [asked]
    last = boundaries[-1].start()
    boundaries += [comma for comma in _COMMA.finditer(asked) if comma.end() < last]
    clauses = [asked]
    for boundary in sorted(boundaries, key=lambda match: match.start(), reverse=True):
        first = asked[: boundary.start()]
        other = clauses[0][boundary.end() :]
        if _is_question(first) and _stands_beside(first, other):
            clauses = [first, other, *clauses[1:]]
    return clauses


def _is_question(clause: str) -> bool:
    question = split_question(clause)
    return question is not None and bool(question.rest)


def _stands_beside(first: str, other: str) -> bool:
    """Whether a clause is a question of its own, and not what somebody says, or a relative clause of the first."""
    question = split_question(other)
    if question is None or (question.rest and not (question.is_direct or _has_no_verb(question))):
        return False
    opening = other.split()[0].casefold()
    if _PREDICATE.match(other) and first.split()[0].casefold() not in OPENING_VERBS:
        return False
    relative = list(_RELATIVE.finditer(first))
    is_relative = bool(relative) and relative[-1]["word"] == opening and not first.endswith(",")
    return not is_relative and " between " not in first.rpartition(" and ")[-1]


def _complete_clause(clause: str, before: str, part: str) -> list[str]:
    """Complete a clause from the one before it, unless it asks about its answer."""
    question = split_question(clause)
    first = split_question(before)
    if question is None or first is None or not first.rest:
        return [as_question(clause)]
    if not question.rest:
        bare = _ask_rest(question.phrase, first)
        return [bare] if bare else []
    if _has_no_verb(question):
        is_same = first.phrase.casefold().startswith(question.phrase.casefold())
        phrase = first.phrase if is_same else question.phrase
        return [as_question(f"{phrase} {_exchange_setting(first.rest, question.rest)}")]
    asked = as_question(_fill_nouns(clause, question, first))
    if asks_about_answer(asked, part):
        return [asked]
    leaning = classify(asked)
    if leaning == "leans":
        return [_complete(asked, part)]
    has_own_topic = (
        bool(question.noun) and first.is_inverted and first.rest.split()[0].casefold() in ("do", "does", "did")
    )
    topic = _find_topic(part) if leaning == "unsure" and _lacks_topic(asked) and not has_own_topic else ""
    return [_ask_about(asked, topic) if topic and topic not in asked else asked]


def _complete(question: str, topic: str) -> str:
    return complete(question, [Message("user", topic)])


def _ask_about(question: str, topic: str) -> str:
    """Add what a question is about: “What was the bill for the farm?”, “Who won: the last races?”."""
    clause = split_question(question)
    subject = find_subject(question)
    asked = question.rstrip("?")
    if clause is None or not subject or clause.rest.split()[1:] != subject.split():
        return f"{asked}: {topic}?"
    return f"{asked} {'for' if 'money' in parse_answer_type(question).units else 'of'} {topic}?"


def _find_topic(question: str) -> str:
    """Find what a question is about: its subject, or what it names or describes at its end; empty where nothing."""
    clause = split_question(question)
    words = clause.rest.split() if clause is not None else []
    start = next((number for number in range(len(words)) if number and begins_subject(words[number:])), len(words))
    topic = find_subject(question) or " ".join(words[start:])
    return "" if topic.split()[:1] and topic.split()[0].casefold() in SUBJECT_PRONOUNS else topic


def _lacks_topic(question: str) -> bool:
    """Whether a short question may leave out what it is about: “What was the bill?”, not “How did growers respond?”."""
    clause = split_question(question)
    subject = find_subject(question)
    return clause is None or not subject or clause.rest.split()[1:] == subject.split()


def _has_no_verb(question: QuestionClause) -> bool:
    """Whether but a time, a place or the like follows a question word: “how many in June”."""
    words = question.rest.split()
    return (
        bool(words) and words[0] in PREPOSITIONS and not any(is_past(word) or word in OPENING_VERBS for word in words)
    )


def _exchange_setting(clause: str, setting: str) -> str:
    """Put another time, place or the like in the place of that of a clause, or behind it where it has none."""
    words = clause.split()
    place = setting.split()[0]
    return f"{' '.join(words[: words.index(place)] if place in words else words)} {setting}"


def _ask_rest(phrase: str, first: QuestionClause) -> str:
    """Ask “why” of what the first clause asks something else about: “When did it close, and why?”."""
    if first.is_inverted:
        return as_question(f"{phrase} {first.rest[:1].lower()}{first.rest[1:]}")
    is_thing = first.phrase.casefold().startswith(("which", "what"))
    noun = first.noun
    subject = f"the {noun}" if noun and is_plural(noun.split()[0]) else "it" if is_thing else "they"
    verb, *rest = first.rest.split()
    if verb.casefold() in OPENING_VERBS:
        auxiliary = {"was": "were", "is": "are", "has": "have"}.get(verb, verb) if subject == "they" else verb
        return as_question(" ".join([phrase, auxiliary, subject, *rest]))
    auxiliary, base = split_verb(verb)
    auxiliary = "do" if auxiliary == "does" and subject != "it" else auxiliary
    return as_question(" ".join([phrase, auxiliary, subject, base, *rest])) if base else ""


def _fill_nouns(clause: str, question: QuestionClause, first: QuestionClause) -> str:
    """Fill in the noun that a clause leaves out: “how many were hurt” is “how many people were hurt”."""
    noun = first.noun
    if noun:
        clause = _ELLIPTIC_NOUN.sub(lambda match: f"{match['before']} {noun}", clause)
        counts = first.phrase[: -len(noun)].strip().casefold()
        if question.phrase.casefold() == counts != "what":
            verb, *rest = question.rest.split()
            copied = first.rest.split()[:1]
            needs_auxiliary = is_past(verb) and copied and copied[0] in ("was", "were", "has", "have")
            return " ".join([counts, noun, *(copied if needs_auxiliary else []), verb, *rest])
    one = _ONE.search(clause)
    if one and (pair := _PAIR_OF_ADJECTIVE.search(f"{first.phrase} {first.rest}")):
        setting = "" if _SETTING.search(clause) else _find_setting(first)
        return f"{clause[: one.start()]}{one['before']} {one['adjective']} {pair['noun']}{clause[one.end() :]}{setting}"
    return clause


def _find_setting(clause: QuestionClause) -> str:
    """Find where, when or for what something happens, at the end of a clause behind its subject."""
    setting = _SETTING.search(clause.rest.removeprefix(find_subject(f"{clause.phrase} {clause.rest}")))
    return setting[0] if setting else ""


# Other forms.


def _ask_phrases(asked: str) -> tuple[str, ...]:
    """“When and where was she born?”: one question for each phrase."""
    match = _TWO_PHRASES.fullmatch(asked)
    question = split_question(match["other"]) if match else None
    first = split_question(match["one"]) if match else None
    if match is None or question is None or first is None or first.rest or not question.is_inverted:
        return ()
    return as_question(f"{match['one']} {question.rest}"), as_question(match["other"])


def _ask_order(asked: str) -> tuple[str, ...]:
    """“Was it closed before or after the mayor resigned?”: when the one, when the other?"""
    order = _ORDER.match(asked)
    if order is None:
        return ()
    other = order["other"]
    has_verb = any(is_past(word) or word in OPENING_VERBS for word in other.split()[1:])
    when = f"when was it that {other}" if has_verb else f"when was {other}"
    return as_question(f"when {order['verb'].lower()} {order['one']}"), as_question(when)
