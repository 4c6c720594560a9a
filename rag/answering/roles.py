"""Find where a claim exchanges who did something and to whom it was done (pure).

By the order of the words alone, and only where both stand beside the same verb, once this way and once the other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.text.clause_words import SYMMETRIC_VERBS
from rag.text.english import (
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    IRREGULAR_PASTS,
    OBJECT_PRONOUNS,
    PREPOSITIONS,
)
from rag.text.inflection import is_past, split_verb
from rag.text.lexical import content_words

_TOKEN = re.compile(r"[^\W_][\w’'-]*|[,;:.!?“”\"()—–]")
_BE = frozenset("is are was were be been being got gets".split())
_JOINTS = frozenset(("and", "but", "or", "while", "who", "which", "that", "when", "because", "although", "after"))
_CASES = frozenset(PREPOSITIONS)
_NO_NOUNS = FUNCTION_WORDS | AUXILIARIES | frozenset(DETERMINERS)
_MAX_CHARS = 600


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does what to whom, as a sentence has it."""

    verb: str
    agent: str
    """The noun or surname of who does it, stemmed."""
    others: frozenset[str]
    """The content words of those to whom it is done, stemmed."""


def exchanges_roles(claim: str, sentences: Iterable[str]) -> bool:
    """Whether a claim says of two that the one did to the other what the sentences say only the other way round.

    >>> exchanges_roles("The mayor praised the baker.", ["The mayor was praised by the baker."])
    True
    >>> exchanges_roles("The mayor praised the baker.", ["The baker was praised by the mayor."])
    False
    """
    claimed = find_deeds(claim)
    if not claimed:
        return False
    said = [deed for sentence in sentences for deed in find_deeds(sentence)]
    return any(_is_exchanged(deed, said) for deed in claimed)


def _is_exchanged(deed: Deed, said: Sequence[Deed]) -> bool:
    same = [one for one in said if one.verb == deed.verb]
    crossed = any(deed.agent in one.others and one.agent in deed.others for one in same)
    return crossed and all(one.agent != deed.agent for one in same)


@lru_cache(1024)
def find_deeds(sentence: str) -> tuple[Deed, ...]:
    """Find the verbs of a sentence that stand between who does something and to whom it is done."""
    tokens = _TOKEN.findall(sentence) if len(sentence) <= _MAX_CHARS else []
    return tuple(deed for place in range(1, len(tokens) - 1) for deed in _read_deed(tokens, place))


def _read_deed(tokens: Sequence[str], place: int) -> Iterator[Deed]:
    word = tokens[place].casefold()
    verb = IRREGULAR_PASTS.get(word) or split_verb(word)[1] or (word[:-2] if is_past(word) else "")
    if not verb or not tokens[place].islower() or word in SYMMETRIC_VERBS:
        return
    before = _skip_back(tokens, place - 1)
    is_passive = any(token.casefold() in _BE for token in tokens[before + 1 : place])
    subject = _stem(tokens[before]) if before >= 0 else ""
    after = tokens[place + 1]
    if not subject:
        return
    if is_passive and is_past(word):
        agents = _read_phrase(tokens, place + 2) if after == "by" else []
        if agents:
            yield Deed(verb, agents[-1], frozenset({subject}))
    elif not is_passive and _opens_object(after):
        yield Deed(verb, subject, frozenset(_read_clause(tokens, place + 1)))


def _skip_back(tokens: Sequence[str], place: int) -> int:
    """Skip what stands between a verb and its subject: auxiliaries, adverbs, “who”; -1 where there is no subject."""
    while place >= 0:
        token = tokens[place]
        if not token[0].isalnum() or token.casefold() in (_JOINTS - {"who", "which", "that"}) | _CASES:
            return -1
        if _stem(token) and not token.endswith("ly"):
            return place
        place -= 1
    return -1


def _opens_object(token: str) -> bool:
    return token[0].isupper() or token in DETERMINERS or token in OBJECT_PRONOUNS or token in ("money", "nothing")


def _read_phrase(tokens: Sequence[str], place: int) -> list[str]:
    """Return the content words of a noun phrase: up to a preposition, a joint or a mark."""
    words = []
    for token in tokens[place:]:
        if not token[0].isalnum() or token.casefold() in _JOINTS | _CASES:
            break
        words.append(_stem(token))
    return [word for word in words if word]


def _read_clause(tokens: Sequence[str], place: int) -> list[str]:
    """Return the content words up to a joint or a mark."""
    words = []
    for token in tokens[place:]:
        if not token[0].isalnum() or token.casefold() in _JOINTS:
            break
        words.append(_stem(token))
    return [word for word in words if word]


def _stem(token: str) -> str:
    """Return a noun or a name as it is compared; empty for a word that is neither."""
    word = token.casefold()
    if word in _NO_NOUNS:
        return ""
    return next(iter(content_words(word)), word)
