"""Find the publisher whose word a question asks for, as in “according to the Harbor Review” (pure)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.text.english import REPORTING_VERBS, any_of
from rag.text.languages import ATTRIBUTIONS

_ARTICLE = re.compile(r"^the ", re.I)
_VERB = any_of(REPORTING_VERBS)
_THE = r"(?: an?\b| the\b| l[ae]\b| el\b| il\b| de[rnm]?\b| het\b)? ?['’]?"
_ACCORDING = (
    rf"(?:according to|as (?:told|{_VERB}) (?:by|in|to)|in (?:an? |the )?(?:article|report|story|piece) "
    rf"(?:of|in|from|by)|{any_of(ATTRIBUTIONS)}){_THE}"
)
_ADVERB = r"(?: \w+ly| also| ever| first| then)?"
_BEFORE = rf"(?:{_ACCORDING}|(?:(?:{_VERB}) (?:by|in)|(?:article|report|story|piece|news)s? (?:of|in|from|by)){_THE})"
_AFTER = (
    rf"{_ADVERB} (?:{_VERB})\b(?! by\b)"
    r"|['’]s? (?:\w+ )?(?:articles?|report|story|account|coverage|figures?|version|words)\b"
)
_GAP = "…"
"""Stands where “does the … say” was."""
_TOPIC = re.compile(rf"{_GAP} (?=(?:about|of|on|regarding|concerning|in|to)\b)|{_GAP}(?=\W*$)")
"""A gap behind which a topic stands, or nothing, so that a verb is missing; a clause has its own."""


def find_attribution(question: str, publishers: Iterable[str]) -> str:
    """Find the one publisher whose word is asked for; empty where none is, or several.

    >>> find_attribution("What does the harbor review say of the ferry?", ["Harbor Review", "Post"])
    'Harbor Review'
    """
    folded = question.casefold()
    found = {name for name in publishers if name and _strip(name) in folded and _compile(name).search(question)}
    return found.pop() if len(found) == 1 else ""


def remove_attribution(question: str, publisher: str) -> str:
    """Return a question without the words that ask for the word of a publisher, which its own articles do not name.

    >>> remove_attribution("What does the Harbor Review say the ferry cost?", "Harbor Review")
    'What the ferry cost?'
    """
    name = rf"{re.escape(_strip(publisher))}(?!\w)"
    saying = rf"\b(?:does|did|do|has|had) (?:the )?{name}{_ADVERB} (?:{_VERB})\b(?: that\b)?"
    without = re.sub(rf",? ?(?<!\w){_ACCORDING}{name},?", "", question, flags=re.I)
    without = _TOPIC.sub("is said ", re.sub(saying, _GAP, without, flags=re.I)).replace(f"{_GAP} ", "")
    without = re.sub(rf"\b(?:the )?{name}['’]s? ", "the ", without, flags=re.I).strip()
    return f"{without[:1].upper()}{without[1:]}"


def _strip(publisher: str) -> str:
    return _ARTICLE.sub("", publisher).casefold()


@lru_cache(maxsize=256)
def _compile(publisher: str) -> re.Pattern[str]:
    name = re.escape(_strip(publisher))
    return re.compile(rf"(?<!\w)(?:{_BEFORE}{name}(?!\w)|{name}(?:{_AFTER}))", re.I)
