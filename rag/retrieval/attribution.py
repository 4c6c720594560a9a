"""Find the publisher whose word a question asks for, as in “according to the Harbor Review” (pure)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.text.english import REPORTING_VERBS, any_of
from rag.text.languages import ATTRIBUTIONS

_ARTICLE = re.compile(r"^the ", re.I)
_VERB = any_of(REPORTING_VERBS)
_BEFORE = (
    rf"(?:according to|as (?:told|{_VERB}) (?:by|in|to)|(?:{_VERB}) (?:by|in)|(?:article|report|story|piece|news)s? "
    rf"(?:of|in|from|by)|{any_of(ATTRIBUTIONS)})(?: an?\b| the\b| l[ae]\b| el\b| il\b| de[rnm]?\b| het\b)? ?['’]?"
)
_AFTER = (
    rf"(?: \w+ly| also| ever| first| then)? (?:{_VERB})\b(?! by\b)|['’]s? (?:\w+ )?(?:articles?|report|story|"
    rf"account|coverage|"
    r"figures?|version|words)\b"
)


def find_attribution(question: str, publishers: Iterable[str]) -> str:
    """Find the one publisher whose word is asked for; empty where none is, or several.

    >>> find_attribution("What does the harbor review say of the ferry?", ["Harbor Review", "Post"])
    'Harbor Review'
    """
    folded = question.casefold()
    found = {name for name in publishers if name and _strip(name) in folded and _compile(name).search(question)}
    return found.pop() if len(found) == 1 else ""


def _strip(publisher: str) -> str:
    return _ARTICLE.sub("", publisher).casefold()


@lru_cache(maxsize=256)
def _compile(publisher: str) -> re.Pattern[str]:
    name = re.escape(_strip(publisher))
    return re.compile(rf"(?<!\w)(?:{_BEFORE}{name}(?!\w)|{name}(?:{_AFTER}))", re.I)
