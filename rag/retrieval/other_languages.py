"""Say which articles a question in another language may have missed (pure)."""

import re
from collections.abc import Mapping

from rag.prompts import OTHER_LANGUAGES
from rag.text.languages import common_words, find_language, fold, name_language

_MOST_LANGUAGES = 3
"""Languages that are named; the others are counted together."""


def note_other_languages(question: str, counts: Mapping[str, int]) -> str:
    """Return a note on the articles that are in other languages than a question; empty where none is.

    Empty too where the language of the question is not sure: it is English unless another one is found, and so it must
    have an English word. `counts` are the articles by language, as a code such as “de”.
    """
    language = find_language(question)
    if language == "en" and not common_words("en") & set(re.findall(r"\w+", fold(question))):
        return ""
    others: dict[str, int] = {}
    for code, count in counts.items():
        short = re.split(r"[-_]", code.casefold())[0]
        if short and short != language:
            others[short] = others.get(short, 0) + count
    if not others:
        return ""
    ranked = sorted(others, key=lambda code: (-others[code], code))
    parts = [f"{others[code]:,} in {name_language(code)}" for code in ranked[:_MOST_LANGUAGES]]
    if rest := sum(others[code] for code in ranked[_MOST_LANGUAGES:]):
        parts.append(f"{rest:,} in others")
    noun = "article" if others[ranked[0]] == 1 else "articles"
    first, *more = parts
    articles = ", ".join([first.replace(" in ", f" {noun} in ", 1), *more])
    return OTHER_LANGUAGES.format(articles=articles)
