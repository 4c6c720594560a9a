"""Turn inflected English words to their base by the rules of spelling: comparatives, verbs, plurals (pure)."""

import re

from rag.text.english import (
    IRREGULAR_BASES,
    IRREGULAR_COMPARATIVES,
    IRREGULAR_PASTS,
    IRREGULAR_PLURALS,
    NO_COMPARATIVES,
    PREPOSITIONS,
)

_SINGULARS = {"are": "is", "were": "was", "do": "does", "have": "has"}
_PLURALS = {singular: plural for plural, singular in _SINGULARS.items()}
_VOWELS = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"([^aeiou])\1$")
_SHORT = re.compile(r"(?:^|[^aeiou])[aeiouy][^aeiouwxy]$")
"""Ends with one vowel and one consonant."""
_SILENT_E = re.compile(
    r"(?:[cvuz]|(?<!s)(?<![^aeiou]u)s|[bcdfgkptz]l|[dr]g|[ae]ng|(?<![aeo])[ao]t|(?<![aeo])[iou]d|(?<![aeo])[iau]r"
    r"|(?<![aeo])[iu]n|(?<![aeo])u[mtl]|(?<![aeo])i[bl]|(?<![aeo])(?:a[gp]|ok))$"
)
"""Ends as a base does that loses an “e” before an ending: “chang”, “decid”, “evacuat”."""
_UNSURE = re.compile(r"(?<![aeiou])(?:[eu]t|or|al|el|an|om|em|ol|ak|ik)$")
"""Ends so that a base may or may not have lost an “e”."""


def find_adjective(form: str) -> str:
    """Return the adjective of which a word is the comparative or superlative; empty for any other word."""
    word = form.casefold()
    stem = re.sub(r"(?:er|est)$", "", word)
    if word in IRREGULAR_COMPARATIVES:
        return IRREGULAR_COMPARATIVES[word]
    if stem == word or len(stem) < 3 or word in NO_COMPARATIVES or not word.isalpha():
        return ""
    return f"{stem[:-1]}y" if stem.endswith("i") else _restore_ending(stem)


def split_verb(form: str) -> tuple[str, str]:
    """Split a finite verb into the auxiliary and the base that say the same: “carries” is “does”, “carry”.

    Both are empty for a word that is no such verb, or whose base the rules do not give for sure.
    """
    word = form.casefold()
    base = ""
    if word in IRREGULAR_PASTS:
        return "did", IRREGULAR_PASTS[word]
    if is_past(word):
        base = _strip_i(word[:-2]) if word.endswith("ied") else _restore_ending(word[:-2])
        return ("did", base) if base else ("", "")
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and word.isalpha():
        base = _strip_s(word)
    return ("does", base) if base else ("", "")


def find_past(base: str) -> str:
    """Return the past of a verb."""
    if base in IRREGULAR_BASES:
        return IRREGULAR_BASES[base]
    if base.endswith("e"):
        return f"{base}d"
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ied"
    is_doubled = len(_VOWELS.findall(base)) < 2 and _SHORT.search(base)
    return f"{base}{base[-1] if is_doubled else ''}ed"


def find_forms(base: str) -> tuple[str, ...]:
    """Return every form of a verb; of several words, the first one's with the others behind.

    >>> find_forms("call on")
    ('call on', 'calls on', 'called on', 'calling on')
    """
    verb, _, rest = base.partition(" ")
    participles = [form for form, other in IRREGULAR_PASTS.items() if other == verb]
    stem = verb[:-1] if re.search(r"[^e]e$", verb) and len(verb) > 2 else verb
    stem = f"{verb[:-2]}y" if verb.endswith("ie") else stem
    doubled = verb[-1] if len(_VOWELS.findall(verb)) < 2 and _SHORT.search(verb) else ""
    forms = [verb, _add_s(verb), find_past(verb), *participles, f"{stem}{doubled}ing"]
    return tuple(f"{form} {rest}".strip() for form in dict.fromkeys(forms))


def is_past(word: str) -> bool:
    """Whether a word is a past or a participle."""
    return word.casefold() in IRREGULAR_PASTS or bool(re.fullmatch(r"[a-z]{2,}(?<!e)ed", word.casefold()))


def is_plural(noun: str) -> bool:
    """Whether a noun is a plural."""
    word = noun.casefold()
    return word in IRREGULAR_PLURALS or (len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")))


def find_singular(plural: str) -> str:
    """Return the singular of a plural."""
    return IRREGULAR_PLURALS.get(plural.casefold()) or _strip_s(plural)


def agree(auxiliary: str, subject: str) -> str:
    """Return the form of an auxiliary that goes with a subject: a plural is one in lower case, or behind “the”."""
    words = subject.split()
    end = next((n for n, word in enumerate(words) if n and (word in PREPOSITIONS or is_past(word))), len(words))
    head = words[end - 1]
    is_many = is_plural(head) and (head.islower() or subject.casefold().startswith("the "))
    return (_PLURALS if is_many else _SINGULARS).get(auxiliary, auxiliary)


def put_article(noun: str) -> str:
    """Put the indefinite article before a noun."""
    return f"{'an' if noun[:1].casefold() in set('aeiou') else 'a'} {noun}"


def _add_s(verb: str) -> str:
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if re.search(r"(?:s|sh|ch|x|z|o)$", verb) else f"{verb}s"


def _strip_s(word: str) -> str:
    if word.endswith("ies"):
        return _strip_i(word[:-2])
    return word[:-2] if re.search(r"(?:ss|sh|ch|x|zz|o)es$", word) else word[:-1]


def _strip_i(stem: str) -> str:
    """Return the base of a stem that ends with an “i”: “carri” is “carry”, “di” is “die”."""
    return f"{stem}e" if len(stem) < 3 else f"{stem[:-1]}y"


def _restore_ending(stem: str) -> str:
    """Undo what an ending did to a base: a consonant doubled, a final “e” lost; empty where both are possible."""
    is_short_word = len(_VOWELS.findall(stem)) < 2
    if _DOUBLED.search(stem):
        keeps = stem[-1] in "sfz" or (stem[-1] == "l" and is_short_word) or len(stem) < 4
        return stem if keeps else stem[:-1]
    if _SILENT_E.search(stem) or (is_short_word and _SHORT.search(stem)) or stem.endswith("e"):
        return f"{stem}e"
    return "" if _UNSURE.search(stem) else stem
