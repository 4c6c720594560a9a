"""Extract from a question what the reader compares with a passage: its names, figures and words (pure)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.text.words import name_root, split_words

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class QuestionTerms:
    """The words of a question, parsed once however many windows and spans are compared with them."""

    roots: tuple[str, ...]
    """Its names without their endings and its figures, in lower case, each as often as it stands there."""
    words: frozenset[str]
    offers_choice: bool
    """Whether it offers a choice, so that an answer may repeat its words."""


@lru_cache(maxsize=32)
def parse_question_terms(question: str) -> QuestionTerms:
    """Parse the terms of a question; cached, since the passages of one question are read in several batches."""
    words = _WORD.findall(question)
    named = [word for word in words[1:] if word[0].isupper() or word[0].isdigit()]
    return QuestionTerms(
        roots=tuple(map(_root, named)),
        words=frozenset(split_words(question)),
        offers_choice="or" in question.casefold().split(),
    )


def _root(word: str) -> str:
    """Cut the ending off a name, so that “Iraqis” is found where “Iraqi” stands; leave a figure whole."""
    folded = word.casefold()
    return folded if folded.isdigit() else name_root(folded)
