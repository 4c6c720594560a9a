"""Split questions into what they ask with and what about, and ask embedded ones directly (pure)."""

import re
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from rag.text.english import (
    AMBIGUOUS_MODALS,
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    MODALS,
    ORDINALS,
    PREPOSITIONS,
    QUANTIFIED_SUBJECTS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    SUBJECT_PRONOUNS,
    any_of,
)
from rag.text.inflection import is_past, is_plural, split_verb

OPENING_VERBS = frozenset((*QUESTION_VERBS, *MODALS))
"""Verbs that open a question which asks for yes or no."""
QUESTION_PHRASE_OPENING = rf"(?:(?:{any_of(PREPOSITIONS)})\s+)?{any_of(QUESTION_WORDS)}(?!['’\w])"
"""The first words of what a question asks with: a question word, and the preposition before it."""
_VERBS = frozenset((*OPENING_VERBS, *AMBIGUOUS_MODALS))
_NO_NOUN = any_of({*FUNCTION_WORDS, *AUXILIARIES, *_VERBS, *PREPOSITIONS, *DETERMINERS, *SUBJECT_PRONOUNS})
_NOUN = rf"(?!{_NO_NOUN}\b)(?-i:[a-zà-ÿ][\w'’-]*)"
_PHRASE = re.compile(
    rf"(?:{any_of(PREPOSITIONS)}\s+)?(?:"
    rf"how\s+(?:many|much)(?:\s+of\s+(?:the\s+|these\s+|those\s+)?{_NOUN}|(?:\s+{_NOUN}){{1,3}}(?:\s+of\s+{_NOUN})?)?"
    rf"|how\s+{_NOUN}(?:\s+an?\s+{_NOUN})?|(?:what|which|whose)(?:\s+{_NOUN}){{0,3}}"
    rf"|{any_of(QUESTION_WORDS)})(?!['’\w])",
    re.I,
)
_ADVERBIAL = re.compile(
    rf"(?:{any_of(PREPOSITIONS)}\s|(?:when|where|why|how)\b(?!\s+(?:many|much)\b)|how much$|what time)", re.I
)
_ASKED_NOUN = re.compile(
    rf"(?:{any_of(PREPOSITIONS)}\s+)?(?:how\s+(?:many|much)|which|what|whose)\s+(?P<noun>.+)", re.I
)
_DESCRIBED = re.compile(
    rf"(?<!\bin)(?<!\bon)(?<!\bat)(?<!\bby)(?<!\bfor)(?<!\bduring)(?<!\bafter)(?<!\bbefore)"
    rf" (?:the|an?|its|their|his|her) (?P<noun>{_NOUN}(?: {_NOUN}){{0,2}})"
)
_ADVERBS = ("not", "never", "ever", "already", "just", "still", "been")
_SUBJECTS = frozenset((*DETERMINERS, *SUBJECT_PRONOUNS, *QUANTIFIED_SUBJECTS, "i", "we", "you"))
_RELATIVES = frozenset(("who", "which", "that", "whose", "where"))
_ADVERBIAL_OPENINGS = frozenset((*PREPOSITIONS, *_RELATIVES, "when", "while", "as", "because", "if", "and"))
_NOUN_LINKS = ("of", "at", "in", "on", "for", "from", "between", "to", "and")
_LEADING_ADJECTIVES = (*ORDINALS, "next", "other", "same", "own", "most", "many", "few", "such", "two")
"""Grammatical words between a determiner and its noun."""
_AUXILIARIES_OF_PAST = ("is", "was", "are", "were", "has", "have", "had")
"""Auxiliaries that a past participle follows."""
_MAIN_VERBS = {"has": "does have", "have": "do have", "had": "did have", "does": "does do", "did": "did do"}
"""Auxiliaries that are main verbs where no other follows, by the auxiliary and the base that say the same."""


@dataclass(frozen=True, slots=True)
class QuestionClause:
    """A question: “at what time did the bridge close” is “at what time” and “did the bridge close”."""

    phrase: str
    """What it asks with; empty where it asks for yes or no."""
    rest: str

    @property
    def is_adverbial(self) -> bool:
        """Whether it asks when, where, why or how, so that its subject is in the rest."""
        return not self.phrase or bool(_ADVERBIAL.match(self.phrase))

    @property
    def is_inverted(self) -> bool:
        """Whether an auxiliary stands before the subject."""
        words = self.rest.split()
        return bool(words) and words[0].casefold() in _VERBS and (self.is_adverbial or begins_subject(words[1:]))

    @property
    def is_direct(self) -> bool:
        """Whether it can be asked as it is, which an embedded one, as in “say when the bridge closed”, cannot."""
        words = self.rest.split()
        if not words:
            return False
        return words[0].casefold() in _VERBS or not (self.is_adverbial or begins_subject(words))

    @property
    def noun(self) -> str:
        """Return the noun that it asks with, as in “how many shops”; empty where it asks with none."""
        match = re.match(
            rf"(?:{any_of(PREPOSITIONS)}\s+)?(?:how (?:many|much)|which|what|whose)\s+(.+)", self.phrase, re.I
        )
        return match[1] if match else ""


def split_question(text: str) -> QuestionClause | None:
    """Split a question; None for what opens with neither a question word nor an auxiliary."""
    asked = text.strip().rstrip("?").rstrip()
    if phrase := _PHRASE.match(asked):
        # Of a noun phrase all but the noun may be what follows: “which band won”, “how many people died”.
        return _give_back_verb(phrase[0], asked[phrase.end() :].strip())
    return QuestionClause("", asked) if asked.split()[:1] and asked.split()[0].casefold() in OPENING_VERBS else None


def _give_back_verb(phrase: str, rest: str) -> QuestionClause:
    """Move a verb that was taken for a noun from the end of a phrase to the rest: “which band won the prize”."""
    words = phrase.split()
    after = rest.split()
    if words[0].casefold() in PREPOSITIONS or (after and after[0].casefold() in _VERBS):
        return QuestionClause(phrase, rest)
    is_counted = bool(re.search(r"\bhow (?:many|much)\b", phrase, re.I))
    first = next(number for number, word in enumerate(words) if word.casefold() in QUESTION_WORDS) + 1 + is_counted
    if is_counted and (end := _find_counted_end(words)):
        return QuestionClause(" ".join(words[:end]), " ".join([*words[end:], *after]))
    has_verb = begins_subject(after) and bool(_find_auxiliary(after) or _find_verb(after))
    for number in range(len(words) - 1, first - 1, -1):
        is_present = not is_counted and not has_verb and bool(split_verb(words[number])[0])
        if is_past(words[number]) or is_present:
            return QuestionClause(" ".join(words[:number]), " ".join([*words[number:], *after]))
    return QuestionClause(phrase, rest)


def _find_counted_end(words: list[str]) -> int:
    """Find where the noun of “how many people live …” ends, before a verb that has no ending; 0 where it has one."""
    for number, word in enumerate(words[:-1]):
        following = words[number + 1]
        if is_plural(word) and following != "of" and not is_plural(following) and not is_past(following):
            return number + 1
    return 0


def begins_subject(words: list[str]) -> bool:
    """Whether words begin with the subject of a clause: a determiner, a pronoun, a name."""
    first = words[0] if words else ""
    return first.casefold() in _SUBJECTS or first[:1].isupper() or first.casefold().endswith(("'s", "’s"))


def ask_directly(clause: str) -> str:
    """Ask an embedded question directly: “how long that pier is now” becomes “How long is that pier now?”."""
    words = clause.strip(" .,;?!").split()
    if words and words[0].casefold() in ("whether", "if"):
        return _as_question("", _invert(words[1:]) or f"is it true that {' '.join(words[1:])}")
    question = split_question(" ".join(words))
    if question is None or question.is_direct:
        return _as_question("", " ".join(words))
    return _as_question(question.phrase, _invert(question.rest.split()) or question.rest)


def ask_what(noun: str) -> str:
    """Ask what something is, or what some things are."""
    head = re.split(rf" {any_of(PREPOSITIONS)} ", noun)[0].split()[-1]
    is_determined = (
        noun.split()[0].casefold() in DETERMINERS or noun[0].isupper() or bool(re.match(r"\S+['’]s? ", noun))
    )
    return as_question(f"what {'are' if is_plural(head) else 'is'} {noun if is_determined else f'the {noun}'}")


def as_question(text: str) -> str:
    """Write a clause as a question: a capital, and one question mark."""
    stripped = " ".join(text.split()).rstrip(" ?.,;")
    return f"{stripped[:1].upper()}{stripped[1:]}?"


def _as_question(phrase: str, rest: str) -> str:
    return as_question(f"{phrase} {rest}".strip())


def _invert(words: list[str]) -> str:
    """Put the auxiliary of a clause before its subject; empty where its verb is not found."""
    number = _find_auxiliary(words)
    if number:
        auxiliary = words[number].casefold()
        is_main = auxiliary in _MAIN_VERBS and not _has_participle(words[number + 1 :], auxiliary)
        first, base = _MAIN_VERBS[auxiliary].split() if is_main else (auxiliary, "")
        return " ".join(filter(None, [first, *words[:number], base, *words[number + 1 :]]))
    number = _find_verb(words)
    if number:
        auxiliary, base = split_verb(words[number].rstrip(","))
        return " ".join([auxiliary, *words[:number], base, *words[number + 1 :]])
    number = _find_plural(words)
    return " ".join(["do", *words]) if number else ""


def _find_auxiliary(words: list[str]) -> int:
    """Find the auxiliary of a clause behind its subject, past one in a relative clause; 0 where there is none."""
    found = [number for number, word in enumerate(words) if number and word.casefold() in _VERBS]
    if not found:
        return 0
    is_relative = any(word.casefold() in _RELATIVES for word in words[1 : found[0]])
    return found[1] if is_relative and len(found) > 1 else found[0]


def _has_participle(words: list[str], auxiliary: str) -> bool:
    """Whether the verb to an auxiliary follows: a participle to “has”, a base to “does”, past “not” and adverbs."""
    rest = [
        word for word in words if word.casefold() not in ("not", "never", "ever", "already", "just", "still", "been")
    ]
    if auxiliary in ("has", "have", "had"):
        return len(rest) < len(words) or bool(rest and (is_past(rest[0]) or rest[0].endswith("en")))
    return bool(rest) and not _ends_clause(rest[0])


def _find_verb(words: list[str]) -> int:
    """Find the finite verb of a clause without an auxiliary, behind its subject; 0 where there is none."""
    found = [
        number
        for number, word in enumerate(words)
        if number
        and word.rstrip(",").islower()
        and words[number - 1].casefold() not in DETERMINERS
        and words[number - 1].casefold() not in PREPOSITIONS
        and split_verb(word.rstrip(","))[0]
    ]
    sure = [number for number in found if number + 1 == len(words) or _ends_clause(words[number + 1])]
    return next(iter(sure or found), 0)


def _find_plural(words: list[str]) -> int:
    """Find the plural noun that is the subject of a clause and has a verb behind it; 0 where there is none."""
    for number, word in enumerate(words[:-1]):
        if is_plural(word) and not _ends_clause(words[number + 1]):
            return number + 1
    return 0


def _ends_clause(word: str) -> bool:
    """Whether a word may follow a verb, and no noun: a determiner, preposition, adverb, name or number."""
    plain = word.casefold().strip(",")
    known = plain in FUNCTION_WORDS or plain in PREPOSITIONS or plain in DETERMINERS
    return known or plain.endswith("ly") or not word.islower()


def find_subject(question: str) -> str:
    """Find the subject of a question, “the bank robbers”, behind its auxiliary; empty where there is none."""
    clause = split_question(question)
    if clause is None or not clause.is_inverted:
        return ""
    auxiliary, *words = clause.rest.split()
    # “Is the pool open?” has a predicate behind the subject, “how deep is the pool” has not.
    takes_past = auxiliary.casefold() in _AUXILIARIES_OF_PAST and bool(clause.phrase)
    return " ".join(words[: _find_subject_end(words, takes_past=takes_past)]).rstrip(",")


def find_object(question: str) -> str:
    """Find the first thing that a question describes behind its subject: “the plan”; empty where there is none."""
    clause = split_question(question)
    subject = find_subject(question)
    behind = clause.rest.partition(subject)[2] if clause is not None and subject else ""
    described = _DESCRIBED.search(behind)
    return f"the {described['noun']}" if described else ""


def find_predicate(question: str) -> str:
    """Find what a question says was done, its verb and what follows up to a preposition or a name, or empty.

    >>> find_predicate("How many people were killed by the storm on Gull Rock?")
    'killed'
    >>> find_predicate("Who collected the silver cup for Orr?")
    'collected the silver cup'
    """
    clause = split_question(question)
    if clause is None:
        return ""
    subject = find_subject(question)
    words = (clause.rest.partition(subject)[2] if subject else clause.rest).split()
    found = list(dropwhile(lambda word: word.casefold() in _VERBS or word.casefold() in _ADVERBS, words))
    return " ".join(takewhile(lambda word: word.islower() or not word.isalpha(), _cut_adverbial(found)))


def _cut_adverbial(words: list[str]) -> list[str]:
    """Return the words of a predicate before the first behind its verb that opens an adverbial or another clause."""
    end = next(
        (n for n, word in enumerate(words) if n and word.casefold().strip(",") in _ADVERBIAL_OPENINGS), len(words)
    )
    return words[:end]


def _find_subject_end(words: list[str], *, takes_past: bool) -> int:
    """Find where the subject ends behind an auxiliary: before the verb, with the “of …” and “in …” that belong to it.

    The verb has any form, or that of a past (`takes_past`).
    """
    end = 0
    while end < len(words):
        start = end
        if words[start].casefold() in DETERMINERS:
            start += 1
            while start < len(words) and words[start] in _LEADING_ADJECTIVES:
                start += 1
        stop = start
        while stop < len(words) and not is_grammatical(words[stop]):
            stop += 1
            if words[stop - 1].endswith(","):
                return stop
        if stop == start:
            return end
        following = words[stop].casefold() if stop < len(words) else ""
        last = words[stop - 1]
        is_verb = is_past(last) or (not takes_past and last.islower() and not any(map(is_past, words[stop:])))
        if is_verb and stop - start > 1 and following not in ("of", "be", "been", "have"):
            return stop - 1
        if following not in _NOUN_LINKS:
            return stop
        end = stop + 1
    return end


def is_grammatical(word: str) -> bool:
    """Whether a word is one of grammar, which neither names nor describes anything."""
    plain = word.casefold().strip(",")
    return plain in FUNCTION_WORDS or plain in PREPOSITIONS or plain in DETERMINERS or plain in AUXILIARIES
